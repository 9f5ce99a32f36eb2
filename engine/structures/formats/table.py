"""Tables of structures: one a row, as text in the column `cif` or `structure`. No path is opened and no text evaluated."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Mapping

from platonic_atlas.engine.structures.formats import cif, json_forms, poscar
from platonic_atlas.engine.structures.formats.frame import Frame, broken, identifier, left_out, parsed

#: Columns that may hold a structure, in the order in which they are looked for, whatever their case.
STRUCTURE_COLUMNS = ("cif", "structure", "cif.conv", "cif_conv", "cifs", "poscar", "atoms")
SEPARATORS = ",;\t"


def read(text: str, source: str) -> Iterator[Frame]:
    """The structures of every row; several of one cell come all."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    head = next(_lines(text), "")
    separator = max(SEPARATORS, key=lambda mark: head.count(mark))
    rows = csv.reader(_lines(text), delimiter=separator, skipinitialspace=True)
    k = 0
    try:
        names = [name.strip() for name in next(rows, [])]
        column = _column(names)
        if not column:
            yield broken(f"{source}#0", source, "a table of structures needs a column named cif or structure")
            return
        for k, row in enumerate(rows):
            if any(value.strip() for value in row):
                yield from _row(dict(zip(names, row, strict=False)), column, f"{source}#{k}", source)
    except csv.Error as error:
        yield broken(f"{source}#{k}", source, f"the table breaks off ({error})")
        return
    if text.count("\n") <= 1 and not text.partition("\n")[2].strip():
        yield broken(f"{source}#0", source, "the table has a header and no rows")


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, one after the other: cells go on over them."""
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        yield text[at:end]
        at = end


def _column(names: list[str]) -> str:
    folded = {name.lower(): name for name in reversed(names)}
    return next((folded[name] for name in STRUCTURE_COLUMNS if name in folded), "")


def _row(row: Mapping[str, str], column: str, name: str, source: str) -> Iterator[Frame]:
    given = {key: value for key, value in row.items() if key != column and value.strip()}
    own = identifier(given) or name
    frames = list(_cell(row.get(column, ""), own, source))
    for frame in frames:
        yield _with_row(frame, given, own, source)


def _with_row(frame: Frame, given: Mapping[str, str], own: str, source: str) -> Frame:
    """The frame under the name of its row, with what the other columns say of it."""
    if frame.atoms is None:
        frame.id = own
        return frame
    known = {key: value for key, value in given.items() if not key.lower().startswith("unnamed")}
    made = parsed(frame.atoms, own, source, {**frame.labels, **known}, columns={}, notes=frame.notes)
    number = next((given[key] for key in given if key.lower() in ("spacegroup.number", "spacegroup_number")), "")
    if number:
        made.labels = {key: value for key, value in made.labels.items() if not key.lower().startswith("spacegroup")}
        made.labels["spacegroup"] = number
    if frame.energy is not None and made.energy is None:
        made.energy, made.energy_key = frame.energy, frame.energy_key
    return made


def _cell(text: str, name: str, source: str) -> Iterator[Frame]:
    """The structures of one cell by what it is: CIF, JSON or POSCAR; else why it is none."""
    bare = text.strip()
    if not bare:
        yield left_out(name, source, "the cell that should hold the structure is empty")
    elif re.match(r"['\"]\s*(#|data_)|.*\\n", bare[:400]):
        yield left_out(name, source, "the cell holds a text of Python, which is not evaluated")
    elif bare[0] in "{[":
        yield from json_forms.read(bare, source)
    elif re.search(r"(?im)^[ \t]*(data_|loop_|_cell_length_a)", bare):
        yield from cif.read(text, source)
    elif "\n" not in bare:
        said = "a path, which is not opened" if re.search(r"[\\/]|\.\w{2,5}$", bare) else "no structure"
        yield left_out(name, source, f"the cell holds {said}")
    else:
        yield from poscar.read(text, source)
