"""Cross moments kept with an atlas: what is read, what is summed anew, and what is never used."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import zarr
from typer.testing import CliRunner

from platonic_atlas import agreement, embed, remove
from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasError, InputError
from platonic_atlas.engine.space.cross import CrossMoments, cross_moments, halves_of
from platonic_atlas.engine.space.frames import ModelSpace, model_space
from platonic_atlas.engine.store import Atlas, commit, create_atlas, open_atlas, schema, seal
from platonic_atlas.engine.store.pack import pack, unpack
from platonic_atlas.engine.studies.cross import cross_of, keep_cross
from platonic_atlas.engine.types import READOUT, PairSums
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT, add_model, seeded_collection

MODELS = ("ares", "bia", "circe")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three models, one of them without a site: once with what is kept, and once without."""
    folder = tmp_path_factory.mktemp("cross")
    made = create_atlas(folder / "plain.atlas.zarr", seeded_collection())
    for seed, name in enumerate(MODELS):
        add_model(made, name, seed, masked=(5,) if name == "bia" else ())
    made.write_anchors("first", np.arange(len(ELEMENTS)) * PER_ELEMENT, {"strategy": "element"})
    shutil.copytree(folder / "plain.atlas.zarr", folder / "kept.atlas.zarr")
    assert keep_cross(open_atlas(folder / "kept.atlas.zarr"), [READOUT]) == 2 * 6
    return folder


@pytest.fixture
def plain(folders: Path, tmp_path: Path) -> Atlas:
    """An atlas with nothing kept."""
    return open_atlas(shutil.copytree(folders / "plain.atlas.zarr", tmp_path / "plain.atlas.zarr"))


