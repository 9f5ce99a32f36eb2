from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms

from platonic_atlas.engine.elements import MODEL_ELEMENTS, numbers_by_symbol, table
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.structures import chemistry, families
from platonic_atlas.engine.structures.cache import RelaxationCache
from platonic_atlas.engine.structures.recipe_file import StructureRecipe, parse_recipe, read_recipe
from platonic_atlas.engine.structures.recipes import generate, report
from platonic_atlas.engine.structures.relax import fit_minimum, placed, relax, relax_volumes, scaled
from platonic_atlas.engine.structures.symmetry import free_parameters
from platonic_atlas.engine.types import FloatArray, Relaxed

DEFAULT = Path(__file__).parents[3] / "data" / "recipes" / "default.toml"
Z = numbers_by_symbol()


class Springs:
    """An analytic potential, n (ln V/V0)² - 3 n for n atoms: one minimum, at V0 = 7 Σ r³, whatever the cell's shape.

    r is the covalent radius, at least 0.8 Å, and 1.5 Å for the noble gases.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.relaxed: list[Atoms] = []

    def energies(self, structures: list[Atoms]) -> FloatArray:
        self.calls += len(structures)
        return np.array([self.energy(atoms) for atoms in structures])

    def relax(self, structures: list[Atoms]) -> list[Relaxed]:
        self.relaxed += structures
        return [Relaxed(atoms.cell.array, atoms.positions, self.energy(atoms)) for atoms in structures]

    def best_volume(self, atoms: Atoms) -> float:
        radius = np.where(table().group == 18, 1.5, np.maximum(table().covalent_radius, 0.8))
        return float(7 * (radius[atoms.numbers] ** 3).sum())

    def energy(self, atoms: Atoms) -> float:
        return len(atoms) * (np.log(atoms.cell.volume / self.best_volume(atoms)) ** 2 - 3)


@pytest.mark.parametrize("offset", [0.7, 0.9, 1.0, 1.1, 1.2])
def test_volume_relaxation_finds_the_analytic_minimum(offset: float) -> None:
    springs = Springs()
    atoms = families.family("ionic", "perovskite").decorate([56, 22, 8])
    best = scaled(atoms, (springs.best_volume(atoms) / atoms.cell.volume) ** (1 / 3))
    (relaxed,) = relax_volumes([scaled(best, offset)], springs.energies)
    assert relaxed.reason == ""
    assert relaxed.scale * offset == pytest.approx(1, abs=3e-3)
    assert relaxed.energy == pytest.approx(-15, abs=5e-3)


@pytest.mark.parametrize(
    ("energy", "said"),
    [
        (lambda atoms: -atoms.cell.volume, "no minimum"),
        (lambda atoms: atoms.cell.volume, "no minimum"),
        (lambda atoms: float("nan"), "no energy"),
    ],
)
def test_no_minimum_is_told(energy: Any, said: str) -> None:
    atoms = families.family("elemental", "fcc").decorate([29])
    (relaxed,) = relax_volumes([atoms], lambda many: np.array([energy(a) for a in many]))
    assert said in relaxed.reason
    assert np.isnan(relaxed.scale)


def test_fit_is_exact_for_a_birch_energy() -> None:
    scale = np.exp(0.04 * np.arange(-1, 2))
    energy = 2.0 + 5 * (scale**-2.0 - 1.01) ** 2
    found = fit_minimum(scale, energy)
    assert found.scale == pytest.approx(1.01**-0.5, rel=1e-9)
    assert found.energy == pytest.approx(2.0, abs=1e-9)


@pytest.mark.parametrize("energy", [[1.0, 2.0, 1.0], [0.0, 1.0, 2.0]])
def test_fit_without_a_minimum(energy: list[float]) -> None:
    assert "no minimum" in fit_minimum(np.exp(0.04 * np.arange(-1, 2)), np.array(energy)).reason


@pytest.mark.parametrize(
    ("group", "name", "elements", "free"),
    [
        ("elemental", "fcc", ["Cu"], 1),
        ("elemental", "hcp", ["Mg"], 2),
        ("ionic", "perovskite", ["Sr", "Ti", "O"], 1),
        ("ionic", "rutile", ["Ti", "O"], 3),
        ("ionic", "spinel", ["Mg", "Al", "O"], 2),
        ("ionic", "ilmenite", ["Fe", "Ti", "O"], 7),
        ("intermetallic", "thorium chromium silicide", ["Th", "Cr", "Si"], 3),
    ],
)
def test_what_symmetry_leaves_free(group: str, name: str, elements: list[str], free: int) -> None:
    """Edges of the conventional cell and free coordinates, as the International Tables give them."""
    assert free_parameters(families.family(group, name).decorate([Z[each] for each in elements])) == free


def test_only_what_symmetry_leaves_free_is_relaxed_further() -> None:
    cubic, tetragonal = (families.family("ionic", name) for name in ("fluorite", "rutile"))
    start = [cubic.decorate([Z["Ca"], Z["F"]]), tetragonal.decorate([Z["Ti"], Z["O"]])]
    springs = Springs()
    found = relax(start, springs)
    assert [str(atoms.symbols) for atoms in springs.relaxed] == [str(start[1].symbols)]
    for atoms, relaxed in zip(start, found, strict=True):
        assert placed(atoms, relaxed).cell.volume == pytest.approx(springs.best_volume(atoms), rel=0.01)


def test_a_crystal_that_relaxes_into_another_structure_is_left_out() -> None:
    class Flat(Springs):
        """Wurtzite's layers fall into planes, as in boron nitride."""

        def relax(self, structures: list[Atoms]) -> list[Relaxed]:
            found = super().relax(structures)
            planar = [len(atoms) == 4 and len(set(atoms.numbers)) == 2 for atoms in structures]
            return [
                replace(each, positions=flattened(atoms)) if flat else each
                for atoms, each, flat in zip(structures, found, planar, strict=True)
            ]

    def flattened(atoms: Atoms) -> FloatArray:
        places = atoms.get_scaled_positions()
        places[:, 2] = np.rint(2 * (places[:, 2] + 0.06)) / 2
        return np.asarray(places @ atoms.cell.array)

    generated = generate(small_recipe(sites=150, ionic_family=[{"name": "wurtzite", "share": 1.0}]), Flat())
    reasons = {reject.reason for reject in generated.rejects if reject.id.startswith("wurtzite")}
    assert "relaxes into another structure (P6₃mc to P6₃/mmc)" in reasons
    assert "wurtzite" not in {atoms.info["prototype"] for atoms in generated.structures}


