"""Units that devices and gateways use, and how each becomes the metric's canonical unit (``store.metrics``).

Words are UCUM, with a few everyday spellings beside them. Factors: NIST SP 811 (avoirdupois pound, mmHg); glucose by
its molar mass of 180.156 g/mol; 1 斤 (jin, catty) is 0.5 kg.
"""

from __future__ import annotations

LB_KG = 0.45359237
CATTY_KG = 0.5
KPA_MMHG = 7.50061683
_GLUCOSE = 18.0156  # mg/dL in one mmol/L

Conversion = tuple[float, float]  # factor, offset: canonical = value * factor + offset
_SAME: Conversion = (1.0, 0.0)
_STEPS: dict[str, Conversion] = {"{steps}": _SAME, "steps": _SAME, "1": _SAME}
_PRESSURE: dict[str, Conversion] = {"mm[Hg]": _SAME, "mmHg": _SAME, "kPa": (KPA_MMHG, 0.0)}
_PERCENT: dict[str, Conversion] = {"%": _SAME}

# metric -> unit -> conversion: what a home device may send, and in which units
HOME_UNITS: dict[str, dict[str, Conversion]] = {
    "weight": {"kg": _SAME, "g": (0.001, 0.0), "[lb_av]": (LB_KG, 0.0), "lb": (LB_KG, 0.0)},
    "body_fat": _PERCENT,
    "impedance": {"Ohm": _SAME},
    "steps": _STEPS,
    "steps_counter": _STEPS,
    "steps_day": {"{steps}/(24.h)": _SAME, "1/d": _SAME} | _STEPS,
    "bp_sys": _PRESSURE,
    "bp_dia": _PRESSURE,
    "pulse": {"/min": _SAME, "1/min": _SAME, "{beats}/min": _SAME},
    "glucose": {"mg/dL": _SAME, "mmol/L": (_GLUCOSE, 0.0)},
    "spo2": _PERCENT,
    "temperature": {"Cel": _SAME, "[degF]": (5 / 9, -160 / 9)},
    "sleep": {"min": _SAME, "h": (60.0, 0.0), "s": (1 / 60, 0.0)},
}
