"""Home blood pressure of 180/110 or more: once (measure again) or repeatedly (a doctor today)."""

from advice_engine.facts import Facts, HomePressure
from advice_engine.figures import ago
from advice_engine.home_pressure import sound
from advice_engine.rule import Ground, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.words import by, day, either
from advice_engine.words import pressure as shown
from store.clock import civil_day

SYS, DIA = 180, 110
WITHIN_DAYS, REPEATED = 3, 2
SOURCE = pressure("血圧値の分類と緊急時の対応", verified=False)
ALARM = "胸の痛み、強い頭痛、手足が動かしにくい、ことばが出にくいときは、すぐに119番に電話してください。"


def when(facts: Facts) -> Speech | None:
    readings = sound(facts, within=WITHIN_DAYS)
    high = [one for one in readings if one.sys >= SYS or one.dia >= DIA]
    if len(high) >= REPEATED:
        return _speech(
            high,
            "血圧がとても高い日があります",
            f"家で測った血圧で、{either(SYS, DIA)}のことが{len(high)}回ありました。"
            f"今日のうちに、かかりつけの医療機関に電話で相談してください。{ALARM}",
        )
    if high and high[-1] is readings[-1] and civil_day(high[-1].at) >= ago(facts, 1):
        return _speech(
            high,
            "血圧をもう一度測ってみてください",
            f"家で測った血圧が、{either(SYS, DIA)}でした。いすに座って5分ほど休み、もう一度測ってください。"
            f"同じように高いときは、今日のうちに医療機関に電話で相談してください。{ALARM}",
        )
    return None


def _speech(high: list[HomePressure], title: str, body: str) -> Speech:
    newest = high[-1]
    grounds = tuple(
        Ground("bp_sys", "家庭血圧", shown(one.sys, one.dia), civil_day(one.at).isoformat()) for one in high[-5:]
    )
    said = f"{day(civil_day(newest.at))}の血圧は{shown(newest.sys, newest.dia)}でした。"
    return Speech(title, body, f"{said}{by(SOURCE)}", grounds)


RULE = Rule(
    id="home_pressure_very_high",
    title="家庭血圧 180/110以上",
    kind="red_flag",
    urgency=4,
    audience="both",
    topic="home_pressure",
    needs=("pressures",),
    when=when,
    rest_days=1,
    source=SOURCE,
    false_alarms="測る前の運動・入浴・会話、腕帯のずれ(機器が印を付けた測定は除く)。別の人が使った血圧計。",
)
