"""The report of the command `anchors`: tables for people, JSON for programs, and rows for spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from platonic_atlas.engine.cli.printing import report, table
from platonic_atlas.engine.errors import UsageError
from platonic_atlas.engine.progress import bar

if TYPE_CHECKING:
    from platonic_atlas.engine.anchors.card import AnchorCard
    from platonic_atlas.engine.anchors.curve import Curve
    from platonic_atlas.engine.studies.anchor_study import AnchorStudy

LISTED = 10  # anchors at each end of the list; the rest is in --json and --csv
SHUFFLED = {"all_sites": "shuffled", "within_elements": "shuffled within elements"}


def tell(atlas: str, csv: Path | None, force: bool, as_json: bool, **asked: Any) -> None:
    """Measure a set and print it, or write it to a file.

    asked : what the verb `anchor_report` takes
    """
    from platonic_atlas.engine.store import open_atlas
    from platonic_atlas.engine.verbs.anchor_report import anchor_report

    if csv is not None:
        _require_new(csv, force)
    with bar() as progress:
        study = anchor_report(open_atlas(atlas), **asked, progress=progress)
    if as_json:
        report(study.printed(), as_json)
    elif csv is not None:
        from platonic_atlas.engine.sheet import sheet
        from platonic_atlas.engine.studies.anchor_printed import COLUMNS, rows

        lines = list(rows(study))
        csv.write_text(sheet(COLUMNS, lines), encoding="utf-8", newline="")
        typer.echo(f"{csv}: {len(lines)} numbers and words of {study.name}")
    else:
        _print(study)


def _require_new(file: Path, force: bool) -> None:
    """Before anything is computed."""
    if file.exists() and (file.is_dir() or not force):
        raise UsageError(
            f"{file} is {'a folder' if file.is_dir() else 'there already'}.",
            "The numbers are written to a file of their own.",
            "Name another file with --csv."
            if file.is_dir()
            else "Name another one with --csv, or replace it with --force.",
        )
    if not file.parent.is_dir():
        raise UsageError(
            f"There is no folder {file.parent}.",
            "The numbers are written to a file in a folder that is there.",
            "Make the folder, or name another file with --csv.",
        )


def _print(study: AnchorStudy) -> None:
    both = [study, *([study.against] if study.against else [])]
    for each in both:
        _headline(each)
    typer.echo("")
    _shared(both)
    _agreement(both)
    _redundant(both)
    _covered(both)
    for each in both:
        if each.curve is not None:
            _curve(each, each.curve)
        _anchors(each)
    for each in both:
        for name, why in each.agreement.left_out.items():
            typer.echo(f"{name} is left out of {each.name}: {why}")


def _headline(study: AnchorStudy) -> None:
    space = f" in the space of {study.reference}" if study.reference else ""
    chosen = f", chosen by {study.strategy}{space}" if study.strategy else ""
    how = [
        *(["within elements"] if study.agreement.within_elements else []),
        *([] if study.centred else ["not centred"]),
    ]
    typer.echo(f"{study.name}: {len(study.sites)} anchors{chosen}{''.join(f'; {word}' for word in how)}")


def _shared(both: list[AnchorStudy]) -> None:
    def column(values: Any, axis: int) -> str:
        return told(values[axis]) if axis < len(values) else "–"

    headings, columns = ["axis"], []
    for study in both:
        headings += [_of(study, both, "shared"), *(SHUFFLED[name] for name in study.agreement.null)]
        columns += [study.agreement.shared, *study.agreement.null.values()]
    length = max(len(study.agreement.shared) for study in both)
    rows = [[str(axis + 1), *(column(values, axis) for values in columns)] for axis in range(length)]
    beside = ", beside shuffled rows" if len(columns) > len(both) else ""
    table(headings, rows, f"What all models share along an axis{beside}")


def _agreement(both: list[AnchorStudy]) -> None:
    first = both[0].agreement
    headings = ["model", ""]
    for study in both:
        headings += [_of(study, both, "axis 1"), "axis 2"]
    rows = []
    for model in _models(both):
        kind = "control" if model in first.controls else "" if model in first.shaping else "not shaping"
        values = [told(value) for study in both for value in study.agreement.agreement.get(model, (float("nan"),) * 2)]
        rows.append([model, kind, *values])
    table(headings, rows, "How far each agrees with the others, held out")


def _of(study: AnchorStudy, both: list[AnchorStudy], heading: str) -> str:
    """A heading under the name of its set where there are two."""
    return f"{study.name}\n{heading}" if len(both) > 1 else heading


def _redundant(both: list[AnchorStudy]) -> None:
    headings, rows = ["model"], dict[str, list[str]]()
    for study in both:
        headings += [_of(study, both, "effective rank"), "condition"]
    for model in _models(both):
        rows[model] = [model]
        for study in both:
            of = study.redundancy.get(model)
            condition = "–" if of is None else f"rank {of.rank}" if of.singular else f"{of.condition:.3g}"
            rows[model] += ["–" if of is None else f"{of.effective_rank:.1f}", condition]
    features = {model: str(of.n_features) for study in both for model, of in study.redundancy.items()}
    lines = [[*row, features[model]] for model, row in rows.items()]
    counts = " and ".join(str(len(study.sites)) for study in both)
    table([*headings, "features"], lines, f"How redundant {counts} anchors are", spare=("features",))


def _covered(both: list[AnchorStudy]) -> None:
    headings, rows = ["model"], list[list[str]]()
    for study in both:
        headings += [_of(study, both, "median"), "farthest"]
    for model in _models(both):
        found = [study.coverage.get(model) for study in both]
        values = [("–", "–") if of is None else (told(of.median()), told(of.largest())) for of in found]
        rows.append([model, *(value for pair in values for value in pair)])
    table(headings, rows, "How far sites lie from the nearest anchor")


def _models(both: list[AnchorStudy]) -> list[str]:
    """In the order of the first set, then what only the other one has."""
    return list(dict.fromkeys(model for study in both for model in study.agreement.agreement))


def _curve(study: AnchorStudy, curve: Curve) -> None:
    from platonic_atlas.engine.space.anchor_blocks import mean_agreement

    rows = []
    medians, bands = curve.median(), curve.band()
    for i, count in enumerate(curve.counts):
        spans = [f"{told(band[0][i])} to {told(band[1][i])}" for band in bands]
        rows.append([str(count), told(medians[0][i]), spans[0], told(medians[1][i]), spans[1]])
    found = study.agreement
    own = [told(mean_agreement(found.agreement, names)) for names in (found.shaping, found.controls)]
    rows.append([f"{study.name} ({len(study.sites)})", own[0], "", own[1], ""])
    table(["anchors", "trained", "5 to 95 %", "controls", "5 to 95 %"], rows,
          f"Mean agreement of {len(curve.trained)} random sets of so many anchors, and of this one")  # fmt: skip


def _anchors(study: AnchorStudy) -> None:
    """The anchors at both ends of the list: of influence, or else of how many sites they stand nearest to."""
    cards, found = study.cards, study.influence
    order = list(found.order()) if found else sorted(range(len(cards)), key=lambda i: -cards[i].n_nearest)
    ends = [*order[:LISTED], *order[max(LISTED, len(order) - LISTED) :]]
    what = "influence on agreement" if found else f"sites that they are nearest to in {study.seen_in}"
    cut = "" if len(ends) == len(order) else f" ({LISTED} at each end of {len(order)})"
    named = list(cards[0].environment)
    rows = [
        [str(cards[i].site), *([f"{found.mean[i]:+.4f}"] if found else []), str(cards[i].n_nearest), *_who(cards[i])]
        for i in ends
    ]
    table(["site", *(["influence"] if found else []), "nearest to", "element", "formula", *named, "crystal"], rows,
          f"Anchors of {study.name} by {what}{cut}", spare=("crystal", "wyckoff", "spacegroup", "prototype"))  # fmt: skip


def _who(card: AnchorCard) -> list[str]:
    return [card.element, card.formula, *card.environment.values(), card.crystal]


def told(value: float) -> str:
    """Two digits, or a dash where nothing is known."""
    return "–" if value != value else f"{value:.2f}"
