"""The MACE-MP architectures with random weights: the untrained control, and stand-ins for files that cannot be had.

Hyper-parameters as the published models hold them: Batatia et al., A foundation model for atomistic materials chemistry
(arXiv:2401.00096), and for MACE-OMAT the configuration of its training (density normalisation, Agnesi transform, ZBL).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.engine.elements import MODEL_ELEMENTS

HIDDEN = {
    "mace-mp-0-small": "128x0e",
    "mace-mp-0-medium": "128x0e + 128x1o",
    "mace-mp-0-large": "128x0e + 128x1o + 128x2e",
    "mace-omat-0-small": "128x0e",
    "mace-omat-0-medium": "128x0e + 128x1o",
}


def random_mace(name: str, seed: int) -> Any:
    """A model of the architecture `name` (a key of HIDDEN), its weights drawn from `seed`; all isolated atoms at 0 eV."""
    import mace.calculators  # noqa: F401  (before e3nn.o3: it sets up how e3nn reads its constants)
    import torch
    from e3nn import o3
    from mace import modules

    omat = "omat" in name
    block = modules.interaction_classes[
        "RealAgnosticDensityResidualInteractionBlock" if omat else "RealAgnosticResidualInteractionBlock"
    ]
    first = modules.interaction_classes["RealAgnosticDensityInteractionBlock"] if omat else block
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return modules.ScaleShiftMACE(
            r_max=6.0, num_bessel=10, num_polynomial_cutoff=5, max_ell=3, num_interactions=2,
            interaction_cls=block, interaction_cls_first=first, num_elements=len(MODEL_ELEMENTS),
            hidden_irreps=o3.Irreps(HIDDEN[name]), MLP_irreps=o3.Irreps("16x0e"), gate=torch.nn.functional.silu,
            atomic_energies=np.zeros((1, len(MODEL_ELEMENTS))), atomic_numbers=list(MODEL_ELEMENTS),
            avg_num_neighbors=61.964672446250916, correlation=3, radial_MLP=[64, 64, 64], radial_type="bessel",
            pair_repulsion=omat, distance_transform="Agnesi" if omat else "None",
            atomic_inter_scale=0.8041538754478097, atomic_inter_shift=0.0, heads=["omat_pbe" if omat else "default"],
        )  # fmt: skip
