"""Energies of a stitched model: translated features through the target's own readout, in a worker of its environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.errors import EnvironmentMissing, UntrustedWeights, WeightsMissing
from platonic_atlas.engine.progress import Progress
from platonic_atlas.engine.studies import kept
from platonic_atlas.engine.studies.record import (
    Compared,
    CrystalEnergies,
    Energies,
    EnergyError,
    NoEnergies,
    Parity,
    Reason,
)
from platonic_atlas.engine.studies.written import finite
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching import energies as numerics
    from platonic_atlas.engine.stitching.energies import Crystals
    from platonic_atlas.engine.stitching.scores import Ratio
    from platonic_atlas.engine.store import Atlas


@dataclass(frozen=True)
class Moved:
    """Features in the target's space.

    features : (n, d_b) ; sites : (n,) rows of the atlas
    """

    features: FloatArray
    sites: IntArray


def stitched_energies(
    atlas: Atlas, source: str, target: str, moved: Moved, baselines: Mapping[str, Moved], train: BoolArray, env_root: Path | None,
    *, trust_weights: bool = False,
) -> Energies | NoEnergies:  # fmt: skip
    """Energies of crystals that no fit saw, beside B's own, A's own and those of the input; or why there are none.

    train : (n_structures,) crystals that the translations were fitted on

    Raises
    ------
    ModelError : the readout is here and fails: its worker died or hung, or its weights are damaged or not trusted
    """
    read = _per_atom(atlas, target, {"": moved, **baselines}, env_root, trust_weights)
    if isinstance(read, NoEnergies):
        return read
    crystals, others = crystals_of(atlas), _others(atlas, source, target)
    stitched = read.pop("")
    return _errors(crystals, stitched, others, train, _to_target(crystals, read, others["target"], train))


def errors_to_target(
    atlas: Atlas, target: str, moved: Mapping[str, Moved], train: BoolArray, env_root: Path | None,
    *, trust_weights: bool = False,
) -> dict[str, EnergyError] | NoEnergies:  # fmt: skip
    """Name -> error to the target's own energies after a per-element fit, of many translations into one target; or
    why there are none."""
    read = _per_atom(atlas, target, moved, env_root, trust_weights)
    if isinstance(read, NoEnergies):
        return read
    return _to_target(crystals_of(atlas), read, _others(atlas, target, target)["target"], train)


def crystal_energies(
    atlas: Atlas,
    model: str,
    env_root: Path | None,
    progress: Progress,
    *,
    keep: bool = True,
    trust_weights: bool = False,
) -> FloatArray:
    """(n_structures,) energies per atom [eV] by the model in its environment; computed once and kept with the atlas
    unless `keep` is False.

    Raises
    ------
    ModelError : the model has no energies, or no environment here
    """
    from platonic_atlas.engine.extract.session import model_session

    parameters = {"model": model}
    held = kept.find(atlas, CrystalEnergies, parameters)
    if held.study is not None:
        return np.array(held.study.per_atom, dtype=np.float64)
    kept.say_again(held, f"The study of the energies of crystals by {model}")
    structures = atlas.structures()
    with _trusted_only(), model_session(model, env_root=env_root, trust_weights=trust_weights) as session:
        totals = session.energies(structures, progress)
    per_atom: FloatArray = totals / np.array([len(atoms) for atoms in structures])
    if keep:
        made = kept.made_from(atlas, CrystalEnergies, parameters, [model])
        kept.keep(atlas, CrystalEnergies(model, _listed(per_atom), made))
    return per_atom


def can_run_now(missing: NoEnergies | None, target: str, env_root: Path | None) -> bool:
    """Whether what a kept study says of missing energies no longer holds: the environment of the target is there, or
    the weights that its package could not fetch."""
    from platonic_atlas.engine.extract.environments import find_weights, ready
    from platonic_atlas.engine.models.catalogue import find_model

    if missing is None or missing.reason not in (Reason.NOT_HERE, Reason.NO_WEIGHTS, Reason.FAILED):
        return False
    spec = find_model(target)
    if missing.reason is Reason.NO_WEIGHTS:
        return find_weights(spec, env_root=env_root) is not None
    return ready(spec.family, env_root=env_root)


def _per_atom(
    atlas: Atlas, target: str, moved: Mapping[str, Moved], env_root: Path | None, trust_weights: bool = False
) -> dict[str, FloatArray] | NoEnergies:
    """Name -> (n_structures,) stitched energies per atom [eV], or why there are none."""
    if atlas.site_energy(target) is None:
        detail = f"{target} has no energies of single atoms: take a relative readout as the method"
        return NoEnergies(Reason.NO_SITE_ENERGIES, detail)
    try:
        read = _through_readout(atlas, target, moved, env_root, trust_weights)
    except (EnvironmentMissing, WeightsMissing) as error:
        said = error.happened.splitlines()[0].split(": ")[0].rstrip(".")
        reason = Reason.NO_WEIGHTS if isinstance(error, WeightsMissing) else Reason.NOT_HERE
        return NoEnergies(reason, f"No energies: {said}.")
    except LookupError:
        detail = f"{target} is a checkpoint of one's own: its readout cannot be started from its name"
        return NoEnergies(Reason.OWN_CHECKPOINT, detail)
    crystals = crystals_of(atlas)
    return {name: crystals.per_atom(values) for name, values in read.items()}


def _through_readout(
    atlas: Atlas, target: str, moved: Mapping[str, Moved], env_root: Path | None, trust_weights: bool = False
) -> dict[str, FloatArray]:
    """Name -> (n_sites,) energies [eV], NaN where nothing was translated; LookupError for a model of no catalogue."""
    from platonic_atlas.engine.extract.session import model_session
    from platonic_atlas.engine.models.catalogue import catalogue

    if target not in catalogue():
        raise LookupError(target)
    found = {name: np.full(atlas.n_sites, np.nan) for name in moved}
    with _trusted_only(), model_session(target, env_root=env_root, trust_weights=trust_weights) as model:
        for name, rows in moved.items():
            found[name][rows.sites] = model.readout(rows.features.astype(np.float32), atlas.numbers()[rows.sites])
    return found


@contextmanager
def _trusted_only() -> Iterator[None]:
    """A stitch runs the readouts of files that the catalogue knows, others only where that is said."""
    try:
        yield
    except UntrustedWeights as error:
        raise UntrustedWeights(
            error.happened,
            "A stitch runs the readout of a file only if the catalogue knows it, or you say that you trust it.",
            "Put the file of the catalogue in its place, add --trust-weights if you trust this one, or leave the energies out"
            " with --no-energies",
        ) from error


def crystals_of(atlas: Atlas) -> Crystals:
    """What sums the energies of an atlas' sites."""
    from platonic_atlas.engine.stitching.energies import Crystals

    return Crystals(atlas.numbers(), atlas.site_structure(), atlas.multiplicity(), atlas.n_structures)


