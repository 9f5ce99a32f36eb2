"""The inside of weas-widget, which dashboard/assets/crystal takes hold of: pinned, and looked at when it changes."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from platonic_atlas.dashboard.components.structure_view import viewer_folder
from platonic_atlas.dashboard.theme import ASSETS

ROOT = Path(__file__).resolve().parents[2]
SHA256 = "3c4f6c7d71112b61ba5ece4da71ef0dc59098bea7af1cda7606229c8160fc0de"
LOOK = (
    "The module of weas-widget is another one. Look at what crystal/calm.js, camera.js and viewer.js call of it, "
    "run tests/browser/test_crystal_page.py, then set version and sum anew."
)
# What is called of the widget's inside, and by which module of ours
INSIDE = {
    "calm.js": {
        "the viewer is handed out before it is set up": r"window\.editor=(\w+),.{0,400}?\1\.avr\.transaction\(",
        "one method paints": r'key:"render",value:function\(\)\{.{0,60}this\.renderers\.MainRenderer\.renderer\.clear\(',
        "what paints calls it": r"\(\),this\.render\(\)",
        "programs are counted": r"releaseProgram:function\((\w+)\)\{if\(--\1\.usedTimes==0\)",
        "programs are listed": r"\.programs=",
    },
    "camera.js": {"the camera is set": r'key:"updateCameraAndControls"'},
    "viewer.js": {
        "an anywidget's render": r"=\{render:\w+\};export\{\w+ as default\}",
        "a selection is forgotten": r'key:"clearSelection"',
        "marked atoms are drawn": r'key:"drawHighlightAtoms"',
        "the room is followed": r'key:"onWindowResize"',
        "what changed is told": r"for\(let (\w+) in (\w+)\).{0,120}\.set\(\1,\2\[\1\]\)",
        "selected atoms are told": r"\{selectedAtomsIndices:",
    },
    "scene.js": {"tasks are done": r'get\("js_task"\)', "a state is applied": r'key:"applyState"'},
}


@pytest.fixture(scope="module")
def widget() -> bytes:
    return (viewer_folder() / "widget.js").read_bytes()


def test_the_widget_is_pinned_to_the_module_that_was_looked_at(widget: bytes) -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert f"weas-widget=={version('weas-widget')}" in dependencies
    assert hashlib.sha256(widget).hexdigest() == SHA256, LOOK


@pytest.mark.parametrize(
    ("module", "what", "pattern"),
    [(module, what, pattern) for module, inside in INSIDE.items() for what, pattern in inside.items()],
)
def test_the_widget_has_what_is_called_of_its_inside(widget: bytes, module: str, what: str, pattern: str) -> None:
    assert (ASSETS / "crystal" / module).exists()
    assert re.search(pattern, widget.decode("utf-8"), re.DOTALL), f"{what}: {LOOK}"


def test_every_setting_is_one_that_the_widget_knows(widget: bytes) -> None:
    settings = (ASSETS / "crystal" / "settings.js").read_text(encoding="utf-8")
    fixed = settings[settings.index("export const FIXED") : settings.index("};", settings.index("export const FIXED"))]
    names = re.findall(r"^  (\w+):", fixed, re.MULTILINE)
    text = widget.decode("utf-8")
    assert len(names) > 30
    assert [name for name in names if f'"{name}"' not in text] == []
