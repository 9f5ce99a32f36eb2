"""Every error a user can meet, on one screen.

Each error says three things: what happened, what was expected, what to run next.
"""

from __future__ import annotations


class PlatonicError(Exception):
    """Base of all errors of Platonic Atlas; the command line prints it without a traceback."""

    exit_code = 1

    def __init__(self, happened: str, expected: str = "", next_step: str = "") -> None:
        self.happened, self.expected, self.next_step = happened, expected, next_step
        super().__init__("\n".join(line for line in (happened, expected, next_step) if line))


class UsageError(PlatonicError, ValueError):
    """A request that cannot be understood (exit code 2)."""

    exit_code = 2


class InputError(PlatonicError, ValueError):
    """A structure file or table that cannot be used."""


class AtlasError(PlatonicError):
    """An atlas that is missing, damaged, incomplete or of another format."""


class AtlasMissing(AtlasError, FileNotFoundError):
    """Nothing lies at the path of the atlas."""


class AtlasExists(AtlasError, FileExistsError):
    """An atlas would be overwritten."""


class ReadOnlyAtlas(AtlasError, PermissionError):
    """A shipped atlas is never changed."""


class NotInAtlas(AtlasError, KeyError):
    """A model, layer, anchor set or layout that this atlas does not hold (exit code 2)."""

    exit_code = 2

    def __str__(self) -> str:  # KeyError would print the repr of its argument
        return "\n".join(line for line in (self.happened, self.expected, self.next_step) if line)


class AnchorError(PlatonicError, ValueError):
    """Anchors that cannot be chosen or resolved."""


class ModelError(PlatonicError):
    """A model that is unknown, cannot be loaded, or refuses the input."""


class UnknownName(ModelError, ValueError):
    """A model, family or layer that does not exist (exit code 2)."""

    exit_code = 2


class WeightsMissing(ModelError, FileNotFoundError):
    """The checkpoint of a model is not on this machine."""


class UntrustedWeights(ModelError, PermissionError):
    """A pickled checkpoint whose SHA-256 the catalogue does not know."""


class EnvironmentMissing(ModelError):
    """The Python environment of a model family does not exist or is not whole."""


class WorkerError(ModelError, RuntimeError):
    """A worker process died, or hung and was ended; the message carries its last lines.

    structures : the ones of the atlas that it had ; how : it ended, such as "signal 9" or "no sign of life for 60 s"
    """

    structures: tuple[int, ...] = ()
    how: str = ""
    hung: bool = False
