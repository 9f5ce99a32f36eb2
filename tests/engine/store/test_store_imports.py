"""Imports of the store go one way: no module of it needs one that needs it, not even for its types."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

STORE = "platonic_atlas.engine.store"


def needed(file: Path) -> set[str]:
    """Modules of the store that a module imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == STORE:
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{STORE}."):
            found.add(str(node.module).removeprefix(f"{STORE}."))
    return found


def test_no_module_of_the_store_needs_itself_in_the_end():
    spec = find_spec(STORE)
    assert spec is not None and spec.origin is not None
    modules = {file.stem: file for file in Path(spec.origin).parent.glob("*.py") if file.stem != "__init__"}
    graph = {name: needed(file) & set(modules) for name, file in modules.items()}
    assert "embedding_writer" in graph
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError
