"""`verify` names what is missing as well as what changed, and no damaged atlas becomes a clean one."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import zarr
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import open_atlas, schema, seal
from platonic_atlas.engine.store.pack import pack, unpack
from platonic_atlas.engine.types import Moments
from tests.conftest import copy_of, embed_seeded


@pytest.fixture(scope="module")
def filled_once(small_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an atlas that holds one of everything."""
    atlas, square = copy_of(small_once, tmp_path_factory.mktemp("filled")), np.eye(5)
    embed_seeded(atlas, "m")
    atlas.write_moments(
        "m",
        "readout",
        Moments("elements", np.ones(5), np.ones(5), square, square, np.ones(5), square, np.ones(atlas.n_sites)),
    )
    atlas.write_anchors("two", np.array([1, 4]), {"strategy": "file"})
    atlas.write_layout("umap-two", "m", np.ones((7, 2)), {"method": "umap", "anchors": "two"})
    atlas.write_label("mood", list("abcdefg"))
    atlas.write_study("stitch", "m-n-012345678901", {"r2": 0.5})
    return Path(str(atlas.path))


@pytest.fixture
def filled(filled_once: Path, tmp_path: Path) -> Path:
    """A copy, to be damaged."""
    return Path(str(copy_of(filled_once, tmp_path).path))


def named(folder: Path) -> list[str]:
    try:
        return open_atlas(folder).damaged()
    except AtlasError as error:  # the root itself
        return [f"/: {error.happened}"]


def flip(file: Path, place: int) -> bytes:
    whole = file.read_bytes()
    place %= len(whole)
    file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    return whole


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def part(folder: Path, file: Path) -> str:
    inside = file.relative_to(folder).as_posix()
    return (inside.rpartition("/c/")[0] or inside.removesuffix("zarr.json").rstrip("/")) or "/"


PARTS = {
    "an array": ("structures/cell", "structures/cell"),
    "a chunk": ("atoms/position/c/1", "atoms/position"),
    "a label": ("sites/labels/prototype", "sites/labels/prototype"),
    "a model": ("embeddings/m", "embeddings/m/readout"),
    "all models": ("embeddings", "embeddings/m/readout"),
    "part of an embedding": ("embeddings/m/readout/norm", "embeddings/m/readout/norm"),
    "moments": ("moments/elements/m/readout", "moments/elements/m/readout"),
    "anchors": ("anchors/two", "anchors/two"),
    "anchors' sites": ("anchors/two/site", "anchors/two/site"),
    "a layout": ("layouts/umap-two", "layouts/umap-two/m"),
    "a study": ("studies/stitch/m-n-012345678901", "studies/stitch/m-n-012345678901"),
    "structures": ("structures", "structures"),
    "what was left out": ("rejects.json", "rejects.json"),
    "the document of a group on the way": ("layouts/zarr.json", "layouts/umap-two/zarr.json"),
}


@pytest.mark.parametrize("what", PARTS)
def test_what_is_missing_is_named(what: str, filled: Path) -> None:
    removed, name = PARTS[what]
    assert named(filled) == []
    gone = filled / removed
    if gone.is_dir():
        shutil.rmtree(gone)
    else:
        gone.unlink()
    assert any(line.startswith(f"{name}:") for line in named(filled)), named(filled)


def test_every_chunk_that_changed_is_named(filled: Path) -> None:
    chunks = [file for file in files(filled) if "/c/" in file.as_posix()]
    for file in chunks:
        flip(file, 0)
    assert {part(filled, file) for file in chunks} == {line.split(":")[0] for line in named(filled)}


@pytest.mark.parametrize("place", [0, -150, -40, -1])
def test_every_document_that_changed_is_named(filled: Path, place: int) -> None:
    """Its own attributes, its checksum, and what only the document of its group knows."""
    documents = [file for file in files(filled) if file.name == "zarr.json" and file.parent != filled]
    for file in documents:
        flip(file, place)
    lines = named(filled)
    unnoticed = [path for file in documents if not any(line.startswith(path := part(filled, file)) for line in lines)]
    assert unnoticed == []


