"""The modules of `dashboard/assets`, put together into the one text that Panel hands to the browser.

Panel imports a component from a `blob:` address, against which no path of ours can be resolved; an import map would
need a server, which an exported page does not have, and a request for each module before the first paint.
"""

from __future__ import annotations

import re
from functools import cache
from posixpath import dirname, join, normpath

from platonic_atlas.dashboard.theme import asset

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|const|class) (\w+))", re.MULTILINE)
UNREAD = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


def bundle(name: str) -> str:
    """The module `name` (as "score_panel.js") with all that it imports, in the order of the imports.

    Each imported module is a function that is called once, so that names of two modules never meet.
    Raises ValueError for imports in a circle and for forms other than `import { … } from "./…"` and
    `export function|const|class`.
    """
    order: dict[str, None] = {}
    _collect(name, order, ())
    *imported, own = order
    return "\n".join([*(_enclosed(each) for each in imported), _body(own)])


def _collect(name: str, order: dict[str, None], above: tuple[str, ...]) -> None:
    """Put `name` behind what it imports."""
    if name in above:
        raise ValueError(f"The modules {' → '.join([*above, name])} import each other; move what both need to a third.")
    if name in order:
        return
    for _, path in IMPORT.findall(asset(name)):
        _collect(_resolved(path, name), order, (*above, name))
    order[name] = None


def _resolved(path: str, importer: str) -> str:
    return normpath(join(dirname(importer), path))


def _variable(name: str) -> str:
    return "module_" + re.sub(r"\W", "_", name.removesuffix(".js"))


@cache
def _body(name: str) -> str:
    """The text of a module with imports as constants; its exports are left as they are."""

    def constants(found: re.Match[str]) -> str:
        names = " ".join(found[1].replace(" as ", ": ").split())
        return f"const {{ {names} }} = {_variable(_resolved(found[2], name))};\n"

    text = IMPORT.sub(constants, asset(name))
    if unread := UNREAD.search(EXPORT.sub("", text)):
        raise ValueError(
            f'dashboard/assets/{name} has the line "{unread[0]}".\n'
            'Expected: import { names } from "./module.js"; and export before a function, const or class.\n'
            "Write it so: modules are put together by dashboard/components/modules.py."
        )
    return text


def _enclosed(name: str) -> str:
    exported = ", ".join(EXPORT.findall(_body(name)))
    inside = EXPORT.sub("", _body(name))
    return f"const {_variable(name)} = (() => {{\n{inside}return {{ {exported} }};\n}})();"
