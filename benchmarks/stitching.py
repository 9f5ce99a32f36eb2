"""How long a stitch and the crystal behind a point let one wait.

    python benchmarks/stitching.py [--atoms 20000] [--page] [--times 10] [--json]

Fit and apply by Procrustes and by ridge, against the straightforward way (SciPy's orthogonal_procrustes, scikit-learn's
Ridge), on the rows of the default atlas repeated with small noise to so many atoms. With --page, in headless Chromium
(which draws without a graphics card): frames a second of the morph and the messages to the server meanwhile, and from
a tap to the crystal that is drawn: the first, a moment after the page has prepared its viewer, and the median of others.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from enlarging import NOISE, enlarge

from platonic_atlas.engine.stitching.translators import fit_direct
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.types import FloatArray

SOURCE, TARGET = "mace-mp-0-small", "sevennet-0"
COUNT = """() => {
  window.painted = new Map();
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    window.painted.set(this.canvas, (window.painted.get(this.canvas) || 0) + 1);
    return put.apply(this, given);
  };
}"""
DOT = """(which) => {
  const within = (node) => {
    const here = node.querySelector('canvas');
    if (here) return here;
    for (const child of node.querySelectorAll('*')) { const found = child.shadowRoot && within(child.shadowRoot); if (found) return found; }
    return null;
  };
  const canvas = within(document.querySelector('[data-test="map-0"]')), box = canvas.getBoundingClientRect();
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data, drawn = [];
  for (let y = 60; y < canvas.height - 10; y++) for (let x = 10; x < canvas.width - 10; x++)
    if (pixels[4 * (y * canvas.width + x) + 3] > 30) drawn.push([x, y]);
  const [x, y] = drawn[Math.floor(drawn.length * which)];
  return [box.left + x * box.width / canvas.width, box.top + y * box.height / canvas.height];
}"""


def rows(name: str, n: int) -> FloatArray:
    """(n, d) float64: the rows of the default atlas over and over, with noise of their own."""
    features = open_atlas().embedding(name).astype(np.float64)
    rng = np.random.default_rng(0)
    found = features[np.arange(n) % len(features)]
    return found + NOISE * features.std(axis=0) * rng.standard_normal(found.shape)


def timed(act: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    result = act()
    return time.perf_counter() - start, result


def fits(n: int) -> dict[str, dict[str, float]]:
    """Seconds to fit on all rows and to apply to all, ours and the straightforward way, and how far they differ."""
    source, target = rows(SOURCE, n), rows(TARGET, n)
    found = {}
    for method, other in (("ridge", _ridge), ("procrustes", _procrustes)):
        timed(lambda: fit_direct(method, source, target)(source))  # type: ignore[arg-type]  # noqa: B023
        ours, mine = timed(lambda: fit_direct(method, source, target)(source))  # type: ignore[arg-type]  # noqa: B023
        theirs, given = timed(lambda: other(source, target))  # noqa: B023
        found[method] = {"ours_s": ours, "straightforward_s": theirs, "ratio": theirs / ours,
                         "difference": float(np.abs(mine - given).max() / target.std())}  # fmt: skip
    return found


def _ridge(source: FloatArray, target: FloatArray) -> FloatArray:
    from sklearn.linear_model import Ridge

    centred = source - source.mean(axis=0)
    alpha = 0.01 * float((centred**2).sum()) / source.shape[1]
    predicted: FloatArray = Ridge(alpha=alpha, solver="svd").fit(source, target).predict(source)
    return predicted


def _procrustes(source: FloatArray, target: FloatArray) -> FloatArray:
    from scipy.linalg import orthogonal_procrustes

    width = max(source.shape[1], target.shape[1])
    x, y = (np.pad(each - each.mean(axis=0), ((0, 0), (0, width - each.shape[1]))) for each in (source, target))
    turn, scale = orthogonal_procrustes(x, y)
    moved: FloatArray = (scale / (x**2).sum() * x @ turn)[:, : target.shape[1]] + target.mean(axis=0)
    return moved


def page(n: int, times: int) -> dict[str, float]:
    """The morph and the structure view in a browser."""
    from browsing import OVER, chromium, open_page, served

    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        large = enlarge(open_atlas(), n, Path(folder) / "large.atlas.zarr")
        with served(str(large)) as (_, address, _ready):
            shown = open_page(browser, address)[0]
            shown.evaluate(OVER)
            return {**_crystal(shown, times), **_morph(shown)}


def _crystal(shown: Any, times: int) -> dict[str, float]:
    """Taps on the first map once the viewer is prepared; one that hits the atom of before, or none, shows nothing new and
    is passed over."""
    from playwright.sync_api import TimeoutError as NothingNew

    shown.wait_for_selector("[data-test=crystal-viewport][data-ready=true]", state="attached")
    time.sleep(1)
    taken: list[float] = []
    scene = shown.locator("[data-test=crystal-scene]")
    for which in np.random.default_rng(0).uniform(0, 1, 4 * times):
        x, y = shown.evaluate(DOT, float(which))
        scene.evaluate("(each) => { delete each.dataset.ready; window.tapped = performance.now(); }")
        shown.mouse.click(x, y)
        try:
            shown.wait_for_selector("[data-test=crystal-scene][data-ready=true] canvas", timeout=5000)
        except NothingNew:
            continue
        taken.append(shown.evaluate("() => performance.now() - window.tapped"))
        if len(taken) > times:
            break
    return {"first_crystal_ms": taken[0], "crystal_ms": float(np.median(taken[1:])), "crystals": len(taken)}


def _morph(shown: Any, seconds: float = 4.0) -> dict[str, float]:
    shown.locator('[data-test="page-stitching"]').click()
    shown.locator('[data-test="morph-play"]:not([aria-disabled])').wait_for(timeout=120_000)
    time.sleep(3)
    shown.evaluate(COUNT)
    shown.evaluate(
        "() => { const send = WebSocket.prototype.send; window.sent = 0; WebSocket.prototype.send = function (...x) { window.sent += 1; return send.apply(this, x); }; }"
    )
    shown.locator('[data-test="morph-play"]').click()
    time.sleep(0.3)
    start = shown.evaluate("() => [Math.max(0, ...window.painted.values()), performance.now(), window.sent]")
    time.sleep(seconds)
    end = shown.evaluate("() => [Math.max(...window.painted.values()), performance.now(), window.sent]")
    return {"morph_fps": 1000 * (end[0] - start[0]) / (end[1] - start[1]), "messages_to_the_server": end[2] - start[2]}


def main() -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--atoms", type=int, default=20_000)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found: dict[str, Any] = {"atoms": options.atoms, "fits": fits(options.atoms)}
    if options.page:
        found["page"] = page(options.atoms, options.times)
    if options.json:
        print(json.dumps(found))
        return
    for method, row in found["fits"].items():
        print(
            f"{method:12} ours {row['ours_s']:.2f} s   straightforward {row['straightforward_s']:.2f} s   ratio {row['ratio']:.1f}   difference {row['difference']:.0e}"
        )
    for name, value in found.get("page", {}).items():
        print(f"{name:24} {value:.0f}")


if __name__ == "__main__":
    main()
