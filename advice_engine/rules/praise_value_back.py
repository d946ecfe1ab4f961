"""A checkup value that was over its line came back within it, by more than noise."""

from advice_engine import english
from advice_engine.change import Move, moved
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed, newest_with, usable
from advice_engine.facts import Facts
from advice_engine.feedback import back_within
from advice_engine.figures import ago
from advice_engine.history import Found
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.vetoes import ADULT
from advice_engine.words import by

SOURCE = checkup("別紙5 保健指導判定値(前回との比較の線は本システムの設定)", verified=False)
METRICS = ("office_bp_sys", "tg_fasting", "ldl", "hdl", "hba1c", "fpg", "alt", "ast", "ggt")


def when(facts: Facts) -> Speech | None:
    moves = _back(facts)
    if not moves:
        return None
    found, on = [move.now for move in moves], moves[0].now.on
    return Speech(
        "健診の値が、目安の範囲に戻りました",
        f"{checkup_day(on)}で、{listed(found)}でした。前回は目安を超えていましたが、今回は範囲の中です。"
        f"{moves[0].words}この1年に続けてこられたことを、これからも大切にしてください。"
        "治療中の方は、お薬を今までどおり続けてください。",
        f"前回の健診とくらべました。{by(SOURCE)}",
        (*(ground(move.now) for move in moves), *(ground(move.before) for move in moves)),
        English(
            "Your checkup value is back within the range",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. It was over the line the time "
            "before, and now "
            f"it is within. {moves[0].english}Please keep to what has worked for you. If you are under treatment, keep "
            "taking your medicine as before.",
        ),
    )


def _back(facts: Facts) -> list[Move]:
    newest = newest_with(facts, METRICS)
    if newest is None or newest.examined_on < ago(facts, FRESH_DAYS) or facts.age < ADULT:
        return []
    held = (Found(metric, newest.values[metric], newest.examined_on) for metric in METRICS if metric in newest.values)
    moves = (moved(facts, one) for one in held if usable(one.metric, newest))
    return [move for move in moves if move and back_within(move, facts.sex)][:2]


RULE = Rule(
    id="praise_value_back",
    title="健診の値が目安の範囲に戻った",
    kind="praise",
    urgency=1,
    audience="citizen",
    topic="praise_checkup",
    needs=("checkups",),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="治療で下がった方、体調をくずしてやせた方。",
    renews=True,
)
