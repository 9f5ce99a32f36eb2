"""Choosing anchors: the sites whose cosines make up the relative representation, the same for every model.

Only sites that all models of the atlas embed are eligible. Strategies look at one reference model, all but
``direct`` at its centred unit rows ê. Equal input and seed give equal anchors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from platonic_atlas.engine.anchors.direct import direct
from platonic_atlas.engine.anchors.element import element
from platonic_atlas.engine.anchors.farthest import farthest
from platonic_atlas.engine.anchors.file import file
from platonic_atlas.engine.anchors.kmeans import kmeans
from platonic_atlas.engine.anchors.random import random
from platonic_atlas.engine.anchors.reference import AnchorSet, Chosen, Request
from platonic_atlas.engine.choices import Strategy, chosen
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray, Moments

STRATEGIES: Mapping[Strategy, Callable[[Request], Chosen]] = {
    Strategy.DIRECT: direct,
    Strategy.FARTHEST: farthest,
    Strategy.KMEANS: kmeans,
    Strategy.ELEMENT: element,
    Strategy.RANDOM: random,
    Strategy.FILE: file,
}


def choose_anchors(
    strategy: Strategy | str,
    *,
    eligible: BoolArray,
    embedding: FloatArray | None = None,
    moments: Moments | None = None,
    atomic_numbers: IntArray | None = None,
    n: int | None = None,
    seed: int = 0,
    atoms: IntArray | None = None,
    input_site: IntArray | None = None,
) -> AnchorSet:
    """Choose anchors among the eligible sites.

    eligible : (n_sites,) sites that every model embeds
    embedding (n_sites, d), moments, atomic_numbers : of the reference model (not for random and file)
    n : number of anchors; ``element`` gives one an element and ``file`` one an atom named, whatever n says
    atoms, input_site : for ``file``: positions of atoms in the input, and the site of each atom of the input

    Raises
    ------
    UsageError
        There is no such strategy.
    AnchorError
        The request cannot be met.
    """
    named = chosen(Strategy, strategy, "anchor strategy")
    request = Request(eligible, embedding, moments, atomic_numbers, n, seed, atoms, input_site)
    sites, parameters = STRATEGIES[named](request)
    return AnchorSet(sites, named, parameters)