@pytest.fixture
def atlas(folders: Path, tmp_path: Path) -> Atlas:
    """An atlas with the cross moments of its three models."""
    return open_atlas(shutil.copytree(folders / "kept.atlas.zarr", tmp_path / "a.atlas.zarr"))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models whose features are read."""
    found, read = list[str](), Atlas.embedding

    def counted(self: Atlas, model: str, layer: str = READOUT) -> object:
        found.append(model)
        return read(self, model, layer)

    monkeypatch.setattr(Atlas, "embedding", counted)
    return found


def spaces_of(
    atlas: Atlas, models: tuple[str, ...], balance: Balance = Balance.ELEMENTS, centre: bool = True
) -> dict[str, ModelSpace]:
    numbers = atlas.numbers()
    return {
        name: model_space(atlas.embedding(name), atlas.moments(name, READOUT, balance), numbers, centre=centre)
        for name in models
    }


def at_once(
    atlas: Atlas, models: tuple[str, ...], balance: Balance = Balance.ELEMENTS, centre: bool = True
) -> CrossMoments:
    half = halves_of(atlas.site_structure(), atlas.n_structures)
    return cross_moments(spaces_of(atlas, models, balance, centre), atlas.numbers(), half)


def equal(found: CrossMoments, expected: CrossMoments) -> None:
    for within in (False, True):
        for halves in ((0, 1), (0,), (1,)):
            np.testing.assert_allclose(
                found.covariance(halves, within=within), expected.covariance(halves, within=within), atol=1e-10
            )


def path(first: str, second: str, balance: str = "elements") -> str:
    return schema.cross_path(balance, READOUT, first, second)


def document(atlas: Atlas, *pair: str) -> Path:
    return Path(str(atlas.path)) / path(*pair) / "zarr.json"


@pytest.mark.parametrize("balance", Balance)
@pytest.mark.parametrize("models", [MODELS, ("circe", "ares"), ("bia", "circe")])
def test_kept_or_not_the_moments_are_the_same(
    plain: Atlas, atlas: Atlas, models: tuple[str, ...], balance: Balance
) -> None:
    expected, spaces = at_once(plain, models, balance), spaces_of(plain, models, balance)
    assert plain.cross_pairs() == {}
    for each in (plain, atlas):
        equal(cross_of(each, models, balance=balance), expected)
        equal(cross_of(each, models, balance=balance, spaces=spaces), expected)
    equal(cross_of(atlas, models, balance=balance, centre=False), at_once(atlas, models, balance, centre=False))
    assert atlas.damaged() == []
    assert atlas.cross_pairs() == {"atoms/readout": 6, "elements/readout": 6}


def test_what_is_kept_is_read_and_no_features(atlas: Atlas, reads: list[str]) -> None:
    reads.clear()
    cross_of(atlas, ("ares", "circe"))
    assert reads == []
    cross_of(atlas, MODELS)  # the row that bia lacks is taken away from three pairs
    assert sorted(set(reads)) == ["ares", "circe"]


def test_agreement_reads_the_anchors_of_each_model_once(atlas: Atlas, reads: list[str]) -> None:
    before = agreement(atlas, shaping=["ares", "circe"], draws=0)
    remove(atlas, models=["bia"])
    reads.clear()
    found = agreement(atlas, shaping=["ares", "circe"], draws=0)
    assert reads == ["ares", "circe"]
    np.testing.assert_allclose(found.shared, before.shared, atol=1e-10)
    agreement(atlas, shaping=["ares", "circe"], draws=1)
    assert reads == ["ares", "circe"] * 2  # whose rows are shuffled then


def test_a_model_that_is_added_brings_its_own_pairs(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    untouched = {pair: document(atlas, *pair).read_bytes() for pair in (("ares", "ares"), ("ares", "circe"))}
    written, write = list[tuple[str, str]](), Atlas.write_cross_sums

    def counted(self: Atlas, layer: str, balance: Balance, pair: tuple[str, str], held: PairSums, now: Mapping[str, object]) -> None:  # fmt: skip
        written.append(pair)
        write(self, layer, balance, pair, held, now)  # type: ignore[arg-type]

    monkeypatch.setattr(Atlas, "write_cross_sums", counted)
    assert embed(atlas, ["onehot"]) == ["onehot"]
    assert sorted(written) == sorted(2 * [("ares", "onehot"), ("bia", "onehot"), ("circe", "onehot"), ("onehot", "onehot")])  # fmt: skip
    assert all(document(atlas, *pair).read_bytes() == held for pair, held in untouched.items())
    equal(cross_of(atlas, (*MODELS, "onehot")), at_once(atlas, (*MODELS, "onehot")))
    written.clear()
    embed(atlas, ["onehot"])
    assert written == []


def test_what_is_of_other_features_is_not_used_and_made_again(atlas: Atlas) -> None:
    stale = {path(*pair, balance) for pair in (("ares", "bia"), ("bia", "bia"), ("bia", "circe")) for balance in Balance}  # fmt: skip
    shutil.copytree(Path(str(atlas.path)) / "moments/cross", Path(str(atlas.path)).parent / "kept")
    atlas.forget_embedding("bia", READOUT)
    add_model(atlas, "bia", 7)
    shutil.rmtree(Path(str(atlas.path)) / "moments/cross")
    shutil.copytree(Path(str(atlas.path)).parent / "kept", Path(str(atlas.path)) / "moments/cross")
    seal.name_in_root(atlas.root, "moments")
    assert set(atlas.stale()) == stale
    assert set(atlas.stale().values()) == {"bia: embedded anew, or gone"}
    told = json.loads(CliRunner().invoke(app, ["status", str(atlas.path), "--json"]).stdout)
    assert set(told["stale"]) == stale
    assert told["cross_moments"] == {"atoms/readout": 3, "elements/readout": 3}
    equal(cross_of(atlas, MODELS), at_once(atlas, MODELS))
    assert keep_cross(atlas, [READOUT]) == 6
    assert atlas.stale() == {}
    equal(cross_of(atlas, MODELS), at_once(atlas, MODELS))


def test_a_model_that_goes_takes_its_pairs_along(atlas: Atlas) -> None:
    remove(atlas, models=["ares"])
    assert atlas.cross_pairs() == {"atoms/readout": 3, "elements/readout": 3}
    assert atlas.stale() == {} and atlas.damaged() == []
    remove(atlas, models=["bia", "circe"])
    assert atlas.cross_pairs() == {} and atlas.damaged() == []
    assert not (Path(str(atlas.path)) / "moments/cross/elements/readout").exists()


@pytest.mark.parametrize(
    "gone", ["moments/cross/elements/readout/ares/circe", "moments/cross/elements/readout/bia/bia/sum"]
)
def test_what_is_missing_or_changed_is_found(atlas: Atlas, gone: str) -> None:
    place = Path(str(atlas.path)) / gone
    chunk = next(place.rglob("0/0/0"), place)
    kept = chunk.read_bytes()
    chunk.write_bytes(bytes([kept[0] ^ 1]) + kept[1:])
    assert any(line.startswith(gone) and "changed" in line for line in atlas.damaged())
    with pytest.raises(AtlasError, match="changed since they were written") as error:
        cross_of(atlas, ("ares", "circe", "bia"))
    assert "platonic embed" in error.value.next_step
    assert keep_cross(atlas, [READOUT]) == 1
    assert atlas.damaged() == []
    shutil.rmtree(place)
    assert any(line.startswith(f"{gone}: is missing") for line in atlas.damaged())


@pytest.mark.parametrize("what", ["nan", "infinite", "large", "wide", "elements"])
def test_absurd_sums_are_refused(atlas: Atlas, what: str) -> None:
    pair, now = ("ares", "ares"), {"ares": atlas.features("ares", READOUT)}
    held = atlas.cross_sums(READOUT, Balance.ELEMENTS, pair, now)
    assert held is not None and held.sums is not None
    products, sums = held.products.copy(), held.sums.copy()
    products[0, 0, 0] = {"nan": np.nan, "infinite": np.inf, "large": 5.0}.get(what, products[0, 0, 0])
    products = products[:, :, :-1] if what == "wide" else products
    sums = sums[:, :-1] if what == "elements" else sums
    atlas.write_cross_sums(READOUT, Balance.ELEMENTS, pair, PairSums(products, sums), now)
    words = {"large": "no sum is above 4", "wide": "in place of", "elements": "in place of"}.get(what, "not finite")
    with pytest.raises(AtlasError, match=words):
        cross_of(atlas, ("ares", "circe"))
    keep_cross(atlas, [READOUT])
    equal(cross_of(atlas, ("ares", "circe")), at_once(atlas, ("ares", "circe")))


def test_another_codec_or_array_is_refused(atlas: Atlas) -> None:
    file = document(atlas, "ares", "bia").parent / "product" / "zarr.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "codecs": [{"name": "pickle"}]}))
    with pytest.raises(AtlasError, match="names the codec 'pickle'"):
        cross_of(open_atlas(atlas.path), ("ares", "bia"))
    assert schema.column(f"{path('a', 'b')}/mean") is None
    assert schema.column("moments/cross/elements/readout/product") is None


def test_who_is_killed_in_between_leaves_what_no_reader_sees(plain: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kill leaves it: the third pair is in its stage, not yet moved."""
    made, swap = list[str](), commit._swap

    def killed(folder: Path, stage: Path, at: str) -> None:
        if len(made) == 2:
            shutil.copytree(stage, folder.parent / "stage")
            raise KeyboardInterrupt
        made.append(at)
        swap(folder, stage, at)

    with monkeypatch.context() as patched:
        patched.setattr(commit, "_swap", killed)
        with pytest.raises(KeyboardInterrupt):
            keep_cross(plain, [READOUT])
    folder = Path(str(plain.path))
    os.makedirs(folder / ".writing", exist_ok=True)
    shutil.move(folder.parent / "stage", folder / ".writing" / ("0" * 32))
    again = open_atlas(folder)
    (left,) = again.half_made()
    assert left.startswith("moments/cross/") and left not in made
    assert sum(again.cross_pairs().values()) == 2
    equal(cross_of(again, MODELS), at_once(again, MODELS))
    assert keep_cross(again, [READOUT]) == 10
    assert again.half_made() == [] and again.damaged() == []
    equal(cross_of(again, MODELS), at_once(again, MODELS))


