"""The tables of ``docs/advice.md``, made from the rules themselves: ``python -m advice_engine.describe``."""

from __future__ import annotations

import sys
from collections import Counter

from advice_engine.checkup_lines import LINES, Line
from advice_engine.checkup_values import name, value
from advice_engine.judge import SCREEN_ORDER
from advice_engine.rule import Rule, Source
from store.registry import load

URGENCY = {4: "today", 3: "soon", 2: "within a month", 1: "normal", 0: "no hurry"}


def rules() -> list[Rule]:
    """All rules as the screen would order them."""
    found: tuple[Rule, ...] = load("advice_engine.rules", "RULE")
    return sorted(found, key=lambda rule: (SCREEN_ORDER.index(rule.kind), -rule.urgency, rule.id))


def _table(*rows: tuple[str, ...]) -> str:
    head, *rest = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{' --- |' * len(rows[0])}", *rest]) + "\n"


def rules_table() -> str:
    """One row a rule: what it is about, how urgent, for whom, by which guideline, when it may be wrong."""
    head = ("rule id", "speaks on", "kind", "urgency", "for", "source", "may be wrong when")
    return _table(
        head,
        *(
            (
                f"`{rule.id}`",
                rule.title,
                f"{rule.kind}, clinic first" if rule.clinic_first else rule.kind,
                URGENCY[rule.urgency],
                rule.audience,
                _source(rule.source),
                rule.false_alarms,
            )
            for rule in rules()
        ),
    )


def _source(source: Source) -> str:
    mark = "" if source.verified else " **(unverified)**"
    return f"{source.guideline} ({source.year}), {source.section}{mark}"


def lines_table() -> str:
    """One row a checkup metric: its lines for men and women."""
    head = ("value", "保健指導", "受診勧奨", "すぐに受診", "")
    return _table(head, *(_line(line) for line in LINES.values()))


def _line(line: Line) -> tuple[str, ...]:
    def text(male: float | None, female: float | None) -> str:
        if male is None or female is None:
            return "–"
        shown = value(line.metric, male) if male == female else f"男 {male:g} / 女 {female:g}"
        return f"{line.op} {shown}"

    return (
        name(line.metric),
        text(line.guidance_male, line.guidance_female),
        text(line.referral_male, line.referral_female),
        text(line.now, line.now),
        "" if line.verified else "unverified",
    )


def counts() -> str:
    """How many rules of each kind there are, as a sentence part."""
    found = Counter(rule.kind for rule in rules())
    return ", ".join(f"{found[kind]} {kind.replace('_', ' ')}" for kind in SCREEN_ORDER)


if __name__ == "__main__":
    sys.stdout.write(f"{rules_table()}\n{lines_table()}\n{counts()}\n")
