"""Colourings: a registry that a test can add to, and colours that are made once for what they depend on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.palettes import Colouring, by_value
from platonic_atlas.dashboard.colourings.registry import SCHEMES
from platonic_atlas.dashboard.colourings.scheme import Scheme
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.snapshot import take
from platonic_atlas.dashboard.state import urls
from tests.dashboard.conftest import shell_of


@dataclass(frozen=True)
class Parity(Request[Colouring]):
    """Whether the atomic number is odd."""

    dark: bool

    def make(self, data: AtlasData) -> Colouring:
        return by_value(data.numbers, data.numbers % 2.0, "Parity", dark=self.dark)


PARITY = Scheme(
    "parity", "Odd or even", lambda data, seen: Parity(seen.dark), sentence=lambda data, seen: ("Odd or even.", "By number.")
)  # fmt: skip


def test_a_colouring_is_added_from_outside_the_package(data: AtlasData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMES, "parity", PARITY)
    page = shell_of(data)
    colour = page.bar.bar.data["groups"][0]
    assert {"value": "parity", "label": "Odd or even"}.items() <= colour["more"][-1].items()
    page.bar.bar.intent = {"kind": "choose", "id": "colour", "value": "parity", "n": 1}
    assert page.dock.table.data["title"] == page.grid.colouring.title == "Parity"
    assert page.page.sentence() == ("Odd or even.", "By number.")
    assert "Coloured by parity." in saving.caption(take(page.session))
    other = Session(data)
    assert urls.decode(urls.encode(page.session)[0], other) == []
    assert other.view.colour == "parity"


def test_labels_of_an_atlas_are_offered_where_it_has_them(session: Session) -> None:
    assert list(session.colourings()) == [name for name in SCHEMES if name != "rotation_spread"]
    assert [scheme.name for scheme in session.colourings().values() if scheme.first] == ["group", "period", "element"]


@pytest.mark.parametrize("name", list(SCHEMES))
@pytest.mark.parametrize("consensus", ["colour", "disagreement"])
def test_maps_are_not_drawn_again_when_something_else_arrives(data: AtlasData, name: str, consensus: str) -> None:
    page = shell_of(data)
    page.view.param.update(colour=name, consensus=consensus)
    drawn: list[int] = []
    page.grid.redraw = lambda: drawn.append(1)  # type: ignore[method-assign]
    page.session.later.arrived()
    assert drawn == []
    page.view.dark = not page.view.dark
    assert drawn == [1]


@pytest.mark.parametrize("name", list(SCHEMES))
def test_colours_of_equal_views_are_one_object_for_all_sessions(data: AtlasData, name: str) -> None:
    assert Session(data, colour=name).colouring() is Session(data, colour=name).colouring()


def test_without_values_all_is_grey(session: Session) -> None:
    session.view.param.update(colour="disagreement", representation="raw")
    made = session.colouring()
    assert (made.title, len(np.unique(made.rgb))) == ("Disagreement", len(np.unique(made.rgb[0])))
    assert session.colouring() is made
