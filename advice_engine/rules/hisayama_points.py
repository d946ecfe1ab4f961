"""久山町スコア for the 保健師: points and class, to see whom the guideline puts where."""

from advice_engine.checkup_values import checkup_day, ground, listed
from advice_engine.facts import Facts
from advice_engine.hisayama import category, points
from advice_engine.hisayama_inputs import profile
from advice_engine.rule import Rule, Speech
from advice_engine.sources import arteries
from advice_engine.words import by

SOURCE = arteries("久山町スコアと管理区分")


def when(facts: Facts) -> Speech | None:
    found = profile(facts)
    group = category(found.profile) if found else None
    if found is None or group is None:
        return None
    known = f"合計{points(found.profile)}点、" if not found.profile.high_risk_illness else "点数によらず"
    return Speech(
        "久山町スコア(保健師用)",
        f"{checkup_day(found.ldl.on)}などから、{known}区分は「{group}」です。"
        "本人の画面には区分だけが出ます。今後の割合は、本人に伝えないでください。",
        f"{listed(found.found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found.found),
    )


RULE = Rule(
    id="hisayama_points",
    title="久山町スコアの点数(保健師用)",
    kind="information",
    urgency=0,
    audience="nurse",
    topic="hisayama_points",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=365,
    source=SOURCE,
    false_alarms="家族性の脂質の異常、末梢の動脈の病気など、記録にない病気がある方。",
    renews=True,
)
