"""How long the dashboard lets one wait, in headless Chromium.

    python benchmarks/dashboard.py [--atlas PATH] [--atoms 282847] [--times 20] [--sessions 10] [--json]

From the command to "ready", from the request to the first map, from a click to the last of the eight maps that
shows it (p95: selection by the periodic table, selection by a box drawn with the mouse, change of colour), and
the memory of each further session (proportional set size of the server). ``--atoms`` repeats the crystals of the
atlas, their rows with small seeded noise, into a temporary atlas of at most that many sites.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from browsing import DONE, QUIET, chromium, open_page, served
from enlarging import enlarge
from playwright.sync_api import Page

from platonic_atlas.engine.store import open_atlas

BUDGETS = {"ready_s": 8.0, "first_map_s": 3.0, "selection_ms": 400.0, "box_ms": 400.0, "colour_ms": 700.0,
           "session_mb": 30.0}  # fmt: skip


def memory_mb(process: int) -> float:
    """Proportional set size [MB]; resident set size where the system does not tell it."""
    rollup = Path(f"/proc/{process}/smaps_rollup")
    if rollup.exists():
        return int(re.search(r"^Pss:\s+(\d+)", rollup.read_text(), re.MULTILINE)[1]) / 1000  # type: ignore[index]
    found = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return int(found.stdout) / 1000


def latency(page: Page, act: Callable[[], None]) -> float:
    """Milliseconds from the end of a click or drag to the last change of the last of eight maps."""
    page.wait_for_function(QUIET)
    act()
    page.wait_for_function(DONE, timeout=60_000)
    return float(page.evaluate("Math.max(...window.maps.last) - window.maps.start"))


def element_click(page: Page, i: int) -> None:
    cells = page.locator('[data-test="periodic-table"] [data-symbol]:not([aria-disabled])')
    cells.nth(7 * i % cells.count()).click()


def colour_click(page: Page, i: int) -> None:
    page.locator(f'[data-test="choose-colour-{("period", "group")[i % 2]}"]').click()


def box(page: Page, i: int) -> None:
    shape = page.locator('[data-test="map-1"]').bounding_box()
    assert shape is not None
    x, y = shape["x"] + 6, shape["y"] + 6
    page.mouse.move(x, y)
    page.mouse.down()
    reach = 0.4 + 0.025 * (i % 5)  # within the cloud: a wider box selects the same again, and nothing is drawn
    page.mouse.move(x + shape["width"] * reach, y + shape["height"] - 14, steps=5)
    page.mouse.up()


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def measure(atlas: str | None, times: int, sessions: int) -> dict[str, Any]:
    """All figures of one atlas."""
    with served(atlas) as (process, address, ready), chromium() as browser:
        page, first = open_page(browser, address)
        # The consensus too has to change its colours
        page.locator('[data-test="open-options"]').click()
        page.locator('[data-test="choose-consensus-colour"]').click()
        page.keyboard.press("Escape")
        colour = [latency(page, lambda i=i: colour_click(page, i)) for i in range(times)]  # type: ignore[misc]
        selection = [latency(page, lambda i=i: element_click(page, i)) for i in range(times)]  # type: ignore[misc]
        page.locator('[data-test="choose-drag-box"]').click()
        page.wait_for_function(QUIET)
        boxes = [latency(page, lambda i=i: box(page, i)) for i in range(times)]  # type: ignore[misc]
        page.context.close()
        kept = [open_page(browser, address)[0]]
        before = memory_mb(process.pid)
        kept += [open_page(browser, address)[0] for _ in range(sessions)]
        after = memory_mb(process.pid)
    return {
        "ready_s": ready, "first_map_s": first, "selection_ms": p95(selection), "box_ms": p95(boxes),
        "colour_ms": p95(colour), "session_mb": (after - before) / max(sessions, 1), "server_mb": before,
        "selection_median_ms": float(np.median(selection)), "box_median_ms": float(np.median(boxes)),
        "colour_median_ms": float(np.median(colour)),
    }  # fmt: skip


def _table(figures: dict[str, Any]) -> str:
    lines = [f"{'':22}{'measured':>10}{'budget':>10}"]
    for name, value in figures.items():
        budget = BUDGETS.get(name)
        shown = f"{value:.4g}" if isinstance(value, float) else str(value)
        verdict = "" if budget is None else f"{budget:>10g}  {'within' if value <= budget else 'OVER'}"
        lines.append(f"{name:22}{shown:>10}{verdict}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--atlas", help="atlas that is served (default: the shipped one)")
    parser.add_argument("--atoms", type=int, help="enlarge it to so many atoms first")
    parser.add_argument("--times", type=int, default=20, help="clicks of each kind")
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.atlas
        if options.atoms:
            path = str(enlarge(open_atlas(path), options.atoms, Path(folder) / "enlarged.atlas.zarr"))
        figures = {"atoms": open_atlas(path).n_sites} | measure(path, options.times, options.sessions)
    print(json.dumps(figures) if options.json else _table(figures))


if __name__ == "__main__":
    main()
