"""The API as it is, with the audit's writing taken out (`silent`), or without the second fence (`unfenced`): what
`audit.py` compares. Without the fence it works as the owner of the database, whom no row-level security binds.
"""

from __future__ import annotations

import sys

from phr_api import __main__ as api
from store import audit
from store.pool import open_pool


def nothing(*given: object, **named: object) -> None:
    """Instead of ``audit.note``."""


if __name__ == "__main__":
    if sys.argv[1:] == ["silent"]:
        audit.note = nothing
    if sys.argv[1:] == ["unfenced"]:
        api.open_pool = lambda *given, **named: open_pool(*given, **named | {"role": None})
    api.main()
