"""From a recipe to structures: elements, experimental prototypes, decorated families.

The order of everything follows from the recipe and its seed alone. Energies and crystals at rest come from outside,
from a `Potential`, so that this module knows no model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ase import Atoms

from platonic_atlas.engine.elements import reduced_formula, table
from platonic_atlas.engine.progress import Progress, silent
from platonic_atlas.engine.structures import families
from platonic_atlas.engine.structures.bonds import reason_by_bonds
from platonic_atlas.engine.structures.cache import RelaxationCache
from platonic_atlas.engine.structures.checks import near_pairs, reason_to_reject
from platonic_atlas.engine.structures.measured.sources import measured_crystals
from platonic_atlas.engine.structures.recipe_file import StructureRecipe, read_recipe
from platonic_atlas.engine.structures.relax import Potential, placed, scaled
from platonic_atlas.engine.structures.select import Decoration, EvenOrder
from platonic_atlas.engine.structures.symmetry import crystal_symmetry, space_group_symbol
from platonic_atlas.engine.types import FloatArray, IntArray, Reject, Relaxed

#: Decorations relaxed in one go: enough to keep workers busy, few enough to resume from.
BATCH = 300

NOBLE_GASES = 18

#: Neighbours in a simple structure of an element start at this distance [Å] at least: with 8 or 12 neighbours no
#: bond is as short as the single bonds that define the radii of non-metals. From shorter ones a model falls into
#: wells of its own: CHGNet keeps fcc oxygen at 1.8 Å, where SevenNet-0 finds 9 eV/atom; from 2.2 Å both agree.
NEAREST = {"bcc": 2.2, "fcc": 2.2, "hcp": 2.2, "diamond": 1.6, "simple cubic": 1.6}

#: Atoms [Å] this near to the places of a higher symmetry have come to rest in it.
SAME_PLACE = 0.02

#: Atoms nearer than this share of their covalent radii's sum overlap: a false well of the model, or a misprint.
COLLAPSED = 0.6


@dataclass
class Generated:
    """Structures of a recipe; each info names id, prototype, source and relaxed (the model or "").

    rejects : what was tried and left out, with the reason
    references [eV/atom] : (119,) lowest energy of each element among its simple structures
    """

    structures: list[Atoms] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    references: FloatArray = field(default_factory=lambda: np.full(119, np.nan))
    n_sites: int = 0
    element_sites: IntArray = field(default_factory=lambda: np.zeros(119, dtype=int))
    seen: dict[tuple[str, int], list[Atoms]] = field(default_factory=dict)

    def add(self, atoms: Atoms) -> None:
        symmetry = crystal_symmetry(atoms)
        chosen = np.unique(symmetry.orbit)
        self.structures.append(atoms)
        self.n_sites += len(chosen)
        np.add.at(self.element_sites, atoms.numbers[chosen], 1)
        self.seen.setdefault((reduced_formula(atoms.numbers), symmetry.spacegroup), []).append(atoms)

    def reject(self, atoms: Atoms, reason: str) -> None:
        self.rejects.append(Reject(len(self.rejects), atoms.info["id"], atoms.info["source"], reason))

    def holds(self, atoms: Atoms) -> bool:
        """Whether a structure of the same type and elements, at whatever volume, is there already."""
        same = self.seen.get(_kind(atoms), [])
        return bool(same) and any(_match(atoms, other) for other in same)


def generate(
    recipe: StructureRecipe | str | Path,
    potential: Potential,
    *,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Generated:
    """All structures of a recipe, in an order that the recipe fixes.

    potential : the recipe's model
    cache : file for relaxed crystals; with it an interrupted build resumes
    """
    recipe = recipe if isinstance(recipe, StructureRecipe) else read_recipe(recipe)
    relaxations = RelaxationCache(cache, recipe.model)
    generated = Generated()
    elemental = _elements(recipe, generated, relaxations, potential)
    measured, rejects = measured_crystals(recipe.experimental, recipe.elements)
    generated.rejects += rejects
    for atoms, energy in zip(measured, potential.energies(measured) if measured else [], strict=True):
        _add_measured(generated, atoms, float(energy), recipe.max_measured_energy)
    lacking = _reserve(recipe, generated)
    _families(recipe, generated, relaxations, potential, recipe.sites - lacking, progress)
    _more_volumes(recipe, generated, elemental)
    return generated


def report(generated: Generated, elements: Iterable[int]) -> str:
    """Counts of a generated set in plain text."""
    symbol, numbers = table().symbol, list(elements)
    kinds = Counter(str(atoms.info["source"]).split(":")[0] for atoms in generated.structures)
    prototypes = Counter(atoms.info["prototype"] for atoms in generated.structures)
    counts = generated.element_sites[numbers]
    few = [
        f"{symbol[z]} {generated.element_sites[z]}" for z in np.array(numbers)[np.argsort(counts, kind="stable")[:12]]
    ]
    reasons = Counter(reject.reason.split(" (")[0] for reject in generated.rejects)
    lines = [
        f"{len(generated.structures)} structures, {sum(map(len, generated.structures))} atoms, {generated.n_sites} sites",
        f"sites an element: {counts.min()} to {counts.max()}, median {np.median(counts):.0f}; fewest: {', '.join(few)}",
        *(f"  {count:5d} {name}" for name, count in kinds.most_common()),
        "structures by prototype (five or more):",
        *(f"  {count:5d} {name}" for name, count in prototypes.most_common() if count >= 5),
        f"{len(generated.rejects)} rejected:",
        *(f"  {count:5d} {reason}" for reason, count in reasons.most_common()),
    ]
    return "\n".join(lines) + "\n"


def _elements(
    recipe: StructureRecipe, generated: Generated, relaxations: RelaxationCache, potential: Potential
) -> dict[int, list[Atoms]]:
    """The simple structures of every element; returns those that have a minimum, by element."""
    starts = []
    for number in recipe.elements:
        for name in recipe.element_structures:
            starts.append(_named(_elemental_start(name, number), name, recipe.model))
    kept: dict[int, list[Atoms]] = {number: [] for number in recipe.elements}
    for start, relaxed in zip(starts, relaxations.relax(starts, potential), strict=True):
        atoms, reason = _accepted(start, relaxed)
        if reason:
            generated.reject(start, reason)
            continue
        number = int(atoms.numbers[0])
        kept[number].append(atoms)
        generated.references[number] = np.fmin(generated.references[number], relaxed.energy / len(atoms))
        generated.add(atoms)
    return kept


def _elemental_start(name: str, number: int) -> Atoms:
    """Spheres that touch: of van der Waals radii for the noble gases, never nearer than `NEAREST`."""
    from ase.data.vdw import vdw_radii

    covalent = float(table().covalent_radius[number])
    radius = float(vdw_radii[number]) if table().group[number] == NOBLE_GASES else max(covalent, NEAREST[name] / 2)
    return scaled(families.family("elemental", name).decorate([number]), radius / covalent)


def _add_measured(generated: Generated, atoms: Atoms, energy: float, limit: float) -> None:
    """An experimental structure as it is; a simple structure of an element may recur here, measured.

    Some coordinates of the lists are misprinted: bonds cannot be real, or the energy [eV] is far above any real crystal's.
    """
    reason = reason_to_reject(atoms) or (
        "overlapping atoms in the list" if _overlaps(atoms) else reason_by_bonds(atoms)
    )
    if not reason and np.isfinite(energy):
        reason = _too_high(atoms, energy, generated.references, limit)
    twin = any(
        _match(atoms, other, scale=False) for other in generated.seen.get(_kind(atoms), []) if not other.info["relaxed"]
    )
    if reason or twin:
        generated.reject(atoms, reason or "the list holds this structure twice")
        return
    generated.add(atoms)


def _reserve(recipe: StructureRecipe, generated: Generated) -> int:
    """Sites to keep free for elements that no family can help, such as the noble gases."""
    decorated = {z for z in recipe.elements if z not in recipe.not_cations} | set(recipe.anions)
    for entry in recipe.families:
        decorated |= {z for role in entry.roles for z in role}
    alone = [z for z in recipe.elements if z not in decorated]
    short = [z for z in alone if generated.element_sites[z] < recipe.minimum_sites]
    return len(short) * len(recipe.element_structures) * len(recipe.element_lengths)


def _families(
    recipe: StructureRecipe,
    generated: Generated,
    relaxations: RelaxationCache,
    potential: Potential,
    sites: int,
    progress: Progress,
) -> None:
    """Decorations in even order until the sites are reached."""
    order = EvenOrder(recipe, generated.element_sites)
    swelling: dict[str, list[float]] = {}
    while generated.n_sites < sites:
        batch = _next_batch(order, generated, recipe.model, sites - generated.n_sites, swelling)
        if not batch:
            return
        found = relaxations.relax([start for _, start in batch], potential)
        for (decoration, start), relaxed in zip(batch, found, strict=True):
            atoms, reason = _accepted(start, relaxed)
            if not relaxed.reason:
                edge = atoms.cell.volume / decoration.recipe.family.decorate(decoration.elements).cell.volume
                swelling.setdefault(start.info["prototype"], []).append(float(np.log(edge)) / 3)
            if not reason and (broken := decoration.recipe.family.broken_bond(atoms)):
                reason = f"its anion falls apart ({broken})"
            reason = reason or _too_high(atoms, relaxed.energy, generated.references, recipe.max_formation_energy)
            if reason:
                order.refuse(decoration)
                generated.reject(start, reason)
            elif generated.n_sites < sites and _n_atoms(generated) + len(atoms) <= recipe.max_atoms:
                generated.add(atoms)
        progress("relaxing", min(generated.n_sites, sites), sites)


def _next_batch(
    order: EvenOrder, generated: Generated, model: str, sites: int, swelling: dict[str, list[float]]
) -> list[tuple[Decoration, Atoms]]:
    """Up to `BATCH` decorations, about as many sites as are lacking, without repetitions.

    swelling : prototype -> how much larger (logarithm of the length) than touching spheres its members
        turned out so far; starting from the mean saves a third of the energies
    """
    batch: list[tuple[Decoration, Atoms]] = []
    waiting: dict[tuple[str, int], list[Atoms]] = {}
    while len(batch) < BATCH and sum(d.n_sites for d, _ in batch) < sites:
        decoration = order.take()
        if decoration is None:
            break
        family = decoration.recipe.family
        expected = float(np.round(np.mean(swelling.get(family.name, [0.0])), 2))
        start = _named(family.decorate(decoration.elements, larger=float(np.exp(expected))), family.name, model)
        same = waiting.setdefault(_kind(start), [])
        if generated.holds(start) or any(_match(start, other) for other in same):
            order.refuse(decoration)
            generated.reject(start, "the set holds this structure already")
            continue
        same.append(start)
        batch.append((decoration, start))
    return batch


def _more_volumes(recipe: StructureRecipe, generated: Generated, elemental: dict[int, list[Atoms]]) -> None:
    """Simple structures at several volumes for elements with too few environments.

    An element without any minimum gets them around its touching spheres, and the source says so.
    """
    for number, relaxed in elemental.items():
        if generated.element_sites[number] >= recipe.minimum_sites:
            continue
        bases = relaxed or [_unrelaxed(name, number) for name in recipe.element_structures]
        for atoms in bases:
            for factor in recipe.element_lengths:
                if factor == 1 and relaxed:
                    continue
                other = scaled(atoms, factor)
                other.info["id"] = f"{atoms.info['id']} x{factor:g}"
                other.info["source"] = f"{atoms.info['source']}, lengths times {factor:g}"
                generated.add(other)


def _unrelaxed(name: str, number: int) -> Atoms:
    atoms = _named(_elemental_start(name, number), name, "")
    atoms.info["source"] = "simple structure: touching spheres, the model finds no minimum"
    return atoms


def _named(atoms: Atoms, prototype: str, model: str) -> Atoms:
    source = f"decorated prototype: relaxed at its symmetry with {model}"
    atoms.info = {
        "id": f"{prototype}/{reduced_formula(atoms.numbers)}",
        "prototype": prototype,
        "source": source,
        "relaxed": model,
    }
    return atoms


def _accepted(start: Atoms, relaxed: Relaxed) -> tuple[Atoms, str]:
    """The structure at its minimum, and why it cannot be kept ("" where it can)."""
    if relaxed.reason:
        return start, relaxed.reason
    atoms = placed(start, relaxed)
    reason = reason_to_reject(atoms) or ("the minimum lies at overlapping atoms" if _overlaps(atoms) else "")
    return atoms, reason or _another(start, atoms)


def _another(start: Atoms, atoms: Atoms) -> str:
    """What a crystal has become that left its prototype for one of higher symmetry, "" where it is still of its kind."""
    before, after = crystal_symmetry(start).spacegroup, crystal_symmetry(atoms, SAME_PLACE).spacegroup
    if before == after:
        return ""
    return f"relaxes into another structure ({space_group_symbol(before)} to {space_group_symbol(after)})"


def _overlaps(atoms: Atoms) -> bool:
    radius = table().covalent_radius
    reach = 2 * COLLAPSED * float(radius[atoms.numbers].max())
    first, second, distance = near_pairs(atoms, reach)
    share = distance / (radius[atoms.numbers[first]] + radius[atoms.numbers[second]])
    return bool((share < COLLAPSED).any())


def _too_high(atoms: Atoms, energy: float, references: FloatArray, limit: float) -> str:
    """Energy of formation [eV/atom] above the limit, from the energy [eV] of the cell."""
    formation = (energy - references[atoms.numbers].sum()) / len(atoms)
    if np.isnan(formation):
        return "no simple structure of an element has a minimum to compare with"
    return f"energy of formation above {limit:g} eV/atom ({formation:.2f})" if formation > limit else ""


def _kind(atoms: Atoms) -> tuple[str, int]:
    return reduced_formula(atoms.numbers), crystal_symmetry(atoms).spacegroup


def _match(one: Atoms, other: Atoms, scale: bool = True) -> bool:
    """Whether two crystals are the same up to symmetry (and volume with `scale`)."""
    from pymatgen.analysis.structure_matcher import StructureMatcher
    from pymatgen.io.ase import AseAtomsAdaptor

    matcher = StructureMatcher(ltol=0.05, stol=0.1, angle_tol=2, scale=scale)
    crystals = [Atoms(a.numbers, positions=a.positions, cell=a.cell, pbc=True) for a in (one, other)]
    first, second = (AseAtomsAdaptor.get_structure(crystal) for crystal in crystals)
    return bool(matcher.fit(first, second))


def _n_atoms(generated: Generated) -> int:
    return sum(map(len, generated.structures))
