"""Labels of sites: those that were made at ingest lie with the sites, those that came later each by itself.

So a label is added as an anchor set is: nothing that is there is written again, and who is killed loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.names import require_name
from platonic_atlas.engine.store import schema
from platonic_atlas.engine.store.derived import Derived


class Labels(Derived):
    """The labels of an atlas; a base of `Atlas`."""

    def label_names(self) -> list[str]:
        return sorted({*self._group("sites/labels"), *self._added()})

    def label(self, name: str) -> np.ndarray[Any, Any]:
        """(n_sites,) strings; where one of the same name was added, that one."""
        if self._complete(schema.added_label_path(name)):
            return self._values(f"{schema.added_label_path(name)}/label")
        self._require(schema.label_path(name), f"label {name!r}", self.label_names, f"platonic label {self.path}")
        return self._values(schema.label_path(name))

    def write_label(self, name: str, values: Sequence[str]) -> None:
        """Add a label to an atlas that was made without it, or in place of one that was added before.

        values : (n_sites,)

        Raises
        ------
        UsageError
            The name does not follow the rule of names.
        ReadOnlyAtlas
            It is a shipped one.
        """
        self.require_writable(added="Labels")
        require_name(name, "a label", f"platonic label {self.path}")
        self._replace(schema.added_label_path(name), {"label": (values, schema.LABEL)}, {})

    def damaged_labels(self) -> dict[str, str]:
        """Path -> what is wrong, of labels that were added and cannot be read: they can be made again."""
        found = {}
        for name in self._added():
            try:
                self.label(name)
            except AtlasError as error:
                found[schema.added_label_path(name)] = error.happened
        return found

    def _added(self) -> list[str]:
        return [name for name in self._group("labels") if self._complete(schema.added_label_path(name))]
