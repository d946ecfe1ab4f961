"""Weight 2 kg or more up within days: swelling or breathlessness should be asked for."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import heart
from advice_engine.vetoes import ADULT
from advice_engine.words import amount, by, number, span_iso

GAIN_KG = 2.0
ANOTHER_PERSON_KG = 8.0  # more within days is rather someone else on the scale (our choice)
SOURCE = heart("体重の急な増加(日数の目安は未確認)", verified=False)


def when(facts: Facts) -> Speech | None:
    now, before = between(facts, "weight", oldest=2), between(facts, "weight", oldest=9, newest=3)
    recent, usual = middle(now, at_least=2), middle(before, at_least=3)
    if recent is None or usual is None or facts.age < ADULT:
        return None
    if not GAIN_KG <= round(recent - usual, 1) <= ANOTHER_PERSON_KG:
        return None
    return Speech(
        "体重が数日で増えています",
        f"体重が、この数日で{number(recent - usual, 1)} kg増えました"
        f"({amount('weight', usual)}から{amount('weight', recent)})。"
        "足やまぶたのむくみ、息切れ、横になると苦しい感じはありませんか。"
        "ひとつでもあれば、今日のうちに医療機関に電話で相談してください。息が苦しくて動けないときは119番です。"
        "心臓や腎臓で通院中の方は、むくみがなくても主治医に電話で伝えてください。",
        f"数日で体重が2 kg以上増えました。{by(SOURCE)}",
        (
            Ground("weight", "この3日の体重", amount("weight", recent), span_iso(now[0].day, now[-1].day)),
            Ground("weight", "その前の体重", amount("weight", usual), span_iso(before[0].day, before[-1].day)),
        ),
        English(
            "Your weight has gone up within days",
            f"Your weight went up by {number(recent - usual, 1)} kg within days, from "
            f"{english.amount('weight', usual)} to "
            f"{english.amount('weight', recent)}. Are your legs or eyelids swollen, are you short of breath, is "
            "it hard to lie flat? "
            "If any of these, call a clinic today. If you cannot move for lack of breath, call 119. "
            "If you see a doctor for heart or kidneys, call them even without swelling.",
        ),
    )


RULE = Rule(
    id="weight_gain_fast",
    title="数日で体重が2 kg以上増えた",
    kind="red_flag",
    urgency=3,
    audience="both",
    topic="weight_change",
    needs=("days:weight",),
    when=when,
    rest_days=3,
    source=SOURCE,
    false_alarms="別の人が乗った、厚着や食後に測った、便秘や月経の前。",
)
