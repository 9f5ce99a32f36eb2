"""The verb `layout`: raw features, what goes together, and the anchors that are meant where none are named."""

from __future__ import annotations

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.space.frames import model_space, own_frame, place
from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.verbs.choose_anchors import choose_anchors
from platonic_atlas.engine.verbs.layout import layout
from tests.conftest import embed_seeded


@pytest.fixture
def embedded(small_atlas: Atlas) -> Atlas:
    for seed, model in enumerate("ab"):
        embed_seeded(small_atlas, model, seed=seed)
        moments = compute_moments(small_atlas.embedding(model), small_atlas.numbers(), "elements")
        small_atlas.write_moments(model, "readout", moments)
    return open_atlas(small_atlas.path)


def raw_places(atlas: Atlas, model: str) -> np.ndarray:
    space = model_space(atlas.embedding(model), atlas.moments(model), atlas.numbers(), representation="raw")
    return place(space, own_frame(space))


def test_raw_features_are_laid_out_on_their_own_axes_without_anchors(embedded: Atlas) -> None:
    name = layout(embedded, representation="raw")
    assert name == "pca-raw"
    for model in "ab":
        assert np.array_equal(embedded.layout(name, model), raw_places(embedded, model))
        assert embedded.layout_attrs(name, model)["representation"] == "raw"
    assert not embedded.stale()
    assert layout(embedded, representation="raw") == name


def test_the_command_line_does_so_too(embedded: Atlas) -> None:
    found = CliRunner().invoke(app, ["layout", str(embedded.path), "--representation", "raw"])
    assert found.exit_code == 0
    assert found.output.startswith("pca-raw: 2 models, ")
    assert np.array_equal(open_atlas(embedded.path).layout("pca-raw", "a"), raw_places(embedded, "a"))


@pytest.mark.parametrize("wrong", [{"method": "umap"}, {"frame": "shared"}])
def test_raw_features_have_no_axes_in_common(embedded: Atlas, wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="Raw features have no"):
        layout(embedded, representation="raw", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"anchors": "few"}, {"aligned": True}, {"shaping": ["a"]}])
def test_raw_features_are_laid_out_without_what_leads_over_anchors(embedded: Atlas, wrong: dict[str, object]) -> None:
    embedded.write_anchors("few", np.arange(2), {"strategy": "random"})
    with pytest.raises(UsageError, match="Raw features are laid out without") as caught:
        layout(embedded, representation="raw", **wrong)  # type: ignore[arg-type]
    assert caught.value.expected
    assert caught.value.next_step


def test_raw_features_are_centred_whatever_is_said(embedded: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    name = layout(embedded, representation="raw")
    monkeypatch.setattr(Atlas, "write_layout", None)  # nothing is computed again
    assert layout(embedded, representation="raw", centre=False) == name


def test_anchors_called_raw_would_give_the_layout_of_raw_features(embedded: Atlas) -> None:
    with pytest.raises(UsageError, match="cannot be called 'raw'"):
        choose_anchors(embedded, name="raw", strategy="random", n=2)
    for name in ("raw", "raw-by-atoms", "rawest"):
        embedded.write_anchors(name, np.arange(2), {"strategy": "random"})
    for name in ("raw", "raw-by-atoms"):
        with pytest.raises(UsageError, match="as that of raw features"):
            layout(embedded, anchors=name, method="pca")
    assert layout(embedded, anchors="rawest", method="pca") == "pca-rawest"


def test_anchors_that_nobody_names_are_element_89_or_the_largest_set(embedded: Atlas) -> None:
    with pytest.raises(InputError, match="has no anchors"):
        default_anchors(embedded)
    for name, n in (("few", 2), ("many", 4), ("as-many", 4)):
        embedded.write_anchors(name, np.arange(n), {"strategy": "random"})
    assert default_anchors(embedded) == "as-many"
    assert layout(embedded, method="pca") == "pca-as-many"
    embedded.write_anchors("element-89", np.arange(1), {"strategy": "element"})
    assert default_anchors(embedded) == "element-89"
