"""The referral map names a kidney specialist, below the checkup's own 受診勧奨 lines."""

from advice_engine import english
from advice_engine.checkup_values import checkup_day, graded, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.kidney import to_specialist
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import kidney
from advice_engine.words import by

SOURCE = kidney("腎臓専門医への紹介基準(eGFRと尿の組み合わせ)")


def when(facts: Facts) -> Speech | None:
    if graded(facts, ("egfr",), "referral") or graded(facts, ("urine_protein",), "referral"):
        return None  # checkup_kidney says it
    referred = to_specialist(facts)
    if referred is None:
        return None
    on, found = referred.egfr.on, referred.found
    return Speech(
        "腎臓のことを、かかりつけ医に相談しましょう",
        f"{checkup_day(on)}で、{listed(found)}でした。腎臓の値の組み合わせが、くわしい検査がすすめられている範囲です。"
        f"{since(on, facts.today)}1か月のうちに、かかりつけの内科に健診の結果を見せてください。"
        "必要なときは、腎臓の専門の先生を紹介してもらえます。"
        "通院中の方は、お薬を今までどおり続けて、主治医に見せてください。",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Please show your kidney values to your family doctor",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. For these values together, a "
            "closer look is "
            f"advised. {english.since(on, facts.today)}Please show the result to your family doctor within a "
            "month. They "
            f"can send you to a kidney specialist if needed. {english.KEEP_ON}",
        ),
    )


RULE = Rule(
    id="kidney_specialist",
    title="腎臓の専門医への紹介の目安(受診勧奨の線より手前)",
    kind="referral",
    urgency=2,
    audience="both",
    topic="checkup_kidney",
    needs=("checkups",),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="激しい運動や発熱のあとの尿、月経中の尿。すでに専門医にかかっている方。",
    clinic_first=True,
    renews=True,
)
