"""What the components of the page show in tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.dashboard.components.anchor_panel import AnchorSet, anchor_data, coverage_data
from platonic_atlas.dashboard.components.choice_bar import Choice, ModelChoice, Option, bar_data
from platonic_atlas.dashboard.components.selection_panel import AtomCard, Bar, selection_data
from platonic_atlas.dashboard.work.progress import Progress

NAMES = [f"model-{i}" for i in range(8)]
HOSTILE = "<img src=x onerror=alert(1)>"
COLOURS = {1: "#440154", 8: "#7ad151", 9: "#ffffff", 17: "#35608d", 26: "#000000", 57: "#c2519c"}
COUNTS = {1: 5, 8: 20, 9: 3, 17: 4, 26: 7, 57: 2, 36: 0}


def sample_bar(**changes: Any) -> dict[str, Any]:
    choices = [
        Choice(
            "colour",
            "Colour",
            "group",
            options=[Option("group", "Group"), Option("period", "Period")],
            more=[Option("block", "Block"), Option("disagreement", "Disagreement", True, "needs the shared frame")],
        ),
        Choice(
            "anchors",
            "Anchors",
            "element-89",
            kind="menu",
            options=[Option("element-89", "element-89"), Option("x", HOSTILE)],
        ),
        Choice("options", "Options", kind="panel", choices=[Choice("marks", "Anchor marks", True, kind="toggle")]),
    ]
    models = [
        *(ModelChoice(name, name, "MPtrj", "MIT") for name in NAMES),
        ModelChoice("onehot", "One-hot", control=True),
    ]
    return bar_data(choices, models, NAMES[:7], **changes)


def sample_anchors(**changes: Any) -> dict[str, Any]:
    given = {
        "strategy": "direct",
        "number": 100,
        "seed": 0,
        "reference": "model-0",
        "references": [Option("model-0", "M0"), Option("model-1", "M1")],
        "sets": [AnchorSet("element-89", 89), AnchorSet("mine", 12, kept=True)],
        "current": "mine",
        "n_selected": 4,
        "coverage": coverage_data(np.linspace(0, 1, 50), reference="M0"),
        "progress": Progress("Computing …", 0.5),
    }
    return anchor_data(**{**given, **changes})


def sample_selection(**changes: Any) -> dict[str, Any]:
    given = {
        "n_selected": 7,
        "n_crystals": 2,
        "n_sites": 41,
        "by_element": [Bar("F", 3, 3, "#ff0000"), Bar("Cl", 4, 9)],
        "by_prototype": [Bar(HOSTILE, 7, 8)],
        "can_undo": True,
        "atom": AtomCard(5, "Cl", "chlorine", "CsCl", "CsCl type", "Pm-3m", "8", [("M0", -3.214), ("M1", None)], 82.6),
    }
    return selection_data(**{**given, **changes})
