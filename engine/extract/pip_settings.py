"""Settings that uv takes over from pip, so that one setting of the machine serves both."""

from __future__ import annotations

import os
import subprocess
import sys

# What pip calls it -> the variable of uv, set only where the user has not set it.
TAKEN_OVER = {"find-links": "UV_FIND_LINKS", "index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}


def uv_environment() -> dict[str, str]:
    """The environment variables for uv: the user's own, completed from pip's configuration."""
    settings = dict(os.environ)
    for name, value in pip_settings().items():
        variable = TAKEN_OVER[name]
        if variable == "UV_DEFAULT_INDEX" and "UV_INDEX_URL" in settings:
            continue
        settings.setdefault(variable, " ".join(value.split()))
    return settings


def pip_settings() -> dict[str, str]:
    """find-links, index-url and cert as pip sees them: its environment variables first, then its files."""
    found = _configured()
    for name in TAKEN_OVER:
        if value := os.environ.get(f"PIP_{name.replace('-', '_').upper()}"):
            found[name] = value
    return found


def _configured() -> dict[str, str]:
    """The same from `pip config list`; nothing where pip is not installed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False, timeout=60
        )
    except subprocess.TimeoutExpired:
        return {}
    found = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition("=")
        name = key.rsplit(".", 1)[-1]
        if key.startswith(("global.", "install.")) and name in TAKEN_OVER:
            found[name] = value.strip().strip("'\"")
    return found
