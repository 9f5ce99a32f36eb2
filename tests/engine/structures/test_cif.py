"""CIF: each structure is held against what its file says of itself."""

from __future__ import annotations

import pytest
import spglib
from ase.build import bulk

from platonic_atlas.engine.structures.formats import cif, space_groups
from platonic_atlas.engine.structures.formats.frame import Frame

CUBIC = "data_image0\n" + "".join(f"_cell_length_{x} 5.43\n" for x in "abc") + "".join(
    f"_cell_angle_{x} 90\n" for x in ("alpha", "beta", "gamma")
)  # fmt: skip
SITES = "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
GROUP = "_space_group_name_H-M_alt '{}'\n"
ROCK_SALT = SITES + "Na1 Na 0 0 0\nCl1 Cl .5 .5 .5\n"


def read(text: str) -> Frame:
    (frame,) = cif.read(text, "x.cif")
    return frame


def formula(text: str) -> str:
    """The formula, or the reason where there is none."""
    frame = read(text)
    return frame.reason if frame.atoms is None else str(frame.atoms.get_chemical_formula())


@pytest.mark.parametrize(
    ("symmetry", "place"),
    [
        ("_space_group_name_H-M_alt 'F d -3 m :2'\n", "1/8"),
        ("_space_group_name_H-M_alt 'F d -3 m Z'\n", "1/8"),
        ("_space_group_name_H-M_alt 'F d -3 m S'\n", "0"),
        ("_space_group_name_Hall '-F 4vw 2vw 3'\n", "1/8"),
        ("_space_group_name_Hall 'F 4d 2 3 -1d'\n", "0"),
        ("_space_group_IT_number 227\n_space_group_IT_coordinate_system_code 2\n", "1/8"),
        ("_space_group_IT_number 227\n_chemical_formula_sum Si\n_cell_formula_units_Z 8\n", "1/8"),
        ("_space_group_IT_number 227\n_chemical_formula_sum Si\n_cell_formula_units_Z 8\n", "0"),
    ],
)
def test_silicon_has_eight_atoms_however_its_symmetry_is_said(symmetry: str, place: str) -> None:
    at = "0.125" if place == "1/8" else place
    assert formula(CUBIC + symmetry + SITES + f"Si1 Si {at} {at} {at}\n") == "Si8"


@pytest.mark.parametrize(
    ("symmetry", "said"),
    [
        ("_space_group_IT_number 227\n", "origin is left open"),
        (GROUP.format("F d -3 m"), "origin is left open"),
        (GROUP.format("F m -3 m") + "_space_group_IT_number 221\n", "contradict each other"),
        (GROUP.format("no group"), "is not known"),
        ("_space_group_name_Hall 'no symbol'\n", "is not understood"),
        (GROUP.format("F m -3 m") + "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n", "lists 1 symmetry operations"),
        ("loop_\n_symmetry_equiv_pos_as_xyz\n-x,-y,-z\n", "lack x,y,z"),
        ("loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n'x y'\n", "not understood"),
        ("loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n2*x,y,z\n", "changes the volume"),
        ("loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-y,x-y,z\ny-x,-x,z\n", "does not fit the cell"),
        ("loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\ny,z,x\n", "are no group"),
        (GROUP.format("P 1 2 1") + "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,y+1/2,-z\n", "those of number 4"),
        (GROUP.format("P -1") + "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,y,-z\n", "of number 2"),
        ("_space_group_IT_number 3\nloop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,-y,-z\n", "those of number 2"),
        (GROUP.format("F d -3 m") + "_space_group_name_Hall '-F 4 2 3'\n", "of different space groups"),
        (
            "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n" + "".join(f"x+{k}/500,y,z\n" for k in range(1, 200)),
            "more than a space group",
        ),
        (GROUP.format("P 1") + "_chemical_formula_sum 'Na4 Cl4'\n_cell_formula_units_Z 4\n", "formula units"),
        (GROUP.format("F m -3 m") + "_chemical_formula_sum 'Na Cl H2 O'\n", "no atom of it is"),
        (GROUP.format("F m -3 m") + "_chemical_formula_sum Na\n", "has no Cl"),
        (GROUP.format("F m -3 m") + "_chemical_formula_sum 'Na2 Cl'\n", "contradicts itself"),
        ("_chemical_formula_sum 'Na101 Cl100'\n", "contradicts itself"),
        (GROUP.format("P 1") + "_chemical_formula_sum 'Na1.01 Cl1'\n_cell_formula_units_Z 2\n", "formula units"),
        ("_cell_volume 320.2\n", "its cell has 160.1 Å³, and it states 320.2"),
        ("_cell_modulation_dimension 1\n", "modulated"),
        ("loop_\n_space_group_symop_magn_operation_xyz\nx,y,z,+1\n", "magnetic"),
    ],
)
def test_symmetry_and_formula_that_leave_it_open(symmetry: str, said: str) -> None:
    assert said in formula(CUBIC + symmetry + ROCK_SALT)


