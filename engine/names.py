"""The one rule for names of models, layers, anchor sets, layouts and labels, which become folders of an atlas."""

from __future__ import annotations

import re

from platonic_atlas.engine.errors import UsageError

LONGEST = 100  # bytes in UTF-8, as file systems count
LONGEST_MADE = 250  # of names that are put together, such as a layout's, which bears that of its anchors
RULE = (
    f"A name has 1 to {LONGEST} letters, digits, blanks or signs out of . _ + - ( ), begins with a letter or digit "
    "(letters beyond a-z count twice to four times), and is none that files have of themselves, such as zarr.json."
)
# What Zarr calls its own files, and what Windows keeps for its devices; some systems tell no capitals apart
_RESERVED = re.compile(r"zarr\.json|(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_NAME = re.compile(r"[^\W_](?:[\w .+()\-]*[\w+()\-])?")
_SIGN = re.compile(r"[^\w .+()\-]+")


def is_name(name: object) -> bool:
    """Whether something may be the name of a part of an atlas."""
    if not isinstance(name, str) or len(name) > LONGEST_MADE or _NAME.fullmatch(name) is None:
        return False
    return len(name.encode()) <= LONGEST_MADE and _RESERVED.fullmatch(name) is None


def require_name(name: str, what: str, example: str) -> str:
    """The name, where it follows the rule.

    what : it is called so, such as "anchor set" ; example : a command that names one

    Raises
    ------
    UsageError
        It does not.
    """
    if not is_name(name) or len(name.encode()) > LONGEST:
        shown = f"{name!r}" if len(name) <= LONGEST else f"{name[:40]!r}… ({len(name)} characters)"
        raise UsageError(f"{shown} cannot be the name of {what}.", RULE, f"Choose another name: {example}")
    return name


def fitted(name: str, *, otherwise: str = "unnamed") -> str:
    """The nearest name that follows the rule, for what comes from files."""
    found = _SIGN.sub("-", name).strip(" .-_").encode()[:LONGEST].decode(errors="ignore").strip(" .-_")
    if _RESERVED.fullmatch(found):
        found = f"{found.replace('.', '-')}-"
    return found if is_name(found) else otherwise
