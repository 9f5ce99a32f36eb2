"""JSON: structures as pymatgen, ASE, OPTIMADE, JARVIS, chemiscope and matbench write them, in lists and lines of them.

Nothing is made but numbers and text: what a file names as class or module is not looked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from ase import Atoms

from platonic_atlas.engine.structures.formats import species
from platonic_atlas.engine.structures.formats.frame import (
    FULL,
    PARTLY,
    Frame,
    broken,
    identifier,
    left_out,
    number,
    parsed,
    scalar,
)
from platonic_atlas.engine.structures.formats.species import Unclear

#: Lists and mappings are looked into so deep for structures.
DEEPEST = 5
#: Characters of one document: once parsed it takes up to 26 times as many bytes.
LONGEST = 256 * 1024**2
_INSIDE = ("structure", "atoms", "final_structure", "initial_structure", "optimized_structure", "structures", "data")
#: Under this name the structures are handed on that stand beside the one that is read.
NOT_READ = "structures beside"
#: Names that ASE gives to every row of a database.
_NO_IDS = ("unique_id", "uid")
_VACANCY = ("vacancy", "X", "x")


def read(text: str, source: str) -> Iterator[Frame]:
    """Every structure of a JSON document, or of a document on every line."""
    k = -1
    try:
        for k, frame in enumerate(_documents(text, source)):
            frame.id = frame.id or f"{source}#{k}"
            yield frame
    except TooLong as error:
        yield broken(f"{source}#{k + 1}", source, str(error))
        return
    except ValueError:
        yield broken(f"{source}#{k + 1}", source, "it is no JSON")
        return
    except RecursionError:
        yield broken(f"{source}#{k + 1}", source, "it is JSON nested deeper than any structure")
        return
    if k < 0:
        yield broken(f"{source}#0", source, "JSON without a structure of a known form")


class TooLong(Exception):
    """A document that would take more memory than there is."""


def _documents(text: str, source: str) -> Iterator[Frame]:
    try:
        document = _loaded(text)
    except (ValueError, TooLong):
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2 or 2 * sum(map(_stands_alone, lines)) <= len(lines):
            raise
        for line in lines:
            yield from _of_line(line, source)
        return
    yield from structures(document, source, {}, 0)


def _loaded(text: str) -> Any:
    if len(text) > LONGEST:
        raise TooLong(f"its JSON is longer than {LONGEST >> 20} MiB: give a structure a line (.jsonl), or parts of it")
    return json.loads(text)


def _stands_alone(line: str) -> bool:
    """Whether a line opens what it closes: else the lines are parts of one document, which is broken."""
    return line.strip()[:1] + line.strip()[-1:] in ("{}", "[]")


def _of_line(line: str, source: str) -> Iterator[Frame]:
    try:
        document = _loaded(line)
    except (ValueError, TooLong) as error:
        yield broken("", source, str(error) if isinstance(error, TooLong) else "this line is no JSON")
        return
    found = structures(document, source, {}, 0)
    yield next(found, None) or _nothing(document, {}, source)
    yield from found


def structures(node: Any, source: str, given: Mapping[str, Any], depth: int) -> Iterator[Frame]:
    """Structures at and below a node; `given` is what stood beside it."""
    if depth > DEEPEST:
        return
    if isinstance(node, list):
        yield from _entries(lambda: ((each, given) for each in node), source, depth)
    elif isinstance(node, Mapping):
        form = _form(node)
        if form is not None:
            yield _frame(form, node, source, given)
        elif _holds_entries(node):
            yield from _entries(lambda: _children(node, given), source, depth)
        else:
            for below, beside in _children(node, given):
                yield from structures(below, source, beside, depth + 1)


def _entries(
    children: Callable[[], Iterable[tuple[Any, Mapping[str, Any]]]], source: str, depth: int
) -> Iterator[Frame]:
    """Structures of a list; where some of it are structures, each of the others is listed as none."""
    some = False
    for k, (node, given) in enumerate(children()):
        found = structures(node, source, given, depth + 1)
        first = next(found, None)
        if first is None:
            if some:
                yield _nothing(node, given, source)
            continue
        if not some:  # those before it are gone through again, for a list of a million numbers is none of entries
            yield from (_nothing(*each, source) for each in islice(children(), k))
        some = True
        yield first
        yield from found


def _nothing(node: Any, given: Mapping[str, Any], source: str) -> Frame:
    named = identifier({**given, **own_of(node)} if isinstance(node, Mapping) else given)
    return left_out(named, source, "this entry holds no structure of a known form")


def _form(node: Mapping[str, Any]) -> Any:
    """What reads a node of this form, None where it is of none."""
    for known, read in _FORMS:
        try:
            if known(node):
                return read
        except (ValueError, TypeError):  # an array that is broken: reading it tells why
            return read
    return None


def _holds_entries(node: Mapping[str, Any]) -> bool:
    """Whether a table, an ASE database or a chemiscope file: their children are one structure each."""
    return any(isinstance(node.get(key), list) for key in ("columns", "ids", "structures"))


def _children(node: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    if isinstance(node.get("columns"), list) and isinstance(node.get("data"), list):
        names = [str(name) for name in node["columns"]]
        for row in node["data"]:
            if isinstance(row, list):
                yield dict(zip(names, row, strict=False)), given
        return
    if isinstance(node.get("ids"), list) and "nextid" in node:
        for key in node["ids"]:
            yield node.get(str(key)), given
        return
    if isinstance(node.get("structures"), list) and isinstance(node.get("properties"), Mapping):
        yield from _chemiscope(node, given)
        return
    inside = [key for key in _INSIDE if isinstance(node.get(key), (list, Mapping))]
    data = node.get("data") if inside[:1] != ["data"] else None
    beside = {**given, **(own_of(data) if isinstance(data, Mapping) else {}), **own_of(node)}
    if inside:
        others = [key for key in inside[1:] if isinstance(node[key], Mapping) and _form(node[key])]
        yield node[inside[0]], {**beside, **({NOT_READ: others} if others else {})}
        return
    for key, value in node.items():
        if isinstance(value, (list, Mapping)):
            yield value, {"id": str(key), **beside} if isinstance(value, Mapping) else beside


def _chemiscope(node: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Properties of structures become labels of theirs."""
    for k, each in enumerate(node["structures"]):
        labels = {
            str(name): values["values"][k]
            for name, values in node["properties"].items()
            if isinstance(values, Mapping) and values.get("target") == "structure"
            and isinstance(values.get("values"), list) and k < len(values["values"])
        }  # fmt: skip
        yield each, {**given, **labels}


