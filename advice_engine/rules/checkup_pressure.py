"""Checkup blood pressure of 140/90 or more with further risks (or 160/100 and more of old), not on treatment."""

from advice_engine import english
from advice_engine.checkup_values import OfficePressure, checkup_day, office_pressure, since
from advice_engine.facts import Facts
from advice_engine.history import treated
from advice_engine.home_pressure import calm_at_home
from advice_engine.pressure_risks import NOW, clinic_now, pressure_risks
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by, either

SOURCE = checkup("別紙5 受診勧奨判定値(血圧)、フィードバック文例集")


def when(facts: Facts) -> Speech | None:
    found = office_pressure(facts)
    if found is None or not found.at_least(140, 90) or treated(facts, "bp"):
        return None
    if clinic_now(facts):
        return None  # the red flag of its own says it
    risks = pressure_risks(facts)
    if not found.at_least(*NOW) and not risks:
        return None
    return _speech(facts, found, risks)


def _speech(facts: Facts, found: OfficePressure, risks: tuple[str, ...]) -> Speech:
    together = f"{'、'.join(risks)}もあわせて考えると、早めの相談が安心です。" if risks else ""
    home = "家で測った血圧は落ち着いています。その記録も見せましょう。" if calm_at_home(facts) else ""
    return Speech(
        "血圧のことで、早めの受診をおすすめします",
        f"{checkup_day(found.on)}で、血圧は{found.text}でした。受診の目安(140/90 mmHg以上)を超えています。"
        f"{together}{since(found.on, facts.today)}まだ受診していない方は、早めにかかりつけの内科に相談してください。"
        f"健診の結果を持って行きましょう。{home}",
        f"健診の血圧は、{either(140, 90)}の範囲です。{by(SOURCE)}",
        found.grounds,
        English(
            "Blood pressure: please see a doctor soon",
            f"Your checkup on {english.day(found.on)} showed {found.text_en}. That is over the line for a visit, "
            "140/90 mmHg. "
            f"{'Together with your other results, an early talk is a good idea. ' if risks else ''}"
            f"{english.since(found.on, facts.today)}If you have not been yet, please ask your family doctor soon. "
            "Bring the result of the "
            f"checkup.{' At home your pressure is calm: show that record too.' if home else ''}",
        ),
    )


RULE = Rule(
    id="checkup_pressure",
    title="健診の血圧 140/90以上で、ほかの危険因子がある",
    kind="referral",
    urgency=3,
    audience="both",
    topic="checkup_pressure",
    needs=("checkups", "conditions", "drugs", "pressures"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="健診のときだけ高い方。健診のあとに受診や治療を始めた方。",
    clinic_first=True,
    renews=True,
)
