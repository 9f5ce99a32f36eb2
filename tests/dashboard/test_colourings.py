"""Colourings: a registry that a test can add to, and colours that are made once for what they depend on."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.request import Request
from platonic_atlas.dashboard.colourings.neighbourhood import Around
from platonic_atlas.dashboard.colourings.palettes import Colouring, by_value
from platonic_atlas.dashboard.colourings.registry import SCHEMES, schemes
from platonic_atlas.dashboard.colourings.scheme import Scheme
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.snapshot import take
from platonic_atlas.dashboard.state import urls
from platonic_atlas.engine.store import create_atlas
from platonic_atlas.engine.structures.neighbourhood import DIGITS
from tests.dashboard.conftest import seeded_collection, shell_of


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


def test_labels_of_an_atlas_are_offered_where_it_has_them(session: Session, tmp_path: Path) -> None:
    assert list(session.colourings()) == [name for name in SCHEMES if name != "rotation_spread"]
    former = AtlasData(create_atlas(tmp_path / "a.atlas.zarr", seeded_collection()))  # made before some of them were
    assert list(schemes(former)) == [name for name in SCHEMES if name != "rotation_spread"]
    huge = SimpleNamespace(n_sites=10**6, label_names=lambda: ["coordination"])
    assert not any(SCHEMES[name].offered(huge) for name in DIGITS)  # type: ignore[arg-type]
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


@pytest.mark.parametrize(
    ("name", "title", "unit"),
    [("neighbour_electronegativity", "Electronegativity of neighbours", "Pauling"),
     ("volume_per_atom", "Volume per atom", "Å³"), ("shortest_bond", "Shortest relative bond", "sums of radii")],
)  # fmt: skip
def test_what_surrounds_an_atom_is_a_scale_with_a_unit(data: AtlasData, name: str, title: str, unit: str) -> None:
    page = shell_of(data)
    assert (name, title) in [(each["value"], each["label"]) for each in page.bar.bar.data["groups"][0]["more"]]
    page.bar.bar.intent = {"kind": "choose", "id": "colour", "value": name, "n": 1}
    legend = page.dock.table.data["legend"]
    assert (page.dock.table.data["title"], legend["kind"], legend["unit"]) == (title, "scale", unit)
    assert f"Coloured by {title.lower()}." in saving.caption(take(page.session))
    values = data.label(name).astype(float)
    assert np.isfinite(values).all()
    assert (legend["low"], legend["high"]) == pytest.approx(tuple(np.percentile(values, [1, 99])))


def test_what_a_composition_tells_is_not_taken_for_geometry(data: AtlasData) -> None:
    page = shell_of(data)
    page.view.colour = "neighbour_electronegativity"
    said = " ".join(page.page.sentence())
    assert "composition alone" in said and "not that they learned it from geometry" in said
    page.view.colour = "volume_per_atom"
    assert "composition" not in " ".join(page.page.sentence())


def test_of_an_atlas_without_these_labels_they_are_computed(data: AtlasData, monkeypatch: pytest.MonkeyPatch) -> None:
    with_labels = {name: data.made(Around(name)) for name in DIGITS}
    bare = AtlasData(data.atlas)
    monkeypatch.setattr(bare, "label_names", lambda: ["coordination"])
    for name, values in with_labels.items():
        np.testing.assert_array_equal(bare.made(Around(name)), values)
        assert name in Session(bare).colours


def test_labels_that_were_added_are_in_the_saved_table(data: AtlasData) -> None:
    page = shell_of(data)
    page.view.select(data.numbers == 8)
    _, _, content = saving.file(take(page.session), "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert {row["volume_per_atom"] for row in rows} == {"64.00"}
    assert {row["neighbour_electronegativity"] for row in rows} == {"3.440"}
