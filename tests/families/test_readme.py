"""The README's way from one's own crystals to one's own maps, as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import ase.io

from platonic_atlas.engine.store import open_atlas
from tests.documents import blocks
from tests.families.conftest import Frames

NO_BROWSER = {"BROWSER": "true"}  # `serve` opens one; here a program that does nothing


def test_five_commands_lead_from_crystals_to_maps(frames: Frames, tmp_path: Path) -> None:
    (block,) = blocks("README.md", "bash", after="## From your own crystals to your own maps")
    commands = block.strip().splitlines()
    assert len(commands) == 5
    ase.io.write(tmp_path / "crystals.xyz", [frames.all[i] for i in frames.small[:30]])
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    surroundings = {**os.environ, **NO_BROWSER, "PATH": path}
    for command in commands[:4]:
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=surroundings, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    atlas = open_atlas(tmp_path / "mine.atlas.zarr")
    assert atlas.models() == ["chgnet-0.3.0", "diep-matpes-r2scan", "sevennet-0"]
    assert atlas.anchor_sets() == ["element-89"]
    served(commands[4], tmp_path, surroundings)


def served(command: str, folder: Path, surroundings: dict[str, str]) -> None:
    """Start the server as the README does, ask for its page, and end it."""
    log = folder / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command.split(), cwd=folder, env=surroundings, stdout=subprocess.PIPE, stderr=out, text=True
        )
    try:
        assert server.stdout is not None
        address = next(
            (found[1] for line in server.stdout if (found := re.search(r"Platonic Atlas is at (\S+)", line))), ""
        )
        assert address, log.read_text()
        with urllib.request.urlopen(address, timeout=60) as page:
            assert "Platonic Atlas" in page.read().decode()
    finally:
        server.terminate()
        server.wait(20)
