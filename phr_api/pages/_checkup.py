"""A checkup as the citizen reads it: each value beside its lines, and what the lines lead to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advice_engine.checkup_lines import Grade, Line, lines_on
from advice_engine.facts import Checkup
from advice_engine.stratify import LEVELS, METABO, compare, stratify
from advice_engine.stratify_inputs import from_checkup
from store.metrics import METRICS, checkup_items
from store.people import Person

# In the order of the paper that people know.
_GROUPS = (
    ("からだ", ("height", "checkup_weight", "bmi", "waist", "vfa")),
    ("血圧", ("office_bp_sys", "office_bp_dia", "heart_rate")),
    ("脂質", ("tg_fasting", "tg_casual", "hdl", "ldl", "non_hdl", "total_cholesterol")),
    ("血糖", ("fpg", "hba1c", "glucose_casual", "urine_glucose")),
    ("肝臓", ("ast", "alt", "ggt", "albumin")),
    ("腎臓・尿酸", ("creatinine", "egfr", "urine_protein", "urine_blood", "urine_acr", "uric_acid")),
    ("血液", ("hemoglobin", "hematocrit", "red_cells", "white_cells", "platelets")),
)
MARKS: dict[Grade, str] = {
    "within": "目安の範囲",
    "guidance": "生活を見直す目安",
    "referral": "受診をすすめる目安",
    "now": "すぐに受診をすすめる目安",
}
_OP = {">=": "以上", "<": "未満", "<=": "以下"}
_PLAIN = {
    "office_bp_sys": "収縮期血圧(上)",
    "office_bp_dia": "拡張期血圧(下)",
    "urine_protein": "尿たんぱく",
    "urine_glucose": "尿糖",
    "urine_blood": "尿潜血",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``grade`` None: the programme draws no line for this item."""

    item: str
    value: str
    guidance: str
    referral: str
    grade: Grade | None
    mark: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judgement in our words beside the document's own. ``agrees`` None: the document has none."""

    ours: str
    theirs: str
    agrees: bool | None
    means: str


@dataclass(frozen=True, slots=True)
class View:
    checkup: Checkup
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    level: Verdict
    metabo: Verdict


_LEVEL_MEANS = {
    1: "専門職といっしょに目標を立て、3か月以上つづけて支援を受けられます。",
    2: "専門職と面接して目標を立て、3か月以上たってから振り返ります。",
    3: "特定保健指導の対象ではありません。気になる値があれば、下の表の目安をご覧ください。",
    4: "必要な項目がそろわないため、区分を出せませんでした。",
}
_METABO_MEANS = {
    1: "おなか周りの基準に加えて、血圧・血糖・脂質のうち2つ以上が、健診の基準に当てはまりました。",
    2: "おなか周りの基準に加えて、血圧・血糖・脂質のうち1つが、健診の基準に当てはまりました。",
    3: "健診の基準には当てはまりませんでした。",
    4: "必要な項目がそろわないため、判定を出せませんでした。",
}


def view(checkup: Checkup, person: Person) -> View:
    """Everything the page shows of one checkup."""
    groups = ((name, tuple(_rows(metrics, checkup, person.sex))) for name, metrics in _GROUPS)
    ours = stratify(from_checkup(checkup, person.sex, person.birth_date))
    agrees = compare(ours, checkup)
    return View(
        checkup,
        tuple((name, rows) for name, rows in groups if rows),
        Verdict(
            ours.level_ja,
            _theirs(LEVELS, checkup, "guidance_level"),
            agrees.level,
            _LEVEL_MEANS.get(ours.level_code or 0, "特定保健指導は40歳から74歳までの方が対象です。"),
        ),
        Verdict(
            ours.metabo_ja or "判定できません",
            _theirs(METABO, checkup, "metabo"),
            agrees.metabo,
            _METABO_MEANS.get(ours.metabo_code or 0, "空腹時の採血ではないため、健診機関の判定をご確認ください。"),
        ),
    )


def height(checkups: Sequence[Checkup]) -> float | None:
    """The newest measured height, cm."""
    return next((one.values["height"] for one in checkups if "height" in one.values), None)


def _theirs(words: dict[int, str], checkup: Checkup, metric: str) -> str:
    return words.get(int(checkup.values.get(metric, 0)), "")


def _rows(metrics: tuple[str, ...], checkup: Checkup, sex: str) -> list[Row]:
    return [_row(metric, checkup, sex) for metric in metrics if metric in checkup.values]


def _row(metric: str, checkup: Checkup, sex: str) -> Row:
    line, value = lines_on(checkup.examined_on).get(metric), checkup.values[metric]
    title = _PLAIN.get(metric) or METRICS[metric].ja
    if line is None:
        return Row(title, said(metric, value), "", "", None, "", True)
    grade = line.grade(value, sex)
    guidance, referral = _line(line, line.guidance(sex)), _line(line, line.referral(sex))
    return Row(title, said(metric, value), guidance, referral, grade, MARKS[grade], line.verified)


def _line(line: Line, value: float | None) -> str:
    if value is None:
        return ""
    words = f"{value:g}" if line.metric in METRICS else said(line.metric, value)
    return words + _OP[line.op]


def said(metric: str, value: float) -> str:
    """The value as people read it: 149 mmHg, 5.6 %, or the answer's word."""
    known = METRICS.get(metric)
    if known is None:
        answers = next((item.answers for item in checkup_items().values() if item.metric == metric), {})
        return answers.get(str(int(value)), str(int(value))).replace("-", "−")
    return f"{value:,.{known.digits}f} {known.unit_ja.replace('m2', 'm²')}"
