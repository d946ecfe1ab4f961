"""Who may come to the next checkup with HbA1c of 6.5 % and more: an order for the 保健師, no word for a citizen."""

from __future__ import annotations

from advice_engine.learning import Learned
from advice_engine.risk_score import score
from advice_engine.risk_training import Data, train

# Earlier HbA1c and fasting glucose come in with a local refit: in the public data they are the target itself.
INPUTS = (
    "age",
    "male",
    "bmi",
    "waist",
    "office_bp_sys",
    "office_bp_dia",
    "hdl",
    "tg_fasting",
    "bp_drug",
    "lipid_drug",
    "glucose_drug",
    "smoker",
    "family_diabetes",
    "hba1c",
    "fpg",
)


def fit(data: Data) -> dict[str, object]:
    return train(data, INPUTS)


LEARNED = Learned(id="high_glucose", kind="risk", title="血糖(HbA1c 6.5%以上)", inputs=INPUTS, fit=fit, score=score)
