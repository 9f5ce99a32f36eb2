"""Orb: orientations and what is recorded of them, energies that do not depend on them, and what is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule

from platonic_atlas.engine.adapters.orb import Orb, release_address
from platonic_atlas.engine.adapters.orientations import quaternions
from platonic_atlas.engine.errors import AtlasError, ModelError
from platonic_atlas.engine.extract.contract import relative_changes, rotation, turned
from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.extract.runner import with_rotations
from platonic_atlas.engine.models.catalogue import find_model, user_model
from platonic_atlas.engine.store import create_atlas
from platonic_atlas.engine.structures import collect
from platonic_atlas.engine.types import READOUT
from platonic_atlas.engine.verbs.embed import embed
from tests.families.conftest import Frames, Model
from tests.families.family_worker import FamilyWorker

pytestmark = pytest.mark.xdist_group("orb")
NAME = "orb-d3-xs-v2"
UNTRAINED = find_model("untrained-orb")
DEFAULTS = """
import inspect, sys
from orb_models.forcefield.pretrained import ORB_PRETRAINED_MODELS as made
for name in sys.argv[1:]:
    print(inspect.signature(made[name]).parameters["weights_path"].default)
"""


def test_partial_periodicity_and_flat_cells_are_refused_and_the_rest_is_taken(model: Model) -> None:
    slab, flat = bulk("Al", cubic=True), bulk("Al", cubic=True)
    slab.pbc = (True, True, False)
    flat.cell[2] = 0
    radium, lone = bulk("Ra", "bcc", a=5.1), Atoms("Ar", cell=np.eye(3) * 20, pbc=True)
    taken = [lone, Atoms("H"), molecule("H2O"), bulk("Al")]
    found = model(NAME).embed([slab, flat, radium, *taken])
    assert "some directions only" in found.refused[0]
    assert "no volume" in found.refused[1]
    assert "Ra" in found.refused[2]
    assert len(found.refused) == 3
    n_refused = len(slab) + len(flat) + len(radium)
    assert np.isnan(found.features[READOUT][:n_refused]).all()
    assert np.isfinite(found.features[READOUT][n_refused:]).all()
    energies = model(NAME).energies([slab, *taken])
    assert np.isfinite(energies).tolist() == [False, True, True, True, True]


def test_a_thousand_atoms(model: Model) -> None:
    large = bulk("NaCl", "rocksalt", a=5.64, cubic=True).repeat(5)
    assert len(large) == 1000
    start = time.monotonic()
    energy = model(NAME).energies([large])[0] / len(large)
    print(f"\n{NAME}: {len(large)} atoms in {time.monotonic() - start:.1f} s")
    assert energy == pytest.approx(model(NAME).energies([bulk("NaCl", "rocksalt", a=5.64)])[0] / 2, abs=2e-3)


def test_energies_are_of_the_orientation_given_however_many_are_averaged(
    model: Model, in_one_orientation: Model, frames: Frames
) -> None:
    chosen = [frames.all[i] for i in frames.small[:6]]
    embedded = model(NAME).embed(chosen)
    once = in_one_orientation(NAME)
    np.testing.assert_array_equal(once.energies(chosen), model(NAME).energies(chosen))
    assert once.embed(chosen).extras == {}  # one orientation has no spread
    np.testing.assert_array_equal(embedded.structure_energies, model(NAME).energies(chosen))
    turning = [turned(atoms, rotation()) for atoms in chosen]
    assert np.abs(model(NAME).energies(turning) - embedded.structure_energies).max() > 1e-3


def test_how_a_file_holds_a_crystal_counts_little_and_more_rotations_less(
    model: Model, family_worker: Callable[[str], FamilyWorker], frames: Frames
) -> None:
    """Beside the spread over single orientations; what stays is how the few are chosen among equivalent ones, and ties."""
    chosen = [frames.all[i] for i in frames.small[:8]]
    found = model(NAME).embed(chosen)
    again = model(NAME).embed([turned(atoms, rotation()) for atoms in chosen])
    change = relative_changes([found.features[READOUT]], [again.features[READOUT]])
    spread = found.extras["rotation_spread"]
    print(
        f"\n{NAME}: turned, median {np.median(change):.1e}, largest {change.max():.1e}; one orientation {np.median(spread):.1e}"
    )
    assert np.median(change) < 0.1 * np.median(spread)
    mean = family_worker("orb").session(with_rotations(find_model(NAME), 60)).embed(chosen)
    apart = relative_changes([mean.features[READOUT]], [found.features[READOUT]])
    print(f"  8 rotations beside 60: median {np.median(apart):.1e}, largest {apart.max():.1e}")
    assert np.median(apart) < 0.02
    np.testing.assert_allclose(np.median(mean.extras["rotation_spread"]), np.median(spread), rtol=0.2)


def test_a_molecule_keeps_its_orientation(model: Model) -> None:
    water = molecule("CH3CH2OH")
    found = model(NAME).embed([water, turned(water, rotation())])
    first, second = np.split(found.features[READOUT], 2)
    assert np.median(relative_changes([first], [second])) > 1e-3


def test_orientations_and_changes_are_kept_with_the_embedding_and_another_number_is_refused(
    frames: Frames, tmp_path: Path
) -> None:
    chosen = [frames.all[i] for i in frames.small[:3]]
    atlas = create_atlas(tmp_path / "turned.atlas.zarr", collect(chosen, coordination=False), chunk_rows=8)
    embed(atlas, [with_rotations(UNTRAINED, 2)])
    held = atlas.model_attrs(UNTRAINED.name)
    assert held["symmetry"] == "none"
    parameters = held["parameters"]
    assert parameters["rotations"] == 2
    np.testing.assert_array_equal(parameters["quaternions"], quaternions(2))
    assert "as given where the space group is 0" in parameters["orientation"]
    changes = parameters["changes"][READOUT]
    assert {"permutation", "translation", "supercell", "rotation"} <= set(changes)
    for what in ("permutation", "translation", "supercell"):
        assert changes[what]["median"] < 1e-4
        assert changes[what]["median"] <= changes[what]["p90"] <= changes[what]["maximum"]
    assert changes["rotation"]["maximum"] > 1e-3
    spread = atlas.extra(UNTRAINED.name, "rotation_spread")
    assert spread is not None
    assert (spread > 0).all()
    before = atlas.embedding(UNTRAINED.name)
    embed(atlas, [UNTRAINED])  # no number is asked for: what is there is complete
    np.testing.assert_array_equal(atlas.embedding(UNTRAINED.name), before)
    with pytest.raises(AtlasError, match="with rotations 2"):
        embed(atlas, [with_rotations(UNTRAINED, 4)])


def test_the_seed_makes_the_untrained_model(model: Model, family_worker: Callable[[str], FamilyWorker]) -> None:
    crystal = bulk("NaCl", "rocksalt", a=5.64)
    first = model(UNTRAINED.name).embed([crystal]).features[READOUT]
    again, other = (family_worker("orb").session(spec) for spec in (UNTRAINED, replace(UNTRAINED, seed=1)))
    np.testing.assert_array_equal(again.embed([crystal]).features[READOUT], first)
    assert np.abs(other.embed([crystal]).features[READOUT] - first).max() > 0.01
    with pytest.raises(ModelError, match="has no energies"):
        model(UNTRAINED.name).energies([crystal])


def test_releases_are_where_the_package_has_them_from_and_found_where_it_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = {
        NAME: "orb-d3-xs-v2",
        "orb-v3-con-omat": "orb-v3-conservative-inf-omat",
        "orb-v3-dir-omat": "orb-v3-direct-inf-omat",
    }
    command = [str(find_interpreter("orb")), "-I", "-c", DEFAULTS, *releases.values()]
    stated = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert stated == [release_address(find_model(name).checkpoint) for name in releases]
    monkeypatch.setenv("CACHED_PATH_CACHE_ROOT", str(tmp_path))
    assert Orb.cached(find_model(NAME)) == []
    made = "from cached_path.util import resource_to_filename as f; import sys; print(f(sys.argv[1], 'version'))"
    command = [str(find_interpreter("orb")), "-I", "-c", made, stated[0]]
    name = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    for ending in ("", ".json", ".lock"):
        (tmp_path / f"{name}{ending}").touch()
    assert Orb.cached(find_model(NAME)) == [tmp_path / name]


def test_ones_own_checkpoint_says_its_architecture_by_its_name(
    tmp_path: Path, model: Model, family_worker: Callable[[str], FamilyWorker]
) -> None:
    official = find_weights(find_model(NAME))
    assert official is not None
    own, nameless, wrong = (tmp_path / name for name in ("orb-d3-xs-v2-mine.ckpt", "mine.ckpt", "orb-v2-mine.ckpt"))
    for file in (own, nameless, wrong):
        os.symlink(official, file)
    crystal = bulk("NaCl", "rocksalt", a=5.64)
    worker = family_worker("orb")
    mine = worker.session(user_model("mine", family="orb", weights=own), own, trust_weights=True)
    np.testing.assert_array_equal(
        mine.embed([crystal]).features[READOUT], model(NAME).embed([crystal]).features[READOUT]
    )
    for file, why in (
        (nameless, "does not say which of Orb's architectures"),
        (wrong, "does not fit the architecture"),
    ):
        spec = user_model("mine", family="orb", weights=file)
        with pytest.raises(ModelError, match=why):
            worker.session(spec, file, trust_weights=True)


def test_the_number_of_rotations_is_an_option_of_the_command(frames: Frames, tmp_path: Path) -> None:
    chosen = [frames.all[i] for i in frames.small[:2]]
    atlas = create_atlas(tmp_path / "asked.atlas.zarr", collect(chosen, coordination=False))
    program = shutil.which("platonic", path=str(Path(sys.executable).parent))
    assert program is not None
    command = [program, "embed", str(atlas.path), "--model", UNTRAINED.name, "--rotations"]
    refused = subprocess.run([*command, "61"], capture_output=True, text=True, check=False)
    assert (refused.returncode, "60" in refused.stderr) == (2, True)
    assert "Traceback" not in refused.stderr
    subprocess.run([*command, "1"], capture_output=True, check=True)
    assert atlas.model_attrs(UNTRAINED.name)["parameters"]["rotations"] == 1
    assert atlas.extra(UNTRAINED.name, "rotation_spread") is None
