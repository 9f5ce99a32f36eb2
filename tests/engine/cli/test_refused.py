"""What nobody can understand is refused with exit code 2 and three sentences, before anything is done."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from platonic_atlas import choose_anchors, embed, layout
from platonic_atlas.engine.choices import device_named, seed_of, within
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AtlasExists, NotInAtlas, PlatonicError, UnknownName, UsageError
from platonic_atlas.engine.store import Atlas
from platonic_atlas.engine.structures.recipe_file import read_recipe_tables
from platonic_atlas.engine.verbs.build import build
from platonic_atlas.engine.verbs.stitch import stitch
from tests.conftest import embed_seeded


@pytest.fixture
def held(onehot_atlas: Atlas) -> Atlas:
    """A model embedded, and a set of anchors."""
    onehot_atlas.write_anchors("few", np.array([0, 1]), {})
    return onehot_atlas


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def code_of(found: Result) -> int:
    """As the program exits: our own errors are raised through the runner, `main` prints them."""
    return found.exception.exit_code if isinstance(found.exception, PlatonicError) else found.exit_code


@pytest.mark.parametrize(
    "words",
    [
        "embed ATLAS --model nonsense",
        "embed ATLAS --model onehot --layer nonsense",
        "embed ATLAS --model mine --family nonsense --weights x.pt",
        "embed ATLAS --model onehot --device gpu",
        "embed ATLAS --model onehot --device cuda:x",
        "embed ATLAS --model onehot --workers -3",
        "embed ATLAS --model onehot --workers 0",
        "embed ATLAS --model orb-d3-xs-v2 --rotations 0",
        "embed ATLAS --model onehot --rotations 8",
        "env sync nonsense",
        "env sync",
        "anchors ATLAS --name new --strategy element -n 5",
        "anchors ATLAS --name new --strategy random -n -5",
        "anchors ATLAS --name new --strategy random -n 2 --seed -1",
        "anchors ATLAS --name new --strategy random -n 2 --reference nonsense",
        "anchors ATLAS --name new --strategy random -n 2 --file some.txt",
        "anchors ATLAS --name new --strategy file",
        "anchors ATLAS --name new",
        "anchors ATLAS --strategy element",
        "anchors ATLAS --name new --strategy element --against few",
        "anchors ATLAS --name new --strategy element --influence --curve",
        "anchors ATLAS --name new --strategy element --within-elements",
        "anchors ATLAS --name new --strategy element --no-center",
        "anchors ATLAS --name new --strategy element --draws 0",
        "anchors ATLAS --name new --strategy element --json",
        "anchors ATLAS --name new --strategy element --csv new.csv",
        "anchors ATLAS --report --strategy element",
        "anchors ATLAS --report -n 5",
        "anchors ATLAS --report --file some.txt",
        "anchors ATLAS --report --force",
        "anchors ATLAS --report --json --csv new.csv",
        "anchors ATLAS --report --csv file.txt",
        "anchors ATLAS --report --csv . --force",
        "anchors ATLAS --report --csv nowhere/new.csv",
        "anchors ATLAS --report --name nonsense",
        "anchors ATLAS --report --against nonsense",
        "anchors ATLAS --report --reference onehot",
        "anchors ATLAS --report --draws -1",
        "layout ATLAS --anchors nonsense",
        "layout ATLAS --anchors few --models nonsense",
        "layout ATLAS --anchors few --layer nonsense",
        "layout ATLAS --anchors few --frame nonsense",
        "layout ATLAS --anchors few --seed -1",
        "stitch ATLAS --source onehot --target nonsense",
        "stitch ATLAS --source nonsense --target onehot",
        "analogies ATLAS --anchors nonsense",
        "analogies ATLAS -n 0",
        "analogies ATLAS --seed -1",
        "remove ATLAS",
        "remove ATLAS --model nonsense",
        "serve ATLAS --port -1",
        "serve ATLAS --port 70000",
        "unpack ATLAS --to new.atlas.zip",
        "ingest nowhere.cif --to new.atlas.zip",
        "ingest nowhere.cif --to .",
        "ingest nowhere.cif --to file.txt/new.atlas.zarr",
        "ingest nowhere.cif --to new.atlas.zarr --on-error nonsense",
    ],
)
def test_it_is_bad_usage(words: str, held: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("a file")
    before = sorted(path.name for path in tmp_path.iterdir())
    found = run(*(str(held.path) if word == "ATLAS" else word for word in words.split()))
    assert code_of(found) == 2, found.output
    if found.exception and not isinstance(found.exception, SystemExit):
        assert isinstance(found.exception, PlatonicError), found.exception
        assert found.exception.expected and found.exception.next_step
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (held.anchor_sets(), held.layouts()) == (["few"], {})


def test_an_empty_name_is_no_atlas(held: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert code_of(run("ingest", "nowhere.cif", "--to", "")) == 2
    assert code_of(run("unpack", str(held.path), "--to", "")) == 2


def test_a_set_that_exists_is_replaced_only_where_that_is_said(held: Atlas) -> None:
    words = ["anchors", str(held.path), "--name", "few", "--strategy", "random", "-n", "3", "--reference", "onehot"]
    found = run(*words)
    assert isinstance(found.exception, AtlasExists)
    assert "--force" in found.exception.next_step
    assert len(held.anchors("few")) == 2
    assert run(*words, "--force").exit_code == 0
    assert len(held.anchors("few")) == 3


def test_verbs_check_it_too(held: Atlas) -> None:
    with pytest.raises(UsageError, match="device 'gpu'"):
        embed(held, ["onehot"], device="gpu")
    with pytest.raises(UsageError, match="-3 is no number of workers"):
        embed(held, ["onehot"], workers=-3)
    with pytest.raises(UsageError, match="gives one for each element"):
        choose_anchors(held, name="new", strategy="element", n=5)
    for n in ("5", 2.5, True, 0):
        with pytest.raises(UsageError, match="is no number of anchors"):
            choose_anchors(held, name="new", strategy="random", n=n)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="-1 is no seed"):
        choose_anchors(held, name="new", strategy="random", n=2, seed=-1)
    with pytest.raises(NotInAtlas, match="layer 'nonsense'"):
        layout(held, anchors="few", layer="nonsense")
    embed_seeded(held, "a")
    with pytest.raises(NotInAtlas, match="anchor set 'nonsense'"):
        stitch(held, source="onehot", target="a", anchors="nonsense")


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1", "mps", "xpu:0"])
def test_devices_of_torch_are_known(name: str) -> None:
    assert device_named(name) == name


def test_numbers_have_bounds() -> None:
    assert seed_of(0) == 0
    for wrong in (-1, 2**32, 1.5, True, "1"):
        with pytest.raises(UsageError):
            seed_of(wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="from 1 to 9"):
        within(10, "things", 1, 9)


RECIPE = 'name = "r"\n[atlas]\ninputs = ["nowhere.csv"]\nmodels = ["onehot"]\n'


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (RECIPE.replace('["onehot"]', '"sevennet-0"'), "models of .* is 'sevennet-0'"),
        (RECIPE.replace('["onehot"]', "[1]"), r"models of .* is \[1\]"),
        (RECIPE.replace('"r"', "5"), "name is 5"),
        (RECIPE.replace('"r"', '"a/b"'), "name is 'a/b'"),
        ('based_on = "r.toml"\n' + RECIPE, "is based on itself"),
        ("based_on = 5\n" + RECIPE, "based_on is 5"),
        (RECIPE + "anchors = 3\n", "anchors of .* is 3"),
        (RECIPE + 'anchors = [{ name = "a" }]\n', "anchors of .* is {'name': 'a'}"),
        (RECIPE + 'anchors = [{ name = "a", strategy = "nonsense" }]\n', "no anchor strategy 'nonsense'"),
        (RECIPE + 'anchors = [{ name = "a", strategy = "random", colour = 1 }]\n', "unknown key 'colour'"),
        (RECIPE + 'layouts = [{ method = "nonsense" }]\n', "no method 'nonsense'"),
        (RECIPE + 'expected = { atoms = "many" }\n', "expected of"),
        (RECIPE.replace('["onehot"]', '["nonsense"]'), "no model 'nonsense'"),
        (RECIPE.replace('inputs = ["nowhere.csv"]', ""), "cannot be used"),
        (
            RECIPE.replace('inputs = ["nowhere.csv"]', "") + "[relaxation]\nmodel = 3\n[elements]\n[ionic]\n",
            "cannot be used",
        ),
        ("atlas = 5\n" + 'name = "r"\n', "no usable table"),
    ],
)
def test_a_recipe_that_cannot_be_understood_is_refused_before_its_first_step(
    said: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "r.toml").write_text(said)
    with pytest.raises((UsageError, UnknownName), match=why) as caught:
        build(tmp_path / "r.toml", to=tmp_path / "r.atlas.zarr")
    assert caught.value.exit_code == 2
    assert caught.value.expected and caught.value.next_step
    assert list(tmp_path.iterdir()) == [tmp_path / "r.toml"]


def test_recipes_that_are_based_on_one_another_are_refused(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{one}.toml").write_text(f'based_on = "{other}.toml"\n')
    with pytest.raises(UsageError, match=r"based on itself, by way of b\.toml, c\.toml"):
        read_recipe_tables(tmp_path / "a.toml")
