"""The colouring by what turning a crystal changes."""

from __future__ import annotations

import numpy as np
import pytest

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.colourings import palettes as colours
from platonic_atlas.dashboard.colourings import rotation_spread as turning
from platonic_atlas.dashboard.pages.maps import map_sentence
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell import saving
from platonic_atlas.dashboard.snapshot import take
from platonic_atlas.dashboard.state import urls
from platonic_atlas.engine.store import create_atlas
from platonic_atlas.engine.types import FloatArray
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT, add_model, seeded_collection, shell_of

N_SITES = len(ELEMENTS) * PER_ELEMENT
MASKED = 5


def seeded_spread(seed: int) -> FloatArray:
    values: FloatArray = np.random.default_rng(seed).uniform(0.01, 0.4, N_SITES)
    values[MASKED] = np.nan
    return values


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> AtlasData:
    """Two invariant models, two that change and a control, and one that was seen in one orientation only."""
    atlas = create_atlas(tmp_path_factory.mktemp("turned") / "turned.atlas.zarr", seeded_collection())
    add_model(atlas, "ares", 0)
    add_model(atlas, "bia", 1, masked=(MASKED,))
    for seed, name in ((2, "hera"), (3, "iris")):
        add_model(atlas, name, seed, masked=(MASKED,), symmetry="none", rotation_spread=seeded_spread(seed))
    add_model(atlas, "zeus", 4, symmetry="none")
    add_model(atlas, "echo", 5, control=True, symmetry="none", rotation_spread=seeded_spread(9))
    atlas.write_anchors("element-89", np.arange(len(ELEMENTS)) * PER_ELEMENT, {"strategy": "element"})
    return AtlasData(atlas)


@pytest.fixture
def coloured(turned: AtlasData) -> Session:
    return Session(turned, colour=turning.NAME, models=["ares", "bia", "hera", "iris", "zeus"], consensus="colour")


def offered(data: AtlasData) -> list[str]:
    colour = shell_of(data).bar.bar.data["groups"][0]
    return [option["value"] for option in (*colour["options"], *colour["more"])]


def test_it_is_offered_only_where_an_atlas_holds_such_a_model(session: Session, coloured: Session) -> None:
    assert turning.NAME in offered(coloured.data)
    assert turning.NAME not in offered(session.data)
    assert "disagreement" in offered(session.data)
    assert urls.decode(f"?v=1&colour={turning.NAME}", coloured) == []
    (refused,) = urls.decode(f"?v=1&colour={turning.NAME}", session)
    assert turning.NAME in refused


@pytest.mark.parametrize("dark", [False, True])
def test_each_map_shows_its_own_models_values_on_one_scale(coloured: Session, dark: bool) -> None:
    coloured.view.dark = dark
    made, scale, grey = coloured.colouring(), colours.Scale("viridis", dark), colours.to_rgb(colours.GREY[dark])
    every = np.concatenate([seeded_spread(2), seeded_spread(3)])
    high = float(np.nanpercentile(every, 99))
    assert (made.legend["low"], made.legend["high"]) == (0.0, pytest.approx(high))
    known = np.arange(N_SITES) != MASKED
    for seed, name in ((2, "hera"), (3, "iris")):
        rgb, classes = made.of(name)
        np.testing.assert_array_equal(rgb[known], scale(seeded_spread(seed)[known] / high))
        np.testing.assert_array_equal(rgb[MASKED], grey)
        assert classes[MASKED] == -1
    lowest = scale(np.zeros(1))[0]
    np.testing.assert_array_equal(made.of("ares")[0], np.tile(lowest, (N_SITES, 1)))
    np.testing.assert_array_equal(made.of("bia")[0][known], np.tile(lowest, (N_SITES - 1, 1)))
    np.testing.assert_array_equal(made.of("bia")[0][MASKED], grey)
    np.testing.assert_array_equal(made.of("zeus")[0], np.tile(grey, (N_SITES, 1)))  # not measured is not zero


def test_the_consensus_shows_the_mean_of_the_models_that_change(coloured: Session) -> None:
    made = coloured.colouring()
    mean = (seeded_spread(2) + seeded_spread(3)) / 2
    known = np.isfinite(mean)
    expected = colours.Scale("viridis", False)(mean[known] / made.legend["high"])
    np.testing.assert_allclose(made.rgb[known], expected, atol=8)  # a float32 may fall into the next step
    np.testing.assert_array_equal(made.rgb[MASKED], colours.to_rgb(colours.GREY[False]))


@pytest.mark.parametrize("models", [["ares", "bia"], ["ares", "bia", "echo"]])
def test_without_a_trained_model_that_changes_the_consensus_is_grey_and_says_why(
    coloured: Session, models: list[str]
) -> None:
    coloured.view.models = models
    made = coloured.colouring()
    np.testing.assert_array_equal(made.rgb, np.tile(colours.to_rgb(colours.GREY[False]), (N_SITES, 1)))
    assert "The consensus is grey, for no trained model shown changes." in map_sentence(coloured)[1]


def test_the_page_says_for_which_models_it_is_zero(coloured: Session) -> None:
    lead, text = map_sentence(coloured)
    assert lead == "Change when turned."
    assert "zero in Ares and Bia" in text
    assert "varies in Hera and Iris" in text
    assert "not measured in Zeus" in text
    coloured.view.models = ["ares", "hera", "echo"]
    assert "The consensus shows that of Hera." in map_sentence(coloured)[1]
    coloured.view.consensus = "disagreement"
    assert "consensus" not in map_sentence(coloured)[1]
    coloured.view.colour = "group"
    assert "Ares" not in map_sentence(coloured)[1]


def test_a_saved_picture_has_the_colours_of_each_map(coloured: Session) -> None:
    shown = {panel.title: panel for panel in saving.panels(take(coloured))}
    np.testing.assert_array_equal(shown["Hera"].colouring.rgb, coloured.colouring().of("hera")[0])
    assert not np.array_equal(shown["Hera"].colouring.rgb, shown["Iris"].colouring.rgb)
    assert "Coloured by change when turned." in saving.caption(take(coloured))
    assert saving.picture(take(coloured), "png")[:4] == b"\x89PNG"


def test_the_maps_are_drawn_with_the_colours_of_their_models(coloured: Session, turned: AtlasData) -> None:
    from platonic_atlas.dashboard.components.map_grid import MapGrid

    coloured.view.param.update(marks=False, labels=False)
    grid = MapGrid(coloured.view, turned, coloured.picture)
    images = [grid.cells[cell].source("base").data["image"][0] for cell in range(5)]
    opaque = [np.unique(image[image >> 24 == 255] & 0xFFFFFF) for image in images]
    assert len(opaque[0]) == 1  # zero everywhere, one colour
    assert len(opaque[2]) > 10
    assert opaque[4].tolist() != opaque[0].tolist()
