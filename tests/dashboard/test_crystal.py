"""The crystal of the current atom."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ase.build import bulk

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.components.structure_view import structure_data, viewer_folder
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.crystal import Crystal
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.structures.surroundings import unit_cell, within
from tests.dashboard.conftest import shell_of


@pytest.fixture(scope="module")
def default() -> AtlasData:
    """The atlas that ships: real crystals."""
    return AtlasData(open_atlas())


def test_nothing_is_drawn_before_an_atom_is_chosen(session: Session) -> None:
    crystal = Crystal(session)
    assert crystal.panel.data["atoms"] is None


def test_what_an_atom_needs_is_read_before_one_is_tapped() -> None:
    data = AtlasData(open_atlas())
    page = shell_of(data)
    data.read_for_atoms(page.view.models)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("label", "site_energy", "positions", "atom_numbers"):
            patch.setattr(type(data.atlas), name, lambda *_, name=name: pytest.fail(f"{name} is read again"))
        page.view.atom = 1234
    assert page.crystal.panel.data["atoms"] is not None


def test_the_crystal_is_that_of_the_atom_and_marks_it(default: AtlasData) -> None:
    page = shell_of(default)
    for site in (0, 1234, default.n_sites - 1):
        page.view.atom = site
        shown = page.crystal.panel.data
        number = default.numbers[site]
        assert shown["title"] == default.formulas[default.structure[site]]
        assert shown["species"][shown["atoms"]["symbols"][0]]["element"] == shown["atoms"]["symbols"][0]
        atoms = default.atlas.structure(int(default.structure[site]))
        assert atoms.numbers[shown["images"][0]] == number
        assert default.crystals.site_of(int(default.structure[site]), shown["images"][0]) == site


def test_what_is_drawn_can_be_chosen_and_an_image_leads_to_its_site(default: AtlasData) -> None:
    page = shell_of(default)
    page.view.atom = int(np.flatnonzero(default.prototypes[default.structure] == "barite")[0])
    first, counts, nearest = page.view.atom, {}, {}
    for kind in ("cell", "supercell", "near-5", "near-6"):
        page.crystal.panel.intent = {"kind": "show", "value": kind, "n": len(counts)}
        counts[kind] = len(page.crystal.panel.data["images"])
        nearest[kind] = re.findall(r"at (\S+)\s", page.crystal.panel.data["note"])[0]
    assert counts["supercell"] > counts["cell"]
    assert counts["near-6"] > counts["near-5"]
    assert len(set(nearest.values())) == 1  # the same atom has the same neighbour, whatever is drawn
    titles = {option["value"]: option["title"] for option in page.crystal.options()}
    assert "SevenNet-0" in titles["near-5"]
    assert "MACE-MP-0 small" in titles["near-6"]
    assert "Orb-d3-xs-v2 (the nearest 20)" in titles["near-6"]
    other = next(a for a in page.crystal.panel.data["images"] if a != page.crystal.panel.data["images"][0])
    page.crystal.panel.intent = {"kind": "image", "atom": other, "n": 9}
    assert page.view.atom == default.crystals.site_of(int(default.structure[first]), other)
    page.crystal.panel.intent = {"kind": "image", "atom": 10_000, "n": 10}
    page.crystal.panel.intent = {"kind": "show", "value": "nothing of that", "n": 11}
    assert page.crystal.show == "near-6"
    page.view.models = ["sevennet-0"]  # which sees 5 Å: the choice of 6 Å goes
    assert page.crystal.show == "cell"


def test_a_large_cell_is_cut_around_the_marked_atom() -> None:
    shown = unit_cell(bulk("Cu", cubic=True).repeat(6), 3)
    cut = shown.nearest(50)
    assert len(cut.numbers) == 50
    assert cut.distance[0] == 0
    assert cut.distance.max() <= np.sort(shown.distance)[49] + 1e-9


def test_metals_are_not_joined_and_salts_are() -> None:
    def pairs(name: str, structure: str) -> set[str]:
        return set(structure_data(within(bulk(name, structure, a=5.6), 0, 4))["bonds"])

    assert pairs("NaCl", "rocksalt") == {"Na-Cl", "Cl-Na", "Cl-Cl"}
    assert pairs("CuAu", "rocksalt") == set()


def test_the_viewer_is_a_file_of_its_wheel() -> None:
    assert "export{" in (viewer_folder() / "widget.js").read_text(encoding="utf-8")[-4000:]
