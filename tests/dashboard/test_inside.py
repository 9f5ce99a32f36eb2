"""What is inside a selection, which selections are suggested, and what is near an atom."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.pages.maps import map_sentence
from platonic_atlas.dashboard.selection import inside
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.dashboard.snapshot import take
from platonic_atlas.dashboard.state import urls
from platonic_atlas.engine import elements
from platonic_atlas.engine.store import open_atlas
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT, shell_of


@pytest.fixture(scope="module")
def default() -> AtlasData:
    return AtlasData(open_atlas())


@pytest.fixture
def page(default: AtlasData) -> Shell:
    return shell_of(default)


def test_a_selection_of_one_element_stands_out_by_it(page: Shell) -> None:
    page.view.select(page.session.data.numbers == 8)
    (first, *_) = inside.contrast_rows(page.session.data, page.view.selected)
    n = int((page.session.data.numbers == 8).sum())
    assert (first["label"], first["value"], first["selected"], first["rest"], first["ratio"]) == (
        "Element",
        "O",
        n,
        0,
        None,
    )
    assert first["p"] < 1e-200
    rows = list(csv.DictReader(io.StringIO(inside.contrast_csv(page.session.data, page.view.selected))))
    assert {row["label"] for row in rows} == {"element", "prototype", "coordination"}
    assert rows[0]["value"] == "O"
    name, kind, content = saving.file(take(page.session), "contrast")
    assert (name.endswith("what-stands-out.csv"), kind, content.decode()) == (
        True,
        "text/csv",
        inside.contrast_csv(page.session.data, page.view.selected),
    )


def test_crystals_are_the_medoid_and_a_sample_of_others(page: Shell) -> None:
    data = page.session.data
    page.view.select(data.numbers == 26)
    sites = inside.example_sites(page.session)
    assert len(sites) == 12
    assert len(np.unique(data.structure[sites])) == 12
    assert (data.numbers[sites] == 26).all()
    places = page.session.layout().coordinates[page.view.models[0]]
    iron = np.flatnonzero(data.numbers == 26)
    away = ((places[iron] - np.nanmean(places[iron], axis=0)) ** 2).sum(axis=1)
    assert sites[0] == iron[away.argmin()]
    assert inside.example_sites(page.session).tolist() == sites.tolist()
    shown = inside.examples(page.session)
    assert all(each["picture"].startswith("data:image/svg+xml;base64,") for each in shown)
    page.view.select(np.arange(data.n_sites) == sites[0])
    assert inside.example_sites(page.session).tolist() == [sites[0]]


def test_the_panel_looks_inside_when_asked(page: Shell) -> None:
    page.view.select(page.session.data.numbers == 9)
    assert page.dock.panel.data["inside"] is None
    page.dock.panel.intent = {"kind": "inside", "open": True, "n": 1}
    shown = page.dock.panel.data["inside"]
    assert len(shown["crystals"]) == 12
    assert shown["rows"][0]["value"] == "F"
    page.dock.panel.intent = {"kind": "inside", "open": False, "n": 2}
    assert page.dock.panel.data["inside"] is None
    page.dock.panel.intent = {"kind": "contrast_csv", "n": 3}
    assert page.download is not None
    assert page.download["name"].endswith("what-stands-out.csv")


def test_suggested_are_the_classes_of_largest_disagreement(page: Shell) -> None:
    suggested = page.dock.panel.data["suggestions"]
    measure = page.session.disagreement()
    assert measure is not None
    assert len(suggested) == inside.SUGGESTED
    values = inside.labels(page.session.data)[suggested[0]["label"]]
    mine = values == suggested[0]["value"]
    assert suggested[0]["times"] == pytest.approx(np.nanmean(measure[mine]) / np.nanmean(measure[~mine]), rel=1e-5)
    assert suggested[0]["times"] > 1.1
    page.dock.panel.intent = {
        "kind": "suggestion",
        "label": suggested[0]["label"],
        "value": suggested[0]["value"],
        "n": 4,
    }
    assert np.array_equal(page.view.selected, mine)
    assert page.dock.panel.data["suggestions"] == []
    page.dock.panel.intent = {"kind": "suggestion", "label": "nothing", "value": "x", "n": 5}
    assert np.array_equal(page.view.selected, mine)


def test_the_card_lists_what_each_model_holds_nearest(page: Shell) -> None:
    data = page.session.data
    page.view.atom = atom = int(np.flatnonzero(data.prototypes[data.structure] == "hcp")[7])
    card = page.dock.panel.data["atom"]
    assert card["spacegroup"] == "P6₃/mmc (194)"
    assert [row["model"] for row in card["nearest"]] == [page.session.data.models[m].title for m in page.view.models]
    named: dict[int, int] = {}
    for row in card["nearest"]:
        for each in row["atoms"]:
            named[each["site"]] = named.get(each["site"], 0) + 1
    for row in card["nearest"]:
        for each in row["atoms"]:
            assert each["others"] == named[each["site"]] - 1
            symbol = elements.table().symbol[page.session.data.numbers[each["site"]]]
            assert each["words"].startswith(f"{symbol} in ")
    assert atom not in named


def test_colours_of_overlap_follow_the_pair(data: AtlasData) -> None:
    session = Session(data, colour="overlap")
    assert session.pair() == ("ares", "bia")
    values = session.values(session.scheme)
    assert values is not None
    assert np.isnan(values[5])  # bia does not embed it
    assert np.nanmin(values) >= 0
    assert np.nanmax(values) <= 1
    session.view.param.update(overlap_first="circe", overlap_second="dione")
    assert session.pair() == ("circe", "dione")
    assert not np.array_equal(session.values(session.scheme), values, equal_nan=True)
    lead, text = map_sentence(session)
    assert "Circe and Dione" in lead
    assert "ten nearest" in text
    groups = shell_of(data)
    groups.view.colour = "overlap"
    groups.refresh()
    options = next(g for g in groups.bar.bar.data["groups"] if g["id"] == "options")
    assert {"overlap_first", "overlap_second"} <= {choice["id"] for choice in options["groups"]}


def test_a_link_keeps_the_pair(data: AtlasData) -> None:
    session = Session(data, colour="overlap", overlap_first="circe", overlap_second="dione")
    query, _ = urls.encode(session)
    other = Session(data)
    assert urls.decode(query, other) == []
    assert (other.view.colour, other.pair()) == ("overlap", ("circe", "dione"))


def test_links_of_before_the_pair_had_a_choice_of_its_own_keep_it(data: AtlasData) -> None:
    session = Session(data)
    assert urls.decode("?colour=overlap&stitch_source=circe&stitch_target=dione", session) == []
    assert session.pair() == ("circe", "dione")


def test_another_pair_leaves_a_running_stitch_alone(data: AtlasData, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shell_of(data)
    page.view.colour = "overlap"
    ended: list[int] = []
    monkeypatch.setattr(page.pages["stitching"].work, "cancel", lambda: ended.append(1))
    before = (page.view.stitch_source, page.view.stitch_target)
    page.bar.bar.intent = {"kind": "choose", "id": "overlap_first", "value": "dione", "n": 1}
    assert page.session.pair() == ("dione", "bia")
    assert (page.view.stitch_source, page.view.stitch_target) == before
    assert ended == []


def test_a_set_without_a_selection_has_nothing_inside(session: Session) -> None:
    assert inside.contrast_rows(session.data, session.view.selected) == []
    assert len(inside.example_sites(session)) == 0
    assert len(ELEMENTS) * PER_ELEMENT == session.data.n_sites
