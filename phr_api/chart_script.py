"""The browser's chart script: Vega, from the pinned converter package, bundled with ``static/chart_touch.js``.

No third-party code lies in the repository and nothing is fetched from elsewhere: the bundle is made once on this
machine, kept in the user's cache folder and served from our own address. ``python -m phr_api.chart_script``
makes it beforehand (an image build does).
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from threading import Lock

_LOCK = Lock()


def bundle() -> bytes:
    """The script, gzip-compressed. The first call on a machine takes about two seconds."""
    with _LOCK:
        return _read()


@cache
def _read() -> bytes:
    path = where()
    if not path.exists():
        # In a process of its own: bundling holds the interpreter for two seconds, and requests must not wait for it.
        subprocess.run([sys.executable, "-m", "phr_api.chart_script"], check=True)
    return path.read_bytes()


def where() -> Path:
    """The file it is kept in; another version of either part is another file."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return folder / "sakata-phr" / f"charts-{tag()}.js.gz"


def tag() -> str:
    """Names this bundle, so that browsers may keep it for good."""
    return sha256(f"{version('vl-convert-python')}\n{_snippet()}".encode()).hexdigest()[:12]


def make(path: Path) -> None:
    """Bundle the script and put it in place at once: a reader never sees half a file."""
    import vl_convert

    from phr_api.chart_svg import VEGA_LITE

    script = vl_convert.javascript_bundle(_snippet(), vl_version=VEGA_LITE)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(gzip.compress(script.encode(), mtime=0))
    part.replace(path)


def _snippet() -> str:
    return (files("phr_api") / "static" / "chart_touch.js").read_text("utf-8")


if __name__ == "__main__":
    make(where())
