"""The laboratory of the page Anchors: what it tells follows the anchors, and equals the engine's numbers."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.components.map_grid import MapGrid
from platonic_atlas.dashboard.pages.anchors.compared import ALL
from platonic_atlas.dashboard.pages.anchors.laboratory import Laboratory
from platonic_atlas.dashboard.pages.anchors.pictures import MEASURED
from platonic_atlas.dashboard.plots.anchor_marks import HARMS, HELPS, LARGEST, PLAIN
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.snapshot import Snapshot, take
from platonic_atlas.engine.verbs.agreement import agreement


@pytest.fixture
def laboratory(data: AtlasData) -> Laboratory:
    return Laboratory(Session(data), lambda: None)


def told(laboratory: Laboratory) -> dict[str, Any]:
    found = laboratory.data()
    assert found is not None
    return found


def finished(laboratory: Laboratory, what: str) -> dict[str, Any]:
    """What is told once an examination has ended."""
    laboratory.ask(what)
    assert laboratory.progress is not None
    end = time.monotonic() + 120
    while laboratory.progress is not None:
        assert time.monotonic() < end
        time.sleep(0.05)
        laboratory.poll()
    assert laboratory.message == ""
    return told(laboratory)


def table_of(laboratory: Laboratory, snapshot: Snapshot, what: str = MEASURED) -> list[list[str]]:
    return list(csv.reader(io.StringIO(laboratory.drawn(snapshot, what, "csv").decode())))


@pytest.mark.parametrize("within", ["all", "elements"])
def test_live_numbers_are_those_of_the_command(laboratory: Laboratory, within: str) -> None:
    session = laboratory.session
    session.view.within = within
    trained = session.data.trained(session.view.models)
    wanted = agreement(session.data.atlas, shaping=trained, within_elements=within == "elements", draws=0)
    found = told(laboratory)
    assert [each["name"] for each in found["models"]][-1] == "echo"
    for each in found["models"]:
        np.testing.assert_allclose(each["agreement"], wanted.agreement[each["name"]], atol=1e-4)
    np.testing.assert_allclose(found["shared"], wanted.shared, atol=1e-4)


def test_another_set_has_other_numbers_and_its_redundancy(laboratory: Laboratory) -> None:
    first = told(laboratory)
    laboratory.session.choose_set("few")
    second = told(laboratory)
    assert second["n"] == 5
    assert [each["agreement"] for each in first["models"]] != [each["agreement"] for each in second["models"]]
    assert all(1 <= each["effective"] <= 5 and each["features"] == 8 for each in second["models"])


def test_there_is_nothing_to_measure_of_raw_features_of_one_model_or_without_anchors(laboratory: Laboratory) -> None:
    view = laboratory.session.view
    view.representation = "raw"
    assert laboratory.data() is None
    view.param.update(representation="relative", models=["ares", "echo"])
    assert laboratory.data() is None
    view.param.update(models=["ares", "bia"], anchor_sites=np.zeros(0, dtype=np.int32))
    assert laboratory.data() is None


def test_each_anchor_chance_and_random_sets_on_request(laboratory: Laboratory) -> None:
    laboratory.session.choose_set("few")
    assert [each["change"] for each in told(laboratory)["anchors"]] == [None] * 5
    influences = finished(laboratory, "influence")["anchors"]
    assert sorted(each["site"] for each in influences) == sorted(laboratory.session.view.anchor_sites.tolist())
    changes = [each["change"] for each in influences]
    assert changes == sorted(changes, reverse=True)
    laboratory.session.choose_set("element-89")
    assert not told(laboratory)["influenced"]  # these are other anchors
    laboratory.session.choose_set("few")
    assert told(laboratory)["anchors"] == influences


def test_what_is_not_known_is_not_asked_for_and_cancelling_ends_it(laboratory: Laboratory) -> None:
    laboratory.ask("everything")
    assert laboratory.progress is None
    laboratory.ask("curve")
    assert laboratory.progress is not None
    laboratory.cancel()
    assert laboratory.progress is None and laboratory.work.task is None
    assert told(laboratory)["curve"] is None


def test_the_card_says_why_an_anchor_is_one(laboratory: Laboratory) -> None:
    session = laboratory.session
    session.choose_set("few")
    assert told(laboratory)["card"] is None
    site = int(session.view.anchor_sites[2])
    session.view.atom = site
    card = told(laboratory)["card"]
    assert card["title"] == "C in C"
    assert ["Prototype", session.data.label("prototype")[site]] in card["environment"]
    assert site not in [each["site"] for each in card["nearest"]]
    assert [each["cosine"] for each in card["nearest"]] == sorted(
        (each["cosine"] for each in card["nearest"]), reverse=True
    )
    of_all = [each["n_nearest"] for each in told(laboratory)["anchors"]]
    assert sum(of_all) == session.data.n_sites
    assert card["n_nearest"] in of_all


def test_what_was_measured_is_taken_away_as_picture_and_table(laboratory: Laboratory) -> None:
    session = laboratory.session
    session.choose_set("few")
    finished(laboratory, "chance")
    finished(laboratory, "influence")
    finished(laboratory, "curve")
    snapshot = take(session)
    assert laboratory.drawn(snapshot, MEASURED, "png").startswith(b"\x89PNG")
    rows = table_of(laboratory, snapshot)
    assert rows[0] == ["anchors", "quantity", "model", "of", "value"]
    assert {row[0] for row in rows[1:-1]} == {"few"}
    values = {(quantity, model, of): value for _, quantity, model, of, value in rows[1:-1]}
    found = {each["name"]: each for each in told(laboratory)["models"]}
    assert float(values["agreement", "ares", "axis 1"]) == pytest.approx(found["ares"]["agreement"][0], abs=1e-4)
    assert float(values["effective_rank", "echo", ""]) == pytest.approx(found["echo"]["effective"], abs=0.06)
    assert sum(row[1] == "influence" for row in rows[1:-1]) == 5
    assert {"lambda, shuffled all_sites", "random sets: median"} <= {row[1] for row in rows[1:-1]}
    assert "Relative to 5 anchors (few)" in rows[-1][0]


QUANTITIES = {
    "agreement": {"agreement"}, "shared": {"lambda"}, "curve": {"random sets: median", "random sets: low", "random sets: high"},
    "redundancy": {"n_features", "rank", "effective_rank", "condition"},
    "influence": {"influence", *(f"influence, axis {axis}" for axis in (1, 2))},
}  # fmt: skip


def test_each_part_is_a_picture_and_a_table_by_itself_as_soon_as_it_was_measured(laboratory: Laboratory) -> None:
    session = laboratory.session
    session.choose_set("few")
    at_first = [value for value, _ in laboratory.pictures()]
    assert at_first == ["measured", "measured-agreement", "measured-shared", "measured-redundancy"]
    finished(laboratory, "influence")
    finished(laboratory, "curve")
    assert [value for value, _ in laboratory.pictures()] == [*at_first, "measured-curve", "measured-influence"]
    snapshot, whole = take(session), laboratory.drawn(take(session), MEASURED, "svg").decode()
    for part, quantities in QUANTITIES.items():
        drawn = laboratory.drawn(snapshot, f"measured-{part}", "svg").decode()
        assert drawn.count('id="axes_') == 1
        assert len(drawn) < len(whole)
        rows = table_of(laboratory, snapshot, f"measured-{part}")
        assert {row[1] for row in rows[1:-1]} == {"number of anchors", *quantities}
        assert "Relative to 5 anchors (few)" in rows[-1][0]
    assert whole.count('id="axes_') == 5
    with pytest.raises(LookupError):
        laboratory.drawn(snapshot, "measured-everything", "svg")


def test_the_numbers_of_the_set_beside_are_taken_away_too(laboratory: Laboratory) -> None:
    laboratory.compared.beside = "few"
    rows = table_of(laboratory, take(laboratory.session), "measured-agreement")
    beside = told(laboratory)["beside"]
    found = {(row[0], row[2], row[3]): row[4] for row in rows[1:-1] if row[1] == "agreement"}
    assert {name for name, *_ in found} == {"element-89", "few"}
    for model, each in beside["models"].items():
        for axis in (0, 1):
            known = found["few", model, f"axis {axis + 1}"]
            assert float(known) == pytest.approx(each["agreement"][axis], abs=1e-4)
    assert "Beside: few, 5 anchors" in rows[-1][0]
    assert laboratory.drawn(take(laboratory.session), MEASURED, "png").startswith(b"\x89PNG")


def test_the_map_of_one_model_stands_in_the_frame_of_both_sets(laboratory: Laboratory) -> None:
    session, compared = laboratory.session, laboratory.compared
    assert not compared.seen
    compared.beside = "few"
    assert compared.seen and compared.model == "ares"
    maps = compared.show(True)
    assert maps is not None
    np.testing.assert_array_equal(maps.places(0), session.layout().coordinates["ares"])
    np.testing.assert_array_equal(maps.anchors(0), session.view.anchor_sites)
    compared.chosen = "bia"
    session.view.frame = "own"  # the maps of all models are in other frames, these are not
    compared.show(True)
    beside = maps.places(1)
    assert compared.show(False) is None
    assert not maps.shown
    session.view.frame = "agreement"
    session.choose_set("few")
    np.testing.assert_array_equal(beside, session.layout().coordinates["bia"])
    np.testing.assert_array_equal(maps.anchors(1), session.view.anchor_sites)
    compared.chosen = ALL
    assert not compared.seen
    compared.chosen, session.view.representation = "", "raw"
    assert not compared.seen  # raw features have no anchors


def test_both_maps_are_taken_away_as_picture_and_as_coordinates(laboratory: Laboratory) -> None:
    session, compared = laboratory.session, laboratory.compared
    compared.beside = "few"
    assert compared.drawn(take(session), "png").startswith(b"\x89PNG")
    rows = list(csv.reader(io.StringIO(compared.drawn(take(session), "csv").decode())))
    assert rows[0] == ["site", "element", "formula", "x, element-89", "y, element-89", "x, few", "y, few"]
    mine = session.layout().coordinates["ares"]
    session.choose_set("few")
    theirs = session.layout().coordinates["ares"]
    read = np.array([row[3:] for row in rows[1:-1]], dtype=float)
    np.testing.assert_allclose(read, np.hstack([mine, theirs]), rtol=1e-5)
    assert "relative to element-89" in rows[-1][0] and "to few (5 anchors)" in rows[-1][0]


def test_marks_of_anchors_say_what_each_does(laboratory: Laboratory) -> None:
    session = laboratory.session
    session.choose_set("few")
    assert laboratory.weights(session.view.anchor_sites) == {}
    found = {each["site"]: each["change"] for each in finished(laboratory, "influence")["anchors"]}
    weights = laboratory.weights(session.view.anchor_sites)
    assert weights == pytest.approx(found, abs=1e-4)
    grid = MapGrid(session.view, session.data, session.picture)
    plain = grid.cells[0].source("anchors").data
    assert set(plain["size"]) == {PLAIN} and set(plain["alpha"]) == {0.0}
    grid.weigh(weights)
    marks = grid.cells[0].source("anchors").data
    strongest = max(weights, key=lambda site: abs(weights[site]))
    assert (marks["x"][-1], marks["y"][-1]) == pytest.approx(tuple(grid.layout.coordinates["ares"][strongest]))
    assert marks["size"] == sorted(marks["size"]) and marks["size"][-1] == LARGEST
    assert marks["colour"][-1] == (HELPS if weights[strongest] > 0 else HARMS)[False]
    laboratory.compared.beside = "element-89"
    maps = laboratory.compared.show(True)
    assert maps is not None and maps.weighed(0) == weights and maps.weighed(1) == {}
    assert figure_marks(laboratory, weights) != figure_marks(laboratory, {})


def figure_marks(laboratory: Laboratory, weights: dict[int, float]) -> bytes:
    return saving.picture(take(laboratory.session, weights=weights), "png", "0")


def test_another_set_stands_beside_every_number(laboratory: Laboratory) -> None:
    laboratory.compared.beside = "few"
    both = told(laboratory)
    laboratory.compared.beside = ""
    assert told(laboratory)["beside"] is None
    laboratory.session.choose_set("few")
    alone = told(laboratory)
    assert (both["beside"]["name"], both["beside"]["n"]) == ("few", 5)
    assert both["beside"]["shared"] == alone["shared"]
    assert list(both["beside"]["models"].values()) == alone["models"]
