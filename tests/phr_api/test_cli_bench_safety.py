"""`phr bench safety` as an operator calls it; and what ends it with 1."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from advice_engine.run import rules
from advice_engine.safety_trials import COUNTED, Tally
from phr_api.commands.bench import app
from phr_api.commands.bench_safety import report


def test_a_small_run_prints_each_number_beside_its_bar() -> None:
    answer = CliRunner().invoke(app, ["safety", "--people", "20", "--processes", "1", "--seed", "50000"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert found["people"] == 20 and found["held"] and set(found["numbers"]) == set(COUNTED)
    assert all(one["found"] == one["bar"] == 0 for one in found["numbers"].values())


def test_one_fault_or_a_rule_that_never_speaks_is_not_held() -> None:
    every = Tally(people=100_000)
    every.spoke.update(rule.id for rule in rules())
    assert report(every)["held"]
    every.note("raised", 1, "x")
    assert not report(every)["held"]
    silent = Tally(people=100_000)
    assert not report(silent)["held"] and len(report(silent)["never_spoke"]) == len(rules())
    assert report(Tally(people=20))["held"]
