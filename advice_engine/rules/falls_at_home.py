"""Fell within the year (後期高齢者の質問票 8): three changes at home."""

from advice_engine import english
from advice_engine.checkup_values import answer_ground, checkup_day
from advice_engine.facts import Facts
from advice_engine.frailty import FELL
from advice_engine.history import answered
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import older_questionnaire
from advice_engine.words import by

SOURCE = older_questionnaire("質問8(転倒)。住まいの工夫は本システムの設定", verified=False)


def when(facts: Facts) -> Speech | None:
    fell = answered(facts, *FELL)
    if fell is None:
        return None
    return Speech(
        "つまずきやすい所を、1か所だけ直しましょう",
        f"{checkup_day(fell.on)}の質問票で、この1年に転んだことがあるとのお答えでした。"
        "今日は、家の中を1か所だけ見てみませんか。床のコードや敷物を片づける。廊下とトイレに足もとの明かりをつける。"
        "スリッパを、かかとのある室内ばきに替える。この3つのうち、できそうなものを1つ選びましょう。"
        "手すりをつけたいときは、地域包括支援センターが相談にのります。"
        "頭を打った、立ちくらみがある、また転んだときは、医療機関に相談してください。",
        f"質問票のお答えをもとにしています。{by(SOURCE)}",
        (answer_ground(fell, "この1年間の転倒"),),
        English(
            "Mend one place at home where one may stumble",
            f"At your checkup on {english.day(fell.on)} you answered that you fell within the year. "
            "Look at one place at home today. Tidy away a cord or a rug; put a night light in the corridor; or wear "
            "indoor shoes with a heel instead of slippers. Choose one of these three. "
            "For a handrail, ask the community support centre. "
            "If you hit your head, feel faint on standing or fall again, see a doctor.",
        ),
    )


RULE = Rule(
    id="falls_at_home",
    title="この1年に転んだことがある",
    kind="advice",
    urgency=1,
    audience="citizen",
    topic="falls",
    needs=("checkups",),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="雪道や運動で一度だけ転んだ方、もう家を直した方。",
)
