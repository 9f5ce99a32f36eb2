"""A structure that a model fails on is refused by name, alone; a model that embeds nothing is not in the atlas."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from typer.testing import CliRunner

from platonic_atlas.engine.cli import models as commands
from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import AnchorError, ModelError, WorkerError
from platonic_atlas.engine.extract import process
from platonic_atlas.engine.extract.apart import device_is_lost
from platonic_atlas.engine.extract.process import WorkerProcess
from platonic_atlas.engine.extract.session import model_session
from platonic_atlas.engine.store import Atlas, create_atlas, open_atlas
from platonic_atlas.engine.structures.collect import collect
from platonic_atlas.engine.types import Outcome
from platonic_atlas.engine.verbs.choose_anchors import choose_anchors
from platonic_atlas.engine.verbs.embed import embed
from tests.conftest import embed_seeded
from tests.engine.extract.test_runner import SPRINGS, new_atlas, structures

IRON, XENON = "26", "54"


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    return new_atlas(tmp_path / "a.atlas.zarr")


@pytest.mark.parametrize(
    ("variable", "why"),
    [
        ("SPRINGS_RAISE_AT", "the model fails on it (ValueError: springs have no such atom)"),
        ("SPRINGS_KILLED_BY", "the model loses its process to it (signal 9)"),
        ("SPRINGS_POISONED_BY", "the model loses its process to it (exit code 1)"),
    ],
)
def test_a_structure_that_the_model_fails_on_is_refused_and_the_others_go_on(
    atlas: Atlas, whole: Atlas, monkeypatch: pytest.MonkeyPatch, variable: str, why: str
) -> None:
    monkeypatch.setenv(variable, IRON)
    outcomes: list[Outcome] = []
    assert embed(atlas, [SPRINGS], workers=2, told=outcomes.append) == ["springs"]
    assert atlas.model_attrs("springs")["refused"]["3"] == why
    present, numbers = atlas.present("springs"), atlas.numbers()
    assert (present == ((numbers < 54) & (numbers != 26))).all()
    assert outcomes[0].n_embedded == 5
    assert outcomes[0].refused[why] == 1
    assert outcomes[0].n_atoms == atlas.n_atoms
    for rows in (Atlas.embedding, Atlas.site_energy):  # as one worker writes them that fails on nothing
        np.testing.assert_array_equal(rows(atlas, "springs")[present], rows(whole, "springs")[present])


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (RuntimeError("CUDA error: an illegal memory access was encountered"), True),
        (RuntimeError("INTERNAL: CUDA_ERROR_LAUNCH_FAILED"), True),
        (type("AcceleratorError", (RuntimeError,), {})("unspecified launch failure"), True),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA error: 8 atoms fit"), False),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), False),
        (ValueError("springs have no such atom"), False),
    ],
)
def test_a_device_that_answers_no_more_is_told_from_one_that_is_full(error: Exception, lost: bool) -> None:
    assert device_is_lost(error) is lost


def test_no_other_structure_is_refused_where_several_workers_end_with_the_one_that_died(
    tmp_path: Path, springs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were idle are ended too, and are not taken for alive while they die."""
    monkeypatch.setenv("SPRINGS_KILLED_BY", IRON)
    solids = [bulk("Si" if i % 2 else "Ge", a=5.5 + i / 10) for i in range(8)]
    solids[6] = bulk("Fe")
    atlas = create_atlas(tmp_path / "s.atlas.zarr", collect(solids, coordination=False), chunk_rows=4)
    embed(atlas, [SPRINGS], workers=2)
    assert set(atlas.model_attrs("springs")["refused"]) == {"6"}


def test_a_worker_that_is_killed_has_gone(springs: Path) -> None:
    with WorkerProcess(Path(sys.executable)) as worker:
        worker.kill()
        assert worker.process.returncode is not None


def test_workers_that_started_are_ended_where_another_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[WorkerProcess] = []

    def start(interpreter: Path) -> WorkerProcess:
        if len(started) == 1:
            raise OSError("no more processes")
        started.append(WorkerProcess(interpreter))
        return started[0]

    monkeypatch.setattr(process, "WorkerProcess", start)
    with pytest.raises(OSError, match="no more processes"), process.WorkerPool(Path(sys.executable), {}, 2):
        pass
    assert started[0].process.returncode is not None


def test_a_death_names_the_structures_that_the_worker_had(
    springs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flag = tmp_path / "die"
    flag.write_text("0")
    monkeypatch.setenv("SPRINGS_DIE", str(flag))
    atlas = new_atlas(tmp_path / "a.atlas.zarr")
    with pytest.raises(WorkerError, match=r"which had .*NaCl") as caught:  # alone none kills it: it is none of them
        embed(atlas, [SPRINGS])
    assert caught.value.structures == (0,)
    assert caught.value.how == "signal 9"


def test_energies_go_on_without_what_the_model_fails_on(springs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRINGS_RAISE_AT", IRON)
    with model_session(SPRINGS) as model:
        assert np.isnan(model.energies(structures())).nonzero()[0].tolist() == [3, 6]


def test_a_model_that_embeds_nothing_is_not_part_of_the_atlas(
    atlas: Atlas, springs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from ase.build import bulk

    from platonic_atlas.engine.store import create_atlas
    from platonic_atlas.engine.structures import collect

    only = create_atlas(tmp_path / "xe.atlas.zarr", collect([bulk("Xe", "fcc", a=6.1)], coordination=False))
    assert embed(only, ["onehot", SPRINGS]) == ["onehot"]
    assert only.models() == ["onehot"]
    assert only.incomplete() == []
    assert not (tmp_path / "xe.atlas.zarr" / "embeddings" / "springs").exists()
    assert only.damaged() == []
    with pytest.raises(
        ModelError, match=r"None of the 1 structures .* springs \(elements the model does not know: Xe\)"
    ):
        embed(only, [SPRINGS])


def test_the_model_that_leaves_no_site_for_anchors_is_named(onehot_atlas: Atlas) -> None:
    atlas = onehot_atlas
    embed_seeded(atlas, "blind", masked=tuple(range(atlas.n_sites)))
    with pytest.raises(AnchorError, match="blind embeds 0 of 7") as caught:
        choose_anchors(atlas, name="few", strategy="random", n=2, reference="onehot")
    assert caught.value.next_step.endswith(f"platonic remove {atlas.path} --model blind")


def test_embed_ends_with_a_line_a_model(atlas: Atlas) -> None:
    found = CliRunner().invoke(app, ["embed", str(atlas.path), "--model", "onehot"])
    assert found.exit_code == 0
    assert found.stdout.startswith("onehot: 7 of 7 structures embedded in ")
    assert "atoms/s" in found.stdout
    again = CliRunner().invoke(app, ["embed", str(atlas.path), "--model", "onehot"])
    assert again.stdout == "onehot: 7 of 7 structures, there already\n"
    assert open_atlas(atlas.path).models() == ["onehot"]


def test_the_line_gives_the_common_reasons_with_their_counts() -> None:
    refused = {"no neighbour": 3, "not periodic": 2, "too large": 1, "unknown element": 1}
    line = commands.outcome_line(Outcome("m", 10, refused, n_atoms=50, seconds=2.0))
    assert line == (
        "m: 3 of 10 structures embedded in 2.0 s (25 atoms/s); 7 refused: "
        "no neighbour (3), not periodic (2), too large (1), and for 1 other reason (1)"
    )
    none = commands.outcome_line(Outcome("m", 2, {"not periodic": 2}, n_atoms=2, seconds=2.0))
    assert none == "m: embeds none of the 2 structures and is not part of the atlas; 2 refused: not periodic (2)"
