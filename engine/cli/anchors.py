"""The command `anchors`: a set is chosen and kept, or told of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from platonic_atlas.engine.choices import Strategy
from platonic_atlas.engine.cli.options import AsJson, AtlasPath, Seed
from platonic_atlas.engine.errors import UsageError


def anchors(
    atlas: AtlasPath,
    name: Annotated[
        str | None,
        typer.Option(help="what to call the set; of a report: the set (default: element-89, else the largest)"),
    ] = None,
    strategy: Annotated[Strategy | None, typer.Option(help="how they are chosen")] = None,
    n: Annotated[int | None, typer.Option("-n", min=1, help="how many; not for element and file")] = None,
    file: Annotated[Path | None, typer.Option(help="atoms by position in the input")] = None,
    reference: Annotated[
        str | None, typer.Option(help="the model in whose space they are chosen; of a report: chosen again, not kept")
    ] = None,
    seed: Seed = 0,
    force: Annotated[bool, typer.Option("--force", help="replace a set of that name, or the file of --csv")] = False,
    report: Annotated[bool, typer.Option("--report", help="tell of a set and choose none")] = False,
    against: Annotated[str | None, typer.Option(help="of a report: another set beside it")] = None,
    influence: Annotated[
        bool, typer.Option("--influence", help="of a report: how agreement changes without each anchor")
    ] = False,
    curve: Annotated[bool, typer.Option("--curve", help="of a report: beside random sets of several sizes")] = False,
    within_elements: Annotated[
        bool, typer.Option("--within-elements", help="of a report: each element's mean place is taken away")
    ] = False,
    center: Annotated[
        bool, typer.Option("--center/--no-center", help="of a report: less the mean of all sites")
    ] = True,
    draws: Annotated[int | None, typer.Option(min=0, help="of a report: of shuffled rows (default: 5)")] = None,
    as_json: AsJson = False,
    csv: Annotated[Path | None, typer.Option(help="of a report: write every number to this file")] = None,
) -> None:
    """Choose anchors and keep them in the atlas, or report what a set does.

    Example: platonic anchors my.atlas.zarr --name direct-100 --strategy direct -n 100
    """
    of_report = {
        "--against": against, "--influence": influence, "--curve": curve, "--within-elements": within_elements,
        "--no-center": not center, "--draws": draws is not None, "--json": as_json, "--csv": csv,
    }  # fmt: skip
    of_choice = {"--strategy": strategy, "-n": n, "--file": file, "--force": force and csv is None}
    if report:
        _refuse(of_choice, "A report chooses no anchors", "Leave --report out to choose some, or leave these out.")
        _refuse(
            {"--json": as_json and csv}, "A report goes to one place, and --csv names a file", "Ask for one of both."
        )
        from platonic_atlas.engine.cli.anchor_report import tell

        tell(atlas, csv, force, as_json, anchors=name, against=against, reference=reference, influence=influence,
             curve=curve, within_elements=within_elements, centre=center, draws=5 if draws is None else draws, seed=seed)  # fmt: skip
        return
    _refuse(of_report, "Without --report, anchors are chosen and kept", "Add --report to be told of a set.")
    if name is None or strategy is None:
        missing = [option for option, value in (("--name", name), ("--strategy", strategy)) if value is None]
        raise UsageError(
            f"Anchors cannot be chosen without {' and '.join(missing)}.",
            "A set is chosen by a strategy and kept under a name; one that is there is told of with --report.",
            f"Say both: platonic anchors {atlas} --name my-anchors --strategy element",
        )
    _choose(atlas, name, strategy, n, file, reference, seed, force)


def _refuse(given: Mapping[str, object], why: str, next_step: str) -> None:
    """An option that is not heard is a misunderstanding."""
    if unheard := [option for option, value in given.items() if value]:
        raise UsageError(
            f"{why}: {' and '.join(unheard)} would not be heard.",
            "--name, --reference and --seed go with both; 'platonic anchors --help' says which goes with what.",
            next_step,
        )


def _choose(
    atlas: str, name: str, strategy: Strategy, n: int | None, file: Path | None, reference: str | None, seed: int,
    force: bool,
) -> None:  # fmt: skip
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.choose_anchors import choose_anchors

    opened = open_atlas(atlas)
    sites = choose_anchors(
        opened,
        name=name,
        strategy=strategy,
        n=n,
        file=file,
        reference=reference,
        seed=seed,
        force=force,
    )
    space = opened.anchor_attrs(name).get("reference")
    typer.echo(f"{name}: {len(sites)} anchors, chosen by {strategy.value} in the space of {space}")
