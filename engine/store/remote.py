"""Growing atlases that lie in a file system of fsspec: s3://…, gs://…, file://…; zips are read from disks only."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zarr.storage import FsspecStore

from platonic_atlas.engine.errors import AtlasError, AtlasExists
from platonic_atlas.engine.store import schema

ROOT = "zarr.json"


def is_url(path: object) -> bool:
    """Whether a path names a file system: `s3://bucket/a.atlas.zarr`."""
    return isinstance(path, AtlasUrl) or (isinstance(path, str) and "://" in path)


@dataclass(frozen=True)
class AtlasUrl:
    """Where a growing atlas lies: what `pathlib.Path` is for one on a disk."""

    url: str

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        return self.url.rstrip("/").rsplit("/", 1)[-1]

    @property
    def _options(self) -> dict[str, Any]:
        """No listings are kept: other processes write here too. A disk makes the folders that a path names."""
        options: dict[str, Any] = {"use_listings_cache": False}
        return options | ({"auto_mkdir": True} if self.url.startswith(("file:", "local:")) else {})

    def _files(self) -> tuple[Any, str]:
        """The file system and the path in it.

        Raises
        ------
        AtlasError
            fsspec, or its driver for this kind of URL, is not installed.
        """
        try:
            from fsspec.core import url_to_fs

            files, path = url_to_fs(self.url, **self._options)
        except (ImportError, ValueError) as error:
            raise AtlasError(
                f"{self.url} cannot be opened ({error}).",
                "A URL is opened by fsspec and its driver for that kind of store (s3fs for s3://, gcsfs for gs://).",
                "Install it where platonic runs: pip install 'platonic-atlas[cluster]' s3fs",
            ) from error
        return files, str(path).rstrip("/")

    def store(self) -> FsspecStore:
        """What Zarr reads and writes."""
        self._files()  # says what is missing in our words
        return FsspecStore.from_url(self.url, storage_options=self._options)

    def exists(self) -> bool:
        """Whether an atlas is there: its root document, which is written last."""
        files, path = self._files()
        return bool(files.exists(f"{path}/{ROOT}"))

    def read_text(self, name: str) -> str:
        """One document of the atlas that is not Zarr's."""
        files, path = self._files()
        return bytes(files.cat_file(f"{path}/{name}")).decode("utf-8")

    def make_room(self, *, force: bool) -> None:
        """Refuse to overwrite an atlas, or with `force` move it aside; what an interrupted upload left is removed.

        Raises
        ------
        AtlasExists
            Something lies there and `force` is False, or it is no atlas: what is not ours is neither moved nor removed.
        """
        files, path = self._files()
        if not files.exists(path):
            return
        there = {str(name).rstrip("/").rsplit("/", 1)[-1] for name in files.ls(path, detail=False)}
        if ROOT not in there and there <= {*schema.UNIT_DEPTH, schema.REJECTS}:
            files.rm(path, recursive=True)
            return
        if ROOT not in there or schema.FORMAT not in self.read_text(ROOT):
            raise AtlasExists(
                f"{self.url} is no atlas, and is left where it is.",
                "An atlas is made where there is nothing, or moved aside with --force, never anything else.",
                "Choose another place.",
            )
        if not force:
            raise AtlasExists(
                f"{self.url} exists already.",
                "An atlas is never overwritten.",
                "Choose another place, or add --force to move the old one aside.",
            )
        files.mv(path, f"{path}.{time.strftime('%Y%m%d-%H%M%S')}.{os.getpid()}.old", recursive=True)

    def upload(self, folder: Path) -> None:
        """Copy a finished folder here, its root document last, so that no half atlas is ever seen."""
        files, path = self._files()
        documents = sorted(file for file in folder.rglob("*") if file.is_file() and file != folder / ROOT)
        for file in [*documents, folder / ROOT]:
            files.pipe_file(f"{path}/{file.relative_to(folder).as_posix()}", file.read_bytes())


def no_zip(place: AtlasUrl) -> None:
    """Refuse the URL of a shipped atlas."""
    if place.name.endswith(schema.SUFFIX_ZIP):
        raise AtlasError(
            f"{place} is a shipped atlas at a URL.",
            "A shipped atlas *.atlas.zip is read from a disk; at a URL lies a growing one, *.atlas.zarr.",
            "Download the file and open it from there.",
        )
