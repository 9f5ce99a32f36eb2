"""Measured crystals that installed packages bring as CIF files; nothing of the packages is imported.

Each file is read by the project's own reader: what it leaves open, such as partly occupied sites, leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ase import Atoms

from platonic_atlas.engine.choices import MeasuredSource
from platonic_atlas.engine.elements import table
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.structures.measured.structure_type import structure_type
from platonic_atlas.engine.structures.read import read_file
from platonic_atlas.engine.structures.symmetry import crystal_symmetry, reduce_to_primitive
from platonic_atlas.engine.types import Reject


@dataclass(frozen=True)
class Package:
    """A distribution on PyPI, and where in it CIF files lie.

    folder : with "/" at its end, as the distribution lists its files
    left_out : name of a file -> why it is no measured crystal of its own
    """

    distribution: str
    version: str
    folder: str
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return f"experiment: CIF of {self.distribution} {self.version}"


#: The versions are those of the extra `recipe` in pyproject.toml: another one could hold other files.
PACKAGES = {
    MeasuredSource.CRYSTALS: Package(
        "crystals",
        "1.7.0",
        "crystals/cifs/",
        {"Sm.cif": "a misprint: the cell of the nine atoms of samarium (c = 26.25 Å) with two atoms in it"},
    ),
    MeasuredSource.DANS_DIFFRACTION: Package(
        "Dans-Diffraction",
        "3.4.0",
        "Dans_Diffraction/Structures/",
        {
            "BCC.cif": "no entry of its own: Iron.cif under the name of its structure",
            "FCC.cif": "no entry of its own: Copper.cif under the name of its structure",
            "HCP.cif": "no entry of its own: Cobalt.cif under the name of its structure",
            "Ruby.cif": "no entry of its own: Sapphire.cif under another name, without the chromium of ruby",
            "Cubic.cif": "not measured: one atom of cobalt in a cube of 1 Å, for trying the program",
            "triclinic.cif": "not measured: one atom of iron in a triclinic cell, for trying the program",
            "NaCoO2_stripe_supercell.cif": "not measured: a supercell that the program wrote, with vacancies put in by hand",
        },
    ),
}


def package_crystals(package: Package, elements: set[int]) -> tuple[list[Atoms], list[Reject]]:
    """Ordered crystals of a package in primitive cells, sorted by the names of the files, and what was left out.

    Raises
    ------
    UsageError
        The package is not installed, or is of another version.
    """
    structures: list[Atoms] = []
    rejects: list[Reject] = []
    for position, path in enumerate(_files(package)):
        for atoms, reason in _crystals(package, path):
            name = f"{package.distribution.lower()}/{path.name}"
            reason = reason or _unknown(atoms, elements)
            if reason:
                rejects.append(Reject(position, name, package.source, reason))
                continue
            atoms.info = {"id": name, "prototype": structure_type(atoms), "source": package.source, "relaxed": ""}
            structures.append(atoms)
    return structures, rejects


def _files(package: Package) -> list[Path]:
    """The CIF files, sorted by name."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(package.distribution)
    except PackageNotFoundError:
        raise _missing(package, "is not installed") from None
    if found.version != package.version:
        raise _missing(package, f"is of version {found.version}")
    inside = [file for file in found.files or [] if str(file).startswith(package.folder) and file.suffix == ".cif"]
    paths = sorted((Path(str(found.locate_file(file))) for file in inside), key=lambda path: path.name)
    if not paths or not all(path.is_file() for path in paths):
        raise _missing(package, f"lacks CIF files in {package.folder}")
    return paths


def _missing(package: Package, happened: str) -> UsageError:
    return UsageError(
        f"The package {package.distribution} {happened}.",
        f"The recipe takes measured crystals from its version {package.version}.",
        "Install it with: pip install 'platonic-atlas[recipe]'",
    )


def _crystals(package: Package, path: Path) -> list[tuple[Atoms, str]]:
    """Each crystal of a file in its primitive cell, or why there is none."""
    if path.name in package.left_out:
        return [(Atoms(), package.left_out[path.name])]
    found = []
    for frame in read_file(path, path.name):
        if frame.atoms is None:
            found.append((Atoms(), frame.reason))
            continue
        atoms = Atoms(frame.atoms.numbers, positions=frame.atoms.positions, cell=frame.atoms.cell, pbc=True)
        found.append((reduce_to_primitive(atoms, crystal_symmetry(atoms))[0], ""))
    return found


def _unknown(atoms: Atoms, elements: set[int]) -> str:
    unknown = sorted({str(table().symbol[z]) for z in atoms.numbers if int(z) not in elements})
    return f"{', '.join(unknown)}: not among the elements of the recipe" if unknown else ""
