"""What the models share within elements has a name: the electronegativity of an atom's neighbours (SCIENCE section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.engine.space.agreement import agreement_frame
from platonic_atlas.engine.space.cross import cross_moments, halves_of
from platonic_atlas.engine.space.frames import model_space
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.structures.neighbourhood import DIGITS, numbers_around
from platonic_atlas.engine.types import FloatArray, IntArray
from tests.families.test_agreement_reference import SHAPING

CONTROLS = ("untrained-mace", "untrained-orb", "soap")
pytestmark = pytest.mark.xdist_group("agreement")


@dataclass(frozen=True)
class Reference:
    """Places along the two axes of the frame within elements, and labels, of every site.

    places : model -> (n_sites, 2) ; labels : name -> (n_sites,)
    """

    numbers: IntArray
    places: dict[str, FloatArray]
    labels: dict[str, FloatArray]

    def correlation(self, places: FloatArray, label: str) -> FloatArray:
        """(2,) of what is left of both when each element's mean is taken away; every element weighs the same."""
        known = np.isfinite(places).all(axis=1) & np.isfinite(self.labels[label])
        _, element, count = np.unique(self.numbers[known], return_inverse=True, return_counts=True)
        both = np.column_stack([places[known], self.labels[label][known]])
        means = np.column_stack([np.bincount(element, column) / count for column in both.T])
        left = (both - means[element]) * np.sqrt(1 / count[element])[:, None]
        covariance = left.T @ left
        return np.asarray(covariance[:2, 2] / np.sqrt(np.diag(covariance)[:2] * covariance[2, 2]))

    @property
    def consensus(self) -> FloatArray:
        return np.mean([self.places[model] for model in SHAPING], axis=0)


@pytest.fixture(scope="module")
def reference(pytestconfig: pytest.Config) -> Reference:
    atlas = open_atlas(Path(pytestconfig.getoption("--shared")) / "reference" / "reference.atlas.zip")
    numbers, models = atlas.numbers(), (*SHAPING, *CONTROLS)
    spaces = {name: model_space(atlas.embedding(name), atlas.moments(name), numbers) for name in models}
    anchors = atlas.anchors("element-89")
    rows = {name: anchor_rows(each.embedding, each.moments, anchors) for name, each in spaces.items()}
    cross = cross_moments(spaces, numbers, halves_of(atlas.site_structure(), atlas.n_structures))
    frame = agreement_frame(cross, rows, spaces, SHAPING, within=True)
    places = {name: _centred(each.embedding, each.moments.mean0) @ frame[name].matrix for name, each in spaces.items()}
    owner, offset = atlas.site_structure(), atlas.structure_field("offset")
    labels = {name: np.full(atlas.n_sites, np.nan) for name in DIGITS}
    for structure, atoms in enumerate(atlas.structures()):
        sites = np.flatnonzero(owner == structure)
        for name, values in numbers_around(atoms, atlas.representative()[sites] - offset[structure]).items():
            labels[name][sites] = values
    return Reference(numbers, places, labels)


def _centred(embedding: FloatArray, mean: FloatArray) -> FloatArray:
    """ê of every site."""
    unit = embedding / np.linalg.norm(embedding.astype(np.float64), axis=1, keepdims=True) - mean
    return np.asarray(unit / np.linalg.norm(unit, axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("label", "axis", "wanted"),
    [("neighbour_electronegativity", 0, -0.62), ("neighbour_electronegativity", 1, 0.42), ("shortest_bond", 1, 0.39),
     ("volume_per_atom", 1, 0.35)],
)  # fmt: skip
def test_what_the_models_share_within_elements(reference: Reference, label: str, axis: int, wanted: float) -> None:
    """The first axis grows with the electronegativity of the atoms themselves, and falls with that of their neighbours."""
    assert reference.correlation(reference.consensus, label)[axis] == pytest.approx(wanted, abs=0.03)


def test_every_trained_model_follows_the_neighbours_and_no_untrained_one(reference: Reference) -> None:
    along = {
        name: -reference.correlation(places, "neighbour_electronegativity")[0]
        for name, places in reference.places.items()
    }
    trained = [along[model] for model in SHAPING]
    assert (min(trained), max(trained)) == pytest.approx((0.35, 0.70), abs=0.03)
    assert [along[model] for model in CONTROLS] == pytest.approx([0.01, -0.05, 0.20], abs=0.03)


def test_an_untrained_orb_is_told_apart_by_the_volume(reference: Reference) -> None:
    assert reference.correlation(reference.places["untrained-orb"], "volume_per_atom")[1] == pytest.approx(
        0.66, abs=0.03
    )
