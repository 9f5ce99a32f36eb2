"""Pages: a registry that a test can add to; a hidden page draws nothing; pictures are of one moment."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.components.choice_bar import Choice as BarChoice
from platonic_atlas.dashboard.components.choice_bar import Option
from platonic_atlas.dashboard.components.sentence import Sentence
from platonic_atlas.dashboard.pages.base import PAGES, Page
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.dashboard.snapshot import Snapshot, take
from platonic_atlas.dashboard.state import urls
from platonic_atlas.dashboard.state.choices import TABLE, Choice, Part, one_of
from platonic_atlas.dashboard.state.view import View
from tests.dashboard.conftest import shell_of
from tests.documents import ROOT


class Census(Page):
    """A page of somebody else: a choice of its own, a main part, a picture, a tap."""

    name, title = "census", "Census"
    choices = (Choice("census_by", "element", one_of("element", "crystal"), redraws=frozenset({Part.WORDS})),)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.counted = Sentence()
        self.told: list[frozenset[str]] = []

    @property
    def main(self) -> Sentence:
        return self.counted

    def bar(self) -> list[BarChoice]:
        options = [Option("element", "Element"), Option("crystal", "Crystal")]
        return [BarChoice("census_by", "Count", self.view.census_by, options=options)]

    def sentence(self) -> tuple[str, str]:
        return "A census.", f"By {self.view.census_by}."

    def pictures(self) -> list[tuple[str, str]]:
        return [("bars", "Bars")]

    def draw(self, snapshot: Snapshot, what: str, format: str) -> bytes:
        return f"{what} of {snapshot.data.n_sites} as {format}".encode()

    def refresh(self, changed: frozenset[str]) -> None:
        self.told.append(changed)


@pytest.fixture
def shell(data: AtlasData, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setitem(PAGES, "census", f"{__name__}:Census")
    yield shell_of(data)
    TABLE.pop("census_by")


def test_a_page_is_added_from_outside_the_package(shell: Shell, data: AtlasData) -> None:
    assert [page["label"] for page in shell.header.data["pages"]][-1] == "Census"
    shell.header.intent = {"kind": "page", "value": "census", "n": 1}
    assert shell.page.name == "census"
    assert [group["id"] for group in shell.bar.bar.data["groups"]] == ["census_by"]
    shell.bar.bar.intent = {"kind": "choose", "id": "census_by", "value": "crystal", "n": 1}
    assert shell.sentence.data["text"] == "By crystal."
    assert shell.roots()["main_census"] is shell.page.main
    query, _ = urls.encode(shell.session)
    other = Session(data)
    assert urls.decode(query, other) == []
    assert (other.view.page, other.view.census_by) == ("census", "crystal")
    assert urls.decode("?census_by=moon", other) == ["census_by cannot be 'moon'"]


def test_what_a_page_draws_is_saved(shell: Shell) -> None:
    shell.view.page = "census"
    assert {"value": "bars", "label": "Bars"} in shell.header.data["pictures"]
    shell.header.intent = {"kind": "save", "format": "svg", "what": "bars", "n": 1}
    saved = shell.header.data["download"]
    assert saved["name"].endswith("-bars.svg")


def test_a_page_hears_of_changes_while_it_is_seen_and_of_nothing_else(shell: Shell) -> None:
    census = shell.pages["census"]
    assert isinstance(census, Census)
    shell.view.atom = 3
    assert census.told == []
    shell.view.page = "census"
    assert census.told == [frozenset(TABLE)]
    shell.view.param.update(colour="block", census_by="crystal")
    assert census.told[1:] == [frozenset({"colour", "census_by"})]


def test_hidden_maps_are_drawn_when_they_are_seen_again(shell: Shell) -> None:
    shell.view.page = "census"
    drawn: list[str] = []
    redraw, highlights = shell.grid.redraw, shell.grid.draw_highlights
    shell.grid.redraw = lambda: (drawn.append("all"), redraw())  # type: ignore[method-assign]
    shell.grid.draw_highlights = lambda: (drawn.append("selection"), highlights())  # type: ignore[method-assign]
    shell.view.colour = "block"
    shell.view.select(shell.session.data.numbers == 8)
    assert drawn == []
    shell.view.page = "atlas"
    assert drawn == ["all", "selection"]  # once, the selection with it
    shell.view.page = "census"
    shell.view.page = "atlas"
    assert drawn == ["all", "selection"]  # nothing had changed


def test_an_unknown_page_of_a_link_is_said_and_the_first_one_seen(
    data: AtlasData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platonic_atlas.dashboard.shell.shell.urls.decode", lambda query, session: _nowhere(session))
    shell = shell_of(data)
    assert shell.page.name == "atlas"
    assert "page cannot be 'nowhere'" in shell.sentence.data["messages"][0]["happened"]


def _nowhere(session: Session) -> list[str]:
    session.view.page = "nowhere"
    return []


def test_the_table_of_choices_is_the_view() -> None:
    assert set(TABLE) == set(View(3).param) - {"name", "census_by"}


def pixels(content: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_a_picture_is_of_the_moment_at_which_it_was_asked_for(session: Session) -> None:
    """Whatever the visitor does while it is drawn: pixels, caption, citation and name are those of before."""
    view = session.view
    snapshot = take(session)
    before = saving.file(snapshot, "png"), saving.caption(snapshot), saving.citation(snapshot)
    coordinates = saving.file(snapshot, "csv")
    view.param.update(colour="period", models=["dione", "circe"], representation="raw", marks=False, dark=True)
    view.use_anchors("by hand", np.array([3, 9, 12]))
    view.select(session.data.numbers == 8)
    after = saving.file(snapshot, "png"), saving.caption(snapshot), saving.citation(snapshot)
    assert after[0][:2] == before[0][:2]
    np.testing.assert_array_equal(pixels(after[0][2]), pixels(before[0][2]))
    assert after[1:] == before[1:]
    assert saving.file(snapshot, "csv") == coordinates
    assert not np.array_equal(pixels(saving.file(take(session), "png")[2]), pixels(before[0][2]))


def test_the_contract_of_imports_names_every_page() -> None:
    """The shell and what lies below it import no page; a page that the contract does not name could be imported."""
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = contract[contract.index("Imports of the dashboard go one way") :]
    for place in PAGES.values():
        room = place.partition(":")[0].removeprefix("platonic_atlas.dashboard.pages.").partition(".")[0]
        assert f"platonic_atlas.dashboard.pages.{room}" in layers
