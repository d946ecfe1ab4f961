"""On treatment for pressure, glucose or lipids, and the checkup value is still at or over the 受診勧奨 line."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, graded, ground
from advice_engine.facts import Facts
from advice_engine.figures import ago
from advice_engine.history import Found, treated
from advice_engine.pressure_risks import clinic_now
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by

SOURCE = checkup("健診結果とその他必要な情報の提供(治療中の方)")
TREATED = (
    ("血圧", "bp", ("office_bp_sys", "office_bp_dia")),
    ("血糖", "glucose", ("fpg", "hba1c", "glucose_casual")),
    ("脂質", "lipid", ("ldl", "non_hdl", "tg_fasting", "tg_casual")),
)


def when(facts: Facts) -> Speech | None:
    by_name = {name: _over(facts, metrics) for name, what, metrics in TREATED if treated(facts, what)}
    if clinic_now(facts):  # a red flag says "do not wait for the next visit"
        by_name.pop("血圧", None)
    on = max((one.on for values in by_name.values() for one in values), default=None)
    if on is None:
        return None
    names = "、".join(name for name, values in by_name.items() if any(one.on == on for one in values))
    found = [one for values in by_name.values() for one in values if one.on == on]
    return Speech(
        "健診の結果を、主治医に見せましょう",
        f"{checkup_day(on)}で、治療中の{names}の値が、受診の目安を超えていました。"
        "お薬は今までどおり続けてください。次の受診のときに、健診の結果を主治医に見せて相談しましょう。"
        "通院の間があいている方は、早めに予約をとってください。",
        f"治療中の項目が目安を超えていました。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Please show the checkup result to your doctor",
            f"Your checkup on {english.day(on)} showed values over their lines, although they are treated. "
            f"These are: {english.listed(found)}. "
            "Keep taking your medicine as before. At your next visit, show your doctor the result. "
            "If you have not been for a while, please make an appointment soon.",
        ),
    )


def _over(facts: Facts, metrics: tuple[str, ...]) -> list[Found]:
    found = graded(facts, metrics, "referral", "now")
    return [one for one in found if one.on >= ago(facts, FRESH_DAYS)]


RULE = Rule(
    id="checkup_on_treatment",
    title="治療中で、健診の値が目安以上(1年以内)",
    kind="referral",
    urgency=1,
    audience="citizen",
    topic="treatment",
    needs=("checkups", "drugs", "pressures"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="主治医と決めた目標がこの目安と違う方(高齢の方など)。すでに主治医に伝えた方。",
    renews=True,
)
