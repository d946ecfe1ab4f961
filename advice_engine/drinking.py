"""Alcohol by the questionnaire (items 18 and 19), in grams and in drinks that people know. Pure.

Source: 健康に配慮した飲酒に関するガイドライン (2024): grams = mL x % / 100 x 0.8; 40 g (men) or 20 g (women) a day and
more raise risks, 60 g is much for one occasion. Which answers count is 国民健康・栄養調査 (``drinking_risk.csv``,
unverified).
"""

from __future__ import annotations

from csv import DictReader
from importlib.resources import files

from advice_engine.facts import Facts
from advice_engine.history import Found, answered

GROWN_UP = 20
DAILY, MUCH = (1, 2), 4  # answers: on five days a week and more; three cups and more: not to be given up at once
SAKE_G, BEER_G = 21.6, 20.0  # 180 mL at 15 %, 500 mL at 5 %
DAILY_G = {"male": 40, "female": 20}
AT_ONCE_G = 60
NO_LONGER = (6, 7, 8)  # answers to item 18: less than once a month, stopped, does not drink
LEAST_CUPS = {1: 0, 2: 1, 3: 2, 4: 3, 5: 5}  # 合 of an answer to item 19, from which on
# From which answer to item 19 an answer to item 18 counts.
GRID = {
    int(row["frequency"]): {"male": int(row["men_from"]), "female": int(row["women_from"])}
    for row in DictReader((files("advice_engine") / "drinking_risk.csv").read_text("utf-8").splitlines())
}
KNOWN = "日本酒1合(180 mL)は純アルコール約22 g、ビール500 mLは約20 gです。"
KNOWN_EN = "A cup of sake (180 mL) holds about 22 g of alcohol, 500 mL of beer about 20 g. "


def drinks(facts: Facts) -> tuple[Found, Found] | None:
    """How often and how much, answered on the same day within two years by somebody of 20 or more, else None."""
    often, much = answered(facts, "q_drink_frequency", *range(1, 7)), answered(facts, "q_drink_amount", *LEAST_CUPS)
    if often is None or much is None or often.on != much.on or facts.age < GROWN_UP:
        return None
    return often, much


def at_risk(often: float, much: float, sex: str) -> bool:
    """Whether two answers reach the line; where the sex is not known, the line that fewer reach."""
    line = GRID.get(int(often))
    return line is not None and much >= line.get(sex, line["male"])


def least_g(much: float) -> float:
    """The least grams of alcohol on a drinking day."""
    return LEAST_CUPS[int(much)] * SAKE_G
