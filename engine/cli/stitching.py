"""The commands that translate one model into another: `stitch`, `stitch-all`, `analogies`, `studies`."""

from __future__ import annotations

from typing import Annotated

import typer

from platonic_atlas.engine.choices import Method
from platonic_atlas.engine.cli.options import Anchors, AsJson, AtlasPath, EnvRoot, MaybeAtlas, Seed, TrustReadouts
from platonic_atlas.engine.cli.printing import report, scores_table
from platonic_atlas.engine.progress import bar


def stitch(
    source: Annotated[str, typer.Option(help="the model to translate")],
    target: Annotated[str, typer.Option(help="the model into whose space")],
    atlas: MaybeAtlas = None,
    method: Annotated[Method, typer.Option(help="how one is led to the other")] = Method.RIDGE,
    anchors: Anchors = None,
    energies: Annotated[
        bool, typer.Option("--energies/--no-energies", help="run the target's readout in its environment")
    ] = True,
    far: Annotated[bool, typer.Option("--far", help="keep the sites that one of the two throws far off")] = False,
    trust_weights: TrustReadouts = False,
    as_json: AsJson = False,
    env_root: EnvRoot = None,
) -> None:
    """Translate one model's features into another's space and score it beside its controls.

    Example: platonic stitch --source sevennet-0 --target sevennet-l3i5 --method ridge --json
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.stitch import stitch as run

    with bar() as progress:
        study = run(open_atlas(atlas), source=source, target=target, method=method, anchors=anchors,
                    energies=energies, far=far, trust_weights=trust_weights, env_root=env_root, progress=progress)  # fmt: skip
    report(study.printed(), as_json, rows=scores_table(study))


def stitch_all(
    atlas: MaybeAtlas = None,
    model: Annotated[list[str] | None, typer.Option(help="compare only these (repeat the option)")] = None,
    energies: Annotated[
        bool, typer.Option("--energies/--no-energies", help="run each target's readout in its environment")
    ] = True,
    far: Annotated[bool, typer.Option("--far", help="keep the sites that some model throws far off")] = False,
    trust_weights: TrustReadouts = False,
    as_json: AsJson = False,
    env_root: EnvRoot = None,
) -> None:
    """Translate every model into every other by ridge: the matrix of scores, the ladder of kin, where controls win.

    Example: platonic stitch-all --json
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.stitch_all import stitch_all as run

    with bar() as progress:
        found = run(
            open_atlas(atlas), models=model or (), energies=energies, far=far, trust_weights=trust_weights,
            env_root=env_root, progress=progress,
        )  # fmt: skip
    report(found.printed(), as_json, rows=[{"kind": rung.name, "pairs": rung.n, "r2": f"{rung.mean:.2f} ({rung.low:.2f} to {rung.high:.2f})"}
                                           for rung in found.ladder])  # fmt: skip


def analogies(
    atlas: MaybeAtlas = None,
    anchors: Anchors = None,
    n: Annotated[int, typer.Option("-n", min=1, help="how many, drawn at random")] = 2000,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Embedding arithmetic: how often a - b + c is the atom that it should be, beside chance and the answer c.

    Example: platonic analogies --json
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.analogies import analogies as run

    with bar() as progress:
        found = run(open_atlas(atlas), anchors=anchors, n=n, seed=seed, progress=progress)
    rows = [
        {
            "model": "(chance)",
            "element": f"{found.chance['element_at_1']:.2f}",
            "c alone": "",
            "the very site": f"{found.chance['site_at_1']:.2f}",
        }
    ]
    rows += [{"model": name, "element": f"{each.sum['element_at_1']:.2f}", "c alone": f"{each.only_c['element_at_1']:.2f}",
              "the very site": f"{each.sum['site_at_1']:.2f}"} for name, each in found.models.items()]  # fmt: skip
    report(found.printed(), as_json, rows=rows)


def studies(
    atlas: AtlasPath, trust_weights: TrustReadouts = False, as_json: AsJson = False, env_root: EnvRoot = None
) -> None:
    """Score all pairs of models and analogies of a packed atlas, and write them beside it, to be shipped with it.

    Example: platonic studies data/default.atlas.zip
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.analogies import analogies as score_analogies
    from platonic_atlas.engine.verbs.stitch_all import stitch_all as score_pairs

    opened = open_atlas(atlas)
    opened.require_packed()  # before the minutes, not after them
    with bar() as progress:
        score_pairs(opened, trust_weights=trust_weights, env_root=env_root, progress=progress)
        score_analogies(opened, progress=progress)
    report({"wrote": str(opened.ship_studies())}, as_json)
