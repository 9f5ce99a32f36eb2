"""The commands of an atlas as a whole: `ingest`, `status`, `verify`, `unpack`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platonic_atlas.engine.choices import OnError
from platonic_atlas.engine.cli.ingested import tell_ingested
from platonic_atlas.engine.cli.options import AsJson, Force, MaybeAtlas
from platonic_atlas.engine.cli.printing import report
from platonic_atlas.engine.progress import bar


def ingest(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT…", help="files of structures, folders of them, tables")
    ],
    to: Annotated[str, typer.Option(help="the atlas to make")],
    primitive: Annotated[bool, typer.Option("--primitive", help="reduce to primitive cells")] = False,
    orbits: Annotated[
        bool, typer.Option("--orbits/--no-orbits", help="one row a symmetry orbit, or one an atom")
    ] = True,
    coordination: Annotated[
        bool,
        typer.Option("--coordination/--no-coordination", help="coordination numbers by CrystalNN"),
    ] = True,
    on_error: Annotated[OnError, typer.Option(help="leave out what cannot be used, or stop there")] = OnError.SKIP,
    elements: Annotated[
        str, typer.Option(metavar="A,B", help="elements of the types 1, 2, … where a file holds types only")
    ] = "",
    every: Annotated[int, typer.Option(metavar="N", help="one frame of N of each file")] = 1,
    last: Annotated[bool, typer.Option("--last", help="only the last frame of each file")] = False,
    force: Force = False,
) -> None:
    """Make an atlas from structures; those that cannot be used are listed with their reason.

    Example: platonic ingest crystals/*.cif --to my.atlas.zarr --primitive
    """
    from platonic_atlas.engine.verbs.ingest import ingest as make

    named = [symbol.strip() for symbol in elements.split(",") if symbol.strip()]
    with bar(lines=True) as progress:
        made = make(inputs, to, primitive=primitive, orbits=orbits, coordination=coordination, on_error=on_error,
                    elements=named, every=every, last=last, force=force, progress=progress)  # fmt: skip
    tell_ingested(made)


def status(atlas: MaybeAtlas = None, as_json: AsJson = False) -> None:
    """What an atlas holds, what is stale and what is not finished.

    Example: platonic status my.atlas.zarr
    """
    from platonic_atlas.engine.store import open_atlas

    found = open_atlas(atlas)
    stale = found.stale()
    held = {
        "n_structures": found.n_structures, "n_atoms": found.n_atoms, "n_sites": found.n_sites,
        "models": found.models(), "anchors": found.anchor_sets(), "layouts": sorted(found.layouts()),
        "stale": list(stale) if as_json else [f"{path} ({why})" for path, why in stale.items()],
        "incomplete": found.incomplete(), "half_made": found.half_made(), "rejected": len(found.rejects()),
    }  # fmt: skip
    if damaged := found.damaged_labels() | found.damaged_derived():
        held["damaged"] = damaged if as_json else list(damaged.values())
    if pairs := found.cross_pairs():
        held["cross_moments"] = pairs if as_json else [f"{count} pairs ({where})" for where, count in pairs.items()]
    if keys := found.energy_keys():
        held["energies"] = keys if as_json else [f"{name} ({count})" for name, count in keys.items()]
    if notes := found.notes():
        held["changed"] = notes if as_json else [f"{note} ({count})" for note, count in notes.items()]
    report({**held, "stale_because": stale} if as_json else held, as_json)


def verify(atlas: MaybeAtlas = None, as_json: AsJson = False) -> None:
    """Check every array and document of an atlas against its checksum.

    Example: platonic verify my.atlas.zarr
    """
    from platonic_atlas.engine.store import open_atlas

    found = open_atlas(atlas)
    damaged = found.damaged()
    earlier = "whether something is missing whole: an earlier version made it, and did not say what it consists of"
    unchecked = {} if found.names_its_parts() else {"unchecked": earlier}
    report({"ok": not damaged, "damaged": damaged, **unchecked}, as_json)
    raise typer.Exit(1 if damaged else 0)


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
    from platonic_atlas.engine.store.targets import new_folder

    new_folder(to)
    typer.echo(copy(open_atlas(atlas), to, force=force))
