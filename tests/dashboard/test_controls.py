"""A control in a frame that trained models shaped: the page says whose order it shows."""

from __future__ import annotations

import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.dashboard.shell.titles import LENT
from tests.dashboard.conftest import shell_of


@pytest.fixture
def shell(data: AtlasData) -> Shell:
    made = shell_of(data)
    made.view.models = [*data.trained(list(data.models))[:2], "echo"]
    return made


def titles(shell: Shell) -> list[bool]:
    """Of the three models: whether the title says that the frame lends its order."""
    return [LENT in str(pane.object) for pane in shell.titles.panes[:3]]


def test_a_control_in_the_frame_of_trained_models_says_so(shell: Shell) -> None:
    assert titles(shell) == [False, False, True]
    assert "lends its order" in shell.sentence.data["text"]
    shell.view.frame = "own"
    assert titles(shell) == [False] * 3
    shell.view.param.update(frame="agreement", representation="raw", layout="pca")
    assert titles(shell) == [False] * 3


def test_where_no_trained_model_is_shown_nothing_is_lent(shell: Shell) -> None:
    shell.view.models = ["echo"]
    assert titles(shell)[0] is False
    assert shell.sentence.data["lead"] == "A control learned nothing."
    assert "lends" not in shell.sentence.data["text"]
