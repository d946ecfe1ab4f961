"""Small pure helpers of wording: dates, values, and what no text to a citizen may say."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from importlib.resources import files

from advice_engine.rule import Source
from store.metrics import METRICS

NO_DIAGNOSIS = "これは診断ではありません。"
NO_DIAGNOSIS_EN = "This is not a diagnosis."

_FORBIDDEN = tuple(
    (row["why"], re.compile(row["pattern"]))
    for row in tomllib.loads((files("advice_engine") / "forbidden.toml").read_text("utf-8"))["forbidden"]
)


def forbidden_in(text: str) -> tuple[str, ...]:
    """Why ``text`` must not reach a citizen: one line a forbidden wording found; empty when all is well."""
    return tuple(f"{why}: {found.group()}" for why, pattern in _FORBIDDEN if (found := pattern.search(text)))


def day(on: date) -> str:
    """2026年11月3日."""
    return f"{on.year}年{on.month}月{on.day}日"


def span(first: date, last: date) -> str:
    """11月1日から11月7日まで; one day alone is named once."""
    if first == last:
        return f"{first.month}月{first.day}日"
    return f"{first.month}月{first.day}日から{last.month}月{last.day}日まで"


def span_iso(first: date, last: date) -> str:
    """2026-11-01/2026-11-07, or one ISO date."""
    return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"


def number(value: float, digits: int = 0) -> str:
    """1,234 or 61.8."""
    return f"{value:,.{digits}f}"


def amount(metric: str, value: float) -> str:
    """The value as people read it: 61.8 kg, 8,000歩, 149 mmHg."""
    known = METRICS[metric]
    text = number(value, known.digits)
    return f"{text}{known.unit_ja}" if known.unit_ja in ("歩", "分", "%") else f"{text} {known.unit_ja}"


def pressure(sys: float, dia: float) -> str:
    """149/90 mmHg."""
    return f"{number(sys)}/{number(dia)} mmHg"


def either(sys: int, dia: int) -> str:
    """A line of blood pressure as it counts: either number is enough."""
    return f"上が{sys}以上、または下が{dia} mmHg以上"


def hours(minutes: float) -> str:
    """5時間30分."""
    whole, rest = divmod(round(minutes), 60)
    return f"{whole}時間{rest}分" if rest else f"{whole}時間"


def by(source: Source) -> str:
    """Which guideline a line comes from, as a sentence; an unconfirmed line is not laid in the guideline's mouth."""
    said = "によります" if source.verified else "を参考にしています"
    return f"目安は「{source.guideline}」({source.year}年){said}。"


def months(count: int) -> str:
    """1年2か月, 8か月."""
    years, rest = divmod(count, 12)
    return (f"{years}年" if years else "") + (f"{rest}か月" if rest else "")
