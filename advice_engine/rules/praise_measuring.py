"""Weight or blood pressure measured on five days of the last seven."""

from advice_engine.facts import Facts
from advice_engine.figures import ago, between
from advice_engine.home_pressure import measured_days
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by, span_iso

WEEK, MANY = 7, 5
EN = {"weight": "your weight", "bp_sys": "your blood pressure"}
SOURCE = checkup("保健指導 自分で測り、記録を続けること(日数は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    counts = {
        "weight": len({one.day for one in between(facts, "weight", oldest=WEEK - 1)}),
        "bp_sys": measured_days(facts, within=WEEK),
    }
    kept = {metric: days for metric, days in counts.items() if days >= MANY}
    if not kept:
        return None
    names = {"weight": "体重", "bp_sys": "血圧"}
    said = "、".join(f"{names[metric]}を{days}日" for metric, days in kept.items())
    week = span_iso(ago(facts, WEEK - 1), facts.today)
    return Speech(
        "測ることが、続いていますね",
        f"この1週間に、{said}測りました。続けて測ると、体の小さな変化に早く気づけます。この調子で続けてください。",
        f"この1週間の記録をもとにしています。{by(SOURCE)}",
        tuple(Ground(metric, f"{names[metric]}を測った日数", f"{days}日", week) for metric, days in kept.items()),
        English(
            "You keep on measuring",
            f"Last week you measured {' and '.join(f'{EN[one]} on {days} days' for one, days in kept.items())}. "
            "Who goes on measuring notices small changes early. Please keep it up.",
        ),
    )


RULE = Rule(
    id="praise_measuring",
    title="測る習慣が続いている",
    kind="praise",
    urgency=0,
    audience="citizen",
    topic="praise_measuring",
    needs=("days:weight", "pressures"),
    when=when,
    rest_days=21,
    source=SOURCE,
    false_alarms="家族が同じ機器を使った日。",
)
