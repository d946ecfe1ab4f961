"""久山町スコア: the guideline's class and its LDL target, in words; no points and never a per cent."""

from advice_engine import english
from advice_engine.checkup_values import checkup_day, ground, listed
from advice_engine.facts import Facts
from advice_engine.hisayama import LDL_TARGETS, category
from advice_engine.hisayama_inputs import profile
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import arteries
from advice_engine.words import by, number

SOURCE = arteries("久山町スコアと管理区分")
SCORED = (
    "年齢、性別、血圧、血糖、コレステロール、たばこから決まる、おおまかな区分です。"
    "元気な方でも年齢とともに上がります。",
    "It is a rough group, made from age, sex, blood pressure, blood sugar, cholesterol and smoking. "
    "With age it goes up in healthy people too. ",
)
ILL = (
    "血糖や腎臓のことで診てもらっている方は、ほかの値によらず、この区分になります。",
    "People seen for blood sugar or kidneys are in this group whatever their other values. ",
)
CLASS_EN = {"低リスク": "low", "中リスク": "middle", "高リスク": "high"}


def when(facts: Facts) -> Speech | None:
    found = profile(facts)
    group = category(found.profile) if found else None
    if found is None or group is None:
        return None
    target, ldl = LDL_TARGETS[group], found.ldl
    from_ja, from_en = ILL if found.profile.high_risk_illness else SCORED
    over = ldl.value >= target
    ja = "目標より高めです。次にかかりつけの内科に行くとき、相談してみましょう。" if over else "目標の範囲です。"
    en = "Yours is above it: ask your doctor at your next visit." if over else "Yours is within it."
    return Speech(
        "血管の健康の区分のお知らせ",
        f"{checkup_day(ldl.on)}の結果などを学会の表に当てはめると、区分は「{group}」でした。"
        f"{from_ja}この区分のLDLコレステロールの目標は{number(target)} mg/dL未満です。今回は{number(ldl.value)} "
        f"mg/dLで、{ja}",
        f"{listed(found.found)}。{by(SOURCE)}",
        tuple(ground(one) for one in found.found),
        English(
            "Your group for healthy blood vessels",
            f"With your checkup on {english.day(ldl.on)}, the table of the Japan Atherosclerosis Society (2022) "
            "puts you "
            f'in the "{CLASS_EN[group]}" group. {from_en}'
            f"For this group the LDL cholesterol target is below {number(target)} mg/dL. {en}",
        ),
    )


RULE = Rule(
    id="hisayama_class",
    title="久山町スコアの区分(割合は出さない)",
    kind="information",
    urgency=0,
    audience="citizen",
    topic="hisayama",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=365,
    source=SOURCE,
    false_alarms="家族に若くして心臓の病気になった方がいる方、治療中で値が変わっている方。",
    renews=True,
)
