"""Two models side by side: the source, and the target with the source translated into it; drawn on canvases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import param

from platonic_atlas.dashboard.components.component import Component, styles
from platonic_atlas.dashboard.components.modules import bundle
from platonic_atlas.engine.types import BoolArray, FloatArray, IntArray


class StitchView(Component):
    """Intents: site {site}, hover {site or null}. The morph runs in the browser: it is given the places once, as bytes."""

    places = param.Bytes(default=b"", doc="float32: source, translated, target (2 n each); see `place_bytes`")
    colours = param.Bytes(default=b"", doc="uint8: red, green, blue of each site")
    chosen = param.Bytes(default=b"", doc="uint8: 1 where the site is selected")
    sites = param.Bytes(default=b"", doc="int32: the site of each row")

    _esm = bundle("stitch_view.js")
    _stylesheets = styles("stitch_view")

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_both", **params})


@dataclass(frozen=True)
class Line:
    """One of the longest lines: a site whose translated place is far from its true one."""

    site: int
    label: str
    length: float


def view_data(
    *,
    source: str,
    target: str,
    lines: Sequence[Line] = (),
    atom: int | None = None,
    note: str = "",
    reason: str = "",
    words: str = "",
    hovered: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What surrounds the canvases.

    reason : why there is nothing to draw ; words : what the right map holds ; note : what the longest lines are of ;
    hovered : site and name of the atom that the pointer rests on
    """
    return {
        "source": source,
        "target": target,
        "lines": [asdict(line) for line in lines],
        "atom": atom,
        "note": note,
        "reason": reason,
        "words": words,
        "hovered": dict(hovered) if hovered else None,
    }


def place_bytes(source: FloatArray, translated: FloatArray, target: FloatArray) -> bytes:
    """(n, 2) each, one after the other, little-endian float32."""
    return np.concatenate([source, translated, target]).astype("<f4").tobytes()


def colour_bytes(rgb: FloatArray) -> bytes:
    """(n, 3) 0 … 255 -> bytes."""
    return np.clip(np.round(rgb), 0, 255).astype(np.uint8).tobytes()


def chosen_bytes(chosen: BoolArray) -> bytes:
    return chosen.astype(np.uint8).tobytes()


def site_bytes(sites: IntArray) -> bytes:
    return sites.astype("<i4").tobytes()
