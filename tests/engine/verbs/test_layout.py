"""The verb `layout`: raw features, what goes together, and the anchors that are meant where none are named."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh
from typer.testing import CliRunner

from platonic_atlas.engine.anchors.default import default_anchors
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import InputError, UsageError
from platonic_atlas.engine.space.frames import model_space, own_frame, place
from platonic_atlas.engine.space.relative import compute_moments, site_weights
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


@pytest.mark.parametrize(("frame", "more"), [(None, ""), ("agreement", ""), ("variance", "-variance"), ("own", "-own")])
def test_a_layout_names_its_frame(embedded: Atlas, frame: str | None, more: str) -> None:
    embedded.write_anchors("few", np.arange(4), {"strategy": "random"})
    name = layout(embedded, anchors="few", method="pca", frame=frame)
    assert name == f"pca-few{more}"
    assert embedded.layout_attrs(name, "a")["frame"] == (frame or "agreement")


def test_the_axes_of_agreement_are_those_of_scipy(embedded: Atlas) -> None:
    """Against explicit y, and the generalised problem of SCIENCE: the two models lie at y·v, up to the sign."""
    sites, numbers = np.array([0, 2, 3, 5]), embedded.numbers()
    embedded.write_anchors("few", sites, {"strategy": "random"})
    name = layout(embedded, anchors="few", method="pca")
    weights = site_weights(numbers, np.ones(len(numbers), dtype=bool), "elements")
    ys = []
    for model in "ab":
        e = embedded.embedding(model).astype(float)
        r = e / np.linalg.norm(e, axis=1, keepdims=True)
        unit = r - weights @ r
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        z = (unit - weights @ unit) @ unit[sites].T
        ys.append(z / np.sqrt(np.sum(weights[:, None] * z**2)))
    each = np.mean([(y.T * weights) @ y for y in ys], axis=0)
    middle = np.mean(ys, axis=0)
    common = (middle.T * weights) @ middle
    _, v = eigh(common, each + 0.1 * np.trace(each) / len(sites) * np.eye(len(sites)))
    v = v[:, ::-1][:, :2]
    v = v / np.sqrt(np.einsum("ki,kl,li->i", v, common, v))
    for model, y in zip("ab", ys, strict=True):
        found, wanted = embedded.layout(name, model), y @ v
        turned = wanted * np.sign(np.sum(found * wanted, axis=0))
        np.testing.assert_allclose(found, turned, atol=1e-5)


@pytest.mark.parametrize("frame", ["agreement", "variance", "own"])
def test_one_anchor_has_one_axis(embedded: Atlas, frame: str) -> None:
    embedded.write_anchors("one", np.array([2]), {"strategy": "random"})
    places = embedded.layout(layout(embedded, anchors="one", method="pca", frame=frame), "a")
    assert places[:, 0].any() and not places[:, 1].any()


def test_within_elements_pca_is_meant_and_umap_is_refused(embedded: Atlas) -> None:
    embedded.write_anchors("few", np.arange(4), {"strategy": "random"})
    name = layout(embedded, anchors="few", within_elements=True)
    assert name == "pca-few-within-elements"
    assert embedded.layout_attrs(name, "b")["within_elements"] is True
    assert not embedded.layout(name, "b").any()  # one site of each element: nothing is left
    with pytest.raises(UsageError, match="no umap layout within elements"):
        layout(embedded, anchors="few", within_elements=True, method="umap")
    with pytest.raises(UsageError, match="element means taken away"):
        layout(embedded, representation="raw", within_elements=True)


def test_a_frame_that_does_not_exist_is_refused_with_the_choices(embedded: Atlas) -> None:
    for wrong in ("ownn", "shared"):
        with pytest.raises(UsageError) as caught:
            layout(embedded, frame=wrong)
        assert "agreement, variance, own" in caught.value.expected


def test_the_command_line_does_so_too(embedded: Atlas) -> None:
    found = CliRunner().invoke(app, ["layout", str(embedded.path), "--representation", "raw"])
    assert found.exit_code == 0
    assert found.output.startswith("pca-raw: 2 models, ")
    assert np.array_equal(open_atlas(embedded.path).layout("pca-raw", "a"), raw_places(embedded, "a"))


@pytest.mark.parametrize("wrong", [{"method": "umap"}, {"frame": "variance"}])
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