ANIONS = {Z["O"]: -2, Z["F"]: -1, Z["N"]: -3}


def _symbols(rows: Any) -> set[tuple[str, ...]]:
    return {tuple(str(s) for s in table().symbol[row]) for row in rows}


@pytest.mark.parametrize(
    ("name", "decoration", "allowed"),
    [
        ("rock salt", ("Mg", "O"), True),
        ("rock salt", ("Na", "F"), True),
        ("rock salt", ("La", "N"), True),
        ("rock salt", ("Na", "O"), False),
        ("rock salt", ("Mg", "F"), False),
        ("fluorite", ("Ca", "F"), True),
        ("fluorite", ("Na", "F"), False),
        ("antifluorite", ("Li", "O"), True),
        ("corundum", ("Al", "O"), True),
        ("perovskite", ("Sr", "Ti", "O"), True),
        ("perovskite", ("Na", "Mg", "F"), True),
        ("perovskite", ("Sr", "Al", "O"), False),
        ("perovskite", ("Ti", "Sr", "O"), False),
        ("perovskite", ("Sr", "Sr", "O"), False),
        ("spinel", ("Mg", "Al", "O"), True),
    ],
)
def test_charge_neutrality(name: str, decoration: tuple[str, ...], allowed: bool) -> None:
    member = families.family("ionic", name)
    cations = sorted({Z[s] for s in ("Li", "Na", "Mg", "Al", "Ca", "Ti", "Sr", "La")})
    larger = name == "perovskite"
    rows = chemistry.ionic(member, cations, ANIONS, chemistry.common_states(5.0), larger_first=larger)
    assert (decoration in _symbols(rows)) is allowed


def test_neutrality_and_order_agree_with_smact() -> None:
    from smact.screening import pauling_test

    rows = chemistry.ionic(families.family("ionic", "rutile"), MODEL_ELEMENTS, ANIONS, chemistry.common_states(5.0))
    value = table().electronegativity
    assert len(rows) > 50
    for cation, anion in rows.tolist():
        assert -2 * ANIONS[anion] in chemistry.common_states(5.0)[cation]
        assert pauling_test([4, ANIONS[anion]], [value[cation], value[anion]])


@pytest.mark.parametrize(
    ("symbols", "allowed"), [(("Ni", "Ti", "Sn"), True), (("Ni", "Ti", "Sb"), False), (("Co", "Ti", "Sb"), True)]
)
def test_eighteen_electrons(symbols: tuple[str, str, str], allowed: bool) -> None:
    member = families.family("intermetallic", "half-Heusler")
    rows = chemistry.intermetallic(member, [[Z[s]] for s in symbols], valence=[18])
    assert (len(rows) == 1) is allowed


def test_radius_ratio_of_laves_phases() -> None:
    member = families.family("intermetallic", "Laves C15")
    rows = chemistry.intermetallic(member, [[Z["Ca"], Z["Cu"]], [Z["Al"], Z["Ca"]]], radius_ratio=(1.1, 1.6))
    assert _symbols(rows) == {("Ca", "Al")}


def test_touching_spheres() -> None:
    salt = families.family("ionic", "rock salt").decorate([11, 17])
    radius = table().covalent_radius
    assert salt.get_distance(0, 1, mic=True) == pytest.approx(radius[11] + radius[17], rel=1e-6)


