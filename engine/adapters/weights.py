"""Checkpoint files: where they are looked for, and which of them may be loaded.

Looked for are, in this order: the file or folder that the user names, the installed package, the folder of weights
($PLATONIC_WEIGHTS, else `weights` in the user's cache), and the places where the family's package keeps what it
downloads. Where none holds it the package itself is asked to download it.

What is loaded is a private copy, made while the digests were taken: another file put in its place in between is not
what the model is made of.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from platonic_atlas.engine.errors import ModelError, UntrustedWeights, WeightsMissing
from platonic_atlas.engine.types import ModelSpec

VARIABLE = "PLATONIC_WEIGHTS"
CACHE_VARIABLE = "PLATONIC_CACHE"


class Downloads(Protocol):
    """What a family knows about the downloads of its package."""

    def cached(self, spec: ModelSpec) -> Sequence[Path]: ...

    def download(self, spec: ModelSpec) -> Path | None: ...


def weights_folder() -> Path:
    """The user's folder of checkpoints. The runner sets the variable for its workers, which lack platformdirs."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    return cache_folder() / "weights"


def cache_folder() -> Path:
    """The user's cache. The runner sets the variable for its workers, which lack platformdirs."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser().absolute()
    try:
        from platformdirs import user_cache_path
    except ImportError:  # an adapter used by hand in the environment of its family
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser().absolute() / "platonic-atlas"
    return user_cache_path("platonic-atlas")


@contextmanager
def written_whole(place: Path) -> Iterator[Path]:
    """A name beside `place` to write to; what was written goes to its place at once, or not at all.

    Several processes may write the same file: each has a name of its own, and the last one stays.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{place.stem}.", suffix=f".partial{place.suffix}", dir=place.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


def weights_path(spec: ModelSpec, weights: Path | None, family: type[Downloads] | Downloads) -> Path | None:
    """The checkpoint of a model, downloaded by its package where it is nowhere; None for a model without one.

    Raises
    ------
    WeightsMissing
        It is not on this machine and could not be had.
    """
    if not spec.checkpoint and (weights is None or weights.is_dir()):
        return None
    if found := existing(spec, weights, family):
        return found
    if weights is not None and not weights.is_dir():
        raise _missing(spec, f"{weights} is no file")
    try:
        downloaded = family.download(spec)  # type: ignore[arg-type,call-arg]
    except Exception as error:  # each package fails in its own way: no network, no such release, a full disk
        reason = f"its package could not download it ({type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else 'no reason given'})"
        raise _missing(spec, reason) from error
    if downloaded is None:
        raise _missing(spec, "its package does not download it")
    return downloaded


def existing(
    spec: ModelSpec, weights: Path | None, family: type[Downloads] | Downloads, roots: Iterable[Path] | None = None
) -> Path | None:
    """The checkpoint where it is on this machine already, or None; nothing is downloaded.

    roots : folders of installed packages to look in, default: those of this interpreter
    """
    if weights is not None and not weights.is_dir():
        return weights if weights.is_file() else None
    if weights is not None and (found := _in_folder(spec, weights)):
        return found
    for place in _inside_packages(spec.checkpoint, roots):
        if place.is_file():
            return place
    if found := _in_folder(spec, weights_folder()):
        return found
    return next((place for place in family.cached(spec) if place.is_file()), None)  # type: ignore[arg-type,call-arg]


def _in_folder(spec: ModelSpec, folder: Path) -> Path | None:
    """The official file under its official name or under the model's name; a folder may be the checkpoint itself."""
    official = Path(spec.checkpoint)
    names = (official, official.name, f"{spec.name}{official.suffix}")
    places = (folder / name for name in names if str(name) not in ("", "."))
    return next((place for place in places if place.is_file()), None)


def _inside_packages(checkpoint: str, roots: Iterable[Path] | None) -> Iterator[Path]:
    package, *rest = checkpoint.split("/")
    if not rest or not package.isidentifier():
        return
    if roots is None:
        found = importlib.util.find_spec(package)
        places = found.submodule_search_locations if found is not None else None
        yield from (Path(place, *rest) for place in places or ())
    else:
        yield from (root.joinpath(package, *rest) for root in roots)


def _missing(spec: ModelSpec, why: str) -> WeightsMissing:
    name = Path(spec.checkpoint).name or f"the file of {spec.name}"
    return WeightsMissing(
        f"The checkpoint of {spec.name} ({name}) is not on this machine: {why}.",
        f"It is: {spec.origin or 'a file that you name'}.",
        f"Put it into {weights_folder()}, or name it: platonic embed ATLAS --model {spec.name} --weights FILE",
    )


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal; ModelError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror or error}).",
            "A file that a command or a recipe names may be read.",
            "Allow it to be read, or name another file.",
        ) from error


@dataclass(frozen=True)
class Checkpoint:
    """A private copy of a checkpoint.

    original : the file that the user knows ; path : of the copy
    digests : name -> SHA-256, hexadecimal, of the file and of what the family reads beside it
    """

    original: Path
    path: Path
    digests: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """That of the file itself."""
        return self.digests[self.original.name]


@contextmanager
def private_copy(file: Path, beside: Sequence[str] = ()) -> Iterator[Checkpoint]:
    """Yield a copy of a checkpoint that nobody else can change, each file read once; it is gone afterwards.

    beside : names of other files of its folder that the family reads, copied where they are there

    Raises
    ------
    WeightsMissing
        A file cannot be read or copied.
    """
    names = [file.name, *(name for name in beside if name != file.name and file.with_name(name).is_file())]
    with tempfile.TemporaryDirectory(prefix="platonic-weights-") as folder:
        try:
            digests = {name: _copied(file.with_name(name), Path(folder, name)) for name in names}
        except OSError as error:
            raise WeightsMissing(
                f"The checkpoint {file} cannot be read ({error.strerror or error}).",
                "It is copied before it is loaded, so that what was looked at is what is loaded.",
                "Make it readable, and room in the folder for temporary files, then repeat the command.",
            ) from error
        yield Checkpoint(file, Path(folder, file.name), digests)


def _copied(file: Path, to: Path) -> str:
    """Copy a file; the SHA-256 of what was copied."""
    with file.open("rb") as source, to.open("w+b") as copy:
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        return hashlib.file_digest(copy, "sha256").hexdigest()


def check_trust(spec: ModelSpec, checkpoint: Checkpoint, *, trust_weights: bool, pickled: bool) -> None:
    """Refuse what the catalogue does not know: another file than that of a model it lists, or one that runs code.

    Raises
    ------
    UntrustedWeights
        A digest is not the one of the catalogue, and `trust_weights` is False.
    """
    if trust_weights or not (pickled or spec.sha256):
        return
    known = {checkpoint.original.name: spec.sha256, Path(spec.checkpoint).name: spec.sha256, **_beside(spec)}
    for name, found in checkpoint.digests.items():
        if (digest := known.get(name)) != found:
            raise UntrustedWeights(
                f"{checkpoint.original.with_name(name)} has the SHA-256 {found}, which the catalogue does not know for {spec.name}.",
                f"Loading such a file {'runs' if pickled else 'may run'} code from it; known is: {digest or 'no file for this model'}.",
                "Fetch it again if its download was cut off. If you trust where it comes from, repeat the command with --trust-weights",
            )


def _beside(spec: ModelSpec) -> Mapping[str, Any]:
    beside: Mapping[str, Any] = spec.options.get("beside", {})
    return beside
