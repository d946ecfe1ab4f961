"""Drinks little on five days a week and more, and sleep is short or does not rest: no alcohol to fall asleep."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.drinking import GROWN_UP, at_risk, drinks
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.history import answered
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.rules.sleep_short import SIX_HOURS
from advice_engine.sources import sleep
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by, hours, span_iso

DAILY = (1, 2)  # every day, or on five or six days a week
SOURCE = sleep("寝酒をしない(飲む回数の線は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    often, both = answered(facts, "q_drink_frequency", *DAILY), drinks(facts)
    poor = _poor_sleep(facts)
    if often is None or poor is None or facts.age < GROWN_UP or left_to_doctor(facts, "diet"):
        return None
    if both is not None and at_risk(both[0].value, both[1].value, facts.sex):  # the rule on alcohol speaks
        return None
    return Speech(
        "週に2日、寝る前のお酒を休んでみませんか",
        f"{checkup_day(often.on)}の質問票で、お酒はほぼ毎日とのお答えで、睡眠は短めか、休めていないようです。"
        "寝るためのお酒は、夜中に目がさめやすく、眠りが浅くなります。"
        "まずは週に2日、寝る3時間前からは、お酒のかわりに温かい麦茶を1杯にしてみましょう。"
        "ぬるめの湯に10分つかると、体が休まりやすくなります。"
        "お薬を使っている方は、主治医にお酒のことを伝えてください。",
        f"質問票のお答えと、睡眠の記録をもとにしています。{by(SOURCE)}",
        (answer_ground(often, "お酒を飲む回数"), poor),
        English(
            "Two nights a week without alcohol before bed",
            f"At your checkup on {english.day(often.on)} you answered that you drink nearly every day, and your sleep "
            "is short or does not rest you. Alcohol before bed makes sleep light and wakes you at night. "
            "On two days a week, have a cup of warm barley tea instead, from three hours before bed on. "
            "Ten minutes in a lukewarm bath help you to rest. "
            "If you take medicine, tell your doctor about the alcohol.",
        ),
    )


def _poor_sleep(facts: Facts) -> Ground | None:
    nights = between(facts, "sleep", oldest=14)
    usual = middle(nights, at_least=7)
    if usual is not None and usual < SIX_HOURS:
        at = span_iso(nights[0].day, nights[-1].day)
        return Ground("sleep", f"睡眠時間(ふだんの日、{len(nights)}日分)", hours(usual), at)
    tired = answered(facts, "q_sleep_rest", 2)
    return answer_ground(tired, "睡眠で休養が十分とれている") if tired else None


RULE = Rule(
    id="night_cap",
    title="ほぼ毎日お酒を飲み、睡眠が短いか休めていない",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="sleep",
    needs=("checkups", "days:sleep"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="夕食のときだけ飲む方、答えのあとに減らした方、夜勤の方。",
)
