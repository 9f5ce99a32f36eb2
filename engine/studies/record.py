"""What a study found, one record a kind of study; `printed` is what the command line prints with --json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Self

from platonic_atlas.engine.stitching.matrix import Reversal, Rung
from platonic_atlas.engine.store.made_from import MadeFrom
from platonic_atlas.engine.studies.study import Study
from platonic_atlas.engine.studies.written import written

Span = tuple[float | None, float | None]


class Reason(StrEnum):
    """Why there are no energies."""

    NO_SITE_ENERGIES = "no-site-energies"  # the target has none of single atoms
    OWN_CHECKPOINT = "own-checkpoint"  # it is of no catalogue: it cannot be started from its name
    NOT_HERE = "not-here"  # its environment is missing here, which an installation ends
    NO_WEIGHTS = "no-weights"  # its weights are missing here, and its package could not fetch them
    FAILED = "failed"  # its readout failed in a study of many: the others are kept, and the next run tries again


@dataclass(frozen=True)
class NoEnergies:
    """Why there are no energies, and that in a sentence."""

    reason: Reason
    detail: str


@dataclass(frozen=True)
class Score:
    """A score.

    value : mean over the splits, None where nothing is left to explain ; range : smallest and largest of them, None
    for what one split gives ; interval : 95 %, bootstrap over test structures of the first split
    """

    value: float | None
    range: Span | None = None
    interval: Span | None = None


@dataclass(frozen=True)
class CurvePoint:
    """`r2` at a number of training sites or anchors: over the splits."""

    n: float
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """Points over a number of what `over` names; empty for a method that has none."""

    over: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Worst:
    """A structure and the mean error of its sites, in units of the target's spread."""

    structure: int
    error: float


@dataclass(frozen=True)
class EnergyError:
    """A mean absolute error [eV/atom], its 95 % interval over crystals, and the median over crystals."""

    value: float
    interval: tuple[float, float]
    median: float | None = None


@dataclass(frozen=True)
class Compared:
    """Energies per atom [eV] of the crystals of a parity, and the stitched ones fitted to them; None where none is."""

    energies: tuple[float | None, ...]
    fitted: tuple[float | None, ...]


@dataclass(frozen=True)
class Parity:
    """Crystal by crystal: structures of the atlas, stitched energies per atom [eV], and those of `others`."""

    structures: tuple[int, ...]
    stitched: tuple[float, ...]
    others: dict[str, Compared]


@dataclass(frozen=True)
class Energies:
    """Energies of crystals that no fit saw.

    errors : against `target` (B's own energies), `source` (A's own), `reference` (those of the input), each raw and
    with `_fitted` after a per-element fit of the difference; `elements` (what B's own leave after one)
    shifts : name -> symbol -> eV of the fit ; baselines : name -> error to the target, fitted
    """

    errors: dict[str, EnergyError]
    shifts: dict[str, dict[str, float]]
    parity: Parity
    baselines: dict[str, EnergyError]

    def printed(self) -> dict[str, Any]:
        errors = self.errors.items()
        return {
            "intervals": {name: list(error.interval) for name, error in errors},
            "medians": {name: error.median for name, error in errors if error.median is not None},
            "shifts": self.shifts,
            "parity": written(self.parity),
            **{name: error.value for name, error in errors},
            "baselines": {
                name: {"target_fitted": each.value, "interval": list(each.interval), "median": each.median}
                for name, each in self.baselines.items()
            },
        }


class ReadOf(StrEnum):
    """What a relative readout was learned on."""

    SITES = "sites"
    CRYSTALS = "crystals"

    @property
    def words(self) -> str:
        return {
            ReadOf.SITES: "site energies of the source, less the mean of each element",
            ReadOf.CRYSTALS: "energies per atom of the source, less a fit by composition, from the mean cosines of each crystal",
        }[self]


@dataclass(frozen=True)
class Stitch(Study):
    """One model translated into another, beside its controls.

    anchors : empty where the method uses none ; scores : name -> score of `r2`, `r2_raw`, retrieval (`atom_at_1` …)
    and `energy_mae` [eV/atom], those that the method has ; baselines : the same where there is nothing to learn from
    left_out : structures with sites that a model throws far off ; elements : atomic number -> error in units of the
    target's spread ; read_of : of a relative readout only
    """

    kind: ClassVar[str] = "stitch"
    source: str
    target: str
    method: str
    anchors: str
    scores: dict[str, Score]
    baselines: dict[str, dict[str, Score]]
    left_out: tuple[int, ...]
    made_from: MadeFrom
    curve: Curve | None = None
    elements: dict[int, float] | None = None
    worst: tuple[Worst, ...] | None = None
    energies: Energies | None = None
    no_energies: NoEnergies | None = None
    read_of: ReadOf | None = None

    def printed(self) -> dict[str, Any]:
        """One flat object; keys that the method does not have are left out."""
        told: dict[str, Any] = {name: getattr(self, name) for name in ("source", "target", "method", "anchors")}
        told |= printed_scores(self.scores)
        told["baselines"] = {name: printed_scores(each) for name, each in self.baselines.items()}
        for name in ("curve", "elements", "worst"):
            if (value := getattr(self, name)) is not None:
                told[name] = written(value)
        if self.read_of is not None:
            told["energies"] = {"what": self.read_of.words, "of": self.read_of.value}
        elif self.no_energies is not None:
            told |= {"energies": {"reason": self.no_energies.detail}, "energy_mae": None}
        elif self.energies is not None:
            told |= {"energy_mae": None, **told, "energies": self.energies.printed()}
        return told | {"left_out": list(self.left_out)}

    @classmethod
    def label(cls, parameters: Mapping[str, Any]) -> str:
        return "-".join(str(parameters[name]) for name in ("source", "target", "method"))

    @classmethod
    def former(cls, parameters: Mapping[str, Any]) -> tuple[str, str, str]:
        return str(parameters["source"]), str(parameters["target"]), f"{parameters['method']}-"


