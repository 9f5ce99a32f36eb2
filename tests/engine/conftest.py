"""What the tests of workers share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import fake_family


@pytest.fixture(scope="module")
def springs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A family that a third party installed."""
    folder = tmp_path_factory.mktemp("site")
    fake_family.install(folder)
    yield folder
    fake_family.remove(folder)
