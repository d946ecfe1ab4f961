"""Measured pressure some weeks ago, and not once in the last two: the cuff, its batteries, its way to us."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.home_pressure import days_measured, measured_days
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.vetoes import ADULT
from advice_engine.words import by, day

SILENT = 14  # days
SOURCE = pressure("家庭血圧の測定を続けること(日数は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    earlier = [on for on in days_measured(facts) if on <= ago(facts, SILENT)]
    if "bp_sys" not in facts.devices or facts.age < ADULT or not earlier or measured_days(facts, within=SILENT):
        return None
    last = max(earlier)
    return Speech(
        "血圧計から、2週間お便りがありません",
        f"最後に血圧を測った日は{day(last)}です。お変わりありませんか。"
        "まずは今日の夜か明日の朝に、いすに座って1、2分休んでから、2回測ってみましょう。"
        "測ったのに届かないときは、電池を入れ替えて、血圧計の時計と通信の印を見てください。"
        "分からないときは、市の窓口に電話すると、一緒に確かめます。",
        f"登録された血圧計からの記録をみています。{by(SOURCE)}",
        (Ground("bp_sys", "最後の血圧の記録", "記録あり", last.isoformat()),),
        English(
            "Nothing from your blood pressure monitor for two weeks",
            f"You last measured on {english.day(last)}. We hope that you are well. "
            "This evening or tomorrow morning, sit for a minute or two and then measure twice. "
            "If you did measure and nothing arrived, change the batteries and look at the clock and the radio sign. "
            "The city's desk will gladly help you on the telephone.",
        ),
    )


RULE = Rule(
    id="pressure_silent",
    title="血圧計から2週間記録がない(前は測っていた)",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="measure_pressure",
    needs=("devices", "pressures"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="旅行や入院中の方、紙の手帳に切り替えた方、機器の通信の不調。",
)
