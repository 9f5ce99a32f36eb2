"""The folder for what is derived from a shipped atlas, which is read-only: a root of its own in the user's data folder."""

from __future__ import annotations

import os
from pathlib import Path

import zarr
from zarr.storage import LocalStore

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import commit, nodes
from platonic_atlas.engine.store.guarded import Guarded

DATA_VARIABLE = "PLATONIC_DATA"


def derived_root() -> Path:
    """Where derived data of shipped atlases lives: $PLATONIC_DATA, else the user's data folder."""
    if chosen := os.environ.get(DATA_VARIABLE):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("platonic-atlas")


def is_there(folder: Path) -> bool:
    """Whether a folder has its root: its document, not the folder, for another process may be making it at this moment."""
    return (folder / nodes.DOCUMENT).exists()


def opened(folder: Path, of: str) -> zarr.Group:
    """The root of a folder; of : the name of the atlas that it belongs to.

    Raises
    ------
    AtlasError
        It cannot be read; the message names the folder.
    """
    try:
        with nodes.told(""):
            return zarr.open_group(Guarded(LocalStore(folder)), mode="r+", zarr_format=3)
    except AtlasError as error:
        raise AtlasError(
            f"What is kept beside {of} cannot be read: {error.happened}",
            f"It lies in {folder}; it was made from the atlas and can be made again.",
            f"Move it aside, then run the same command again: mv {folder} {folder}.aside",
        ) from error


def writable(folder: Path, of: str) -> zarr.Group:
    """The root of a folder, made where there is none; raises AtlasError as `opened`."""
    if is_there(folder):
        opened(folder, of)
    commit.new_root(folder)
    return opened(folder, of)
