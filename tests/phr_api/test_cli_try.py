"""`phr try`: JSON on stdout, words on stderr, no database."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from phr_api.cli import app


def phr(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["try", *words], input=given)


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_mi_scales_service_data_is_a_weight() -> None:
    result = phr("decode", "--model", "xiaomi_scale_181d", "--hex", "223e30e607020e10293a")
    assert result.exit_code == 0
    assert answer(result) == {
        "model": "xiaomi_scale_181d",
        "samples": [
            {
                "metric": "weight",
                "value": 61.75,
                "unit": "kg",
                "at": "2022-02-14T16:41:58+09:00",
                "flags": ["ZONE_ASSUMED"],
            }
        ],
    }


def test_an_object_on_the_scale_is_refused_with_its_reason() -> None:
    result = phr("decode", "--model", "xiaomi_scale_181d", "--hex", "627607e607020e10293a")
    assert result.exit_code == 1
    assert set(answer(result)) == {"model", "reason", "detail"}
    assert answer(result)["reason"] == "object_not_person"


def test_json_of_a_gateway_is_read_too() -> None:
    result = phr(
        "decode", "--model", "theengs_scale", "--json", '{"weighing_mode":"person","unit":"kg","weight":61.75}'
    )
    assert result.exit_code == 0
    assert [(one["metric"], one["value"], one["at"]) for one in answer(result)["samples"]] == [("weight", 61.75, None)]


def test_a_value_that_no_body_has_is_told_as_the_worker_would_refuse_it() -> None:
    payload = '{"weighing_mode":"person","unit":"kg","weight":900}'
    result = phr("decode", "--model", "theengs_scale", "--json", payload)
    assert result.exit_code == 1
    assert [one["refused"] for one in answer(result)["samples"]] == ["out_of_range: plausible is 2 to 400 kg"]


def test_an_unknown_format_is_refused_and_the_known_ones_are_named() -> None:
    result = phr("decode", "--model", "toaster", "--hex", "00")
    assert result.exit_code == 1
    assert answer(result)["reason"] == "unknown_model"
    assert "theengs_scale" in answer(result)["detail"]


def test_the_list_names_every_format() -> None:
    result = phr("decode", "--list")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert {"theengs_scale", "gatt_blood_pressure_2a35", "phr_readings"} <= {row["id"] for row in rows}
    assert all(row["vendor"] and row["name"] for row in rows)
    assert [row["id"] for row in rows if not row["metrics"]] == ["gatt_rsc_2a53"]


def test_a_clock_put_right_shows_what_the_device_showed_too() -> None:
    clock = '"clock":{"device":"2026-11-20T09:00:00+09:00","gateway":"2026-11-21T09:00:00+09:00"}'
    reading = '{"metric":"weight","value":61.7,"unit":"kg","at":"2026-11-19T07:10:00+09:00"}'
    result = phr("decode", "--model", "phr_readings", "--json", f'{{{clock},"readings":[{reading}]}}')
    [sample] = answer(result)["samples"]
    assert (sample["at"], sample["device_at"]) == ("2026-11-20T07:10:00+09:00", "2026-11-19T07:10:00+09:00")
    assert (sample["gateway_at"], sample["flags"]) == ("2026-11-21T09:00:00+09:00", ["CLOCK_CORRECTED"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--model", "theengs_scale"), "either --hex or --json"),
        (("--hex", "00"), "give --model ID"),
        (("--model", "theengs_scale", "--hex", "0g"), "hexadecimal"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(words: tuple[str, ...], told: str) -> None:
    result = phr("decode", *words)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""


CASE = {"case_id": "A1", "age_fy_end": "50", "sex": "M", "waist_cm": "90", "bmi": "26", "sbp": "135", "dbp": "80"} | {
    "tg_fasting": "160", "hdl": "50", "fpg": "90", "blood_draw_code": "2", "smoking_code": "3"
} | {"med_bp": "2", "med_glucose": "2", "med_lipid": "2"}  # fmt: skip


def table(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_stratify_prints_the_computed_columns_as_json_lines() -> None:
    result = phr("stratify", "-", given=table(CASE))
    assert result.exit_code == 0
    assert answer(result) == {
        "case_id": "A1",
        "step1": "(1)",
        "risk_bp": "1",
        "risk_lipid": "1",
        "risk_glucose": "0",
        "smoking_counted": "0",
        "risk_count": "2",
        "level_code": "1",
        "level_ja": "積極的支援",
        "metabo_code": "1",
        "metabo_ja": "基準該当",
    }
    assert result.stderr == ""


def test_stratify_prints_csv_when_asked() -> None:
    result = phr("stratify", "-", "--csv", given=table(CASE))
    assert next(iter(csv.DictReader(io.StringIO(result.stdout))))["level_ja"] == "積極的支援"


def test_stratify_names_the_row_and_column_it_cannot_read() -> None:
    result = phr("stratify", "-", given=table(CASE, CASE | {"case_id": "", "bmi": "heavy"}))
    assert result.exit_code == 1
    assert json.loads(result.stdout.splitlines()[1]) == {"row": "2", "error": "bmi is not a number"}


def test_stratify_says_which_rows_differ_from_their_expectation() -> None:
    result = phr("stratify", "-", given=table(CASE | {"exp_level_code": "3"}, CASE | {"exp_level_code": "1"}))
    assert result.exit_code == 0
    assert result.stderr == "1 of 2 agree\ndifferent: A1\n"


@pytest.mark.interop
def test_stratify_agrees_with_all_worked_cases(shared: Path) -> None:
    result = phr("stratify", str(shared / "domain" / "stratification_cases.csv"))
    assert result.exit_code == 0
    assert result.stderr == "63 of 63 agree\n"
    assert len(result.stdout.splitlines()) == 63


def test_a_csv_without_the_columns_is_told_what_is_expected(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("a,b\n1,2\n")
    result = phr("stratify", str(file))
    assert result.exit_code == 1
    assert "expected CSV with a header row" in result.stderr


@pytest.mark.interop
def test_a_record_is_shown_as_what_it_would_become(shared: Path) -> None:
    result = phr("record", str(shared / "interop" / "jp-echeckup" / "Bundle-Bundle-eCheckupReport-Sample-01.json"))
    assert result.exit_code == 0
    assert "HbA1c" in result.stdout or "ＨｂＡ１ｃ" in result.stdout
    assert answer(result)["file"].endswith("Sample-01.json")


def test_a_record_that_cannot_be_read_gives_a_reason(tmp_path: Path) -> None:
    good_for_nothing = tmp_path / "letter.json"
    good_for_nothing.write_text("{")
    result = phr("record", str(good_for_nothing))
    assert result.exit_code == 1
    assert answer(result)["reason"]
    assert "can't be read" in result.stderr


def test_a_missing_file_is_told_in_one_sentence() -> None:
    result = phr("record", "/nowhere/bundle.json")
    assert result.exit_code == 1
    assert result.stderr == "phr: /nowhere/bundle.json: can't be read (No such file or directory)\n"


def test_the_installed_command_keeps_stdout_for_json() -> None:
    command = (sys.executable, "-m", "phr_api.cli", "try", "decode", "--model", "xiaomi_scale_181d")
    done = subprocess.run((*command, "--hex", "0x223e30e607020e10293a"), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["samples"][0]["value"] == 61.75
    assert done.stderr == "weight 61.75 kg\n"


@pytest.mark.parametrize("command", ["up", "migrate", "simulate", "import", "try decode", "try stratify", "bench walk"])
def test_every_command_teaches_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"phr {command}" in result.stdout
    assert "Example" in result.stdout
