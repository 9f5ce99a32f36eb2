"""Small real atlases for every test: crystals that ASE builds, embeddings of seeded numbers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from platonic_atlas.engine.store import Atlas, begin_embedding, create_atlas, open_atlas
from platonic_atlas.engine.types import Collection, Layer, Reject
from platonic_atlas.engine.verbs.embed import embed

# Modules that go to one process because they need the same: kernels of UMAP, which each process compiles for half a minute
TOGETHER = {"test_layouts": "umap", "test_neighbours": "umap", "test_umap_request": "umap"}
# What takes longest begins first, so that no process is left alone with it in the end
LONGEST = ("browser", "umap", "test_studies", "test_pairs")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """With `-n 2` two processes share the tests, each on one thread; those of a group stay together, which sets up once."""
    if config.getoption("numprocesses", 0) and config.option.dist == "no":
        config.option.dist, config.option.loadscopereorder = "loadgroup", False
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    groups = {item: _group(item.path) for item in items}
    for item, group in groups.items():
        if item.path.parent.name != "families":  # these go by model
            item.add_marker(pytest.mark.xdist_group(group))
    if hasattr(config, "workerinput"):
        config.option.loadgroup = True  # a process reads the words of the command itself, not what we made of them
        first = {group: place for place, group in enumerate(LONGEST)}
        items.sort(key=lambda item: first.get(groups[item], len(first)))


def _group(module: Path) -> str:
    return "browser" if module.parent.name == "browser" else TOGETHER.get(module.stem, module.stem)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is derived from a read-only atlas goes to a folder of the test."""
    monkeypatch.setenv("PLATONIC_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def small_collection() -> Collection:
    """Three rock salts and a bcc metal, two atoms and one; each atom its own site."""
    numbers = np.array([11, 17, 3, 9, 12, 8, 26])
    structure = np.array([0, 0, 1, 1, 2, 2, 3])
    counts, n_sites = [2, 2, 2, 1], len(numbers)
    return Collection(
        structures={
            "n_atoms": counts,
            "cell": [np.eye(3) * (3 + i) for i in range(4)],
            "pbc": [(True, True, True)] * 4,
            "id": ["a", "b", "c", "d"],
            "input_index": [0, 1, 3, 4],
            "formula": ["NaCl", "LiF", "MgO", "Fe"],
            "source": ["test.xyz"] * 4,
            "prototype": ["rock salt"] * 3 + ["bcc"],
            "spacegroup": [225, 225, 225, 229],
        },
        atomic_number=numbers,
        position=np.arange(n_sites * 3, dtype=float).reshape(n_sites, 3) / 10,
        structure=structure,
        site=np.arange(n_sites),
        representative=np.arange(n_sites),
        multiplicity=np.ones(n_sites, dtype=int),
        labels={"prototype": ["rock salt"] * 6 + ["bcc"], "formula": ["NaCl"] * 2 + ["LiF"] * 2 + ["MgO"] * 2 + ["Fe"]},
        input_site=np.array([0, 1, 2, 3, -1, 4, 5, 6]),
        rejects=[Reject(2, "bad", "test.xyz", "positions are not finite")],
        parameters={"orbits": False},
    )


@pytest.fixture(scope="session")
def small_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "small.atlas.zarr"
    return Path(create_atlas(folder, small_collection(), chunk_rows=3).path)


def copy_of(folder: Path, to: Path) -> Atlas:
    """The atlas in a folder, copied into another to be written to: a tenth of the work of writing it again."""
    return open_atlas(shutil.copytree(folder, to / folder.name))


@pytest.fixture
def small_atlas(small_once: Path, tmp_path: Path) -> Atlas:
    return copy_of(small_once, tmp_path)


@pytest.fixture(scope="session")
def embedded_once(small_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small atlas with one-hot vectors, which a worker wrote: most of two seconds, so once for all."""
    atlas = copy_of(small_once, tmp_path_factory.mktemp("onehot"))
    embed(atlas, ["onehot"])
    return Path(atlas.path)


@pytest.fixture
def onehot_atlas(embedded_once: Path, tmp_path: Path) -> Atlas:
    return copy_of(embedded_once, tmp_path)


def embed_seeded(
    atlas: Atlas,
    model: str,
    *,
    n_features: int = 5,
    masked: tuple[int, ...] = (),
    seed: int = 0,
    layer: str = "readout",
) -> None:
    """Write a complete embedding of seeded numbers."""
    rows = np.random.default_rng(seed).normal(size=(atlas.n_sites, n_features)).astype(np.float32)
    rows[list(masked)] = np.nan
    writer = begin_embedding(atlas, model, {layer: Layer(n_features, "O(3)")}, {"family": "seeded"}, site_energy=True)
    for chunk in writer.missing_chunks():
        span = writer.rows(chunk)
        size = span.stop - span.start
        writer.write_chunk(chunk, {layer: rows[span]}, {layer: np.zeros(size)}, {"site_energy": rows[span, 0]})
    writer.finish()
