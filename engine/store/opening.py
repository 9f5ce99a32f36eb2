"""Opening an atlas, wherever it lies, and saying what lies there where it is none."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zarr
from zarr.storage import LocalStore, ZipStore

from platonic_atlas.engine.errors import AtlasError, PlatonicError
from platonic_atlas.engine.store import disk, files, schema
from platonic_atlas.engine.store.files import Place
from platonic_atlas.engine.store.foreign import refuse_foreign
from platonic_atlas.engine.store.guarded import Guarded
from platonic_atlas.engine.store.remote import AtlasUrl
from platonic_atlas.engine.store.store import Atlas


def open_atlas(path: Place | str | os.PathLike[str] | None = None) -> Atlas:
    """Open an atlas: a folder, a zip, the URL of a growing one (`s3://…/a.atlas.zarr`), or None for the shipped one.

    Raises
    ------
    AtlasMissing
        Nothing lies at `path`.
    AtlasError
        It is no atlas, or of a newer format.
    """
    # Zarr warns of the files in an atlas that are not its own, at every listing; `verify` names those that are not ours
    warnings.filterwarnings("ignore", message=r"Object at .* is not recognized as a component")
    found = files.resolve(path)
    zipped = isinstance(found, Path) and found.is_file()
    try:
        if isinstance(found, Path):
            refuse_foreign(found)
        root = zarr.open_group(_zarr_store(found), mode="r" if zipped else "r+", zarr_format=3)
    except PlatonicError:
        raise
    except Exception as error:  # every codec and parser has its own exception; all mean the same to a user
        if isinstance(error, OSError) and error.errno is not None:
            raise disk.not_read(str(found), error) from error
        raise AtlasError(
            f"{found} is not an atlas ({type(error).__name__}).",
            "An atlas is a folder *.atlas.zarr or a file *.atlas.zip.",
            "Make one with: platonic ingest FILE… --to NEW.atlas.zarr",
        ) from error
    _refuse_another_format(found, dict(root.attrs))
    return Atlas(found, root, read_only=zipped)


def _refuse_another_format(found: Place, attributes: Mapping[str, Any]) -> None:
    if attributes.get("format") != schema.FORMAT:
        raise AtlasError(
            f"{found} is a group of Zarr, and no atlas.",
            f"The root of an atlas says that its format is {schema.FORMAT!r}.",
            "Make one of structures with: platonic ingest FILE… --to NEW.atlas.zarr",
        )
    if attributes.get("format_version") != schema.FORMAT_VERSION:
        raise AtlasError(
            f"{found} has version {str(attributes.get('format_version'))[:60]} of the format.",
            f"This version of Platonic Atlas reads version {schema.FORMAT_VERSION}.",
            "Update with: pip install --upgrade platonic-atlas",
        )


def _zarr_store(found: Place) -> Guarded:
    if isinstance(found, AtlasUrl):
        return Guarded(found.store())
    if not found.is_file():
        return Guarded(LocalStore(found))
    return Guarded(ZipStore(found, mode="r"), files.check_zip(found))
