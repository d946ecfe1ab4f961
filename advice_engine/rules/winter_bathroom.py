"""Snow season, pressure high or under treatment, or 75 and older: warm the dressing room, do not bathe hot and long."""

from advice_engine.checkup_values import FRESH_DAYS, answer_ground, office_pressure
from advice_engine.facts import Facts
from advice_engine.history import latest, treated
from advice_engine.home_pressure import HIGH, home_mean
from advice_engine.rule import English, Ground, Rule, Speech
from advice_engine.season import BATH, season, this_season
from advice_engine.sources import bathing
from advice_engine.vetoes import ADULT
from advice_engine.words import by

OFFICE, OLD = (140, 90), 75
SOURCE = bathing("脱衣所を暖める、湯は41度以下、10分まで(対象の選び方は本システムの設定)")


def when(facts: Facts) -> Speech | None:
    grounds = _grounds(facts) if season(facts.today) == "snow" and facts.age >= ADULT else ()
    if not grounds:
        return None
    water, minutes, room = BATH["water_at_most"], BATH["minutes_at_most"], BATH["room_at_least"]
    return Speech(
        "お風呂の前に、脱衣所を暖めましょう",
        "寒いところで服を脱ぐと、血圧が急に上がりやすくなります。"
        f"入る10分前から、脱衣所と浴室を{room}度くらいまで暖めておきましょう。"
        f"湯の温度は{water}度まで、つかる時間は{minutes}分までに。出るときは、ゆっくり立ち上がってください。"
        "食事のすぐあとやお酒のあと、具合の悪い日は、入らないでおきましょう。"
        "寝室やトイレも、朝起きる前に暖めておくと安心です。家族にひと声かけてから入りましょう。",
        f"冬の間、血圧の記録や治療、年齢からお知らせしています。{by(SOURCE)}",
        grounds,
        English(
            "Warm the dressing room before your bath",
            "Undressing in the cold makes blood pressure rise suddenly. "
            f"Begin to warm the dressing room and the bathroom ten minutes before, to about {room} degrees. "
            f"Keep the water at {water} degrees or less, stay in for {minutes} minutes at most and get up slowly. "
            "Do not bathe right after a meal, after alcohol or when you feel unwell. "
            "Warm your bedroom and the toilet before you get up, and tell somebody before you bathe.",
        ),
    )


def _grounds(facts: Facts) -> tuple[Ground, ...]:
    mean, office = home_mean(facts), office_pressure(facts, within=FRESH_DAYS)
    if mean is not None and mean.at_least(HIGH):
        return mean.grounds
    if treated(facts, "bp"):
        told = latest(facts, "q_med_bp")
        if told is not None and told.value == 1:
            return (answer_ground(told, "血圧の薬"),)
        return (this_season(facts, metric="drugs", what="血圧の薬の記録", value="あり"),)
    if mean is None and office and office.at_least(*OFFICE):
        return office.grounds
    old = facts.age >= OLD
    return (this_season(facts, metric="age", what="年齢", value=f"{OLD}歳以上"),) if old else ()


RULE = Rule(
    id="winter_bathroom",
    title="雪の季節に、血圧が高め・治療中・75歳以上の方の入浴",
    kind="information",
    urgency=1,
    audience="citizen",
    topic="cold_house",
    needs=("pressures", "checkups", "drugs"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="家じゅうが暖かい住まいの方、シャワーだけの方。",
)
