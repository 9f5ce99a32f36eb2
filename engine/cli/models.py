"""The commands of models: the catalogue, `embed`, and the environments they run in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platonic_atlas.engine.cli.options import AsJson, AtlasPath, EnvRoot, MaybeAtlas, Workers
from platonic_atlas.engine.cli.printing import report, table
from platonic_atlas.engine.progress import bar

if TYPE_CHECKING:
    from platonic_atlas.engine.types import ModelSpec, Outcome

HEADINGS = ("model", "trained on", "licence", "embedded here", "environment", "weights", "what to do next")
SPARE = ("licence", "trained on", "weights", "environment")  # where a terminal is narrow, the first ones first
REASONS = 3  # that the line of a model names
env = typer.Typer(no_args_is_help=True, help="The Python environments of the model families.")


def models(atlas: MaybeAtlas = None, as_json: AsJson = False, env_root: EnvRoot = None) -> None:
    """The catalogue: what each model is, what it needs, and what the atlas holds.

    Example: platonic models --json
    """
    from platonic_atlas.engine.extract.environments import find_weights, ready
    from platonic_atlas.engine.models.catalogue import catalogue

    embedded = _embedded(atlas)
    rows = [
        {
            "name": spec.name, "family": spec.family, "trained_on": spec.trained_on, "licence": spec.licence,
            "control": spec.control, "environment_ready": ready(spec.family, env_root=env_root),
            "weights_found": spec.control or find_weights(spec, env_root=env_root) is not None, "embedded": spec.name in embedded, "needs": spec.needs,
        }
        for spec in catalogue().values()
    ]  # fmt: skip
    if as_json:
        report({"models": rows}, as_json)
        return
    for title, group in _groups(rows).items():
        table(HEADINGS, [_model_row(row, atlas) for row in group], title, SPARE)


def _groups(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Title -> the models of a group, in the order of the catalogue; those that need a file of the user's come last."""
    from platonic_atlas.engine.models.catalogue import default_models

    shown = set(default_models())
    groups: dict[str, list[Mapping[str, Any]]] = {"Shown by default": [], "Further trained models": [], "Controls, which learned nothing": [],
                                                  "Models whose file you bring": []}  # fmt: skip
    first, further, controls, brought = groups.values()
    for row in rows:
        group = first if row["name"] in shown else controls if row["control"] else brought if row["needs"] else further
        group.append(row)
    return {title: group for title, group in groups.items() if group}


def _model_row(row: Mapping[str, Any], atlas: str | None) -> list[str]:
    ready, found = row["environment_ready"], row["weights_found"]
    if row["embedded"]:
        step = ""
    elif not ready:
        step = f"platonic env sync {row['family']}"
    elif not found and row["needs"]:
        step = f"needs {row['needs']}"
    else:
        step = f"platonic embed {atlas or 'ATLAS'} --model {row['name']}"
    weights = (
        "none needed" if row["control"] else "here" if found else "not here" if row["needs"] else "with its package"
    )
    return [
        row["name"],
        row["trained_on"],
        row["licence"],
        "yes" if row["embedded"] else "",
        "ready" if ready else "missing",
        weights,
        step,
    ]


def _embedded(path: str | None) -> list[str]:
    from platonic_atlas.engine.errors import AtlasMissing
    from platonic_atlas.engine.store import open_atlas

    try:
        return open_atlas(path).models()
    except AtlasMissing:
        if path is not None:
            raise
        return []


