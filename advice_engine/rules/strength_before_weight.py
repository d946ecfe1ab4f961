"""65 and older with two or more signs of the frailty items: strength, balance, enough food – never slimming."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.frailty import chs_items, strength_first
from advice_engine.history import kidney_signs
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import frailty
from advice_engine.vetoes import left_to_doctor
from advice_engine.words import by

ASKED = {
    "q75_lost_weight": "6か月で2〜3 kg以上の体重の減少",
    "q75_slower": "歩く速度が遅くなった",
    "q75_exercise": "週1回以上の運動",
}
EAT, EAT_EN = (
    "毎食、魚か豆腐か卵のおかずを1品とりましょう。",
    "Have fish, tofu or egg with every meal. ",
)
SOURCE = frailty("体重減少・歩行速度・身体活動の項目。後期高齢者の質問票の答えで代えている", verified=False)


def when(facts: Facts) -> Speech | None:
    if not strength_first(facts):
        return None
    found = chs_items(facts)
    on = max(one.on for one in found)
    eat = not kidney_signs(facts) and not left_to_doctor(facts, "diet")
    return Speech(
        "まず、体の力を保ちましょう",
        f"{checkup_day(on)}の質問票のお答えでは、体の力を保つことが大切な時期のようです。"
        "体重を減らすことは考えず、食べる量を保ちましょう。"
        f"{EAT if eat else ''}"
        "いすから立って座る動きを、ゆっくり5回。机に手をそえて、かかと上げを10回。週に2、3日から始めましょう。"
        "週に1回は、近くの体操教室や友人の家へ出かけてみませんか。地域包括支援センターや保健師が、教室を一緒に探します。"
        "続けて体重が減るときは、かかりつけの医療機関に相談してください。",
        f"質問票の{len(found)}つのお答えをもとにしています。{by(SOURCE)}",
        tuple(answer_ground(one, ASKED[one.metric]) for one in found),
        English(
            "First of all, keep your strength",
            f"Your answers of {english.day(on)} suggest that keeping your strength matters most now. Do not try "
            f"to lose weight: go on eating as much as before. {EAT_EN if eat else ''}"
            "Stand up from a chair and sit down slowly, five times, and raise your heels ten times with a hand on the "
            "table. Begin on two or three days a week. "
            "Once a week, go to an exercise class nearby or to a friend: the community support centre or a public "
            "health nurse helps you find one. "
            "If your weight goes on falling, ask your family doctor.",
        ),
    )


RULE = Rule(
    id="strength_before_weight",
    title="65歳以上で、体の力を先にする答えが2つ以上",
    kind="advice",
    urgency=2,
    audience="both",
    topic="frailty",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=28,
    source=SOURCE,
    false_alarms="けがや手術のあとで一時的に動けなかった方、もともとゆっくり歩く方。",
)
