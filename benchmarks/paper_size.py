"""Re-anchoring at the size of the paper: 282,847 atoms × 7 models, new anchors to new maps.

    python benchmarks/paper_size.py [--atlas PATH] [--synthetic] [--atoms 282847] [--anchors 512] [--json]

Real embeddings of an atlas are repeated with small seeded noise (``--synthetic``: made-up ones of the same
widths). In one run, on two threads, for the variance frame and for the agreement frame: the exact small-matrix way
(warm median), the straightforward way (Z written out; scikit-learn's PCA a model, or the covariances of all y and
scipy.linalg.eigh), their ratio and how far their coordinates differ. Cross moments, which the agreement frame needs
once for an atlas, are told apart. The peak memory of the exact way, moments included, is that of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.space.agreement import EPSILON, agreement_frame
from platonic_atlas.engine.space.cross import CrossMoments, cross_moments, halves_of
from platonic_atlas.engine.space.frames import ModelSpace, model_space, own_frame, place, shared_frame
from platonic_atlas.engine.space.relative import anchor_rows, compute_moments, row_chunks
from platonic_atlas.engine.types import FloatArray, IntArray

WIDTHS = {"a": 128, "b": 128, "c": 128, "d": 128, "e": 64, "f": 64, "g": 64}
NOISE = 0.02  # of each feature's standard deviation
THREADS = 2


def _sources(atlas: str | None, synthetic: bool, seed: int) -> tuple[IntArray, Iterator[tuple[str, FloatArray]]]:
    """Atomic numbers of the sites and an iterator over (model, embedding), one in memory at a time."""
    if synthetic:
        rng = np.random.default_rng(seed)
        z = rng.integers(1, 90, 9000)
        return z, ((name, _made_up(z, width, seed + i)) for i, (name, width) in enumerate(WIDTHS.items()))
    from platonic_atlas.engine.models.catalogue import default_models
    from platonic_atlas.engine.store import open_atlas

    opened = open_atlas(atlas)
    shown = [name for name in default_models() if name in opened.models()][:7]
    common = np.logical_and.reduce([opened.present(name) for name in shown])
    return opened.numbers()[common], ((name, opened.embedding(name)[common]) for name in shown)


def _made_up(z: IntArray, width: int, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    of_element = rng.normal(size=(119, width)) * np.geomspace(2, 0.1, width)
    return (of_element[z] + 0.5 + 0.3 * rng.normal(size=(len(z), width))).astype(np.float32)


def _repeat(embedding: FloatArray, n_atoms: int, seed: int) -> FloatArray:
    """The rows over and over, each time with fresh noise, (n_atoms, d) float32."""
    rng = np.random.default_rng(seed)
    step = (NOISE * embedding.std(axis=0)).astype(np.float32)
    repeated = np.empty((n_atoms, embedding.shape[1]), dtype=np.float32)
    for rows in row_chunks(n_atoms):
        source = np.arange(rows.start, rows.stop) % len(embedding)
        noise = rng.standard_normal((len(source), len(step)), dtype=np.float32)
        repeated[rows] = embedding[source] + step * noise
    return repeated


def build(options: argparse.Namespace) -> tuple[IntArray, dict[str, ModelSpace]]:
    """Atomic numbers, and model spaces of the enlarged set, every atom weighing the same (scikit-learn's PCA knows no weights)."""
    z, embeddings = _sources(options.atlas, options.synthetic, options.seed)
    numbers = np.resize(z, options.atoms)
    spaces = {}
    for i, (name, source) in enumerate(embeddings):
        embedding = _repeat(source, options.atoms, options.seed + i)
        spaces[name] = model_space(embedding, compute_moments(embedding, numbers, Balance.ATOMS), numbers)
    return numbers, spaces


def cross_of(spaces: dict[str, ModelSpace], numbers: IntArray) -> CrossMoments:
    """Cross moments of all models; crystals of ten atoms."""
    structure = np.arange(len(numbers)) // 10
    return cross_moments(spaces, numbers, halves_of(structure, int(structure[-1]) + 1))


def reanchor_in_agreement(spaces: dict[str, ModelSpace], cross: CrossMoments, sites: IntArray) -> dict[str, FloatArray]:
    """New anchor sites to new coordinates of every map in the agreement frame."""
    rows = {name: anchor_rows(space.embedding, space.moments, sites) for name, space in spaces.items()}
    frame = agreement_frame(cross, rows, spaces, list(spaces))
    return {name: place(space, frame[name]) for name, space in spaces.items()}


def straightforward_agreement(spaces: dict[str, ModelSpace], sites: IntArray) -> dict[str, FloatArray]:
    """Every y written out in float32, the covariances of their mean and of each, scipy.linalg.eigh, y times the axes."""
    from scipy.linalg import eigh

    ys = {name: _explicit(space, sites) for name, space in spaces.items()}
    middle: FloatArray = np.asarray(np.mean(list(ys.values()), axis=0, dtype=np.float32))
    each: FloatArray = np.asarray(np.mean([(y.T @ y) / len(y) for y in ys.values()], axis=0, dtype=np.float64))
    common = (middle.T @ middle / len(middle)).astype(np.float64)
    _, vectors = eigh(common, each + EPSILON * np.trace(each) / len(each) * np.eye(len(each)))
    axes = vectors[:, ::-1][:, :2]
    axes /= np.sqrt(np.einsum("ki,kl,li->i", axes, common, axes))
    return {name: y @ axes for name, y in ys.items()}


def _explicit(space: ModelSpace, sites: IntArray) -> FloatArray:
    """y (n, K) float32 of one model."""
    unit = _unit(space)
    y = (unit - unit.mean(axis=0, dtype=np.float64).astype(np.float32)) @ unit[sites].T
    y /= np.sqrt(np.sum(y * y, dtype=np.float64) / len(y))
    return np.asarray(y)


def _unit(space: ModelSpace) -> FloatArray:
    """ê in float32, as one would write it."""
    unit = space.embedding / np.linalg.norm(space.embedding, axis=1, keepdims=True)
    unit -= space.moments.mean0.astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return np.asarray(unit)


def reanchor(spaces: dict[str, ModelSpace], sites: IntArray) -> dict[str, FloatArray]:
    """New anchor sites to new coordinates of every map in the shared frame."""
    rows = {name: anchor_rows(space.embedding, space.moments, sites) for name, space in spaces.items()}
    frame = shared_frame(rows, spaces, list(spaces))
    return {name: place(space, frame[name]) for name, space in spaces.items()}


def straightforward(space: ModelSpace, sites: IntArray) -> FloatArray:
    """Z written out, then scikit-learn's PCA; in float32 throughout, as one would do it."""
    from sklearn.decomposition import PCA

    unit = _unit(space)
    return np.asarray(PCA(2).fit_transform(unit @ unit[sites].T))


def _difference(found: FloatArray, expected: FloatArray) -> float:
    """Largest difference in parts of the range, each axis with its better sign."""
    signs = np.sign((found * expected).sum(axis=0))
    return float(np.abs(found * signs - expected).max() / np.ptp(expected, axis=0).max())


def measure(options: argparse.Namespace) -> dict[str, object]:
    """All figures of one run."""
    numbers, spaces = build(options)
    draw = np.random.default_rng(options.seed)
    fast = []
    for _ in range(options.repeats + 1):
        sites = draw.choice(options.atoms, options.anchors, replace=False)
        start = time.perf_counter()
        reanchor(spaces, sites)
        fast.append(time.perf_counter() - start)
    slow, differences = 0.0, {}
    for name, space in spaces.items():
        start = time.perf_counter()
        expected = straightforward(space, sites)
        slow += time.perf_counter() - start
        rows = anchor_rows(space.embedding, space.moments, sites)
        differences[name] = _difference(place(space, own_frame(space, rows)), expected)
    warm = float(np.median(fast[1:]))
    return {
        "atoms": options.atoms,
        "anchors": options.anchors,
        "features": {name: space.embedding.shape[1] for name, space in spaces.items()},
        "exact_cold_s": fast[0],
        "exact_warm_s": warm,
        "exact_warm_range_s": [min(fast[1:]), max(fast[1:])],
        "straightforward_s": slow,
        "ratio": slow / warm,
        "largest_difference_of_range": max(differences.values()),
    } | _agreement(options, spaces, numbers)


def _agreement(options: argparse.Namespace, spaces: dict[str, ModelSpace], numbers: IntArray) -> dict[str, object]:
    """The same for the agreement frame."""
    start = time.perf_counter()
    cross = cross_of(spaces, numbers)
    summed = time.perf_counter() - start
    draw, fast = np.random.default_rng(options.seed + 1), []
    for _ in range(options.repeats + 1):
        sites = draw.choice(options.atoms, options.anchors, replace=False)
        start = time.perf_counter()
        found = reanchor_in_agreement(spaces, cross, sites)
        fast.append(time.perf_counter() - start)
    start = time.perf_counter()
    expected = straightforward_agreement(spaces, sites)
    slow, warm = time.perf_counter() - start, float(np.median(fast[1:]))
    return {
        "cross_moments_s": summed,
        "cross_moments_mib": (cross.products.nbytes + cross.sums.nbytes) / 2**20,
        "agreement_warm_s": warm,
        "agreement_warm_range_s": [min(fast[1:]), max(fast[1:])],
        "agreement_straightforward_s": slow,
        "agreement_ratio": slow / warm,
        "agreement_difference_of_range": max(_difference(found[name], expected[name]) for name in spaces),
    }


def peak_memory(options: argparse.Namespace) -> dict[str, float]:
    """Peak resident memory of building and re-anchoring, against the float32 embeddings [MiB]."""
    import resource  # Windows has none: there all but this figure can be measured

    numbers, spaces = build(options)
    cross, draw = cross_of(spaces, numbers), np.random.default_rng(options.seed)
    for _ in range(3):
        reanchor(spaces, draw.choice(options.atoms, options.anchors, replace=False))
        reanchor_in_agreement(spaces, cross, draw.choice(options.atoms, options.anchors, replace=False))
    embeddings = sum(space.embedding.nbytes for space in spaces.values()) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return {"embeddings_mib": embeddings, "peak_mib": peak, "peak_over_embeddings": peak / embeddings}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--atlas", help="atlas whose embeddings are repeated (default: the shipped one)")
    parser.add_argument("--synthetic", action="store_true", help="made-up embeddings instead of an atlas")
    parser.add_argument("--atoms", type=int, default=282_847)
    parser.add_argument("--anchors", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--memory-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.atlas = None if options.atlas == "default" else options.atlas
    return options


def main() -> None:
    """Measure, print."""
    options = _options()
    with threadpool_limits(THREADS):
        if options.memory_only:
            print(json.dumps(peak_memory(options)))
            return
        child = [sys.executable, str(Path(__file__).resolve()), *sys.argv[1:], "--memory-only"]
        memory = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)
        figures = measure(options) | memory
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28} {value:.4g}" if isinstance(value, float) else f"{name:28} {value}")


if __name__ == "__main__":
    main()
