"""From the command to ready, and from the request to the first map, beside another command in turn.

    python benchmarks/startup.py [--against "COMMAND"] [--times 5] [--json]

COMMAND starts another version of the dashboard, such as that of another checkout; --no-show and --port are added. Both
are started in turn on the shipped atlas, each time by a new process and in a new browser. Medians of

ready : from the command to the line that says where the page is
seen : from the request to the first map that is seen, a picture or a drawn one
live : from the request until a map is drawn that follows the mouse
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from statistics import median

from browsing import CANVAS, DASHBOARD, chromium, served

NAMES = ("ready", "seen", "live")

# Notes, once a frame, since when the first map shows a picture, and since when a canvas on which something is drawn.
WATCH = (
    """() => {"""
    + CANVAS
    + """
  const small = document.createElement('canvas');
  [small.width, small.height] = [64, 48];
  const brush = small.getContext('2d', {willReadFrequently: true});
  const drawn = (canvas) => {
    if (!canvas?.width || getComputedStyle(canvas).visibility !== 'visible') return false;
    brush.clearRect(0, 0, 64, 48);
    brush.drawImage(canvas, 0, 0, 64, 48);
    return new Uint32Array(brush.getImageData(0, 0, 64, 48).data.buffer).filter((pixel) => pixel).length > 20;
  };
  window.since = {};
  const frame = () => {
    const cell = document.querySelector('section[data-test="map-0"]');
    const picture = cell?.querySelector('img');
    const live = cell && drawn(within(cell));
    if (live) window.since.live ??= performance.now();
    if (live || (picture?.complete && picture.naturalWidth && picture.offsetWidth)) window.since.seen ??= performance.now();
    if (!window.since.live) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
)


def once(command: Sequence[str]) -> dict[str, float]:
    """Seconds of one start."""
    with served(command=command) as (_, address, ready), chromium() as browser:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(f"({WATCH})()")
        page.goto(address, wait_until="commit")
        page.wait_for_function("window.since.live", timeout=120_000)
        since = page.evaluate("window.since")
    return {"ready": ready, "seen": since["seen"] / 1000, "live": since["live"] / 1000}


def main() -> None:
    """Measure in turn, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", help="the command of the other one")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    commands: dict[str, Sequence[str]] = {"this": DASHBOARD}
    if options.against:
        commands["other"] = shlex.split(options.against)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(options.times):
        for name, command in commands.items():
            runs[name].append(once(command))
    found = {name: {of: median(run[of] for run in each) for of in NAMES} for name, each in runs.items()}
    if "other" in found:
        found["ratio"] = {of: found["this"][of] / found["other"][of] for of in NAMES}
    if options.json:
        print(json.dumps(found))
        return
    print(f"{'':8}" + "".join(f"{of:>8}" for of in NAMES))
    for name, each in found.items():
        print(f"{name:8}" + "".join(f"{each[of]:8.2f}" for of in NAMES))


if __name__ == "__main__":
    main()
