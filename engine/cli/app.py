"""The command `platonic`: each command a few lines over one verb of the engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from platonic_atlas.engine.cli.options import AsJson, AtlasPath, EnvRoot, Force, MaybeAtlas
from platonic_atlas.engine.cli.printing import report
from platonic_atlas.engine.cli.stitching import analogies, stitch, stitch_all, studies
from platonic_atlas.engine.errors import PlatonicError
from platonic_atlas.engine.progress import bar

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="What have foundation interatomic potentials learned? Explore it in one shared space.",
)  # fmt: skip
env = typer.Typer(no_args_is_help=True, help="The Python environments of the model families.")
app.add_typer(env, name="env")


def main() -> None:
    """Run the command line; a user's mistake is three lines, never a traceback."""
    try:
        app()
    except PlatonicError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Stopped. What is complete is kept; the same command goes on from there.", err=True)
        sys.exit(1)


@app.command()
def serve(
    atlas: MaybeAtlas = None,
    port: Annotated[int, typer.Option(help="the next free one is taken where it is busy")] = 5006,
    address: Annotated[str, typer.Option(help="where to listen; beyond loopback others can see it")] = "127.0.0.1",
    allow_origin: Annotated[list[str] | None, typer.Option(help="HOST:PORT that a proxy serves it under")] = None,
    show: Annotated[bool, typer.Option("--show/--no-show", help="open a browser")] = True,
) -> None:
    """Open the dashboard.

    Example: platonic serve my.atlas.zarr --port 5010
    """
    import os
    import subprocess

    from platonic_atlas.engine.store.files import resolve

    found = resolve(atlas)
    command = [
        sys.executable,
        "-P",
        "-m",
        "platonic_atlas.dashboard",
        str(found),
        "--port",
        str(port),
        "--address",
        address,
    ]
    command += [word for origin in allow_origin or [] for word in ("--allow-origin", origin)]
    command += [] if show else ["--no-show"]
    if os.name == "posix":
        os.execv(sys.executable, command)  # the server takes this process's place: who ends it ends the server
    raise typer.Exit(subprocess.call(command))


@app.command()
def ingest(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT…", help="anything ASE reads, folders, MP-20 csv")],
    to: Annotated[str, typer.Option(help="the atlas to make")],
    primitive: Annotated[bool, typer.Option("--primitive", help="reduce to primitive cells")] = False,
    orbits: Annotated[
        bool, typer.Option("--orbits/--no-orbits", help="one row a symmetry orbit, or one an atom")
    ] = True,
    coordination: Annotated[
        bool,
        typer.Option("--coordination/--no-coordination", help="coordination numbers by CrystalNN, about 20 ms a site"),
    ] = True,
    on_error: Annotated[str, typer.Option(help="skip or fail")] = "skip",
    force: Force = False,
) -> None:
    """Make an atlas from structures; those that cannot be used are listed with their reason.

    Example: platonic ingest crystals/*.cif --to my.atlas.zarr --primitive
    """
    from platonic_atlas.engine.structures.collect import ingest as make

    with bar() as progress:
        made = make(inputs, to, primitive=primitive, orbits=orbits, coordination=coordination, on_error=on_error,
                    force=force, progress=progress)  # fmt: skip
    for reject in made.rejects():
        typer.echo(
            f"left out  {reject['id'] or reject['input_index']}  {reject['source']}  {reject['reason']}", err=True
        )
    typer.echo(f"{made.path}: {made.n_structures} structures, {made.n_sites} sites, {len(made.rejects())} left out")


@app.command()
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
    device: Annotated[str, typer.Option(help="cpu or cuda")] = "cpu",
    workers: Annotated[int, typer.Option(help="processes")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="address of a Dask scheduler whose workers do the chunks")
    ] = None,
    rotations: Annotated[
        int | None,
        typer.Option(help="orientations to average over, 1 to 60, for models that are not invariant; default: 8"),
    ] = None,
    env_root: EnvRoot = None,
) -> None:
    """Embed an atlas with models; stopped at any moment, the same command goes on.

    Example: platonic embed my.atlas.zarr --model sevennet-0 --model chgnet-0.3.0
    """
    from platonic_atlas.engine.extract.runner import embed as run
    from platonic_atlas.engine.extract.runner import with_rotations
    from platonic_atlas.engine.models.catalogue import spelled_out, user_model
    from platonic_atlas.engine.store import open_atlas

    specs = [user_model(name, family=family, weights=weights) for name in spelled_out(model)]
    for spec in specs:
        if "academic" in spec.licence:
            typer.echo(f"{spec.title}: licence {spec.licence}; nothing derived from it may be shipped", err=True)
    if rotations is not None:
        specs = [with_rotations(spec, rotations) for spec in specs]
    with bar() as progress:
        run(open_atlas(atlas), specs, layers=layer or ["readout"], weights=weights, trust_weights=trust_weights, device=device, workers=workers,
            scheduler=scheduler, env_root=env_root, progress=progress)  # fmt: skip


