"""One page for many tests: it goes back to the address of its first view, and a test has it only if it then looks, in
every word and attribute that is seen and in every pixel of the maps, as it did when it was opened."""

from __future__ import annotations

import time
from dataclasses import dataclass
from difflib import ndiff
from typing import Any

from playwright.sync_api import Page

from tests.browser.shown import Shown

PATIENCE = 5.0  # seconds that the first view gets to come back
# A visit leaves steps to undo, and the viewer of crystals comes later than the maps: neither is part of the first view.
FINGERPRINT = """() => {
  const passed = new Set(['undo', 'crystal-viewport']);
  const told = [];
  const attributes = (node) => [...node.attributes].filter(({name}) =>
    /^(aria-|data-|hidden|disabled|open|role)/.test(name)).map(({name, value}) => `${name}=${value}`).join(' ');
  const walk = (node) => {
    if (node.nodeType === 3) { if (node.data.trim()) told.push(node.data.trim()); return; }
    if (node.nodeType !== 1 && node.nodeType !== 11) return;
    if (node.nodeType === 1) {
      if (/^(STYLE|SCRIPT|LINK|CANVAS)$/.test(node.tagName) || passed.has(node.dataset?.test)) return;
      if (!node.checkVisibility()) return;
      const words = [attributes(node), node.value ?? '', node.checked ?? ''].join('|');
      if (words !== '||') told.push(words);
      if (node.shadowRoot) walk(node.shadowRoot);
    }
    for (const child of node.childNodes) walk(child);
  };
  walk(document.body);
  return [JSON.stringify(document.documentElement.dataset), ...told];
}"""


@dataclass
class Again:
    """A page, and how it looked when it was opened."""

    shown: Shown
    words: list[str]
    pixels: list[int]
    seen: list[str]  # what went wrong out of sight

    @classmethod
    def opened(cls, shown: Shown, seen: list[str]) -> Again:
        pixels = shown.settled()
        return cls(shown, fingerprint(shown.page), pixels, seen)

    def is_as_opened(self) -> bool:
        """Go back to the first view; whether it is there, all of it."""
        page, end = self.shown.page, time.monotonic() + PATIENCE
        for _ in range(3):  # a menu, a dialog, the stage
            page.keyboard.press("Escape")
        page.mouse.move(0, 0)
        self.shown.go()
        while self.differs():
            if time.monotonic() > end:
                return False
            page.wait_for_timeout(50)
        return True

    def differs(self) -> list[Any]:
        """What looks otherwise than when it was opened."""
        now = fingerprint(self.shown.page)
        words = [line for line in ndiff(self.words, now) if line[0] in "+-"]
        return words or [i for i, (a, b) in enumerate(zip(self.shown.pixels(), self.pixels, strict=True)) if a != b]


def fingerprint(page: Page) -> list[str]:
    found: list[str] = page.evaluate(FINGERPRINT)
    return found
