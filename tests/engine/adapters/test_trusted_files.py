"""What is loaded is what was looked at, and what the catalogue lists is what it lists."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from platonic_atlas.engine.adapters import loading
from platonic_atlas.engine.adapters.named_classes import named_classes
from platonic_atlas.engine.adapters.weights import file_digest, private_copy
from platonic_atlas.engine.errors import ModelError, UntrustedWeights
from platonic_atlas.engine.extract.pulse import Reports
from platonic_atlas.engine.extract.worker import Worker
from platonic_atlas.engine.models.catalogue import catalogue
from platonic_atlas.engine.types import ModelSpec

SPEC = ModelSpec("plain", "plain", "Plain", "nothing", "MIT", checkpoint="plain/state.txt")


class Plain:
    """A family whose files run no code, in two of them."""

    pickled = False
    beside = ("settings.txt",)
    loaded = ""

    @classmethod
    def load(cls, spec: ModelSpec, *, weights: Path, device: str) -> Plain:
        if weights.read_text() == "broken":
            raise KeyError("no such weight")
        if weights.read_text() == "foreign":
            raise ModelError(f"{weights} is foreign.", "Ours.", f"Look at {weights.with_name('settings.txt')}")
        made = cls()
        made.loaded = weights.read_text() + weights.with_name("settings.txt").read_text()
        return made


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(loading, "family_adapter", lambda family: Plain)
    (tmp_path / "settings.txt").write_text("settings")
    (tmp_path / "state.txt").write_text("state")
    return tmp_path / "state.txt"


def listed(file: Path) -> ModelSpec:
    """The model as a catalogue lists it, with the digest of each of its files."""
    beside = {"settings.txt": file_digest(file.with_name("settings.txt"))}
    return replace(SPEC, sha256=file_digest(file), options={"beside": beside})


@pytest.mark.parametrize("changed", ["state.txt", "settings.txt"])
def test_a_listed_model_is_its_files_whether_they_are_pickles_or_not(file: Path, changed: str) -> None:
    spec = listed(file)
    assert loading.load_adapter(spec, weights=file).loaded == "statesettings"
    file.with_name(changed).write_text("another")
    with pytest.raises(UntrustedWeights, match="does not know for plain") as refused:
        loading.load_adapter(spec, weights=file)
    assert str(file.with_name(changed)) in refused.value.happened
    assert "--trust-weights" in refused.value.next_step
    assert "another" in loading.load_adapter(spec, weights=file, trust_weights=True).loaded


def test_a_file_beside_that_the_catalogue_does_not_list_is_not_read_unseen(file: Path) -> None:
    with pytest.raises(UntrustedWeights, match=r"settings\.txt"):
        loading.load_adapter(replace(SPEC, sha256=file_digest(file)), weights=file)


def test_a_file_swapped_after_it_was_looked_at_is_not_what_is_loaded(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, looked = listed(file), loading.check_trust

    def swapped(*arguments: Any, **named: Any) -> None:
        looked(*arguments, **named)
        file.write_text("evil")
        file.with_name("settings.txt").write_text("evil")

    monkeypatch.setattr(loading, "check_trust", swapped)
    made = loading.load_model(spec, weights=file)
    assert made.adapter.loaded == "statesettings"
    assert made.checkpoint_sha256 == spec.sha256


def test_the_copy_is_gone_afterwards_and_nobody_elses(file: Path) -> None:
    with private_copy(file, ["settings.txt", "nowhere.txt"]) as copy:
        assert sorted(each.name for each in copy.path.parent.iterdir()) == ["settings.txt", "state.txt"]
        assert copy.path.parent.stat().st_mode & 0o077 == 0
    assert not copy.path.parent.exists()


@pytest.mark.parametrize(
    ("held", "why"), [("broken", r"cannot be read as .*\(KeyError: 'no such weight'\)"), ("foreign", "is foreign")]
)
def test_a_file_that_is_no_checkpoint_is_refused_under_its_own_name(file: Path, held: str, why: str) -> None:
    file.write_text(held)
    with pytest.raises(ModelError, match=why) as refused:
        loading.load_adapter(SPEC, weights=file)
    assert str(file) in refused.value.happened
    assert "platonic-weights-" not in str(refused.value)


def test_every_listed_file_of_a_family_that_reads_several_has_its_digest() -> None:
    from platonic_atlas.engine.adapters.base import family_adapter

    several = [spec for spec in catalogue().values() if family_adapter(spec.family).beside and spec.sha256]
    assert several
    for spec in several:
        assert {Path(spec.checkpoint).name, *spec.options["beside"]} == set(family_adapter(spec.family).beside)


def test_classes_are_found_however_deep_they_are_named() -> None:
    popen = {"@module": "subprocess", "@class": "Popen", "init_args": {"args": ["true"]}}
    assert list(named_classes(json.loads(json.dumps({"a": [1, {"b": popen}]})))) == [("subprocess", "Popen")]
    assert list(named_classes({"a": {"@class": "Popen"}})) == [(None, "Popen")]
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"a": deep}
    with pytest.raises(ModelError, match="deep"):
        list(named_classes(deep))


def test_a_worker_that_loaded_another_file_than_the_first_writes_nothing() -> None:
    worker = Worker(Reports(io.StringIO()))
    worker.checkpoint = "a" * 64
    with pytest.raises(ModelError, match="another one bbbb"):
        worker.chunk({"checkpoint_sha256": "b" * 64, "atlas": "nowhere", "layers": [], "model": "m", "chunk": 0})
