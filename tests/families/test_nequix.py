"""Nequix: what its package does in place is done in the user's cache, and damaged files are named."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule

from platonic_atlas.engine.adapters.weights import CACHE_VARIABLE, cache_folder, file_digest
from platonic_atlas.engine.errors import ModelError, UntrustedWeights, WeightsMissing
from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.extract.process import WorkerProcess, link_engine, worker_environment
from platonic_atlas.engine.extract.session import load_job, model_session
from platonic_atlas.engine.models.catalogue import find_model, user_model
from platonic_atlas.engine.types import READOUT, FloatArray
from tests.families.conftest import Model

pytestmark = pytest.mark.xdist_group("nequix")
SPEC = find_model("nequix-mp")
SALT = bulk("NaCl", "rocksalt", a=5.64)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """The official file alone in a folder."""
    official = find_weights(SPEC)
    assert official is not None
    (tmp_path / "files").mkdir()
    return Path(shutil.copy(official, tmp_path / "files" / "nequix-mp-1.nqx"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model) -> Path:
    """A cache of the test's own; the worker that all tests share has begun before, with that of the user."""
    model("nequix-mp")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "nequix"


def salt_features(weights: Path, workers: int = 1) -> FloatArray:
    with model_session(user_model("own", family="nequix", weights=weights), weights=weights, workers=workers) as model:
        found: FloatArray = model.embed([SALT]).features[READOUT]
    return found


def test_the_torch_form_is_kept_in_the_cache_under_the_digest(checkpoint: Path, cache: Path, model: Model) -> None:
    official = model("nequix-mp").embed([SALT]).features[READOUT]
    kept = cache / f"{file_digest(checkpoint)}.pt"
    np.testing.assert_array_equal(salt_features(checkpoint, workers=2), official)  # two convert at once
    assert list(cache.iterdir()) == [kept]
    assert list(checkpoint.parent.iterdir()) == [checkpoint]
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    np.testing.assert_array_equal(salt_features(checkpoint), official)
    assert kept.stat().st_size == len(whole)
    own = Path(shutil.copy(kept, checkpoint.with_name("trained.pt")))
    np.testing.assert_array_equal(salt_features(own), official)


def test_a_cache_that_cannot_be_written_is_done_without(checkpoint: Path, cache: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert np.isfinite(salt_features(checkpoint)).all()


def test_a_checkpoint_cut_off_is_an_error_that_says_so(checkpoint: Path, cache: Path) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes()[:500_000])
    own = user_model("own", family="nequix", weights=checkpoint)
    with WorkerProcess(find_interpreter("nequix")) as worker:
        with pytest.raises(UntrustedWeights, match="the catalogue does not know for nequix-mp") as raised:
            worker.request(load_job(SPEC, checkpoint, trust_weights=False, device="cpu"))
        assert "download was cut off" in raised.value.next_step
        with pytest.raises(ModelError, match="cannot be read as a checkpoint of Nequix") as raised:
            worker.request(load_job(own, checkpoint, trust_weights=False, device="cpu"))
    assert raised.value.expected and raised.value.next_step
    assert not cache.exists()


def test_weights_that_are_left_out_are_not_taken_at_random(checkpoint: Path, model: Model) -> None:
    model("nequix-mp")  # leaves its torch form in the user's cache
    kept = cache_folder() / "nequix" / f"{SPEC.sha256}.pt"
    own = checkpoint.with_name("part.pt")
    drop = (
        "import sys, torch; f = open(sys.argv[1], 'rb'); line = f.readline(); held = torch.load(f);"
        "del held['readout.weight']; out = open(sys.argv[2], 'wb'); out.write(line); torch.save(held, out)"
    )
    subprocess.run([find_interpreter("nequix"), "-I", "-c", drop, kept, own], check=True)
    with pytest.raises(ModelError, match="readout.weight and 0 other weights are not in the file"):
        salt_features(own)


def test_slabs_molecules_lone_atoms_and_large_cells(model: Model) -> None:
    slab = fcc111("Al", (2, 2, 3), vacuum=10)
    slab.pbc = (True, True, False)
    thick = slab.copy()
    thick.pbc = True  # the vacuum is wider than the cutoff: the same surroundings
    wire = bulk("Al", cubic=True)
    wire.pbc = (True, False, False)
    flat = bulk("Al")
    flat.cell[2] = 0
    large = bulk("NaCl", "rocksalt", a=5.64, cubic=True).repeat((5, 5, 5))
    taken = [slab, thick, wire, molecule("H2O"), Atoms("H"), Atoms("Ar", cell=np.eye(3) * 20, pbc=True), large]
    found = model("nequix-mp").embed([*taken, flat])
    assert found.refused == {7: "periodic, but its cell has no volume"}
    parts = np.split(found.features[READOUT], np.cumsum([len(atoms) for atoms in taken]))
    assert all(np.isfinite(part).all() for part in parts[:-1])
    np.testing.assert_allclose(parts[0], parts[1], atol=1e-5)
    salt = model("nequix-mp").embed([SALT]).features[READOUT]
    np.testing.assert_allclose(parts[6][large.numbers == 11], np.tile(salt[:1], (500, 1)), atol=1e-4)


def test_a_site_energy_is_linear_in_the_features(model: Model) -> None:
    rows = model("nequix-mp").embed([SALT, bulk("Si")]).features[READOUT]
    readout: Callable[[FloatArray], FloatArray] = lambda rows: model("nequix-mp").readout(rows, [11] * len(rows))  # noqa: E731
    nothing = readout(np.zeros_like(rows[:1]))
    np.testing.assert_allclose(
        readout(rows[:1] + rows[2:3]) - nothing, readout(rows[:1]) + readout(rows[2:3]) - 2 * nothing, atol=1e-5
    )


def test_no_network_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {
        "HOME": tmp_path / "home",
        "PLATONIC_WEIGHTS": tmp_path / "none",
        "PLATONIC_ENV_ROOT": find_interpreter("nequix").parents[2],
    }
    for name, value in (*nowhere.items(), ("HTTPS_PROXY", "http://127.0.0.1:9"), ("https_proxy", "http://127.0.0.1:9")):
        monkeypatch.setenv(name, str(value))
    with pytest.raises(WeightsMissing, match=r"nequix-mp-1.nqx.*could not download") as raised, model_session(SPEC):
        pass
    assert "atomicarchitects/nequix" in raised.value.expected
    assert str(tmp_path / "none") in raised.value.next_step
    assert not [file for file in (tmp_path / "home").rglob("*") if file.is_file()]


def test_a_download_arrives_where_the_package_looks(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = find_interpreter("nequix")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    code = (
        "import sys; from nequix.calculator import NequixCalculator as Calculator\n"
        "from platonic_atlas.engine.adapters.nequix import Nequix\n"
        "from platonic_atlas.engine.models.catalogue import find_model\n"
        "Calculator.URLS['nequix-mp-1'] = sys.argv[1]; print(Nequix.download(find_model('nequix-mp')))"
    )
    with tempfile.TemporaryDirectory() as folder:
        link_engine(Path(folder))
        settings = worker_environment(Path(folder), own_interpreter=False)
        subprocess.run(
            [interpreter, "-P", "-c", code, checkpoint.as_uri()], env=settings, check=True, capture_output=True
        )
    place = tmp_path / "home" / ".cache" / "nequix" / "models" / "nequix-mp-1.nqx"
    assert list(place.parent.iterdir()) == [place]
    assert file_digest(place) == SPEC.sha256