SMALL_SET = (
    "H",
    "He",
    "Li",
    "O",
    "F",
    "Na",
    "Mg",
    "Al",
    "Si",
    "C",
    "Ge",
    "P",
    "S",
    "N",
    "Cl",
    "Br",
    "K",
    "Ca",
    "Fe",
    "Ni",
    "Zn",
    "Sr",
    "Cs",
    "Th",
    "U",
    "Pd",
    "Cu",
)


def small_recipe(**changes: Any) -> StructureRecipe:
    tables = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    tables["ionic_family"] = [{"name": "rock salt", "share": 1.0}, {"name": "antiperovskite", "share": 2.0}]
    tables["intermetallic_family"] = [
        {"name": "full Heusler", "share": 1.0, "roles": [["late"], ["actinide"], ["light"]]}
    ]
    tables["experimental"]["sources"] = []
    tables["relaxation"]["max_formation_energy"] = 10.0
    return replace(parse_recipe({**tables, **changes}), elements=tuple(sorted(Z[symbol] for symbol in SMALL_SET)))


def test_generation_reaches_the_sites_and_repeats_itself(tmp_path: Path) -> None:
    recipe = small_recipe(sites=180)
    first_energy, second_energy = Springs(), Springs()
    first = generate(recipe, first_energy, cache=tmp_path / "relaxed.jsonl")
    assert 180 <= first.n_sites < 185
    assert (first.element_sites[list(recipe.elements)] >= 5).all()
    ids = [atoms.info["id"] for atoms in first.structures]
    assert len(set(ids)) == len(ids)
    assert {atoms.info["relaxed"] for atoms in first.structures} == {"mattersim-1m"}
    second = generate(recipe, second_energy, cache=tmp_path / "relaxed.jsonl")
    assert first_energy.calls > 0 and second_energy.calls == 0
    assert [a.info["id"] for a in second.structures] == ids
    assert all(np.allclose(a.positions, b.positions) for a, b in zip(first.structures, second.structures, strict=True))
    assert f"{first.n_sites} sites" in report(first, recipe.elements)


def test_elements_that_lose_structures_get_more_volumes() -> None:
    class WithoutHeliumMinima(Springs):
        def energies(self, structures: list[Atoms]) -> FloatArray:
            lost = [atoms.numbers[0] == 2 and atoms.info["prototype"] != "fcc" for atoms in structures]
            return np.where(lost, np.nan, super().energies(structures))

    generated = generate(small_recipe(sites=120), WithoutHeliumMinima())
    helium = [atoms for atoms in generated.structures if set(atoms.numbers) == {2}]
    assert len(helium) == 5
    assert len({round(atoms.cell.volume, 6) for atoms in helium}) == 5
    assert sum("He" in reject.id for reject in generated.rejects) == 4


def test_high_energies_are_left_out() -> None:
    class Repelled(Springs):
        def energies(self, structures: list[Atoms]) -> FloatArray:
            oxides = [8 in atoms.numbers and len(set(atoms.numbers)) > 1 for atoms in structures]
            return super().energies(structures) + np.where(oxides, 100.0, 0.0)

    generated = generate(small_recipe(sites=220), Repelled())
    kinds = [set(atoms.numbers.tolist()) for atoms in generated.structures]
    assert not any(8 in kind and len(kind) > 1 for kind in kinds)
    assert any("energy of formation above 10" in reject.reason for reject in generated.rejects)


def test_no_structure_twice() -> None:
    tables = [
        {"name": "caesium chloride", "share": 1.0, "roles": [["alkaline"], ["zinc"]]},
        {"name": "caesium chloride", "share": 1.0, "roles": [["zinc"], ["alkaline"]]},
    ]
    generated = generate(small_recipe(sites=2000, intermetallic_family=tables, ionic_family=[]), Springs())
    binaries = [a for a in generated.structures if a.info["prototype"] == "caesium chloride"]
    assert len(binaries) == 7
    assert sum("already" in reject.reason for reject in generated.rejects) == 7


def test_cache_passes_over_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "relaxed.jsonl"
    atoms = families.family("elemental", "bcc").decorate([26])
    RelaxationCache(path, "m").relax([atoms], Springs())
    path.write_text(path.read_text() + '{"key": "torn", "sca')
    again = Springs()
    RelaxationCache(path, "m").relax([atoms], again)
    assert again.calls == 0
    RelaxationCache(path, "other model").relax([atoms], again)
    assert again.calls > 0


def test_unknown_keys_are_refused() -> None:
    tables = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    tables["relaxation"]["modle"] = "x"
    with pytest.raises(UsageError, match="modle"):
        parse_recipe(tables)
    with pytest.raises(UsageError, match="no element|is none of"):
        small_recipe(ionic_family=[{"name": "rocksalt", "share": 1}])


def test_default_recipe_names_89_elements_and_a_model() -> None:
    recipe = read_recipe(DEFAULT)
    assert len(recipe.elements) == 89
    assert recipe.model == "mattersim-1m"
    assert 8000 <= recipe.sites <= 12000
