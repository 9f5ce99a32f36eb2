"""Files of matgl and diep name the classes to be made: nothing besides those of the family is, trusted or not."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from platonic_atlas.engine.errors import ModelError, UntrustedWeights
from platonic_atlas.engine.extract.environments import find_interpreter, find_weights
from platonic_atlas.engine.extract.process import WorkerProcess
from platonic_atlas.engine.extract.session import load_job
from platonic_atlas.engine.models.catalogue import find_model, user_model

SWAP = (
    "import json, sys, torch\n"
    "held = torch.load(sys.argv[1], weights_only=False)\n"
    "held['model'] = json.loads(sys.argv[2])\n"
    "torch.save(held, sys.argv[1])\n"
)


def popen(flag: Path) -> dict[str, object]:
    """What the packages would make: a process that leaves a file."""
    return {
        "@module": "subprocess",
        "@class": "Popen",
        "@model_version": 9,
        "init_args": {"args": ["touch", str(flag)]},
    }


@pytest.mark.parametrize("where", ["model.json", "model.pt"])
@pytest.mark.parametrize("name", ["m3gnet-matpes-pbe", "diep-matpes-r2scan"])
def test_a_class_of_another_package_is_not_made(name: str, where: str, tmp_path: Path, shared_weights: Path) -> None:
    spec, flag = find_model(name), tmp_path / "it ran"
    whole = find_weights(spec)
    assert whole is not None
    interpreter, folder = find_interpreter(spec.family), tmp_path / "model"
    folder.mkdir()
    for file in ("model.json", "model.pt", "state.pt"):
        (folder / file).write_bytes((whole.parent / file).read_bytes())
    if where == "model.json":
        told = json.loads((folder / where).read_text())
        (folder / where).write_text(json.dumps({**told, **popen(flag)}))
    else:
        subprocess.run([interpreter, "-I", "-c", SWAP, folder / where, json.dumps(popen(flag))], check=True)
    weights = folder / "state.pt"
    own = replace(user_model("own", family=spec.family, weights=weights), options=spec.options)
    with WorkerProcess(interpreter) as worker:
        for asked in (spec, own):
            with pytest.raises(UntrustedWeights):
                worker.request(load_job(asked, weights, trust_weights=False, device="cpu"))
            with pytest.raises(ModelError, match="'Popen' of 'subprocess'"):
                worker.request(load_job(asked, weights, trust_weights=True, device="cpu"))
    assert not flag.exists()
