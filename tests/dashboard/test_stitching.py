"""The page Stitching without a browser: what it shows for a choice, and what it says when it cannot."""

from __future__ import annotations

import time

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.dashboard.state import urls
from platonic_atlas.engine import elements
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.store.made_from import MadeFrom
from platonic_atlas.engine.studies.record import NoEnergies, Reason, Score, Stitch
from tests.dashboard.conftest import shell_of


@pytest.fixture
def page(seeded_atlas) -> Shell:
    made = shell_of(AtlasData(open_atlas(seeded_atlas), keeps=True))
    made.view.page = "stitching"
    return made


def places(page: Shell) -> np.ndarray:
    return np.frombuffer(page.pages["stitching"].maps.places, dtype="<f4").reshape(3, -1, 2)


def test_source_translated_and_target_go_out_once_for_the_sites_of_both(page: Shell) -> None:
    sites = np.frombuffer(page.pages["stitching"].maps.sites, dtype="<i4")
    assert places(page).shape == (3, len(sites), 2)
    assert 5 not in sites  # which the target cannot embed
    assert len(page.pages["stitching"].maps.colours) == 3 * len(sites)
    lengths = [line["length"] for line in page.pages["stitching"].maps.data["lines"]]
    assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) > 10


def test_another_method_moves_the_translated_places_only(page: Shell) -> None:
    before = places(page)
    page.view.stitch_method = "procrustes"
    after = places(page)
    np.testing.assert_array_equal(before[[0, 2]], after[[0, 2]])
    assert not np.allclose(before[1], after[1])


def test_the_bar_offers_models_methods_and_anchors_where_they_matter(page: Shell) -> None:
    assert [choice["id"] for choice in page.bar.bar.data["groups"]] == [
        "stitch_source",
        "stitch_target",
        "stitch_method",
        "colour",
    ]
    page.bar.bar.intent = {"kind": "choose", "id": "stitch_method", "value": "merge"}
    assert page.view.stitch_method == "merge"
    assert "stitch_anchors" in [choice["id"] for choice in page.bar.bar.data["groups"]]
    assert page.bar.bar.data["models"]["choices"] == []


def test_source_equal_to_target_is_a_sentence(page: Shell) -> None:
    page.view.stitch_target = page.view.stitch_source
    assert "both Ares. Choose another" in page.pages["stitching"].maps.data["reason"]
    assert page.pages["stitching"].maps.places == b""
    page.view.stitch_target = "circe"
    assert page.pages["stitching"].maps.data["reason"] == ""
    assert len(page.pages["stitching"].maps.places) > 0


def test_scores_come_from_a_process_and_are_kept_beside_the_atlas(page: Shell) -> None:
    page.view.param.update(stitch_source="ares", stitch_target="circe", stitch_method="ridge")
    page.pages["stitching"].score()
    assert page.pages["stitching"].scores.data["progress"] is not None
    end = time.monotonic() + 240
    while page.pages["stitching"].task is not None:
        assert time.monotonic() < end
        page.pages["stitching"].poll()
        time.sleep(0.05)
    shown = page.pages["stitching"].scores.data
    assert [chart["name"] for chart in shown["charts"]] == [
        "r2",
        "r2_raw",
        "atom_at_1",
        "atom_at_5",
        "element_at_1",
        "structure_at_1",
    ]
    labels = [bar["label"] for bar in shown["charts"][0]["bars"]]
    assert labels[0] == "Ares"
    assert {"Element means", "Shuffled pairs", "Echo"} <= set(labels)
    assert page.dock.table.data["values"]
    again = shell_of(AtlasData(page.session.data.atlas, keeps=True))
    again.view.param.update(page="stitching", stitch_source="ares", stitch_target="circe")
    assert again.pages["stitching"].scores.data["charts"] == shown["charts"]


def test_a_score_that_is_cancelled_leaves_nothing(page: Shell) -> None:
    page.pages["stitching"].score()
    task = page.pages["stitching"].task
    assert task is not None
    page.pages["stitching"].scores.intent = {"kind": "cancel"}
    assert page.pages["stitching"].task is None
    assert page.pages["stitching"].scores.data["progress"] is None
    assert not task._process.is_alive()


def test_a_structure_and_a_site_can_be_pressed(page: Shell) -> None:
    page.pages["stitching"].scores.intent = {"kind": "structure", "structure": 3}
    assert np.flatnonzero(page.view.selected).tolist() == [3]
    assert page.view.atom == 3
    assert page.crystal.panel.data["atoms"] is not None
    page.pages["stitching"].scores.intent = {"kind": "structure", "structure": 10_000}  # of another atlas
    assert page.view.atom == 3
    page.pages["stitching"].maps.intent = {"kind": "site", "site": 7}
    assert page.view.atom == 7
    assert page.pages["stitching"].maps.data["atom"] == 7


