"""Has a scale, but no weight for seven days."""

from datetime import date

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import between
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.vetoes import ADULT
from advice_engine.words import by, day

SILENT_DAYS = 7
SOURCE = checkup("保健指導 自己の体重の記録(日数は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    if facts.age < ADULT or "weight" not in facts.devices or between(facts, "weight", oldest=SILENT_DAYS - 1):
        return None
    earlier = between(facts, "weight", oldest=120)
    last = (
        f"この1週間、体重の記録がありません。最後の記録は{day(earlier[-1].day)}です。"
        if earlier
        else "体重の記録が、まだありません。"
    )
    ground = Ground("weight", "最後の体重の記録", "記録あり", earlier[-1].day.isoformat()) if earlier else _none(facts)
    return Speech(
        "体重計に、乗ってみませんか",
        f"{last}朝、トイレのあとに乗るなど、時間を決めると続けやすくなります。週に2、3回でも十分です。"
        "体重計の電池が切れていないかも、見てみてください。"
        "ご家族で使う体重計なら、「だれの測定ですか」に待っている値がないかも見てみましょう。",
        f"登録された体重計からの記録をみています。{by(SOURCE)}",
        (ground,),
        English(
            "How about stepping on the scale?",
            f"{_last_en(earlier[-1].day if earlier else None)}A fixed time helps, such as after the toilet in the "
            "morning. Two or three times a week are enough. See whether the scale's battery is empty. "
            "If your family shares the scale, look whether a value is waiting to be claimed.",
        ),
    )


def _last_en(last: date | None) -> str:
    if last is None:
        return "There is no weight on record yet. "
    return f"No weight has arrived for a week; the last is of {english.day(last)}. "


def _none(facts: Facts) -> Ground:
    return Ground("weight", "体重の記録", "なし", facts.today.isoformat())


RULE = Rule(
    id="weigh_in_habit",
    title="体重計があるが7日間記録がない",
    kind="advice",
    urgency=0,
    audience="citizen",
    topic="weigh_in",
    needs=("devices", "days:weight"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="旅行や入院中の方、体重計の電池切れや通信の不調。",
)
