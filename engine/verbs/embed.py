"""The verb `embed`: features, site energies and moments of models for every site of an atlas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platonic_atlas.engine.choices import within
from platonic_atlas.engine.errors import ModelError, UsageError
from platonic_atlas.engine.extract.runner import embed_one, nobody_asks
from platonic_atlas.engine.extract.session import load_job
from platonic_atlas.engine.models.catalogue import find_model
from platonic_atlas.engine.names import require_name
from platonic_atlas.engine.progress import Progress, part, silent
from platonic_atlas.engine.store import only_writer
from platonic_atlas.engine.studies.cross import keep_cross
from platonic_atlas.engine.types import READOUT, ModelSpec, Outcome

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas

EMBEDDING = 0.95  # of the work of a model: the rest is its cross moments with the others


def embed(
    atlas: Atlas,
    specs: Sequence[ModelSpec | str],
    *,
    layers: Sequence[str] = (READOUT,),
    weights: Path | None = None,
    trust_weights: bool = False,
    device: str = "cpu",
    workers: int = 1,
    scheduler: str | None = None,
    env_root: Path | None = None,
    progress: Progress = silent,
    told: Callable[[Outcome], None] = nobody_asks,
) -> list[str]:
    """Embed every site of an atlas with models and store features, site energies, moments, and cross moments with the
    other models; returns the names of those that are in the atlas then: one that embeds nothing is not.

    weights : the checkpoint of the one model, or a folder in which each model's is found by its name
    scheduler : address of a Dask scheduler whose workers do the chunks, in place of processes of this machine
    told : hears of each model, when it is done, what became of it

    An embedding that is complete is left alone; one that was interrupted goes on at its first missing chunk, and the
    result equals an uninterrupted run bit for bit.

    Raises
    ------
    UsageError
        There is no such device or number of workers, or one checkpoint is given for several models.
    ModelError
        A model has no adapter or no environment here, its weights are missing or not trusted, or a worker died; or none
        of the models embeds any structure.
    AtlasError
        The atlas is read-only, or holds the model from another origin.
    """
    chosen = _named(specs)
    _one_checkpoint(weights, len(chosen))
    within(workers, "workers", 1)
    loads = [load_job(spec, weights, trust_weights, device) for spec in chosen]
    atlas.settle()
    embed_with = partial(
        embed_one, atlas, wanted=tuple(layers), workers=workers, scheduler=scheduler, env_root=env_root
    )
    outcomes = []
    for position, (spec, load) in enumerate(zip(chosen, loads, strict=True)):
        heard = part(progress, position / len(chosen), (position + 1) / len(chosen))
        with only_writer(atlas, spec.name):
            outcomes.append(embed_with(spec, load=load, progress=part(heard, 0.0, EMBEDDING)))
        if not atlas.read_only:
            keep_cross(atlas, atlas.layers(spec.name), progress=part(heard, EMBEDDING, 1.0))
        told(outcomes[-1])
    held = set(atlas.models())
    if outcomes and not any(outcome.model in held for outcome in outcomes):
        raise _nothing_embedded(atlas, outcomes)
    return [outcome.model for outcome in outcomes if outcome.model in held]


def _named(specs: Sequence[ModelSpec | str]) -> list[ModelSpec]:
    """The models, those of the catalogue by name; UsageError for a name that an atlas cannot hold."""
    chosen = [find_model(spec) if isinstance(spec, str) else spec for spec in specs]
    for spec in chosen:
        require_name(spec.name, "a model", "platonic embed ATLAS --model NAME --family F --weights FILE")
    return chosen


def _nothing_embedded(atlas: Atlas, outcomes: Sequence[Outcome]) -> ModelError:
    refused = [f"{outcome.model} ({next(iter(outcome.refused), 'no reason')})" for outcome in outcomes]
    return ModelError(
        f"None of the {atlas.n_structures} structures was embedded: all are refused by {', '.join(refused)}.",
        "A model that embeds nothing is not part of an atlas.",
        f"Choose another, which `platonic models` lists: platonic embed {atlas.path} --model NAME",
    )


def _one_checkpoint(weights: Path | None, n_models: int) -> None:
    if weights is not None and n_models != 1 and not weights.is_dir():
        raise UsageError(
            f"One checkpoint is given for {n_models} models.",
            "A checkpoint file is one model.",
            "Name one model a command: platonic embed ATLAS --model NAME --family F --weights FILE",
        )
