"""Start `platonic serve` where no checkout is and no torch either, and ask it for a page: python serve_alone.py PLATONIC."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def loaded(process: int) -> list[str]:
    """Files that a process has mapped; empty where the system does not tell."""
    maps = Path(f"/proc/{process}/maps")
    return sorted({line.split()[-1] for line in maps.read_text().splitlines() if "/" in line}) if maps.exists() else []


def main(platonic: str) -> int:
    server = subprocess.Popen([platonic, "serve", "--no-show", "--port", "5170"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = next(found[1] for line in server.stdout if (found := re.search(r"Platonic Atlas is at (\S+)", line)))
        started = time.monotonic()
        with urllib.request.urlopen(address, timeout=60) as page:
            text = page.read().decode()
        assert "Platonic Atlas" in text, text[:500]
        print(f"{address} answered in {time.monotonic() - started:.1f} s")
        assert not [file for file in loaded(server.pid) if "torch" in file], "the server loaded torch"
        return 0
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
