"""What the attributes of groups are: a file from elsewhere may say anything, and readers count on the type of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from platonic_atlas.engine.store import nodes

Holds = Callable[[Any], bool]


def _is(*kinds: type) -> Holds:
    return lambda value: type(value) in kinds


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _by_name(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values())


_text, _table = _is(str, type(None)), _is(dict)
# Room -> attribute -> what it is, where it is there
ATTRIBUTES: dict[str, dict[str, Holds]] = {
    "anchors": {"strategy": _text, "reference": _text, "layer": _text, "eligible": _text, "atoms": _text},
    "layouts": {
        "anchors": _text, "anchors_digest": _text, "shaping": _strings, "method": _text, "frame": _text, "balance": _text,
        "layer": _text, "centre": _is(bool), "aligned": _is(bool), "within_elements": _is(bool),
    },
    "moments": {"of": _text, "atlas": _text, "balance": _text, "embeddings": _by_name, "format": _is(int)},
    "embeddings": {
        "family": _text, "title": _text, "trained_on": _text, "licence": _text, "origin": _text, "checkpoint_sha256": _text,
        "device": _text, "modal": _text, "symmetry": _text, "control": _is(bool), "n_features": _is(int), "packages": _by_name,
        "parameters": _table, "refused": _by_name,
    },
}  # fmt: skip


def typed(path: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a node, held against their types.

    Raises
    ------
    AtlasError
        One is of another type; the message names it.
    """
    for name, holds in ATTRIBUTES.get(path.split("/")[0], {}).items():
        if name in attributes and not holds(attributes[name]):
            raise nodes.unreadable(path, f"its attribute {name} is {str(attributes[name])[:60]!r}")
    return dict(attributes)
