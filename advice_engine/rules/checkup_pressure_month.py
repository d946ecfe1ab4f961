"""Checkup blood pressure of 140-159/90-99 without further risks, not on treatment: measure again in a month."""

from advice_engine import english
from advice_engine.checkup_values import checkup_day, office_pressure, since
from advice_engine.facts import Facts
from advice_engine.history import treated
from advice_engine.home_pressure import calm_at_home
from advice_engine.pressure_risks import pressure_risks
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by, either

SOURCE = checkup("別紙5 受診勧奨判定値(血圧)、フィードバック文例集")
CALM_EN = "At home it is calm. Please go on measuring, and show both records at your next visit to a doctor."
AGAIN_EN = (
    "Measure again within a month, at home or at a pharmacy. If it is 140/90 mmHg or more again, please ask a doctor."
)
CALM = (  # measured again at home already
    "健診の血圧を、家の記録といっしょに見せましょう",
    "家で測った血圧は落ち着いています。この調子で測ってください。"
    "次に医療機関に行くとき、健診の結果と家の記録を見せて相談しましょう。",
)


def when(facts: Facts) -> Speech | None:
    found = office_pressure(facts)
    if found is None or not found.at_least(140, 90) or found.at_least(160, 100):
        return None
    if treated(facts, "bp") or pressure_risks(facts):
        return None
    title, words = CALM if calm_at_home(facts) else _again(facts)
    return Speech(
        title,
        f"{checkup_day(found.on)}で、血圧は{found.text}でした。受診の目安(140/90 mmHg以上)を超えています。"
        f"{since(found.on, facts.today)}{words}",
        f"健診の血圧は、{either(140, 90)}の範囲です。{by(SOURCE)}",
        found.grounds,
        English(
            "Blood pressure: please have it looked at again",
            f"Your checkup on {english.day(found.on)} showed {found.text_en}. That is over the line for a visit, "
            "140/90 mmHg. "
            f"{english.since(found.on, facts.today)}{CALM_EN if words == CALM[1] else AGAIN_EN}",
        ),
    )


def _again(facts: Facts) -> tuple[str, str]:
    salt = "" if left_to_doctor(facts, "diet") else "塩分を控えめにして、"
    return (
        "1か月のうちに、血圧を測り直しましょう",
        f"まずは{salt}1か月のうちにもう一度測ってみてください。薬局や公民館の血圧計でもかまいません。"
        "そのときも140/90 mmHg以上なら、内科に相談してください。",
    )


RULE = Rule(
    id="checkup_pressure_month",
    title="健診の血圧 140〜159/90〜99(ほかの危険因子なし)",
    kind="referral",
    urgency=2,
    audience="both",
    topic="checkup_pressure",
    needs=("checkups", "conditions", "drugs", "pressures"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="健診のときだけ高い方。健診のあとに測り直して落ち着いていた方。",
    renews=True,
)
