"""The paper's recipe from end to end on a small csv: MACE-MP-0 small trained, the other six with random weights.

Interrupted with SIGKILL in the middle, built again, and compared with nothing but itself: every array is whole.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.engine.models.catalogue import PRESETS
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.store.files import data_folder
from tests.engine.verbs.test_build import write_csv
from tests.families.conftest import Frames
from tests.families.session_files import session_folder
from tests.families.test_architectures import MODELS, written_architecture

N_CRYSTALS = 20
RECIPE = """
name = "small"
based_on = "{base}"
[atlas]
inputs = ["small.csv"]
expected = {{ structures = {structures}, atoms = {atoms} }}
anchors = [
  {{ name = "paper-100", strategy = "direct", n = 100, reference = "mace-mp-0-small" }},
  {{ name = "element-89", strategy = "element", reference = "mace-mp-0-small" }},
]
"""


@pytest.mark.xdist_group("paper")
def test_the_paper_on_a_small_csv(
    frames: Frames, shared_weights: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    crystals = [frames.all[i] for i in frames.small[:N_CRYSTALS]]
    write_csv(tmp_path / "small.csv", crystals)
    recipe = tmp_path / "small.toml"
    base = data_folder() / "recipes" / "paper.toml"
    recipe.write_text(RECIPE.format(base=base, structures=len(crystals), atoms=sum(map(len, crystals))))
    weights = tmp_path / "weights"
    weights.mkdir()
    for name in set(PRESETS["paper"]) & set(MODELS):
        written = written_architecture(name, session_folder(tmp_path_factory))
        (weights / written.name).symlink_to(written)
    target = tmp_path / "small.atlas.zarr"
    command = [
        Path(sys.executable).with_name("platonic"),
        "build",
        recipe,
        "--to",
        target,
        "--weights",
        weights,
        "--trust-weights",
    ]
    _kill_midway([str(word) for word in command], target)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    atlas = open_atlas(target)
    assert set(atlas.models()) == {*PRESETS["paper"], "onehot", "untrained-mace"}
    assert atlas.layers("mace-mp-0-small") == ["layer-1", "readout"]
    assert atlas.layers("orb-v3-dir-omat") == ["readout"]
    assert len(atlas.anchors("paper-100")) == 100
    assert set(atlas.layouts()["umap-paper-100"]) == set(atlas.models())
    assert atlas.damaged() == atlas.incomplete() == []
    assert atlas.present("sevennet-omat").all()
    spread = atlas.extra("orb-v3-dir-omat", "rotation_spread")
    assert spread is not None
    assert np.isfinite(spread).all()


def _kill_midway(command: list[str], target: Path) -> None:
    """Start the build in a group of its own and kill all of it once two models are embedded."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    end = time.monotonic() + 600
    while time.monotonic() < end and running.poll() is None:
        if target.exists() and len(_embedded(target)) >= 2:
            break
        time.sleep(0.5)
    assert running.poll() is None, running.stderr.read().decode()[-3000:] if running.stderr else ""
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert set(PRESETS["paper"]) - set(_embedded(target))


def _embedded(target: Path) -> list[str]:
    try:
        return open_atlas(target).models()
    except Exception:  # it is being written
        return []
