"""Growing atlases that lie in a file system of fsspec: s3://…, gs://…, file://…; zips are read from disks only."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zarr.storage import FsspecStore

from platonic_atlas.engine.errors import AtlasError, AtlasExists, PlatonicError
from platonic_atlas.engine.store import schema

ROOT = schema.DOCUMENT
UPLOADING = ".platonic-upload"  # is there before anything else, and goes once all is there
# What holds files by their paths; fsspec knows more, some of which run what a URL says or lead to a second one
PROTOCOLS = (
    "file", "local", "memory", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "hdfs", "webhdfs", "http",
    "https", "ftp", "sftp", "ssh", "smb",
)  # fmt: skip


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
        protocol, chained = self.url.partition("://")[0].lower(), "::" in self.url
        if protocol not in PROTOCOLS or chained:
            raise AtlasError(
                f"{self.url} cannot be opened ({'it names one URL inside another' if chained else f'{protocol}:// is none of ours'}).",
                f"An atlas lies at one URL of: {', '.join(PROTOCOLS)}.",
                "Name such a URL, or copy the atlas to a disk.",
            )
        try:
            from fsspec.core import url_to_fs

            files, path = url_to_fs(self.url, **self._options)
        except Exception as error:  # each driver has its own
            raise AtlasError(
                f"{self.url} cannot be opened ({error}).",
                "A URL is opened by fsspec and its driver for that kind of store (s3fs for s3://, gcsfs for gs://).",
                "Install it where platonic runs: pip install 'platonic-atlas[cluster]' s3fs",
            ) from error
        return files, str(path).rstrip("/")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the driver of a file system raises, in words: each has its own exceptions."""
        try:
            yield
        except PlatonicError:
            raise
        except Exception as error:
            raise AtlasError(
                f"{self.url} could not be read or written ({type(error).__name__}: {str(error)[:200]}).",
                "An atlas at a URL is read and written through fsspec and its driver for that kind of store.",
                "See that the address is right, the network is there and its credentials are set, then run the same command again.",
            ) from error

    def store(self) -> FsspecStore:
        """What Zarr reads and writes."""
        self._files()  # says what is missing in our words
        with self._told():
            return FsspecStore.from_url(self.url, storage_options=self._options)

    def exists(self) -> bool:
        """Whether an atlas is there: its root document, which is written last."""
        files, path = self._files()
        with self._told():
            return bool(files.exists(f"{path}/{ROOT}"))

    def read_text(self, name: str) -> str:
        """One document of the atlas that is not Zarr's."""
        files, path = self._files()
        with self._told():
            return bytes(files.cat_file(f"{path}/{name}")).decode("utf-8")

    def make_room(self, *, force: bool) -> None:
        """Refuse to overwrite an atlas, or with `force` move it aside; what an interrupted upload left is removed.

        Raises
        ------
        AtlasExists
            Something lies there and `force` is False, or it is no atlas: what is not ours is neither moved nor removed.
        """
        files, path = self._files()
        with self._told():
            self._make_room(files, path, force)

    def _make_room(self, files: Any, path: str, force: bool) -> None:
        if not files.exists(path):
            return
        there = {str(name).rstrip("/").rsplit("/", 1)[-1] for name in files.ls(path, detail=False)}
        if ROOT not in there and UPLOADING in there and there <= {*schema.UNIT_DEPTH, schema.REJECTS, UPLOADING}:
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
        """Copy a finished folder here, its root document last, so that no half atlas is ever seen. A mark goes first, by
        which what an interruption leaves is known to be ours."""
        files, path = self._files()
        documents = sorted(file for file in folder.rglob("*") if file.is_file() and file != folder / ROOT)
        with self._told():
            files.pipe_file(f"{path}/{UPLOADING}", b"")
            for file in [*documents, folder / ROOT]:
                files.pipe_file(f"{path}/{file.relative_to(folder).as_posix()}", file.read_bytes())
            files.rm_file(f"{path}/{UPLOADING}")


def no_zip(place: AtlasUrl) -> None:
    """Refuse the URL of a shipped atlas."""
    if place.name.endswith(schema.SUFFIX_ZIP):
        raise AtlasError(
            f"{place} is a shipped atlas at a URL.",
            "A shipped atlas *.atlas.zip is read from a disk; at a URL lies a growing one, *.atlas.zarr.",
            "Download the file and open it from there.",
        )
