"""Many visitors at once: how long a selection and a colour take, and what each visitor costs.

    python benchmarks/load.py [--atlas PATH] [--visitors 20] [--seconds 60] [--seed 0] [--json]

Each visitor opens the page over a socket of its own, as a browser does but without drawing, and acts every three
seconds or so: selects elements, draws a lasso, changes the colours. An act has ended with the last change that the
server sends for it. Memory is the proportional set size of the server: before the visitors, while the last of them
acts, and after they left and their sessions were let go.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from browsing import served
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from dashboard import memory_mb, p95

BUDGETS = {"selection_s": 1.0, "lasso_s": 1.0, "colour_s": 1.0, "visitor_mb": 20.0, "left_over": 1.1}
SYMBOLS = ("Fe", "O", "Si", "Li", "U", "W", "Cl", "Na")
COLOURS = ("period", "group", "block", "electronegativity")
MEAN_PAUSE = 3.0  # seconds between two acts of a visitor
QUIET = 0.15  # seconds without a change after which an act has ended
LET_GO = 90.0  # seconds in which the server notices that nobody is there: it waits a minute for who was given a page
SIZE = (330, 230)  # pixels of a map at 1440 x 900


@dataclass
class Visitor:
    """A page without a browser: its socket, the models that it talks to, and how long its acts took."""

    socket: WebSocketClientConnection
    models: dict[str, str] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    changed: float = 0.0
    listening: asyncio.Task[None] | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @classmethod
    async def arrive(cls, address: str) -> Visitor:
        """Ask for the page, open its socket, and say what a browser says when it has drawn it."""
        page = (await AsyncHTTPClient().fetch(address, request_timeout=120)).body.decode()
        found = re.search(r'"token":"([^"]+)"', page)
        assert found is not None
        host = address.rstrip("/")
        asked = HTTPRequest(host.replace("http", "ws") + "/ws", headers={"Origin": host}, request_timeout=120)
        visitor = cls(await websocket_connect(asked, subprotocols=["bokeh", found[1]], max_message_size=10**9))
        await visitor._message()
        await visitor._send("PULL-DOC-REQ", {})
        visitor._know(json.loads(await visitor._message()))
        visitor.listening = asyncio.create_task(visitor._listen())
        await visitor._patch(*(visitor._set("map-0", name, pixels) for name, pixels in
                               zip(("inner_width", "inner_height"), SIZE, strict=True)))  # fmt: skip
        await visitor._patch(visitor._intent("Header", kind="dark", value=False, chosen=False))
        await visitor._patch(visitor._intent("Header", kind="opened"))
        return visitor

    async def acts(self, seconds: float, seed: int) -> None:
        """Act now and then."""
        chosen, end = random.Random(seed), time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(chosen.expovariate(1 / MEAN_PAUSE))
            name = chosen.choice(("selection", "lasso", "colour"))
            self.took.setdefault(f"{name}_s", []).append(await self._timed(getattr(self, f"_{name}")(chosen)))

    def leave(self) -> None:
        if self.listening:
            self.listening.cancel()
        self.socket.close()

    # what a visitor does

    def _selection(self, chosen: random.Random) -> dict[str, Any]:
        symbols = chosen.sample(SYMBOLS, 2)
        return self._intent("PeriodicTable", kind="elements", symbols=symbols, mode="replace")

    def _colour(self, chosen: random.Random) -> dict[str, Any]:
        return self._intent("ChoiceBar", kind="choose", id="colour", value=chosen.choice(COLOURS))

    def _lasso(self, chosen: random.Random) -> dict[str, Any]:
        angle = np.linspace(0, 2 * np.pi, 60)
        reach = chosen.uniform(0.2, 0.6)
        shape = {"type": "poly", "x": (reach * np.cos(angle)).tolist(), "y": (reach * np.sin(angle)).tolist()}
        message = {"kind": "shape", "cell": chosen.randrange(8), "shape": shape, "shift": False, "alt": False}
        return self._set("relay", "data", {"type": "map", "entries": [["message", [json.dumps(message)]]]})

    async def _timed(self, event: dict[str, Any]) -> float:
        """Seconds until the last change that follows."""
        began = time.monotonic()
        self.changed = began
        number = await self._patch(event)
        while number not in self.answered or time.monotonic() - max(self.changed, self.answered[number]) < QUIET:
            await asyncio.sleep(0.01)
        return max(self.changed, self.answered[number]) - began

    # Bokeh's protocol: three texts a message, and two more for each buffer

    async def _send(self, kind: str, content: dict[str, Any]) -> str:
        number = str(next(self._numbers))
        for part in ({"msgid": number, "msgtype": kind}, {}, content):
            await self.socket.write_message(json.dumps(part))
        return number

    async def _patch(self, *events: dict[str, Any]) -> str:
        return await self._send("PATCH-DOC", {"events": list(events)})

    async def _message(self) -> Any:
        """The content of the next message."""
        head = json.loads(str(await self.socket.read_message()))
        await self.socket.read_message()
        content = await self.socket.read_message()
        for _ in range(2 * head.get("num_buffers", 0)):
            await self.socket.read_message()
        if head["msgtype"] == "PATCH-DOC":
            self.changed = time.monotonic()
        if head["msgtype"] in ("OK", "ERROR"):
            self.answered[head["reqid"]] = time.monotonic()
        return content

    async def _listen(self) -> None:
        while True:
            await self._message()

    def _know(self, document: Any) -> None:
        """Find the models by which a page talks to the server."""
        for model in _models(document):
            said = model.get("attributes", {})
            if name := said.get("class_name"):
                self.models[name] = model["id"]
            if said.get("name") == "map-0":
                self.models["map-0"] = model["id"]
            if model["name"] == "ColumnDataSource" and '"message"' in json.dumps(said.get("data"))[:60]:
                self.models["relay"] = model["id"]

    def _set(self, model: str, attribute: str, value: Any) -> dict[str, Any]:
        return {"kind": "ModelChanged", "model": {"id": self.models[model]}, "attr": attribute, "new": value}

    def _intent(self, component: str, **intent: Any) -> dict[str, Any]:
        data = {"type": "map", "entries": [*map(list, intent.items()), ["n", next(self._numbers)]]}
        values = {"type": "map", "entries": [["model", {"id": self.models[component]}], ["data", data]]}
        event = {"type": "event", "name": "data_event", "values": values}
        return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}


def _models(found: Any) -> Any:
    """All models within a document as JSON."""
    if isinstance(found, dict):
        if found.get("type") == "object":
            yield found
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from _models(each)


async def crowd(address: str, process: int, visitors: int, seconds: float, seed: int) -> dict[str, Any]:
    """All figures of one crowd."""
    first = await Visitor.arrive(address)  # what every visitor shares is computed once
    await first.acts(6.0, seed)
    first.leave()
    await asyncio.sleep(LET_GO)
    before = memory_mb(process)
    there = [await Visitor.arrive(address) for _ in range(visitors)]
    began, used = time.monotonic(), _processor_s(process)
    await asyncio.gather(*(each.acts(seconds, seed + number) for number, each in enumerate(there)))
    busy = (_processor_s(process) - used) / (time.monotonic() - began)
    during = memory_mb(process)
    for each in there:
        each.leave()
    await asyncio.sleep(LET_GO)
    after = memory_mb(process)
    took = {
        name: [one for each in there for one in each.took.get(name, [])]
        for name in ("selection_s", "lasso_s", "colour_s")
    }
    return {
        "acts": sum(map(len, took.values())), **{name: p95(times) for name, times in took.items() if times},
        **{f"{name[:-2]}_median_s": float(np.median(times)) for name, times in took.items() if times},
        "cores": busy, "before_mb": before, "during_mb": during, "after_mb": after,
        "visitor_mb": (during - before) / visitors, "left_over": after / before,
    }  # fmt: skip


def _processor_s(process: int) -> float:
    """Processor time that a process has used [s]; not a number where the system does not tell it."""
    told = Path(f"/proc/{process}/stat")
    if not told.exists():
        return float("nan")
    words = told.read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--atlas", help="atlas that is served (default: the shipped one)")
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    with served(options.atlas) as (process, address, _):
        figures = asyncio.run(crowd(address, process.pid, options.visitors, options.seconds, options.seed))
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        budget = BUDGETS.get(name)
        verdict = "" if budget is None else f"{budget:>10g}  {'within' if value <= budget else 'OVER'}"
        print(f"{name:20}{value:>10.4g}{verdict}")


if __name__ == "__main__":
    main()
