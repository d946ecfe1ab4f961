"""Glucose in the diabetes range (or treated) together with a kidney sign: the city's prevention programme."""

from advice_engine import english
from advice_engine.checkup_values import checkup_day, ground, listed, since
from advice_engine.facts import Facts
from advice_engine.history import Found, diabetes_signs, latest
from advice_engine.kidney import STEEP_PER_YEAR, TRACE, course, slope_per_year
from advice_engine.rule import English, Rule, Source, Speech
from advice_engine.vetoes import ADULT
from advice_engine.words import by

SOURCE = Source("腎症重症化予防プログラム", 2024, "対象者の選び方(都道府県で違うことがある)", verified=False)
LOW, FALLING = 45.0, 60.0


def when(facts: Facts) -> Speech | None:
    found = _signs(facts) if diabetes_signs(facts) and facts.age >= ADULT else []
    if not found:
        return None
    on = max(one.on for one in found)
    return Speech(
        "血糖と腎臓を、いっしょに診てもらいましょう",
        f"{checkup_day(on)}で、{listed(found)}でした。血糖と腎臓の両方に、気をつけたい値があります。"
        f"{since(on, facts.today)}1か月のうちに、かかりつけの内科に健診の結果を見せてください。"
        "通院中の方は、お薬を今までどおり続けて、次の受診で尿の検査のことを聞いてみましょう。"
        "食事のことは、医師や市の保健師、管理栄養士がいっしょに考えます。",
        f"血糖と腎臓の値をもとにしています。{by(SOURCE)}",
        tuple(ground(one) for one in found),
        English(
            "Please have blood sugar and kidneys looked at together",
            f"Your checkup on {english.day(on)} showed {english.listed(found)}. Both blood sugar and kidneys "
            "deserve care. "
            f"{english.since(on, facts.today)}Please show the result to your family doctor within a month. "
            f"{english.KEEP_ON} "
            "Doctors, the city's nurses and dietitians help you with meals.",
        ),
    )


def _signs(facts: Facts) -> list[Found]:
    """Urine protein ± and more, eGFR below 45, or below 60 and falling by 5 a year; each from its newest checkup."""
    urine, egfr = latest(facts, "urine_protein"), latest(facts, "egfr")
    slope = slope_per_year(course(facts))
    falling = slope is not None and slope <= STEEP_PER_YEAR
    low = egfr is not None and (egfr.value < LOW or (egfr.value < FALLING and falling))
    sugar = next((one for metric in ("hba1c", "fpg") if (one := latest(facts, metric))), None)
    signs = [one for one, holds in ((urine, urine is not None and urine.value >= TRACE), (egfr, low)) if one and holds]
    return [*signs, *([sugar] if sugar else [])] if signs else []


RULE = Rule(
    id="kidney_and_glucose",
    title="血糖と腎臓の両方のしるし(重症化予防プログラムの対象)",
    kind="referral",
    urgency=2,
    audience="both",
    topic="kidney_and_glucose",
    needs=("checkups", "conditions", "drugs"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="一時的な尿蛋白、脱水のときの採血。すでに両方を診てもらっている方。",
    clinic_first=True,
    renews=True,
)