def test_a_packed_atlas_holds_none_and_is_not_written_to(atlas: Atlas, tmp_path: Path, data_folder: Path) -> None:
    copied = open_atlas(unpack(atlas, tmp_path / "copy.atlas.zarr"))
    assert copied.cross_pairs() == atlas.cross_pairs() and copied.damaged() == [] and copied.stale() == {}
    packed = open_atlas(pack(atlas, tmp_path / "a.atlas.zip"))
    assert packed.cross_pairs() == {} and packed.damaged() == []
    equal(cross_of(packed, MODELS), at_once(packed, MODELS))
    agreement(packed, draws=0)
    assert not data_folder.exists()


def test_models_without_a_site_in_common_are_told(atlas: Atlas) -> None:
    add_model(atlas, "first", 7, masked=tuple(range(60)))
    add_model(atlas, "second", 8, masked=tuple(range(60, 120)))
    assert keep_cross(atlas, [READOUT]) == 2 * (15 - 6)
    with pytest.raises(InputError, match="all of first, second"):
        cross_of(atlas, ("first", "second"))


def test_the_groups_are_as_the_format_says(atlas: Atlas) -> None:
    root = zarr.open_group(str(atlas.path), mode="r")
    both, own = root[path("ares", "bia")], root[path("ares", "ares")]
    assert sorted(both) == ["product"] and sorted(own) == ["product", "sum"]  # type: ignore[arg-type]
    assert both["product"].shape == (2, 8, 8) and both["product"].dtype == "float64"  # type: ignore[index, union-attr]
    assert own["sum"].shape == (2, len(ELEMENTS), 8)  # type: ignore[index, union-attr]
    assert set(both.attrs["embeddings"]) == {"ares", "bia"}  # type: ignore[arg-type]