def embed(
    atlas: AtlasPath,
    model: Annotated[
        list[str],
        typer.Option(help="repeat for several; `platonic models` lists them; `paper` stands for the paper's seven"),
    ],
    family: Annotated[str | None, typer.Option(help="family of a checkpoint of your own")] = None,
    layer: Annotated[list[str] | None, typer.Option(help="where the networks are read; default: readout")] = None,
    weights: Annotated[Path | None, typer.Option(help="a checkpoint file, or a folder of them")] = None,
    trust_weights: Annotated[
        bool, typer.Option("--trust-weights", help="load a pickle whose SHA-256 is not in the catalogue")
    ] = False,
    device: Annotated[str, typer.Option(help="a device of torch: cpu, cuda, cuda:1, mps, xpu")] = "cpu",
    workers: Workers = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="address of a Dask scheduler whose workers do the chunks")
    ] = None,
    rotations: Annotated[
        int | None,
        typer.Option(
            min=1, max=60, help="orientations to average over, 1 to 60, for models that are not invariant; default: 8"
        ),
    ] = None,
    env_root: EnvRoot = None,
) -> None:
    """Embed an atlas with models; stopped at any moment, the same command goes on.

    Example: platonic embed my.atlas.zarr --model sevennet-0 --model chgnet-0.3.0
    """
    from platonic_atlas.engine.extract.runner import with_rotations
    from platonic_atlas.engine.models.catalogue import spelled_out, user_model
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.embed import embed as run

    specs = [user_model(name, family=family, weights=weights) for name in spelled_out(model)]
    _say_licences(specs)
    if rotations is not None:
        specs = [with_rotations(spec, rotations) for spec in specs]
    with bar() as progress:
        run(open_atlas(atlas), specs, layers=layer or ["readout"], weights=weights, trust_weights=trust_weights, device=device, workers=workers,
            scheduler=scheduler, env_root=env_root, progress=progress, told=lambda outcome: typer.echo(outcome_line(outcome)))  # fmt: skip


def outcome_line(outcome: Outcome) -> str:
    """What became of one model: how many structures, how fast, and the common reasons of the others."""
    done, n = outcome.n_embedded, outcome.n_structures
    if not done:
        line = f"embeds none of the {n} structures and is not part of the atlas"
    elif not outcome.n_atoms:
        line = f"{done} of {n} structures, there already"
    else:
        rate = outcome.n_atoms / max(outcome.seconds, 1e-3)
        line = f"{done} of {n} structures embedded in {outcome.seconds:.1f} s ({rate:.0f} atoms/s)"
    return f"{outcome.model}: {line}{_reasons(outcome.refused)}"


def _reasons(refused: Mapping[str, int]) -> str:
    if not refused:
        return ""
    told = [f"{why} ({count})" for why, count in list(refused.items())[:REASONS]]
    if others := list(refused.values())[REASONS:]:
        told.append(f"and for {len(others)} other reason{'s' if len(others) > 1 else ''} ({sum(others)})")
    return f"; {sum(refused.values())} refused: {', '.join(told)}"


def _say_licences(specs: Sequence[ModelSpec]) -> None:
    for spec in specs:
        if "academic" in spec.licence:
            typer.echo(f"{spec.title}: licence {spec.licence}; nothing derived from it may be shipped", err=True)


@env.command("sync", short_help="Make the environment of one or several families with uv.")
def env_sync(
    families: Annotated[list[str] | None, typer.Argument(metavar="FAMILY…")] = None,
    every: Annotated[bool, typer.Option("--all", help="every environment")] = False,
    env_root: EnvRoot = None,
) -> None:
    """Make the environment of one or several families with uv.

    Example: platonic env sync sevennet mace
    """
    from platonic_atlas.engine.errors import UsageError
    from platonic_atlas.engine.extract.environments import environment_names, sync

    if bool(families) == every:
        raise UsageError(
            "No family is named." if not every else "Families are named, and --all is given.",
            "An environment is made for the families named, or for all of them.",
            "Say one of: platonic env sync sevennet, platonic env sync --all",
        )
    for family in families or environment_names():
        made = sync(family, env_root=env_root)
        typer.echo(f"{family}: {made[0] if made else 'needs no environment of its own'}")


@env.command("list", short_help="State, size and versions of the environments.")
def env_list(as_json: AsJson = False, env_root: EnvRoot = None) -> None:
    """State, size and versions of the environments.

    Example: platonic env list
    """
    from platonic_atlas.engine.extract.environments import describe, environment_root

    rows = describe(env_root=env_root)
    if as_json:
        report({"environments": rows}, as_json)
        return
    table(
        ["environment", "state", "families", "size", "holds", "what to do next"],
        [_environment_row(row) for row in rows],
    )
    typer.echo(f"They lie in {environment_root(env_root)}")


def _environment_row(row: Mapping[str, Any]) -> list[str]:
    holds = ", ".join(f"{package} {version}" for package, version in row["versions"].items())
    size = f"{row['size_mb'] / 1000:.1f} GB" if row["size_mb"] else ""
    step = "" if row["state"] == "ready" else f"platonic env sync {row['name']}"
    return [row["name"], row["state"], ", ".join(row["families"]), size, holds, step]
