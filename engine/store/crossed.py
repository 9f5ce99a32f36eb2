"""The cross moments of an atlas: sums of pairs of its models, in a group a pair that says which embeddings they are of."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from platonic_atlas.engine.choices import Balance
from platonic_atlas.engine.errors import AtlasError
from platonic_atlas.engine.store import nodes, schema
from platonic_atlas.engine.store.again import embed_command
from platonic_atlas.engine.store.studies import Studies
from platonic_atlas.engine.types import IntArray, PairSums

LARGEST = 4.0 + 1e-6  # of |Σ w x_a x_b|: |x| is 2 at most, and the weights have the sum 1


@dataclass(frozen=True)
class Features:
    """Which features a model has at a layer: digest of their values, empty where it has none, and how many."""

    digest: str = ""
    width: int = 0


class Crossed(Studies):
    """The sums of pairs of models; the models of a pair stand in alphabetical order, and so do its columns."""

    @abstractmethod
    def numbers(self) -> IntArray:
        """See `Atlas`."""

    def features(self, model: str, layer: str) -> Features:
        """What the sums of a model are held against."""
        path = schema.embedding_path(model, layer)
        if not self._complete(path):
            return Features()
        found = nodes.as_array(self._find(f"{path}/embedding"), f"{path}/embedding")
        sealed = found.attrs.get(schema.CHECKSUM)
        digest = sealed.get("data") if isinstance(sealed, Mapping) else None
        return Features(str(digest or "")[:16], int(found.shape[1]))

    def holds_cross(self, layer: str, balance: Balance, pair: tuple[str, str], now: Mapping[str, Features]) -> bool:
        """Whether sums of a pair are there and not stale; now : `features` of the models."""
        path = schema.cross_path(balance, layer, *sorted(pair))
        return self._complete(path) and not self._outdated(path, now)

    def cross_sums(
        self, layer: str, balance: Balance, pair: tuple[str, str], now: Mapping[str, Features]
    ) -> PairSums | None:
        """What is kept of two models, or of one with itself, in the order in which they are named; None where nothing is,
        or what is there is stale.

        now : `features` of the models

        Raises
        ------
        AtlasError
            It is damaged, or not of the sizes that the models have; the message says how to make it again.
        """
        if not self.holds_cross(layer, balance, pair, now):
            return None
        first, second = sorted(pair)
        path = schema.cross_path(balance, layer, first, second)
        try:
            products = self._sums(f"{path}/product", (2, now[first].width, now[second].width))
            sums = self._sums(f"{path}/sum", (2, self._n_elements, now[first].width)) if first == second else None
        except AtlasError as error:
            again = embed_command(self.path, first, self._attrs(schema.embedding_path(first, layer)))
            raise AtlasError(error.happened, error.expected, f"It is made again by: {again}") from error
        return PairSums(products if (first, second) == pair else products.swapaxes(1, 2), sums)

    def write_cross_sums(
        self, layer: str, balance: Balance, pair: tuple[str, str], held: PairSums, now: Mapping[str, Features]
    ) -> None:
        """Keep the sums of a pair, which is named in alphabetical order, of models whose `features` were these."""
        path = schema.cross_path(balance, layer, *pair)
        arrays = {"product": held.products} | ({} if held.sums is None else {"sum": held.sums})
        made_of = self._made_of(path, now)
        self._replace(path, {name: (values, schema.CROSS[name]) for name, values in arrays.items()}, made_of)

    def forget_cross(self, model: str, layer: str) -> None:
        """Take away all pairs of a layer of a model."""
        for balance in Balance:
            room = f"{schema.CROSSED}/{balance}/{layer}"
            self._forget(*(schema.cross_path(balance, layer, first, model) for first in self._own_names(room)))
            self._forget(f"{room}/{model}")
            self._forget(*(each for first in self._own_names(room) if not self._own_names(each := f"{room}/{first}")))
            if not self._own_names(room):
                self._forget(room)

    def cross_pairs(self) -> dict[str, int]:
        """'balance/layer' -> how many pairs are there and not stale."""
        stale = self._stale_cross()
        return dict(Counter("/".join(path.split("/")[2:4]) for path in self._cross_paths() if path not in stale))

    def stale(self) -> dict[str, str]:
        """As of studies, and of pairs of models that were embedded anew."""
        return super().stale() | self._stale_cross()

    def _stale_cross(self) -> dict[str, str]:
        features: Callable[[str, str], Features] = cache(self.features)
        found = {}
        for path in self._cross_paths():
            _, _, _, layer, *pair = path.split("/")
            if why := self._outdated(path, {model: features(model, layer) for model in pair}):
                found[path] = why
        return found

    def _cross_paths(self) -> Iterator[str]:
        """Paths of the pairs that are there."""
        paths: Iterable[str] = [schema.CROSSED]
        for _ in range(schema.CROSSED.count("/") + 1, schema.CROSS_DEPTH):
            paths = [f"{path}/{name}" for path in paths for name in self._group(path)]
        return (path for path in paths if self._complete(path))

    def _made_of(self, path: str, now: Mapping[str, Features]) -> dict[str, Any]:
        """What sums at a path are of."""
        _, _, balance, _, *pair = path.split("/")
        digests = {model: now[model].digest for model in pair}
        return {"atlas": self.checksum, "balance": balance, "embeddings": digests, "format": schema.CROSS_FORMAT}

    def _outdated(self, path: str, now: Mapping[str, Features]) -> str:
        """Why sums no longer hold; empty where they do."""
        held, made_of = self._attrs(path), self._made_of(path, now)
        told, digests = held.get("embeddings") or {}, made_of["embeddings"]
        if anew := [model for model, digest in digests.items() if not digest or told.get(model) != digest]:
            return f"{', '.join(anew)}: embedded anew, or gone"
        return "" if all(held.get(name) == value for name, value in made_of.items()) else "its format changed"

    @cached_property
    def _n_elements(self) -> int:
        return len(np.unique(self.numbers()))

    def _sums(self, path: str, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Sums of the sizes that the models have, none larger than any can be."""
        found = nodes.as_array(self._find(path), path)
        if found.shape != shape:  # before it is unpacked
            raise nodes.unreadable(path, f"it has the shape {found.shape} in place of {shape}")
        values = self._values(path)
        if values.size and np.abs(values).max() > LARGEST:
            raise nodes.unreadable(path, f"it holds {np.abs(values).max():.3g}, where no sum is above 4")
        return values
