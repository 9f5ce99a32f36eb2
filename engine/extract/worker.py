"""Runs inside a family's environment: `python -P -m platonic_atlas.engine.extract.worker`, jobs on stdin, reports on stdout.

Imports only what the pins of an environment hold. What libraries print goes to stderr, at the level of the file
descriptor, so that a report is never cut by chatter. One thread: sums keep their order, so that an interrupted and a
resumed run are equal bit for bit.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.adapters.base import Adapter
from platonic_atlas.engine.adapters.loading import load_model
from platonic_atlas.engine.errors import ModelError, PlatonicError
from platonic_atlas.engine.extract.apart import SHOWN, Say, embed_slices, named, said_to_nobody, why_masked
from platonic_atlas.engine.extract.contract import measured_changes
from platonic_atlas.engine.extract.protocol import (
    Message,
    Tell,
    error_message,
    receive,
    spec_of,
    structure_of,
    told_to_nobody,
)
from platonic_atlas.engine.extract.pulse import Reports
from platonic_atlas.engine.types import Embedded, FloatArray, IntArray

if TYPE_CHECKING:
    from ase import Atoms

    from platonic_atlas.engine.store import Atlas

THREADS = 1
PROVENANCE_PACKAGES = ("torch", "numpy", "e3nn", "torch-geometric", "pymatgen", "ase")


def main() -> int:
    """Serve jobs until the runner closes the pipe."""
    jobs, reports = _own_pipes()
    warnings.filterwarnings("ignore")
    worker = Worker(Reports(reports))
    heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    threading.Thread(target=_hear, args=(jobs, heard, worker), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):  # the runner is gone: nobody waits for the rest
        while (job := heard.get()) is not None:
            worker.serve(job)
    return 0


def _hear(jobs: IO[str], heard: queue.SimpleQueue[Message | None], worker: Worker) -> None:
    """In a thread, so that the end of the runner is heard in the middle of a job too: nobody waits for it any more."""
    for job in receive(jobs):
        heard.put(job)
    if worker.busy:
        os._exit(1)
    heard.put(None)


def _own_pipes() -> tuple[IO[str], IO[str]]:
    """Take stdin and stdout for ourselves and point the descriptors 0 and 1 elsewhere."""
    jobs = os.fdopen(os.dup(0), "r", encoding="utf-8")
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return jobs, reports


class Worker:
    """One loaded model and the jobs that it can do."""

    def __init__(self, reports: Reports) -> None:
        self.reports = reports
        self.busy = False
        self.adapter: Adapter | None = None
        self.checkpoint = ""
        self.calculator: Any = None
        self.tasks = {
            "load": self.load,
            "chunk": self.chunk,
            "refusals": self.refusals,
            "energies": self.energies,
            "features": self.features,
            "changes": self.changes,
            "readout": self.readout,
            "relax": self.relax,
        }

    def serve(self, job: Message) -> None:
        """Do one job and report its end; an error that is not ours ends the worker with its traceback."""
        self.busy = True
        try:
            with self.reports.pulse():
                result = self.tasks[job["task"]](job)
            self.busy = False
        except PlatonicError as error:
            self.busy = False
            self.reports.send(error_message(error))
        except BrokenPipeError:
            raise
        except Exception:
            traceback.print_exc()
            raise SystemExit(1) from None
        else:
            self.reports.send({"event": "done", **result})

    def load(self, job: Message) -> Message:
        """Load a model; the result says what it offers and what it was loaded from."""
        spec = spec_of(job["spec"])
        self.calculator = None  # that of another model
        weights = Path(job["weights"]) if job.get("weights") else None
        self.adapter, self.checkpoint = load_model(
            spec, weights=weights, trust_weights=job["trust_weights"], device=job["device"]
        )
        _single_thread()
        return {
            "layers": {name: asdict(layer) for name, layer in self.adapter.layers.items()},
            "site_energy": _has_site_energies(self.adapter),
            "energies": self.adapter.structure_energies or _has_site_energies(self.adapter),
            "extras": list(self.adapter.extras),
            "parameters": dict(self.adapter.parameters),
            "checkpoint_sha256": self.checkpoint,
            "packages": _versions((*self.adapter.requires, *PROVENANCE_PACKAGES)),
            "threads": THREADS,
        }

    def chunk(self, job: Message) -> Message:
        """Embed the structures that touch a chunk of sites and write just its rows."""
        from platonic_atlas.engine.store import open_atlas
        from platonic_atlas.engine.store.disk import told_of_the_disk
        from platonic_atlas.engine.store.embedding_writer import EmbeddingWriter

        self._require_checkpoint(job["checkpoint_sha256"])
        atlas = open_atlas(job["atlas"])
        layers = tuple(job["layers"])
        writer = EmbeddingWriter(atlas, job["model"], layers)
        rows = writer.rows(job["chunk"])
        touched = np.unique(atlas.site_structure()[rows])
        fatal = {i: job["fatal"][str(s)] for i, s in enumerate(touched) if str(s) in job.get("fatal", {})}
        say = partial(self._say, atlas, touched)
        values = chunk_values(self._loaded(), atlas, rows, layers, self._tell, say, fatal)
        what, kept = f"Chunk {job['chunk']} of {job['model']!r}", "Chunks that were complete are kept."
        with told_of_the_disk(what, "run the same command again: it goes on from there", kept):
            writer.write_chunk(job["chunk"], *values)
        atoms = int(atlas.structure_field("n_atoms")[touched].sum())
        return {"chunk": job["chunk"], "sites": rows.stop - rows.start, "atoms": atoms}

    def refusals(self, job: Message) -> Message:
        """Why structures of an atlas are refused; the model runs where it does not say so itself."""
        from platonic_atlas.engine.store import open_atlas

        adapter, atlas, fatal = self._loaded(), open_atlas(job["atlas"]), job.get("fatal", {})
        refused = {}
        for index in job["structures"]:
            if (why := fatal.get(str(index))) is None:
                self._say(atlas, [index], [0])
                why = why_masked(adapter, atlas.structure(index))
            refused[str(index)] = why
        return {"refused": refused}

    def energies(self, job: Message) -> Message:
        """Total energies [eV], null where a structure is refused."""
        structures = [structure_of(message) for message in job["structures"]]
        adapter = self._loaded()
        # A model whose energy needs its own pass (Orb) is asked for nothing else.
        layers = () if adapter.structure_energies else tuple(adapter.layers)[:1]
        embedded = embed_slices(adapter, structures, layers, self._tell)
        sums = per_structure(structures, embedded)
        return {"energies": [None if np.isnan(energy) else float(energy) for energy in sums]}

    def features(self, job: Message) -> Message:
        """Features of every atom of structures, written to a file: too much for a line."""
        structures = [structure_of(message) for message in job["structures"]]
        adapter = self._loaded()
        embedded = embed_slices(adapter, structures, tuple(adapter.layers), self._tell)
        if adapter.structure_energies:
            embedded.structure_energies = embed_slices(adapter, structures, (), told_to_nobody).structure_energies
        arrays: dict[str, Any] = {f"layer/{name}": values for name, values in embedded.features.items()}
        arrays |= {f"extra/{name}": values for name, values in embedded.extras.items()}
        for name in ("site_energies", "structure_energies"):
            if getattr(embedded, name) is not None:
                arrays[name] = getattr(embedded, name)
        np.savez(job["file"], **arrays)
        return {"refused": {str(i): why for i, why in embedded.refused.items()}}

    def readout(self, job: Message) -> Message:
        """Site energies [eV] of features, which need not come from the model itself."""
        with np.load(job["file"]) as held:
            found = self._loaded().readout(held["features"], held["atomic_numbers"])
        return {"site_energies": found.tolist()}

    def relax(self, job: Message) -> Message:
        """Crystals brought to rest at fixed symmetry."""
        from platonic_atlas.engine.extract.relaxing import relax_crystals

        structures = [structure_of(message) for message in job["structures"]]
        if self.calculator is None:
            self.calculator = self._loaded().calculator()
        return {"relaxed": relax_crystals(self.calculator, structures, self._tell)}

    def changes(self, job: Message) -> Message:
        """How far symmetries change the layers named, on the crystals of the contract."""

        def features(structures: list[Atoms], layer: str) -> list[FloatArray]:
            rows = embed_slices(self._loaded(), structures, (layer,), told_to_nobody).features[layer]
            return np.split(rows, np.cumsum([len(atoms) for atoms in structures])[:-1])

        return {layer: measured_changes(partial(features, layer=layer)) for layer in job["layers"]}

    def _require_checkpoint(self, sha256: str) -> None:
        """Several workers, on several machines perhaps, each loaded a file: it must have been the same."""
        if self.checkpoint != sha256:
            raise ModelError(
                f"This worker loaded a checkpoint with the SHA-256 {self.checkpoint or '(none)'}, another one {sha256 or '(none)'}.",
                "All workers of an embedding load the same file; it was changed meanwhile, or differs between machines.",
                "Put one file in its place everywhere, and run the same command again: what is complete is kept.",
            )

    def _say(self, atlas: Atlas, indices: Sequence[int] | IntArray, positions: Sequence[int]) -> None:
        """Report which structures of the atlas are next, so that they are known if this process dies of one."""
        chosen = [int(indices[i]) for i in positions]
        names = [f"{atlas.structure_field('id')[i]} ({atlas.structure_field('formula')[i]})" for i in chosen[:SHOWN]]
        self.reports.send({"event": "working", "structures": chosen, "named": named(names, len(chosen))})

    def _tell(self, atoms: int) -> None:
        self.reports.send({"event": "progress", "atoms": atoms})

    def _loaded(self) -> Adapter:
        if self.adapter is None:
            raise RuntimeError("a job came before any model was loaded")
        return self.adapter


def chunk_values(
    adapter: Adapter, atlas: Atlas, rows: slice, layers: Sequence[str], tell: Tell,
    say: Say = said_to_nobody, fatal: Mapping[int, str] | None = None,
) -> tuple[dict[str, FloatArray], dict[str, FloatArray], dict[str, FloatArray]]:  # fmt: skip
    """Features (rows, d) and orbit spread (rows,) of each layer, and columns (rows,) of a chunk of sites.

    The columns: `site_energy` [eV] where the model has one, and its extras.
    """
    touched = np.unique(atlas.site_structure()[rows])
    structures = atlas.structures(touched)
    offsets = atlas.structure_field("offset")[touched]
    atoms = np.concatenate([start + np.arange(len(s)) for start, s in zip(offsets, structures, strict=True)])
    embedded = embed_slices(adapter, structures, layers, tell, say, fatal)
    chosen = np.searchsorted(atoms, atlas.representative()[rows])
    site = atlas.atom_site()[atoms] - rows.start
    n_rows = rows.stop - rows.start
    features = {layer: embedded.features[layer][chosen] for layer in layers}
    spread = {layer: orbit_spread(embedded.features[layer], site, n_rows) for layer in layers}
    columns = {name: values[chosen] for name, values in embedded.extras.items()}
    if embedded.site_energies is not None:
        columns["site_energy"] = embedded.site_energies[chosen]
    return features, spread, columns


def orbit_spread(features: FloatArray, site: IntArray, n_rows: int) -> FloatArray:
    """(n_rows,) the largest distance between the features of symmetry copies of a site.

    features : (n_atoms, d) ; site : (n_atoms,) row of each atom, outside 0 … n_rows - 1 where it is another chunk's
    """
    spread = np.zeros(n_rows, dtype=np.float64)
    order = np.argsort(site, kind="stable")
    bounds = np.searchsorted(site[order], np.arange(n_rows + 1))
    for row in range(n_rows):
        copies = features[order[bounds[row] : bounds[row + 1]]].astype(np.float64)
        for i in range(len(copies) - 1):
            spread[row] = np.maximum(spread[row], np.linalg.norm(copies[i + 1 :] - copies[i], axis=1).max())
    masked = features[order[np.minimum(bounds[:-1], len(order) - 1)]]
    spread[~np.isfinite(masked).all(axis=1)] = np.nan
    return spread


def per_structure(structures: Sequence[Atoms], embedded: Embedded) -> FloatArray:
    """(n_structures,) total energies [eV], NaN where the model has none."""
    if embedded.structure_energies is not None:
        return embedded.structure_energies
    if embedded.site_energies is None:
        return np.full(len(structures), np.nan)
    energies = embedded.site_energies
    if (offset := embedded.extras.get("site_energy_offset")) is not None:
        energies = energies + offset
    ends = np.cumsum([len(atoms) for atoms in structures])
    return np.array([part.sum() for part in np.split(energies, ends[:-1])])


def _has_site_energies(adapter: Adapter) -> bool:
    """Whether site energies come with the features: asked of the readout with no atom at all."""
    layer = next(iter(adapter.layers.values()))
    try:
        adapter.readout(np.zeros((0, layer.n_features), dtype=np.float32), np.zeros(0, dtype=int))
    except PlatonicError:
        return False
    return True


def _single_thread() -> None:
    """One thread, and no compilation that depends on how often a model ran before."""
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(THREADS)
        torch.jit.set_fusion_strategy([("STATIC", 0), ("DYNAMIC", 0)])


def _versions(packages: Sequence[str]) -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # taking a loaded model apart piece by piece takes seconds and frees nothing more
