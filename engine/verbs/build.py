"""The verb `build`: structures, embeddings, anchors, layouts and the packed file from one recipe. Each step resumes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from platonic_atlas.engine.adapters.weights import file_digest
from platonic_atlas.engine.choices import (
    Balance,
    FrameName,
    LayoutMethod,
    Representation,
    Strategy,
    chosen,
    within,
)
from platonic_atlas.engine.errors import AtlasExists, InputError, UsageError
from platonic_atlas.engine.extract.runner import nobody_asks
from platonic_atlas.engine.names import require_name
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.store.disk import told_of_the_disk, written_whole
from platonic_atlas.engine.store.files import refuse_taken
from platonic_atlas.engine.store.pack import pack, said_to_nobody
from platonic_atlas.engine.store.schema import SUFFIX_DIRECTORY, SUFFIX_ZIP
from platonic_atlas.engine.structures.recipe_file import parse_recipe, read_recipe_tables
from platonic_atlas.engine.types import READOUT, Outcome

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

LAYOUT_CHOICES = {"method": LayoutMethod, "representation": Representation, "frame": FrameName, "balance": Balance}


@dataclass(frozen=True)
class _Means:
    """What the steps of a build share."""

    weights: Path | None = None
    trust_weights: bool = False
    env_root: Path | None = None
    workers: int = 1
    progress: Progress = silent
    told: Callable[[Outcome], None] = nobody_asks


def build(
    recipe: Path | str,
    *,
    to: Path | None = None,
    weights: Path | None = None,
    trust_weights: bool = False,
    env_root: Path | None = None,
    workers: int = 1,
    progress: Progress = silent,
    told: Callable[[Outcome], None] = nobody_asks,
    moved: Callable[[Path], None] = said_to_nobody,
) -> Path:
    """Build the atlas of a recipe; what an interrupted run left complete is not made again.

    to : *.atlas.zip (packed; the growing folder stays beside it) or *.atlas.zarr; default: the recipe's name, here
    weights : a folder in which the models' checkpoints are looked for first
    told : hears of each model, when it is done, what became of it ; moved : where a packed atlas lies now that was at `to`

    Raises
    ------
    AtlasExists
        What lies there is no atlas, or was built from other structures or with other anchors than the recipe names.
    InputError, UsageError, UnknownName
        The recipe cannot be read, says what nobody understands, or its input is not the one that it expects. What can be
        known before the first step is said then.
    """
    recipe, means = Path(recipe), _Means(weights, trust_weights, env_root, workers, progress, told)
    within(workers, "workers", 1)
    tables = read_recipe_tables(recipe)
    target = Path(to) if to is not None else Path(f"{tables['name']}{SUFFIX_ZIP}")
    _understood(recipe, tables, target)
    folder = _folder(target)
    with told_of_the_disk(f"The atlas {folder}"):
        atlas = _begun(recipe, tables, folder) if folder.exists() else _structures(recipe, tables, folder, means)
    _follow(tables["atlas"], recipe, atlas, means)
    return folder if folder == target else pack(atlas, target, force=True, moved=moved)


def _follow(plan: Mapping[str, Any], recipe: Path, atlas: Atlas, means: _Means) -> None:
    """Everything after the structures: models, anchors and layouts."""
    _expected(atlas, plan.get("expected", {}), recipe)
    _embed(atlas, plan, means)
    for wanted in plan.get("anchors", []):
        _anchors(atlas, wanted, recipe)
    for wanted in plan.get("layouts", []):
        _layout(atlas, wanted, means.progress)


def _understood(recipe: Path, tables: Mapping[str, Any], target: Path) -> None:
    """Refuse before the first step what a later one would; raises UsageError, or UnknownName for a model."""
    from platonic_atlas.engine.models.catalogue import find_model, spelled_out
    from platonic_atlas.engine.store.targets import new_target

    new_target(target)
    if target != _folder(target):
        refuse_taken(target.expanduser(), force=True)
    plan = tables["atlas"]
    for wanted in plan.get("anchors", []):
        require_name(wanted["name"], "an anchor set", f"see the anchors of {recipe.name}")
    if "download" in plan:
        _require_address(recipe, plan["download"])
    for name in spelled_out(plan["models"]):
        find_model(name)
    for wanted in plan.get("anchors", []):
        chosen(Strategy, wanted["strategy"], "anchor strategy")
    for wanted in plan.get("layouts", []):
        for key, kind in LAYOUT_CHOICES.items():
            if key in wanted:
                chosen(kind, wanted[key], key)
    if not plan.get("inputs"):
        find_model(parse_recipe(tables, str(recipe)).model)


def _folder(target: Path) -> Path:
    """The growing atlas of a target: itself, or the folder beside the zip."""
    if target.name.endswith(SUFFIX_DIRECTORY):
        return target
    return target.with_name(target.name.removesuffix(SUFFIX_ZIP) + SUFFIX_DIRECTORY)


def _begun(recipe: Path, tables: Mapping[str, Any], folder: Path) -> Atlas:
    """The atlas that an earlier run began, from the same structures as the recipe has now."""
    atlas = open_atlas(folder)
    held, now = atlas.made_with().get("built_from"), _built_from(recipe, tables)
    if not isinstance(held, Mapping) or any(value is not None and held.get(key) != value for key, value in now.items()):
        raise AtlasExists(
            f"{folder} was not built from the structures that {recipe.name} names.",
            "A build goes on with what it began itself, and puts nothing into another atlas.",
            f"Choose another place, such as --to NEW{SUFFIX_DIRECTORY}, or move that atlas away first.",
        )
    return atlas


def _built_from(recipe: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """What the structures of a recipe depend on: by digest, None for an input that is not here."""
    plan = tables["atlas"]
    held: dict[str, Any] = {"primitive": bool(plan.get("primitive", False))}
    if not (inputs := plan.get("inputs")):
        told = {key: value for key, value in tables.items() if key not in ("atlas", "name", "title")}
        return held | {"families": hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}
    places = {name: _here(recipe.parent, Path(name)) for name in inputs}
    return (
        held | {name: None if place is None else _digest(place) for name, place in places.items()} | {"order": inputs}
    )


def _digest(place: Path) -> str:
    """SHA-256 of a file, or of all files of a folder by name."""
    if place.is_file():
        return file_digest(place)
    files = sorted(file for file in place.rglob("*") if file.is_file())
    told = [f"{file.relative_to(place).as_posix()} {file_digest(file)}" for file in files]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _structures(recipe: Path, tables: Mapping[str, Any], folder: Path, means: _Means) -> Atlas:
    """Structures of the recipe's files, or generated by its families and relaxed with its model."""
    from platonic_atlas.engine.store import create_atlas
    from platonic_atlas.engine.structures.collect import collect

    plan = tables["atlas"]
    primitive = bool(plan.get("primitive", False))
    if inputs := plan.get("inputs"):
        files = [_input(recipe.parent, Path(name), plan.get("download")) for name in inputs]
        collection = collect(files, primitive=primitive, progress=means.progress)
        collection.parameters |= {"built_from": _built_from(recipe, tables)}
        return create_atlas(folder, collection)
    from platonic_atlas.engine.extract.session import model_session
    from platonic_atlas.engine.models.catalogue import find_model
    from platonic_atlas.engine.structures.recipes import generate

    wanted = parse_recipe(tables, str(recipe))
    relaxed_with = find_model(wanted.model)
    cache = folder.with_name(folder.name + ".relaxed.jsonl")
    # A relaxation asks in some hundred rounds: the workers stay between them.
    with model_session(
        relaxed_with,
        weights=means.weights,
        trust_weights=means.trust_weights,
        workers=means.workers,
        env_root=means.env_root,
    ) as model:
        made = generate(wanted, model, cache=cache, progress=means.progress)
    collection = collect(made.structures, primitive=primitive, progress=means.progress)
    collection.rejects = [*made.rejects, *collection.rejects]
    collection.parameters |= {
        "built_from": _built_from(recipe, tables),
        "recipe": recipe.name,
        "relaxed_with": relaxed_with.name,
        "seed": tables["seed"],
    }
    return create_atlas(folder, collection)


