"""State, layouts, colours, links and summaries, without a server."""

from __future__ import annotations

import csv
import io
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.colourings import palettes as colours
from platonic_atlas.dashboard.components.pointer import Pointer, beside
from platonic_atlas.dashboard.components.selection_panel import TABLE_COLUMNS, AtomCard, selection_data
from platonic_atlas.dashboard.pages.maps import map_sentence
from platonic_atlas.dashboard.plots.edge import lie_beyond
from platonic_atlas.dashboard.selection import summary
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.state import urls
from platonic_atlas.dashboard.state.view import BY_HAND, View
from tests.dashboard.conftest import PER_ELEMENT


def mask(n: int, *sites: int) -> np.ndarray:
    chosen = np.zeros(n, dtype=bool)
    chosen[list(sites)] = True
    return chosen


def test_selections_replace_add_subtract_and_come_back() -> None:
    view = View(6)
    view.select(mask(6, 0, 1))
    view.select(mask(6, 3), "add")
    view.select(mask(6, 0), "subtract")
    assert np.flatnonzero(view.selected).tolist() == [1, 3]
    view.undo()
    view.undo()
    assert np.flatnonzero(view.selected).tolist() == [0, 1]
    view.clear()
    assert view.n_selected == 0
    assert view.can_undo


def test_selecting_the_same_again_is_no_step_to_undo() -> None:
    view = View(4)
    view.select(mask(4, 2))
    view.select(mask(4, 2))
    view.undo()
    assert not view.can_undo


def test_a_tap_adds_an_anchor_and_another_takes_it_away() -> None:
    view = View(9)
    view.use_anchors("set", np.array([1, 2]))
    view.toggle_anchor(5)
    assert (view.anchors, view.anchor_sites.tolist()) == (BY_HAND, [1, 2, 5])
    view.toggle_anchor(1)
    assert view.anchor_sites.tolist() == [2, 5]


def test_the_first_view_is_the_one_of_the_design(session: Session) -> None:
    view = session.view
    assert (view.representation, view.frame, view.layout, view.balance, view.centre) == (
        "relative", "agreement", "pca", "elements", True)  # fmt: skip
    assert view.anchors == "element-89"
    assert view.models[:4] == ["ares", "bia", "circe", "dione"]


def test_controls_are_drawn_and_do_not_shape_the_frame(session: Session) -> None:
    session.view.models = ["ares", "bia", "circe"]
    alone = session.layout()
    session.view.models = ["ares", "bia", "circe", "echo"]
    beside = session.layout()
    assert "echo" in beside.coordinates
    for model in ("ares", "bia", "circe"):
        np.testing.assert_array_equal(alone.coordinates[model], beside.coordinates[model])


def test_another_trained_model_does_shape_the_frame(session: Session) -> None:
    session.view.models = ["ares", "bia"]
    two = session.layout().coordinates["ares"]
    session.view.models = ["ares", "bia", "dione"]
    assert not np.allclose(two, session.layout().coordinates["ares"])


def test_a_masked_site_is_left_out_of_its_map_alone(session: Session) -> None:
    layout = session.layout()
    assert np.isnan(layout.coordinates["bia"][5]).all()
    assert np.isfinite(layout.coordinates["ares"][5]).all()
    assert layout.consensus is not None
    expected = np.mean([layout.coordinates[m][5] for m in ("ares", "circe", "dione")], axis=0)
    np.testing.assert_allclose(layout.consensus[5], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("choice", "has_consensus"),
    [({}, True), ({"frame": "own"}, False), ({"representation": "raw"}, False), ({"layout": "umap"}, False)],
)
def test_there_is_a_consensus_only_where_axes_are_shared(
    session: Session, choice: dict[str, str], has_consensus: bool
) -> None:
    session.view.param.update(**choice)
    layout = session.layout()
    assert (layout.consensus is not None) == has_consensus
    assert bool(layout.consensus_reason) != has_consensus


def test_an_anchor_that_a_model_lacks_leaves_it_out_with_the_reason(session: Session) -> None:
    session.view.use_anchors(BY_HAND, np.array([5, 8, 20]))
    layout = session.layout()
    assert "bia" not in layout.coordinates
    assert layout.reasons["bia"] == "cannot embed 1 of the 3 anchors"


def test_by_element_colours_eight_and_greys_the_rest(data: AtlasData) -> None:
    chosen = colours.by_element(data.numbers, [26, 8], dark=False)
    assert chosen.by_element[26] == colours.OKABE_ITO[0]
    assert chosen.by_element[8] == colours.OKABE_ITO[1]
    assert chosen.by_element[1] == colours.GREY[False]
    assert len({*colours.by_element(data.numbers, [], dark=False).by_element.values()}) == 9


def luminance(colour: str) -> float:
    parts = colours.to_rgb(colour) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("dark", [False, True])
