"""What the tests of workers share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from platonic_atlas.engine.store import Atlas
from platonic_atlas.engine.verbs.embed import embed
from tests.engine import fake_family


@pytest.fixture(scope="module")
def springs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A family that a third party installed."""
    folder = tmp_path_factory.mktemp("site")
    fake_family.install(folder)
    yield folder
    fake_family.remove(folder)


@pytest.fixture(scope="module")
def whole(springs: Path, tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """What one worker writes undisturbed, to be read; each worker is a second of work."""
    from tests.engine.extract.test_runner import SPRINGS, new_atlas

    atlas = new_atlas(tmp_path_factory.mktemp("whole") / "a.atlas.zarr")
    embed(atlas, [SPRINGS], workers=1)
    return atlas
