"""On treatment, and HbA1c of 8.0 % and more at the last year's checkup."""

from advice_engine import english
from advice_engine.checkup_values import FRESH_DAYS, checkup_day, ground, listed
from advice_engine.facts import Facts
from advice_engine.history import latest, treated
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import glucose
from advice_engine.words import by

SOURCE = glucose("血糖コントロールの目標(8.0%は治療を見直す線)", verified=False)
LINE = 8.0


def when(facts: Facts) -> Speech | None:
    found = latest(facts, "hba1c", within=FRESH_DAYS)
    if found is None or found.value < LINE or not treated(facts, "glucose"):
        return None
    return Speech(
        "HbA1cの結果を、早めに主治医に見せましょう",
        f"{checkup_day(found.on)}で、{listed([found])}でした。8.0%以上のときは、早めの相談がすすめられています。"
        "お薬は今までどおり続けて、次の予約を待たずに、主治医に電話で相談してください。"
        "飲みにくい、忘れやすいなど、困っていることも伝えましょう。責められることはありません。",
        f"{listed([found])}。{by(SOURCE)}",
        (ground(found),),
        English(
            "Please show your HbA1c to your doctor soon",
            f"Your checkup on {english.day(found.on)} showed {english.listed([found])}. From 8.0% on, an early talk is "
            "advised. Keep taking your medicine as before, and call your doctor without waiting for the next visit. "
            "Tell them too if the medicine is hard to take or easy to forget. Nobody will blame you.",
        ),
    )


RULE = Rule(
    id="hba1c_high_on_treatment",
    title="治療中で、HbA1c 8.0以上(1年以内)",
    kind="referral",
    urgency=2,
    audience="both",
    topic="treatment_glucose",
    needs=("checkups", "drugs"),
    when=when,
    rest_days=60,
    source=SOURCE,
    false_alarms="主治医と決めた目標が違う方(高齢の方など)、貧血などでHbA1cが実際と合わない方。",
    renews=True,
)
