"""Weight lost over months: 2 kg and more at 65 or older, 5 % and more at any adult age."""

from advice_engine import english
from advice_engine.facts import Facts
from advice_engine.figures import between, middle
from advice_engine.history import height_m, kidney_signs
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.sources import frailty
from advice_engine.vetoes import ADULT, left_to_doctor
from advice_engine.words import amount, by, number, span_iso

OLDER, OLDER_LOSS_KG, LOSS_SHARE, HEAVY = 65, 2.0, 0.05, 25.0
GUIDANCE_ENDS = 75  # no 特定保健指導 from here on, and nobody is told to lose weight
ANOTHER_PERSON_SHARE = 0.3  # more is rather someone else's scale (our choice)
SOURCE = frailty("体重減少(6か月で2 kg以上)、成人では5%以上", verified=False)

EAT = "卵や豆腐、魚などのおかずを毎食とりましょう。"


def when(facts: Facts) -> Speech | None:
    now, before = between(facts, "weight", oldest=13), between(facts, "weight", oldest=120, newest=60)
    recent, usual = middle(now, at_least=3), middle(before, at_least=3)
    if recent is None or usual is None or not _much(facts, usual, recent):
        return None
    eat = "" if kidney_signs(facts) or left_to_doctor(facts, "diet") else EAT
    return Speech(
        "体重が減っています。理由を確かめましょう",
        f"体重が、2〜4か月前より{number(usual - recent, 1)} kg減りました"
        f"({amount('weight', usual)}から{amount('weight', recent)})。"
        "減らそうと思って減ったのでなければ、2週間のうちにかかりつけの内科に相談してください。"
        f"相談するまでは、食事をへらさないでください。{eat}"
        "減量に取り組んでいる方は、保健師や主治医と、ちょうどよいペースを確かめましょう。",
        f"数か月で体重が減りました。{by(SOURCE)}",
        (
            Ground("weight", "この2週間の体重", amount("weight", recent), span_iso(now[0].day, now[-1].day)),
            Ground("weight", "2〜4か月前の体重", amount("weight", usual), span_iso(before[0].day, before[-1].day)),
        ),
        English(
            "Your weight is going down: please find out why",
            f"You weigh {number(usual - recent, 1)} kg less than two to four months ago, "
            f"{english.amount('weight', usual)} then and "
            f"{english.amount('weight', recent)} now. If you did not mean to lose weight, ask your family doctor "
            "within two weeks. "
            f"Until then, do not eat less. {'Have egg, tofu or fish with every meal. ' if eat else ''}"
            "If you are losing weight on purpose, check the pace with a nurse or your doctor.",
        ),
    )


def _much(facts: Facts, usual: float, recent: float) -> bool:
    """From 65 on 2 kg count; below 75 only if BMI was below 25, else -2 kg is what 特定保健指導 aims at."""
    loss, height = round(usual - recent, 1), height_m(facts)
    if facts.age < ADULT:
        return False
    aimed_at = facts.age < GUIDANCE_ENDS and height is not None and usual / height**2 >= HEAVY
    if loss / usual > ANOTHER_PERSON_SHARE:
        return False
    return loss / usual >= LOSS_SHARE or (facts.age >= OLDER and loss >= OLDER_LOSS_KG and not aimed_at)


RULE = Rule(
    id="weight_loss_unintended",
    title="体重の減少(65歳以上で2 kg、または5%以上)",
    kind="red_flag",
    urgency=2,
    audience="both",
    topic="weight_change",
    needs=("days:weight", "checkups", "conditions"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="自分で減量している方、むくみがとれた方、体重計が替わった、別の人が乗った。",
)