@pytest.mark.parametrize(
    "symmetry",
    [
        GROUP.format("F m -3 m"),
        GROUP.format("F m -3 m") + "_cell_volume 160.10(3)\n_chemical_formula_sum 'Na0.99 Cl'\n",
        GROUP.format("Fm-3m") + "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 4\n",
        GROUP.format("F m -3 m")
        + "_chemical_formula_sum 'Na4 Cl4'\n_cell_formula_units_Z 4\n",  # as pymatgen writes it
        "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\nx,y+1/2,z+1/2\nx+1/2,y,z+1/2\nx+1/2,y+1/2,z\n",
        # a list of fewer operations than the group, from a file whose formula is right
        GROUP.format("F m -3 m") + "_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 4\n"
        "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\nx,y+1/2,z+1/2\nx+1/2,y,z+1/2\nx+1/2,y+1/2,z\n",
    ],
)
def test_rock_salt_has_four_units(symmetry: str) -> None:
    assert formula(CUBIC + symmetry + ROCK_SALT) == "Cl4Na4"


def test_without_any_symmetry_it_is_p1_and_says_so() -> None:
    frame = read(CUBIC + ROCK_SALT)
    assert frame.atoms is not None and len(frame.atoms) == 2
    assert frame.notes == ["no symmetry is given: read as P 1"]


def test_a_number_alone_is_the_standard_setting_and_says_so() -> None:
    frame = read(CUBIC.replace("beta 90", "beta 99") + "_space_group_IT_number 14\n" + SITES + "Na1 Na .1 .2 .3\n")
    assert frame.atoms is not None and len(frame.atoms) == 4
    assert frame.notes == ["the space group is given by its number alone: its standard setting was taken"]


@pytest.mark.parametrize("angle", ["57.35", "90"])
def test_the_cell_tells_rhombohedral_from_hexagonal_axes(angle: str) -> None:
    rhombohedral = CUBIC.replace(" 90\n", f" {angle}\n") + GROUP.format("R -3 m") + SITES + "Bi1 Bi .234 .234 .234\n"
    frame = read(rhombohedral)
    assert frame.atoms is not None and len(frame.atoms) == 2
    hexagonal = CUBIC.replace("gamma 90", "gamma 120").replace("_c 5.43", "_c 11.8") + GROUP.format("R -3 m")
    assert formula(hexagonal + SITES + "Bi1 Bi 0 0 .234\n") == "Bi6"


@pytest.mark.parametrize(
    ("occupancy", "found"),
    [("?", "Na"), (".", "Na"), ("1.000(4)", "Na"), ("0.9999", "Na"), ("'1'", "Na"), ("0.52(3)", "partly"), ("'0.5'", "partly"),
     ("0.998", "partly"), ("1.2", "partly"), ("most", "is no number"), ("-1", "is negative")],
)  # fmt: skip
def test_every_form_of_an_occupancy_is_a_number(occupancy: str, found: str) -> None:
    text = CUBIC + SITES.rstrip() + "\n_atom_site_occupancy\nNa1 Na 0 0 0 " + occupancy + "\n"
    assert found in formula(text)


def test_a_ghost_is_no_atom() -> None:
    frame = read(CUBIC + SITES + "_atom_site_occupancy\nNa1 Na 0 0 0 1\nCl1 Cl .5 .5 .5 0.0\n")
    assert frame.atoms is not None and frame.atoms.get_chemical_formula() == "Na"
    assert any("were dropped" in note for note in frame.notes)


@pytest.mark.parametrize(
    ("columns", "values", "said"),
    [
        ("_atom_site_disorder_group\n", ("1", "2"), "disordered"),
        ("_atom_site_attached_hydrogens\n", ("2", "0"), "hydrogen atoms are stated without a place"),
    ],
)
def test_what_leaves_open_which_atoms_are_there(columns: str, values: tuple[str, str], said: str) -> None:
    rows = f"O1 O 0 0 0 {values[0]}\nO2 O .5 .5 .5 {values[1]}\n"
    assert said in formula(CUBIC + SITES + columns + rows)


@pytest.mark.parametrize(
    ("symbol", "found"),
    [("Na1+", "Na"), ("NA", "Na"), ("O2-", "O"), ("D", "H"), ("0.9Ni", "partly"), ("Mo0.7W0.3", "partly"),
     ("'0.7Mo + 0.3W'", "partly"), ("M", "is no element"), ("Wat", "is no element"), ("OH", "is no element")],
)  # fmt: skip
def test_type_symbols(symbol: str, found: str) -> None:
    assert found in formula(CUBIC + SITES + f"X1 {symbol} 0 0 0\n")


BARE = SITES.replace("_atom_site_type_symbol\n", "")


@pytest.mark.parametrize(
    ("label", "stated", "found"),
    [
        ("CA1", "", "Ca or C"), ("HO1", "", "Ho or H"), ("CA1", "Ca", "Ca"), ("CA1", "C", "C"), ("CO3", "'C O'", "C"),
        ("Ca1", "", "Ca"), ("OW1", "", "O"), ("Hw", "", "H"), ("D2", "", "H"), ("Na+1", "", "Na"), ("Cl-", "", "Cl"),
        ("Q1", "", "names no element"), ("*", "", "names no element"),
    ],
)  # fmt: skip
def test_labels_without_type_symbols_have_one_reading_or_none(label: str, stated: str, found: str) -> None:
    formula_sum = f"_chemical_formula_sum {stated}\n" if stated else ""
    result = formula(CUBIC + formula_sum + BARE + f"{label} 0 0 0\n")
    assert result == found or found in result or (stated == "'C O'" and "which no atom" in result)


