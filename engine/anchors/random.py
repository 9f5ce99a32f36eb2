"""Anchors drawn at random: what every other strategy is compared with."""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.anchors.reference import Chosen, Request


def random(request: Request) -> Chosen:
    """So many eligible sites, each as likely as another, in order of their number."""
    n = request.number()
    sites = np.sort(np.random.default_rng(request.seed).choice(request.candidates(), n, replace=False))
    return sites, {"n": n, "seed": request.seed}
