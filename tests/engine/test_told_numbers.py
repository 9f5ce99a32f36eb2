"""Numbers of the shipped atlas that are told in words stand in README, documentation and help as the atlas gives them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.dashboard.shell import help as helped
from platonic_atlas.engine import elements
from platonic_atlas.engine.compare.held_out import element_centroids, held_out_r2
from platonic_atlas.engine.space.cosines import cosines_to
from platonic_atlas.engine.stitching.outliers import far_off
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.studies.agreement import AgreementStudy
from platonic_atlas.engine.studies.shown import shown_by_default
from platonic_atlas.engine.verbs.agreement import agreement

CHECKOUT = Path(__file__).parents[2]
GIVEN = {"soap"}  # a control that was given the periodic table


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return open_atlas()


@pytest.fixture(scope="module")
def shared(atlas: Atlas) -> AgreementStudy:
    return agreement(atlas, draws=0)


def text_of(name: str) -> str:
    """A document, or the help of the dashboard, its words one space apart."""
    source = Path(helped.__file__) if name == "help" else CHECKOUT / name
    return " ".join(source.read_text(encoding="utf-8").replace('"', " ").split())


def spread(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


@pytest.fixture(scope="module")
def held_out(atlas: Atlas) -> dict[str, float]:
    """Model -> R² of the electronegativity of held-out elements, relative to element-89 (docs/measured.md)."""
    numbers, sites = atlas.numbers(), atlas.anchors("element-89")
    features = {model: atlas.embedding(model) for model in atlas.models()}
    near = ~np.any([far_off(rows) for rows in features.values()], axis=0)
    pauling = elements.table().electronegativity
    found = {}
    for model, raw in features.items():
        rows = cosines_to(raw, atlas.moments(model), sites)
        which, middle = element_centroids(rows, numbers, near)
        found[model] = held_out_r2(middle, pauling[which])
    return found


@pytest.mark.parametrize("name", ["README.md", "docs/reading.md", "help"])
def test_the_order_of_held_out_elements(atlas: Atlas, held_out: dict[str, float], name: str) -> None:
    controls = {model for model in atlas.models() if atlas.model_attrs(model)["control"]}
    trained = [r2 for model, r2 in held_out.items() if model not in controls]
    untrained = [r2 for model, r2 in held_out.items() if model in controls - GIVEN]
    assert spread(trained) in text_of(name)
    assert max(untrained) < 0.15 < 0.6 < min(trained)


def test_what_the_models_share_along_three_axes(shared: AgreementStudy) -> None:
    first, second, third = (f"{value:.2f}" for value in shared.shared[:3])
    assert f"{first}, {second}, {third} along the first three" in text_of("docs/reading.md")
    assert f"{first}, {second} and {third} of the first three axes" in text_of("docs/commands.md")


def test_how_far_the_models_shown_agree(atlas: Atlas, shared: AgreementStudy) -> None:
    along_the_first = spread([shared.agreement[model][0] for model in shown_by_default(atlas)])
    assert f"the trained models {along_the_first}" in text_of("docs/reading.md")
    assert f"at {along_the_first} along the first" in text_of("docs/commands.md")


def test_the_structures_sites_and_far_sites(atlas: Atlas) -> None:
    far = np.any([far_off(atlas.embedding(model)) for model in atlas.models()], axis=0)
    assert f"{int(far.sum())} of {atlas.n_sites:,} sites" in text_of("docs/stitching.md")
    assert f"{atlas.n_sites:,} sites of 89 elements in {atlas.n_structures:,} crystals" in text_of("CHANGELOG.md")
