"""The calculator as the documentation of orb-models makes it."""

from orb_models.forcefield import pretrained
from orb_models.forcefield.calculator import ORBCalculator

MAKERS = {
    "orb-d3-xs-v2": pretrained.orb_d3_xs_v2,
    "orb-v3-con-omat": pretrained.orb_v3_conservative_inf_omat,
    "orb-v3-dir-omat": pretrained.orb_v3_direct_inf_omat,
}


def calculator(spec):
    model = MAKERS[spec["name"]](weights_path=spec["file"], device="cpu", compile=False)
    return ORBCalculator(model, device="cpu")
