"""docs/models.md says of every model what the catalogue says."""

from __future__ import annotations

import pytest

from platonic_atlas.engine.models.catalogue import catalogue
from tests.documents import ROOT

ROWS = {
    line.split("|")[1].strip(): line
    for line in (ROOT / "docs/models.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
}


@pytest.mark.parametrize("name", catalogue())
def test_every_model_is_described_as_in_the_catalogue(name: str) -> None:
    spec, row = catalogue()[name], ROWS[f"`{name}`"]
    for words in (spec.title, spec.family, spec.trained_on, spec.traits, spec.licence, spec.needs or spec.origin):
        assert f"| {words} |" in row
