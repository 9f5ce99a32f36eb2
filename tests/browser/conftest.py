"""A real browser on a real server: one server for the run, a new page for each test, nothing from outside."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.spacegroup import crystal
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from platonic_atlas.dashboard.atlas.arrays import AtlasData
from platonic_atlas.dashboard.atlas.layouts import Layout
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine.store import Atlas, create_atlas, open_atlas
from platonic_atlas.engine.store.pack import pack
from platonic_atlas.engine.structures.collect import collect
from platonic_atlas.engine.studies.readouts import Moved
from platonic_atlas.engine.types import FloatArray
from platonic_atlas.engine.verbs.stitch import stitch
from tests.browser.again import Again
from tests.browser.shown import Shown
from tests.dashboard.conftest import ELEMENTS, PER_ELEMENT, add_model, seeded_collection

ROOT = Path(__file__).resolve().parents[2]
# Each process that shares the tests has ports of its own
PORT = int(os.environ.get("PLATONIC_TEST_PORT", "5620")) + 20 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
MODELS = ("ares", "bia", "circe", "dione", "eris", "faun", "gaia")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-accelerated-2d-canvas", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # fmt: skip
# Everything but this machine's own addresses and what never leaves a page
OUTSIDE = re.compile(r"^(?!(https?|wss?)://(127\.0\.0\.1|localhost)(:\d+)?(/|$))(?!(data|blob|about):)")
LOG, FAILED = pytest.StashKey[Path](), pytest.StashKey[bool]()

expect.set_options(timeout=20_000)


# the server


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def serve(atlas: Path, log: Path, port: int) -> Server:
    """Start the dashboard as its users do and wait until it says where it is."""
    command = [sys.executable, "-P", "-m", "platonic_atlas.dashboard", str(atlas), "--no-show", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PLATONIC_DATA": str(log.parent / "data")},
        )
    given_up = time.monotonic() + 90
    while time.monotonic() < given_up and process.poll() is None:
        if found := re.search(r"Platonic Atlas is at (\S+)", log.read_text(errors="replace")):
            return Server(found[1], process, log)
        time.sleep(0.05)
    stop(process)
    pytest.fail(f"The dashboard did not start. Its log:\n{log.read_text(errors='replace')}")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(15)


@pytest.fixture(scope="session")
def atlas_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven trained models, so that every map is filled, and a control; one model cannot embed site 5."""
    folder = tmp_path_factory.mktemp("atlas")
    collection = seeded_collection()
    collection.structures["reference_energy"] = [-1.0 - i / 100 for i in range(len(collection.structures["id"]))]
    atlas = create_atlas(folder / "seeded.atlas.zarr", collection)
    for seed, name in enumerate(MODELS):
        add_model(atlas, name, seed, masked=(5,) if name == "bia" else ())
    add_model(atlas, "onehot", 9, control=True)
    first = np.arange(len(ELEMENTS)) * PER_ELEMENT
    atlas.write_anchors("element-89", first, {"strategy": "element"})
    atlas.write_anchors("few", first[:5], {"strategy": "random"})
    made_with = {"anchors": "element-89", "anchors_digest": atlas.anchors_digest("element-89")}
    for name in atlas.models():
        atlas.write_layout("umap-element-89", name, np.random.default_rng(1).normal(size=(atlas.n_sites, 2)), made_with)
    keep_stitch_with_energies(atlas)
    return pack(atlas, folder / "seeded.atlas.zip")


def keep_stitch_with_energies(atlas: Atlas) -> None:
    """Dione into Eris by the affine map, kept with the atlas; no worker knows a seeded model, so its readout is here."""

    def through_readout(
        atlas: Atlas, target: str, moved: dict[str, Moved], env_root: None, trust_weights: bool
    ) -> dict[str, FloatArray]:
        found = {name: np.full(atlas.n_sites, np.nan) for name in moved}
        for name, rows in moved.items():
            found[name][rows.sites] = rows.features[:, 0] - 2.0
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("platonic_atlas.engine.studies.readouts._through_readout", through_readout)
        stitch(atlas, source="dione", target="eris", method="affine")


@pytest.fixture(scope="session")
def layout(atlas_path: Path) -> Layout:
    """Where the first view draws every site, so that a test knows where to point."""
    return Session(AtlasData(open_atlas(atlas_path))).layout()


