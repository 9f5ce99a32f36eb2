"""The TOML file of a recipe for structures, read into records; unknown keys are refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from platonic_atlas.engine.choices import MeasuredSource, chosen
from platonic_atlas.engine.elements import MODEL_ELEMENTS, numbers_by_symbol
from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.structures.families import Family, family


def _words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


#: key of [atlas] -> what it is, in words, and whether a value is such
ATLAS_KEYS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "models": ('a list of names, such as ["sevennet-0"]', _words),
    "anchors": ("a list of tables", _tables),
    "layouts": ("a list of tables", _tables),
    "primitive": ("true or false", lambda value: isinstance(value, bool)),
    "inputs": ("a list of files", _words),
    "download": ("an address", lambda value: isinstance(value, str)),
    "expected": (
        "a table of whole numbers",
        lambda value: isinstance(value, dict) and all(map(_count, value.values())),
    ),
    "layers": ("a table of lists of names", lambda value: isinstance(value, dict) and all(map(_words, value.values()))),
}
#: what the verbs of these steps take
STEP_KEYS = {
    "anchors": {"name", "strategy", "n", "reference", "seed", "file", "layer"},
    "layouts": {
        "anchors", "method", "representation", "frame", "within_elements", "models", "shaping", "balance", "centre", "layer", "seed", "aligned",
    },
}  # fmt: skip


@dataclass(frozen=True)
class FamilyRecipe:
    """How one family is decorated.

    share : part of the sites, relative to the other families
    given : in an ionic family, role -> the only elements in it, each with its charge or None for its usual ones
    roles : for an intermetallic family the atomic numbers allowed in each role, else empty
    """

    family: Family
    kind: str
    share: float
    larger_first: bool = False
    given: Mapping[str, Mapping[int, float | None]] = field(default_factory=dict)
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
    experimental: tuple[MeasuredSource, ...]
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
    "experimental": {"sources", "max_formation_energy"},
    "ionic": {"state_share", "anions", "not_cations"},
}
_FAMILY_KEYS = {
    "ionic": {"name", "share", "larger_first", "given"},
    "intermetallic": {"name", "share", "roles", "radius_ratio", "valence"},
}

#: An element and perhaps its charge an atom, a whole number or a fraction, never zero.
_ION = re.compile(r"([A-Z][a-z]?)([+-][1-9]\d*(?:/[1-9]\d*)?)?")


def read_recipe(path: str | Path) -> StructureRecipe:
    """The structures of a recipe file; raises UsageError where a key is unknown or lacking."""
    with Path(path).open("rb") as file:
        return parse_recipe(tomllib.load(file), str(path))


def parse_recipe(tables: Mapping[str, Any], where: str = "recipe") -> StructureRecipe:
    """The structures of a recipe.

    Raises
    ------
    UsageError
        A table or a key is lacking, unknown, or of another kind.
    """
    if "source" in tables.get("experimental", {}):
        raise UsageError(
            f"[experimental] of {where} has the key 'source', which is no more.",
            "Measured crystals come from several sources.",
            'Write sources = ["aflow"] in its place, or an empty list for none.',
        )
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
            experimental=_sources(tables["experimental"]["sources"], where),
            max_measured_energy=float(tables["experimental"]["max_formation_energy"]),
            state_share=float(ionic["state_share"]),
            anions={_number(symbol): int(charge) for symbol, charge in ionic["anions"].items()},
            not_cations=frozenset(map(_number, ionic["not_cations"])),
            families=(*_families(tables, "ionic", where), *_families(tables, "intermetallic", where)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(
            f"{where} cannot be used ({type(error).__name__}: {error}).",
            f"A recipe for structures gives {', '.join(f.name for f in fields(StructureRecipe))}.",
            "Compare with data/recipes/default.toml.",
        ) from error


def _sources(named: Any, where: str) -> tuple[MeasuredSource, ...]:
    if not isinstance(named, list):
        raise UsageError(
            f"sources of [experimental] in {where} is {named!r}.",
            f"Expected a list of any of {', '.join(MeasuredSource)}.",
            'Write such as: sources = ["aflow"]',
        )
    return tuple(chosen(MeasuredSource, each, "source of measured crystals") for each in named)


def _families(tables: Mapping[str, Any], kind: str, where: str) -> list[FamilyRecipe]:
    sets = {name: [_number(symbol) for symbol in symbols] for name, symbols in tables.get("sets", {}).items()}
    found = []
    for entry in tables.get(f"{kind}_family", []):
        _check(entry, _FAMILY_KEYS[kind], f"[[{kind}_family]] of {where}")
        ratio = entry.get("radius_ratio")
        member = family(kind, entry["name"])
        found.append(
            FamilyRecipe(
                family=member,
                kind=kind,
                share=float(entry["share"]),
                larger_first=bool(entry.get("larger_first", False)),
                given=_given(entry.get("given", {}), member, sets),
                roles=tuple(tuple(z for name in role for z in sets[name]) for role in entry.get("roles", [])),
                radius_ratio=(float(ratio[0]), float(ratio[1])) if ratio else None,
                valence=tuple(entry.get("valence", ())),
            )
        )
    return found


def _given(told: Any, member: Family, sets: Mapping[str, Sequence[int]]) -> dict[str, dict[int, float | None]]:
    """Elements that a recipe gives for roles: `{ A = ["alkaline", "Pd+1"], B = "C+4", C = "O-1/2" }`.

    Each is the name of a set, an element, or an element with its charge an atom.
    """
    if not isinstance(told, Mapping):
        raise TypeError(f"given is {told!r}, no table of roles")
    if unknown := sorted(set(told) - set(member.roles)):
        raise KeyError(f"given names {unknown[0]!r}; the roles of {member.name} are {', '.join(member.roles)}")
    found: dict[str, dict[int, float | None]] = {}
    for role, words in told.items():
        words = [words] if isinstance(words, str) else words
        if not _words(words) or not words:
            raise TypeError(f"given {role} is {words!r}, neither an element nor a list of elements and sets")
        found[role] = dict(pair for word in words for pair in _elements(word, sets))
    return found


def _elements(word: str, sets: Mapping[str, Sequence[int]]) -> list[tuple[int, float | None]]:
    """Atomic numbers that a word of `given` means, with the charge that it tells."""
    if word in sets:
        return [(number, None) for number in sets[word]]
    parts = _ION.fullmatch(word)
    if parts is None:
        raise ValueError(
            f"given {word!r} is no set, no element and no element with its charge such as 'C+4' or 'O-1/2'"
        )
    symbol, charge = parts.groups()
    return [(_number(symbol), None if charge is None else float(Fraction(charge)))]


def _check(table: Any, known: set[str], where: str) -> None:
    if not isinstance(table, Mapping):
        raise UsageError(f"{where} is {table!r}.", "It is a table.", "Mend the recipe.")
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
    """The tables of a recipe; one that says `based_on` takes what it does not say itself from the recipe of that name.

    Raises
    ------
    InputError
        It is no TOML file.
    UsageError
        It is based on itself, or what it says is not of the kind that a recipe says.
    """
    tables = _based(recipe, ())
    _check_plan(recipe, tables)
    return tables


def _based(recipe: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    tables, place = _toml(recipe), recipe.resolve()
    if place in above:
        raise UsageError(
            f"{recipe} is based on itself{', by way of ' + ', '.join(each.name for each in above[1:]) if above[1:] else ''}.",
            "A recipe takes what it does not say itself from another one.",
            "Mend its line based_on.",
        )
    base = tables.pop("based_on", None)
    if base is None:
        return tables
    if not isinstance(base, str):
        raise _strange(recipe, "based_on", "the name of a recipe", base)
    below, own = _based(recipe.parent / base, (*above, place)), tables.get("atlas", {})
    if not isinstance(own, dict) or not isinstance(below.get("atlas", {}), dict):
        return tables
    return {**below, **tables, "atlas": {**below.get("atlas", {}), **own}}


def _toml(recipe: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(recipe.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"{recipe} cannot be read as a recipe ({error}).",
            "A recipe is a TOML file.",
            "See data/recipes/default.toml.",
        ) from error


def _check_plan(recipe: Path, tables: Mapping[str, Any]) -> None:
    """What the steps of a build read is of the kind that they expect."""
    plan = tables.get("atlas")
    if not isinstance(plan, dict) or "models" not in plan or "name" not in tables or set(plan) - set(ATLAS_KEYS):
        strange = ", ".join(sorted(set(plan) - set(ATLAS_KEYS))) if isinstance(plan, dict) else ""
        raise UsageError(
            f"{recipe} has no usable table [atlas] (strange in it: {strange or 'nothing'}).",
            f"A recipe has a name and a table [atlas] with models and any of {', '.join(sorted(ATLAS_KEYS))}.",
            "See data/recipes/default.toml.",
        )
    name = tables["name"]
    if not isinstance(name, str) or not name.strip() or "/" in name or "\\" in name:
        raise _strange(recipe, "name", "a word that can name a file", name)
    for key, value in plan.items():
        told, fits = ATLAS_KEYS[key]
        if not fits(value):
            raise _strange(recipe, f"{key} of [atlas]", told, value)
    for step, known in STEP_KEYS.items():
        for wanted in plan.get(step, []):
            _check(wanted, known, f"{step} of [atlas] in {recipe}")
    for wanted in plan.get("anchors", []):
        if not {"name", "strategy"} <= set(wanted):
            raise _strange(recipe, "anchors of [atlas]", "tables with a name and a strategy at least", wanted)


def _strange(recipe: Path, what: str, expected: str, found: Any) -> UsageError:
    return UsageError(
        f"{recipe}: {what} is {found!r}.", f"Expected {expected}.", "Mend the recipe; see data/recipes/default.toml."
    )