def test_atoms_without_coordinates_and_cells_that_are_none() -> None:
    assert "H1 has no coordinates" in formula(CUBIC + SITES + "O1 O 0 0 0\nH1 H ? ? ?\n")
    assert "not given whole" in formula("data_a\n" + SITES + "O1 O 0 0 0\n")
    assert "none can have" in formula(CUBIC.replace("5.43", "1e300") + SITES + "O1 O 0 0 0\n")
    assert "it is no CIF" in formula("data_a\n_x 'open\n")
    assert "no data block with atoms" in formula("data_a\n_x 1\n")


def test_sites_listed_twice_are_one_and_it_says_so() -> None:
    frame = read(CUBIC + GROUP.format("F m -3 m") + ROCK_SALT + "Na2 Na .5 .5 0\n")
    assert frame.atoms is not None and frame.atoms.get_chemical_formula() == "Cl4Na4"
    assert frame.notes == ["sites that the file lists more than once were merged"]


@pytest.mark.parametrize(
    ("x", "said", "note"),
    [
        ("0.002", "C", False),
        ("0.007", "C", True),
        ("0.03", "too far for one atom", False),
        ("0.06", "C2", False),
        ("1/2", "C", False),
    ],
)
def test_copies_near_a_centre_are_one_atom_two_or_an_open_question(x: str, said: str, note: bool) -> None:
    frame = read(CUBIC + GROUP.format("P -1") + SITES + f"C1 C {x} 0 0\n")
    assert said in (frame.reason or str(frame.atoms and frame.atoms.get_chemical_formula()))
    assert bool(frame.notes) == note


def test_thirds_with_four_digits_are_special_positions() -> None:
    cell = CUBIC.replace("gamma 90", "gamma 120")
    frame = read(cell + GROUP.format("P 63/m m c") + SITES + "Mg1 Mg 0.3333 0.6667 0.25\n")
    assert frame.atoms is not None and len(frame.atoms) == 2
    assert frame.notes == []


def test_pymatgen_counts_molecules_of_two_atoms() -> None:
    fluorine = CUBIC + "_chemical_formula_sum F4\n_cell_formula_units_Z 2\n" + GROUP.format("P 1") + SITES
    places = ("0 0 0", ".5 .5 0", ".5 0 .5", "0 .5 .5")
    assert formula(fluorine + "".join(f"F{k} F {place}\n" for k, place in enumerate(places))) == "F4"


@pytest.mark.parametrize(
    "setting", ["P 1 21/n 1", "I 1 2/a 1", "P b n m", "R -3 m:R", "F d -3 m:2", "P 42/n m c:2", "A 1 2/m 1"]
)
def test_a_list_in_any_setting_agrees_with_its_group(setting: str) -> None:
    import gemmi

    group = gemmi.SpaceGroup(setting)
    listed = space_groups.listed([op.triplet() for op in group.operations()])
    assert space_groups._type_of(listed) == group.number
    given = space_groups.Given(tuple(op.triplet() for op in group.operations()), number=str(group.number))
    assert len(space_groups.readings(given, (90, 90))) == 1


def test_the_primitive_cell_of_a_centred_group_agrees_with_it() -> None:
    """Its operations are a quarter of those of the conventional cell, in vectors that no table has."""
    atoms = bulk("NaCl", "rocksalt", a=5.64)
    found = spglib.get_symmetry((atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers))
    triplets = [space_groups._op(r.tolist(), [0, 0, 0]).triplet() for r in found["rotations"]]
    given = space_groups.Given(tuple(triplets), symbol="F m -3 m")
    (read,) = space_groups.readings(given, (60, 60))
    assert len(read.rotations) == 48


@pytest.mark.parametrize(
    ("group", "first", "said"),
    [("P 1", 4, "site 1 has 1 copies in the cell, and the file counts 4"), ("P 1", 1, "ClNa"), ("F m -3 m", 4, "Cl4Na4"),
     ("F m -3 m", 48, "Cl4Na4"), ("F m -3 m", 8, "counts 8"), ("F m -3 m", "?", "Cl4Na4")],
)  # fmt: skip
def test_copies_of_a_site_are_as_many_as_the_file_counts(group: str, first: object, said: str) -> None:
    """Or the order of its symmetry is, which SHELXL-97 wrote under the same name."""
    head = SITES.replace("_fract_x", "_symmetry_multiplicity\n_atom_site_fract_x")
    assert said in formula(CUBIC + GROUP.format(group) + head + f"Na1 Na {first} 0 0 0\nCl1 Cl . .5 .5 .5\n")


def test_a_formula_that_is_not_understood_is_said_to_be() -> None:
    (note, _) = sorted(read(CUBIC + "_chemical_formula_sum '(Na,K) Cl'\n" + ROCK_SALT).notes)
    assert "was not understood" in note