def test_no_group_colour_vanishes_on_the_page(data: AtlasData, dark: bool) -> None:
    page = luminance("#1b1e23" if dark else "#ffffff")
    for colour in colours.by_group(data.numbers, dark=dark).by_element.values():
        high, low = max(page, luminance(colour)), min(page, luminance(colour))
        assert (high + 0.05) / (low + 0.05) > 1.45


def test_the_f_block_is_a_class_of_its_own(data: AtlasData) -> None:
    colouring = colours.by_group(data.numbers, dark=False)
    assert colouring.by_element[58] == colouring.by_element[92] == colours.F_BLOCK[False]
    assert colouring.by_element[57] == colours.F_BLOCK[False]
    assert colouring.by_element[71] != colours.F_BLOCK[False]


def test_labels_that_are_numbers_go_along_a_scale_and_names_do_not(session: Session) -> None:
    session.view.colour = "coordination"
    assert session.colouring().legend["kind"] == "scale"
    assert (session.colouring().classes[session.data.label("coordination") == "unknown"] == -1).all()
    session.view.colour = "prototype"
    assert session.colouring().legend["kind"] == "classes"


@pytest.mark.parametrize("name", ["group", "period", "block", "element", "electronegativity", "coordination",
                                  "prototype", "nearest_anchor", "disagreement"])  # fmt: skip
def test_every_colouring_gives_a_colour_to_every_site(session: Session, name: str) -> None:
    session.view.colour = name
    colouring = session.colouring()
    assert colouring.rgb.shape == (session.data.n_sites, 3)
    assert np.isfinite(colouring.rgb).all()
    assert colouring.title


def test_anchors_lie_at_distance_zero_from_themselves(session: Session) -> None:
    distance = session.nearest_anchor()
    assert np.abs(distance[session.view.anchor_sites]).max() < 1e-3
    assert np.nanmax(distance) > 0.01


@pytest.mark.parametrize("across", [0.0, 3.0, 120.0, 200.0, 327.0, 330.0])
@pytest.mark.parametrize("up", [0.0, 30.0, 200.0, 230.0])
def test_the_label_of_an_atom_is_never_cut_by_the_edge(across: float, up: float) -> None:
    text = "Mo, molybdenum, in BeMo3\nchromium silicide\natom 14036"
    left, above = beside(across, up, text, (330, 230))
    assert left >= 0
    assert left + 6.6 * 24 + 10 <= 330
    assert not (above and up > 150)
    assert above or up > 60


@pytest.mark.parametrize("choice", [{"representation": "raw"}, {"frame": "own"}, {"frame": "variance"}, {}])
def test_maps_show_all_but_what_lies_far_outside(session: Session, choice: dict[str, str]) -> None:
    session.view.param.update(**choice)
    layout = session.layout()
    trained = session.data.trained(list(layout.coordinates))
    beyond = [np.count_nonzero(lie_beyond(layout.coordinates[model], layout.extent)) for model in trained]
    assert sum(beyond) <= 0.02 * session.data.n_sites * len(trained)


def test_a_link_brings_the_view_back(session: Session, data: AtlasData) -> None:
    view = session.view
    view.param.update(colour="element", elements=[8, 26], representation="relative", frame="own", models=["dione", "ares"],
                      atom=7, dark=True, dark_chosen=True, page="anchors", marks=False)  # fmt: skip
    view.use_anchors(BY_HAND, np.array([40, 3, 17]))
    view.select(mask(data.n_sites, 3, 4, 5, 90))
    query, left_out = urls.encode(session)
    other = Session(data)
    assert urls.decode(query, other) == []
    assert left_out == []
    for name in ("colour", "elements", "frame", "models", "atom", "dark", "page", "marks", "anchors"):
        assert getattr(other.view, name) == getattr(view, name), name
    np.testing.assert_array_equal(other.view.anchor_sites, view.anchor_sites)
    np.testing.assert_array_equal(other.view.selected, view.selected)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("?colour=taste", "colour"),
        ("?frame=mine", "frame"),
        ("?models=zeus", "zeus"),
        ("?elements=Xx", "Xx"),
        ("?atom=999999", "999999"),
        ("?selected=!!", "selection"),
        ("?selected=zzzz", "does not have"),
        ("?atlas=0000", "another atlas"),
        ("?anchors=gone", "gone"),
    ],
)
def test_a_link_that_cannot_be_followed_says_so(session: Session, query: str, word: str) -> None:
    before = session.view.param.values()
    said = urls.decode(query, session)
    assert len(said) == 1
    assert word in said[0]
    assert session.view.colour == before["colour"]


