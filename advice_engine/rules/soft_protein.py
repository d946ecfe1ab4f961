"""65 or older and chewing is hard (特定健診 item 13, 後期高齢者の質問票 item 4): soft dishes with protein.

Silent with kidney signs, and for whom soup goes down the wrong way: a doctor or dentist comes first.
"""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day, name
from advice_engine.dishes import about, dishes
from advice_engine.facts import Facts
from advice_engine.history import answered, kidney_signs
from advice_engine.intakes import OLDER
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("標準的な質問票13(かむ状態)の解説。献立は本システムの例", verified=False)


def when(facts: Facts) -> Speech | None:
    hard = answered(facts, "q75_hard_food", 1) or answered(facts, "q_chewing", 2, 3)
    if hard is None or facts.age < OLDER or kidney_signs(facts) or answered(facts, "q75_chokes", 1):
        return None
    tofu, fish, egg = (dishes()[name].holds("protein_g") for name in ("tofu", "mackerel", "egg"))
    return Speech(
        "やわらかいおかずで、力をつけましょう",
        f"{checkup_day(hard.on)}の質問票で、かみにくいとのお答えでした。やわらかくても、たんぱく質はとれます。"
        f"豆腐3分の1丁をあたためて(たんぱく質{about(tofu, 'g', digits=0)})、"
        f"さばの水煮缶半分をほぐして({about(fish, 'g', digits=0)})、"
        f"卵1個でとろりとした卵とじに({about(egg, 'g', digits=0)})。まずは毎食どれか1品をどうぞ。"
        "歯や入れ歯のことは、歯科で相談できます。むせることがある方は、先にかかりつけの医療機関に相談してください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(hard, name(hard.metric)),),
        English(
            "Soft dishes that give strength",
            f"At your checkup on {english.day(hard.on)} you said that chewing is hard. Soft food can hold protein too. "
            f"Warm a third of a block of tofu (about {tofu:.0f} g of protein). Flake half a tin of mackerel (about "
            f"{fish:.0f} g). Or cook one egg softly in broth (about {egg:.0f} g). Begin with one of them at each meal. "
            "A dentist can help with teeth and dentures. If you choke on food at times, ask your doctor first.",
        ),
    )


RULE = Rule(
    id="soft_protein",
    title="65歳以上でかみにくい",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="eating_enough",
    needs=("checkups", "conditions"),
    when=when,
    rest_days=30,
    source=SOURCE,
    false_alarms="答えのあとに歯の治療を終えた方、その食べ物が合わない方。",
)
