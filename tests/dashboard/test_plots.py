"""Rasters, labels and pictures: arrays in, pixels out."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import image as images

from platonic_atlas.dashboard.plots.atlas_map import live_map
from platonic_atlas.dashboard.plots.figure import Panel, figure
from platonic_atlas.dashboard.plots.labels import medoids, placed, ranked
from platonic_atlas.dashboard.plots.raster import Window, raster
from platonic_atlas.dashboard.plots.scatter import scatter
from platonic_atlas.dashboard.session import Session

WINDOW = Window((0, 10), (0, 10), 10, 10)
RED, BLUE = (255.0, 0.0, 0.0), (0.0, 0.0, 255.0)


def pixels(image: np.ndarray) -> np.ndarray:
    return image.view(np.uint8).reshape(*image.shape, 4)


def test_a_pixel_has_the_mean_colour_of_its_atoms() -> None:
    places = np.array([[5.5, 5.5], [5.4, 5.6], [np.nan, np.nan]], dtype=np.float32)
    shown = pixels(raster(places, np.array([RED, BLUE, BLUE], dtype=np.float32), WINDOW, radius=0))
    assert shown[5, 5].tolist() == [127, 0, 127, 255]
    assert np.count_nonzero(shown[..., 3]) == 1


def test_a_majority_pixel_has_the_colour_of_its_commonest_class() -> None:
    places = np.full((3, 2), 5.5, dtype=np.float32)
    colours, classes = np.array([RED, BLUE, BLUE], dtype=np.float32), np.array([0, 1, 1])
    shown = pixels(raster(places, colours, WINDOW, radius=0, majority=classes))
    assert shown[5, 5].tolist() == [0, 0, 255, 255]


def test_atoms_out_of_view_have_no_say_in_a_majority() -> None:
    places = np.array([[0.5, 5.5], [10.5, 4.5], [10.6, 4.5]], dtype=np.float32)  # just right of the row below
    colours, classes = np.array([RED, BLUE, BLUE], dtype=np.float32), np.array([0, 1, 1])
    shown = pixels(raster(places, colours, WINDOW, radius=0, majority=classes))
    assert shown[5, 0].tolist() == [255, 0, 0, 255]


def test_datashader_and_numpy_draw_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    places, colours = rng.normal(size=(5000, 2)).astype(np.float32), (255 * rng.random((5000, 3))).astype(np.float32)
    places[::50] = np.nan
    places[1] = 1.2, -0.9  # on the edges: both belong to the picture
    window = Window((-1.013, float(places[1, 0])), (float(places[1, 1]), 1.31), 33, 23)
    small = raster(places, colours, window, radius=0)
    monkeypatch.setattr("platonic_atlas.dashboard.plots.raster.COUNTED_HERE", 4999)
    large = raster(places, colours, window, radius=0)
    assert (pixels(small)[..., 3] > 0).sum() > 300
    np.testing.assert_array_equal(large, small)


def test_dots_grow_and_never_over_each_other() -> None:
    places = np.array([[4.5, 4.5], [5.5, 4.5]], dtype=np.float32)
    shown = pixels(raster(places, np.array([RED, BLUE], dtype=np.float32), WINDOW, radius=1))
    assert shown[4, 4, 0] == 255
    assert shown[4, 5, 2] == 255
    assert np.count_nonzero(shown[..., 3]) >= 8


@pytest.mark.parametrize("window", [Window((0, 0), (0, 1), 10, 10), Window((0, 1), (0, 1), 0, 0)])
def test_an_empty_window_is_an_empty_picture(window: Window) -> None:
    assert not raster(np.zeros((3, 2), dtype=np.float32), np.zeros((3, 3), dtype=np.float32), window).any()


def test_labels_never_touch_each_other_or_the_edge() -> None:
    window = Window((0, 100), (0, 100), 100, 100)
    points = np.array([[50, 50], [52, 50], [50, 80], [1, 50], [np.nan, 3]], dtype=float)
    assert placed(points, ["Li", "Na", "K", "Rb", "Cs"], window).tolist() == [True, False, True, False, False]


def test_the_medoid_is_the_site_in_the_middle() -> None:
    places = np.array([[0, 0], [1, 1], [9, 9], [np.nan, np.nan]], dtype=np.float32)
    assert medoids(places, np.array([8, 8, 8, 26])) == {8: 1}


def test_chosen_elements_get_their_labels_first() -> None:
    assert ranked([8, 26, 40], [40])[0] == 40
    assert set(ranked([8, 26, 40], [])) == {8, 26, 40}


def test_a_map_of_the_page_is_changed_through_its_sources() -> None:
    from bokeh.models import Range1d

    live = live_map(Range1d(0, 1), Range1d(0, 1))
    live.draw("base", np.zeros((4, 5), dtype=np.uint32), (0, 1), (0, 1))
    live.write(np.array([[0.5, 0.5]]), ["Fe"])
    assert live.source("symbols").data["text"] == ["Fe"]
    assert live.source("base").data["image"][0].shape == (4, 5)


def test_a_map_for_a_notebook_is_a_holoviews_overlay(session: Session) -> None:
    session.view.frame = "variance"
    places = session.layout().coordinates["bia"].copy()
    places[:3] = np.nan
    shown = scatter(places, session.colouring().rgb, session.data.numbers, title="Bia")
    image, symbols = shown.get(0), shown.get(1)
    assert image.rgb.dimension_values("R", flat=False).shape == (400, 500)
    assert {"Fe", "O"} <= set(symbols.dimension_values("text"))
    x0, y0, x1, y1 = image.bounds.lbrt()
    assert (x1 - x0) / 500 == pytest.approx((y1 - y0) / 400)
    # the dot of a site lies where the site does, not upside down
    places, colours = np.array([[0.0, 0.0], [0.0, 4.0]]), np.array([[0, 0, 0], [255, 0, 0]], dtype=np.float32)
    high = scatter(places, colours, np.array([8, 26]), labels=False)
    red = high.get(0).dimension_values("R", flat=False)
    assert np.argwhere(red == 255)[:, 0].mean() > 200


def panels(session: Session) -> list[Panel]:
    layout, colouring, _ = session.picture()
    return [Panel(m, "seeds", "50 %", layout.coordinates[m], colouring) for m in ("ares", "bia")]


def test_a_picture_is_drawn_at_twice_the_size_with_its_caption(session: Session) -> None:
    options = {"caption": "seeded, ares, bia", "anchors": session.view.anchor_sites, "selected": session.view.selected}
    layout, numbers = session.layout(), session.data.numbers
    png = figure(panels(session), layout.extent, numbers, **options)
    assert images.imread(io.BytesIO(png)).shape[1] == 2 * 660
    svg = figure(panels(session), layout.extent, numbers, **options, format="svg").decode()
    assert "<svg" in svg


@pytest.mark.parametrize("seed", range(5))
def test_a_symbol_stands_at_the_site_nearest_to_the_median_of_its_element(seed: int) -> None:
    random = np.random.default_rng(seed)
    numbers = random.integers(1, 30, size=400)
    places = random.normal(size=(400, 2)).astype(np.float32)
    places[random.random(400) < 0.1] = np.nan
    places[numbers == 7] = np.nan
    found = medoids(places, numbers)
    assert 7 not in found
    for element in set(numbers.tolist()) - {7}:
        sites = np.flatnonzero((numbers == element) & np.isfinite(places[:, 0]))
        away = np.linalg.norm(places[sites] - np.median(places[sites], axis=0), axis=1)
        assert found[element] == sites[np.argmin(away)]


def test_where_nothing_is_placed_no_symbol_stands() -> None:
    assert medoids(np.full((3, 2), np.nan), np.array([1, 2, 3])) == {}
