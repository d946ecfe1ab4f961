"""Has a blood pressure monitor, but measured on fewer than three of the last seven days."""

from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.home_pressure import measured_days
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.vetoes import ADULT
from advice_engine.words import by, span_iso

WEEK, FEW = 7, 3
SOURCE = pressure("家庭血圧の測り方(朝・晩、2回ずつ)")


def when(facts: Facts) -> Speech | None:
    days = measured_days(facts, within=WEEK)
    if "bp_sys" not in facts.devices or days >= FEW or facts.age < ADULT:
        return None
    count = f"{days}日でした" if days else "まだありません"
    return Speech(
        "朝と夜、血圧を測ってみましょう",
        f"この1週間に血圧を測った日は、{count}。5日分たまると、ふだんの血圧がわかります。"
        "朝は起きて1時間のうち、トイレのあと、朝食とお薬の前に。夜は寝る前に。"
        "いすに座って1、2分休んでから、2回測ってください。腕の帯は心臓の高さに巻きます。",
        f"登録された血圧計からの記録をみています。{by(SOURCE)}",
        (Ground("bp_sys", "血圧を測った日数", f"{days}日", span_iso(ago(facts, WEEK - 1), facts.today)),),
        English(
            "Measure your blood pressure in the morning and evening",
            f"Last week you measured on {days} {'day' if days == 1 else 'days'}. Five days show your usual pressure. "
            "In the morning: within an hour of getting up, after the toilet, before breakfast and medicine. In the "
            "evening: before bed. Sit for a minute or two, then measure twice, with the cuff at the height of your "
            "heart.",
        ),
    )


RULE = Rule(
    id="pressure_habit",
    title="血圧計があるが測った日が少ない",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="measure_pressure",
    needs=("devices", "pressures"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="医療機関や紙の手帳で記録している方、測ると不安になる方、機器の通信の不調。",
)
