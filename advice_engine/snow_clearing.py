"""Who should leave clearing snow to others. Pure; lines in ``season.toml`` (our design, no guideline gives them).

雪かき is 6.0 METs in the cold of the morning: it counts as activity, and is never recommended to these people.
"""

from __future__ import annotations

from advice_engine.checkup_values import FRESH_DAYS, office_pressure
from advice_engine.facts import Facts
from advice_engine.figures import fever
from advice_engine.history import heart_or_stroke
from advice_engine.home_pressure import home_mean
from advice_engine.rule import Ground
from advice_engine.season import SNOW_CLEARING, this_season
from advice_engine.vetoes import left_to_doctor

SYS, DIA = SNOW_CLEARING["pressure"]
AGE_FROM: int = SNOW_CLEARING["age_from"]


def reasons(facts: Facts) -> tuple[Ground, ...]:
    """What speaks against clearing snow oneself; empty: nothing that is known."""
    return (*_pressure(facts), *_heart(facts), *_fever(facts), *_age(facts))


def may_count(facts: Facts) -> bool:
    """Whether a menu may name 雪かき as something that counts."""
    return not reasons(facts) and not left_to_doctor(facts, "exercise")


def _pressure(facts: Facts) -> tuple[Ground, ...]:
    mean, office = home_mean(facts), office_pressure(facts, within=FRESH_DAYS)
    if mean is not None:
        return mean.grounds if mean.at_least((SYS, DIA)) else ()
    return office.grounds if office and office.at_least(SYS, DIA) else ()


def _heart(facts: Facts) -> tuple[Ground, ...]:
    found = heart_or_stroke(facts)
    return (this_season(facts, metric="conditions", what="心臓や脳の治療の記録", value="あり"),) if found else ()


def _fever(facts: Facts) -> tuple[Ground, ...]:
    warm = fever(facts)
    return (Ground("temperature", "体温", f"{warm.value:.1f} ℃", warm.day.isoformat()),) if warm else ()


def _age(facts: Facts) -> tuple[Ground, ...]:
    old = facts.age >= AGE_FROM
    return (this_season(facts, metric="age", what="年齢", value=f"{AGE_FROM}歳以上"),) if old else ()
