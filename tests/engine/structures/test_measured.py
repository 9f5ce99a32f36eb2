"""Measured crystals of the sources that a recipe names."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from platonic_atlas.engine.choices import MeasuredSource
from platonic_atlas.engine.elements import MODEL_ELEMENTS
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.structures.checks import reason_to_reject
from platonic_atlas.engine.structures.measured.aflow import LEFT_OUT, aflow_prototypes
from platonic_atlas.engine.structures.measured.packages import PACKAGES, package_crystals
from platonic_atlas.engine.structures.measured.sources import measured_crystals
from platonic_atlas.engine.structures.recipe_file import parse_recipe
from tests.documents import ROOT

CRYSTALS, DANS = PACKAGES[MeasuredSource.CRYSTALS], PACKAGES[MeasuredSource.DANS_DIFFRACTION]
ELEMENTS = set(MODEL_ELEMENTS)


def test_aflow_list() -> None:
    structures, rejects = aflow_prototypes(ELEMENTS)
    assert len(structures) + len(rejects) == 288
    assert {word for reject in rejects for word in ("Po", "Cf") if word in reject.reason} == {"Po", "Cf"}
    reasons = {reject.id.rpartition(" ")[2]: reject.reason for reject in rejects}
    assert {label: reasons[label] for label in LEFT_OUT} == LEFT_OUT  # none that the list does not hold
    names = {atoms.info["prototype"] for atoms in structures}
    assert {"rock salt", "perovskite", "spinel", "full Heusler", "pyrite"} <= names
    assert all(atoms.info["relaxed"] == "" for atoms in structures)


def test_files_of_dans_diffraction() -> None:
    structures, rejects = package_crystals(DANS, ELEMENTS)
    ids = [atoms.info["id"] for atoms in structures]
    assert len(structures) + len(rejects) == 28
    assert ids == sorted(ids)
    assert {reject.id.partition("/")[2] for reject in rejects if "partly" not in reject.reason} == set(DANS.left_out)
    assert [reject.id for reject in rejects if "partly occupied" in reject.reason] == [
        "dans-diffraction/Na0.8CoO2_P63mmc.cif"
    ]
    types = {atoms.info["id"].partition("/")[2]: atoms.info["prototype"] for atoms in structures}
    expected = {
        "KCl.cif": "rock salt", "Rutile.cif": "rutile", "LiCoO2.cif": "sodium ferrite", "ZnO.cif": "wurtzite",
        "Cobalt.cif": "hcp", "Iron.cif": "bcc", "Copper.cif": "fcc", "Graphite.cif": "graphite",
        "Sapphire.cif": "corundum", "Ca2RuO4.cif": "Ca2RuO4 61",
    }  # fmt: skip
    assert {name: types[name] for name in expected} == expected
    copper = structures[ids.index("dans-diffraction/Copper.cif")]
    assert len(copper) == 1 and copper.cell.volume == pytest.approx(3.61496**3 / 4, rel=1e-6)
    assert {atoms.info["source"] for atoms in structures} == {"experiment: CIF of Dans-Diffraction 3.4.0"}
    assert not any(reason_to_reject(atoms) for atoms in structures)


def test_files_of_crystals() -> None:
    structures, rejects = package_crystals(CRYSTALS, {z for z in ELEMENTS if z != 26})
    assert len(structures) + len(rejects) == 87  # those of its tests are not taken
    reasons = {reject.id: reject.reason for reject in rejects}
    assert reasons["crystals/Fe.cif"] == "Fe: not among the elements of the recipe"
    assert reasons["crystals/Am.cif"] == "Am: not among the elements of the recipe"
    assert "misprint" in reasons["crystals/Sm.cif"]
    types = {atoms.info["id"]: atoms.info["prototype"] for atoms in structures}
    assert types["crystals/BaTiO3_cubic.cif"] == "perovskite"  # not its inverse
    assert types["crystals/alpha-Mn.cif"] == "alpha Mn"


def test_sources_come_in_the_order_of_the_recipe() -> None:
    structures, _ = measured_crystals([MeasuredSource.DANS_DIFFRACTION, MeasuredSource.AFLOW], {6})
    prefixes = [atoms.info["id"].partition("/")[0] for atoms in structures]
    assert prefixes == sorted(prefixes, reverse=True) and set(prefixes) == {"dans-diffraction", "aflow"}
    assert measured_crystals([], ELEMENTS) == ([], [])


@pytest.mark.parametrize(
    ("package", "happened"),
    [
        (replace(CRYSTALS, distribution="platonic-no-such-package"), "is not installed"),
        (replace(CRYSTALS, version="1.6.4"), "is of version 1.7.0"),
        (replace(CRYSTALS, folder="crystals/no_such_folder/"), "lacks CIF files"),
    ],
)
def test_a_package_that_is_not_there(package: object, happened: str) -> None:
    with pytest.raises(UsageError, match=happened) as error:
        package_crystals(package, ELEMENTS)  # type: ignore[arg-type]
    assert "pip install 'platonic-atlas[recipe]'" in error.value.next_step


def test_versions_are_those_of_the_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert sorted(extras["recipe"]) == sorted(f"{each.distribution}=={each.version}" for each in PACKAGES.values())
    assert set(PACKAGES) | {MeasuredSource.AFLOW} == set(MeasuredSource)


@pytest.mark.parametrize(
    ("experimental", "said"),
    [
        ({"source": "aflow"}, "the key 'source', which is no more"),
        ({"sources": "aflow"}, "sources of .experimental."),
        ({"sources": ["icsd"]}, "no source of measured crystals 'icsd'"),
    ],
)
def test_sources_that_a_recipe_cannot_name(experimental: dict[str, object], said: str) -> None:
    tables = tomllib.loads((ROOT / "data" / "recipes" / "default.toml").read_text(encoding="utf-8"))
    with pytest.raises(UsageError, match=said):
        parse_recipe({**tables, "experimental": {**experimental, "max_formation_energy": 2.0}})
