"""Embedding an atlas with real models: killed and resumed, and a checkpoint of one's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from platonic_atlas.engine.errors import UntrustedWeights, WorkerError
from platonic_atlas.engine.extract import process
from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.models.catalogue import find_model, user_model
from platonic_atlas.engine.store import Atlas, create_atlas, open_atlas
from platonic_atlas.engine.structures import collect
from platonic_atlas.engine.types import READOUT
from platonic_atlas.engine.verbs.embed import embed
from tests.families.cases import Case
from tests.families.conftest import Frames, Model

GOLDEN = Path(__file__).parents[1] / "golden" / "families"
RESAVE = "import sys, torch; f = torch.load(sys.argv[1], weights_only=False, map_location='cpu'); torch.save({**f, 'epoch': 'fine-tuned'}, sys.argv[2])"


def atlas_of(frames: Frames, path: Path, n: int) -> Atlas:
    chosen = [frames.all[i] for i in frames.small[:n]]
    return create_atlas(path, collect(chosen, coordination=False), chunk_rows=24)


def contents(atlas: Atlas, model: str) -> dict[str, bytes]:
    folder = atlas.path / "embeddings" / model
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("name", ["sevennet-0", "chgnet-r2scan"])
def test_killed_and_resumed_equals_uninterrupted_bit_for_bit(
    name: str, frames: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = (atlas_of(frames, tmp_path / f"{which}.atlas.zarr", 14) for which in ("broken", "whole"))
    assert broken.n_sites > 2 * broken.chunk_rows
    pids: list[int] = []
    start = process.WorkerProcess.__init__

    def note(worker: process.WorkerProcess, interpreter: Path) -> None:
        start(worker, interpreter)
        pids.append(worker.process.pid)

    def kill_midway(what: str, fraction: float) -> None:
        if fraction > 0.5:
            os.kill(pids[-1], signal.SIGKILL)

    monkeypatch.setattr(process.WorkerProcess, "__init__", note)
    with pytest.raises(WorkerError, match="signal 9"):
        embed(broken, [name], progress=kill_midway)
    done = broken.n_sites // broken.chunk_rows + 1
    assert broken.incomplete() == [f"{name}/{READOUT}"]
    embed(open_atlas(broken.path), [name])
    embed(whole, [name], workers=2)
    same = contents(broken, name) == contents(whole, name)
    print(f"\n{name}: killed midway through {done} chunks, resumed: bytes equal to two undisturbed workers: {same}")
    assert same
    assert whole.damaged() == []


@pytest.mark.xdist_group("sevennet")
def test_ones_own_sevennet_checkpoint(frames: Frames, tmp_path: Path) -> None:
    official = find_weights(find_model("sevennet-0"))
    assert official is not None
    own = tmp_path / "ft.pth"
    subprocess.run([find_interpreter("sevennet"), "-I", "-c", RESAVE, official, own], check=True)
    atlas = atlas_of(frames, tmp_path / "own.atlas.zarr", 3)
    spec = user_model("my-ft", family="sevennet", weights=own)
    with pytest.raises(UntrustedWeights, match="does not know"):
        embed(atlas, [spec], weights=own)
    embed(atlas, [spec], weights=own, trust_weights=True)
    embed(atlas, ["sevennet-0"])
    np.testing.assert_array_equal(atlas.embedding("my-ft"), atlas.embedding("sevennet-0"))
    digests = [atlas.model_attrs(name)["checkpoint_sha256"] for name in ("my-ft", "sevennet-0")]
    assert digests[0] != digests[1]
    assert digests[1] == find_model("sevennet-0").sha256


def golden_crystal() -> Atoms:
    """A distorted perovskite made of numbers alone."""
    crystal = bulk("SrTi", "cesiumchloride", a=3.9) + bulk("O", "sc", a=3.9)
    crystal.positions[2] = [1.95, 1.95, 0.1]
    crystal.set_cell([[3.9, 0, 0], [0.05, 3.95, 0], [0, 0.1, 4.0]])
    return crystal


def test_golden_numbers(case: Case, model: Model) -> None:
    """Features and energies of one crystal, as they were when the adapters were written."""
    golden = json.loads((GOLDEN / f"{case.spec.family}.json").read_text())[case.name]
    found = model(case.name).embed([golden_crystal()])
    for layer, known in golden["layers"].items():
        rows = found.features[layer]
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), known["norms"], rtol=1e-4)
        np.testing.assert_allclose(rows[:, :4], known["first_features"], rtol=1e-3, atol=1e-4)
    assert set(golden["layers"]) == set(found.features)
    if golden["site_energies"] is None:
        assert found.site_energies is None
    else:
        np.testing.assert_allclose(found.site_energies, golden["site_energies"], atol=1e-4)
