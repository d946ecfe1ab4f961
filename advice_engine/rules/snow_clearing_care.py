"""Snow season: to whom clearing snow is never recommended, that others do it. 雪かき is heavy work in the cold."""

from advice_engine.facts import Facts
from advice_engine.rule import English, Rule, Speech
from advice_engine.season import season
from advice_engine.snow_clearing import reasons
from advice_engine.sources import activity
from advice_engine.vetoes import ADULT
from advice_engine.words import by

SOURCE = activity("雪かき 6.0メッツ。人にまかせる目安(血圧、心臓、発熱、75歳)は本システムの設定", verified=False)


def when(facts: Facts) -> Speech | None:
    found = reasons(facts) if season(facts.today) == "snow" and facts.age >= ADULT else ()
    if not found:
        return None
    return Speech(
        "雪かきは、ほかの方の手を借りましょう",
        "雪かきは、寒い朝に急に力を使う、とても強い運動です。今の体の様子では、おすすめしていません。"
        "ご家族や近所の方、市の除雪の相談に、早めに声をかけてみましょう。"
        "どうしても出る日は、家の中で5分体を温めてから、10分ごとに休み、ふたり以上でしてください。"
        "胸の痛み、強い息切れ、冷や汗が出たときは、すぐにやめて119番に電話してください。",
        f"記録にある血圧、心臓や脳のこと、体温、年齢からみています。{by(SOURCE)}",
        found,
        English(
            "Please do not clear the snow alone",
            "Clearing snow is very heavy work, done at once on a cold morning. We do not recommend it for you now. "
            "Ask your family, your neighbours or the city's snow help early. "
            "If you must go out, warm up indoors for five minutes, rest every ten minutes and do not be alone. "
            "With chest pain, strong breathlessness or cold sweat, stop at once and call 119.",
        ),
    )


RULE = Rule(
    id="snow_clearing_care",
    title="雪の季節に、雪かきをすすめない方",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="snow_clearing",
    needs=("pressures", "checkups", "conditions", "days:temperature"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="雪かきをしない住まいの方、主治医に体を動かしてよいと言われている方、元気な75歳以上の方。",
)
