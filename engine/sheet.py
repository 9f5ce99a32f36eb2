"""Tables as text for a spreadsheet, which must not take a word from a file for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# At the start, and behind what another country's spreadsheet takes for the end of a cell
FORMULA = re.compile(r"(^|[;,\t])(\s*)(?=[=+\-@])")


def sheet(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Comma-separated lines; words that a spreadsheet would run, in the header too, are led by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([plain(name) for name in header])
    writer.writerows([plain(value) for value in row] for row in rows)
    return out.getvalue()


def plain(value: Any) -> Any:
    """A cell as it is written: numbers as they are, words in one line and without formulas."""
    if not isinstance(value, str) or _is_number(value):
        return value
    return FORMULA.sub(r"\1\2'", re.sub(r"[\r\n\v\f]+", " ", value).replace("\t", " "))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