def printed_scores(scores: Mapping[str, Score]) -> dict[str, Any]:
    """Values, ranges over the splits and intervals; what is retrieved in an object of its own."""
    flat: dict[str, Any] = {}
    plain = {name: score for name, score in scores.items() if not _is_retrieval(name)}
    for name, score in plain.items():
        flat[name] = score.value
        if score.range is not None:
            flat[f"{name}_range"] = list(score.range)
    nearest = {name: score for name, score in scores.items() if _is_retrieval(name)}
    if nearest:
        flat["retrieval"] = {name: score.value for name, score in nearest.items()}
        flat["retrieval_range"] = {name: list(score.range or ()) for name, score in nearest.items()}
    return flat | {"intervals": {name: list(s.interval) for name, s in scores.items() if s.interval is not None}}


def _is_retrieval(name: str) -> bool:
    return "_at_" in name


@dataclass(frozen=True)
class Table:
    """A score of all pairs: (source, target) nested, None where there is none.

    Over the splits; of `energy_mae` mean and median are over crystals, low and high the interval of the mean.
    """

    mean: tuple[tuple[float | None, ...], ...]
    median: tuple[tuple[float | None, ...], ...]
    low: tuple[tuple[float | None, ...], ...]
    high: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class AllPairs(Study):
    """Every model translated into every other by ridge.

    sites : how many all models embed ; left_out : structures with sites that some model throws far off
    scores : r2, r2_raw, atom_at_1, element_at_1, structure_at_1 and, where energies were asked for, energy_mae [eV/atom]
    no_energies : target -> why it has none; None where energies were not asked for
    """

    kind: ClassVar[str] = "all-pairs"
    models: tuple[str, ...]
    controls: tuple[str, ...]
    sites: int
    left_out: tuple[int, ...]
    scores: dict[str, Table]
    ladder: tuple[Rung, ...]
    reversals: tuple[Reversal, ...]
    made_from: MadeFrom
    no_energies: dict[str, NoEnergies] | None = None

    def with_energies(self, table: Table, reasons: dict[str, NoEnergies]) -> Self:
        return replace(self, scores={**self.scores, "energy_mae": table}, no_energies=reasons)

    def printed(self) -> dict[str, Any]:
        told: dict[str, Any] = written(self)
        del told["made_from"]
        del told["no_energies"]
        if self.no_energies is not None:
            told["reasons"] = {target: why.detail for target, why in self.no_energies.items()}
        return told

    @classmethod
    def label(cls, parameters: Mapping[str, Any]) -> str:
        return str(parameters["method"])

    @classmethod
    def former(cls, parameters: Mapping[str, Any]) -> tuple[str, str, str]:
        return "all", "all", f"{parameters['method']}-"


@dataclass(frozen=True)
class SumScores:
    """Scores of sums in one model: of a - b + c, and of c alone; name (element, prototype, site; at_1, at_5) -> share."""

    sum: dict[str, float]
    only_c: dict[str, float]


@dataclass(frozen=True)
class AnalogyScores(Study):
    """Analogies in each model, and from one to another.

    n : how many were scored ; chance : what random sites would answer ; across : source -> target -> shares of the
    sums of the source answered in the target
    """

    kind: ClassVar[str] = "analogies"
    anchors: str
    n: int
    chance: dict[str, float]
    models: dict[str, SumScores]
    across: dict[str, dict[str, dict[str, float]]]
    made_from: MadeFrom

    def printed(self) -> dict[str, Any]:
        told = asdict(self)
        del told["made_from"]
        return told

    @classmethod
    def label(cls, parameters: Mapping[str, Any]) -> str:
        return str(parameters["anchors"])

    @classmethod
    def former(cls, parameters: Mapping[str, Any]) -> tuple[str, str, str]:
        return "all", "all", "analogies-"


@dataclass(frozen=True)
class CrystalEnergies(Study):
    """Energies per atom [eV] of an atlas' structures by a model, (n_structures,); None where it refuses one."""

    kind: ClassVar[str] = "crystal-energies"
    model: str
    per_atom: tuple[float | None, ...]
    made_from: MadeFrom

    @classmethod
    def label(cls, parameters: Mapping[str, Any]) -> str:
        return str(parameters["model"])

    @classmethod
    def former(cls, parameters: Mapping[str, Any]) -> tuple[str, str, str]:
        return str(parameters["model"]), str(parameters["model"]), "energies-of-crystals-"
