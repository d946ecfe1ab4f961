"""The words for what is measured: one row a metric, with UCUM unit, LOINC and plausible range.

Sources: LOINC/UCUM table of the standards survey (JP Core, Open mHealth, HL7 PHD); 特定健診 items by
JLAC10 in ``checkup_items.csv``. Plausible ranges are ours: wide enough for any living person, narrow
enough to catch a wrong unit or a broken frame. Pure: no database, no network.
"""

from __future__ import annotations

from csv import DictReader
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``low``/``high`` bound what is plausible, in ``ucum`` units, both inclusive."""

    id: str
    ja: str
    ucum: str
    unit_ja: str
    loinc: str | None  # None: no code that we could confirm
    low: float
    high: float
    digits: int = 0  # decimals shown to people


_ROWS = (
    # home devices
    Metric("weight", "体重", "kg", "kg", "29463-7", 2, 400, 1),
    Metric("body_fat", "体脂肪率", "%", "%", "41982-0", 1, 75, 1),
    Metric("impedance", "生体インピーダンス", "Ohm", "Ω", None, 50, 2999),
    Metric("steps", "歩数", "{steps}", "歩", "55423-8", 0, 120_000),
    Metric("steps_counter", "歩数計の積算値", "{steps}", "歩", "55423-8", 0, 10_000_000),
    Metric("steps_day", "1日の歩数", "{steps}/(24.h)", "歩", "41950-7", 0, 120_000),
    Metric("bp_sys", "家庭血圧(収縮期)", "mm[Hg]", "mmHg", "8480-6", 50, 300),
    Metric("bp_dia", "家庭血圧(拡張期)", "mm[Hg]", "mmHg", "8462-4", 20, 200),
    Metric("pulse", "脈拍", "/min", "回/分", "8867-4", 20, 250),
    Metric("glucose", "血糖(自己測定)", "mg/dL", "mg/dL", "2339-0", 10, 1000),
    Metric("spo2", "SpO2", "%", "%", "59408-5", 40, 100),
    Metric("temperature", "体温", "Cel", "℃", "8310-5", 30, 45, 1),
    Metric("sleep", "睡眠時間", "min", "分", "93832-4", 0, 1440),
    # 特定健診 and clinic: kept apart from home values (office and home pressure have different lines)
    Metric("height", "身長", "cm", "cm", "8302-2", 40, 250, 1),
    Metric("checkup_weight", "体重(健診)", "kg", "kg", "29463-7", 2, 400, 1),
    Metric("bmi", "BMI", "kg/m2", "kg/m2", "39156-5", 8, 90, 1),
    Metric("waist", "腹囲", "cm", "cm", "8280-0", 30, 250, 1),
    Metric("vfa", "内臓脂肪面積", "cm2", "cm2", None, 1, 1000),
    Metric("office_bp_sys", "収縮期血圧", "mm[Hg]", "mmHg", "8480-6", 50, 300),
    Metric("office_bp_dia", "拡張期血圧", "mm[Hg]", "mmHg", "8462-4", 20, 200),
    Metric("heart_rate", "心拍数", "/min", "回/分", "8867-4", 20, 250),
    Metric("tg_fasting", "空腹時中性脂肪", "mg/dL", "mg/dL", "2571-8", 5, 10_000),
    Metric("tg_casual", "随時中性脂肪", "mg/dL", "mg/dL", "2571-8", 5, 10_000),
    Metric("hdl", "HDLコレステロール", "mg/dL", "mg/dL", "2085-9", 3, 300),
    Metric("ldl", "LDLコレステロール", "mg/dL", "mg/dL", "18262-6", 5, 1000),
    Metric("non_hdl", "Non-HDLコレステロール", "mg/dL", "mg/dL", "43396-1", 5, 1200),
    Metric("total_cholesterol", "総コレステロール", "mg/dL", "mg/dL", "2093-3", 20, 1500),
    Metric("ast", "AST(GOT)", "U/L", "U/L", "1920-8", 1, 20_000),
    Metric("alt", "ALT(GPT)", "U/L", "U/L", "1742-6", 1, 20_000),
    Metric("ggt", "γ-GT(γ-GTP)", "U/L", "U/L", "2324-2", 1, 10_000),
    Metric("creatinine", "血清クレアチニン", "mg/dL", "mg/dL", "2160-0", 0.05, 40, 2),
    Metric("egfr", "eGFR", "mL/min/{1.73_m2}", "mL/分/1.73m2", "69405-9", 0.5, 300, 1),
    Metric("uric_acid", "血清尿酸", "mg/dL", "mg/dL", "3084-1", 0.1, 40, 1),
    Metric("fpg", "空腹時血糖", "mg/dL", "mg/dL", "1558-6", 10, 1500),
    Metric("glucose_casual", "随時血糖", "mg/dL", "mg/dL", "2345-7", 10, 1500),
    Metric("hba1c", "HbA1c(NGSP)", "%", "%", "4548-4", 2, 25, 1),
    Metric("urine_acr", "尿アルブミン/クレアチニン比", "mg/g", "mg/gCr", "9318-7", 0, 30_000),
    Metric("hematocrit", "ヘマトクリット値", "%", "%", "4544-3", 5, 80, 1),
    Metric("hemoglobin", "ヘモグロビン", "g/dL", "g/dL", "718-7", 2, 30, 1),
    Metric("red_cells", "赤血球数", "10*4/uL", "万/μL", "789-8", 50, 1200),
    Metric("white_cells", "白血球数", "/uL", "/μL", "6690-2", 100, 500_000),
    Metric("platelets", "血小板数", "10*4/uL", "万/μL", "777-3", 0.1, 500, 1),
    Metric("albumin", "アルブミン", "g/dL", "g/dL", "1751-7", 0.5, 8, 1),
)

METRICS: dict[str, Metric] = {row.id: row for row in _ROWS}

STEP_METRICS = ("steps", "steps_counter", "steps_day")
MEASURED = ("weight", "body_fat", "bp_sys", "bp_dia", "pulse", "glucose", "spo2", "temperature")
DAILY = frozenset({*MEASURED, *STEP_METRICS, "sleep"})  # from which a day's figures are made


@dataclass(frozen=True, slots=True)
class CheckupItem:
    """One 特定健診 item: 17-digit JLAC10 (or MHLW-local) code to our word.

    ``metric`` names a row above for a number (``kind`` PQ), or the answer's own word (``q_smoking``,
    ``urine_protein``) for a coded answer (CD, CO). Text items (ST) have no metric.
    """

    code: str
    ja: str
    kind: str
    metric: str
    answers: dict[str, str]


def _answers(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split(";") if pair)


@cache
def checkup_items() -> dict[str, CheckupItem]:
    """All known checkup items by 17-digit code (``store/checkup_items.csv``)."""
    text = (files("store") / "checkup_items.csv").read_text("utf-8").splitlines()
    rows = (
        CheckupItem(row["code"], row["ja"], row["kind"], row["metric"], _answers(row["answers"]))
        for row in DictReader(text)
    )
    return {row.code: row for row in rows}
