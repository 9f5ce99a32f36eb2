"""Embedding in real worker processes: the one-hot control and a family that a third party installed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from platonic_atlas.engine.adapters.weights import file_digest
from platonic_atlas.engine.errors import (
    AtlasError,
    ModelError,
    UntrustedWeights,
    UsageError,
    WeightsMissing,
    WorkerError,
)
from platonic_atlas.engine.extract.environments import find_weights
from platonic_atlas.engine.extract.session import energies, model_session
from platonic_atlas.engine.models.catalogue import find_model, user_model
from platonic_atlas.engine.store import Atlas, begin_embedding, create_atlas, open_atlas
from platonic_atlas.engine.structures import collect
from platonic_atlas.engine.types import Layer, ModelSpec
from platonic_atlas.engine.verbs.embed import embed
from tests.conftest import copy_of

SPRINGS = ModelSpec(name="springs", family="springs", title="Springs", trained_on="nothing", licence="MIT")


def structures() -> list[Atoms]:
    """Crystals with orbits of one and several atoms, and one of an element that the springs do not know."""
    salts = [bulk(pair, "rocksalt", a=a, cubic=True) for pair, a in (("NaCl", 5.6), ("MgO", 4.2), ("LiF", 4.0))]
    salts[1] = salts[1].repeat((2, 1, 1))  # for the springs, which see no periodic images, its copies differ
    metals = [bulk("Fe", cubic=True), bulk("Cu", cubic=True), bulk("Ti"), bulk("Xe", "fcc", a=6.1)]
    return [*salts, *metals]


def new_atlas(path: Path) -> Atlas:
    return create_atlas(path, collect(structures(), coordination=False), chunk_rows=2)


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    return new_atlas(tmp_path / "a.atlas.zarr")


@pytest.fixture
def held(whole: Atlas, tmp_path: Path) -> Atlas:
    """A copy of it, to be written to."""
    (tmp_path / "held").mkdir()
    return copy_of(whole.path, tmp_path / "held")


def contents(atlas: Atlas, model: str) -> dict[str, bytes]:
    """Every byte of an embedding, by array."""
    folder = atlas.path / "embeddings" / model
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_onehot_needs_no_environment(atlas: Atlas) -> None:
    assert embed(atlas, ["onehot"]) == ["onehot"]
    features = atlas.embedding("onehot")
    assert (features.argmax(axis=1) + 1 == atlas.numbers()).all()
    assert (features.sum(axis=1) == 1).all()
    assert atlas.site_energy("onehot") is None
    assert atlas.model_attrs("onehot")["control"] is True


def test_moments_of_both_balances_follow(atlas: Atlas) -> None:
    embed(atlas, ["onehot"])
    for balance in ("elements", "atoms"):
        assert atlas.moments("onehot", balance=balance).second.shape == (118, 118)
    assert atlas.damaged() == []


def test_a_family_by_entry_point_gives_rows_energies_and_spread(whole: Atlas) -> None:
    atlas = whole
    features, present = atlas.embedding("springs"), atlas.present("springs")
    numbers = atlas.numbers()
    assert (present == (numbers < 54)).all()
    assert np.isnan(features[~present]).all()
    np.testing.assert_allclose(features[present, 0], numbers[present] / 10, rtol=1e-6)
    np.testing.assert_allclose(atlas.site_energy("springs")[present], features[present].sum(axis=1), rtol=1e-5)
    # The springs see no periodic images: symmetry copies in an oblong cell differ, and that is recorded.
    spread = atlas.orbit_spread("springs")
    assert (spread[present & (atlas.multiplicity() == 1)] == 0).all()
    assert (spread[present & (atlas.multiplicity() > 1)] > 0).any()


def test_refused_structures_are_named_with_their_reason(whole: Atlas) -> None:
    refused = whole.model_attrs("springs")["refused"]
    assert list(refused) == ["6"]
    assert "Xe" in refused["6"]


def test_provenance_says_where_an_embedding_comes_from(whole: Atlas) -> None:
    attrs = whole.model_attrs("springs")
    assert attrs["threads"] == 1
    assert attrs["device"] == "cpu"
    assert attrs["packages"]["numpy"] == np.__version__
    assert attrs["symmetry"] == "O(3)"


def test_two_workers_write_what_one_writes(atlas: Atlas, whole: Atlas) -> None:
    embed(atlas, [SPRINGS], workers=2)
    assert contents(atlas, "springs") == contents(whole, "springs")


@pytest.mark.parametrize("chunks_before_death", [0, 2])
def test_a_killed_worker_is_an_error_and_the_next_run_goes_on(
    atlas: Atlas, whole: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks_before_death: int
) -> None:
    flag = tmp_path / "die"
    flag.write_text(str(chunks_before_death))
    monkeypatch.setenv("SPRINGS_DIE", str(flag))
    with pytest.raises(WorkerError) as caught:
        embed(atlas, [SPRINGS])
    assert ("signal 9" if os.name == "posix" else "exit code 9") in caught.value.happened
    assert "about to die" in caught.value.happened
    assert atlas.incomplete() == ["springs/readout"]
    with pytest.raises(AtlasError, match="not complete"):
        atlas.embedding("springs")
    embed(open_atlas(atlas.path), [SPRINGS])
    assert contents(atlas, "springs") == contents(whole, "springs")


def test_a_killed_runner_can_be_started_again(atlas: Atlas, whole: Atlas) -> None:
    """The whole command is killed, not the worker: what it had not finished is made by the next run."""
    code = (
        "import os, sys\n"
        "from platonic_atlas.engine.verbs.embed import embed\n"
        "from platonic_atlas.engine.store import open_atlas\n"
        "from tests.engine.extract.test_runner import SPRINGS\n"
        "seen = []\n"
        "def tell(what, fraction):\n"
        "    seen.append(fraction)\n"
        "    if fraction > 0.4:\n"
        "        os.kill(os.getpid(), 9)\n"
        "embed(open_atlas(sys.argv[1]), [SPRINGS], progress=tell)\n"
    )
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ["PYTHONPATH"]])}
    done = subprocess.run([sys.executable, "-c", code, str(atlas.path)], env=environment, check=False, cwd=root)
    assert abs(done.returncode) == 9  # negative where it is a signal
    assert open_atlas(atlas.path).incomplete() == ["springs/readout"]
    embed(open_atlas(atlas.path), [SPRINGS])
    assert contents(atlas, "springs") == contents(whole, "springs")


def test_a_complete_embedding_is_left_alone(held: Atlas) -> None:
    before = {p: p.stat().st_mtime_ns for p in held.path.rglob("*") if p.is_file()}
    embed(held, [SPRINGS])
    assert {p: p.stat().st_mtime_ns for p in held.path.rglob("*") if p.is_file()} == before


def test_a_chunk_that_changed_on_the_disk_is_made_again(
    atlas: Atlas, springs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from platonic_atlas.engine.store.embedding_writer import EmbeddingWriter

    finish = EmbeddingWriter.finish
    spoilt = []

    def spoil_once(writer: EmbeddingWriter) -> None:
        if not spoilt:
            spoilt.append(True)
            writer.groups["readout"]["embedding"][0:2] = np.zeros((2, 4), dtype=np.float32)
        finish(writer)

    monkeypatch.setattr(EmbeddingWriter, "finish", spoil_once)
    embed(atlas, [SPRINGS])
    assert (atlas.embedding("springs")[:2, 0] > 0).all()
    assert atlas.damaged() == []


def test_ones_own_checkpoint_needs_trust(held: Atlas, tmp_path: Path) -> None:
    weights = tmp_path / "ft.txt"
    weights.write_text("2.0")
    spec = user_model("my-ft", family="springs", weights=weights)
    with pytest.raises(UntrustedWeights, match="--trust-weights"):
        embed(held, [spec], weights=weights)
    embed(held, [spec], weights=weights, trust_weights=True)
    np.testing.assert_allclose(held.embedding("my-ft"), 2 * held.embedding("springs"), rtol=1e-6)
    assert len(held.model_attrs("my-ft")["checkpoint_sha256"]) == 64
    weights.write_text("3.0")
    with pytest.raises(AtlasError, match="another checkpoint"):
        embed(held, [spec], weights=weights, trust_weights=True)


def test_missing_weights_are_named(atlas: Atlas, springs: Path, tmp_path: Path) -> None:
    spec = user_model("my-ft", family="springs", weights=tmp_path / "nowhere.txt")
    with pytest.raises(WeightsMissing, match="not on this machine"):
        embed(atlas, [spec], weights=tmp_path / "nowhere.txt", trust_weights=True)


def test_one_checkpoint_is_one_model(atlas: Atlas, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="One checkpoint is given for 2 models"):
        embed(atlas, ["onehot", "sevennet-0"], weights=tmp_path / "x")


def test_a_model_without_an_adapter_is_refused(atlas: Atlas) -> None:
    with pytest.raises(ModelError, match="no adapter for the family 'nowhere'"):
        embed(atlas, [replace(SPRINGS, family="nowhere")])


def test_errors_of_the_worker_arrive_as_they_are(atlas: Atlas, springs: Path) -> None:
    with pytest.raises(ModelError, match="no such device") as caught:
        embed(atlas, [SPRINGS], device="mps")
    assert caught.value.next_step == "say --device cpu"


def test_energies_are_sums_over_atoms_and_nan_where_refused(springs: Path) -> None:
    frames = structures()
    found = energies(frames, SPRINGS, workers=2)
    assert np.isnan(found).tolist() == [False] * 6 + [True]
    with model_session(SPRINGS) as model:
        embedded = model.embed(frames)
        np.testing.assert_array_equal(model.energies(frames), found)
        assert model.energies([]).shape == (0,)
    ends = np.cumsum([len(atoms) for atoms in frames])
    sums = [part.sum() for part in np.split(embedded.site_energies, ends[:-1])]
    np.testing.assert_allclose(found, sums, rtol=1e-12)
    assert list(embedded.refused) == [6]


def test_a_control_has_no_energies() -> None:
    with pytest.raises(ModelError, match="'onehot' has no energies"):
        energies(structures(), find_model("onehot"))


def test_progress_runs_from_nothing_to_all(atlas: Atlas, springs: Path) -> None:
    seen: list[float] = []
    embed(atlas, [SPRINGS], progress=lambda what, fraction: seen.append(fraction))
    assert seen[0] == 0
    assert seen[-1] == pytest.approx(1)
    assert seen == sorted(seen)


def test_a_layer_named_later_is_added_beside_the_readout(held: Atlas) -> None:
    assert held.layers("springs") == ["readout"]
    embed(held, [SPRINGS], layers=["readout", "layer-1"])
    assert sorted(held.layers("springs")) == ["layer-1", "readout"]
    np.testing.assert_array_equal(held.embedding("springs", "layer-1"), held.embedding("springs")[:, :2])
    with pytest.raises(ModelError, match="no layer 'layer-9'"):
        embed(held, [SPRINGS], layers=["layer-9"])


def test_what_a_model_gives_besides_is_kept_a_site(held: Atlas) -> None:
    embed(held, ["onehot"])
    spread = held.extra("springs", "rotation_spread")
    np.testing.assert_array_equal(np.isfinite(spread), held.present("springs"))
    assert np.nanmax(spread) == 0.25
    assert held.extra("onehot", "rotation_spread") is None
    assert held.model_attrs("springs")["parameters"] == {"stiffness": 1.0}
    assert held.damaged() == []


def test_a_batch_that_does_not_fit_into_the_device_is_halved(tmp_path: Path, springs: Path) -> None:
    small = new_atlas(tmp_path / "b.atlas.zarr")
    embed(small, [SPRINGS], device="cuda:8")
    refused = small.model_attrs("springs")["refused"]  # 16 atoms in one cell, and xenon
    assert refused.keys() == {"1", "6"}
    assert "OutOfMemoryError: 8 atoms fit" in refused["1"]
    frames = [cell for cell in structures() if len(cell) <= 8]
    with model_session(SPRINGS) as model, model_session(SPRINGS, device="cuda:8") as halved:
        np.testing.assert_array_equal(halved.embed(frames).features["readout"], model.embed(frames).features["readout"])


def test_weights_are_found_in_the_users_folder_and_where_the_package_keeps_them(
    atlas: Atlas, springs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(SPRINGS, checkpoint="official/springs-v1.txt", origin="release 1 of the springs")
    monkeypatch.setenv("PLATONIC_WEIGHTS", str(tmp_path / "weights"))
    with pytest.raises(WeightsMissing, match="no route to host") as caught:
        embed(atlas, [spec])
    assert caught.value.expected == "It is: release 1 of the springs."
    assert str(tmp_path / "weights") in caught.value.next_step
    monkeypatch.setenv("SPRINGS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "official").mkdir(parents=True)
    (tmp_path / "cache" / "official" / "springs-v1.txt").write_text("2")
    found = find_weights(spec)
    assert found == tmp_path / "cache" / "official" / "springs-v1.txt"
    with pytest.raises(UntrustedWeights):
        embed(atlas, [spec])
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "springs.txt").write_text("3")  # the model's name serves as well as the official one
    trusted = replace(spec, sha256=file_digest(tmp_path / "weights" / "springs.txt"))
    embed(atlas, [trusted])
    assert atlas.model_attrs("springs")["parameters"] == {"stiffness": 3.0}


def test_a_folder_of_weights_serves_several_models(atlas: Atlas, springs: Path, tmp_path: Path) -> None:
    (tmp_path / "springs-v1.txt").write_text("2")
    spec = replace(SPRINGS, checkpoint="official/springs-v1.txt")
    embed(atlas, [spec, "onehot"], weights=tmp_path, trust_weights=True)
    assert atlas.models() == ["onehot", "springs"]
    with pytest.raises(WeightsMissing, match="no route to host"):
        embed(atlas, [replace(spec, name="other", checkpoint="no.txt")], weights=tmp_path)


FULL_DISK = """
import resource, sys
from pathlib import Path
from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.verbs.embed import embed
from platonic_atlas.engine.store import open_atlas

room = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))  # as a disk that is nearly full
try:
    embed(open_atlas(Path(sys.argv[1])), ["onehot"])
except AtlasError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows limits no process's files")
@pytest.mark.parametrize(
    ("room", "what"), [(3_000, "Chunk 0 of 'onehot'"), (100_000, "moments/elements/onehot/readout")]
)
def test_a_full_disk_is_a_clear_error_and_the_atlas_goes_on_later(tmp_path: Path, room: int, what: str) -> None:
    atlas = create_atlas(tmp_path / "a.atlas.zarr", collect(structures(), coordination=False))
    command = [sys.executable, "-c", FULL_DISK, str(atlas.path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{what} could not be written (File too large)" in done.stdout
    assert "make room" in done.stdout
    again = open_atlas(atlas.path)
    with pytest.raises(AtlasError):
        again.moments("onehot")
    embed(again, ["onehot"])
    assert again.moments("onehot").second.shape == (118, 118)
    assert again.damaged() == []


def test_weights_that_cannot_be_read_are_no_fault_of_the_disk(
    atlas: Atlas, springs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "w.txt"
    weights.write_text("1.0")

    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(weights))

    monkeypatch.setattr("hashlib.file_digest", locked)
    with pytest.raises(ModelError, match="w.txt cannot be read .Permission denied"):
        embed(atlas, [SPRINGS], weights=weights, trust_weights=True)


def test_a_full_disk_names_the_command_that_goes_on(
    atlas: Atlas, springs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "w.txt"
    weights.write_text("1.0")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("platonic_atlas.engine.store.commit.finish_unit", full)
    with pytest.raises(AtlasError, match="could not be written") as caught:
        embed(atlas, [user_model("mine", family="springs", weights=weights)], weights=weights, trust_weights=True)
    assert f"platonic embed {atlas.path} --model mine --family springs --weights {weights}" in caught.value.next_step
    with pytest.raises(AtlasError) as caught:
        atlas.norm("mine")
    assert "--model mine --family springs --weights FILE" in caught.value.next_step


def test_a_control_that_was_begun_otherwise_is_begun_anew(atlas: Atlas) -> None:
    layers = {"readout": Layer(4, "O(3)")}
    begin_embedding(atlas, "onehot", layers, {"control": True, "packages": {"numpy": "1"}}, site_energy=False)
    with pytest.raises(AtlasError) as caught:
        begin_embedding(atlas, "onehot", layers, {"control": True, "packages": {"numpy": "2"}}, site_energy=False)
    assert f"platonic remove {atlas.path} --model onehot" in caught.value.next_step
    assert "--weights" not in caught.value.next_step
