"""What benchmarks of large atlases have in common: the crystals of one over and over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.store import Atlas, begin_embedding, create_atlas
from platonic_atlas.engine.types import Collection, Layer

NOISE = 0.02  # of each feature's standard deviation


def _repeated(source: Atlas, n_sites: int) -> Collection:
    """The crystals of the source over and over, as many as have at most `n_sites` sites together, with their labels."""
    per_crystal = np.bincount(source.site_structure())
    n_crystals = int(
        np.searchsorted(np.cumsum(np.tile(per_crystal, n_sites // source.n_sites + 1)), n_sites, side="right")
    )
    crystal = np.arange(n_crystals) % len(per_crystal)
    n_sites, n_atoms = int(per_crystal[crystal].sum()), int(source.structure_field("n_atoms")[crystal].sum())
    all_sites, all_atoms = source.n_sites, len(source.atom_numbers())
    atom, before = np.arange(n_atoms) % all_atoms, np.arange(n_atoms) // all_atoms
    site, earlier = np.arange(n_sites) % all_sites, np.arange(n_sites) // all_sites
    of_crystal = ("n_atoms", "cell", "pbc", "formula", "prototype", "spacegroup")
    structures = {name: list(np.asarray(source.structure_field(name))[crystal]) for name in of_crystal}
    structures |= {
        "id": [f"s{i}" for i in range(n_crystals)],
        "input_index": list(range(n_crystals)),
        "source": ["repeated"] * n_crystals,
    }
    of_atom = source.site_structure()[source.atom_site()]
    own = source.atom_site()[atom] + before * all_sites
    return Collection(
        structures=structures, atomic_number=source.atom_numbers()[atom], position=source.positions()[atom],
        structure=of_atom[atom] + before * len(per_crystal), site=own,
        representative=source.representative()[site] + earlier * all_atoms, multiplicity=source.multiplicity()[site],
        input_site=own, labels={name: source.label(name)[site].tolist() for name in source.label_names()},
    )  # fmt: skip


def enlarge(source: Atlas, n_sites: int, path: Path, seed: int = 0) -> Path:
    """An atlas of at most `n_sites` sites: the crystals of another over and over, the rows of each repeat with fresh noise."""
    atlas = create_atlas(path, _repeated(source, n_sites), chunk_rows=65_536)
    rng = np.random.default_rng(seed)
    for name in source.models():
        layer = source.layers(name)[0]
        features, attrs = source.embedding(name, layer), source.model_attrs(name, layer)
        step = (NOISE * np.nanstd(features, axis=0)).astype(np.float32)
        writer = begin_embedding(
            atlas, name, {layer: Layer(features.shape[1], "O(3)")}, _plain(attrs), site_energy=False
        )
        for chunk in writer.missing_chunks():
            span = writer.rows(chunk)
            found = features[np.arange(span.start, span.stop) % len(features)]
            found = found + step * rng.standard_normal(found.shape, dtype=np.float32)
            writer.write_chunk(chunk, {layer: found}, {layer: np.zeros(len(found))}, {})
        writer.finish()
        for balance in ("elements", "atoms"):
            moments = compute_moments(atlas.embedding(name, layer), atlas.numbers(), balance)  # type: ignore[arg-type]
            atlas.write_moments(name, layer, moments)
    for name in source.anchor_sets():
        atlas.write_anchors(name, source.anchors(name), {"strategy": "repeated"})
    return path


def _plain(attrs: dict[str, Any]) -> dict[str, Any]:
    wanted = ("family", "title", "trained_on", "traits", "licence", "control", "default")
    return {name: attrs[name] for name in wanted if name in attrs}
