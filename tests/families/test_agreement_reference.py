"""The agreement of the models on the reference atlas, against the table of SCIENCE section 2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.engine.space.agreement import Agreement, agreement
from platonic_atlas.engine.space.cross import cross_moments, halves_of
from platonic_atlas.engine.space.frames import ModelSpace, model_space
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.space.shuffled import Shuffle, shuffled_shares
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.types import FloatArray

SHAPING = ("mace-mp-0-small", "sevennet-0", "orb-d3-xs-v2", "chgnet-0.3.0", "mattersim-1m", "nequix-omat",
           "tensornet-matpes-pbe")  # fmt: skip
SHARED = {False: (0.80, 0.71, 0.65, 0.59, 0.50, 0.47), True: (0.72, 0.62, 0.53, 0.44, 0.35, 0.32)}
# Model -> axis 1 and 2 over all sites, and within elements
AGREEMENT = {
    "mace-mp-0-small": (0.90, 0.83, 0.71, 0.68),
    "sevennet-0": (0.66, 0.70, 0.81, 0.63),
    "orb-d3-xs-v2": (0.77, 0.70, 0.73, 0.74),
    "chgnet-0.3.0": (0.87, 0.70, 0.78, 0.37),
    "mattersim-1m": (0.88, 0.81, 0.63, 0.70),
    "nequix-omat": (0.91, 0.87, 0.78, 0.79),
    "tensornet-matpes-pbe": (0.82, 0.73, 0.52, 0.52),
    "sevennet-l3i5": (0.87, 0.76, 0.87, 0.72),
    "nequix-mp": (0.93, 0.83, 0.85, 0.81),
    "m3gnet-mp": (0.94, 0.83, 0.84, 0.77),
    "diep-matpes-r2scan": (0.94, 0.86, 0.74, 0.84),
    "untrained-mace": (0.19, 0.39, 0.00, -0.01),
    "untrained-sevennet": (-0.10, 0.36, 0.07, -0.11),
    "untrained-orb": (0.31, 0.40, -0.01, 0.39),
    "onehot": (0.39, 0.63, np.nan, np.nan),
    "soap": (0.79, 0.76, 0.14, 0.54),
}
pytestmark = pytest.mark.xdist_group("agreement")


@dataclass(frozen=True)
class Reference:
    """The reference atlas, read once."""

    atlas: Atlas
    spaces: dict[str, ModelSpace]
    rows: dict[str, FloatArray]


@pytest.fixture(scope="module")
def reference(pytestconfig: pytest.Config) -> Reference:
    atlas = open_atlas(Path(pytestconfig.getoption("--shared")) / "reference" / "reference.atlas.zip")
    sites = atlas.anchors("element-89")
    spaces = {name: model_space(atlas.embedding(name), atlas.moments(name), atlas.numbers()) for name in AGREEMENT}
    return Reference(
        atlas, spaces, {name: anchor_rows(each.embedding, each.moments, sites) for name, each in spaces.items()}
    )


@pytest.fixture(scope="module")
def found(reference: Reference) -> dict[bool, Agreement]:
    atlas = reference.atlas
    half = halves_of(atlas.site_structure(), atlas.n_structures)
    cross = cross_moments(reference.spaces, atlas.numbers(), half)
    return {
        within: agreement(cross, reference.rows, reference.spaces, SHAPING, within=within) for within in (False, True)
    }


@pytest.mark.parametrize("within", [False, True])
def test_what_all_models_share(found: dict[bool, Agreement], within: bool) -> None:
    np.testing.assert_allclose(found[within].shared[:6], SHARED[within], atol=0.02)


@pytest.mark.parametrize("name", AGREEMENT)
def test_each_model_and_control_agrees_as_measured(found: dict[bool, Agreement], name: str) -> None:
    both = np.concatenate([found[within].agreement[name] for within in (False, True)])
    np.testing.assert_allclose(both, AGREEMENT[name], atol=0.02)


@pytest.mark.parametrize(
    ("within", "shuffle", "largest"),
    [(False, Shuffle.ALL_SITES, 0.16), (False, Shuffle.WITHIN_ELEMENTS, 0.78), (True, Shuffle.ALL_SITES, 0.16),
     (True, Shuffle.WITHIN_ELEMENTS, 0.15)],
)  # fmt: skip
def test_what_chance_and_composition_share(
    reference: Reference, within: bool, shuffle: Shuffle, largest: float
) -> None:
    null = shuffled_shares(reference.spaces, reference.rows, SHAPING, reference.atlas.numbers(), shuffle, within=within)
    assert null.max() == pytest.approx(largest, abs=0.02)
