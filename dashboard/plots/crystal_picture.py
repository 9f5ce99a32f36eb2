"""A small flat picture of a crystal, one atom marked, as SVG: many fit where one 3-D view would be too dear."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from ase.utils import rotate

from platonic_atlas.dashboard.colourings.palettes import to_hex
from platonic_atlas.engine.structures.surroundings import unit_cell
from platonic_atlas.engine.types import FloatArray

VIEW = rotate("-75x,20y,5z")
MOST_ATOMS = 150
MARK = "#d1480a"
RADIUS = 0.45  # of the covalent radius, so that what lies behind is seen
CORNERS = np.array([[i >> bit & 1 for bit in range(3)] for i in range(8)])
SIZE = 100.0


def crystal_uri(atoms: Atoms, marked: int) -> str:
    """The picture as a data URI."""
    return "data:image/svg+xml;base64," + b64encode(crystal_svg(atoms, marked).encode()).decode("ascii")


def crystal_svg(atoms: Atoms, marked: int) -> str:
    """One unit cell, seen a little from above; what is farther away is drawn first."""
    shown = unit_cell(atoms, marked).nearest(MOST_ATOMS)
    numbers, places, corners = shown.numbers, shown.positions @ VIEW, CORNERS @ shown.cell @ VIEW
    radii = RADIUS * covalent_radii[numbers]
    low = np.minimum((places[:, :2] - radii[:, None]).min(axis=0), corners[:, :2].min(axis=0))
    high = np.maximum((places[:, :2] + radii[:, None]).max(axis=0), corners[:, :2].max(axis=0))
    scale = SIZE / float((high - low).max())
    middle = (low + high) / 2

    def on_paper(points: FloatArray) -> FloatArray:
        return SIZE / 2 + scale * (points[:, :2] - middle) * (1, -1)

    edges = _edges(on_paper(corners)) if np.any(shown.cell) else []
    discs = _discs(on_paper(places), scale * radii, np.argsort(places[:, 2], kind="stable"), numbers)
    margin = 6
    box = f"{-margin} {-margin} {SIZE + 2 * margin:.0f} {SIZE + 2 * margin:.0f}"
    return "".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">', *edges, *discs, "</svg>"])


def _edges(corners: FloatArray) -> list[str]:
    """The twelve edges of the cell, between corners that differ in one direction."""
    line = '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="#8a919b" stroke-width=".8"/>'
    return [line.format(*corners[i], *corners[i | bit]) for i in range(8) for bit in (1, 2, 4) if not i & bit]


def _discs(places: FloatArray, radii: FloatArray, order: np.ndarray, numbers: np.ndarray) -> list[str]:
    discs = []
    for i in order:
        (x, y), r = places[i], radii[i]
        colour = to_hex(255 * jmol_colors[numbers[i]])
        discs.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}" stroke="#30353c" stroke-width=".6"/>'
        )
        if i == 0:
            discs.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r + 3:.1f}" fill="none" stroke="{MARK}" stroke-width="2.5"/>'
            )
    return discs
