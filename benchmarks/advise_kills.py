"""Is anybody judged twice at once, told twice or forgotten when workers are killed? Real processes, random moments.

`python benchmarks/advise_kills.py --people 4000 --kills 20`

A town with a PostgreSQL of its own. Two processes share a night over everybody, two advice workers judge who is due
meanwhile and deliver; again and again one of the four gets a SIGKILL and another begins in its place. At the end
everybody is judged, every portion is done, every piece of advice was opened once, rang once and stands in the decision
log, and judging everybody once more changes nothing. The log channel tells of each message it sends: that is counted.
JSON goes to stdout; exit code 1 when something is wrong. A delivery that was claimed by who was killed comes back when
its lease of five minutes ends, so this can take ten minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.progress import Progress

from advice_engine.run import CHUNK, judge_all
from phr_api.commands.bench_advise_town import town
from phr_api.commands.bench_stage import environ
from store import due, nights
from store.clock import civil_day
from store.deliveries import OPEN
from store.pool import open_pool

PATIENCE = 900.0  # seconds
_TOLD = re.compile(r"told \S+ of advice (\d+)")

# Each counts what should not be.
WRONG = {
    "people never judged": """
        select count(*) from health.people where person_id not in (select person_id from health.decisions)""",
    "advice opened twice": """
        select count(*) from (select from health.advice group by person_id, rule_id having count(*) > 1) as twice""",
    "deliveries twice": """
        select count(*) from (select from health.deliveries where advice_id is not null
                               group by advice_id having count(*) > 1) as twice""",
    "deliveries without an end": f"select count(*) from health.deliveries where {OPEN}",
    "pushes decided and not delivered": """
        select count(*) from health.decisions cross join jsonb_each_text(push) as said (rule, channel)
         where channel not like 'held:%' and not exists (
               select from health.deliveries join health.advice using (advice_id)
                where deliveries.person_id = decisions.person_id and rule_id = rule)""",
    "deliveries without a decision": """
        select count(*) from health.deliveries join health.advice using (advice_id, person_id)
         where not exists (select from health.decisions
                            where decisions.person_id = deliveries.person_id and push ->> rule_id = channel)""",
    "choices not delivered": """
        select count(*) from health.choices where advice_id is not null
           and advice_id not in (select advice_id from health.deliveries)""",
    "advice not in the log": """
        select count(*) from health.advice where not exists (
               select from health.decisions where decisions.person_id = advice.person_id and rule_id = any(shown))""",
    "due marks left": "select count(*) from health.due where work = 'advice'",
}


@dataclass
class Crew:
    """The four processes, and their logs."""

    folder: Path
    database: str
    moment: datetime
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        module = ["advice_engine.night", self.moment.isoformat()] if name.startswith("night") else ["advice_engine"]
        given = environ(self.database, log_level="INFO", push_quiet_from=0, push_quiet_until=0)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen([sys.executable, "-m", *module], env=given, stderr=log)

    def kill(self, name: str) -> bool:
        """Whether it was still at work."""
        was = self.running[name].poll() is None
        self.running[name].kill()
        self.running[name].wait()
        return was

    def told(self) -> Counter[str]:
        """How often each advice was sent."""
        logs = [path.read_text("utf-8") for path in self.folder.glob("*.log")]
        return Counter(number for log in logs for number in _TOLD.findall(log))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261122)
    given = parser.parse_args()
    moment = datetime.now(UTC)
    with ExitStack() as stack:
        place = stack.enter_context(town(None, given.people, given.days, today=civil_day(moment)))
        crew = Crew(place.postgres.parent, place.database, moment)
        stack.callback(lambda: [crew.kill(name) for name in crew.running])
        found = strike(crew, given.kills, random.Random(given.seed))
    print(json.dumps({"people": given.people, **found}, ensure_ascii=False))
    return 0 if found["held"] else 1


def strike(crew: Crew, kills: int, dice: random.Random) -> dict[str, Any]:
    """Kill while the night lasts, begin it anew as often as needed, then look."""
    for name in ("night-1", "night-2", "worker-1", "worker-2"):
        crew.start(name)
    struck: Counter[str] = Counter()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("killing", total=kills)
        while struck.total() < kills:
            time.sleep(dice.uniform(0.3, 3.0))
            make_due(crew, dice)
            name = dice.choice(sorted(crew.running))
            struck[name.split("-")[0]] += crew.kill(name)
            progress.update(task, completed=struck.total())
            if all_done(crew):
                again(crew)
            crew.start(name)
    finish(crew)
    return proved(crew) | {"kills": dict(struck)}


def make_due(crew: Crew, dice: random.Random) -> None:
    """Some people are due while the night judges them, too."""
    with psycopg.connect(crew.database) as conn:
        everyone = [person for (person,) in conn.execute("select person_id from health.people").fetchall()]
        due.mark(conn, "advice", [(person, civil_day(crew.moment)) for person in dice.sample(everyone, 50)])


def all_done(crew: Crew) -> bool:
    with psycopg.connect(crew.database) as conn:
        done, portions = nights.progress(conn, civil_day(crew.moment), CHUNK)
        return portions > 0 and done == portions


def again(crew: Crew) -> None:
    """The night was over before the kills were: it begins anew, as if nobody had been judged this night."""
    with psycopg.connect(crew.database) as conn:
        conn.execute("delete from health.cursors where name like 'advice_engine.nightly%'")


def finish(crew: Crew) -> None:
    """Until nothing is left: the night, who is due, what is to be delivered (also what a killed worker had claimed)."""
    end = time.monotonic() + PATIENCE
    while not (
        all_done(crew) and count(crew, WRONG["due marks left"]) == count(crew, WRONG["deliveries without an end"]) == 0
    ):
        for name, one in crew.running.items():
            if one.poll() is not None:
                crew.start(name)
        if time.monotonic() > end:
            break
        time.sleep(1)


def proved(crew: Crew) -> dict[str, Any]:
    """What was promised, counted."""
    wrong = {what: count(crew, query) for what, query in WRONG.items()}
    told = crew.told()
    wrong["told twice"] = sum(times > 1 for times in told.values())
    wrong["portions not done"] = int(not all_done(crew))
    before = versions(crew)
    with open_pool(crew.database, size=2, role="phr_advice") as pool:
        judge_all(pool, crew.moment)
    wrong["rows that judging once more changes"] = len(before ^ versions(crew))
    sent = count(crew, "select count(*) from health.deliveries where advice_id is not null and sent_at is not null")
    wrong["sent and not told"] = max(0, sent - len(told))
    return {"wrong": wrong, "told": len(told), "held": not any(wrong.values())}


def versions(crew: Crew) -> set[tuple[Any, ...]]:
    with psycopg.connect(crew.database) as conn:
        return set(conn.execute("select advice_id, xmin::text from health.advice").fetchall())


def count(crew: Crew, query: str) -> int:
    with psycopg.connect(crew.database) as conn:
        [(found,)] = conn.execute(query.encode()).fetchall()
        return int(found)


if __name__ == "__main__":
    sys.exit(main())
