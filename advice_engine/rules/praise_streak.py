"""Weight or blood pressure measured on three days and more in each of the last four weeks."""

from collections.abc import Collection
from datetime import date

from advice_engine.facts import Facts
from advice_engine.figures import ago, between
from advice_engine.home_pressure import days_measured
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by, span_iso

WEEKS, EACH = 4, 3
NAMES = {"weight": ("体重", "weight"), "bp_sys": ("血圧", "blood pressure")}
SOURCE = checkup("保健指導 自分で測り、記録を続けること(日数は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    enough = WEEKS * EACH
    weighed = between(facts, "weight", oldest=7 * WEEKS - 1)
    measured = {
        "weight": {one.day for one in weighed},
        "bp_sys": days_measured(facts) if len(facts.pressures) >= enough else (),
    }
    kept = [metric for metric, days in measured.items() if len(days) >= enough and _every_week(facts, days)]
    if not kept:
        return None
    said, said_en = "と".join(NAMES[one][0] for one in kept), " and ".join(NAMES[one][1] for one in kept)
    month = span_iso(ago(facts, 7 * WEEKS - 1), facts.today)
    return Speech(
        "4週間、続けて測れました",
        f"{said}を、4週間つづけて、どの週も{EACH}日以上測りました。習慣になってきましたね。"
        "続いた記録は、受診や健診のときに見せると役に立ちます。次の4週間も、同じ時刻に測ってみましょう。",
        f"この4週間の記録をもとにしています。{by(SOURCE)}",
        tuple(Ground(one, f"{NAMES[one][0]}を測った週", f"{WEEKS}週つづけて", month) for one in kept),
        English(
            "Four weeks of measuring without a gap",
            f"You measured your {said_en} on at least {EACH} days in each of the last four weeks. It is becoming a "
            "habit. Such a record is useful at the doctor's and at your checkup. "
            "Four weeks more at the same time of day would be a fine goal.",
        ),
    )


def _every_week(facts: Facts, days: Collection[date]) -> bool:
    weeks = (range(7 * week, 7 * week + 7) for week in range(WEEKS))
    return all(sum(ago(facts, back) in days for back in week) >= EACH for week in weeks)


RULE = Rule(
    id="praise_streak",
    title="4週間つづけて、毎週3日以上測った",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_measuring",
    needs=("days:weight", "pressures"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="家族が同じ機器を使った日。",
)
