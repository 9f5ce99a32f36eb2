"""Three hundred broken atlases, drawn by seeds: whatever is wrong, it is told in words, soon."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasError, AtlasExists, PlatonicError
from platonic_atlas.engine.store import Atlas, create_atlas, nodes, open_atlas, seal
from platonic_atlas.engine.store.pack import pack, unpack
from tests.conftest import embed_seeded, small_collection

BROKEN = int(os.environ.get("BROKEN_ATLASES", "300"))
SECONDS = float(os.environ.get("BROKEN_SECONDS", "20"))  # as many of them as fit into this time, the same ones always
ONE = 10.0  # seconds that one may take
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    3,
    2**40,
    2**70,
    1e300,
    "",
    "x",
    "../x",
    [],
    [[]],
    {},
    {"a": 1},
    [1, "a"],
    "\u202e",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder and a zip that hold some of everything."""
    place = tmp_path_factory.mktemp("whole")
    atlas = create_atlas(place / "a.atlas.zarr", small_collection(), chunk_rows=4)
    embed_seeded(atlas, "m")
    atlas.write_anchors("two", np.array([1, 4]), {"strategy": "file"})
    atlas.write_layout(
        "umap-two", "m", np.ones((7, 2)), {"anchors": "two", "anchors_digest": atlas.anchors_digest("two")}
    )
    atlas.write_study("stitch", "m-n-012345678901", {"r2": 0.5, "made_from": {"atlas": atlas.checksum}})
    return place / "a.atlas.zarr", pack(atlas, place / "a.atlas.zip")


def flipped(drawn: random.Random, file: Path) -> None:
    held = bytearray(file.read_bytes())
    for _ in range(drawn.choice((1, 1, 1, 8))):
        if held:
            held[drawn.randrange(len(held))] ^= 1 << drawn.randrange(8)
    file.write_bytes(held)


def shortened(drawn: random.Random, file: Path) -> None:
    held = file.read_bytes()
    file.write_bytes(held[: drawn.randrange(len(held) + 1)])


def garbled(drawn: random.Random, file: Path) -> None:
    file.write_bytes(drawn.randbytes(drawn.choice((0, 1, 100, 5000))))


def removed(drawn: random.Random, file: Path) -> None:
    if drawn.random() < 0.5 or file.parent.name.endswith(".zarr"):
        file.unlink()
    else:
        shutil.rmtree(file.parent)


def swapped(drawn: random.Random, file: Path) -> None:
    root = next(parent for parent in file.parents if parent.name.endswith(".zarr"))
    other = drawn.choice([each for each in sorted(root.rglob("*")) if each.is_file() and each.name == file.name])
    one, two = file.read_bytes(), other.read_bytes()
    file.write_bytes(two)
    other.write_bytes(one)


def reworded(drawn: random.Random, file: Path) -> None:
    """One value of a document is another; in half of the cases sealed again, as who means it would do."""
    root = next(parent for parent in file.parents if parent.name.endswith(".zarr"))
    file = drawn.choice(
        [each for each in sorted(root.rglob("*.json")) if "structures" not in each.parts or drawn.random() < 0.3]
    )
    document = json.loads(file.read_text())
    holder = document
    while True:
        key = drawn.choice(list(holder)) if isinstance(holder, dict) else drawn.randrange(len(holder))
        if not isinstance(holder[key], (dict, list)) or not holder[key] or drawn.random() < 0.2:
            break
        holder = holder[key]
    holder[key] = drawn.choice(ODD)
    file.write_text(json.dumps(document))
    if drawn.random() < 0.5:
        with contextlib.suppress(Exception):  # what cannot be sealed stays as it is
            seal.seal_root(zarr.open_group(root, mode="r+"))


WAYS: tuple[Callable[[random.Random, Path], None], ...] = (
    flipped,
    shortened,
    garbled,
    removed,
    swapped,
    reworded,
    reworded,
)


def broken(drawn: random.Random, whole: tuple[Path, Path], to: Path) -> str:
    """A copy of the folder or the zip with something wrong; which is said."""
    if drawn.random() < 0.25:
        shutil.copy(whole[1], to / "a.atlas.zip")
        way = drawn.choice((flipped, flipped, shortened, garbled))
        way(drawn, to / "a.atlas.zip")
        return f"zip {way.__name__}"
    shutil.copytree(whole[0], to / "a.atlas.zarr")
    files = sorted(file for file in (to / "a.atlas.zarr").rglob("*") if file.is_file() and file.name != ".lock")
    chosen, way = drawn.choice(files), drawn.choice(WAYS)
    way(drawn, chosen)
    return f"{way.__name__} {chosen.relative_to(to)}"


def read_all(atlas: Atlas) -> None:
    """Every value that a command or the page reads."""
    atlas.structures(), atlas.numbers(), atlas.site_structure(), atlas.input_site(), atlas.multiplicity()
    for name in atlas.label_names():
        atlas.label(name)
    for model in atlas.models():
        (
            atlas.embedding(model),
            atlas.present(model),
            atlas.norm(model),
            atlas.site_energy(model),
            atlas.model_attrs(model),
        )
    for name in atlas.anchor_sets():
        atlas.anchors(name), atlas.anchor_attrs(name)
    for name, models in atlas.layouts().items():
        for model in models:
            atlas.layout(name, model)
    atlas.rejects(), atlas.stale(), atlas.half_made(), atlas.incomplete(), atlas.controls(), atlas.made_with()


