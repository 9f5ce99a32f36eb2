"""What a server and a command load, and what they do about a busy port."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from platonic_atlas.dashboard.__main__ import main
from platonic_atlas.dashboard.address import free_port
from platonic_atlas.dashboard.colourings import disagreement
from platonic_atlas.dashboard.opening import begin, first_maps
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.state.choices import MAPS
from platonic_atlas.engine.errors import PlatonicError

HEAVY = ("torch", "umap", "sklearn")
LOADED = f"; import sys; print([name for name in {HEAVY!r} if name in sys.modules])"


def loaded_by(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code + LOADED], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "code", ["import platonic_atlas", "import platonic_atlas.engine.cli.app", "import platonic_atlas.dashboard.app"]
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str) -> None:
    assert loaded_by(code) == "[]"


def test_a_served_page_loads_no_torch(seeded_atlas: Path) -> None:
    page = f"app.build(served.Served(opening.read({str(seeded_atlas)!r}))).server_doc(Document())"
    assert "torch" not in loaded_by(
        f"from bokeh.document import Document; from platonic_atlas.dashboard import app, opening; from platonic_atlas.dashboard.atlas import served; {page}"
    )


def test_an_atlas_is_read_while_panel_is_imported() -> None:
    code = "import platonic_atlas.dashboard.__main__, platonic_atlas.dashboard.opening, sys; "
    code += "print(sorted({'panel', 'bokeh', 'datashader', 'numba'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_first_picture_is_there_when_an_atlas_is_read(seeded_atlas: Path) -> None:
    data = begin(seeded_atlas).result()
    session = Session(data)
    scheme = session.scheme
    assert data.held(("layout", session.key, session.view.anchor_sites.tobytes())) is session.layout()
    assert data.held(scheme.colours(data, session.seen())) is session.colouring()
    assert data.held(disagreement.SCHEME.colours(data, session.seen())) is session.middle_colouring()
    maps = first_maps(data)
    assert [each.title for each in maps[: len(session.view.models)]] == [
        data.models[m].title for m in session.view.models
    ]
    assert maps[-1].title == "Consensus"
    drawn = [each.light.startswith("data:image/png;base64,") for each in maps]
    assert drawn == [place < len(session.view.models) or place == MAPS for place in range(MAPS + 1)]


def test_a_path_that_is_no_atlas_ends_the_server_with_its_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.atlas.zip"), "--no-show"]) == 1
    assert "none.atlas.zip" in capsys.readouterr().err


def test_a_busy_port_gives_way_to_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        assert free_port("127.0.0.1", port) > port
        with pytest.raises(PlatonicError, match="--port"):
            free_port("127.0.0.1", port, tries=1)
