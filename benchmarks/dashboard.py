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
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from platonic_atlas.engine.space.relative import compute_moments
from platonic_atlas.engine.store import Atlas, begin_embedding, create_atlas, open_atlas
from platonic_atlas.engine.types import Collection, Layer

ROOT = Path(__file__).resolve().parents[1]
NOISE = 0.02  # of each feature's standard deviation
PORT = 5625
BUDGETS = {"ready_s": 8.0, "first_map_s": 3.0, "selection_ms": 400.0, "box_ms": 400.0, "colour_ms": 700.0,
           "session_mb": 30.0}  # fmt: skip
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-accelerated-2d-canvas", "--disable-background-networking"]

# Remembers, once a frame, when each canvas last looked different; a thumbnail tells without copying every pixel.
WATCH = """() => {
  const within = (node) => {
    const here = node.querySelector('canvas');
    if (here) return here;
    for (const child of node.querySelectorAll('*')) {
      const found = child.shadowRoot && within(child.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const cells = [...document.querySelectorAll('section[data-test^="map-"]')];
  const small = document.createElement('canvas');
  [small.width, small.height] = [64, 48];
  const brush = small.getContext('2d', {willReadFrequently: true});
  const look = (canvas) => {
    brush.clearRect(0, 0, 64, 48);
    brush.drawImage(canvas, 0, 0, 64, 48);
    let hash = 2166136261, drawn = 0;
    for (const pixel of new Uint32Array(brush.getImageData(0, 0, 64, 48).data.buffer)) {
      hash = Math.imul(hash ^ pixel, 16777619);
      if (pixel) drawn += 1;
    }
    return [hash, drawn];
  };
  const now = () => cells.map((cell) => { const canvas = within(cell); return canvas?.width ? look(canvas) : [0, 0]; });
  let before = now();
  window.maps = {start: 0, last: before.map(() => 0), drawn: before.map((each) => each[1]), quiet: performance.now()};
  for (const type of ['pointerup', 'click']) {
    document.addEventListener(type, () => { window.maps.start = performance.now(); window.maps.last.fill(0); }, true);
  }
  const frame = () => {
    const seen = now(), at = performance.now();
    seen.forEach(([hash, drawn], i) => {
      if (hash !== before[i][0]) { window.maps.last[i] = at; window.maps.quiet = at; }
      window.maps.drawn[i] = drawn;
    });
    before = seen;
    if (!window.maps.over) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
QUIET = "performance.now() - window.maps.quiet > 400"
OVER = "window.maps.over = true"  # looking at every map once a frame is a third of what the page then computes
DONE = f"window.maps.last.every((at) => at > 0) && {QUIET}"


# the atlas


def _repeated(source: Atlas, n_sites: int) -> Collection:
    """The crystals of the source over and over, as many as have at most `n_sites` sites together, with their labels."""
    per_crystal = np.bincount(source.site_structure())
    n_crystals = int(
        np.searchsorted(np.cumsum(np.tile(per_crystal, n_sites // source.n_sites + 1)), n_sites, side="right")
    )
    crystal = np.arange(n_crystals) % len(per_crystal)
    n_sites, n_atoms = int(per_crystal[crystal].sum()), int(source.structure_field("n_atoms")[crystal].sum())
    all_sites, all_atoms = source.n_sites, len(source.atom_numbers())
    atom, before = np.arange(n_atoms) % all_atoms, np.arange(n_atoms) // all_atoms
    site, earlier = np.arange(n_sites) % all_sites, np.arange(n_sites) // all_sites
    of_crystal = ("n_atoms", "cell", "pbc", "formula", "prototype", "spacegroup")
    structures = {name: list(np.asarray(source.structure_field(name))[crystal]) for name in of_crystal}
    structures |= {
        "id": [f"s{i}" for i in range(n_crystals)],
        "input_index": list(range(n_crystals)),
        "source": ["repeated"] * n_crystals,
    }
    of_atom = source.site_structure()[source.atom_site()]
    own = source.atom_site()[atom] + before * all_sites
    return Collection(
        structures=structures, atomic_number=source.atom_numbers()[atom], position=source.positions()[atom],
        structure=of_atom[atom] + before * len(per_crystal), site=own,
        representative=source.representative()[site] + earlier * all_atoms, multiplicity=source.multiplicity()[site],
        input_site=own, labels={name: source.label(name)[site].tolist() for name in source.label_names()},
    )  # fmt: skip


def enlarge(source: Atlas, n_sites: int, path: Path, seed: int = 0) -> Path:
    """An atlas of at most `n_sites` sites: the crystals of another over and over, the rows of each repeat with fresh noise."""
    atlas = create_atlas(path, _repeated(source, n_sites), chunk_rows=65_536)
    rng = np.random.default_rng(seed)
    for name in source.models():
        layer = source.layers(name)[0]
        features, attrs = source.embedding(name, layer), source.model_attrs(name, layer)
        step = (NOISE * np.nanstd(features, axis=0)).astype(np.float32)
        writer = begin_embedding(
            atlas, name, {layer: Layer(features.shape[1], "O(3)")}, _plain(attrs), site_energy=False
        )
        for chunk in writer.missing_chunks():
            span = writer.rows(chunk)
            found = features[np.arange(span.start, span.stop) % len(features)]
            found = found + step * rng.standard_normal(found.shape, dtype=np.float32)
            writer.write_chunk(chunk, {layer: found}, {layer: np.zeros(len(found))}, {})
        writer.finish()
        for balance in ("elements", "atoms"):
            moments = compute_moments(atlas.embedding(name, layer), atlas.numbers(), balance)  # type: ignore[arg-type]
            atlas.write_moments(name, layer, moments)
    for name in source.anchor_sets():
        atlas.write_anchors(name, source.anchors(name), {"strategy": "repeated"})
    return path


def _plain(attrs: dict[str, Any]) -> dict[str, Any]:
    wanted = ("family", "title", "trained_on", "traits", "licence", "control", "default")
    return {name: attrs[name] for name in wanted if name in attrs}


# the server


@contextmanager
def served(atlas: str | None) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """The dashboard as a process: it, its address, and the seconds from the command to ready."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "platonic_atlas.dashboard",
        *([atlas] if atlas else []),
        "--no-show",
        "--port",
        str(PORT),
    ]
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"Platonic Atlas is at (\S+)", line):
                yield process, found[1], time.perf_counter() - start
                break
        else:
            raise SystemExit("The dashboard ended before it was ready.")
    finally:
        process.terminate()
        process.wait(20)


def memory_mb(process: int) -> float:
    """Proportional set size [MB]; resident set size where the system does not tell it."""
    rollup = Path(f"/proc/{process}/smaps_rollup")
    if rollup.exists():
        return int(re.search(r"^Pss:\s+(\d+)", rollup.read_text(), re.MULTILINE)[1]) / 1000  # type: ignore[index]
    found = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return int(found.stdout) / 1000


# the page


def open_page(browser: Browser, address: str) -> tuple[Page, float]:
    """A new page and the seconds from its request to its first map."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function("document.querySelectorAll('section[data-test^=\"map-\"]').length === 8")
    page.evaluate(WATCH)
    page.wait_for_function("window.maps.drawn[0] > 20", polling=20)
    first = time.perf_counter() - start
    page.wait_for_function(QUIET)
    return page, first


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
    executable = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    with served(atlas) as (process, address, ready), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
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
        browser.close()
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