def _frame(form: Any, node: Mapping[str, Any], source: str, given: Mapping[str, Any]) -> Frame:
    name = identifier(given)
    try:
        atoms, own = form(node)
    except Unclear as unclear:
        return left_out(identifier(own_of(node)) or name, source, str(unclear))
    except Exception as error:
        return broken(name, source, error)
    notes = [*own.pop("notes", []), *(f"{name} beside it was not read" for name in given.get(NOT_READ, ()))]
    return parsed(atoms, "", source, {**given, **own}, columns={}, notes=notes)


def own_of(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if not isinstance(value, (list, Mapping))}


def _pymatgen(node: Mapping[str, Any]) -> tuple[Atoms, dict[str, Any]]:
    numbers: list[int] = []
    notes: set[str] = set()
    for site in node["sites"]:
        kinds = site["species"]
        shares = [number(kind["occu"]) for kind in kinds]
        if len(kinds) != 1 or shares[0] is None or abs(shares[0] - 1) > FULL:
            raise Unclear(PARTLY)
        numbers.append(_element(str(kinds[0]["element"]), notes))
    lattice = node.get("lattice")
    if lattice is None:
        return Atoms(numbers, positions=_places([site["xyz"] for site in node["sites"]])), {"notes": sorted(notes)}
    cell = _places(lattice["matrix"])
    pbc = lattice.get("pbc", [True] * 3)
    places = _places([site["abc"] for site in node["sites"]])
    return Atoms(numbers, scaled_positions=places, cell=cell, pbc=pbc), {"notes": sorted(notes)}


def _element(symbol: str, notes: set[str]) -> int:
    z, note = species.of_symbol(symbol)
    notes |= {note} - {""}
    return z


