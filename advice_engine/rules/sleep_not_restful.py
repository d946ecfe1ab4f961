"""Six hours and more by the device, and yet not rested by the questionnaire (20): habits, and when to see a doctor."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.history import answered
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.rules.sleep_short import SIX_HOURS
from advice_engine.sources import sleep
from advice_engine.vetoes import ADULT, left_to_doctor
from advice_engine.words import by, hours, span_iso

COFFEE, COFFEE_EN = "コーヒーは1日700 mLまでが目安です。", "The guide is at most 700 mL of coffee a day. "
SOURCE = sleep("睡眠休養感、カフェイン1日400 mgまで、睡眠の問題は医療機関へ")


def when(facts: Facts) -> Speech | None:
    nights, tired = between(facts, "sleep", oldest=14), answered(facts, "q_sleep_rest", 2)
    usual = middle(nights, at_least=7)
    if usual is None or usual < SIX_HOURS or tired is None or facts.age < ADULT:
        return None
    at = span_iso(nights[0].day, nights[-1].day)
    return Speech(
        "眠る時間はとれています。次は眠りの深さです",
        f"この2週間の睡眠は1日およそ{hours(usual)}ですが、{checkup_day(tired.on)}では休めていないとのお答えでした。"
        "まずは1週間、午後3時からはコーヒーや緑茶を飲まないようにしてみましょう。"
        f"{'' if left_to_doctor(facts, 'diet') else COFFEE}"
        "寝る1時間前には明かりを暗めにして、スマートフォンを置きましょう。"
        "大きないびきや、息が止まると言われた方、昼に強く眠い方は、医療機関に相談してください。"
        "眠れない日が1か月以上続く方も、相談してください。",
        f"睡眠の記録と、質問票のお答えをもとにしています。{by(SOURCE)}",
        (
            Ground("sleep", f"睡眠時間(ふだんの日、{len(nights)}日分)", hours(usual), at),
            answer_ground(tired, "睡眠で休養が十分とれている"),
        ),
        English(
            "You sleep long enough: next comes how well",
            f"In the last two weeks you slept about {english.hours(usual)} a day, but on {english.day(tired.on)} you "
            "answered that sleep does not rest you. "
            "For one week, have no coffee or green tea after three in the afternoon. "
            f"{'' if left_to_doctor(facts, 'diet') else COFFEE_EN}"
            "Dim the light and put the phone away an hour before bed. "
            "If you snore loudly, are told that your breath stops, or are very sleepy by day, see a doctor. "
            "Do so as well if you sleep badly for more than a month.",
        ),
    )


RULE = Rule(
    id="sleep_not_restful",
    title="6時間以上眠っているが、休めていない",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="sleep",
    needs=("days:sleep", "checkups"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="答えのあとに休めるようになった方、横になっている時間を睡眠と数える機器。",
)