def test_whole_elements_are_named_in_a_link_however_many_sites_they_have(session: Session, data: AtlasData) -> None:
    chosen = np.isin(data.numbers, [8, 26])
    session.view.select(chosen)
    query, left_out = urls.encode(session)
    assert "selected=all.O,Fe" in query
    assert left_out == []
    other = Session(data)
    assert urls.decode(query, other) == []
    np.testing.assert_array_equal(other.view.selected, chosen)
    assert urls.decode("?selected=all.Qq", other) == ["there is no element 'Qq'"]
    session.view.select(mask(data.n_sites, int(np.flatnonzero(chosen)[0])), "subtract")
    assert "all." not in urls.encode(session)[0]


def test_a_selection_too_long_for_a_link_is_left_out_aloud(session: Session) -> None:
    n = session.data.n_sites
    session.view.select(mask(n, *range(0, n, 2)))
    most, urls.MOST = urls.MOST, 20
    try:
        assert urls.encode(session)[1] == ["the selection"]
    finally:
        urls.MOST = most


@pytest.mark.parametrize("sites", [[], [0], [5, 6, 7, 8], [9, 3, 4, 5, 100000], list(range(50))])
def test_packed_sites_come_back(sites: list[int]) -> None:
    assert urls.unpack(urls.pack(np.array(sites)), 200_000).tolist() == sites


@pytest.mark.parametrize(
    "query",
    [
        "?selected=0" + "-.8000" * 300,  # each run is no larger than an atlas may be, all of them are
        "?selected=0" + "-.8000" * 2000,
        "?selected=-.9000000",
        "?selected=zzzzzzzzzzz",
        "?sites=0" + "-.100" * 300 + "&anchors=mine",
        "?atom=" + "9" * 5000,
        "?atom=" + "9" * 1000,
        "?models=" + "a," * 900,
        "?elements=" + "Xx," * 600,
        "?" + "&".join(f"a{i}=1" for i in range(200)),
        "?colour=" + "x" * 20_000,
    ],
    ids=lambda query: query[:24],
)
def test_an_address_of_any_length_costs_little_and_is_told_in_a_line(session: Session, query: str) -> None:
    tracemalloc.start()
    said = urls.decode(query, session)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3e6
    assert 1 <= len(said) <= urls.MOST_REFUSED + 1
    assert max(map(len, said)) < 120
    assert session.view.n_selected == 0


def test_a_summary_counts_what_is_selected(session: Session) -> None:
    session.view.select(session.data.numbers == 8)
    rows = summary.counts(session, "element")
    assert rows == [(8, PER_ELEMENT, PER_ELEMENT)]
    assert summary.n_crystals(session) == PER_ELEMENT
    assert sum(count for _, count, _ in summary.counts(session, "prototype")) == PER_ELEMENT


def test_the_csv_holds_labels_and_coordinates(session: Session) -> None:
    session.view.select(mask(session.data.n_sites, 4, 5))
    rows = list(csv.DictReader(io.StringIO(summary.to_csv(session.data, session.view.selected, session.layout()))))
    assert [row["site"] for row in rows] == ["4", "5"]
    assert float(rows[0]["ares axis 1"]) == pytest.approx(float(session.layout().coordinates["ares"][4, 0]), rel=1e-4)
    assert rows[1]["bia axis 1"] == "nan"
    assert "consensus axis 2" in rows[0]


def test_a_percentile_ranks_disagreement(session: Session) -> None:
    values = session.disagreement()
    assert values is not None
    assert summary.disagreement_percentile(session, int(np.nanargmax(values))) > 98
    session.view.representation = "raw"
    assert summary.disagreement_percentile(session, 0) is None


def test_the_sentence_names_the_control(session: Session) -> None:
    session.view.models = ["ares", "bia"]
    assert "control" not in " ".join(map_sentence(session))
    session.view.models = ["ares", "bia", "echo"]
    assert "control learned nothing" in map_sentence(session)[0]


def test_ones_own_identifier_is_in_tooltip_card_and_table(session: Session, data: AtlasData) -> None:
    site = 3
    own = str(data.ids[data.structure[site]])
    pointer = SimpleNamespace(data=data)
    assert f"{own}, site 3" in Pointer.describe(pointer, site)  # type: ignore[arg-type]
    session.view.select(np.arange(data.n_sites) == site)
    assert summary.rows(session)[0]["id"] == own
    assert "id" in [column.key for column in TABLE_COLUMNS]
    card = AtomCard(site, "Na", "sodium", "NaCl", id=own)
    sent = selection_data(n_selected=1, n_crystals=1, n_sites=9, atom=card)["atom"]
    assert sent["id"] == own


def test_of_a_long_identifier_a_tooltip_has_the_end(data: AtlasData) -> None:
    long = SimpleNamespace(**{name: getattr(data, name) for name in ("numbers", "structure", "prototypes", "formulas")})
    long.ids = np.array([f"{'folder/' * 20}{k}.cif" for k in range(len(data.ids))])
    last = Pointer.describe(SimpleNamespace(data=long), 0).split("\n")[-1]  # type: ignore[arg-type]
    assert last.startswith("…") and "0.cif, site 0" in last and len(last) < 50