def _input(beside: Path, name: Path, address: str | None) -> Path:
    """The input file: beside the recipe or below the folder in which one works, else fetched to the latter.

    Raises
    ------
    InputError
        It is neither there nor to be had.
    """
    if (found := _here(beside, name)) is not None:
        return found
    if address is None:
        raise InputError(
            f"{name} is neither beside the recipe nor here.",
            "The recipe reads its structures from it.",
            f"Put the file at {beside / name}",
        )
    if name.is_absolute() or ".." in name.parts:
        raise UsageError(
            f"{name} is not here, and would be fetched to a place outside of this folder.",
            "What a recipe fetches is written below the folder in which one works.",
            f"Put the file at {beside / name}, or mend the line inputs of the recipe.",
        )
    return _fetched(address, name)


def _here(beside: Path, name: Path) -> Path | None:
    return next((file for file in (beside / name, name) if file.exists()), None)


def _fetched(address: str, file: Path) -> Path:
    from http.client import HTTPException
    from urllib.request import urlretrieve

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as partial:
            urlretrieve(address, partial)
    except (OSError, HTTPException, ValueError) as error:  # no network, no such address, a full disk
        raise InputError(
            f"{file} is not there and could not be fetched ({error}).", f"It is {address}", f"Put it at {file}."
        ) from error
    return file


