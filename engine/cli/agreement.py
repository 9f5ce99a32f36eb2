"""The command `agreement`."""

from __future__ import annotations

from typing import Annotated

import typer

from platonic_atlas.engine.cli.options import Anchors, AsJson, MaybeAtlas, Seed
from platonic_atlas.engine.cli.printing import report, table
from platonic_atlas.engine.progress import bar

SHUFFLED = {"all_sites": "shuffled", "within_elements": "shuffled within elements"}


def agreement(
    atlas: MaybeAtlas = None,
    anchors: Anchors = None,
    within_elements: Annotated[
        bool, typer.Option("--within-elements", help="of what is left when each element's mean place is taken away")
    ] = False,
    draws: Annotated[int, typer.Option(min=0, help="of shuffled rows; 0 for none")] = 5,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """What the models share, beside chance and composition, and how far each model and control agrees.

    Example: platonic agreement --within-elements
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.agreement import agreement as measure

    with bar() as progress:
        found = measure(
            open_atlas(atlas),
            anchors=anchors,
            within_elements=within_elements,
            draws=draws,
            seed=seed,
            progress=progress,
        )
    if as_json:
        report(found.printed(), as_json)
        return
    rows = [
        [str(axis + 1), f"{share:.2f}", *(f"{found.null[name][axis]:.2f}" for name in found.null)]
        for axis, share in enumerate(found.shared)
    ]
    table(["axis", "shared", *(SHUFFLED[name] for name in found.null)], rows, "What all models share along an axis")
    agreed = [
        [name, "control" if name in found.controls else "" if name in found.shaping else "not shaping",
         *("–" if value != value else f"{value:.2f}" for value in values)]
        for name, values in found.agreement.items()
    ]  # fmt: skip
    table(["model", "", "axis 1", "axis 2"], agreed, "How far each agrees with the others, held out")
    for name, why in found.left_out.items():
        typer.echo(f"{name} is left out: {why}")
