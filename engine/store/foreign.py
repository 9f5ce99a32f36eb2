"""What people give as an atlas and is none: a file of structures, a folder of files, a folder that holds atlases."""

from __future__ import annotations

from pathlib import Path

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import schema

ROOT_DOCUMENTS = (schema.DOCUMENT, ".zgroup", ".zarray")
ZIP = b"PK"


def refuse_foreign(path: Path) -> None:
    """Say what a path is that is no atlas at all; one that is damaged or of another format is passed.

    Raises
    ------
    AtlasError
        It is a file that is no zip, or a folder without the root document of an atlas.
    """
    if path.is_dir():
        _refuse_folder(path)
    elif path.is_file() and path.suffix != ".zip" and not _begins_as_zip(path):
        raise AtlasError(
            f"{path} is a file, and no atlas.",
            f"An atlas is a folder *{schema.SUFFIX_DIRECTORY} or a file *{schema.SUFFIX_ZIP}.",
            f"If it holds structures, make one of it: platonic ingest {path} --to {path.stem}{schema.SUFFIX_DIRECTORY}",
        )


def _refuse_folder(path: Path) -> None:
    if any((path / name).exists() for name in ROOT_DOCUMENTS):
        return
    suffixes = (schema.SUFFIX_DIRECTORY, schema.SUFFIX_ZIP)
    held = sorted(each for each in path.iterdir() if each.name.endswith(suffixes) and not each.name.startswith("."))
    raise AtlasError(
        f"{path} is a folder, and no atlas{'; it holds ' + ', '.join(each.name for each in held) if held else ''}.",
        f"An atlas is a folder *{schema.SUFFIX_DIRECTORY} or a file *{schema.SUFFIX_ZIP}.",
        f"Name one of these, such as {held[0]}" if held
        else f"If it holds structures, make one of them: platonic ingest {path} --to NEW{schema.SUFFIX_DIRECTORY}",
    )  # fmt: skip


def _begins_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ZIP)) == ZIP
