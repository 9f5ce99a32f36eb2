"""Energies of a stitched model: translated features through the target's own readout, in a worker of its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.elements import table
from platonic_atlas.engine.errors import ModelError
from platonic_atlas.engine.progress import Progress
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.energies import Compared, Crystals
    from platonic_atlas.engine.store import Atlas

NOT_NOW = "No energies:"  # begins a reason that an installed environment takes away
Found = dict[str, Any]


@dataclass(frozen=True)
class Moved:
    """Features in the target's space.

    features : (n, d_b) ; sites : (n,) rows of the atlas
    """

    features: FloatArray
    sites: IntArray


def stitched_energies(
    atlas: Atlas, source: str, target: str, moved: Moved, baselines: Mapping[str, Moved], train: BoolArray, env_root: Path | None
) -> Found:  # fmt: skip
    """Energies of crystals that no fit saw, or the reason why there are none.

    train : (n_structures,) crystals that the translations were fitted on. Keys: target, source, reference (mean
    absolute errors [eV/atom] against B's own energies, A's own, those of the input) and each with _fitted after a
    per-element fit of the difference, elements (what B's own leave after one), intervals (95 %, bootstrap over the
    crystals), medians (of the crystals' errors: one that leaves what the readout knows can decide a mean), shifts (the
    fits: symbol -> eV), parity (structures, stitched energies per atom, and in `others` those of each with the
    stitched ones fitted to them), baselines (name -> target_fitted with its interval and median).
    """
    read = _per_atom(atlas, target, {"": moved, **baselines}, env_root)
    if isinstance(read, str):
        return {"reason": read}
    crystals, others = crystals_of(atlas), _others(atlas, source, target)
    return _errors(crystals, read.pop(""), others, train) | {
        "baselines": _to_target(crystals, read, others["target"], train)
    }


def errors_to_target(
    atlas: Atlas, target: str, moved: Mapping[str, Moved], train: BoolArray, env_root: Path | None
) -> dict[str, Found] | str:
    """Name -> target_fitted, its interval and the median of its crystals, of many translations into one target; or why
    there are none."""
    read = _per_atom(atlas, target, moved, env_root)
    return (
        read
        if isinstance(read, str)
        else _to_target(crystals_of(atlas), read, _others(atlas, target, target)["target"], train)
    )


def crystal_energies(
    atlas: Atlas, model: str, env_root: Path | None, progress: Progress, *, keep: bool = True
) -> FloatArray:
    """(n_structures,) energies per atom [eV] by the model in its environment; computed once and kept with the atlas
    unless `keep` is False.

    Raises
    ------
    ModelError : the model has no energies, or no environment here
    """
    from platonic_atlas.engine.extract.session import model_session

    kept_as = {"source": model, "target": model, "method": "energies-of-crystals", "format": 1}
    if (kept := atlas.stitching(kept_as)) is not None:
        return np.array(kept["per_atom"], dtype=np.float64)
    structures = atlas.structures()
    with model_session(model, env_root=env_root) as session:
        totals = session.energies(structures, progress)
    per_atom: FloatArray = totals / np.array([len(atoms) for atoms in structures])
    if keep:
        atlas.write_stitching(kept_as, {"per_atom": _listed(per_atom)})
    return per_atom


def can_run_now(reason: str, target: str, env_root: Path | None) -> bool:
    """Whether what a kept study says of missing energies no longer holds: the environment of the target is there."""
    from platonic_atlas.engine.extract.environments import find_interpreter
    from platonic_atlas.engine.models.catalogue import find_model

    if not reason.startswith(NOT_NOW):
        return False
    try:
        find_interpreter(find_model(target).family, env_root=env_root)
    except ModelError:
        return False
    return True


def _per_atom(
    atlas: Atlas, target: str, moved: Mapping[str, Moved], env_root: Path | None
) -> dict[str, FloatArray] | str:
    """Name -> (n_structures,) stitched energies per atom [eV], or why there are none."""
    if atlas.site_energy(target) is None:
        return f"{target} has no energies of single atoms: take a relative readout as the method"
    try:
        read = _through_readout(atlas, target, moved, env_root)
    except ModelError as error:
        return f"{NOT_NOW} {error.happened.splitlines()[0].split(': ')[0].rstrip('.')}."
    except LookupError:
        return f"{target} is a checkpoint of one's own: its readout cannot be started from its name"
    crystals = crystals_of(atlas)
    return {name: crystals.per_atom(values) for name, values in read.items()}


def _through_readout(
    atlas: Atlas, target: str, moved: Mapping[str, Moved], env_root: Path | None
) -> dict[str, FloatArray]:
    """Name -> (n_sites,) energies [eV], NaN where nothing was translated; LookupError for a model of no catalogue."""
    from platonic_atlas.engine.extract.session import model_session
    from platonic_atlas.engine.models.catalogue import catalogue

    if target not in catalogue():
        raise LookupError(target)
    found = {name: np.full(atlas.n_sites, np.nan) for name in moved}
    with model_session(target, env_root=env_root) as model:
        for name, rows in moved.items():
            found[name][rows.sites] = model.readout(rows.features.astype(np.float32), atlas.numbers()[rows.sites])
    return found


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


def _errors(crystals: Crystals, stitched: FloatArray, others: Mapping[str, FloatArray], train: BoolArray) -> Found:
    from platonic_atlas.engine.stitching.energies import compare

    test = np.flatnonzero(~train & np.isfinite(stitched))
    parity: Found = {"structures": test.tolist(), "stitched": stitched[test].tolist(), "others": {}}
    found: Found = {"intervals": {}, "medians": {}, "shifts": {}, "parity": parity}
    for name, other in others.items():
        if (compared := compare(crystals, stitched, other, train)) is not None:
            _take_up(found, name, compared)
            parity["others"][name] = {"energies": _listed(other[test]), "fitted": _listed(compared.shifted[test])}
    alone = compare(crystals, np.where(np.isfinite(stitched), 0.0, np.nan), others["target"], train)
    if alone is not None:
        found["elements"], found["intervals"]["elements"] = alone.fitted.value, list(alone.fitted.interval())
    return found


def _take_up(found: Found, name: str, compared: Compared) -> None:
    for key, ratio in ((name, compared.raw), (f"{name}_fitted", compared.fitted)):
        found[key], found["intervals"][key] = ratio.value, list(ratio.interval())
        found["medians"][key] = float(np.median(ratio.part))
    symbols = table().symbol
    found["shifts"][name] = {str(symbols[z]): energy for z, energy in compared.shifts.items()}


def _listed(energies: FloatArray) -> list[float | None]:
    """Null where there is none: JSON has no NaN."""
    return [float(energy) if np.isfinite(energy) else None for energy in energies]


def _to_target(crystals: Crystals, per_atom: Mapping[str, FloatArray], own: FloatArray, train: BoolArray) -> Found:
    from platonic_atlas.engine.stitching.energies import compare

    compared = {name: compare(crystals, stitched, own, train) for name, stitched in per_atom.items()}
    return {
        name: {"target_fitted": each.fitted.value, "interval": list(each.fitted.interval()), "median": float(np.median(each.fitted.part))}
        for name, each in compared.items() if each is not None
    }  # fmt: skip
