"""The TOML file of a recipe for structures, read into records; unknown keys are refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from platonic_atlas.engine.elements import MODEL_ELEMENTS, numbers_by_symbol
from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.structures.families import Family, family

ATLAS_KEYS = {"models", "anchors", "layouts", "primitive", "inputs", "download", "expected", "layers"}


@dataclass(frozen=True)
class FamilyRecipe:
    """How one family is decorated.

    share : part of the sites, relative to the other families
    roles : for an intermetallic family the atomic numbers allowed in each role, else empty
    """

    family: Family
    kind: str
    share: float
    larger_first: bool = False
    roles: tuple[tuple[int, ...], ...] = ()
    radius_ratio: tuple[float, float] | None = None
    valence: tuple[int, ...] = ()


@dataclass(frozen=True)
class StructureRecipe:
    """Everything that decides which structures a data set holds.

    sites : the number of sites to reach ; max_formation_energy [eV/atom] of decorations, max_measured_energy of
        experimental structures
    anions : atomic number -> charge ; state_share [%] ; element_lengths : factors on relaxed lengths
    """

    name: str
    title: str
    seed: int
    sites: int
    max_atoms: int
    model: str
    max_formation_energy: float
    element_structures: tuple[str, ...]
    minimum_sites: int
    element_lengths: tuple[float, ...]
    experimental: str
    max_measured_energy: float
    state_share: float
    anions: Mapping[int, int]
    not_cations: frozenset[int]
    families: tuple[FamilyRecipe, ...]
    elements: tuple[int, ...] = MODEL_ELEMENTS


#: table -> its keys; tables that other steps of a build read (models, anchors, layouts) pass unread.
_KEYS: dict[str, set[str]] = {
    "relaxation": {"model", "max_formation_energy"},
    "elements": {"structures", "minimum_sites", "lengths"},
    "experimental": {"source", "max_formation_energy"},
    "ionic": {"state_share", "anions", "not_cations"},
}
_FAMILY_KEYS = {
    "ionic": {"name", "share", "larger_first"},
    "intermetallic": {"name", "share", "roles", "radius_ratio", "valence"},
}


def read_recipe(path: str | Path) -> StructureRecipe:
    """The structures of a recipe file; raises UsageError where a key is unknown or lacking."""
    with Path(path).open("rb") as file:
        return parse_recipe(tomllib.load(file), str(path))


def parse_recipe(tables: Mapping[str, Any], where: str = "recipe") -> StructureRecipe:
    for name, known in _KEYS.items():
        _check(tables.get(name, {}), known, f"[{name}] of {where}")
    try:
        relaxation, elements, ionic = tables["relaxation"], tables["elements"], tables["ionic"]
        return StructureRecipe(
            name=tables["name"],
            title=tables["title"],
            seed=int(tables["seed"]),
            sites=int(tables["sites"]),
            max_atoms=int(tables["max_atoms"]),
            model=relaxation["model"],
            max_formation_energy=float(relaxation["max_formation_energy"]),
            element_structures=tuple(elements["structures"]),
            minimum_sites=int(elements["minimum_sites"]),
            element_lengths=tuple(map(float, elements["lengths"])),
            experimental=tables["experimental"]["source"],
            max_measured_energy=float(tables["experimental"]["max_formation_energy"]),
            state_share=float(ionic["state_share"]),
            anions={_number(symbol): int(charge) for symbol, charge in ionic["anions"].items()},
            not_cations=frozenset(map(_number, ionic["not_cations"])),
            families=(*_families(tables, "ionic", where), *_families(tables, "intermetallic", where)),
        )
    except KeyError as error:
        raise UsageError(
            f"{where} cannot be used: {error}.",
            f"A recipe for structures gives {', '.join(f.name for f in fields(StructureRecipe))}.",
            "Compare with data/recipes/default.toml.",
        ) from error


def _families(tables: Mapping[str, Any], kind: str, where: str) -> list[FamilyRecipe]:
    sets = {name: [_number(symbol) for symbol in symbols] for name, symbols in tables.get("sets", {}).items()}
    found = []
    for entry in tables.get(f"{kind}_family", []):
        _check(entry, _FAMILY_KEYS[kind], f"[[{kind}_family]] of {where}")
        ratio = entry.get("radius_ratio")
        found.append(
            FamilyRecipe(
                family=family(kind, entry["name"]),
                kind=kind,
                share=float(entry["share"]),
                larger_first=bool(entry.get("larger_first", False)),
                roles=tuple(tuple(z for name in role for z in sets[name]) for role in entry.get("roles", [])),
                radius_ratio=(float(ratio[0]), float(ratio[1])) if ratio else None,
                valence=tuple(entry.get("valence", ())),
            )
        )
    return found


def _check(table: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise UsageError(
            f"{where} has the unknown key {unknown[0]!r}.", f"Known are {', '.join(sorted(known))}.", "Mend the recipe."
        )


def _number(symbol: str) -> int:
    if symbol not in numbers_by_symbol():
        raise KeyError(f"{symbol!r} is no element")
    return numbers_by_symbol()[symbol]


def read_recipe_tables(recipe: Path) -> dict[str, Any]:
    """The tables of a recipe; one that says `based_on` takes what it does not say itself from the recipe of that name."""
    try:
        tables = tomllib.loads(recipe.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"{recipe} cannot be read as a recipe ({error}).",
            "A recipe is a TOML file.",
            "See data/recipes/default.toml.",
        ) from error
    if base := tables.pop("based_on", None):
        below = read_recipe_tables(recipe.parent / str(base))
        own = tables.get("atlas", {})
        tables = {**below, **tables, "atlas": {**below["atlas"], **own}} if isinstance(own, dict) else tables
    plan = tables.get("atlas")
    if not isinstance(plan, dict) or "models" not in plan or "name" not in tables or set(plan) - ATLAS_KEYS:
        strange = ", ".join(sorted(set(plan or {}) - ATLAS_KEYS)) or "nothing"
        raise UsageError(
            f"{recipe} has no usable table [atlas] (strange in it: {strange}).",
            f"A recipe has a name and a table [atlas] with models and any of {', '.join(sorted(ATLAS_KEYS))}.",
            "See data/recipes/default.toml.",
        )
    return tables