def test_the_link_brings_the_stitch_back(page: Shell, seeded_atlas) -> None:
    page.view.param.update(stitch_source="circe", stitch_target="dione", stitch_method="affine")
    query, _ = urls.encode(page.session)
    other = shell_of(AtlasData(open_atlas(seeded_atlas)))
    assert urls.decode(query, other.session) == []
    assert (other.view.page, other.view.stitch_source, other.view.stitch_target) == ("stitching", "circe", "dione")
    refused = urls.decode("?stitch_method=magic", other.session)
    assert refused == ["stitch_method cannot be 'magic'"]


def test_a_server_that_has_enough_to_do_says_so(page: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platonic_atlas.dashboard.work.door.PROCESSES", 0)
    page.pages["stitching"].score()
    assert page.pages["stitching"].task is None
    assert "Try again in a minute" in page.pages["stitching"].scores.data["note"]
    assert page.pages["stitching"].scores.data["progress"] is None


def test_scores_colour_the_periodic_table_and_draw_a_curve(page: Shell) -> None:
    before = page.dock.table.data
    page.pages["stitching"].score()
    until = time.monotonic() + 120
    while page.pages["stitching"].task is not None and time.monotonic() < until:
        time.sleep(0.1)
        page.pages["stitching"].poll()
    page.dock.refresh_table()
    after = page.dock.table.data
    assert after["title"] == "Error of the translation"
    assert after != before
    curve = page.pages["stitching"].scores.data["curve"]
    assert curve["over"] == "training sites"
    assert curve["points"][-1]["n"] > curve["points"][0]["n"]
    page.view.page = "atlas"
    page.dock.refresh_table()
    assert page.dock.table.data["title"] == before["title"]


def test_where_a_target_has_no_energies_the_relative_readout_is_offered(
    page: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.view.param.update(stitch_source="ares", stitch_target="circe", stitch_method="ridge")
    missing = NoEnergies(Reason.NO_SITE_ENERGIES, "no energies of single atoms")
    made = MadeFrom("", {}, False, "")
    stitching = page.pages["stitching"]
    stitching._studies[stitching._key] = Stitch(
        "ares", "circe", "ridge", "", {"r2": Score(0.5)}, {}, (), made, no_energies=missing
    )
    stitching.refresh()
    assert stitching.scores.data["offer"] is None
    own = page.session.data.site_energy
    monkeypatch.setattr(
        type(page.session.data), "site_energy", lambda self, name: None if name == "circe" else own(name)
    )
    page.pages["stitching"].refresh()
    assert page.pages["stitching"].scores.data["offer"]["method"] == "relative-ridge"
    assert "no energies of single atoms" in page.pages["stitching"].scores.data["note"]
    page.pages["stitching"].scores.intent = {"kind": "method", "method": "relative-ridge"}
    assert page.view.stitch_method == "relative-ridge"


def test_the_atom_under_the_pointer_is_named(page: Shell) -> None:
    page.pages["stitching"].maps.intent = {"kind": "hover", "site": 3}
    symbol = elements.table().symbol[page.session.data.numbers[3]]
    assert page.pages["stitching"].maps.data["hovered"] == {
        "site": 3,
        "words": f"{symbol} in {page.session.data.formulas[3]}",
    }
    for nothing in (None, -1, 10_000):
        page.pages["stitching"].maps.intent = {"kind": "hover", "site": nothing}
        assert page.pages["stitching"].maps.data["hovered"] is None


@pytest.mark.parametrize(("method", "lead", "note"), [
    ("ridge", "fitted on four fifths", "one fit"), ("anchors", "Nothing is fitted", "fits nothing"),
    ("merge", "Nothing is fitted", "fits nothing"), ("relative-ridge", "learned on the source", "one fit"),
])  # fmt: skip
def test_what_is_said_fits_the_method(page: Shell, method: str, lead: str, note: str) -> None:
    page.view.stitch_method = method
    assert lead in page.page.sentence()[1]
    assert note in page.pages["stitching"].scores.data["note"]
    assert ("never saw" in page.pages["stitching"].maps.data["note"]) == (note == "one fit")


def test_while_another_pair_is_translated_the_one_before_is_not_drawn(
    page: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(page.pages["stitching"].maps.places) > 0
    monkeypatch.setattr(
        page.session.later, "value", lambda source, request: source.held(request)
    )  # as on a page: it comes later
    page.view.stitch_method = "affine"
    assert page.pages["stitching"].maps.data["reason"] == "Translating …"
    assert len(page.pages["stitching"].maps.places) > 0  # of the same two models
    page.view.stitch_source = "dione"
    assert page.pages["stitching"].maps.data["reason"] == "Translating …"
    assert page.pages["stitching"].maps.places == b""
