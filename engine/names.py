"""The one rule for names of models, layers, anchor sets, layouts and labels, which become folders of an atlas."""

from __future__ import annotations

import re

from platonic_atlas.engine.errors import UsageError

LONGEST = 100
LONGEST_MADE = 250  # of names that are put together, such as a layout's, which bears that of its anchors
RULE = (
    f"A name has 1 to {LONGEST} letters, digits, blanks or signs out of . _ + - ( ), and begins with a letter or digit."
)
_NAME = re.compile(r"[^\W_](?:[\w .+()\-]*[\w+()\-])?")
_SIGN = re.compile(r"[^\w .+()\-]+")


def is_name(name: object) -> bool:
    """Whether something may be the name of a part of an atlas."""
    return isinstance(name, str) and len(name) <= LONGEST_MADE and _NAME.fullmatch(name) is not None


def require_name(name: str, what: str, example: str) -> str:
    """The name, where it follows the rule.

    what : it is called so, such as "anchor set" ; example : a command that names one

    Raises
    ------
    UsageError
        It does not.
    """
    if not is_name(name) or len(name) > LONGEST:
        shown = f"{name!r}" if len(name) <= LONGEST else f"{name[:40]!r}… ({len(name)} characters)"
        raise UsageError(f"{shown} cannot be the name of {what}.", RULE, f"Choose another name: {example}")
    return name


def fitted(name: str, *, otherwise: str = "unnamed") -> str:
    """The nearest name that follows the rule, for what comes from files."""
    found = _SIGN.sub("-", name).strip(" .-_")[:LONGEST].strip(" .-_")
    return found if is_name(found) else otherwise
