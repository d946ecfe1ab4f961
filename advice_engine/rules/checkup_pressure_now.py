"""Checkup blood pressure of 160/100 or more within the last year."""

from advice_engine import english
from advice_engine.checkup_values import checkup_day, since
from advice_engine.facts import Facts
from advice_engine.history import treated
from advice_engine.pressure_risks import clinic_now
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import checkup
from advice_engine.words import by, either

TREATED_EN = "Keep taking your medicine as before, and call your doctor without waiting for the next visit."
VISIT_EN = "If you have not been yet, go to your family doctor within days and bring the result."
SOURCE = checkup("別紙5 受診勧奨判定値、健診結果とその他必要な情報の提供(フィードバック文例集)")


def when(facts: Facts) -> Speech | None:
    found = clinic_now(facts)
    if found is None:
        return None
    doctor = (
        "お薬は今までどおり続け、次の予約を待たずに主治医に電話で相談してください。"
        if treated(facts, "bp")
        else "まだ受診していない方は、数日のうちに、健診の結果を持って、かかりつけの内科を受診してください。"
    )
    doctor_en = TREATED_EN if treated(facts, "bp") else VISIT_EN
    return Speech(
        "血圧のことで、すぐに受診してください",
        f"{checkup_day(found.on)}で、血圧は{found.text}でした。すぐに受診がすすめられている値(160/100 mmHg以上)です。"
        f"{since(found.on, facts.today)}{doctor}"
        "胸の痛みや強い頭痛、ことばが出にくいときは、119番に電話してください。",
        f"健診の血圧は、{either(160, 100)}の範囲です。{by(SOURCE)}",
        found.grounds,
        English(
            "Blood pressure: please see a doctor at once",
            f"Your checkup on {english.day(found.on)} showed {found.text_en}. From 160/100 mmHg on a visit is "
            "advised at once. "
            f"{english.since(found.on, facts.today)}{doctor_en} "
            "With chest pain, a strong headache or trouble speaking, call 119.",
        ),
    )


RULE = Rule(
    id="checkup_pressure_now",
    title="健診の血圧 160/100以上(1年以内)",
    kind="red_flag",
    urgency=3,
    audience="both",
    topic="checkup_pressure",
    needs=("checkups", "drugs", "pressures"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="健診のときだけ高い方(家庭血圧の平均が135/85未満なら話さない)。すでに受診した方。",
    renews=True,
)