def _require_address(recipe: Path, address: str) -> None:
    """Refuse an address that is not one of the web: another could be a file of this machine."""
    try:
        told = urlsplit(address)
        good = told.scheme in ("http", "https") and bool(told.hostname)
    except ValueError:
        good = False
    if not good:
        raise UsageError(
            f"{recipe}: download of [atlas] is {address!r}.",
            "Expected an address, http:// or https://.",
            "Mend the recipe.",
        )


def _expected(atlas: Atlas, expected: Mapping[str, int], recipe: Path) -> None:
    """Refuse an input that is not the one whose atoms the recipe's anchors name.

    expected : structures and atoms of the input, rejected ones and symmetry copies counted
    """
    found = {"structures": atlas.n_structures + len(atlas.rejects()), "atoms": len(atlas.input_site())}
    for what, number in expected.items():
        if found.get(what) != number:
            raise InputError(
                f"The input of {recipe.name} has {found.get(what, 0):,} {what}.",
                f"The recipe expects {number:,}: its anchors name atoms by their position in that input.",
                "Use the input that the recipe names, or a recipe of your own that is based on this one.",
            )


def _embed(atlas: Atlas, plan: Mapping[str, Any], means: _Means) -> None:
    """Every model of the plan, at the readout and at the layers that the plan names for it."""
    from platonic_atlas.engine.models.catalogue import find_model, spelled_out
    from platonic_atlas.engine.verbs.embed import embed

    for name in spelled_out(plan["models"]):
        layers = list(dict.fromkeys([READOUT, *plan.get("layers", {}).get(name, [])]))
        # What is there is left alone; a run that was killed may have embedded a model and not yet summed its moments.
        embed(atlas, [find_model(name)], layers=layers, weights=means.weights, trust_weights=means.trust_weights,
              env_root=means.env_root, workers=means.workers, progress=means.progress, told=means.told)  # fmt: skip


def _anchors(atlas: Atlas, wanted: Mapping[str, Any], recipe: Path) -> None:
    from platonic_atlas.engine.studies.anchors import atoms_named, differing, request
    from platonic_atlas.engine.verbs.choose_anchors import choose_anchors

    settings = dict(wanted)
    if "file" in settings:
        settings["file"] = recipe.parent / settings["file"]
    if wanted["name"] not in atlas.anchor_sets():
        choose_anchors(atlas, **settings)
        return
    strategy = chosen(Strategy, wanted["strategy"], "anchor strategy")
    atoms = atoms_named(settings["file"]) if "file" in settings else None
    asked = request(strategy, wanted.get("n"), wanted.get("seed", 0), wanted.get("layer", READOUT), atoms)
    if "reference" in wanted:
        asked["reference"] = wanted["reference"]
    if other := differing(atlas.anchor_attrs(wanted["name"]), asked):
        raise AtlasExists(
            f"The anchors {wanted['name']!r} of {atlas.path.name} are not those of {recipe.name} ({', '.join(other)}).",
            "What is there is not made again, and not replaced unasked.",
            f"Take them away, then run the same command again: platonic remove {atlas.path} --anchors {wanted['name']}",
        )


def _layout(atlas: Atlas, wanted: Mapping[str, Any], progress: Progress) -> None:
    from platonic_atlas.engine.verbs.layout import layout

    layout(atlas, **wanted, progress=progress)