@app.command()
def anchors(
    atlas: AtlasPath,
    name: Annotated[str, typer.Option(help="what to call the set")],
    strategy: Annotated[str, typer.Option(help="direct, farthest, kmeans, element, random or file")],
    n: Annotated[int | None, typer.Option("-n", help="how many")] = None,
    file: Annotated[Path | None, typer.Option(help="atoms by position in the input")] = None,
    reference: Annotated[str | None, typer.Option(help="the model in whose space they are chosen")] = None,
    seed: Annotated[int, typer.Option(help="of what is drawn at random")] = 0,
) -> None:
    """Choose anchors and keep them in the atlas.

    Example: platonic anchors my.atlas.zarr --name direct-100 --strategy direct -n 100
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.choose_anchors import choose_anchors

    sites = choose_anchors(
        open_atlas(atlas), name=name, strategy=strategy, n=n, file=file, reference=reference, seed=seed
    )
    typer.echo(f"{name}: {len(sites)} anchors")


@app.command()
def layout(
    atlas: AtlasPath,
    anchors: Annotated[str, typer.Option(help="an anchor set of the atlas")],
    method: Annotated[str, typer.Option(help="pca or umap")] = "umap",
    frame: Annotated[str, typer.Option(help="shared or own")] = "shared",
    layer: Annotated[str, typer.Option(help="where the networks are read")] = "readout",
    models: Annotated[list[str] | None, typer.Option(help="default: all of the atlas")] = None,
    balance: Annotated[str, typer.Option(help="elements or atoms")] = "elements",
    center: Annotated[bool, typer.Option("--center/--no-center")] = True,
    aligned: Annotated[bool, typer.Option("--aligned", help="AlignedUMAP: slower, one embedding for all")] = False,
    seed: Annotated[int, typer.Option(help="of UMAP")] = 0,
) -> None:
    """Compute a layout of every model and store it.

    Example: platonic layout my.atlas.zarr --anchors element-89 --method umap
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.layout import layout as make

    with bar() as progress:
        name = make(open_atlas(atlas), anchors=anchors, method=method, frame=frame, models=models,  # type: ignore[arg-type]
                    layer=layer, balance=balance, centre=center, aligned=aligned, seed=seed, progress=progress)  # type: ignore[arg-type]  # fmt: skip
    typer.echo(name)


for _command in (stitch, stitch_all, analogies, studies):
    app.command(_command.__name__.replace("_", "-"))(_command)


@app.command()
def build(
    recipe: Annotated[Path, typer.Argument(help="a TOML recipe; see data/recipes")],
    to: Annotated[Path | None, typer.Option(help="the atlas to make (default: named by the recipe)")] = None,
    weights: Annotated[Path | None, typer.Option(help="a folder of checkpoints")] = None,
    trust_weights: Annotated[
        bool, typer.Option("--trust-weights", help="load pickles whose SHA-256 is not in the catalogue")
    ] = False,
    env_root: EnvRoot = None,
    workers: Annotated[int, typer.Option(help="processes")] = 1,
) -> None:
    """Everything from one recipe: structures, embeddings, anchors, layouts, the packed file. Resumable.

    Example: platonic build data/recipes/default.toml --to default.atlas.zip
    """
    from platonic_atlas.engine.verbs.build import build as run

    with bar() as progress:
        made = run(recipe, to=to, weights=weights, trust_weights=trust_weights, env_root=env_root, workers=workers,
                   progress=progress)  # fmt: skip
    typer.echo(made)


@app.command()
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
    report({"models": rows}, as_json, rows=rows)


def _embedded(path: str | None) -> list[str]:
    from platonic_atlas.engine.errors import AtlasMissing
    from platonic_atlas.engine.store import open_atlas

    try:
        return open_atlas(path).models()
    except AtlasMissing:
        if path is not None:
            raise
        return []


@app.command()
def status(atlas: MaybeAtlas = None, as_json: AsJson = False) -> None:
    """What an atlas holds, what is stale and what is not finished.

    Example: platonic status my.atlas.zarr
    """
    from platonic_atlas.engine.store import open_atlas

    found = open_atlas(atlas)
    held = {
        "n_structures": found.n_structures, "n_atoms": found.n_atoms, "n_sites": found.n_sites,
        "models": found.models(), "anchors": found.anchor_sets(), "layouts": sorted(found.layouts()),
        "stale": found.stale(), "incomplete": found.incomplete(), "rejected": len(found.rejects()),
    }  # fmt: skip
    report(held, as_json)


@app.command()
def verify(atlas: MaybeAtlas = None, as_json: AsJson = False) -> None:
    """Check every array and document of an atlas against its checksum.

    Example: platonic verify my.atlas.zarr
    """
    from platonic_atlas.engine.store import open_atlas

    damaged = open_atlas(atlas).damaged()
    report({"ok": not damaged, "damaged": damaged}, as_json)
    raise typer.Exit(1 if damaged else 0)


@app.command()
def unpack(
    to: Annotated[Path, typer.Option(help="the folder to make, *.atlas.zarr")],
    atlas: MaybeAtlas = None,
    force: Force = False,
) -> None:
    """Copy a shipped atlas into a folder that can grow, so that more models can be embedded.

    Example: platonic unpack --to mine.atlas.zarr
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.store.pack import unpack as copy

    typer.echo(copy(open_atlas(atlas), to, force=force))


@env.command("sync")
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


@env.command("list")
def env_list(as_json: AsJson = False, env_root: EnvRoot = None) -> None:
    """State, size and versions of the environments.

    Example: platonic env list
    """
    from platonic_atlas.engine.extract.environments import describe

    rows = describe(env_root=env_root)
    report({"environments": rows}, as_json, rows=rows)
