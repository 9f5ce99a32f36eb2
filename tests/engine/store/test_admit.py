"""An atlas from somebody else: nothing is decoded but what the format writes."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import zarr
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import Atlas, nodes, open_atlas, schema
from platonic_atlas.engine.store.admit import admit
from platonic_atlas.engine.store.pack import pack

POSITION = "atoms/position"
Document = dict[str, Any]


def spoil(folder: Path, path: str, change: Callable[[Document], object]) -> None:
    file = folder / path / "zarr.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def told(folder: Path) -> str:
    """What reading all of an atlas ends with."""

    def read() -> None:
        atlas = open_atlas(folder)
        atlas.structures()
        atlas.label("prototype")

    with pytest.raises(AtlasError) as caught:
        read()
    return str(caught.value)


def codec(name: str) -> Callable[[Document], object]:
    return lambda document: document["codecs"].append({"name": name, "configuration": {}})


BAD: dict[str, tuple[Callable[[Document], object], str]] = {
    "a codec": (codec("numcodecs.pickle"), "codec 'numcodecs.pickle'"),
    "a codec of many": (codec("sharding_indexed"), "codec 'sharding_indexed'"),
    "two codecs": (lambda d: d["codecs"].extend([{"name": "gzip", "configuration": {}}] * 2), "codecs"),
    "no codec": (lambda d: d.update(codecs=[]), "codecs none"),
    "a type": (lambda d: d.update(data_type="object"), "data type 'object'"),
    "a type that is none": (lambda d: d.update(data_type={"name": "r8"}), "data type"),
    "another type": (lambda d: d.update(data_type="int16"), "data type 'int16' in place of 'float64'"),
    "a huge shape": (lambda d: d.update(shape=[2**62, 3]), "shape"),
    "a shape below none": (lambda d: d.update(shape=[-1, 3]), "shape"),
    "a shape in words": (lambda d: d.update(shape="many"), "shape"),
    "huge chunks": (lambda d: d["chunk_grid"]["configuration"].update(chunk_shape=[2**32, 3]), "chunks of"),
    "chunks of nothing": (lambda d: d["chunk_grid"]["configuration"].update(chunk_shape=[0, 3]), "chunks"),
    "another grid": (lambda d: d.update(chunk_grid={"name": "rectilinear", "configuration": {}}), "chunks"),
    "dimensions": (lambda d: (d.update(shape=[7]), d["chunk_grid"]["configuration"].update(chunk_shape=[7])), "1 dim"),
    "numbers in gzip": (
        lambda d: d["codecs"].append({"name": "gzip", "configuration": {"level": 9}}),
        "codecs bytes, gzip",
    ),
    "another compressor": (
        lambda d: d["codecs"].append({"name": "blosc", "configuration": {"cname": "zstd"}}),
        "otherwise",
    ),
    "another order of bytes": (
        lambda d: d["codecs"][0]["configuration"].update(endian="big"),
        "sets the codec 'bytes'",
    ),
    "another separator": (lambda d: d["chunk_key_encoding"]["configuration"].update(separator="."), "names its chunks"),
    "no encoding": (lambda d: d.pop("chunk_key_encoding"), "names its chunks by None"),
    "something where nothing is": (lambda d: d.update(fill_value=7), "'7' where no chunk is"),
    "text where nothing is": (lambda d: d.update(fill_value="x" * 1000), "where no chunk is"),
    "chunks beyond the shape": (
        lambda d: d["chunk_grid"]["configuration"].update(chunk_shape=[2**20, 3]),
        "in an array of the shape",
    ),
    "a transformer": (lambda d: d.update(storage_transformers=[{"name": "x"}]), "refers to"),
    "a field": (lambda d: d.update(must_understand=True), "field 'must_understand'"),
    "text for a mapping": (lambda d: d.update(attributes="none"), "attributes"),
    "another format": (lambda d: d.update(zarr_format=2), "format 2"),
    "another kind": (lambda d: d.update(node_type="table"), "'table'"),
}


@pytest.mark.parametrize("change", BAD)
def test_what_the_format_does_not_write_is_refused_by_name(change: str, small_atlas: Atlas) -> None:
    spoil(Path(str(small_atlas.path)), POSITION, BAD[change][0])
    said = told(Path(str(small_atlas.path)))
    assert POSITION in said
    assert BAD[change][1] in said


@pytest.mark.parametrize("command", ["status", "verify", "unpack"])
def test_a_command_ends_in_these_words(command: str, small_atlas: Atlas, tmp_path: Path) -> None:
    folder = Path(str(small_atlas.path))
    spoil(folder, "atoms/atomic_number", codec("numcodecs.pickle"))
    to = ["--to", str(tmp_path / "new.atlas.zarr")] if command == "unpack" else []
    done = CliRunner().invoke(app, [command, str(folder), *to])
    assert isinstance(done.exception, AtlasError if command != "verify" else SystemExit)  # `platonic` prints it
    said = done.output + str(done.exception)
    assert "atoms/atomic_number" in said
    assert "names the codec 'numcodecs.pickle'" in said


def test_no_atlas_of_the_second_format_is_opened(tmp_path: Path) -> None:
    """Its filters may be pickles, which run what they like when an array is read."""

    class Runs:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "ran"),)

    folder = tmp_path / "old.atlas.zarr"
    root = zarr.open_group(folder, mode="w", zarr_format=2)
    root.attrs.update(format=schema.FORMAT, format_version=schema.FORMAT_VERSION, chunk_rows=4)
    (folder / "atoms" / "position").mkdir(parents=True)
    shutil.copy(folder / ".zgroup", folder / "atoms" / ".zgroup")
    array = {"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "fill_value": None, "order": "C",
             "compressor": None, "filters": [{"id": "pickle", "protocol": 4}]}  # fmt: skip
    (folder / "atoms/position/.zarray").write_text(json.dumps(array))
    (folder / "atoms/position/0").write_bytes(numcodecs.Pickle().encode(np.array([Runs()], dtype=object)))
    with pytest.raises(AtlasError, match="is not an atlas"):
        open_atlas(folder)
    assert not (tmp_path / "ran").exists()


def test_consolidated_documents_are_not_believed(small_atlas: Atlas) -> None:
    folder = Path(str(small_atlas.path))
    spoil(folder, "", lambda d: d.update(consolidated_metadata={"kind": "inline", "metadata": {"atoms": {}}}))
    assert "refers to documents" in told(folder)


def test_a_link_or_a_pipe_in_an_atlas_is_not_followed(small_atlas: Atlas, tmp_path: Path) -> None:
    folder = Path(str(small_atlas.path))
    secret = tmp_path / "elsewhere"
    shutil.copytree(folder / POSITION, secret)
    shutil.rmtree(folder / POSITION)
    (folder / POSITION).symlink_to(secret, target_is_directory=True)
    assert "link" in told(folder)
    (folder / POSITION).unlink()
    (folder / POSITION).symlink_to(folder / "atoms", target_is_directory=True)  # a circle
    assert "link" in told(folder)
    (folder / POSITION).unlink()
    shutil.copytree(secret, folder / POSITION)
    chunk = next(file for file in (folder / POSITION / "c").rglob("*") if file.is_file())
    chunk.unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(chunk)  # reading it would wait for ever
        assert "is no file" in told(folder)


def test_an_atlas_may_lie_behind_a_link(small_atlas: Atlas, tmp_path: Path) -> None:
    (tmp_path / "here.atlas.zarr").symlink_to(Path(str(small_atlas.path)), target_is_directory=True)
    assert open_atlas(tmp_path / "here.atlas.zarr").n_sites == small_atlas.n_sites


@pytest.mark.parametrize("array", ["atoms/position", "sites/labels/prototype"])
def test_a_chunk_that_unpacks_to_more_than_it_holds_is_refused(array: str, small_atlas: Atlas, tmp_path: Path) -> None:
    packed = pack(small_atlas, tmp_path / "small.atlas.zip")
    folder = tmp_path / "bomb.atlas.zarr"
    shutil.unpack_archive(packed, folder, "zip")
    chunk = next(file for file in (folder / array / "c").rglob("*") if file.is_file())
    if array == POSITION:
        held = bytearray(chunk.read_bytes())
        held[4:8] = (2**31 - 1).to_bytes(4, "little")  # the size that a Blosc chunk says it has
        chunk.write_bytes(bytes(held))
    else:
        chunk.write_bytes(gzip.compress(bytes(200 * 1024**2)))
    assert f"A chunk of {array} unpacks to more" in told(folder)


def test_more_strings_than_a_chunk_holds_are_refused(small_atlas: Atlas, tmp_path: Path) -> None:
    folder = Path(str(small_atlas.path))
    chunk = next(file for file in (folder / "sites/labels/prototype/c").rglob("*") if file.is_file())
    chunk.write_bytes((2**31 - 1).to_bytes(4, "little"))  # an array of so many would be made
    assert "A chunk of sites/labels/prototype" in told(folder)


def test_every_document_that_is_written_is_admitted(small_atlas: Atlas, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    shutil.unpack_archive(pack(small_atlas, tmp_path / "small.atlas.zip"), packed, "zip")
    for folder in (Path(str(small_atlas.path)), packed):
        documents = sorted(folder.rglob("zarr.json"))
        assert len(documents) > 20
        for file in documents:
            path = file.parent.relative_to(folder).as_posix()
            admit("" if path == "." else path, file.read_bytes())


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"[" * 100_000, b'"a"', b"\xff\xfe", b"null", b"NaN"])
def test_a_document_of_any_kind_ends_in_words(text: bytes) -> None:
    with pytest.raises(AtlasError, match="atoms/site"):
        admit("atoms/site", text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: spoil(folder, "sites/multiplicity", lambda d: d.update(shape=[2**30])), "1,073,741,824 rows in place of 7"),
        (lambda folder: spoil(folder, "structures/cell", lambda d: d.update(shape=[4, 3, 2**20])), "in the dimension 'xyz'"),
        (lambda folder: (folder / "rejects.json").write_bytes(b"[" + b"{}," * 10**6 + b"{}]"), "rejects.json cannot be read"),
        (lambda folder: os.truncate(folder / "rejects.json", 2**32), "rejects.json has 4,294,967,296 bytes"),
        (lambda folder: os.truncate(folder / "atoms/position/zarr.json", 2**32), "zarr.json has 4,294,967,296 bytes"),
        (lambda folder: os.truncate(folder / "atoms/position/c/0/0", 2**32), "c/0/0 has 4,294,967,296 bytes"),
    ],
)  # fmt: skip
def test_what_would_fill_the_memory_is_refused_before_it_is_read(
    change: Callable[[Path], object], said: str, small_atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(Path(str(small_atlas.path)))
    with pytest.raises(AtlasError) as caught:
        (lambda atlas: (atlas.rejects(), atlas.structures(), atlas.multiplicity()))(open_atlas(small_atlas.path))
    assert said in str(caught.value)


def test_chunks_that_unpack_to_far_more_than_they_take_are_refused_together(
    small_atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pack(small_atlas, tmp_path / "small.atlas.zip")
    assert open_atlas(packed).positions().shape == (7, 3)
    monkeypatch.setattr("platonic_atlas.engine.store.guarded.FREE", 0)
    monkeypatch.setattr("platonic_atlas.engine.store.guarded.MOST_TIMES", 0)
    with pytest.raises(AtlasError, match="unpacks to more"):
        open_atlas(packed).positions()


def test_one_long_string_does_not_make_all_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "TEXT", 1000)
    few = np.array(["x" * 900, *["y"] * 3], dtype=object)
    assert nodes.as_strings(few, "sites/labels/a").tolist() == few.tolist()
    with pytest.raises(AtlasError, match="has 900 characters"):
        nodes.as_strings(np.array(["x" * 900, *["y"] * 300], dtype=object), "sites/labels/a")


@pytest.mark.parametrize("array", ["structures/id", "sites/labels/prototype", "atoms/position"])
@pytest.mark.parametrize("shipped", [False, True])
def test_bytes_beyond_those_of_a_chunk_are_damage(
    array: str, shipped: bool, small_atlas: Atlas, tmp_path: Path
) -> None:
    folder = Path(str(small_atlas.path))
    if shipped:
        shutil.unpack_archive(
            pack(small_atlas, tmp_path / "small.atlas.zip"), folder := tmp_path / "x.atlas.zarr", "zip"
        )
    chunk = next(file for file in (folder / array / "c").rglob("*") if file.is_file())
    chunk.write_bytes(chunk.read_bytes() + b"zz")
    assert [line.partition(":")[0] for line in open_atlas(folder).damaged()] == [array]


def test_a_second_member_of_a_gzip_is_not_unpacked(small_atlas: Atlas, tmp_path: Path) -> None:
    folder = tmp_path / "x.atlas.zarr"
    shutil.unpack_archive(pack(small_atlas, tmp_path / "small.atlas.zip"), folder, "zip")
    chunk = next(file for file in (folder / "sites/labels/prototype/c").rglob("*") if file.is_file())
    chunk.write_bytes(chunk.read_bytes() + gzip.compress(bytes(10**6)))
    assert "bytes beyond" in told(folder)
