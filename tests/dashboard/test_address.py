"""Where the server listens, what it says of it, and how an address is taken apart."""

from __future__ import annotations

import re

import pytest
from panel.io import location as panels

from platonic_atlas.dashboard import location
from platonic_atlas.dashboard.__main__ import main
from platonic_atlas.dashboard.address import free_port, names, notice, origin
from platonic_atlas.engine.errors import UsageError


@pytest.mark.parametrize(
    "text", ["not a host", "", "http://a.example", "a.example:port", "a.example/x", "[x]", "a b:1"]
)
def test_what_is_no_host_is_refused_with_how_to_name_one(text: str) -> None:
    with pytest.raises(UsageError, match="--allow-origin atlas"):
        origin(text)


@pytest.mark.parametrize("text", ["a.example", "a.example:8080", "[::1]:80", "*", "10.0.0.1"])
def test_a_host_with_or_without_a_port_is_taken(text: str) -> None:
    assert origin(text) in names("127.0.0.1", 5006, [text])


@pytest.mark.parametrize("words", [["--port", "-1"], ["--port", "70000"], ["--address", "not an address"],
                                   ["--address", "192.0.2.1"], ["--allow-origin", "not a host"]])  # fmt: skip
def test_what_cannot_be_served_is_told_in_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--no-show", "no.atlas.zarr"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said and "platonic serve" in said and len(said.splitlines()) == 3


def test_an_address_of_six_groups_is_bracketed_before_a_port() -> None:
    assert "[fe80::1]:5650" in names("fe80::1", 5650, [])


def test_any_free_port_is_a_port() -> None:
    assert 0 < free_port("127.0.0.1", 0) < 65536


def test_beyond_this_machine_it_is_said_what_is_opened() -> None:
    assert notice("127.0.0.1", 1) == notice("::1", 1) == notice("localhost", 1) == ""
    assert "no login" in notice("0.0.0.0", 5006) and "any network" in notice("0.0.0.0", 5006)
    assert "10.0.0.7" in notice("10.0.0.7", 5006)


ASKED = [
    ("127.0.0.1:5006", "/?colour=group", "127.0.0.1", "5006", "?colour=group"),
    ("[::1]:5006", "/", "::1", "5006", ""),
    ("a.example", "/?a=b?c&d=#e", "a.example", "", "?a=b?c&d="),
    ("a.example:999999", "/", "a.example", "", ""),
    ("", "/?x", "", "", "?x"),
]


@pytest.mark.parametrize(("host", "uri", "name", "port", "search"), ASKED)
def test_an_address_is_taken_apart_whatever_it_holds(host: str, uri: str, name: str, port: str, search: str) -> None:
    found = location.parts("http", host, uri)
    assert (found["hostname"], found["port"], found["search"]) == (name, port, search)
    panels.Location(**{key: found[key] for key in ("search", "hash", "pathname")})  # its patterns accept them


def test_panel_asks_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_get_location_params", panels._get_location_params)
    location.take_apart()
    assert panels._get_location_params is location.parts
    assert re.search(r"_get_location_params\(request", __import__("inspect").getsource(panels.Location.from_request))
