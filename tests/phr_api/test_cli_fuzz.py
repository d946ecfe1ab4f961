"""`phr bench fuzz`: numbers on stdout, exit code 1 when a format breaks."""

import json
from dataclasses import replace
from datetime import tzinfo

import pytest
from typer.testing import CliRunner

from devices.catalogue import models
from phr_api.cli import app
from store.model import Sample


def test_it_tells_what_became_of_each_payload() -> None:
    result = CliRunner().invoke(app, ["bench", "fuzz", "--n", "60", "--model", "gatt_weight_2a9d"])
    [found] = json.loads(result.stdout)
    assert (result.exit_code, found["model"], found["payloads"], found["faults"]) == (0, "gatt_weight_2a9d", 60, [])
    assert found["readings"] + sum(found["refused"].values()) >= 60
    assert "gatt_weight_2a9d" in result.stderr


def test_a_format_that_breaks_fails_the_command_and_gives_the_payload(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(payload: bytes, zone: tzinfo) -> tuple[Sample, ...]:
        raise KeyError("broken")

    monkeypatch.setitem(models(), "theengs_scale", replace(models()["theengs_scale"], decode=broken))
    result = CliRunner().invoke(app, ["bench", "fuzz", "--n", "5", "--model", "theengs_scale"])
    assert result.exit_code == 1
    assert [fault.split(":")[0] for fault in json.loads(result.stdout)[0]["faults"]] == ["KeyError"] * 5


def test_an_unknown_format_is_named_with_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["bench", "fuzz", "--model", "toaster"])
    assert result.exit_code == 2 and "theengs_scale" in result.stderr
