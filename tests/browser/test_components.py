"""What the pieces of the page's frame do in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import panel as pn
import pytest
from bokeh.document import Document
from playwright.sync_api import Locator, Page, expect

from platonic_atlas.dashboard.components.anchor_panel import AnchorPanel
from platonic_atlas.dashboard.components.choice_bar import ChoiceBar, Suggestion
from platonic_atlas.dashboard.components.component import Component
from platonic_atlas.dashboard.components.header import Header, file_to_save, header_data
from platonic_atlas.dashboard.components.periodic_table import PeriodicTable, table_data
from platonic_atlas.dashboard.components.selection_panel import SelectionPanel, selection_data
from platonic_atlas.dashboard.components.sentence import HelpSection, Message, Sentence, sentence_data
from platonic_atlas.dashboard.theme import asset
from platonic_atlas.dashboard.work.progress import Progress
from tests.browser.conftest import Profile
from tests.dashboard.samples import COLOURS, COUNTS, HOSTILE, NAMES, sample_anchors, sample_bar, sample_selection
from tests.dashboard.serving import threaded

CONTRAST = """(table) => {
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const weigh = (sum, v, i) => sum + linear(v) * [0.2126, 0.7152, 0.0722][i];
  const luminance = (text) => text.match(/[0-9.]+/g).slice(0, 3).map(Number).reduce(weigh, 0);
  return [...table.querySelectorAll('.cell[data-color] .tile')].map((tile) => {
    const style = getComputedStyle(tile);
    const [low, high] = [style.color, style.backgroundColor].map(luminance).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
}"""


@dataclass
class Visit:
    """What a page was served: its components, the intents that they reported, and where their turn comes."""

    document: Document
    loop: asyncio.AbstractEventLoop
    pieces: dict[str, Component]
    heard: list[dict[str, Any]] = field(default_factory=list)


class Stage:
    """Components of one page and the intents that they report."""

    def __init__(self, page: Page, visit: Visit) -> None:
        self.page, self.visit, self.pieces, self.heard = page, visit, visit.pieces, visit.heard

    def show(self, name: str, data: Mapping[str, Any]) -> None:
        """Give a component its data in the turn of its session: a page that still reports is not written to meanwhile."""
        self.visit.loop.call_soon_threadsafe(
            self.visit.document.add_next_tick_callback, lambda: self.pieces[name].param.update(data=dict(data))
        )

    def at(self, name: str) -> Locator:
        return self.page.locator(f'[data-test="{name}"]')

    def last(self, kind: str, act: Callable[[], object], **wanted: Any) -> dict[str, Any]:
        """The intent of a kind (and with the wanted values) that an action causes, without its counter."""
        before = len(self.heard)
        act()
        for _ in range(100):
            found = [
                intent for intent in self.heard[before:] if intent["kind"] == kind and wanted.items() <= intent.items()
            ]
            if found:
                return {key: value for key, value in found[-1].items() if key not in ("kind", "n")}
            self.page.wait_for_timeout(30)
        raise AssertionError(f"no intent {kind!r}, but {self.heard[before:]}")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, list[Visit]]]:
    sessions: list[Visit] = []

    def app() -> Any:
        legend = {"kind": "scale", "stops": ["#000000", "#ffffff"], "low": 0.0, "high": 1.25, "unit": "Pauling"}
        pieces: dict[str, Component] = {
            "header": Header(
                data=header_data(
                    page="atlas",
                    atlas="mine · 41 sites",
                    cite="Cite me",
                    n_selected=7,
                    pages={"atlas": "Atlas", "anchors": "Anchors", "stitching": "Stitching"},
                )
            ),
            "bar": ChoiceBar(data=sample_bar()),
            "table": PeriodicTable(
                data=table_data(title="EN", colours=COLOURS, counts=COUNTS, legend=legend),
                height=232,
                width=490,
                sizing_mode="fixed",
            ),
            "panel": SelectionPanel(data=sample_selection(), height=240, sizing_mode="stretch_width"),
            "anchors": AnchorPanel(data=sample_anchors(), height=240, sizing_mode="stretch_width"),
            "sentence": Sentence(
                data=sentence_data(
                    lead="One.",
                    text="Two.",
                    messages=[Message("m", HOSTILE, "e", "n")],
                    help_sections=[HelpSection("Maps", ["A dot is an atom."])],
                    progress=Progress("Working", 0.25),
                )
            ),
        }
        visit = Visit(pn.state.curdoc, asyncio.get_running_loop(), pieces)
        for piece in pieces.values():
            piece.param.watch(lambda event: visit.heard.append(event.new), "intent")
        sessions.append(visit)
        style = pn.pane.HTML(f"<style>{asset('page.css')} html, body {{ overflow: auto; }}</style>")
        *above, line = pieces.values()
        room = pn.Spacer(height=160)  # for the messages, which lie over what is above the sentence
        return pn.Column(style, *above, room, line, sizing_mode="stretch_width")

    with threaded(app) as port:
        yield f"http://127.0.0.1:{port}", sessions


@pytest.fixture
def stage(served: Any, profile: Profile) -> Iterator[Stage]:
    url, sessions = served
    page = profile((1440, 1000), False).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda message: (
            wrong.append(message.text) if message.type == "error" and "favicon" not in message.text else None
        ),
    )
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith((url, "data:", "blob:")) else None,
    )
    page.goto(url)
    expect(page.locator('[data-test="sentence"]')).to_be_visible(timeout=30_000)
    expect(page.locator('[data-test="anchor-panel"]')).to_be_visible(timeout=30_000)
    yield Stage(page, sessions[-1])
    page.close()
    assert wrong == []


def test_header_reports_and_follows_the_browser(stage: Stage) -> None:
    assert stage.page.evaluate("document.documentElement.dataset.theme") == "light"
    assert stage.last("dark", stage.at("dark").click) == {"value": True, "chosen": True}
    assert stage.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert stage.last("page", stage.at("page-anchors").click) == {"value": "anchors"}
    assert stage.last("stage", stage.at("stage").click) == {"value": True}
    assert stage.last("help", stage.at("help").click) == {}
    stage.at("save").click()
    assert stage.last("save", stage.at("save-svg").click) == {"format": "svg", "what": "all"}


def test_copy_link_says_so_and_has_a_way_without_the_clipboard(stage: Stage) -> None:
    stage.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    stage.at("copy-link").click()
    expect(stage.at("copy-link")).to_have_text("Copied")


def test_sent_file_is_saved(stage: Stage) -> None:
    with stage.page.expect_download() as saved:
        download = file_to_save("atoms.csv", "text/csv", b"a,b", 1)
        stage.show("header", {**stage.pieces["header"].data, "download": download})
    assert saved.value.suggested_filename == "atoms.csv"


def test_bar_choices(stage: Stage) -> None:
    assert stage.last("choose", stage.at("choose-colour-period").click) == {"id": "colour", "value": "period"}
    stage.at("more-colour").click()
    expect(stage.at("choose-colour-disagreement")).to_be_disabled()
    assert stage.last("choose", stage.at("choose-colour-block").click) == {"id": "colour", "value": "block"}
    expect(stage.at("menu-more-colour")).to_have_count(0)
    stage.at("open-anchors").focus()
    stage.page.keyboard.press("Enter")
    stage.page.keyboard.press("ArrowDown")
    assert stage.last("choose", lambda: stage.page.keyboard.press("Enter")) == {"id": "anchors", "value": "x"}
    stage.at("open-options").click()
    assert stage.last("choose", stage.at("toggle-marks").click) == {"id": "marks", "value": False}
    stage.page.keyboard.press("Escape")
    expect(stage.at("open-options")).to_be_focused()


def test_models_are_reordered_and_never_more_than_seven(stage: Stage) -> None:
    stage.at("open-models").click()
    expect(stage.at("model-model-7")).to_be_disabled()
    down = stage.last("models", stage.at("down-model-0").click)["value"]
    assert down[:3] == ["model-1", "model-0", "model-2"]
    dropped = stage.last("models", lambda: stage.at("slot-7").drag_to(stage.at("slot-1")))["value"]
    assert dropped[:2] == ["model-6", "model-0"]
    assert stage.last("models", stage.at("model-model-3").click)["value"] == [n for n in NAMES[:7] if n != "model-3"]
    stage.show("bar", {**sample_bar(), "models": {**sample_bar()["models"], "shown": NAMES[:6]}})
    expect(stage.at("model-onehot")).to_be_enabled()
    assert stage.last("models", stage.at("model-onehot").click)["value"] == [*NAMES[:6], "onehot"]


def test_search_suggests_and_commits(stage: Stage) -> None:
    assert stage.last("search", lambda: stage.at("search").press_sequentially("Fe"))["text"] == "Fe"
    stage.show("bar", sample_bar(suggestions=[Suggestion("Fe", "Fe", "iron"), Suggestion("FeO", HOSTILE)]))
    expect(stage.at("suggestions").get_by_role("option")).to_have_count(2)
    stage.page.keyboard.press("ArrowDown")
    stage.page.keyboard.press("ArrowDown")
    assert stage.last("search", lambda: stage.page.keyboard.press("Enter")) == {
        "text": "FeO",
        "commit": True,
        "mode": "replace",
    }
    expect(stage.at("suggestions")).to_have_count(0)


def test_table_selects_by_mouse(stage: Stage) -> None:
    click = stage.at("element-F").click
    assert stage.last("elements", click) == {"symbols": ["F"], "mode": "replace"}
    assert stage.last("elements", lambda: click(modifiers=["Shift"])) == {"symbols": ["F"], "mode": "add"}
    assert stage.last("elements", lambda: click(modifiers=["Alt"])) == {"symbols": ["F"], "mode": "subtract"}
    stage.show("table", table_data(title="", colours=COLOURS, counts=COUNTS, selected=[9]))
    expect(stage.at("element-F")).to_have_attribute("aria-pressed", "true")
    assert stage.last("elements", click) == {"symbols": ["F"], "mode": "subtract"}
    assert stage.last("elements", stage.at("group-17").click) == {"symbols": ["F", "Cl"], "mode": "replace"}
    assert stage.last("elements", stage.at("period-6").click) == {"symbols": ["La"], "mode": "replace"}
    assert stage.last("hover", stage.at("element-Fe").hover, symbol="Fe") == {"symbol": "Fe"}
    expect(stage.at("element-Kr")).to_be_disabled()


def test_table_by_keyboard(stage: Stage) -> None:
    stage.at("element-H").focus()
    stage.page.keyboard.press("ArrowRight")
    expect(stage.at("element-He")).to_be_focused()
    for _ in range(2):
        stage.page.keyboard.press("ArrowDown")
    stage.page.keyboard.press("ArrowLeft")
    expect(stage.at("element-Cl")).to_be_focused()
    assert stage.last("elements", lambda: stage.page.keyboard.press("Enter")) == {"symbols": ["Cl"], "mode": "replace"}
    assert stage.last("elements", lambda: stage.page.keyboard.press("g")) == {"symbols": ["F", "Cl"], "mode": "replace"}


def test_table_ink_stands_out_and_cells_are_large(stage: Stage) -> None:
    ratios = stage.at("periodic-table").evaluate(CONTRAST)
    assert len(ratios) == len(COLOURS)
    assert min(ratios) >= 4.5
    box = stage.at("element-Fe").bounding_box()
    assert box["width"] >= 24
    assert box["height"] >= 23


def test_selection_panel(stage: Stage) -> None:
    expect(stage.at("selection-title")).to_have_text("7 sites selected in 2 crystals")
    expect(stage.at("by-prototype")).to_contain_text(HOSTILE)
    expect(stage.at("atom-energies")).to_contain_text("−3.21")
    expect(stage.at("atom-disagreement")).to_contain_text("83rd percentile")
    for name, kind in (("undo", "undo"), ("clear", "clear"), ("csv", "csv"), ("reset-view", "reset")):
        assert stage.last(kind, stage.at(name).click) == {}
    assert stage.last("drag", stage.at("choose-drag-box").click) == {"value": "box"}
    assert stage.last("table", stage.at("table").click) == {"open": True}
    stage.show("panel", sample_selection(rows=[{"site": 3, "formula": HOSTILE}, {"site": 5, "formula": "FeO"}]))
    expect(stage.at("rows-shown")).to_contain_text("2 of 7 shown")
    assert stage.last("row", stage.at("row-5").click) == {"site": 5}
    expect(stage.at("table-dialog")).to_have_count(0)


def test_nothing_selected_says_what_to_do(stage: Stage) -> None:
    stage.show("panel", selection_data(n_selected=0, n_crystals=0, n_sites=41))
    expect(stage.at("selection-empty")).to_contain_text("Draw around atoms")
    expect(stage.at("clear")).to_be_disabled()
    stage.show("panel", selection_data(n_selected=0, n_crystals=0, n_sites=0))
    expect(stage.at("selection-empty")).to_contain_text("platonic ingest")


def test_anchor_panel(stage: Stage) -> None:
    assert stage.last("strategy", lambda: stage.at("anchor-strategy").select_option("random")) == {"value": "random"}
    assert stage.last("reference", lambda: stage.at("anchor-reference").select_option("model-1")) == {
        "value": "model-1"
    }
    stage.at("anchor-seed").fill("7")
    assert stage.last("seed", lambda: stage.at("anchor-seed").press("Enter")) == {"value": 7}
    stage.at("anchor-number").fill("4000")
    assert stage.last("number", lambda: stage.at("anchor-number").press("Enter")) == {"value": 1000, "live": False}
    assert stage.last("use_selection", stage.at("use-selection").click) == {}
    stage.at("anchor-paste").fill("Fe Ni")
    assert stage.last("paste", lambda: stage.at("anchor-paste").press("Enter")) == {"text": "Fe Ni"}
    stage.at("anchor-name").fill("steel")
    assert stage.last("keep", stage.at("anchor-name-go").click) == {"name": "steel"}
    assert stage.last("choose_set", stage.at("set-element-89").click) == {"name": "element-89"}
    assert stage.last("cancel", stage.at("anchor-cancel").click) == {}
    expect(stage.at("coverage-max")).to_have_text("1")
    assert stage.at("coverage-histogram").locator("rect").count() == 40


def test_number_follows_the_slider_while_it_is_dragged(stage: Stage) -> None:
    box = stage.at("anchor-number-slider").bounding_box()
    middle = box["y"] + box["height"] / 2
    stage.page.mouse.move(box["x"] + 10, middle)
    stage.page.mouse.down()
    live = stage.last("number", lambda: stage.page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=8))
    assert live["live"] is True
    stage.show("anchors", sample_anchors(number=live["value"]))
    done = stage.last("number", stage.page.mouse.up)
    assert done == {"value": live["value"], "live": False}
    assert 40 <= done["value"] <= 130


def test_sentence(stage: Stage) -> None:
    expect(stage.at("message-m")).to_contain_text(HOSTILE)
    assert stage.last("dismiss", stage.at("dismiss-m").click) == {"id": "m"}
    assert stage.last("cancel", stage.at("cancel").click) == {}
    assert stage.last("help", stage.at("how-to-read").click) == {"open": True}
    expect(stage.at("help-dialog")).to_contain_text("A dot is an atom.")
    assert stage.last("help", lambda: stage.page.keyboard.press("Escape")) == {"open": False}
    expect(stage.at("how-to-read")).to_be_focused()
    assert stage.last("dock", stage.at("fold").click) == {"folded": True}
    assert stage.page.evaluate("document.documentElement.dataset.dock") == "folded"


def test_new_data_keeps_an_open_menu_and_the_focus(stage: Stage) -> None:
    stage.at("more-colour").click()
    focused = stage.at("choose-colour-block")
    expect(focused).to_be_focused()
    stage.show("bar", sample_bar(message="again"))
    stage.page.wait_for_timeout(300)
    expect(focused).to_be_focused()
    expect(stage.at("menu-more-colour")).to_be_visible()
