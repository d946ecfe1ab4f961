"""`phr try`: dry runs for people who bring devices or records. Touches no database; JSON on stdout, words on stderr."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from advice_engine import stratify as stratification
from devices import catalogue
from fhir_bridge.dry_run import what_it_would_become
from phr_api.commands.problem import Problem
from store.metrics import METRICS
from store.model import Flag, NotUnderstood, Sample

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Try a device's payload, checkup rows or a record file. Touches no database.",
)


@app.command()
def decode(
    model: Annotated[str, typer.Option(help="Id of the device format; --list shows them all.")] = "",
    hex_: Annotated[str, typer.Option("--hex", help="The payload's bytes as hexadecimal digits.")] = "",
    json_: Annotated[str, typer.Option("--json", help="The payload as JSON text.")] = "",
    list_: Annotated[bool, typer.Option("--list", help="Show the known formats.")] = False,
) -> None:
    """What one payload of a device would become.

    Examples:

      phr try decode --list

      phr try decode --model xiaomi_scale_181d --hex 223e30e607020e10293a

      phr try decode --model pedometer_counter --json '{"steps": 3012}'

    Exit code 1 when the payload is refused; the answer says why.
    """
    if list_:
        for known in catalogue.models().values():
            _out({"id": known.id, "vendor": known.vendor, "name": known.name, "metrics": known.metrics})
        return
    if not model or bool(hex_) == bool(json_):
        raise typer.BadParameter("give --model ID and either --hex or --json (`phr try decode --list` shows the ids)")
    try:
        samples = catalogue.decode(model, _bytes(hex_) if hex_ else json_.encode())
    except NotUnderstood as refusal:
        _out({"model": model, "reason": refusal.reason, "detail": refusal.detail})
        raise typer.Exit(1) from None
    told = [_sample(sample) for sample in samples]
    _out({"model": model, "samples": told})
    if any("refused" in one for one in told):
        raise typer.Exit(1)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x").replace(":", " "))
    except ValueError:
        raise typer.BadParameter("expected pairs of hexadecimal digits such as 223e30", param_hint="--hex") from None


def _sample(sample: Sample) -> dict[str, Any]:
    metric = METRICS[sample.metric]
    at = sample.at.isoformat() if sample.at else None
    typer.echo(f"{sample.metric} {sample.value:g} {metric.ucum}", err=True)
    told: dict[str, Any] = {"metric": sample.metric, "value": sample.value, "unit": metric.ucum, "at": at}
    if not metric.low <= sample.value <= metric.high:
        told["refused"] = f"out_of_range: plausible is {metric.low:g} to {metric.high:g} {metric.ucum}"
    length = {"seconds": sample.seconds} if sample.seconds else {}
    remarks = [flag.name for flag in Flag if flag & sample.flags]
    beside = {"device_at": sample.device_at, "gateway_at": sample.gateway_at}
    times = {name: time.isoformat() for name, time in beside.items() if time}
    return told | length | times | ({"flags": remarks} if remarks else {})


@app.command()
def stratify(
    file: Annotated[Path, typer.Argument(help="CSV with age_fy_end, sex, waist_cm, bmi, sbp, … ; - reads stdin.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV out instead of JSON lines.")] = False,
) -> None:
    """階層化 and メタボ判定 of each row: step1, risks, level and メタボ verdict.

    Example:

      phr try stratify cases.csv --csv

    Where the file holds exp_… columns, stderr says how many rows agree. Exit code 1 when a row can't be read.
    """
    rows = _rows(file)
    computed = [_judged(number, row) for number, row in enumerate(rows, 1)]
    if as_csv:
        names = list(dict.fromkeys(name for row in computed for name in row))
        writer = csv.DictWriter(sys.stdout, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(computed)
    else:
        for row in computed:
            _out(row)
    _agreement(rows, computed)
    if any("error" in row for row in computed):
        raise typer.Exit(1)


def _rows(file: Path) -> list[dict[str, str]]:
    text = sys.stdin.read() if str(file) == "-" else _read(file).decode("utf-8-sig", "replace")
    rows = list(csv.DictReader(text.splitlines()))
    if not rows or "age_fy_end" not in rows[0]:
        raise Problem(f"{file}: expected CSV with a header row that holds age_fy_end, sex, waist_cm, bmi, …")
    return rows


def _judged(number: int, row: Mapping[str, str]) -> dict[str, str]:
    name = {"case_id": row["case_id"]} if row.get("case_id") else {"row": str(number)}
    try:
        return name | stratification.to_row(stratification.stratify(stratification.from_row(row)))
    except ValueError as fault:
        return name | {"error": str(fault)}


def _agreement(rows: Iterable[Mapping[str, str]], computed: Iterable[Mapping[str, str]]) -> None:
    """Compare with the file's own exp_… columns, where it has some."""
    expected = [{name[4:]: value for name, value in row.items() if name.startswith("exp_")} for row in rows]
    if not any(expected):
        return
    pairs = list(zip(expected, computed, strict=True))
    apart = [row.get("case_id") or row["row"] for hoped, row in pairs if any(row.get(n) != v for n, v in hoped.items())]
    typer.echo(f"{len(pairs) - len(apart)} of {len(pairs)} agree", err=True)
    if apart:
        typer.echo(f"different: {', '.join(apart)}", err=True)


@app.command()
def record(
    files: Annotated[list[Path], typer.Argument(help="健診結果報告書, JP-CLINS bundle or another record file.")],
) -> None:
    """What a record file would become: documents, records, readings, and what would not be kept.

    Example:

      phr try record Bundle-eCheckupReport.json

    One JSON object a file. Exit code 1 when one can't be read; its object says why.
    """
    unread = 0
    for file in files:
        try:
            _out({"file": str(file), **what_it_would_become(_read(file), file.name)})
        except NotUnderstood as refusal:
            unread += 1
            typer.echo(f"{file}: can't be read: {refusal.detail or refusal.reason}", err=True)
            _out({"file": str(file), "reason": refusal.reason, "detail": refusal.detail})
    if unread:
        raise typer.Exit(1)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise Problem(f"{file}: can't be read ({fault.strerror})") from None


def _out(answer: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False))
