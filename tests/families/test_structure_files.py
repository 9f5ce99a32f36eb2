"""Every file of ../shared/cases that is a structure, or looks like one: what is in it, or in which words it is left out.

Kinds of trouble that users of structure readers report; no model and no environment is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from platonic_atlas.engine.structures.checks import reason_to_reject
from platonic_atlas.engine.structures.read import Reading, read_file

PARTLY = "!partly occupied"
TWO = "!can mean"
SALTS = ["Cl4Na4", "Mg4O4"]
SALT8 = ["Cl4Na4"]
PEROVSKITE = ["O3SrTi"]
CSCL = ["ClCs"]
SALT = ["ClNa"]
NO_ELEMENTS = ["!there are no elements"]

#: File -> what its structures are, in order: a formula, or "!" and words of the reason why one is left out.
EXPECTED: dict[str, list[str]] = {
    "A01/mixed.cif": [PARTLY], "A01/vacant.cif": [PARTLY],
    "A03/1-hm-colon2.cif": ["Si8"], "A03/2-hm-Z.cif": ["Si8"], "A03/3-hall.cif": ["Si8"],
    # The number alone leaves the origin open: 8 atoms by choice 2, 16 by choice 1
    "A03/4-number-only.cif": ["!the origin is left open"],
    "A03/5-hm-S.cif": ["Si8"], "A03/6-coordinate-code.cif": ["Si8"],
    "A04/1-rhomb-R.cif": ["Bi2"], "A04/2-rhomb-plain.cif": ["Bi2"], "A04/3-hex-H.cif": ["Bi6"],
    "A04/4-hex-plain.cif": ["Bi6"], "A04/5-monoclinic-P21n.cif": ["O4Ti4"],
    "A05/1-question.cif": ["ITl"], "A05/2-dot.cif": ["ITl"], "A05/3-esd.cif": [PARTLY], "A05/4-quoted.cif": [PARTLY],
    "A05/5-one-esd.cif": ["ITl"], "A05/6-099.cif": ["ITl"], "A05/9-ghost.cif": ["Tl"],
    "A06/groups.cif": ["!disordered"],
    "A07/00-HO1.cif": [f"{TWO} Ho or H"], "A07/01-OW1.cif": ["O"], "A07/02-D2.cif": ["H"],
    "A07/03-CA1.cif": [f"{TWO} Ca or C"], "A07/04-Nap1.cif": ["Na"], "A07/05-Clm.cif": ["Cl"], "A07/06-Hw.cif": ["H"],
    "A07/07-NB1.cif": [f"{TWO} Nb or N"], "A07/08-CD2.cif": [f"{TWO} Cd or C"], "A07/09-CO3.cif": [f"{TWO} Co or C"],
    "A07/10-SI1.cif": [f"{TWO} Si or S"], "A07/11-HG1.cif": [f"{TWO} Hg or H"],
    "A09/1-latin1.cif": SALTS, "A09/2-bom.cif": SALTS, "A09/3-crlf.cif": SALTS, "A09/4-utf16.cif": SALTS,
    "A09/5-mac-cr.cif": SALTS, "A09/6-no-sg.cif": ["Po"], "A09/7-ops-only.cif": ["Br4K4"], "A09/8-UPPER.CIF": SALTS,
    "A11/ids.extxyz": SALT * 17, "A11b/numbers.extxyz": SALT * 3,
    "A14/unit.extxyz": SALT8 * 2, "A14b/two.extxyz": SALT8, "A14c/fortran.extxyz": SALT8, "A14d/none.extxyz": SALT8,
    "A14e/names.extxyz": SALT8 * 13, "A14f/stress.extxyz": SALT8,
    "A15/1-fortran.extxyz": SALT8, "A15/2-crlf.extxyz": SALT8 * 2, "A15/3-bom.extxyz": SALT8, "A15/4-tabs.extxyz": SALT8,
    "A15/5-latin1.extxyz": SALT8, "A15/6-trailing.extxyz": SALT8, "A15/7-fortran-rows.extxyz": SALT8,
    "A15/8-no-final-newline.extxyz": SALT8, "A15/9-count-comment.extxyz": SALT8, "A15/10-weird-keys.extxyz": SALT8,
    "A15/11-newline-in-comment.extxyz": SALT8, "A15/12-mixed-columns.extxyz": SALT8 * 3,
    "A17/1-POSCAR-noelements": NO_ELEMENTS, "A17/2-POSCAR-comment-matches": PEROVSKITE,
    "A17/3-POSCAR-comment-words": NO_ELEMENTS, "A17/4-POSCAR-formula": NO_ELEMENTS, "A17/5-POSCAR-hash": PEROVSKITE,
    "A17/6-POSCAR-hash-cut": PEROVSKITE, "A17/7-POSCAR-selective-velocities": PEROVSKITE,
    "A17/8-POSCAR-volume-scale": PEROVSKITE, "A17/9-POSCAR-three-scales": PEROVSKITE, "A17/10.vasp": PEROVSKITE,
    "A17/11.poscar": PEROVSKITE, "A17/12-POSCAR-repeat": PEROVSKITE, "A17/13-CONTCAR-crlf": PEROVSKITE,
    "A18/1-type-only.lammpstrj": ["!--elements Si,O"], "A18/2-with-element.dump": ["OSi"], "A18/3-with-mass.dump": ["FeNi"],
    "A18/4-unsorted.dump": ["FeNi"], "A18/5.data": ["FeNi"], "A18/6.lammps-data": ["FeNi"],
    "A18/7-nopbc-dump.dump": ["OSi"], "A18/data.lammps": ["FeNi"],
    "A22/1-structure.json": CSCL, "A22/2-summary.json": CSCL, "A22/3-optimade.json": CSCL, "A22/4-jarvis.json": CSCL,
    "A22/5-chemiscope.json": CSCL, "A22/6-chemiscope.json.gz": CSCL, "A22/7-matbench.json.gz": CSCL,
    "A22/8-atoms-dict.json": CSCL, "A22/9-rows.jsonl": CSCL, "A22/10-ase-db.json": CSCL,
    "A22/11-poscar-list.json": ["!JSON without a structure"], "A22/12-disordered.json": [PARTLY],
    "A23/01-bom-first-id.csv": [*CSCL, *SALT], "A23/02-bom-first-cif.csv": CSCL, "A23/03-semicolon.csv": CSCL,
    "A23/04-upper.csv": CSCL, "A23/05-structure.csv": CSCL, "A23/06-jid.csv": CSCL,
    "A23/07-duplicate-ids.csv": [*CSCL, *SALT, *CSCL], "A23/08-two-blocks.csv": [*CSCL, *SALT],
    "A23/09-spacegroup-symbol.csv": CSCL, "A23/10-space-in-head.csv": CSCL,
    "A23/11-empty-cell.csv": ["!cell that should hold the structure is empty", *CSCL], "A23/12-cif-conv.csv": CSCL,
    "A23/13-pickle-literal.csv": ["!not evaluated"], "A23/14-cif-path.csv": ["!a path, which is not opened"],
    "A23/15-number-ids.csv": CSCL * 2, "A23/16.tsv": CSCL, "A23/17-energy.csv": CSCL,
    "A25-300/out.extxyz": ["MgNaO3Ti"], "A26b/default-pbc.extxyz": ["H2O"], "A26b/zero-pbc.extxyz": ["He"],
    "A26c/slab.extxyz": ["Cu3", "Cu"],
    "A29/a.abi": SALT, "A29/a.arc": SALT, "A29/a.cell": SALT, "A29/a.cfg": SALT, "A29/a.con": SALT, "A29/a.config": SALT,
    "A29/a.cube": SALT, "A29/a.gen": SALT, "A29/a.gro": SALT, "A29/a.html": ["!holds no structure"],
    "A29/a.in": ["!empty"], "A29/a.json": SALT, "A29/a.lmp": ["!--elements Si,O"], "A29/a.pdb": SALT,
    "A29/a.png": ["!holds no structure"], "A29/a.py": ["!holds no structure"], "A29/a.res": SALT, "A29/a.rmc6f": SALT,
    "A29/a.struct": SALT, "A29/a.turbomole": SALT, "A29/a.vasp": SALT, "A29/a.vti": ["!empty"], "A29/a.xsf": SALT,
    "A29/a.xtd": SALT, "A29/anim.axsf": CSCL * 2, "A29/clus.gen": ["H2O"], "A29/frac.gen": CSCL,
    "A29/geometry.in": CSCL, "A29/half.res": [PARTLY], "A29/two.res": CSCL * 2,
    # ASE kept the occupancies in two of the four; of the others the file says nothing but Rb and Cl
    "A30/disordered.cif": [PARTLY], "A30/c.extxyz": [PARTLY], "A30/c.traj": [PARTLY], "A30/c.db": ["ClRb"],
    "A30/c.json": ["ClRb"],
}  # fmt: skip

#: Files whose atoms are not periodic in three directions.
PERIODIC = {
    "A18/7-nopbc-dump.dump": [True, True, False], "A26b/default-pbc.extxyz": [False] * 3, "A26b/zero-pbc.extxyz": [False] * 3,
    "A26c/slab.extxyz": [True, True, False], "A29/a.turbomole": [False] * 3, "A29/clus.gen": [False] * 3,
}  # fmt: skip
IDS = {
    "A11/ids.extxyz": ["00123", "12e45", "1_234", "ids.extxyz#3", "mp 22", "agm001", "0", "3.10", "-7", "mp-149", "halite",
                       "ids.extxyz#11", "abc", "{1,2}", "ids.extxyz#14", "ids.extxyz#15", "123456789012345678901234567890"],
    "A11b/numbers.extxyz": ["1001", "2002", "3003"], "A23/06-jid.csv": ["JVASP-1"], "A23/15-number-ids.csv": ["0007", "1e5"],
    "A22/2-summary.json": ["mp-22865"], "A22/3-optimade.json": ["own-1"], "A22/4-jarvis.json": ["JVASP-1"],
    "A22/9-rows.jsonl": ["mp-1"], "A22/10-ase-db.json": ["mp-22865"], "A29/two.res": ["own-a", "own-b"],
}  # fmt: skip
#: Name under which the energy was found, and what it is per atom [eV].
ENERGIES: dict[str, list[tuple[str, float | None]]] = {
    "A14/unit.extxyz": [("energy", -3.4)] * 2, "A14b/two.extxyz": [("", None)], "A14c/fortran.extxyz": [("energy", -3.4)],
    "A14d/none.extxyz": [("", None)], "A14f/stress.extxyz": [("energy", -3.4)],
    "A14e/names.extxyz": [
        *((name, -3.4) for name in ("energy", "REF_energy", "dft_energy", "Energy", "free_energy", *["energy"] * 4)),
        ("", None), ("corrected_total_energy", -3.4), ("energy_per_atom", -3.4), ("energies", -3.4),
    ],
    "A23/17-energy.csv": [("energy", -3.2)], "A29/two.res": [("energy", -3.2), ("energy", -3.25)],
}  # fmt: skip


@pytest.fixture(scope="module")
def cases(request: pytest.FixtureRequest) -> Path:
    return Path(request.config.getoption("--shared")) / "cases"


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    shared = Reading()
    yield shared
    shared.reader.close()


def test_no_file_is_forgotten(cases: Path) -> None:
    held = {file.relative_to(cases).as_posix() for file in cases.glob("A*/*")}
    assert held == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_read_is_what_was_written(cases: Path, reading: Reading, name: str) -> None:
    frames = list(read_file(cases / name, Path(name).name, reading))
    for frame, expected in zip(frames, EXPECTED[name], strict=True):
        if expected.startswith("!"):
            assert frame.atoms is None
            assert expected[1:] in frame.reason
        else:
            assert frame.atoms is not None, frame.reason
            assert frame.atoms.get_chemical_formula() == expected
            assert reason_to_reject(frame.atoms) == ""
    first = frames[0].atoms
    assert first is None or first.pbc.tolist() == PERIODIC.get(name, [True] * 3)
    assert [frame.id for frame in frames] == IDS.get(name, [frame.id for frame in frames])
    for frame, (key, energy) in zip(frames, ENERGIES.get(name, []), strict=name in ENERGIES):
        assert frame.energy_key == key
        assert frame.energy == (energy if energy is None else pytest.approx(energy))


def test_types_are_the_elements_that_are_named(cases: Path) -> None:
    named = Reading(elements=("Si", "O"))
    found = [
        frame.atoms
        for name in ("A18/1-type-only.lammpstrj", "A29/a.lmp")
        for frame in read_file(cases / name, reading=named)
    ]
    assert [sorted(atoms.symbols) for atoms in found if atoms is not None] == [["O", "Si"]] * 2


def test_atoms_hundreds_of_cells_outside_are_the_crystal_that_they_are(cases: Path) -> None:
    import numpy as np

    from platonic_atlas.engine.structures import collect

    (frame,) = read_file(cases / "A25-300/out.extxyz")
    made = collect(cases / "A25-300/out.extxyz", coordination=False)
    assert frame.atoms is not None
    moved = (made.position - frame.atoms.positions) @ np.linalg.inv(frame.atoms.cell.array)
    assert np.abs(moved - np.rint(moved)).max() < 1e-6
    inside = made.position @ np.linalg.inv(frame.atoms.cell.array)
    assert inside.min() > -1e-9 and inside.max() < 1 + 1e-9
    assert made.structures["note"] == ["atoms far outside the cell were wrapped into it"]
