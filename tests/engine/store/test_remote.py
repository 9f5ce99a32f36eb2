"""An atlas at a URL of fsspec: made, embedded, derived from, verified; here on a disk behind the same door."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasError, AtlasExists, AtlasMissing
from platonic_atlas.engine.store import create_atlas, open_atlas
from platonic_atlas.engine.structures import collect
from platonic_atlas.engine.verbs.embed import embed
from tests.engine.extract.test_runner import new_atlas, structures


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"file://{tmp_path}/far/a.atlas.zarr"


def test_what_grows_at_a_url_is_what_grows_on_a_disk(url: str, tmp_path: Path) -> None:
    far = create_atlas(url, collect(structures(), coordination=False), chunk_rows=2)
    near = new_atlas(tmp_path / "b.atlas.zarr")
    for atlas in (far, near):
        embed(atlas, ["onehot"], workers=2)
        atlas.write_anchors("two", np.array([0, 3]), {"strategy": "random"})
    again = open_atlas(url)
    assert again.models() == ["onehot"]
    np.testing.assert_array_equal(again.embedding("onehot"), near.embedding("onehot"))
    np.testing.assert_array_equal(again.moments("onehot").second, near.moments("onehot").second)
    assert again.anchors("two").tolist() == [0, 3]
    assert again.damaged() == again.incomplete() == []
    assert again.checksum == near.checksum


def test_a_damaged_chunk_at_a_url_is_found(url: str, tmp_path: Path) -> None:
    embed(create_atlas(url, collect(structures(), coordination=False), chunk_rows=2), ["onehot"])
    chunk = next(tmp_path.glob("far/a.atlas.zarr/embeddings/onehot/readout/embedding/c/0/0"))
    data = bytearray(chunk.read_bytes())
    data[0] ^= 1
    chunk.write_bytes(bytes(data))
    (damage,) = open_atlas(url).damaged()
    assert damage.startswith("embeddings/onehot/readout/embedding")


def test_commands_take_a_url(url: str, tmp_path: Path) -> None:
    write(tmp_path / "salt.xyz", bulk("NaCl", "rocksalt", a=5.6))
    run = CliRunner().invoke
    assert run(app, ["ingest", str(tmp_path / "salt.xyz"), "--to", url, "--no-coordination"]).exit_code == 0
    assert run(app, ["embed", url, "--model", "onehot"]).exit_code == 0
    assert run(app, ["verify", url]).exit_code == 0
    assert open_atlas(url).models() == ["onehot"]


def test_nothing_is_overwritten_and_what_is_missing_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(AtlasMissing):
        open_atlas(url)
    collection = collect(structures(), coordination=False)
    create_atlas(url, collection)
    with pytest.raises(AtlasExists):
        create_atlas(url, collection)
    create_atlas(url, collection, force=True)
    assert len(list((tmp_path / "far").iterdir())) == 2  # the old one is moved aside
    with pytest.raises(AtlasError, match="read from a disk"):
        open_atlas("file:///x/a.atlas.zip")


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_of_the_user_at_a_url_is_neither_moved_nor_removed(url: str, tmp_path: Path, force: bool) -> None:
    mine = tmp_path / "far/a.atlas.zarr/paper.tex"
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    with pytest.raises(AtlasExists, match="is no atlas"):
        create_atlas(url, collect(structures(), coordination=False), force=force)
    assert mine.read_text() == "years of work"
    mine.unlink()
    (mine.parent / "structures").mkdir()  # a name that we use, and no mark of ours
    (mine.parent / "structures/salt.cif").write_text("measured")
    with pytest.raises(AtlasExists, match="is no atlas"):
        create_atlas(url, collect(structures(), coordination=False), force=force)
    assert (mine.parent / "structures/salt.cif").read_text() == "measured"


def test_what_an_interrupted_upload_left_gives_way(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.local import LocalFileSystem

    def lost(*_: object) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        pipe = LocalFileSystem.pipe_file
        patch.setattr(
            LocalFileSystem,
            "pipe_file",
            lambda self, path, *held: lost() if "sites" in path else pipe(self, path, *held),
        )
        with pytest.raises(AtlasError, match="could not be read or written"):
            create_atlas(url, collect(structures(), coordination=False))
    with pytest.raises(AtlasMissing):
        open_atlas(url)
    assert create_atlas(url, collect(structures(), coordination=False)).damaged() == []
    assert not list(tmp_path.glob("far/a.atlas.zarr/.*"))


@pytest.mark.parametrize(
    "address",
    ["ftp://127.0.0.1:9/a", "github://foo/a", "jupyter://127.0.0.1:9/a", "dbfs://x", "reference://x", "zip://x",
     "simplecache::file:///tmp/a", "file:///a::zip://b", "s3://[/a", "http://[::1", "nonsense://a"],
)  # fmt: skip
def test_a_url_that_holds_no_files_is_refused_in_words(address: str) -> None:
    with pytest.raises(AtlasError) as caught:
        open_atlas(address)
    assert caught.value.next_step
