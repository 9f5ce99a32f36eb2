"""The laboratory of the page Anchors: what it tells follows the anchors, and equals the engine's numbers."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.pages.anchors.laboratory import Laboratory
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.snapshot import take
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
    assert laboratory.drawn(snapshot, "png").startswith(b"\x89PNG")
    svg = laboratory.drawn(snapshot, "svg").decode()
    assert "Ares" in svg or "path" in svg
    rows = list(csv.reader(io.StringIO(laboratory.drawn(snapshot, "csv").decode())))
    assert rows[0] == ["quantity", "model", "of", "value"]
    values = {(quantity, model, of): value for quantity, model, of, value in rows[1:-1] if quantity != "random set"}
    found = {each["name"]: each for each in told(laboratory)["models"]}
    assert float(values["agreement", "ares", "axis 1"]) == pytest.approx(found["ares"]["agreement"][0], abs=1e-4)
    assert float(values["effective rank", "echo", ""]) == pytest.approx(found["echo"]["effective"], abs=0.06)
    assert sum(quantity == "influence" for quantity, *_ in rows) == 5
    assert {"lambda, all_sites", "random set"} <= {row[0] for row in rows}
    assert "Relative to 5 anchors (few)" in rows[-1][0]


def test_another_set_stands_beside_every_number(laboratory: Laboratory) -> None:
    laboratory.beside = "few"
    both = told(laboratory)
    laboratory.beside = ""
    assert told(laboratory)["beside"] is None
    laboratory.session.choose_set("few")
    alone = told(laboratory)
    assert (both["beside"]["name"], both["beside"]["n"]) == ("few", 5)
    assert both["beside"]["shared"] == alone["shared"]
    assert list(both["beside"]["models"].values()) == alone["models"]