def in_words(what: Callable[[], object]) -> str:
    """Empty where something goes well or ends in our three parts; else what it ended in."""
    try:
        what()
    except PlatonicError as error:
        return "" if error.happened and error.expected and error.next_step else f"not in three parts: {error!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def command(*words: str) -> Callable[[], object]:
    def run() -> None:
        done = CliRunner().invoke(app, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception

    return run


def test_a_broken_atlas_is_told_in_words(whole: tuple[Path, Path], tmp_path: Path) -> None:
    wrong, end, done = [], time.monotonic() + SECONDS, 0
    for seed in range(BROKEN):
        if time.monotonic() > end:
            break
        drawn, place = random.Random(seed), tmp_path / str(seed)
        place.mkdir()
        what, start = broken(drawn, whole, place), time.monotonic()
        atlas = str(next(place.iterdir()))
        tries = {
            "status": command("status", atlas), "verify": command("verify", atlas),
            "read": lambda atlas=atlas: read_all(open_atlas(atlas)),
            "unpack": lambda atlas=atlas, place=place: unpack(open_atlas(atlas), place / "n.atlas.zarr"),
        }  # fmt: skip
        wrong += [f"{seed} ({what}) {name}: {said}" for name, run in tries.items() if (said := in_words(run))]
        if (took := time.monotonic() - start) > ONE:
            wrong.append(f"{seed} ({what}) took {took:.0f} s")
        shutil.rmtree(place)
        done += 1
    assert wrong == []
    assert done >= 10


def test_a_broken_folder_beside_a_shipped_atlas_is_named(small_atlas: Atlas, tmp_path: Path) -> None:
    shipped = open_atlas(pack(small_atlas, tmp_path / "s.atlas.zip"))
    shipped.write_anchors("mine", np.array([1]), {})
    (shipped.beside / "zarr.json").write_text("{")
    again = open_atlas(shipped.path)
    for act in (again.anchor_sets, lambda: again.write_anchors("mine", np.array([1]), {})):
        with pytest.raises(AtlasError) as caught:
            act()
        assert str(shipped.beside) in caught.value.expected
        assert "Move it aside" in caught.value.next_step
    assert [line for line in again.damaged() if str(shipped.beside) in line]


def test_a_copy_of_an_atlas_whose_rooms_are_empty_is_whole(small_atlas: Atlas, tmp_path: Path) -> None:
    small_atlas.write_anchors("two", np.array([1, 4]), {})
    small_atlas.write_layout("pca-two", "m", np.ones((7, 2)), {"anchors": "two"})
    small_atlas.forget_anchors("two")
    assert open_atlas(small_atlas.path).damaged() == []
    assert open_atlas(unpack(small_atlas, tmp_path / "copy.atlas.zarr")).damaged() == []
    assert open_atlas(pack(small_atlas, tmp_path / "copy.atlas.zip")).damaged() == []


def test_nothing_is_made_inside_of_an_atlas(small_atlas: Atlas) -> None:
    with pytest.raises(AtlasExists, match="lies inside the atlas small"):
        unpack(small_atlas, Path(str(small_atlas.path)) / "anchors/inner.atlas.zarr")
    assert small_atlas.damaged() == []


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("layouts/pca-two/m", {"shaping": 5}),
        ("embeddings/m/readout", {"refused": 5}),
        ("embeddings/m/readout", {"refused": {"1": ["a"]}}),
        ("embeddings/m/readout", {"parameters": "many"}),
        ("anchors/two", {"strategy": ["a"]}),
    ],
)
def test_an_attribute_of_another_type_is_told_in_words(
    path: str, change: dict[str, object], small_atlas: Atlas
) -> None:
    embed_seeded(small_atlas, "m")
    small_atlas.write_anchors("two", np.array([1, 4]), {})
    small_atlas.write_layout("pca-two", "m", np.ones((7, 2)), {"anchors": "two"})
    small_atlas.root[path].attrs.update(change)
    atlas = open_atlas(small_atlas.path)
    with pytest.raises(AtlasError, match=f"{path} cannot be read .its attribute {next(iter(change))}"):
        (atlas.stale(), atlas.model_attrs("m"), atlas.anchor_attrs("two"))


def test_a_plain_group_of_zarr_is_no_atlas(tmp_path: Path) -> None:
    zarr.open_group(tmp_path / "plain.zarr", mode="w")
    with pytest.raises(AtlasError, match="is a group of Zarr, and no atlas"):
        open_atlas(tmp_path / "plain.zarr")


@pytest.mark.parametrize("path", ["x" * 5000, "a\0b"])
def test_a_path_that_no_system_knows_is_told_in_words(path: str) -> None:
    with pytest.raises(AtlasError):
        open_atlas(path)


def test_what_a_system_refuses_to_read_is_told_in_words(small_atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "c/0")

    monkeypatch.setattr("zarr.storage._local._get", locked)
    with pytest.raises(AtlasError, match="atoms/position cannot be read at c/0 .Permission denied") as caught:
        nodes.node(small_atlas.root, "atoms/position")
    assert "Allow it to be read" in caught.value.next_step


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_in_place_of_a_list_is_one_damage_of_many(small_atlas: Atlas) -> None:
    folder = Path(str(small_atlas.path))
    (folder / "rejects.json").unlink()
    os.mkfifo(folder / "rejects.json")
    (folder / "atoms/position/c/0/0").write_bytes(b"x")
    assert [line.partition(":")[0] for line in open_atlas(folder).damaged()] == ["atoms/position", "rejects.json"]
