"""Checkup pressure from 130/85, or treated: one swap of the week that saves salt, of the season where it has one."""

from advice_engine import english
from advice_engine.checkup_values import OfficePressure, checkup_day, office_pressure
from advice_engine.dishes import about, swap_of_week, this_weeks
from advice_engine.facts import Facts
from advice_engine.history import ANSWERS_HOLD_DAYS, treated
from advice_engine.home_pressure import calm_at_home
from advice_engine.intakes import salt_aim
from advice_engine.rule import English, Rule, Speech
from advice_engine.sources import pressure
from advice_engine.vetoes import ADULT
from advice_engine.words import by

LINE = (130, 85)
SOURCE = pressure("生活習慣の修正(減塩)。料理の塩分は日本食品標準成分表(八訂)からの見積もり", verified=False)
TELL = "お薬は今までどおり続けて、主治医にも食事のことを話してください。"
TELL_EN = "Keep taking your medicine as before and tell your doctor about it. "


def when(facts: Facts) -> Speech | None:
    found = office_pressure(facts, within=ANSWERS_HOLD_DAYS)
    if found is None or facts.age < ADULT or not (found.at_least(*LINE) or treated(facts, "bp")):
        return None
    return None if calm_at_home(facts) and not treated(facts, "bp") else _speech(facts, found)


def _speech(facts: Facts, found: OfficePressure) -> Speech:
    swap, (aim, aim_en) = swap_of_week(facts, "salt"), salt_aim(facts)
    on_treatment = treated(facts, "bp")
    return Speech(
        "今週の減塩を、ひとつだけ",
        f"{checkup_day(found.on)}で、血圧は{found.text}でした。塩分を少しへらす工夫を、毎週ひとつご紹介します。"
        f"今週は「{swap.ja}」です。これで1回に塩分が{about(swap.saves, 'g')}少なくなります。"
        f"塩分の目安は{aim}です。料理の塩分は見積もりで、味つけによって変わります。"
        f"食欲がないときや、食事の量が少ないときは、食べることを先にしてください。{TELL if on_treatment else ''}",
        f"健診の血圧をもとにしています。{by(SOURCE)}",
        (*found.grounds, this_weeks(facts, swap)),
        English(
            "One small step to less salt this week",
            f"Your checkup on {english.day(found.on)} showed {found.text_en}. Each week we suggest one small way to "
            f"less salt. This week: {swap.en}. It saves about {swap.saves:.1f} g of salt each time. "
            f"The aim is {aim_en}. The salt of a dish is an estimate. "
            f"{TELL_EN if on_treatment else ''}When you have no appetite, eating comes first.",
        ),
    )


RULE = Rule(
    id="salt_swap_of_week",
    title="健診の血圧 130/85以上、または治療中の方の今週の減塩",
    kind="advice",
    urgency=2,
    audience="citizen",
    topic="salt",
    needs=("checkups", "pressures", "drugs", "conditions"),
    when=when,
    rest_days=14,
    source=SOURCE,
    false_alarms="その料理をふだん食べない方、すでに減塩している方、食事の量が少ない高齢の方。",
    renews=True,
)
