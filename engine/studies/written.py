"""Frozen records as JSON, and back: every field is checked against its type, so that nothing is misread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from platonic_atlas.engine.store.made_from import MadeFrom


class NotWritten(ValueError):
    """A value that its type does not allow; says where."""


def finite(value: float) -> float | None:
    """The number; None for one that is not finite, which JSON does not know."""
    return float(value) if math.isfinite(value) else None


def written(value: Any) -> Any:
    """A record as JSON holds it; numbers that are not finite as null."""
    if isinstance(value, MadeFrom):
        return value.to_json()
    if is_dataclass(value):
        return {field.name: written(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): written(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [written(each) for each in value]
    if isinstance(value, float):
        return finite(value)
    return str(value) if isinstance(value, StrEnum) else value


def read(kind: Any, value: Any, where: str = "") -> Any:
    """The value that was written, as `kind`: a record, enum, tuple, dict, union with None, str, int, float or bool.

    Raises
    ------
    NotWritten
        A part is missing, unknown or of another type.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if value is None else read(next(each for each in inner if each is not NoneType), value, where)
    if kind is MadeFrom:
        return MadeFrom.from_json(value)
    if is_dataclass(kind):
        return _record(kind, value, where)
    if origin in (dict, Mapping):
        _require(isinstance(value, dict), where)
        return {_key(inner[0], name, where): read(inner[1], each, f"{where}.{name}") for name, each in value.items()}
    if origin is tuple:
        return _tuple(inner, value, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        _require(value in list(kind), where)
        return kind(value)
    return _plain(kind, value, where)


def _record(kind: Any, value: Any, where: str) -> Any:
    types = _types(kind)
    _require(isinstance(value, dict) and set(value) == set(types), where or kind.__name__)
    return kind(**{name: read(each, value[name], f"{where}.{name}") for name, each in types.items()})


@cache
def _types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _tuple(inner: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    _require(isinstance(value, list), where)
    kinds = [inner[0]] * len(value) if inner[1:] == (...,) else list(inner)
    _require(len(kinds) == len(value), where)
    return tuple(read(kind, each, f"{where}[{i}]") for i, (kind, each) in enumerate(zip(kinds, value, strict=True)))


def _key(kind: Any, name: str, where: str) -> Any:
    try:
        return kind(name)
    except ValueError as error:
        raise NotWritten(f"{where} has no {name!r}") from error


def _plain(kind: Any, value: Any, where: str) -> Any:
    if kind is float:
        _require(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)), where)
        return math.nan if value is None else float(value)
    _require(type(value) is kind, where)
    return value


def _require(holds: bool, where: str) -> None:
    if not holds:
        raise NotWritten(f"{where.lstrip('.')} is missing, unknown or of another type")
