"""The verb `anchor_report` and `platonic anchors --report`: what is told, in which form, and that nothing is written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas import agreement, anchor_report, choose_anchors, open_atlas
from platonic_atlas.engine.anchors.redundancy import redundancy
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AnchorError, InputError, NotInAtlas, UsageError
from platonic_atlas.engine.space.relative import anchor_rows
from platonic_atlas.engine.store import Atlas, create_atlas
from platonic_atlas.engine.store.pack import pack
from platonic_atlas.engine.studies.anchor_study import AnchorStudy
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT, add_model, seeded_collection


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """Three trained models, one of them without a site, a control, and another one that lacks an anchor; packed, as it is shipped."""
    folder = tmp_path_factory.mktemp("report")
    made = create_atlas(folder / "a.atlas.zarr", seeded_collection())
    for seed, name in enumerate(("ares", "bia", "circe")):
        add_model(made, name, seed, masked=(5,) if name == "bia" else ())
    add_model(made, "onehot", 9, control=True)
    first = np.arange(len(ELEMENTS)) * PER_ELEMENT
    made.write_anchors("first", first, {"strategy": "element", "reference": "ares"})
    made.write_anchors("few", first[::3] + 2, {"strategy": "random"})
    made.write_anchors("odd", np.array([5, 9, 20]), {})
    add_model(made, "eris", 8, control=True, masked=(0,))
    return open_atlas(pack(made, folder / "a.atlas.zip"))


@pytest.fixture(scope="module")
def whole(atlas: Atlas) -> AnchorStudy:
    return anchor_report(atlas, anchors="first", against="few", shaping=["ares", "bia"], influence=True, curve=True,
                         draws=1)  # fmt: skip


def test_agreement_is_what_the_verb_of_that_name_tells(atlas: Atlas, whole: AnchorStudy) -> None:
    straight = agreement(atlas, anchors="first", shaping=["ares", "bia"], draws=1)
    assert whole.agreement.printed() == straight.printed()
    assert list(whole.agreement.agreement) == ["ares", "bia", "circe", "onehot"]
    assert whole.against is not None
    assert (
        whole.against.agreement.printed() == agreement(atlas, anchors="few", shaping=["ares", "bia"], draws=1).printed()
    )


def test_redundancy_and_cards_are_of_these_anchors(atlas: Atlas, whole: AnchorStudy) -> None:
    rows = anchor_rows(atlas.embedding("ares"), atlas.moments("ares"), atlas.anchors("first"))
    assert whole.redundancy["ares"] == redundancy(rows)
    assert (whole.strategy, whole.reference, whole.seen_in) == ("element", "ares", "ares")
    card = whole.cards[4]
    assert (card.site, card.element, card.crystal) == (24, "O", "s24")
    assert set(card.environment) == {"coordination", "prototype"}
    assert len(card.nearest) == 5
    assert card.site not in [site for site, _ in card.nearest]
    assert sum(card.n_nearest for card in whole.cards) == atlas.n_sites
    assert all(card.n_nearest >= 1 for card in whole.cards)
    assert whole.coverage["ares"].distance[whole.sites].max() == 0


def test_everything_is_json(whole: AnchorStudy) -> None:
    told = json.loads(json.dumps(whole.printed(), allow_nan=False))
    other = told["against"]
    assert set(told) == set(other) == {
        "anchors", "within_elements", "shaping", "lambda", "null", "agreement", "controls", "left_out", "n_anchors",
        "strategy", "reference", "seen_in", "centred", "redundancy", "coverage", "coverage_by_element", "cards",
        "influence", "curve", "against",
    }  # fmt: skip
    assert other["against"] is None
    assert "eris" in told["left_out"]
    assert "eris" not in other["left_out"]
    assert set(told["redundancy"]["ares"]) == {"n_features", "rank", "effective_rank", "condition"}
    assert told["redundancy"]["ares"]["rank"] == 8 < told["n_anchors"] == 20
    assert set(told["coverage"]["ares"]) == {"median", "largest"}
    assert set(told["coverage_by_element"]) >= {"H", "O", "U"}
    means = [each["mean"] for each in told["influence"]]
    assert means == sorted(means, reverse=True)
    assert set(told["influence"][0]["by_model"]) == {"ares", "bia"}
    assert told["curve"]["n_anchors"] == [5, 10, 20]
    assert told["curve"]["draws"] == 20
    assert {len(told["curve"][who][what]) for who in ("trained", "controls") for what in ("median", "low", "high")} == {
        3
    }


def test_within_elements_and_without_centring_are_other_questions(atlas: Atlas) -> None:
    found = {
        (within, centre): anchor_report(
            atlas, anchors="first", within_elements=within, centre=centre, shaping=["ares", "circe"], draws=0
        )
        for within in (False, True) for centre in (False, True)
    }  # fmt: skip
    assert len({study.agreement.shared[0] for study in found.values()}) == 4
    assert not found[True, False].centred
    assert found[False, True].agreement.null == {}
    ranks = [found[False, centre].redundancy["ares"].effective_rank for centre in (False, True)]
    assert ranks[0] < ranks[1]  # uncentred rows sit in a cone


def test_a_set_is_chosen_again_in_another_space_and_not_kept(atlas: Atlas, tmp_path: Path) -> None:
    asked = {"shaping": ["ares", "circe"], "draws": 0}
    found = anchor_report(atlas, anchors="first", reference="circe", against="first", **asked)
    assert (found.name, found.reference, found.seen_in) == ("first in circe", "circe", "circe")
    assert len(found.sites) == 20
    assert found.sites.tolist() != atlas.anchors("first").tolist()
    own = create_atlas(tmp_path / "own.atlas.zarr", seeded_collection())
    add_model(own, "circe", 2)
    add_model(own, "ares", 0)
    own.write_anchors("first", atlas.anchors("first"), {"strategy": "element", "reference": "ares"})
    again = anchor_report(own, anchors="first", reference="circe", **asked)
    assert again.sites.tolist() == choose_anchors(own, name="e", strategy="element", reference="circe").tolist()
    assert atlas.anchor_sets() == ["few", "first", "odd"]
    with pytest.raises(UsageError, match="few was chosen by the strategy 'random'"):
        anchor_report(atlas, anchors="few", reference="circe", **asked)


def test_what_cannot_be_told_gets_a_sentence(atlas: Atlas) -> None:
    with pytest.raises(NotInAtlas):
        anchor_report(atlas, anchors="none")
    with pytest.raises(NotInAtlas):
        anchor_report(atlas, anchors="first", against="none")
    with pytest.raises(NotInAtlas):
        anchor_report(atlas, anchors="first", reference="nobody")
    with pytest.raises(InputError, match="1 trained model has nothing to agree with"):
        anchor_report(atlas, anchors="first", shaping=["ares"])
    with pytest.raises(UsageError, match="onehot is a control"):
        anchor_report(atlas, anchors="first", shaping=["ares", "onehot"])
    with pytest.raises(AnchorError, match="bia shapes the frame: 1 of 3 anchors"):
        anchor_report(atlas, anchors="odd", shaping=["ares", "bia"])
    with pytest.raises(UsageError, match="no balance 'heavy'"):
        anchor_report(atlas, balance="heavy")


def test_a_model_that_shares_no_site_or_layer_is_left_out_with_the_reason(tmp_path: Path) -> None:
    made = create_atlas(tmp_path / "a.atlas.zarr", seeded_collection())
    for seed, name in enumerate(("ares", "bia")):
        add_model(made, name, seed, masked=tuple(range(60, 120)), layers=("readout", "deep"))
    add_model(made, "elsewhere", 5, masked=tuple(range(60)))
    made.write_anchors("first", np.arange(0, 60, 6), {"strategy": "element"})
    told = list[float]()
    for layer, why in (("readout", "10 of 10 anchors are not embedded"), ("deep", "it has no layer 'deep'")):
        asked = {"anchors": "first", "shaping": ["ares", "bia"], "draws": 0, "layer": layer}
        found = anchor_report(made, curve=True, progress=lambda what, done, total=1.0, /: told.append(done), **asked)
        assert why in found.agreement.left_out["elsewhere"]
        assert found.agreement.printed() == agreement(made, **asked).printed()
        assert found.curve is not None and found.curve.counts.tolist() == [5, 10]
        assert told == sorted(told)
        told.clear()


def test_progress_goes_on_over_models_that_are_read_apart(atlas: Atlas) -> None:
    told = list[float]()
    anchor_report(atlas, anchors="few", shaping=["ares", "circe"], draws=0,
                  progress=lambda what, done, total=1.0, /: told.append(done / total))  # fmt: skip
    assert told == sorted(told)
    assert len(told) > 2


def test_a_run_ends_where_its_progress_ends_it(atlas: Atlas) -> None:
    told = list[str]()

    def cancelled(what: str, done: float, total: float = 1.0, /) -> None:
        told.append(what)
        if what == "random sets":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        anchor_report(atlas, anchors="few", influence=True, curve=True, draws=1, progress=cancelled)
    assert list(dict.fromkeys(told)) == ["cross moments", "shuffled", "influence of each anchor", "random sets"]


WORDS = ("anchors", "ATLAS", "--report", "--name", "few", "--draws", "1")


def run(atlas: Atlas, *words: str) -> str:
    given = [str(atlas.path) if word == "ATLAS" else word for word in (*WORDS, *words)]
    told = CliRunner().invoke(app, given)
    assert told.exit_code == 0, told.output
    return told.stdout


def test_the_command_prints_tables(atlas: Atlas) -> None:
    told = run(atlas, "--influence", "--curve", "--against", "first", "--within-elements")
    for words in ("few: 7 anchors, chosen by random", "; within elements", "first: 20 anchors, chosen by element in the space of ares",
                  "shuffled", "effective rank", "Anchors of first by influence", "5 to 95 %", "few (7)",
                  "coordination", "eris is left out of first"):  # fmt: skip
        assert words in told
    assert "Anchors of few by sites that they are nearest to" in run(atlas)


def test_the_command_prints_one_object_or_writes_safe_rows(atlas: Atlas, tmp_path: Path) -> None:
    told = json.loads(run(atlas, "--json"))
    assert told["anchors"] == "few"
    file = tmp_path / "report.csv"
    run(atlas, "--csv", str(file), "--influence", "--curve")
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert list(rows[0]) == ["anchors", "quantity", "model", "of", "value"]

    def value(quantity: str, model: str, of: str) -> str:
        (found,) = [row["value"] for row in rows if (row["quantity"], row["model"], row["of"]) == (quantity, model, of)]
        return found

    assert float(value("lambda", "", "axis 1")) == told["lambda"][0]
    assert float(value("agreement", "ares", "axis 2")) == told["agreement"]["ares"][1]
    assert int(value("rank", "bia", "")) == told["redundancy"]["bia"]["rank"]
    assert value("card: element", "", str(told["cards"][0]["site"])) == told["cards"][0]["element"]
    assert len([row for row in rows if row["quantity"] == "influence"]) == 7
    assert len([row for row in rows if row["quantity"] == "random sets: median"]) == 4
    assert "kept" not in run(atlas, "--csv", str(file), "--force")
