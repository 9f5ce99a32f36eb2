"""What distinguishes a selection, against the hypergeometric distribution and counting by hand."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from platonic_atlas.engine.compare.contrast import distinguish, exact_p, extremes


def fisher_by_hand(a: int, b: int, n_inside: int, n_outside: int) -> float:
    """Two-sided: all tables of the same margins that are no likelier than this one."""
    total, carry = n_inside + n_outside, a + b
    chances = {
        x: comb(n_inside, x) * comb(n_outside, carry - x) / comb(total, carry)
        for x in range(max(0, carry - n_outside), min(carry, n_inside) + 1)
    }
    return sum(chance for chance in chances.values() if chance <= chances[a] * (1 + 1e-9))


@pytest.mark.parametrize(("a", "b", "n", "m"), [(3, 1, 5, 9), (0, 6, 4, 10), (7, 0, 8, 20), (2, 2, 6, 6)])
def test_the_test_is_fishers(a: int, b: int, n: int, m: int) -> None:
    assert exact_p(np.array([a]), np.array([b]), n, m)[0] == pytest.approx(fisher_by_hand(a, b, n, m))


def test_counts_ratio_and_correction() -> None:
    element = np.array(["O"] * 10 + ["Fe"] * 30)
    prototype = np.array(["rocksalt", ""] * 20)
    selected = np.zeros(40, dtype=bool)
    selected[:12] = True  # all oxygen and two iron
    found = distinguish({"element": element, "prototype": prototype}, selected)
    first = found[0]
    assert (first.label, first.value, first.selected, first.rest) == ("element", "O", 10, 0)
    assert first.ratio == float("inf")
    iron = next(each for each in found if each.value == "Fe")
    assert iron.ratio == pytest.approx((2 / 12) / (28 / 28))
    alone = exact_p(np.array([10]), np.array([0]), 12, 28)[0]
    assert first.p == pytest.approx(alone * 3 / 2)  # three values tested, two equally sure
    assert "" not in {each.value for each in found}
    assert next(each for each in found if each.value == "rocksalt").p == pytest.approx(1.0)


def test_all_or_nothing_distinguishes_nothing() -> None:
    labels = {"element": np.array(["O", "H"])}
    assert distinguish(labels, np.zeros(2, dtype=bool)) == distinguish(labels, np.ones(2, dtype=bool)) == []


def test_chance_selections_stand_out_rarely() -> None:
    rng = np.random.default_rng(0)
    labels = {"element": rng.integers(0, 30, 600).astype(str)}
    sure = [
        any(each.p < 0.05 for each in distinguish(labels, rng.permutation(600) < 60)) for _ in range(40)
    ]  # fmt: skip
    assert np.mean(sure) < 0.15


def test_extremes_are_the_classes_of_largest_mean_without_repeating_themselves() -> None:
    element = np.array(["H"] * 20 + ["O"] * 20 + ["U"] * 5 + ["Fe"] * 55)
    prototype = np.array(["a"] * 20 + ["b"] * 80)  # prototype a is hydrogen
    measure = np.concatenate([np.full(20, 3.0), np.full(20, 2.0), np.full(5, 9.0), np.full(55, 1.0)])
    measure[0] = np.nan
    found = extremes({"element": element, "prototype": prototype}, measure, n=2)
    assert [(each.value, each.n) for each in found] == [("H", 19), ("O", 20)]  # of five uranium sites nothing is said
    assert found[0].mean == 3.0
    assert found[0].rest == pytest.approx((40 + 45 + 55) / 80)
    assert [each.value for each in extremes({"element": element}, measure, n=1, largest=False)] == ["Fe"]
