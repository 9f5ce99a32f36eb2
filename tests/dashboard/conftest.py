"""An atlas of four small models for the dashboard: seeded features that depend on the element."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from platonic_atlas import label
from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.pages.base import page_kinds
from platonic_atlas.dashboard.session import Session
from platonic_atlas.dashboard.shell.shell import Shell
from platonic_atlas.engine import elements
from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.store import Atlas, begin_embedding, create_atlas, open_atlas
from platonic_atlas.engine.store.pack import pack
from platonic_atlas.engine.types import Collection, FloatArray, Layer, Symmetry

ELEMENTS = (1, 3, 6, 7, 8, 9, 11, 12, 13, 14, 17, 19, 26, 29, 35, 55, 57, 58, 74, 92)
PER_ELEMENT = 6


def seeded_collection() -> Collection:
    numbers = np.repeat(ELEMENTS, PER_ELEMENT)
    n = len(numbers)
    symbols = elements.table().symbol[numbers]
    return Collection(
        structures={
            "n_atoms": [1] * n, "cell": [np.eye(3) * 4] * n, "pbc": [(True,) * 3] * n,
            "id": [f"s{i}" for i in range(n)], "input_index": list(range(n)), "formula": symbols.tolist(),
            "source": ["seeded"] * n, "prototype": [("bcc", "fcc", "<b>hcp</b>")[i % 3] for i in range(n)],
            "spacegroup": [225] * n,
        },
        atomic_number=numbers,
        position=np.zeros((n, 3)),
        structure=np.arange(n),
        site=np.arange(n),
        representative=np.arange(n),
        multiplicity=np.ones(n, dtype=int),
        labels={"coordination": [str(8 + i % 5) if i % 7 else "unknown" for i in range(n)],
                "prototype": [("bcc", "fcc", "<b>hcp</b>")[i % 3] for i in range(n)]},
        input_site=np.arange(n),
    )  # fmt: skip


def add_model(
    atlas: Atlas, name: str, seed: int, *, control: bool = False, masked: tuple[int, ...] = (),
    symmetry: Symmetry = "O(3)", rotation_spread: FloatArray | None = None, layers: tuple[str, ...] = ("readout",),
) -> None:  # fmt: skip
    """rotation_spread : (n_sites,) what turning changes, where it was measured; every layer after the first is its square"""
    table, numbers, rng = elements.table(), atlas.numbers(), np.random.default_rng(seed)
    chemistry = np.column_stack([np.nan_to_num(table.electronegativity[numbers]), table.period[numbers] / 2])
    features = np.tanh(chemistry @ rng.normal(size=(2, 8)) + 0.2 * rng.normal(size=(len(numbers), 8))).astype(
        np.float32
    )
    features[list(masked)] = np.nan
    attrs = {"family": "seeded", "title": name.title(), "trained_on": "seeds", "traits": "small", "licence": "MIT",
             "control": control, "default": not control}  # fmt: skip
    extras = {} if rotation_spread is None else {"rotation_spread": rotation_spread}
    writer = begin_embedding(
        atlas, name, {layer: Layer(8, symmetry) for layer in layers}, attrs, site_energy=True, extras=tuple(extras)
    )
    for chunk in writer.missing_chunks():
        span = writer.rows(chunk)
        rows = features[span]
        columns = {"site_energy": rows[:, 0], **{extra: values[span] for extra, values in extras.items()}}
        of_layers = {layer: rows ** (depth + 1) for depth, layer in enumerate(layers)}
        writer.write_chunk(chunk, of_layers, dict.fromkeys(layers, np.zeros(len(rows))), columns)
    writer.finish()
    for layer in layers:
        for balance in ("elements", "atoms"):
            atlas.write_moments(name, layer, compute_moments(atlas.embedding(name, layer), numbers, balance))  # type: ignore[arg-type]


def write_seeded_atlas(folder: Path) -> Path:
    """Four trained models and a control; one model cannot embed site 5."""
    atlas = create_atlas(folder / "seeded.atlas.zarr", seeded_collection())
    label(atlas)
    for seed, name in enumerate(("ares", "bia", "circe", "dione")):
        add_model(atlas, name, seed, masked=(5,) if name == "bia" else ())
    add_model(atlas, "echo", 9, control=True)
    first = np.arange(len(ELEMENTS)) * PER_ELEMENT
    atlas.write_anchors("element-89", first, {"strategy": "element"})
    atlas.write_anchors("few", first[:5], {"strategy": "random"})
    made_with = {"anchors": "element-89", "anchors_digest": atlas.anchors_digest("element-89")}
    for name in atlas.models():
        atlas.write_layout("umap-element-89", name, np.random.default_rng(1).normal(size=(atlas.n_sites, 2)), made_with)
    return pack(atlas, folder / "seeded.atlas.zip")


@pytest.fixture(scope="session")
def seeded_atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_seeded_atlas(tmp_path_factory.mktemp("atlas"))


@pytest.fixture(scope="session")
def data(seeded_atlas: Path) -> AtlasData:
    return AtlasData(open_atlas(seeded_atlas))


@pytest.fixture
def session(data: AtlasData) -> Session:
    return Session(data)


def shell_of(data: AtlasData) -> Shell:
    """What a visitor sees of an atlas, with all pages that there are."""
    return Shell(data, page_kinds())
