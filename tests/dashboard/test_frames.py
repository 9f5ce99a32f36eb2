"""The frames of the maps: agreement, variance and own, of all atoms or within elements; and what lies beyond a map."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.components.map_grid import MapGrid
from platonic_atlas.dashboard.plots.edge import beyond
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.dashboard.snapshot import take
from platonic_atlas.dashboard.state import urls
from tests.dashboard.conftest import ELEMENTS, shell_of


def test_a_control_far_off_does_not_make_the_maps_of_trained_models_small(session: Session) -> None:
    session.view.models = ["ares", "bia", "circe"]
    alone = session.layout().extent
    session.view.models = ["ares", "bia", "circe", "echo"]
    assert session.layout().extent == alone


def test_within_elements_the_mean_of_each_element_is_the_middle(session: Session) -> None:
    session.view.within = "elements"
    for frame in ("agreement", "variance", "own"):
        session.view.frame = frame
        for places in session.layout().coordinates.values():
            means = [np.nanmean(places[session.data.numbers == element], axis=0) for element in ELEMENTS]
            np.testing.assert_allclose(means, np.broadcast_to(means[0], (len(ELEMENTS), 2)), atol=1e-5)
            assert np.nanstd(places) > 0.1


def test_raw_features_and_umap_have_no_form_within_elements(session: Session) -> None:
    session.view.within = "elements"
    assert session.key.within_elements
    session.view.representation = "raw"
    assert not session.key.within_elements
    session.view.param.update(representation="relative", layout="umap")
    assert not session.key.within_elements


def test_agreement_is_told_of_each_model_on_axes_of_agreement_alone(session: Session) -> None:
    session.view.models = ["ares", "bia", "circe", "echo"]
    found = session.agreements()
    assert set(found) == {"ares", "bia", "circe", "echo"}
    assert min(found[model][0] for model in ("ares", "bia", "circe")) > 0.5
    assert 0.5 < found["ares"][0] <= 1
    for other in ("variance", "own"):
        session.view.frame = other
        assert session.agreements() == {}
    session.view.frame = "agreement"
    session.view.models = ["ares", "echo"]  # nobody to agree with
    assert session.agreements() == {}


def test_one_anchor_has_one_axis_and_two_numbers_cannot_be_told(session: Session) -> None:
    session.view.use_anchors("by hand", np.array([8]))
    assert not session.layout().coordinates["ares"][:, 1].any()
    assert np.isnan(session.agreements()["ares"][1])
    assert saving.note(session.layout(), session.agreements(), "ares") == ""


def test_while_axes_of_agreement_are_computed_the_maps_lie_on_those_of_variance(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.later, "value", lambda source, request: None)
    session.view.models = ["bia", "circe", "dione"]  # nobody has looked at these yet
    assert session.agreeing()
    assert session.layout().key.frame == "variance"
    assert session.agreements() == {}
    assert take(session).key.frame == "variance"  # what a picture says it shows


def test_a_link_of_before_shows_what_it_showed(session: Session) -> None:
    assert urls.decode("?v=1&frame=shared", session) == []
    assert session.view.frame == "variance"


@pytest.fixture
def shell(data: AtlasData) -> Shell:
    return shell_of(data)


def choose(shell: Shell, name: str, value: str) -> None:
    shell.bar.bar.intent = {"kind": "choose", "id": name, "value": value, "n": np.random.default_rng().random()}


def test_titles_count_what_lies_beyond_the_maps_in_their_own_size(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = shell.grid.layout
    x0, x1, y0, y1 = layout.extent
    shell.grid.layout = replace(layout, extent=(x0 / 4, x1 / 4, y0 / 4, y1 / 4))  # so that much lies beyond

    def counted_at(**size: int) -> list[int]:
        monkeypatch.setattr("platonic_atlas.dashboard.components.live_maps._told", lambda figure, side: size[side])
        shell.grid._resized()  # as the browser tells it
        titles = [str(pane.object) for pane in shell.titles.panes[:4]]
        found = [re.search(r"([\d,]+) far outside", title) for title in titles]
        counts = [int(each[1].replace(",", "")) if each else 0 for each in found]
        assert counts == [shell.grid.outside(cell) for cell in range(4)]
        return counts

    assert counted_at(inner_width=900, inner_height=300) != counted_at(inner_width=200, inner_height=700)


def test_titles_say_how_far_a_model_agrees_and_the_tooltip_says_what_that_is(shell: Shell) -> None:
    first = str(shell.titles.panes[0].object)
    both = shell.session.agreements()["ares"]
    assert f"agrees {both[0]:.2f} · {both[1]:.2f}" in first
    assert "the other 3 trained models" in first
    choose(shell, "frame", "variance")
    assert "agrees" not in str(shell.titles.panes[0].object)
    assert re.search(r"\d+ %", str(shell.titles.panes[0].object))


def test_within_elements_is_one_press_there_and_back(shell: Shell) -> None:
    shell.view.models = ["ares", "bia", "circe"]
    choose(shell, "layout", "umap")
    choose(shell, "within", "elements")
    assert (shell.view.layout, shell.session.key.within_elements) == ("pca", True)
    assert "less the mean place of its element" in shell.sentence.data["text"]
    assert "less the mean place of its element" in saving.caption(take(shell.session))
    choose(shell, "within", "all")
    assert not shell.session.key.within_elements
    assert shell.view.colour == "group"


def test_the_sentence_says_what_a_control_shows_in_numbers(shell: Shell) -> None:
    shell.view.models = ["ares", "bia", "circe", "echo"]
    both = shell.session.agreements()["echo"]
    said = shell.sentence.data["text"].replace("−", "-")
    assert f"Agreement: Echo {both[0]:.2f} · {both[1]:.2f}, trained models" in said


def test_what_lies_beyond_a_map_is_marked_at_its_edge() -> None:
    places = np.array([[0.0, 0.0], [5.0, 0.0], [0.5, -7.0], [np.nan, np.nan], [-9.0, 9.0]], dtype=np.float32)
    marks = beyond(places, (-1.0, 1.0, -1.0, 1.0))
    by_site = dict(zip(marks.sites.tolist(), zip(marks.points, marks.angles, strict=True), strict=True))
    assert set(by_site) == {1, 2, 4}
    np.testing.assert_allclose(by_site[1][0], [0.96, 0.0])
    np.testing.assert_allclose([by_site[1][1], by_site[2][1]], [-np.pi / 2, -np.pi])
    np.testing.assert_allclose(by_site[4][0], [-0.96, 0.96])


def test_marks_at_the_edge_go_when_the_map_is_moved(session: Session) -> None:
    session.view.frame = "own"
    grid = MapGrid(session.view, session.data, session.picture)
    marked = [len(cell.source("beyond").data["x"]) for cell in grid.cells]
    assert [bool(n) for n in marked[:4]] == [grid.outside(cell) > 0 for cell in range(4)]
    grid.x.update(start=-50, end=50)
    grid.redraw()
    assert all(len(cell.source("beyond").data["x"]) == 0 for cell in grid.cells)
