"""Who may come to the next checkup with a systolic pressure of 140 and more: an order for the 保健師 alone."""

from __future__ import annotations

from advice_engine.learning import Learned
from advice_engine.risk_score import score
from advice_engine.risk_training import Data, train

# Earlier pressures come in with a local refit: in the public data they are the target itself.
INPUTS = (
    "age",
    "male",
    "bmi",
    "waist",
    "hdl",
    "tg_fasting",
    "bp_drug",
    "lipid_drug",
    "glucose_drug",
    "smoker",
    "family_diabetes",
    "office_bp_sys",
    "office_bp_dia",
)


def fit(data: Data) -> dict[str, object]:
    return train(data, INPUTS)


LEARNED = Learned(
    id="high_pressure", kind="risk", title="血圧(収縮期 140 mmHg以上)", inputs=INPUTS, fit=fit, score=score
)
