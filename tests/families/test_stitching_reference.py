"""The table of stitching scores that must come out: the first 300 frames of MPtrj, every model of the table.

Reference numbers: ridge on the raw features of 3,758 sites, ten splits by frame (see docs/stitching.md).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from platonic_atlas.engine.stitching.matrix import Matrix, reversals, ridge_matrix
from platonic_atlas.engine.stitching.translators import fit_direct
from platonic_atlas.engine.structures import collect
from platonic_atlas.engine.types import READOUT, Collection, Embedded, FloatArray
from tests.families.conftest import TABLE as GROUP
from tests.families.conftest import Frames

WITHIN = 0.05
IN_TABLE = (
    "sevennet-0",
    "sevennet-l3i5",
    "chgnet-0.3.0",
    "mace-mp-0-small",
    "orb-d3-xs-v2",
    "tensornet-matpes-pbe",
    "nequix-omat",
    "untrained-mace",
)  # fmt: skip
pytestmark = pytest.mark.xdist_group(GROUP)
TABLE = [
    ("sevennet-0", "sevennet-l3i5", 0.72, 0.68),
    ("chgnet-0.3.0", "sevennet-0", 0.49, 0.47),
    ("mace-mp-0-small", "sevennet-0", 0.60, 0.51),
    ("sevennet-0", "mace-mp-0-small", 0.37, 0.26),
    ("mace-mp-0-small", "chgnet-0.3.0", 0.86, 0.70),
    ("mace-mp-0-small", "orb-d3-xs-v2", 0.58, 0.27),
    ("orb-d3-xs-v2", "mace-mp-0-small", 0.57, 0.37),
    ("orb-d3-xs-v2", "chgnet-0.3.0", 0.85, 0.74),
    ("tensornet-matpes-pbe", "nequix-omat", 0.75, 0.41),
]


@pytest.fixture(scope="module")
def collection(frames: Frames) -> Collection:
    found = collect(frames.reference, coordination=False)
    assert found.rejects == []  # atoms are those of the frames, in their order
    return found


@pytest.fixture(scope="module")
def features(collection: Collection, embedded: Callable[[str, str], Embedded]) -> dict[str, FloatArray]:
    """Model -> (n_sites, d), of the frames that DFT was compared on. Orb in one orientation, which changes no score."""
    found = {name: embedded(name, "reference") for name in IN_TABLE}
    assert all(each.refused == {} for each in found.values())
    return {name: found[name].features[READOUT][collection.representative] for name in IN_TABLE}


@pytest.fixture(scope="module")
def matrix(features: dict[str, FloatArray], collection: Collection) -> Matrix:
    sites = collection.representative
    structure = collection.structure[sites]
    return ridge_matrix(features, collection.atomic_number[sites], structure, len(collection.structures["n_atoms"]))


def test_the_table_comes_out(matrix: Matrix) -> None:
    assert matrix.n_sites == 3758
    for source, target, raw, within_elements in TABLE:
        for score, wanted in (("r2_raw", raw), ("r2", within_elements)):
            found = matrix.values[score][:, IN_TABLE.index(source), IN_TABLE.index(target)]
            print(
                f"{source} -> {target} {score}: {found.mean():.2f} ({found.min():.2f} to {found.max():.2f}), reference {wanted}"
            )
            assert found.mean() == pytest.approx(wanted, abs=WITHIN), (source, target, score)


def test_kin_beat_strangers_and_no_control_beats_a_trained_model(matrix: Matrix) -> None:
    r2 = matrix.values["r2"].mean(axis=0)
    own, sister = IN_TABLE.index("sevennet-0"), IN_TABLE.index("sevennet-l3i5")
    strangers = [j for j in range(len(IN_TABLE) - 1) if j not in (own, sister)]
    assert all(r2[own, sister] > max(r2[own, j], r2[j, own]) for j in strangers)
    found = reversals(matrix, frozenset({"untrained-mace"}))
    for each in found:
        print(f"reversal: {each}")
    assert found == []


def test_an_untrained_source_can_look_good_in_raw_variance_only(matrix: Matrix) -> None:
    untrained = IN_TABLE.index("untrained-mace")
    raw, bare = (matrix.values[score][:, untrained].mean(axis=0) for score in ("r2_raw", "r2"))
    assert raw[IN_TABLE.index("nequix-omat")] == pytest.approx(0.75, abs=0.1)
    assert raw[IN_TABLE.index("nequix-omat")] > raw[IN_TABLE.index("sevennet-0")] + 0.3
    assert max(bare[:-1]) < 0.1


def test_itself_is_exact_by_procrustes_and_the_affine_map(features: dict[str, FloatArray]) -> None:
    for name in ("sevennet-0", "mace-mp-0-small"):
        rows = features[name].astype(np.float64)
        spread = np.sqrt(((rows - rows.mean(axis=0)) ** 2).sum(axis=1).mean())
        for method in ("procrustes", "affine"):
            moved = fit_direct(method, rows[:3000], rows[:3000])(rows)  # type: ignore[arg-type]
            assert np.abs(moved - rows).max() < 1e-5 * spread, (name, method)


def test_the_sites_are_those_of_the_shared_frames(collection: Collection) -> None:
    assert len(collection.structures["n_atoms"]) == 300
    assert len(np.unique(collection.atomic_number)) == 80
