"""Embedding arithmetic: is z(X in host B) near z(X in host A) - z(Y in host A) + z(Y in host B)?

A host is what surrounds a site: prototype, Wyckoff position, and the elements on the other positions; two sites of
equal host differ by their own element only. The sum is answered by the nearest sites (cosine of centred relative
representations), the three inputs excluded (SCIENCE section 2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from platonic_atlas.engine.stitching.scores import nearest_by_cosine
from platonic_atlas.engine.types import FloatArray, IntArray

Host = tuple[Any, ...]
READ = 5  # answers that are read


@dataclass(frozen=True)
class Analogies:
    """a - b + c should be answer; each (n,) sites.

    a : X in host A ; b : Y in host A ; c : Y in host B ; answer : X in host B
    """

    a: IntArray
    b: IntArray
    c: IntArray
    answer: IntArray

    def __len__(self) -> int:
        return len(self.a)


def hosts(
    numbers: IntArray, structure: IntArray, multiplicity: IntArray, prototype: np.ndarray[Any, Any], wyckoff: np.ndarray[Any, Any]
) -> dict[Host, dict[int, int]]:  # fmt: skip
    """Host -> atomic number -> site, of all crystals of a named prototype with at least two sites; arrays (n_sites,)."""
    of_structure: dict[int, list[int]] = defaultdict(list)
    for site, crystal in enumerate(structure.tolist()):
        of_structure[crystal].append(site)
    found: dict[Host, dict[int, int]] = defaultdict(dict)
    for sites in of_structure.values():
        if len(sites) < 2 or prototype[sites[0]] in ("", "unknown"):
            continue
        places = [(str(wyckoff[i]), int(multiplicity[i]), int(numbers[i])) for i in sites]
        for i, site in enumerate(sites):
            others = tuple(sorted(place for j, place in enumerate(places) if j != i))
            found[(str(prototype[site]), *places[i][:2], others)].setdefault(places[i][2], site)
    return dict(found)


def sample_analogies(of_hosts: dict[Host, dict[int, int]], n: int, *, seed: int = 0) -> Analogies:
    """At most n analogies: a random pair of elements that share two hosts, then two of these, without repetition."""
    shared: dict[tuple[int, int], list[Host]] = defaultdict(list)
    for host in sorted((h for h, members in of_hosts.items() if len(members) > 1), key=repr):
        members = sorted(of_hosts[host])
        for x in members:
            for y in members:
                if x != y:
                    shared[x, y].append(host)
    pairs = sorted(pair for pair, where in shared.items() if len(where) > 1)
    most = sum(len(shared[pair]) * (len(shared[pair]) - 1) for pair in pairs)
    rng, chosen = np.random.default_rng(seed), dict[tuple[int, int, int, int], None]()
    while pairs and len(chosen) < min(n, most):
        x, y = pairs[rng.integers(len(pairs))]
        first, second = (shared[x, y][i] for i in rng.choice(len(shared[x, y]), 2, replace=False))
        chosen[of_hosts[first][x], of_hosts[first][y], of_hosts[second][y], of_hosts[second][x]] = None
    table = np.array(list(chosen), dtype=np.int64).reshape(-1, 4)
    return Analogies(*table.T)


def unit(rows: FloatArray) -> FloatArray:
    """Rows (n, k) less their mean, each of length 1."""
    centred = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    scaled: FloatArray = centred / np.maximum(lengths, 1e-300)
    return scaled


def sums(analogies: Analogies, space: FloatArray) -> FloatArray:
    """(n, d) a - b + c."""
    total: FloatArray = space[analogies.a] - space[analogies.b] + space[analogies.c]
    return total


def nearest_to(
    asked: FloatArray, space: FloatArray, excluded: Sequence[int], k: int = READ
) -> tuple[IntArray, FloatArray]:
    """The sites of a space (n_sites, K) nearest to a query (K,) by cosine, and their cosines; `excluded` sites left out."""
    known = np.flatnonzero(np.isfinite(space[:, 0]))
    out = np.flatnonzero(np.isin(known, np.asarray(excluded)))
    found = known[nearest_by_cosine(asked[None], space[known], k, out[None])[0]]
    length = float(np.linalg.norm(asked)) or 1.0
    return found, space[found] @ asked / length


def hits(found: IntArray, wanted: IntArray, labels: np.ndarray[Any, Any]) -> dict[str, float]:
    """Shares of queries whose first, or one of whose five, answers carries the wanted site's label."""
    right = labels[found] == labels[wanted][:, None]
    return {"at_1": float(right[:, 0].mean()), "at_5": float(right.any(axis=1).mean())}


def score(
    analogies: Analogies, asked: FloatArray, space: FloatArray, labels: dict[str, np.ndarray[Any, Any]]
) -> dict[str, float]:
    """Element, prototype and the very site: top-1 and top-5 of queries `asked` (n, d) in a space (m, d).

    labels : name -> (m,)
    """
    excluded = np.stack([analogies.a, analogies.b, analogies.c], axis=1)
    found = nearest_by_cosine(asked, space, READ, excluded)
    named = {**labels, "site": np.arange(len(space))}
    return {
        f"{name}_{rank}": value
        for name, values in named.items()
        for rank, value in hits(found, analogies.answer, values).items()
    }


def chance(analogies: Analogies, labels: dict[str, np.ndarray[Any, Any]], n_sites: int) -> dict[str, float]:
    """What random sites would answer."""
    named = {**labels, "site": np.arange(n_sites)}
    shares: dict[str, float] = {}
    for name, values in named.items():
        _, code, counts = np.unique(values, return_inverse=True, return_counts=True)
        share = counts[code[analogies.answer]] / n_sites
        shares |= {f"{name}_at_1": float(share.mean()), f"{name}_at_5": float((1 - (1 - share) ** 5).mean())}
    return shares
