"""What benchmarks in a browser have in common: the served dashboard, a headless Chromium, a page that is watched."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

PORT = 5625
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-accelerated-2d-canvas", "--disable-background-networking"]

# The canvas of a node: it lies in shadow roots in shadow roots.
CANVAS = """
  const within = (node) => {
    const here = node.querySelector('canvas');
    if (here) return here;
    for (const child of node.querySelectorAll('*')) {
      const found = child.shadowRoot && within(child.shadowRoot);
      if (found) return found;
    }
    return null;
  };"""
# Remembers, once a frame, when each canvas last looked different; a thumbnail tells without copying every pixel.
WATCH = (
    """() => {"""
    + CANVAS
    + """
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
)
QUIET = "performance.now() - window.maps.quiet > 400"
OVER = "window.maps.over = true"  # looking at every map once a frame is a third of what the page then computes
DONE = f"window.maps.last.every((at) => at > 0) && {QUIET}"


DASHBOARD = (sys.executable, "-P", "-m", "platonic_atlas.dashboard")


@contextmanager
def served(
    atlas: str | None = None, command: Sequence[str] = DASHBOARD
) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """A dashboard as a process: it, its address, and the seconds from the command to ready."""
    words = [*command, *([atlas] if atlas else []), "--no-show", "--port", str(PORT)]
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        said = next((found for line in process.stdout if (found := re.search(r"Atlas is at (\S+)", line))), None)
        if said is None:
            raise SystemExit(f"The dashboard ended before it was ready: {' '.join(words)}")
        yield process, said[1], time.perf_counter() - start
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that draws without a graphics card."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(playwright), args=FLAGS)
        yield browser
        browser.close()


def _executable(playwright: Playwright) -> str:
    """The system's Chromium, else the one that playwright keeps."""
    own = playwright.chromium.executable_path
    found = next((path for name in EXECUTABLES if (path := shutil.which(name))), own if Path(own).exists() else None)
    if found is None:
        raise SystemExit(
            "No Chromium is on this machine.\n"
            f"Expected one of {', '.join(EXECUTABLES)} on the path, or playwright's own.\n"
            "Run: python -m playwright install --with-deps chromium"
        )
    return found


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
