"""Stitched energies through a real worker: what is compared with what, and where there are none."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from typer.testing import CliRunner

from platonic_atlas.engine.cli.app import app
from platonic_atlas.engine.errors import EnvironmentMissing, ModelError, UntrustedWeights, WorkerError
from platonic_atlas.engine.extract.session import ModelSession
from platonic_atlas.engine.models.catalogue import find_model
from platonic_atlas.engine.stitching.energies import Crystals
from platonic_atlas.engine.store import Atlas, create_atlas
from platonic_atlas.engine.store.pack import pack
from platonic_atlas.engine.structures import collect
from platonic_atlas.engine.studies.readouts import Moved, can_run_now, crystal_energies, stitched_energies
from platonic_atlas.engine.studies.record import Energies, NoEnergies, ReadOf, Reason
from platonic_atlas.engine.verbs.embed import embed
from platonic_atlas.engine.verbs.stitch import stitch
from platonic_atlas.engine.verbs.stitch_all import stitch_all
from tests.conftest import copy_of
from tests.engine.extract.test_runner import SPRINGS

CATALOGUE = sys.modules[find_model.__module__]  # the package shows its function of the same name


def salts() -> list[Atoms]:
    """Twelve rock salts; all but the first came with an energy."""
    made = [
        bulk(cation + anion, "rocksalt", a=4.0 + 0.1 * i)
        for i, cation in enumerate(("Li", "Na", "K", "Rb"))
        for anion in ("Cl", "Br", "Cl")
    ]
    for i, atoms in enumerate(made[1:]):
        atoms.calc = SinglePointCalculator(atoms, energy=-6.0 - 0.2 * i)
    return made


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, springs: Path) -> Path:
    made = create_atlas(tmp_path_factory.mktemp("salts") / "a.atlas.zarr", collect(salts(), coordination=False))
    embed(made, [SPRINGS])
    embed(made, ["onehot"])
    return Path(made.path)


@pytest.fixture
def atlas(embedded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Atlas:
    """`springs` is a model of the catalogue, `onehot` gives features and no energies."""
    known = {"springs": SPRINGS, "onehot": find_model("onehot")}
    monkeypatch.setattr(CATALOGUE, "catalogue", lambda: known)
    return copy_of(embedded, tmp_path)


def found(atlas: Atlas, target: str, features: np.ndarray, **baselines: np.ndarray) -> Energies | NoEnergies:
    sites, train = np.arange(atlas.n_sites), np.arange(atlas.n_structures) % 3 > 0
    moved = {name: Moved(rows, sites) for name, rows in baselines.items()}
    return stitched_energies(atlas, "springs", target, Moved(features, sites), moved, train, None)


def why(energies: Energies | NoEnergies, reason: Reason) -> str:
    assert isinstance(energies, NoEnergies)
    assert energies.reason is reason
    return energies.detail


def test_the_energies_of_the_input_are_kept_per_atom(atlas: Atlas) -> None:
    given = atlas.reference_energy()
    assert given is not None
    assert np.isnan(given[0])
    np.testing.assert_allclose(given[1:], (-6.0 - 0.2 * np.arange(11)) / 2)


def test_the_targets_own_features_give_the_targets_own_energies(atlas: Atlas) -> None:
    features = atlas.embedding("springs")
    energies = found(atlas, "springs", features, shifted=features + 1.0)
    assert isinstance(energies, Energies)
    errors = energies.errors
    assert errors["target"].value == errors["source"].value == pytest.approx(0, abs=1e-6)
    assert errors["target_fitted"].value == pytest.approx(0, abs=1e-6)
    parity = energies.parity
    assert parity.structures == (0, 3, 6, 9)
    own, reference = (parity.others[name].energies for name in ("target", "reference"))
    assert parity.stitched == pytest.approx(own)
    assert parity.others["target"].fitted == pytest.approx(own)
    assert reference == pytest.approx((None, *atlas.reference_energy()[3::3]))
    away = np.array(parity.stitched[1:]) - reference[1:]
    assert errors["reference"].value == pytest.approx(np.abs(away).mean())
    left = np.array(parity.others["reference"].fitted[1:]) - reference[1:]
    assert errors["reference_fitted"].value == pytest.approx(np.abs(left).mean())
    assert errors["reference"].median == pytest.approx(np.median(np.abs(away)))
    assert set(energies.shifts["target"]) == {"Li", "Na", "K", "Rb", "Cl", "Br"}
    # four more a site is the same for all elements: the fit takes it away
    assert energies.baselines["shifted"].value == pytest.approx(0, abs=1e-5)
    assert errors["elements"].interval[0] <= errors["elements"].value <= errors["elements"].interval[1]


def test_where_there_are_no_energies_a_sentence_says_why(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    features = atlas.embedding("springs")
    assert "take a relative readout" in why(found(atlas, "onehot", features), Reason.NO_SITE_ENERGIES)
    monkeypatch.setattr(CATALOGUE, "catalogue", dict)
    assert "one's own" in why(found(atlas, "springs", features), Reason.OWN_CHECKPOINT)


def test_a_missing_environment_is_a_reason_until_it_is_there(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(family: str, *, env_root: Path | None = None) -> Path:
        raise EnvironmentMissing(f"The environment {family} is not installed.", "", "")

    features = atlas.embedding("springs")
    with monkeypatch.context() as patch:
        for module in ("session", "environments"):
            patch.setattr(f"platonic_atlas.engine.extract.{module}.find_interpreter", missing)
        missing = found(atlas, "springs", features)
        assert why(missing, Reason.NOT_HERE) == "No energies: The environment springs is not installed."
        assert not can_run_now(missing, "springs", None)
    assert can_run_now(missing, "springs", None)
    assert not can_run_now(NoEnergies(Reason.NO_SITE_ENERGIES, "No energies: none of single atoms"), "springs", None)


def test_missing_weights_are_a_reason_until_they_are_there(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = replace(SPRINGS, checkpoint="official/springs-v1.txt")
    monkeypatch.setattr(CATALOGUE, "catalogue", lambda: {"springs": spec})
    monkeypatch.setenv("PLATONIC_WEIGHTS", str(tmp_path))
    missing = found(atlas, "springs", atlas.embedding("springs"))
    assert "springs-v1.txt) is not on this machine" in why(missing, Reason.NO_WEIGHTS)
    assert not can_run_now(missing, "springs", None)
    (tmp_path / "springs.txt").write_text("2")
    assert can_run_now(missing, "springs", None)
    with pytest.raises(UntrustedWeights):
        found(atlas, "springs", atlas.embedding("springs"))


def test_a_readout_that_dies_is_no_reason_but_an_error(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(self: ModelSession, *_: object) -> None:
        raise WorkerError("The worker process died.")

    monkeypatch.setattr(ModelSession, "readout", dies)
    with pytest.raises(WorkerError):
        found(atlas, "springs", atlas.embedding("springs"))


def test_an_atlas_of_crystals_without_energies_holds_none(small_atlas: Atlas) -> None:
    assert small_atlas.reference_energy() is None


def test_energies_of_crystals_are_computed_once(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(*_: object) -> None: ...

    sites = atlas.site_energy("springs")
    assert sites is not None
    crystals = Crystals(atlas.numbers(), atlas.site_structure(), atlas.multiplicity(), atlas.n_structures)
    computed = crystal_energies(atlas, "springs", None, tell)
    np.testing.assert_allclose(computed, crystals.per_atom(sites), atol=1e-9)
    monkeypatch.setattr(Atlas, "structures", None)  # nothing is computed again
    np.testing.assert_array_equal(crystal_energies(atlas, "springs", None, tell), computed)


def test_a_source_without_energies_of_sites_is_read_by_its_crystals(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas.write_anchors("some", np.arange(8), {"strategy": "seeded"})
    monkeypatch.setattr(Atlas, "site_energy", lambda self, model: None)
    study = stitch(atlas, source="springs", target="onehot", method="relative-ridge", far=True)
    assert study.read_of is ReadOf.CRYSTALS
    assert set(study.baselines) == {"self", "composition"}
    assert np.isfinite(study.scores["energy_mae"].value)
    with pytest.raises(ModelError, match="has no energies"):
        stitch(atlas, source="onehot", target="springs", method="relative-ridge", far=True)


def test_a_readout_that_dies_in_a_study_of_all_pairs_costs_its_energies_only(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(self: ModelSession, *_: object) -> None:
        raise WorkerError("The worker process died (signal 9).\nIts last lines", "Chunks are kept.", "Run it again.")

    monkeypatch.setattr(ModelSession, "readout", dies)
    study = stitch_all(atlas, far=True)
    assert study.scores["r2"].mean[0][1] is not None
    told = study.no_energies["springs"]
    assert told.reason is Reason.FAILED
    assert told.detail == "No energies: The worker process died (signal 9)."
    assert can_run_now(told, "springs", None)
    monkeypatch.undo()
    monkeypatch.setattr(CATALOGUE, "catalogue", lambda: {"springs": SPRINGS})
    assert stitch_all(atlas, far=True).no_energies == {}


def test_weights_that_are_not_trusted_are_said_in_words_that_a_stitch_understands(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: ModelSession, *_: object) -> None:
        raise UntrustedWeights("another file", "known is", "repeat the command with --trust-weights")

    monkeypatch.setattr(ModelSession, "readout", refused)
    with pytest.raises(UntrustedWeights) as caught:
        found(atlas, "springs", atlas.embedding("springs"))
    assert "--no-energies" in caught.value.next_step
    assert "add --trust-weights" in caught.value.next_step


def test_every_command_that_runs_readouts_trusts_them_where_that_is_said(
    atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted: list[bool] = []

    def session(model: str, *, env_root: object, trust_weights: bool) -> ModelSession:
        trusted.append(trust_weights)
        raise UntrustedWeights("another file", "known is", "repeat the command with --trust-weights")

    monkeypatch.setattr("platonic_atlas.engine.extract.session.model_session", session)
    packed = str(pack(atlas, tmp_path / "a.atlas.zip"))
    for words, said in (
        (["stitch-all"], False),
        (["stitch-all", "--trust-weights"], True),
        (["studies", "--trust-weights"], True),
    ):
        trusted.clear()
        CliRunner().invoke(app, [*words, packed])
        assert trusted == [said], words


def test_a_stitch_trusts_a_readout_where_that_is_said(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted: list[bool] = []

    def session(model: str, *, env_root: object, trust_weights: bool) -> ModelSession:
        trusted.append(trust_weights)
        raise EnvironmentMissing("not here")

    monkeypatch.setattr("platonic_atlas.engine.extract.session.model_session", session)
    studies = [
        stitch(atlas, source="onehot", target="springs", far=True, keep=False, trust_weights=each)
        for each in (True, False)
    ]
    assert trusted == [True, False]
    assert studies[0].made_from.parameters == studies[1].made_from.parameters
