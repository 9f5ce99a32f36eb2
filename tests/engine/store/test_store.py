"""The store: round trips, refusals, damage, resumption."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray

from platonic_atlas.engine.errors import AtlasError, AtlasExists, AtlasMissing, InputError, NotInAtlas, ReadOnlyAtlas
from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.store import Atlas, begin_embedding, create_atlas, open_atlas, schema
from platonic_atlas.engine.store.made_from import MadeFrom
from platonic_atlas.engine.store.pack import pack, unpack
from platonic_atlas.engine.types import READOUT, Layer, Moments
from tests.conftest import embed_seeded, small_collection

LAYERS = {"readout": Layer(5, "O(3)")}


def moments(atlas: Atlas) -> Moments:
    square = np.eye(5)
    return Moments("elements", np.ones(5), np.ones(5), square, square, np.ones(5), square, np.ones(atlas.n_sites))


def test_structures_come_back_as_they_went_in(small_atlas: Atlas) -> None:
    collection = small_collection()
    assert (small_atlas.n_structures, small_atlas.n_atoms, small_atlas.n_sites) == (4, 7, 7)
    salt = small_atlas.structure(1)
    assert salt.get_chemical_formula() == "FLi"
    np.testing.assert_array_equal(salt.positions, collection.position[2:4])
    np.testing.assert_array_equal(small_atlas.input_site(), collection.input_site)
    assert small_atlas.label("prototype").tolist()[-1] == "bcc"
    assert small_atlas.rejects()[0]["reason"] == "positions are not finite"


def test_xarray_opens_an_atlas_unaided(small_atlas: Atlas) -> None:
    embed_seeded(small_atlas, "seeded")
    tree = xarray.open_datatree(small_atlas.path, engine="zarr", consolidated=False)
    assert tree["embeddings/seeded/readout"]["embedding"].dims == ("site", "feature")
    assert tree["structures"]["cell"].attrs["unit"] == "Å"


def test_an_atlas_is_never_overwritten(small_atlas: Atlas) -> None:
    with pytest.raises(AtlasExists, match="--force"):
        create_atlas(small_atlas.path, small_collection())
    create_atlas(small_atlas.path, small_collection(), force=True)
    aside = [path for path in small_atlas.path.parent.iterdir() if path.name.endswith(".old")]
    assert len(aside) == 1
    assert open_atlas(aside[0]).n_sites == 7


def test_missing_and_foreign_paths_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(AtlasMissing, match="platonic ingest"):
        open_atlas(tmp_path / "nothing")
    (tmp_path / "folder").mkdir()
    with pytest.raises(AtlasError, match="no atlas"):
        open_atlas(tmp_path / "folder")
    (tmp_path / "text.atlas.zip").write_text("no zip")
    with pytest.raises(AtlasError, match="not a readable zip"):
        open_atlas(tmp_path / "text.atlas.zip")


def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.atlas.zip", "w") as archive:
        archive.writestr("../evil", "x")
    with pytest.raises(AtlasError, match="outside of itself"):
        open_atlas(tmp_path / "evil.atlas.zip")


def test_an_embedding_is_read_only_when_complete(small_atlas: Atlas) -> None:
    writer = begin_embedding(small_atlas, "m", LAYERS, {"family": "f"}, site_energy=False)
    writer.write_chunk(1, {"readout": np.ones((3, 5))}, {"readout": np.zeros(3)}, {})
    assert writer.missing_chunks() == [0, 2]
    with pytest.raises(AtlasError, match="not complete"):
        small_atlas.embedding("m")
    with pytest.raises(AtlasError, match="lacks 2 of 3 chunks"):
        writer.finish()
    again = begin_embedding(open_atlas(small_atlas.path), "m", LAYERS, {"family": "f"}, site_energy=False)
    assert again.missing_chunks() == [0, 2]
    with pytest.raises(AtlasError, match="another family"):
        begin_embedding(small_atlas, "m", LAYERS, {"family": "g"}, site_energy=False)


def test_masked_rows_are_not_present(small_atlas: Atlas) -> None:
    embed_seeded(small_atlas, "m", masked=(2, 5))
    assert np.flatnonzero(~small_atlas.present("m")).tolist() == [2, 5]
    assert np.isnan(small_atlas.embedding("m")[[2, 5]]).all()
    assert small_atlas.models() == ["m"]
    with pytest.raises(NotInAtlas, match="platonic embed"):
        small_atlas.embedding("other")


def test_a_chunk_changed_before_the_end_is_made_again(small_atlas: Atlas) -> None:
    writer = begin_embedding(small_atlas, "m", LAYERS, {}, site_energy=False)
    for chunk in range(3):
        size = writer.rows(chunk).stop - writer.rows(chunk).start
        writer.write_chunk(chunk, {"readout": np.ones((size, 5))}, {"readout": np.zeros(size)}, {})
    writer.groups["readout"]["embedding"][0] = 7  # type: ignore[index]
    with pytest.raises(AtlasError, match="Chunk 0"):
        writer.finish()
    assert writer.missing_chunks() == [0]


def filled(atlas: Atlas) -> Atlas:
    embed_seeded(atlas, "m")
    atlas.write_moments("m", "readout", moments(atlas))
    atlas.write_anchors("two", np.array([1, 4]), {"strategy": "file"})
    atlas.write_layout("umap", "m", np.zeros((7, 2)), {"method": "umap"})
    return atlas


def test_derived_groups_come_back_with_their_provenance(small_atlas: Atlas) -> None:
    filled(small_atlas)
    assert small_atlas.anchors("two").tolist() == [1, 4]
    assert small_atlas.anchor_attrs("two")["strategy"] == "file"
    assert small_atlas.layouts() == {"umap": ["m"]}
    np.testing.assert_array_equal(small_atlas.moments("m").second, np.eye(5))


def test_verify_names_changed_metadata(small_atlas: Atlas) -> None:
    filled(small_atlas)
    document = small_atlas.path / "anchors" / "two" / "zarr.json"
    document.write_text(document.read_text().replace('"file"', '"fake"'))
    assert open_atlas(small_atlas.path).damaged() == ["anchors/two: its metadata changed"]


def test_a_packed_atlas_holds_the_same_and_is_read_only(small_atlas: Atlas, tmp_path: Path) -> None:
    filled(small_atlas)
    packed = open_atlas(pack(small_atlas, tmp_path / "small.atlas.zip"))
    assert packed.damaged() == []
    assert packed.checksum == small_atlas.checksum
    np.testing.assert_allclose(packed.embedding("m"), small_atlas.embedding("m"), rtol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(packed.embedding("m"), axis=1), packed.norm("m"), rtol=1e-6)
    assert packed.rejects() == small_atlas.rejects()
    with pytest.raises(ReadOnlyAtlas):
        begin_embedding(packed, "new", LAYERS, {}, site_energy=False)


def test_second_moments_are_shipped_as_triangles_and_read_whole(small_atlas: Atlas, tmp_path: Path) -> None:
    embed_seeded(small_atlas, "m")
    small_atlas.write_moments(
        "m", READOUT, compute_moments(small_atlas.embedding("m"), small_atlas.numbers(), "elements")
    )
    shipped = open_atlas(pack(small_atlas, tmp_path / "small.atlas.zip"))
    grown = open_atlas(unpack(shipped, tmp_path / "copy.atlas.zarr"))
    before = small_atlas.moments("m")
    for name in schema.SYMMETRIC:
        whole = getattr(before, name)
        path = f"{schema.moments_path('elements', 'm', READOUT)}/{name}"
        assert not np.tril(shipped.root[path][...], -1).any() and np.tril(whole, -1).any()
        for other in (shipped, grown):
            np.testing.assert_allclose(getattr(other.moments("m"), name), whole, atol=1e-6 * np.abs(whole).max())
        np.testing.assert_allclose(grown.root[path][...], whole, atol=1e-6 * np.abs(whole).max())


def test_a_flipped_byte_in_a_zip_is_named(small_atlas: Atlas, tmp_path: Path) -> None:
    filled(small_atlas)
    packed = pack(small_atlas, tmp_path / "small.atlas.zip")
    with zipfile.ZipFile(packed) as archive:
        member = archive.getinfo("atoms/position/c/0/0")
    data = bytearray(packed.read_bytes())
    data[member.header_offset + 30 + len(member.filename) + member.compress_size // 2] ^= 1
    packed.write_bytes(bytes(data))
    assert any(line.startswith("atoms/position") for line in open_atlas(packed).damaged())


def test_what_is_derived_from_a_shipped_atlas_is_kept_beside_it(small_atlas: Atlas, tmp_path: Path) -> None:
    small_atlas.write_anchors("came", np.array([0, 1]), {"strategy": "random"})
    shipped = open_atlas(pack(small_atlas, tmp_path / "small.atlas.zip"))
    before = shipped.path.read_bytes()
    shipped.write_anchors("mine", np.array([3, 1, 4]), {"strategy": "file"})
    shipped.write_layout("umap-mine", "m", np.ones((7, 2), dtype=np.float32), {"anchors": "mine"})
    again = open_atlas(shipped.path)
    assert again.anchor_sets() == ["came", "mine"]
    assert again.own_anchor_sets() == ["mine"]
    assert again.anchors("mine").tolist() == [3, 1, 4]
    assert again.layouts() == {"umap-mine": ["m"]}
    assert again.damaged() == []
    with pytest.raises(AtlasExists, match="never replaced"):
        again.write_anchors("came", np.array([5]), {})
    with pytest.raises(AtlasExists, match="never replaced"):
        again.forget_anchors("came")
    again.forget_anchors("mine")
    assert (again.anchor_sets(), again.layouts()) == (["came"], {})
    assert shipped.path.read_bytes() == before


def test_a_shipped_atlas_unpacks_into_one_that_grows(small_atlas: Atlas, tmp_path: Path) -> None:
    embed_seeded(small_atlas, "m")
    shipped = open_atlas(pack(small_atlas, tmp_path / "small.atlas.zip"))
    with pytest.raises(ReadOnlyAtlas, match="platonic unpack"):
        begin_embedding(shipped, "n", LAYERS, {}, site_energy=False)
    grown = open_atlas(unpack(shipped, tmp_path / "copy.atlas.zarr"))
    embed_seeded(grown, "n")
    assert grown.models() == ["m", "n"]
    np.testing.assert_allclose(grown.embedding("m"), small_atlas.embedding("m"), atol=2e-3)
    assert grown.checksum == small_atlas.checksum
    with pytest.raises(AtlasExists):
        unpack(shipped, grown.path)


def test_who_is_killed_while_sealing_leaves_nothing_that_counts_as_whole(
    small_atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Complete and sealed come in one write: before it a group is not complete, after it nothing is missing."""
    from platonic_atlas.engine.store import seal

    embed_seeded(small_atlas, "ares")
    moments = compute_moments(small_atlas.embedding("ares"), small_atlas.numbers(), "elements")

    def killed(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(seal, "metadata_digest", killed)
        with pytest.raises(KeyboardInterrupt):
            small_atlas.write_moments("ares", "readout", moments)
    with pytest.raises(NotInAtlas):
        small_atlas.moments("ares")
    small_atlas.write_moments("ares", "readout", moments)
    assert small_atlas.damaged() == []


def test_what_another_process_is_just_making_beside_a_shipped_atlas_is_not_there_yet(
    small_atlas: Atlas, tmp_path: Path
) -> None:
    embed_seeded(small_atlas, "ares")
    shipped = open_atlas(pack(small_atlas, tmp_path / "shipped.atlas.zip"))
    shipped.beside.mkdir(parents=True)  # the folder, and nothing in it
    assert shipped.anchor_sets() == []
    assert shipped.study("stitch", "ares-bia") is None
    shipped.write_study("stitch", "ares-bia", {"r2": 0.5})
    assert shipped.study("stitch", "ares-bia") == {"r2": 0.5}
    found = shipped._node("studies/stitch/ares-bia")
    found.attrs.update({"complete": False})  # as in the middle of writing
    assert shipped.study("stitch", "ares-bia") is None


def test_studies_of_all_models_are_shipped_beside_a_packed_atlas(small_atlas: Atlas, tmp_path: Path) -> None:
    shipped = open_atlas(pack(small_atlas, tmp_path / "small.atlas.zip"))
    made = MadeFrom(shipped.checksum, {}, False, "", format=schema.STUDY_FORMATS["analogies"]).to_json()
    whole = {"n": 3, "made_from": made}
    shipped.write_study("analogies", "all", whole)
    shipped.write_study("analogies", "of-others", {"n": 5, "made_from": made | {"atlas": "another"}})
    shipped.write_study("stitch", "a-b", {"n": 4, "made_from": made})
    file = shipped.ship_studies()
    assert file.name == "small.atlas.studies.json"
    shutil.rmtree(shipped.beside)
    again = open_atlas(shipped.path)
    assert again.study("analogies", "all") == whole
    assert again.study("analogies", "of-others") is None  # stale: not shipped
    assert again.study("stitch", "a-b") is None  # of two models: not shipped
    again.ship_studies()  # on a machine that has only what was shipped: nothing is lost
    assert open_atlas(shipped.path).study("analogies", "all") == whole
    file.write_text(file.read_text().replace(f'"checksum": "{shipped.checksum}"', '"checksum": "of another atlas"'))
    assert open_atlas(shipped.path).study("analogies", "all") is None
    with pytest.raises(InputError, match="keeps its studies itself"):
        small_atlas.ship_studies()


@pytest.mark.parametrize("damage", ["{half", "[]", '{"checksum": "x", "studies": 3}', "n: 3", "[" * 100_000])
def test_a_damaged_file_of_studies_is_ignored_with_a_notice(
    damage: str, small_atlas: Atlas, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shipped = open_atlas(pack(small_atlas, tmp_path / "small.atlas.zip"))
    made = MadeFrom(shipped.checksum, {}, False, "", format=schema.STUDY_FORMATS["analogies"]).to_json()
    shipped.write_study("analogies", "all", {"n": 3, "made_from": made})
    file = shipped.ship_studies()
    shutil.rmtree(shipped.beside)
    whole = file.read_text()
    file.write_text(whole.replace('"n": 3', '"n": 4') if damage == "n: 3" else damage)
    assert open_atlas(shipped.path).study("analogies", "all") is None
    assert "is ignored" in caplog.text
    assert "platonic studies" in caplog.text
    caplog.clear()
    file.write_text(whole)
    assert open_atlas(shipped.path).study("analogies", "all") is not None
    held = json.loads(whole)
    del held["sha256"]  # as an earlier version wrote it
    file.write_text(json.dumps(held))
    assert open_atlas(shipped.path).study("analogies", "all") is not None
    assert caplog.text == ""