def test_any_byte_of_any_document_counts(filled: Path) -> None:
    """Also of the root, of what was left out, of a group's own checksum."""
    drawn = random.Random(15)
    chosen = [filled / "zarr.json"] * 8 + [filled / "rejects.json", filled / "anchors" / "zarr.json"] * 4
    chosen += drawn.sample([file for file in files(filled) if file.name == "zarr.json"], 12)
    for file in chosen:
        place = drawn.randrange(file.stat().st_size)
        whole = flip(file, place)
        assert named(filled), (file, place)
        file.write_bytes(whole)
    assert named(filled) == []


def test_what_does_not_belong_is_named(filled: Path) -> None:
    shutil.copytree(filled / "anchors/two", filled / "anchors/three")
    (filled / "notes.txt").write_text("mine")
    (filled / "atoms/position/c/99").mkdir()
    (filled / "atoms/position/c/99/0").write_bytes(b"x")
    found = [line.split(":")[0] for line in named(filled)]
    assert found == ["anchors/three", "atoms/position/c/99/0", "notes.txt"]


def test_a_name_in_the_directory_of_a_zip_counts(filled: Path, tmp_path: Path) -> None:
    packed = pack(open_atlas(filled), tmp_path / "a.atlas.zip")
    assert open_atlas(packed).damaged() == []
    whole = packed.read_bytes()
    with zipfile.ZipFile(packed) as archive:
        names, start = archive.namelist(), archive.start_dir
    for name in ("anchors/two/zarr.json", "anchors/two/site/c/0", "rejects.json", "layouts/umap-two/m/zarr.json"):
        assert name in names
        place = whole.index(name.encode(), start) + len(name) - 1
        packed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert any(line.startswith(name.split("/zarr.json")[0].split("/c/")[0]) for line in named(packed)), name


def forget_children(folder: Path) -> None:
    """As an earlier version wrote it."""
    root = zarr.open_group(folder, mode="r+")
    for _, node in [*root.members(max_depth=None), ("", root)]:
        checksum = dict(node.attrs[schema.CHECKSUM])  # type: ignore[call-overload]
        checksum.pop(seal.CHILDREN, None)
        node.attrs[schema.CHECKSUM] = {**checksum, "metadata": seal.metadata_digest(node)}


def test_an_atlas_of_an_earlier_version_is_verified_as_far_as_it_can_be(filled: Path, tmp_path: Path) -> None:
    forget_children(filled)
    atlas = open_atlas(filled)
    assert atlas.damaged() == []
    said = CliRunner().invoke(app, ["verify", str(filled)])
    assert (said.exit_code, "unchecked" in said.output) == (0, True)
    atlas.write_anchors("three", np.array([0, 1, 2]), {})  # it goes on as it was
    assert open_atlas(filled).damaged() == []
    flip(filled / "anchors/three/site/c/0", 0)
    assert named(filled) == ["anchors/three/site: its values changed"]
    flip(filled / "anchors/three/site/c/0", 0)
    copied = unpack(open_atlas(filled), tmp_path / "new.atlas.zarr")
    assert open_atlas(copied).names_its_parts()
    assert named(copied) == []


def test_no_damaged_atlas_is_copied(filled: Path, tmp_path: Path) -> None:
    shutil.rmtree(filled / "anchors/two")
    for make in (unpack, pack):
        with pytest.raises(AtlasError, match="anchors/two: is missing") as caught:
            make(open_atlas(filled), tmp_path / "copy")
        assert "platonic verify" in caught.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == [filled.name]


def test_values_that_changed_are_not_read(filled: Path) -> None:
    for file, read in [
        ("embeddings/m/readout/embedding/c/0/0", lambda a: a.embedding("m")),
        ("sites/labels/prototype/c/0", lambda a: a.label("prototype")),
        ("layouts/umap-two/m/coordinates/c/1/0", lambda a: a.layout("umap-two", "m")),
    ]:
        whole = flip(filled / file, -1)
        with pytest.raises(AtlasError, match=file.split("/c/")[0]):
            read(open_atlas(filled))
        (filled / file).write_bytes(whole)
        read(open_atlas(filled))


def test_a_shape_of_which_nothing_is_there_is_refused_at_once(filled: Path) -> None:
    for array in ("atomic_number", "position", "structure", "site"):
        file = filled / "atoms" / array / "zarr.json"
        document = json.loads(file.read_text())
        document["shape"][0] = 2**33
        file.write_text(json.dumps(document))
    with pytest.raises(AtlasError, match="atoms/atomic_number cannot be read .3 of its"):
        open_atlas(filled).atom_numbers()
    assert any(line.startswith("atoms/position:") for line in named(filled))
