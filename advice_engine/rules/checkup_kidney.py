"""Checkup kidney values over the 受診勧奨 line: eGFR below 45, or urine protein of 1+ and more."""

from advice_engine import english
from advice_engine.change import told
from advice_engine.checkup_values import checkup_day, graded, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.history import ever, has_condition
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("別紙5 受診勧奨判定値(eGFR、尿蛋白)", verified=False)  # eGFR confirmed; urine protein not

VISIT = (
    "まだ受診していない方は、早めに内科でもう一度調べてもらいましょう。"
    "通院中の方は、健診の結果を主治医に見せてください。"
)
CARED = (
    "通院とお薬は今までどおり続けて、健診の結果を次の受診で主治医に見せてください。"
    "通院をお休みしている方は、早めに予約しましょう。"
)
VISIT_EN = "If you have not been yet, please have it tested again soon. "


def when(facts: Facts) -> Speech | None:
    # each from the newest checkup that measured it: eGFR is not measured every year (詳細健診)
    every = graded(facts, ("egfr",), "referral") + graded(facts, ("urine_protein",), "referral")
    if not every:
        return None
    on = max(one.on for one in every)
    found = [one for one in every if one.on == on]
    move, move_en = told(facts, found)
    cared = ever(facts, "q_kidney") or has_condition(facts, "kidney")
    return Speech(
        "腎臓の値を、次の受診で見せてください" if cared else "腎臓の値で、受診をおすすめします",
        f"{checkup_day(on)}で、腎臓の働きをみる値が受診の目安に入っていました。{listed(found)}です。"
        "受診の目安は、eGFR(腎臓がきれいにする力)45未満、または尿蛋白1+以上です。"
        f"{move}{since(on, facts.today)}{CARED if cared else VISIT}",
        f"{listed(found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Kidney values: please show your doctor" if cared else "Kidney values: please see a doctor",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. {move_en}"
            "The line for a visit is an eGFR below 45, or urine protein of 1+ and more. "
            f"{english.since(on, facts.today)}{'' if cared else VISIT_EN}{english.KEEP_ON}",
        ),
    )


RULE = Rule(
    id="checkup_kidney",
    title="健診の腎臓の値が受診の目安",
    kind="referral",
    urgency=3,
    audience="both",
    topic="checkup_kidney",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="激しい運動や発熱のあとの尿、水分が足りないときの採血。すでに腎臓の治療を受けている方。",
    clinic_first=True,
    renews=True,
)
