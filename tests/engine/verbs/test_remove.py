"""Models, anchor sets and layouts leave an atlas, and what is left holds."""

from __future__ import annotations

import numpy as np
import pytest
from typer.testing import CliRunner

from platonic_atlas import remove
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import NotInAtlas, ReadOnlyAtlas, UsageError
from platonic_atlas.engine.store import Atlas, open_atlas
from platonic_atlas.engine.store.pack import pack
from platonic_atlas.engine.verbs.layout import layout
from tests.conftest import embed_seeded


@pytest.fixture
def held(onehot_atlas: Atlas) -> Atlas:
    """Two models, a set, and a layout of both that one of them shaped."""
    embed_seeded(onehot_atlas, "a")
    from platonic_atlas.engine.extract.runner import _write_moments

    _write_moments(onehot_atlas, "a")
    onehot_atlas.write_anchors("few", np.array([0, 1, 2]), {})
    layout(onehot_atlas, anchors="few", method="pca", shaping=["a"])
    return onehot_atlas


def test_a_model_goes_with_its_maps_and_moments_and_the_rest_holds(held: Atlas) -> None:
    name = next(iter(held.layouts()))
    assert held.stale() == {}
    assert remove(held, models=["a"]) == [f"layouts/{name}/a", "embeddings/a"]
    again = open_atlas(held.path)
    assert again.models() == ["onehot"]
    assert again.layouts() == {name: ["onehot"]}
    assert again.stale() == {f"layouts/{name}/onehot": "a shaped its axes and is gone"}
    assert again.damaged() == []
    assert not [path for path in held.path.rglob("*") if path.name == "a"]
    embed_seeded(again, "a")
    assert again.models() == ["a", "onehot"]


def test_an_embedding_that_was_begun_can_be_removed(held: Atlas) -> None:
    held.root["embeddings/a/readout"].attrs["complete"] = False
    assert held.incomplete() == ["a/readout"]
    remove(held, models=["a"])
    assert open_atlas(held.path).begun() == ["onehot"]


def test_a_removal_that_was_killed_is_finished_by_the_same_command(
    held: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    def killed(path: object, *arguments: object, **named: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(RuntimeError):
        held.forget_embedding("a", "readout")
    monkeypatch.undo()
    assert "a" in open_atlas(held.path).begun()
    remove(open_atlas(held.path), models=["a"])
    again = open_atlas(held.path)
    assert (again.begun(), again.incomplete(), again.damaged()) == (["onehot"], [], [])


def test_a_set_goes_with_its_layouts(held: Atlas) -> None:
    remove(held, anchors=["few"])
    again = open_atlas(held.path)
    assert (again.anchor_sets(), again.layouts(), again.damaged()) == ([], {}, [])


def test_a_layout_goes_alone(held: Atlas) -> None:
    remove(held, layouts=list(held.layouts()))
    again = open_atlas(held.path)
    assert (again.anchor_sets(), again.layouts()) == (["few"], {})


@pytest.mark.parametrize("what", ["models", "anchors", "layouts"])
def test_where_nothing_of_it_is_there_that_is_said(held: Atlas, what: str) -> None:
    with pytest.raises(NotInAtlas, match="nothing was removed") as caught:
        remove(held, **{what: ["nowhere", "nowhere"]})  # type: ignore[arg-type]
    assert caught.value.next_step
    with pytest.raises(UsageError, match="Nothing to be removed"):
        remove(held)


def test_the_same_command_goes_on_where_a_part_is_gone(held: Atlas) -> None:
    (name,) = held.layouts()
    remove(held, layouts=[name])
    missed: list[str] = []
    assert remove(held, layouts=[name], anchors=["few", "few"], missed=missed.append) == ["anchors/few"]
    assert missed == [f"layouts/{name}"]
    assert open_atlas(held.path).anchor_sets() == []


@pytest.mark.parametrize("array", ["anchors/few/site/c/0", "layouts/{name}/a/coordinates/c/0/0"])
def test_what_is_damaged_is_listed_and_can_be_removed(held: Atlas, array: str) -> None:
    (name,) = held.layouts()
    (held.path / array.format(name=name)).write_bytes(b"garbage")
    said = CliRunner().invoke(app, ["status", str(held.path)])
    assert said.exit_code == 0
    assert "damaged" in said.stdout
    again = open_atlas(held.path)
    assert remove(again, anchors=["few"]) == [f"layouts/{name}", "anchors/few"]
    assert open_atlas(held.path).damaged() == []


def test_a_shipped_atlas_keeps_what_it_came_with(held: Atlas, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATONIC_DATA", str(tmp_path / "data"))
    shipped = open_atlas(pack(held, tmp_path / "s.atlas.zip"))
    for named in ({"models": ["a"]}, {"anchors": ["few"]}, {"layouts": list(shipped.layouts())}):
        with pytest.raises(ReadOnlyAtlas, match="nothing was removed"):
            remove(shipped, **named)
    shipped.write_anchors("mine", np.array([1, 2]), {})
    remove(shipped, anchors=["mine"])
    assert shipped.anchor_sets() == ["few"]


def test_the_command_says_what_went(held: Atlas) -> None:
    (name,) = held.layouts()
    found = CliRunner().invoke(app, ["remove", str(held.path), "--anchors", "few"])
    assert found.exit_code == 0
    assert found.stdout == "removed layouts/pca-few\nremoved anchors/few\n".replace("pca-few", name)
