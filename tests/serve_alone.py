"""Start `platonic serve` where no checkout is, and ask it for a page: python serve_alone.py PLATONIC ATLAS."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request


def main(platonic: str, atlas: str) -> int:
    server = subprocess.Popen([platonic, "serve", atlas, "--no-show", "--port", "5170"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = next(line.split()[4] for line in server.stdout if "http://" in line and "Atlas" in line)
        started = time.monotonic()
        with urllib.request.urlopen(address, timeout=60) as page:
            text = page.read().decode()
        assert "Platonic Atlas" in text, text[:500]
        print(f"{address} answered in {time.monotonic() - started:.1f} s")
        return 0
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