def _places(values: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(values, dtype=float).reshape(-1, 3)
    return array


def _optimade(node: Mapping[str, Any]) -> tuple[Atoms, dict[str, Any]]:
    said = node["attributes"]
    features = set(said.get("structure_features") or ())
    if features & {"implicit_atoms", "unknown_positions"}:
        raise Unclear("atoms are stated without a place")
    if "assemblies" in features or said.get("assemblies"):
        raise Unclear("disordered: groups of atoms that stand for one another leave open which are there")
    if (stated := number(said.get("nsites"))) is not None and stated != len(said["cartesian_site_positions"]):
        raise Unclear(f"it states {stated:g} sites and lists {len(said['cartesian_site_positions'])}")
    notes: set[str] = set()
    of = {kind["name"]: _whole(kind, notes) for kind in said.get("species") or ()}
    numbers = [of[name] if name in of else _element(name, notes) for name in said["species_at_sites"]]
    places = said["cartesian_site_positions"]
    if any(coordinate is None for place in places for coordinate in place):
        raise Unclear("an atom has no coordinates")
    vectors = said.get("lattice_vectors")
    cell = _places([[x or 0.0 for x in vector] for vector in vectors]) if vectors else np.zeros((3, 3))
    pbc = [bool(each) for each in said.get("dimension_types") or ([1] * 3 if vectors else [0] * 3)]
    kept = {key: value for key, value in said.items() if scalar(value) and key != "nsites"}
    return Atoms(numbers, positions=_places(places), cell=cell, pbc=pbc), {
        **kept, "id": node.get("id"), "notes": sorted(notes)
    }  # fmt: skip


def _whole(kind: Mapping[str, Any], notes: set[str]) -> int:
    shares = kind.get("concentration") or [1.0] * len(kind["chemical_symbols"])
    if any(number(each) for each in kind.get("nattached") or ()):
        raise Unclear("atoms are stated as attached to others, without a place")
    whole = [symbol for symbol, share in zip(kind["chemical_symbols"], shares, strict=True) if share > 0]
    if len(whole) != 1 or whole[0] in _VACANCY or abs(sum(shares) - 1) > FULL:
        raise Unclear(PARTLY)
    return _element(whole[0], notes)


def _jarvis(node: Mapping[str, Any]) -> tuple[Atoms, dict[str, Any]]:
    notes: set[str] = set()
    numbers = [_element(str(symbol), notes) for symbol in node["elements"]]
    where = {"positions" if node.get("cartesian") else "scaled_positions": _places(node["coords"])}
    return Atoms(numbers, cell=_places(node["lattice_mat"]), pbc=True, **where), {"notes": sorted(notes)}


def _of_chemiscope(node: Mapping[str, Any]) -> tuple[Atoms, dict[str, Any]]:
    notes: set[str] = set()
    numbers = [_element(str(symbol), notes) for symbol in node["names"]]
    places = np.array([node["x"], node["y"], node["z"]], dtype=float).T
    cell = node.get("cell")
    placed = Atoms(numbers, positions=places, cell=_places(cell) if cell else None, pbc=bool(cell))
    return placed, {"notes": sorted(notes)}


def _ase(node: Mapping[str, Any]) -> tuple[Atoms, dict[str, Any]]:
    """An ASE row or the values of `Atoms` by name, arrays as lists or as ASE encodes them."""
    notes: set[str] = set()
    stated = _plain(node.get("numbers", node.get("atomic_numbers")))
    symbols = _plain(node.get("symbols", node.get("elements", node.get("species"))))
    if isinstance(symbols, str) or isinstance(stated, str):
        raise Unclear("its elements are one text and not a list")
    meant = None if symbols is None else [_element(str(each), notes) for each in symbols]
    numbers = meant if stated is None else species.of_numbers(np.asarray(stated).tolist(), meant)
    cell = _plain(node.get("cell", node.get("lattice")))
    cell = None if cell is None else np.array(cell, dtype=float).reshape(3, -1)
    pbc = _plain(node.get("pbc"))
    if pbc is None:
        pbc = False if cell is None else [bool(np.any(vector)) for vector in np.broadcast_to(cell, (3, cell.shape[1]))]
    own = {key: value for key, value in own_of(node).items() if key not in _NO_IDS and identifier({key: value})}
    kept = {**own, **(_plain(node.get("key_value_pairs")) or {}), **(_plain(node.get("info")) or {})}
    kept |= {name: node[name] for name in ("energy", "occupancy") if name in node}
    if isinstance(data := node.get("data"), Mapping) and "occupancy" in data:
        kept["occupancy"] = data["occupancy"]
    atoms = Atoms(
        numbers, positions=_places(_plain(node["positions"])), cell=None if cell is None else np.squeeze(cell), pbc=pbc
    )
    return atoms, {**kept, "notes": sorted(notes)}


def _plain(value: Any) -> Any:
    """Lists and numbers of what ASE encodes as {"__ndarray__": [shape, dtype, values]} and {"array": …}."""
    if isinstance(value, Mapping):
        if "__ndarray__" in value:
            shape, dtype, values = value["__ndarray__"]
            flat = np.array(values, dtype=bool if "bool" in str(dtype) else float)
            return flat.reshape([int(n) for n in shape])
        if "array" in value:
            return _plain(value["array"])
    return value


def _lists(*names: str) -> Any:
    return lambda node: all(isinstance(_plain(node.get(name)), (Sequence, np.ndarray)) for name in names)


_FORMS = (
    (lambda node: _lists("sites")(node) and isinstance(node["sites"][:1], list)
     and all(isinstance(site, Mapping) and "species" in site for site in node["sites"]), _pymatgen),
    (lambda node: isinstance(node.get("attributes"), Mapping) and "cartesian_site_positions" in node["attributes"], _optimade),
    (lambda node: "lattice_mat" in node and "coords" in node, _jarvis),
    (_lists("names", "x", "y", "z"), _of_chemiscope),
    (lambda node: _lists("positions")(node) and any(
        name in node for name in ("numbers", "atomic_numbers", "symbols", "elements", "species")), _ase),
)  # fmt: skip
