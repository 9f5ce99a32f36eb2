"""Studies of an atlas: numbers and words that took seconds to hours, kept with all that they were made from.

The store keeps documents (JSON); what is in them is known to `platonic_atlas.engine.studies`.
"""

from __future__ import annotations

import hashlib
import json
import logging
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platonic_atlas.engine.errors import AtlasError, InputError
from platonic_atlas.engine.store import schema
from platonic_atlas.engine.store.admit import MAX_DOCUMENT_BYTES, plain_json
from platonic_atlas.engine.store.derived import Derived
from platonic_atlas.engine.store.disk import told_of_the_disk, write_whole
from platonic_atlas.engine.store.made_from import MadeFrom

STUDIES_SUFFIX = ".studies.json"  # default.atlas.zip -> default.atlas.studies.json
_log = logging.getLogger(__name__)


class Studies(Derived):
    """The studies of an atlas, in it, beside it, or shipped in a file beside a packed one."""

    _shipped_studies: dict[str, dict[str, Any]] | None = None

    @abstractmethod
    def models(self) -> list[str]:
        """See `Atlas`."""

    @abstractmethod
    def controls(self) -> list[str]:
        """See `Atlas`."""

    @abstractmethod
    def embedding_digest(self, model: str) -> str:
        """See `Atlas`."""

    def study(self, kind: str, name: str) -> dict[str, Any] | None:
        """The document that was kept: the one that holds, else the first of `study_documents`; None where there is none."""
        path, documents = schema.study_path(kind, name), self.study_documents(kind, name)
        return next((each for each in documents if not self._changes(path, each)), documents[0] if documents else None)

    def study_documents(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The document kept in the atlas or beside it, then the one shipped with it: that may hold where the other
        does not."""
        path = schema.study_path(kind, name)
        attrs = self._attrs(path) if self._has(path) else {}
        own = [_document(attrs.get("study"))] if attrs.get(schema.COMPLETE) else []
        shipped = self._came_with()
        return [*own, *([shipped[path]] if path in shipped else [])]

    def write_study(self, kind: str, name: str, study: Mapping[str, Any]) -> None:
        """Keep a document, in the place of the one of that name."""
        self._replace(schema.study_path(kind, name), {}, {"study": dict(study)})

    def _kept(self) -> dict[str, dict[str, Any]]:
        """Path -> document of every study that is here."""
        found = dict(self._came_with())
        for kind in self._group(schema.STUDIES):
            for name in self._group(f"{schema.STUDIES}/{kind}"):
                if (study := self.study(kind, name)) is not None:
                    found[schema.study_path(kind, name)] = study
        return found

    # what no longer holds

    def stale(self) -> dict[str, str]:
        """Path -> why, of every layout and study whose inputs are no longer those of the atlas."""
        found = dict.fromkeys(self.stale_layouts(), "its anchors changed") | self._misshapen()
        for path, study in self._kept().items():
            if changes := self._changes(path, study):
                found[path] = ", ".join(changes)
        return found | dict.fromkeys(self.former_studies(), "an earlier version made it, and did not say from what")

    def _misshapen(self) -> dict[str, str]:
        """Path -> why, of layouts in axes that a model shaped which is gone."""
        here, found = set(self.models()), {}
        for name, models in self.layouts().items():
            for model in models:
                lost = [each for each in self.layout_attrs(name, model).get("shaping") or () if each not in here]
                if lost:
                    found[f"layouts/{name}/{model}"] = f"{', '.join(map(str, lost))} shaped its axes and is gone"
        return found

    def _changes(self, path: str, study: Mapping[str, Any]) -> list[str]:
        now = schema.STUDY_FORMATS.get(path.split("/")[1], 0)
        try:
            return MadeFrom.from_json(study.get("made_from")).changes(self, now)
        except AtlasError as error:
            return [error.happened]

    def former_studies(self, source: str = "", target: str = "", method: str = "") -> list[str]:
        """Paths of studies of earlier versions, all or those of two models and a method."""
        pairs = [
            (s, t)
            for s in self._group(schema.FORMER_STUDIES)
            if source in ("", s)
            for t in self._group(f"{schema.FORMER_STUDIES}/{s}")
            if target in ("", t)
        ]
        paths = [f"{schema.FORMER_STUDIES}/{s}/{t}" for s, t in pairs]
        return [f"{path}/{name}" for path in paths for name in self._group(path) if name.startswith(method)]

    def forget_former_studies(self, source: str, target: str, method: str) -> None:
        """Take away those that a study of this version replaces; what is shipped inside a packed atlas stays."""
        for path in self.former_studies(source, target, method):
            if not self._shipped(path):
                self._take_away(path)

    # what is shipped beside a packed atlas

    def _came_with(self) -> dict[str, dict[str, Any]]:
        """Path -> document, of the file beside a packed atlas; read once."""
        if self._shipped_studies is None:
            self._shipped_studies = self._read_shipped_studies() if self.read_only else {}
        return self._shipped_studies

    def _read_shipped_studies(self) -> dict[str, dict[str, Any]]:
        """Nothing where there is no such file, it is damaged, or it is of another atlas: studies can be made again."""
        file = Path(str(self.path)).with_suffix(STUDIES_SUFFIX)
        if not file.exists():
            return {}
        try:
            held = _whole(file)
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("%s is ignored: %s. Make it again with: platonic studies %s", file, error, self.path)
            return {}
        if held["checksum"] != self.checksum:
            return {}
        found: dict[str, Any] = held["studies"]
        known = {path: _document(study) for path, study in found.items() if path.startswith(f"{schema.STUDIES}/")}
        if len(known) < len(found):
            _log.warning("%s is of an earlier version; make it again with: platonic studies %s", file, self.path)
        return known

    def require_packed(self) -> None:
        """Raises InputError for a growing atlas, which keeps its studies itself."""
        if not self.read_only:
            raise InputError(
                f"{self.path} is a growing atlas and keeps its studies itself.",
                "Studies are shipped beside a packed atlas, a file.",
                "Give one: platonic studies NAME.atlas.zip",
            )

    def ship_studies(self) -> Path:
        """Write what is known of all models together and holds beside a packed atlas, so that it is shipped with it.

        Raises
        ------
        InputError
            As `require_packed`.
        """
        self.require_packed()
        found = {
            path: study for path, study in self._kept().items()
            if path.split("/")[1] in schema.SHIPPED_STUDIES and not self._changes(path, study)
        }  # fmt: skip
        file = Path(str(self.path)).with_suffix(STUDIES_SUFFIX)
        text = json.dumps({"checksum": self.checksum, "sha256": _digest(found), "studies": found}, ensure_ascii=False)
        with told_of_the_disk(str(file)):
            write_whole(file, text + "\n")
        self._shipped_studies = found
        return file


def _document(held: Any) -> dict[str, Any]:
    """What was kept; empty for what is no object, and so of a study that does not say what it was made from."""
    return dict(held) if isinstance(held, Mapping) else {}


def _digest(studies: Mapping[str, Any]) -> str:
    """SHA-256 of the studies of a file, whatever the order of their parts."""
    return hashlib.sha256(json.dumps(studies, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _whole(file: Path) -> dict[str, Any]:
    """What a file of studies holds; ValueError, in words, for one that is damaged. Earlier ones have no checksum."""
    if file.stat().st_size > MAX_DOCUMENT_BYTES:
        raise ValueError("it is far too large")
    held = plain_json(file.read_bytes())
    if not isinstance(held, dict) or not isinstance(held.get("studies"), dict) or "checksum" not in held:
        raise ValueError("it holds no studies")
    if "sha256" in held and held["sha256"] != _digest(held["studies"]):
        raise ValueError("it changed since it was written")
    return held
