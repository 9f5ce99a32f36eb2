"""Two models of an atlas side by side: what is asked, the sites that a stitch uses, and what is read of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from platonic_atlas.engine.choices import Method
from platonic_atlas.engine.errors import InputError
from platonic_atlas.engine.stitching.methods import DIRECT, RELATIVE
from platonic_atlas.engine.studies.kept import made_from
from platonic_atlas.engine.studies.record import Stitch
from platonic_atlas.engine.types import FloatArray

if TYPE_CHECKING:
    from platonic_atlas.engine.stitching.study import Pair
    from platonic_atlas.engine.store import Atlas
    from platonic_atlas.engine.store.made_from import MadeFrom


@dataclass(frozen=True)
class Asked:
    """A stitch that is asked for; anchors empty where the method uses none.

    trust_weights : run a readout that the catalogue does not know, which changes nothing of what is asked for
    """

    source: str
    target: str
    method: Method
    anchors: str
    energies: bool = True
    far: bool = False
    trust_weights: bool = False

    @property
    def what(self) -> str:
        return f"{self.source} → {self.target}"

    @property
    def fitted(self) -> Method:
        """What baselines are fitted by where the method itself fits nothing."""
        return self.method if self.method in DIRECT else Method.RIDGE

    def parameters(self) -> dict[str, Any]:
        asked = {**asdict(self), "method": str(self.method)}
        del asked["trust_weights"]
        return asked

    def made_from(self, atlas: Atlas) -> MadeFrom:
        """Controls are read by all but the relative readouts."""
        models, controls = (self.source, self.target), self.method not in RELATIVE
        return made_from(atlas, Stitch, self.parameters(), models, every_control=controls, anchors=self.anchors)


def paired(atlas: Atlas, source: str, target: str, *, far: bool) -> Pair:
    """The sites that both models embed and, unless `far`, neither throws far off (`platonic_atlas.engine.stitching.outliers`).

    Raises
    ------
    InputError
        There are none.
    """
    from platonic_atlas.engine.stitching.study import Pair

    features = (atlas.embedding(source), atlas.embedding(target))
    pair = Pair.of(*features, atlas.numbers(), atlas.site_structure(), atlas.n_structures, far=far)
    if not len(pair.sites):
        raise InputError(
            f"No site is embedded by both {source} and {target}.",
            "A stitch is fitted on sites that both models embed.",
            "Choose models that know the same elements: platonic models",
        )
    return pair


def left_out(atlas: Atlas, source: str, target: str, pair: Pair) -> list[int]:
    """Structures with sites that both models embed and the pair does not hold."""
    gone = atlas.present(source) & atlas.present(target)
    gone[pair.sites] = False
    return [int(i) for i in np.unique(atlas.site_structure()[gone])]


def relative_of(atlas: Atlas, model: str, anchors: str) -> FloatArray:
    """Relative representation of all sites in one model, (n_sites, K) float64, NaN where it embeds none."""
    from platonic_atlas.engine.space.cosines import cosines_to

    return cosines_to(atlas.embedding(model), atlas.moments(model), atlas.anchors(anchors)).astype(np.float64)


def relative_pair(atlas: Atlas, pair: Pair, asked: Asked) -> tuple[FloatArray, FloatArray]:
    """Relative representations (n, K) of source and target over the sites of the pair."""
    source, target = (relative_of(atlas, name, asked.anchors)[pair.sites] for name in (asked.source, asked.target))
    return source, target
