"""The bench for arithmetic on the atlas that ships: examples, picks, answers, the table."""

from __future__ import annotations

import time

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.engine.stitching.analogies import nearest_to
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.store.made_from import MadeFrom
from platonic_atlas.engine.studies.record import AnalogyScores, SumScores
from tests.dashboard.conftest import shell_of


@pytest.fixture(scope="module")
def data() -> AtlasData:
    return AtlasData(open_atlas())


@pytest.fixture
def page(data: AtlasData) -> Shell:
    made = shell_of(data)
    made.view.page = "stitching"
    made.pages["stitching"].scores.intent = {"kind": "bench"}
    return made


def bench(page: Shell) -> dict:
    return page.pages["stitching"].scores.data["bench"]


def test_it_opens_with_an_example_and_reads_the_nearest_atoms(page: Shell) -> None:
    shown, data = bench(page), page.session.data
    a, b, c = (shown["slots"][slot]["site"] for slot in "abc")
    wanted = shown["wanted"]["site"]
    assert data.numbers[a] == data.numbers[wanted] != data.numbers[b] == data.numbers[c]
    assert len(shown["sum"]) == len(shown["alone"]) == 5
    assert not {a, b, c} & {row["site"] for row in shown["sum"]}
    cosines = [row["cosine"] for row in shown["sum"]]
    assert cosines == sorted(cosines, reverse=True)
    assert all(row["element"] == (data.numbers[row["site"]] == data.numbers[wanted]) for row in shown["sum"])
    page.pages["stitching"].scores.intent = {"kind": "bench_example"}
    assert bench(page)["slots"] != shown["slots"]
    page.pages["stitching"].scores.intent = {"kind": "bench_close"}
    assert bench(page) == {}


def test_an_untrained_network_names_the_right_element(page: Shell) -> None:
    for which in ("source", "target"):
        page.pages["stitching"].scores.intent = {"kind": "bench_model", "which": which, "name": "untrained-mace"}
    assert bench(page)["sum"][0]["element"]
    assert not bench(page)["alone"][0]["element"]


def test_environments_are_picked_by_words_and_by_the_current_atom(page: Shell) -> None:
    hint = bench(page)["hint"]
    page.pages["stitching"].scores.intent = {"kind": "bench_text", "slot": "a", "text": hint}
    shown = bench(page)
    if shown["matches"]:
        page.pages["stitching"].scores.intent = {
            "kind": "bench_site",
            "slot": "a",
            "site": shown["matches"]["sites"][0]["site"],
        }
    assert bench(page)["slots"]["a"]["words"].startswith(hint)
    assert bench(page)["wanted"] is None  # no longer the example
    page.pages["stitching"].scores.intent = {"kind": "bench_text", "slot": "b", "text": "Xx in Qq"}
    assert "Nothing here is called Xx in Qq" in bench(page)["problem"]
    assert f"b is still {bench(page)['slots']['b']['words']}" in bench(page)["problem"]
    page.view.atom = 77
    page.pages["stitching"].scores.intent = {"kind": "bench_current", "slot": "b"}
    assert bench(page)["slots"]["b"]["site"] == 77
    assert bench(page)["problem"] == ""


def test_an_atom_that_a_model_does_not_embed_is_a_sentence(page: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    bench_of = page.pages["stitching"].arithmetic
    space = bench_of._space(bench_of.source).copy()
    space[bench_of.slots["a"]] = np.nan
    monkeypatch.setattr(bench_of, "_space", lambda model: space)
    assert "does not embed one of these" in bench_of.data()["wait"]


def test_the_table_is_computed_once(page: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(bench(page)["table"]["rows"]) == len(page.session.data.models)  # shipped beside the atlas
    page.pages["stitching"].scores.intent = {"kind": "bench_table"}
    assert page.pages["stitching"].arithmetic.sums.work.task is None
    across = {"chgnet-0.3.0": {"mattersim-1m": {"element_at_1": 0.4}, "onehot": {"element_at_1": 0.9}}}
    models = {"chgnet-0.3.0": SumScores({"element_at_1": 0.8}, {})}
    held = AnalogyScores("element-89", 10, {}, models, across, MadeFrom("", {}, False, ""))
    monkeypatch.setattr(page.session.data, "held", lambda key: held)
    (row,) = page.pages["stitching"].arithmetic.table()["rows"]
    assert (row["title"], row["across"]["mean"]) == ("CHGNet 0.3.0", 0.4)  # controls are no readers


def test_a_server_that_has_enough_to_do_says_so(seeded_atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    made = shell_of(AtlasData(open_atlas(seeded_atlas)))
    made.view.page = "stitching"
    monkeypatch.setattr("platonic_atlas.dashboard.work.door.PROCESSES", 0)
    made.pages["stitching"].scores.intent = {"kind": "bench"}
    made.pages["stitching"].scores.intent = {"kind": "bench_table"}
    assert "Try again in a minute" in bench(made)["problem"]


def test_the_table_comes_from_a_process(seeded_atlas) -> None:
    made = shell_of(AtlasData(open_atlas(seeded_atlas), keeps=True))
    made.view.page = "stitching"
    made.pages["stitching"].scores.intent = {"kind": "bench"}
    made.pages["stitching"].scores.intent = {"kind": "bench_table"}
    assert bench(made)["progress"] is not None
    end = time.monotonic() + 60
    while made.pages["stitching"].arithmetic.sums.work.task is not None and time.monotonic() < end:
        made.pages["stitching"].arithmetic.sums.poll()
        time.sleep(0.05)
    assert "has no analogies" in bench(made)["problem"]  # crystals of one atom: said, not a traceback


def test_nearest_is_that_of_brute_force() -> None:
    rng = np.random.default_rng(0)
    space = rng.normal(size=(40, 6))
    space /= np.linalg.norm(space, axis=1, keepdims=True)
    space[7] = np.nan
    asked = rng.normal(size=6)
    found, cosines = nearest_to(asked, space, [3, 5], k=4)
    by_hand = space @ asked / np.linalg.norm(asked)
    by_hand[[3, 5, 7]] = -np.inf
    assert found.tolist() == np.argsort(-by_hand)[:4].tolist()
    np.testing.assert_allclose(cosines, by_hand[found])