def _others(atlas: Atlas, source: str, target: str) -> dict[str, FloatArray]:
    """What stitched energies are compared with, (n_structures,) [eV/atom] each."""
    crystals = crystals_of(atlas)
    others = {name: crystals.per_atom(energies)
              for name, energies in (("target", atlas.site_energy(target)), ("source", atlas.site_energy(source)))
              if energies is not None}  # fmt: skip
    given = atlas.reference_energy()
    return others if given is None else {**others, "reference": given}


def _errors(
    crystals: Crystals, stitched: FloatArray, others: Mapping[str, FloatArray], train: BoolArray, baselines: dict[str, EnergyError]
) -> Energies:  # fmt: skip
    from platonic_atlas.engine.stitching.energies import compare

    test = np.flatnonzero(~train & np.isfinite(stitched))
    errors: dict[str, EnergyError] = {}
    shifts: dict[str, dict[str, float]] = {}
    shown: dict[str, Compared] = {}
    for name, other in others.items():
        if (compared := compare(crystals, stitched, other, train)) is not None:
            errors |= {name: _error(compared.raw), f"{name}_fitted": _error(compared.fitted)}
            shifts[name] = _by_symbol(compared)
            shown[name] = Compared(_listed(other[test]), _listed(compared.shifted[test]))
    alone = compare(crystals, np.where(np.isfinite(stitched), 0.0, np.nan), others["target"], train)
    if alone is not None:
        errors["elements"] = EnergyError(alone.fitted.value, alone.fitted.interval())
    parity = Parity(tuple(test.tolist()), tuple(stitched[test].tolist()), shown)
    return Energies(errors, shifts, parity, baselines)


def _error(ratio: Ratio) -> EnergyError:
    """One crystal that leaves what the readout knows can decide a mean: the median stands beside it."""
    return EnergyError(ratio.value, ratio.interval(), float(np.median(ratio.part)))


def _by_symbol(compared: numerics.Compared) -> dict[str, float]:
    symbols = table().symbol
    return {str(symbols[z]): float(energy) for z, energy in compared.shifts.items()}


def _listed(energies: FloatArray) -> tuple[float | None, ...]:
    return tuple(map(finite, energies))


def _to_target(
    crystals: Crystals, per_atom: Mapping[str, FloatArray], own: FloatArray, train: BoolArray
) -> dict[str, EnergyError]:
    from platonic_atlas.engine.stitching.energies import compare

    compared = {name: compare(crystals, stitched, own, train) for name, stitched in per_atom.items()}
    return {name: _error(each.fitted) for name, each in compared.items() if each is not None}
