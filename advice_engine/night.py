"""``python -m advice_engine.night MOMENT``: one process's share of the nightly run; ends when nothing is left to take.

The advice worker starts one a core. Any number may run, on any number of machines, and each may be killed at any time.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import datetime

from advice_engine.__main__ import ROLE
from advice_engine.run import rules
from advice_engine.schedule import Worker, judge_night, quietly
from store.pool import open_pool
from store.worker import begin, look_for_garbage_seldom, told_to_stop

POLITE = 5  # nice: whoever is due meanwhile comes first

log = logging.getLogger("advice_engine.night")


def main(moment: datetime) -> int:
    """Exit code 0 when nothing was left to take or it was asked to end, 1 after a fault, 2 for a bad setting."""
    given = begin("database_url", role=ROLE)
    os.nice(POLITE)
    rules()
    look_for_garbage_seldom()
    with open_pool(given.database_url, size=2, name="phr-advice-night", role=ROLE) as pool:

        def judge_share(worker: Worker) -> None:
            judge_night(worker, moment)

        return 0 if quietly(judge_share, Worker(pool, given, told_to_stop())) else 1


if __name__ == "__main__":
    sys.exit(main(datetime.fromisoformat(sys.argv[1])))
