"""Embedding an atlas: starts workers, hands out chunks, and finishes what they wrote."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.adapters.base import family_adapter
from platonic_atlas.engine.adapters.orientations import N_ROTATIONS
from platonic_atlas.engine.adapters.weights import existing, file_digest
from platonic_atlas.engine.choices import Balance, within
from platonic_atlas.engine.errors import AtlasError, UnknownName, UsageError
from platonic_atlas.engine.extract.environments import find_interpreter
from platonic_atlas.engine.extract.process import WorkerPool
from platonic_atlas.engine.extract.protocol import Message, counter
from platonic_atlas.engine.extract.scale_out import Cluster
from platonic_atlas.engine.extract.survivors import Survivors
from platonic_atlas.engine.progress import Progress
from platonic_atlas.engine.types import Layer, ModelSpec, Outcome

if TYPE_CHECKING:
    from platonic_atlas.engine.store import Atlas, EmbeddingWriter

DAMAGED_CHUNK_TRIES = 2
KEPT = "The atlas grows by about four bytes a number; what was complete is kept."

Writing = Callable[[], AbstractContextManager[None]]


def with_rotations(spec: ModelSpec, rotations: int) -> ModelSpec:
    """The same model, its features averaged over so many orientations.

    Raises
    ------
    UsageError
        The family is invariant, so that there is nothing to average, or it is no such number.
    """
    within(rotations, "orientations", 1, N_ROTATIONS)
    if "rotation_spread" not in family_adapter(spec.family).extras:
        raise UsageError(
            f"Turning a crystal changes nothing in {spec.name}.",
            "Orientations are averaged for models that are not invariant, those of Orb.",
            f"Leave the option out: platonic embed ATLAS --model {spec.name}",
        )
    return replace(spec, options={**spec.options, "rotations": rotations})


def nobody_asks(outcome: Outcome) -> None:
    """Where nobody asks what became of a model."""


def embed_one(
    atlas: Atlas,
    spec: ModelSpec,
    wanted: tuple[str, ...],
    load: Message,
    *,
    workers: int,
    scheduler: str | None,
    env_root: Path | None,
    progress: Progress,
) -> Outcome:
    """Embed an atlas with one model at the wanted layers, loaded by the job `load`; see the verb `embed`.

    A layer at which the model embeds nothing is taken out of the atlas again.
    """
    n_atoms, seconds = 0, 0.0
    if missing := _missing_layers(atlas, spec, wanted, load):
        atlas.require_writable(f", and it does not hold {spec.name!r}")
        progress(f"loading {spec.name}", 0.0)
        n_workers = max(1, min(workers, -(-atlas.n_sites // atlas.chunk_rows)))
        with _pool(spec, load, n_workers, scheduler, env_root) as pool:
            n_atoms, seconds = _embed_layers(atlas, spec, missing, load, pool, progress)
    outcome = Outcome(spec.name, atlas.n_structures, _counted(atlas, spec.name, wanted), n_atoms, seconds)
    for layer in wanted:
        if not atlas.read_only and not atlas.present(spec.name, layer).any():
            atlas.forget_embedding(spec.name, layer)
    _write_moments(atlas, spec.name)
    return outcome


def _embed_layers(
    atlas: Atlas, spec: ModelSpec, missing: Sequence[str], load: Message, pool: WorkerPool | Cluster, progress: Progress
) -> tuple[int, float]:
    """Embed an atlas at the layers that it lacks, with workers that hold the model; atoms embedded, and seconds."""
    from platonic_atlas.engine.store import begin_embedding

    _refuse_another_checkpoint(atlas, spec, pool.loaded["checkpoint_sha256"])
    layers = _offered(spec, missing, pool.loaded["layers"])
    attrs = _attributes(spec, load, pool.loaded)
    attrs["parameters"] = {**attrs["parameters"], **_changes(pool, layers)}
    site_energy, extras = bool(pool.loaded["site_energy"]), pool.loaded["extras"]
    writing = partial(_writing, atlas, spec, load)
    with writing():
        writer = begin_embedding(atlas, spec.name, layers, attrs, site_energy=site_energy, extras=extras)
    started = time.monotonic()  # a rate is of embedding, not of loading
    return _write_chunks(atlas, writer, pool, writing, progress), time.monotonic() - started


def _counted(atlas: Atlas, model: str, layers: Sequence[str]) -> dict[str, int]:
    """Reason -> number of structures that the model refuses, the most common first."""
    refused = {
        index: why for layer in layers for index, why in atlas.model_attrs(model, layer).get("refused", {}).items()
    }
    return dict(Counter(refused.values()).most_common())


def _pool(
    spec: ModelSpec, load: Message, n_workers: int, scheduler: str | None, env_root: Path | None
) -> WorkerPool | Cluster:
    """Who does the chunks: processes of this machine, or a Dask cluster."""
    if scheduler is not None:
        return Cluster(scheduler, spec.family, load, env_root)
    return WorkerPool(find_interpreter(spec.family, env_root=env_root), load, n_workers)


def _missing_layers(atlas: Atlas, spec: ModelSpec, wanted: tuple[str, ...], load: Message) -> list[str]:
    """The wanted layers that the atlas does not hold complete; what it holds must be of the same checkpoint."""
    held_layers = _held_layers(atlas, spec)
    named = None if load["weights"] is None else existing(spec, Path(load["weights"]), family_adapter(spec.family))
    _refuse_another_checkpoint(atlas, spec, file_digest(named) if named else spec.sha256)
    for layer in held_layers:
        kept = atlas.model_attrs(spec.name, layer).get("parameters", {})
        asked = {key: value for key, value in spec.options.items() if key in kept}
        if differing := [f"{key} {kept[key]}" for key, value in asked.items() if kept[key] != value]:
            raise AtlasError(
                f"{atlas.path.name} holds {spec.name!r} with {', '.join(differing)}.",
                "One embedding is made in one way.",
                f"Give the new one a name of its own: --model NAME --family {spec.family} --weights FILE",
            )
    return [layer for layer in wanted if layer not in held_layers]


def _held_layers(atlas: Atlas, spec: ModelSpec) -> list[str]:
    return atlas.layers(spec.name) if spec.name in atlas.models() else []


def _refuse_another_checkpoint(atlas: Atlas, spec: ModelSpec, digest: str | None) -> None:
    """What the atlas holds of a model is of one checkpoint; digest : of the one to be used, None where nobody knows yet."""
    for layer in _held_layers(atlas, spec):
        held = atlas.model_attrs(spec.name, layer)
        theirs = str(held.get("checkpoint_sha256", "unknown"))
        if held.get("family") != spec.family or digest not in (None, theirs):
            raise AtlasError(
                f"{atlas.path.name} holds {spec.name!r} from another checkpoint ({theirs[:12]}…).",
                "One name is one checkpoint.",
                f"Give the new one a name of its own: --model NAME --family {spec.family} --weights FILE",
            )


def _offered(spec: ModelSpec, wanted: Sequence[str], offered: Message) -> dict[str, Layer]:
    """The wanted layers, as the model describes them."""
    if unknown := [layer for layer in wanted if layer not in offered]:
        raise UnknownName(
            f"{spec.name} has no layer {', '.join(map(repr, unknown))}.",
            f"Its layers: {', '.join(offered)}.",
            "Name one of these with --layer, or leave it out for the readout.",
        )
    return {name: Layer(**offered[name]) for name in wanted}


def _changes(pool: WorkerPool | Cluster, layers: Mapping[str, Layer]) -> dict[str, Any]:
    """How far symmetries change the layers that do not promise to keep them, measured on the crystals of the contract."""
    changing = [name for name, layer in layers.items() if layer.symmetry == "none"]
    if not changing:
        return {}
    measured = pool.request({"task": "changes", "layers": changing})
    return {"changes": {layer: measured[layer] for layer in changing}}


def _attributes(spec: ModelSpec, load: Message, loaded: Message) -> dict[str, Any]:
    """Where an embedding comes from; a run that would resume it must have all of this in common."""
    return {
        "family": spec.family,
        "title": spec.title,
        "trained_on": spec.trained_on,
        "traits": spec.traits,
        "licence": spec.licence,
        "origin": spec.origin,
        "control": spec.control,
        "modal": spec.modal,
        "seed": spec.seed,
        "device": load["device"],
        "checkpoint_sha256": loaded["checkpoint_sha256"],
        "packages": loaded["packages"],
        "threads": loaded["threads"],
        "parameters": loaded["parameters"],
    }


def _writing(atlas: Atlas, spec: ModelSpec, load: Message) -> AbstractContextManager[None]:
    """What a disk refuses of an embedding is told in words; not of what is read meanwhile, such as weights."""
    from platonic_atlas.engine.store.again import embed_command
    from platonic_atlas.engine.store.disk import told_of_the_disk

    again = embed_command(atlas.path, spec.name, {"origin": spec.origin, "family": spec.family}, load["weights"])
    return told_of_the_disk(f"The embedding of {spec.name!r}", f"run: {again}", KEPT)


def _write_chunks(
    atlas: Atlas, writer: EmbeddingWriter, pool: WorkerPool | Cluster, writing: Writing, progress: Progress
) -> int:
    """Make the missing chunks, finish the embedding, and return the number of atoms that this took."""
    survivors = Survivors(pool, _place(atlas))
    share = len(writer.missing_chunks()) / max(1, writer.n_chunks)
    for attempt in range(DAMAGED_CHUNK_TRIES):
        survivors.through(lambda: _run_chunks(atlas, writer, survivors, progress))
        survivors.through(lambda: _write_refusals(atlas, writer, survivors, writing))
        try:
            with writing():
                writer.finish()
        except AtlasError:  # a chunk changed on the disk since it was written: it counts as missing now
            if attempt + 1 == DAMAGED_CHUNK_TRIES:
                raise
        else:
            break
    return round(atlas.n_atoms * share)


def _place(atlas: Atlas) -> str:
    """Where an atlas lies, for processes that work in other folders."""
    return str(atlas.path.absolute() if isinstance(atlas.path, Path) else atlas.path)


def _run_chunks(atlas: Atlas, writer: EmbeddingWriter, survivors: Survivors, progress: Progress) -> None:
    pool = survivors.pool
    job = {"task": "chunk", "atlas": survivors.atlas, "model": writer.model, "layers": list(writer.layers),
           "checkpoint_sha256": pool.loaded["checkpoint_sha256"], "fatal": survivors.told()}  # fmt: skip
    jobs = [{**job, "chunk": chunk} for chunk in writer.missing_chunks()]
    before = atlas.n_atoms * (1 - len(jobs) / max(1, writer.n_chunks))  # in chunks of earlier runs
    pool.run(jobs, counter(progress, f"embedding with {writer.model}", atlas.n_atoms, before))


def _write_refusals(atlas: Atlas, writer: EmbeddingWriter, survivors: Survivors, writing: Writing) -> None:
    """Say in the attributes which structures are masked and why."""
    group = writer.groups[writer.layers[0]]
    present = np.asarray(group["present"][...])  # type: ignore[index]
    masked = np.unique(atlas.site_structure()[~present]).tolist()
    if not masked:
        return
    asked = {"task": "refusals", "atlas": survivors.atlas, "structures": masked, "fatal": survivors.told()}
    refused = survivors.pool.request(asked)["refused"]
    with writing():
        for group in writer.groups.values():
            group.attrs["refused"] = refused


def _write_moments(atlas: Atlas, model: str) -> None:
    from platonic_atlas.engine.errors import NotInAtlas
    from platonic_atlas.engine.space.relative import compute_moments

    for layer in atlas.layers(model):
        for balance in Balance:
            try:
                atlas.moments(model, layer, balance)
            except NotInAtlas:
                moments = compute_moments(atlas.embedding(model, layer), atlas.numbers(), balance)
                atlas.write_moments(model, layer, moments)
