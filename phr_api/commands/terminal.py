"""Where commands print: what they found, and beside it what they are at."""

from __future__ import annotations

import sys

from rich.console import Console

# a file or a pipe has no width: tables get one that they fit in
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
aside = Console(stderr=True, highlight=False)
