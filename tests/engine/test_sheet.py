"""Words from files are no formulas in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from platonic_atlas.engine.sheet import plain, sheet


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", " '=1"),
        (" =1", " '=1"),
        ("\r=1", " '=1"),
        ("quiet\n=1", "quiet =1"),
        ("quiet;=1", "quiet;'=1"),
        ("a, -b", "a, '-b"),
        ("-1.5", "-1.5"),
        ("1e-5", "1e-5"),
        (-2, -2),
        (None, None),
        ("Ti-O", "Ti-O"),
        ("rock salt", "rock salt"),
    ],
)
def test_a_word_that_would_run_is_led_by_an_apostrophe(word: object, written: object) -> None:
    assert plain(word) == written


def test_headers_are_guarded_too_and_every_row_stays_one_line() -> None:
    text = sheet(["site", "=label"], [[4, "a\nb"], [5, "@c"]])
    assert text.splitlines() == ["site,'=label", "4,a b", "5,'@c"]
    assert list(csv.reader(io.StringIO(text)))[1] == ["4", "a b"]
