"""A crystal in three dimensions with one atom marked: the widget of weas (Xing Wang, MIT), fed by us.

The widget's module is an anywidget's: it is served as a file beside the page, fetched by the browser once the page
rests, and given a model of its own, so that neither its Python side nor a network is needed.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from pymatgen.core.periodic_table import Element

from platonic_atlas.dashboard.colourings.palettes import to_hex
from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle
from platonic_atlas.engine import elements
from platonic_atlas.engine.structures.surroundings import Surroundings

VIEWER_ROUTE = "viewer"
BOND_REACH = 1.25


def viewer_folder() -> Path:
    """The folder with the widget's `widget.js`, inside its wheel."""
    return Path(str(distribution("weas-widget").locate_file("weas_widget/static")))


class StructureView(Component):
    """Intents: show {value: cell|supercell|near-5}, image {atom}."""

    _esm = bundle("structure_view.js")
    _stylesheets = styles("structure_view")

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", **params})


def structure_data(
    shown: Surroundings | None, *, title: str = "", note: str = "", show: str = "cell", options: list[dict[str, str]] | None = None
) -> dict[str, Any]:  # fmt: skip
    """What the view draws; `shown` None where no atom is chosen."""
    species = {} if shown is None else _species(shown)
    return {
        "title": title,
        "note": note,
        "show": show,
        "options": options or [],
        "atoms": None if shown is None else _viewer_atoms(shown),
        "species": species,
        "bonds": _bonds(species),
        "images": [] if shown is None else shown.atom.tolist(),
        "route": f"{VIEWER_ROUTE}/widget.js",
    }


def _viewer_atoms(shown: Surroundings) -> dict[str, Any]:
    """As the widget reads atoms: every element is a species."""
    symbols = [str(symbol) for symbol in elements.table().symbol[shown.numbers]]
    return {
        "symbols": symbols,
        "species": {symbol: symbol for symbol in symbols},
        "positions": np.round(shown.positions, 4).tolist(),
        "cell": np.round(shown.cell, 5).ravel().tolist(),
        "pbc": [False, False, False],  # the images that are drawn are atoms of the list
        "attributes": {"atom": {}, "species": {}},
    }


def _species(shown: Surroundings) -> dict[str, Any]:
    """Colours of Jmol and covalent radii (Cordero et al. 2008), as chemists know them."""
    symbol = elements.table().symbol
    return {
        str(symbol[z]): {
            "element": str(symbol[z]), "symbol": str(symbol[z]), "radius": float(covalent_radii[z]),
            "color": to_hex(255 * jmol_colors[z]),
        }
        for z in np.unique(shown.numbers)
    }  # fmt: skip


def _bonds(species: dict[str, Any]) -> dict[str, Any]:
    """Sticks between atoms nearer than 1.25 times the sum of their radii, but none between two metals."""
    pairs = [(a, b) for a in species.values() for b in species.values()]
    return {
        f"{a['symbol']}-{b['symbol']}": {
            "specie1": a["symbol"], "specie2": b["symbol"], "color1": a["color"], "color2": b["color"], "min": 0,
            "max": BOND_REACH * (a["radius"] + b["radius"]), "type": 0,
        }
        for a, b in pairs if not (_is_metal(a["symbol"]) and _is_metal(b["symbol"]))
    }  # fmt: skip


@cache
def _is_metal(symbol: str) -> bool:
    return bool(Element(symbol).is_metal)
