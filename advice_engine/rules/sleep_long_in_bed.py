"""65 and older, eight hours and more asleep by the device: hence longer still in bed."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import sleep
from advice_engine.words import by, hours, span_iso

OLDER, EIGHT_HOURS = 65, 480
SOURCE = sleep("高齢者版 床上時間8時間未満")


def when(facts: Facts) -> Speech | None:
    nights = between(facts, "sleep", oldest=14)
    usual = middle(nights, at_least=7)
    if usual is None or usual < EIGHT_HOURS or facts.age < OLDER:
        return None
    at = span_iso(nights[0].day, nights[-1].day)
    return Speech(
        "床の中にいる時間を、30分短くしてみませんか",
        f"この2週間の睡眠は、1日およそ{hours(usual)}でした。65歳からは、床の中で過ごす時間は8時間までが目安です。"
        "まずは、いつもより30分おそく床に入ってみましょう。起きる時刻は毎朝同じにします。"
        "朝は窓ぎわで10分、日の光を浴びましょう。昼寝をするなら、午後3時までに30分までに。"
        "昼も強く眠い、いびきで息が止まると言われた、気持ちがしずむときは、医療機関に相談してください。",
        f"機器の睡眠の記録をもとにしています。{by(SOURCE)}",
        (Ground("sleep", f"睡眠時間(ふだんの日、{len(nights)}日分)", hours(usual), at),),
        English(
            "Spend half an hour less in bed",
            f"In the last two weeks you slept about {english.hours(usual)} a day. From 65 on, less than eight hours in "
            "bed is the guide. "
            "Go to bed half an hour later than usual, and get up at the same time every morning. "
            "Sit by the window for ten minutes of morning light. Nap for 30 minutes at most, before three o'clock. "
            "If you are very sleepy by day, are told that your breath stops at night, or feel low, see a doctor.",
        ),
    )


RULE = Rule(
    id="sleep_long_in_bed",
    title="65歳以上で、睡眠が8時間以上",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="sleep",
    needs=("days:sleep",),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="体調をくずして休んでいた方、テレビを見ながら横になる時間を数える機器。",
)