@pytest.fixture(scope="session")
def server(atlas_path: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Server]:
    """The dashboard of the run, started where its port is busy."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with socket.socket() as other:
        with contextlib.suppress(OSError):  # somebody else has it: as busy
            other.bind(("127.0.0.1", PORT))
            other.listen()
        running = serve(atlas_path, log, PORT)
    pytestconfig.stash[LOG] = log
    yield running
    stop(running.process)


@dataclass
class Growing:
    """A dashboard beside that of the run, on a folder of a few real crystals; it may be stopped and started again."""

    atlas: Atlas
    log: Path
    running: Server = field(init=False)

    def start(self) -> None:
        self.running = serve(Path(self.atlas.path), self.log, PORT + 9)

    def stop(self) -> None:
        stop(self.running.process)


@pytest.fixture(scope="package")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Growing]:
    """Rutile and six irons, two models, and anchors."""
    folder = tmp_path_factory.mktemp("growing")
    rutile = crystal(
        ["Ti", "O"], [(0, 0, 0), (0.305, 0.305, 0)], spacegroup=136, cellpar=[4.59, 4.59, 2.96, 90, 90, 90]
    )
    irons = [bulk("Fe", a=2.8 + i / 20) for i in range(6)]
    atlas = create_atlas(folder / "growing.atlas.zarr", collect([rutile, *irons], coordination=False))
    for seed, name in enumerate(("ares", "bia")):
        add_model(atlas, name, seed)
    atlas.write_anchors("element-89", np.unique(atlas.numbers(), return_index=True)[1], {"strategy": "element"})
    server = Growing(atlas, folder / "log.txt")
    server.start()
    yield server
    server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What the server said stands below a test that failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    if report.failed and (log := item.config.stash.get(LOG, None)):
        report.sections.append(("log of the dashboard", log.read_text(errors="replace")[-4000:]))
    return report


# the browser: of this package, since the thread has a loop as long as it runs, and other tests ask whether there is one


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


def chromium(playwright: Playwright) -> str:
    """The executable of a Chromium: the system's, playwright's own, or one that is installed now."""
    own = playwright.chromium.executable_path

    def found() -> str | None:
        names = ("chromium", "chromium-browser", "google-chrome")
        return next((path for name in names if (path := shutil.which(name))), own if Path(own).exists() else None)

    if path := found():
        return path
    if os.name != "nt" and os.geteuid() == 0 and shutil.which("apt-get"):
        commands = [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]]
    else:
        commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    done = [subprocess.run(command, capture_output=True, text=True) for command in commands]
    given_up = time.monotonic() + 180  # where another process of these tests is at it, ours was refused
    while (path := found()) is None and time.monotonic() < given_up and any(run.returncode for run in done):
        time.sleep(1)
    if path:
        return path
    said = "\n".join(f"$ {' '.join(run.args)}\n{(run.stdout + run.stderr)[-1500:]}" for run in done)
    pytest.fail(
        f"No Chromium is on this machine and none could be installed.\n{said}\n"
        "Install one: apt-get install chromium (Debian), or playwright install --with-deps chromium."
    )


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=chromium(playwright), args=FLAGS)
    yield opened
    opened.close()


@dataclass
class Watch:
    """What must not happen on any page."""

    seen: list[str]

    def over(self, page: Page) -> None:
        page.on("request", lambda asked: self._inside(asked.url))
        page.on("console", lambda line: line.type == "error" and self.seen.append(f"console: {line.text}"))
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))
        page.on("websocket", lambda ws: self._inside(ws.url))

    def _inside(self, address: str) -> None:
        if OUTSIDE.match(address):
            self.seen.append(f"request that leaves the machine: {address}")


Open = Callable[..., Shown]
Profile = Callable[[tuple[int, int], bool], BrowserContext]


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[Profile]:
    """A window of a size on light or dark ground, kept for the run: its scripts are fetched and compiled once."""
    kept: dict[tuple[tuple[int, int], bool], BrowserContext] = {}

    def opened(size: tuple[int, int], dark: bool) -> BrowserContext:
        if (size, dark) not in kept:
            context = kept[size, dark] = browser.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light",
                reduced_motion="no-preference", permissions=["clipboard-read", "clipboard-write"],
            )  # fmt: skip
            context.set_default_timeout(30_000)
        return kept[size, dark]

    yield opened
    for context in kept.values():
        context.close()


@pytest.fixture
def visit(profile: Profile, server: Server) -> Iterator[Open]:
    """Open the dashboard at a query; fails in the end if anything went wrong out of sight."""
    pages: list[Page] = []
    watch, said_before = Watch([]), len(server.said())

    def opened(query: str = "", *, size: tuple[int, int] = (1440, 900), dark: bool = False) -> Shown:
        pages.append(profile(size, dark).new_page())
        return come(pages[-1], watch, server.address + query)

    yield opened
    for page in pages:
        page.close()
    assert watch.seen + wrong(server.said()[said_before:]) == []


def come(page: Page, watch: Watch, address: str) -> Shown:
    """Open an address in a page that is watched, and wait for the maps."""
    watch.over(page)
    page.goto(address)
    shown = Shown(page)
    shown.ready()
    return shown


def wrong(said: str) -> list[str]:
    """What a server said and should not have."""
    return [line for line in said.splitlines() if re.search(r"Traceback|^\S*Error|ERROR", line)]


@pytest.fixture(scope="package")
def kept() -> list[Again]:
    """The page that a test left for the next, if it did."""
    return []


@pytest.fixture
def shown(kept: list[Again], profile: Profile, server: Server, request: pytest.FixtureRequest) -> Iterator[Shown]:
    """The first view of the atlas at 1440 × 900, in the page that the test before had, if that is as it was opened."""
    if kept and not kept[0].is_as_opened():
        kept.pop().shown.page.close()
    if not kept:
        watch = Watch([])
        page = profile((1440, 900), False).new_page()
        kept.append(Again.opened(come(page, watch, server.address), watch.seen))
    here, said_before = kept[0], len(server.said())
    here.seen.clear()
    yield here.shown
    if request.node.stash.get(FAILED, True):
        kept.pop().shown.page.close()
    assert here.seen + wrong(server.said()[said_before:]) == []
