"""A week's menu of activities by age, season and level, counted in METs·h against the guide."""

from advice_engine.activities import Level, Portion, from_steps, in_a_week, menu, week_goal
from advice_engine.checkup_values import answer_ground
from advice_engine.facts import Facts
from advice_engine.history import answered
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.season import HEAT, Season, season
from advice_engine.snow_clearing import may_count
from advice_engine.sources import activity
from advice_engine.steps_guide import CARRIED, ground, usual
from advice_engine.vetoes import ADULT
from advice_engine.words import by, number

TWO_WEEKS = {"oldest": 14, "newest": 1}
HALF = 0.5  # of the guide: below it the first level
SOURCE = activity("推奨値(週23メッツ・時、高齢者 週15メッツ・時)。組み合わせは本システムの設定", verified=False)
PAIN = "胸の痛みや強い息切れ、ひざの痛みがあるときは休んで、主治医に相談してください。"
PAIN_EN = "With chest pain, strong breathlessness or painful knees, rest and ask your doctor."


def when(facts: Facts) -> Speech | None:
    known = _by_steps(facts) or _by_answers(facts)
    if known is None or facts.age < ADULT:
        return None
    level, said, grounds = known
    now = season(facts.today)
    portions = menu(facts.age, now, level)
    word, word_en = _season_word(facts, now)
    return Speech(
        "今週の「体を動かす献立」です",
        f"今の暮らしに、次の3つを足してみませんか。{''.join(portion.said for portion in portions)}"
        f"全部でなくて大丈夫です。できそうなものを1つ、今日から始めてみましょう。{word}{PAIN}",
        f"この献立は週に約{number(in_a_week(portions), 1)}メッツ・時です。{said}{by(SOURCE)}",
        grounds,
        English(
            "A menu of movement for this week",
            f"How about adding to your week? {_english(portions)} "
            f"You need not do all: choose one and begin today. {word_en}{PAIN_EN}",
        ),
    )


def _by_steps(facts: Facts) -> tuple[Level, str, tuple[Ground, ...]] | None:
    now, goal = usual(facts, **TWO_WEEKS, at_least=7), week_goal(facts.age)
    counted = from_steps(now, facts.age) if now is not None else 0.0
    if now is None or now < CARRIED or counted >= goal:
        return None
    said = f"今の歩数は約{number(counted)}、目安は{number(goal)}メッツ・時です。"
    return "first" if counted < HALF * goal else "more", said, (ground(facts, **TWO_WEEKS),)


def _by_answers(facts: Facts) -> tuple[Level, str, tuple[Ground, ...]] | None:
    """Without a pedometer: neither exercise nor an hour's walking a day (questions 10 and 11)."""
    exercise, walking = answered(facts, "q_exercise", 2), answered(facts, "q_walking", 2)
    if facts.days.get("steps") or exercise is None or walking is None:
        return None
    grounds = (answer_ground(exercise, "30分以上の運動を週2日以上"), answer_ground(walking, "1日1時間以上の歩行"))
    return "first", f"目安は{number(week_goal(facts.age))}メッツ・時です。", grounds


def _season_word(facts: Facts, now: Season) -> tuple[str, str]:
    if now == "heat":
        return (
            f"外に出るのは、朝{HEAT['morning_until']}時までか夕方{HEAT['evening_from']}時からにしましょう。",
            f"Go out before {HEAT['morning_until']} a.m. or after {HEAT['evening_from'] - 12} p.m., please. ",
        )
    if now == "snow" and may_count(facts):
        return "雪かきをした日は、それも動いた時間に数えます。", "On days when you cleared snow, that counts as well. "
    return "", ""


def _english(portions: tuple[Portion, ...]) -> str:
    return " ".join(f"{portion.english[0].upper()}{portion.english[1:]}." for portion in portions)


RULE = Rule(
    id="week_menu",
    title="体を動かす1週間の献立(年代・季節・今の量で)",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="activity_menu",
    needs=("days:steps", "checkups", "pressures"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="歩数に出ない運動(自転車、水泳、農作業)でよく動いている方、ひざや腰に痛みのある方。",
)
