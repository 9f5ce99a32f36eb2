"""What the builders of the page's frame send to the browser."""

from __future__ import annotations

import json
from base64 import b64decode

import numpy as np

from platonic_atlas.dashboard.components.anchor_panel import coverage_data
from platonic_atlas.dashboard.components.choice_bar import ModelChoice, bar_data
from platonic_atlas.dashboard.components.header import atlas_text, file_to_save, header_data
from platonic_atlas.dashboard.components.periodic_table import element_cells, table_data
from platonic_atlas.dashboard.components.selection_panel import Bar, selection_data
from platonic_atlas.dashboard.components.sentence import HelpSection, Message, Sentence, sentence_data
from platonic_atlas.dashboard.theme import ASSETS
from tests.dashboard.samples import COLOURS, COUNTS, NAMES, sample_anchors, sample_bar, sample_selection

FORBIDDEN = ("innerHTML", "outerHTML", "insertAdjacentHTML", "://", "import(", "fetch(")


def test_every_builder_gives_plain_json() -> None:
    table = table_data(
        title="Group",
        colours=COLOURS,
        counts=COUNTS,
        selected=[9],
        legend={"kind": "classes", "entries": [("1", "#000000")]},
    )
    header = header_data(page="atlas", atlas=atlas_text("default atlas", 8412))
    line = sentence_data(
        lead="a", text="b", messages=[Message("m", "h", "e", "n")], help_sections=[HelpSection("t", ("p",))]
    )
    for data in (header, sample_bar(), table, sample_selection(), sample_anchors(), line):
        assert json.loads(json.dumps(data)) == data


def test_atlas_text_counts_sites() -> None:
    assert atlas_text("default atlas", 8412) == "default atlas · 8,412 sites"
    assert atlas_text("mine", 1) == "mine · 1 site"


def test_saved_file_keeps_its_bytes() -> None:
    sent = file_to_save("a.png", "image/png", bytes(range(256)), 3)
    assert (b64decode(sent["base64"]), sent["n"]) == (bytes(range(256)), 3)


def test_csv_needs_a_selection() -> None:
    assert header_data(page="atlas", atlas="")["csv_reason"]
    assert not header_data(page="atlas", atlas="", n_selected=2)["csv_reason"]


def test_bar_shows_at_most_seven_known_models() -> None:
    models = [ModelChoice(name, name) for name in NAMES]
    assert bar_data([], models, ["unknown", *NAMES])["models"]["shown"] == NAMES[:7]


def test_table_leaves_out_absent_elements_and_whole_ones_are_not_partly() -> None:
    data = table_data(title="", colours=COLOURS, counts=COUNTS, selected=[9], partly=[9, 8], values={26: "mean 0.2"})
    assert "Kr" not in data["counts"]
    assert (data["selected"], data["partly"], data["values"]) == (["F"], ["O"], {"Fe": "mean 0.2"})


def test_no_two_elements_share_a_place() -> None:
    places = {(row, column) for _, _, _, row, column, _, _ in element_cells()}
    assert len(places) == len(element_cells()) == 118
    assert {(cell[1], cell[5]) for cell in element_cells() if cell[1] in ("La", "Lu", "He")} == {
        ("La", 0),
        ("Lu", 3),
        ("He", 18),
    }


def test_small_bars_become_one() -> None:
    bars = [Bar(f"p{i}", i + 1, 10) for i in range(8)]
    shown = selection_data(n_selected=36, n_crystals=1, n_sites=80, by_prototype=bars)["by_prototype"]
    assert [bar["label"] for bar in shown] == ["p7", "p6", "p5", "p4", "4 others"]
    assert sum(bar["count"] for bar in shown) == 36


def test_table_rows_are_cut_and_the_whole_number_is_told() -> None:
    data = selection_data(n_selected=900, n_crystals=1, n_sites=900, rows=[{"site": i} for i in range(900)])
    assert (len(data["rows"]), data["rows_total"]) == (500, 900)


def test_coverage_counts_known_sites_only() -> None:
    data = coverage_data(np.array([0.0, 0.5, 1.0, np.nan]), reference="M0", bins=2)
    assert (data["counts"], data["mean"], data["max"], data["n"]) == ([1, 2], 0.5, 1.0, 3)
    assert coverage_data(np.full(3, np.nan), reference="M0")["mean"] is None
    assert sum(coverage_data(np.zeros(3), reference="M0")["counts"]) == 3


def test_number_stays_within_the_atlas() -> None:
    assert (sample_anchors(largest=40)["most"], sample_anchors(largest=10**6)["most"]) == (40, 1000)


def test_message_becomes_intent_and_anything_else_does_not() -> None:
    piece, heard = Sentence(), []
    piece.param.watch(lambda event: heard.append(event.new["kind"]), "intent")
    for message in ({"kind": "cancel", "n": 1}, {"kind": "cancel", "n": 2}, "cancel", {"value": 1}):
        piece._handle_msg(message)
    assert heard == ["cancel", "cancel"]


def test_no_component_writes_html_or_fetches() -> None:
    for path in sorted(ASSETS.rglob("*.js")):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        widget = {"import("} if path == ASSETS / "crystal" / "viewer.js" else set()  # served beside the page
        assert {word for word in FORBIDDEN if word in text} == widget, path
