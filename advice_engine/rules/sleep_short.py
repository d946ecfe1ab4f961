"""Sleep below six hours by the device, or not restful by the questionnaire."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.history import answered
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import sleep
from advice_engine.vetoes import ADULT
from advice_engine.words import by, hours, span_iso

SIX_HOURS, OLDER = 360, 65
SOURCE = sleep("成人版 6時間以上、高齢者版 床上時間8時間未満")
HABITS = "寝る前のスマートフォンは早めに切り上げる。夕方からはコーヒーや緑茶を控える。寝酒はしない。"
OLDER_WORDS = "眠くなってから床に入り、床の中で過ごす時間は8時間までにしましょう。昼寝は30分までに。"
ADULT_WORDS = "まずは、いつもより20分早く床に入ってみましょう。6時間以上が目安です。"
OLDER_EN = "Go to bed when you are sleepy, spend at most 8 hours in bed and nap for 30 minutes at most. "
ADULT_EN = "Begin by going to bed 20 minutes earlier than usual: six hours and more is the guide. "


def when(facts: Facts) -> Speech | None:
    if facts.age < ADULT:
        return None
    found = _by_device(facts) or _by_answer(facts)
    if found is None:
        return None
    said, said_en, ground = found
    return Speech(
        "ぐっすり眠るために、ひとつ変えてみませんか",
        f"{said}{OLDER_WORDS if facts.age >= OLDER else ADULT_WORDS}"
        f"朝は同じ時刻に起きて、日の光を浴びましょう。{HABITS}"
        "大きないびきや息が止まると言われた方、眠れない日が1か月以上続く方は、医療機関に相談してください。",
        f"睡眠の記録か、質問票のお答えをもとにしています。{by(SOURCE)}",
        (ground,),
        English(
            "Change one thing, to sleep soundly",
            f"{said_en}{OLDER_EN if facts.age >= OLDER else ADULT_EN}"
            "Get up at the same time every morning and go into the daylight. Put the phone away early, have no coffee "
            "or green tea from the evening on, and no alcohol to fall asleep. "
            "If you snore loudly, are told that your breath stops, or sleep badly for more than a month, see a doctor.",
        ),
    )


def _by_device(facts: Facts) -> tuple[str, str, Ground] | None:
    nights = between(facts, "sleep", oldest=14)
    usual = middle(nights, at_least=7)
    if usual is None or usual >= SIX_HOURS:
        return None
    at = span_iso(nights[0].day, nights[-1].day)
    ground = Ground("sleep", f"睡眠時間(ふだんの日、{len(nights)}日分)", hours(usual), at)
    said_en = f"In the last two weeks you slept about {english.hours(usual)} a day. "
    return f"この2週間の睡眠は、1日およそ{hours(usual)}でした。", said_en, ground


def _by_answer(facts: Facts) -> tuple[str, str, Ground] | None:
    if middle(between(facts, "sleep", oldest=14), at_least=7) is not None:
        return None  # the device says six hours and more: sleep_not_restful speaks
    tired = answered(facts, "q_sleep_rest", 2)
    if tired is None:
        return None
    said = f"{checkup_day(tired.on)}の質問票で、睡眠で休めていないとのお答えでした。"
    said_en = f"At your checkup on {english.day(tired.on)} you answered that sleep does not rest you. "
    return said, said_en, answer_ground(tired, "睡眠で休養が十分とれている")


RULE = Rule(
    id="sleep_short",
    title="睡眠が短い、または休めていない",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="sleep",
    needs=("days:sleep", "checkups"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="機器を外して寝た日がある方、介護や夜勤で眠る時刻が分かれる方、短くても元気な方。",
)
