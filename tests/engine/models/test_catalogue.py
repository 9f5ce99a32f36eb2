"""The catalogue: complete, refused where it is wrong, and helpful where a name is."""

from __future__ import annotations

import re

import pytest

from platonic_atlas.engine.adapters.base import family_adapter, family_names
from platonic_atlas.engine.errors import ModelError, UsageError
from platonic_atlas.engine.models.catalogue import catalogue, default_models, find_model, read_catalogue, user_model

SEVEN = [
    "mace-mp-0-small",
    "sevennet-0",
    "orb-d3-xs-v2",
    "chgnet-0.3.0",
    "mattersim-1m",
    "nequix-omat",
    "tensornet-matpes-pbe",
]
LISTED_ONLY = [
    "mace-mp-0-medium",
    "mace-mp-0-large",
    "mace-omat-0-medium",
    "sevennet-omat",
    "orb-v3-con-omat",
    "orb-v3-dir-omat",
]


def test_the_seven_default_models_come_first_and_in_order() -> None:
    assert default_models() == SEVEN
    assert list(catalogue())[:7] == SEVEN


def test_every_model_states_training_set_licence_and_origin() -> None:
    for spec in catalogue().values():
        assert spec.title, spec.name
        assert spec.trained_on, spec.name
        assert spec.licence, spec.name
        assert spec.origin, spec.name


def test_every_checkpoint_inside_a_wheel_has_a_digest() -> None:
    for spec in catalogue().values():
        if "/" in spec.checkpoint and not spec.needs:
            assert re.fullmatch(r"[0-9a-f]{64}", spec.sha256 or ""), spec.name


def test_controls_are_marked_and_never_default() -> None:
    controls = [spec.name for spec in catalogue().values() if spec.control]
    assert controls == ["onehot", "soap", "untrained-mace", "untrained-sevennet", "untrained-orb"]
    assert not any(find_model(name).default for name in controls)


def test_listed_models_say_what_they_need() -> None:
    assert all(find_model(name).needs for name in LISTED_ONLY)
    assert "academic" in find_model("mace-omat-0-medium").licence


def test_a_misspelt_model_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ModelError, match="did you mean 'sevennet-l3i5'"):
        find_model("sevennet-l315")


def test_unknown_keys_are_refused_with_a_suggestion() -> None:
    text = '[m]\nfamily = "f"\ntitle = "t"\ntrained_on = "x"\nlicense = "MIT"\n'
    with pytest.raises(ModelError, match=r"unknown key 'license' \(did you mean 'licence'\?\)"):
        read_catalogue(text)


def test_missing_keys_values_outside_tables_and_bad_toml_are_refused() -> None:
    with pytest.raises(ModelError, match="lacks title, trained_on, licence"):
        read_catalogue('[m]\nfamily = "f"\n')
    with pytest.raises(ModelError, match="outside any table"):
        read_catalogue("m = 1\n")
    with pytest.raises(ModelError, match="not valid TOML"):
        read_catalogue("[m\n")


def test_a_checkpoint_of_ones_own_is_a_family_and_a_file() -> None:
    spec = user_model("my-ft", family="sevennet", weights="runs/ft.pth")
    assert (spec.name, spec.family, spec.checkpoint, spec.sha256) == ("my-ft", "sevennet", "ft.pth", None)
    assert user_model("chgnet-0.3.0") == find_model("chgnet-0.3.0")


def test_a_name_of_the_catalogue_and_a_missing_file_are_refused() -> None:
    with pytest.raises(UsageError, match="belongs to the catalogue"):
        user_model("sevennet-0", family="sevennet", weights="ft.pth")
    with pytest.raises(UsageError, match="No checkpoint is given"):
        user_model("my-ft", family="sevennet")


def test_families_without_an_adapter_are_refused_in_three_parts() -> None:
    with pytest.raises(ModelError) as caught:
        family_adapter("nowhere")
    assert "no adapter for the family 'nowhere'" in caught.value.happened
    assert "sevennet" in caught.value.expected
    assert "platonic models" in caught.value.next_step


def test_adapters_are_found_without_loading_what_they_need() -> None:
    import sys

    assert {"sevennet", "chgnet", "diep", "onehot", "untrained-sevennet"} <= set(family_names())
    for family in ("sevennet", "chgnet", "diep", "untrained-sevennet"):
        assert family_adapter(family).environment == "sevennet"
    assert "torch" not in sys.modules
