"""Writes the invented town into an empty database, through the same doors as real data wherever there is one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg_pool import ConnectionPool

from advice_engine.facts import Checkup
from advice_engine.run import judge_all
from advice_engine.stratify import from_checkup, stratify
from fhir_bridge.importing import import_file
from ingest import days, gating
from phr_api import town_checkup, town_choices, town_devices, town_history
from phr_api.acting import MEMBER_ID
from phr_api.town_resident import SAKATA, Resident
from store import (
    consent_words,
    consents,
    due,
    gateways,
    households,
    identifiers,
    people,
    readings,
    registrations,
    staff,
    unclaimed,
)
from store.clock import civil_day, day_start
from store.model import Reading, Sample

Tell = Callable[[str, int, int], None]  # what is being done, done, of how many

_MOVED_IN = timedelta(days=town_history.DAYS + 1)
_UNCLAIMED = timedelta(days=2)  # so far back nobody has said whose the shared scale's weighings are
_GRANDCHILD_KG = 15.3  # on a visit yesterday


@dataclass(frozen=True, slots=True)
class Rows:
    """Where residents and devices of the town are found in the database."""

    person: Mapping[int, int]  # resident's number -> person_id
    household: Mapping[int, int]
    source: Mapping[tuple[str, str], int]  # gateway, device -> source_id


def seed(
    pool: ConnectionPool,
    residents: Sequence[Resident],
    *,
    passwords: Mapping[str, str],
    now: datetime,
    number: int,
    records: Path,
    tell: Tell,
) -> None:
    """Fill an empty database with the town; ``number`` is the seed, ``records`` gets the checkup documents."""
    with pool.connection() as conn:
        rows = _move_in(conn, residents, passwords, now)
    tell("people and devices", 1, 1)
    for done, person in enumerate(residents, 1):
        with pool.connection() as conn:
            changed = _live(conn, person, rows, now=now, number=number)
            days.recompute(conn, changed)
        tell("90 days of readings", done, len(residents))
    _share(pool, residents, rows, now)
    examined = [person for person in residents if person.labs]
    for done, person in enumerate(examined, 1):
        _examine(pool, person, records, now)
        tell("checkup reports", done, len(examined))
    with pool.connection() as conn:
        town_choices.make(conn, rows.person, civil_day(now))
    judge_all(pool, now, lambda done, total: tell("advice", done, total))


def names(residents: Sequence[Resident]) -> list[str]:
    """The gateways of the town."""
    return sorted({device.gateway for device in town_devices.devices(residents)})


def _move_in(
    conn: psycopg.Connection, residents: Sequence[Resident], passwords: Mapping[str, str], now: datetime
) -> Rows:
    since = now - _MOVED_IN
    homes = {home: households.add(conn) for home in sorted({person.household for person in residents})}
    ids = {person.number: _register(conn, person, homes[person.household], since) for person in residents}
    for home, household_id in homes.items():
        gateway = town_devices.gateway(home)
        gateways.add(conn, gateway, passwords[gateway], household_id)
    sources = {}
    for device in town_devices.devices(residents):
        registered = registrations.add(
            conn,
            gateway_id=device.gateway,
            device=device.device,
            model=device.model,
            label=device.label,
            person_id=ids[device.resident] if device.resident else None,
            household_id=None if device.resident else homes[device.household],
            valid_from=since,
        )
        sources[device.gateway, device.device] = registered.source_id
    staff.add(conn, name="見本 まもる", town=SAKATA, role="supervisor")
    return Rows(ids, homes, sources)


def _register(conn: psycopg.Connection, person: Resident, household_id: int, since: datetime) -> int:
    added = people.add(
        conn,
        birth_date=person.birth_date,
        sex=person.sex,
        name=person.name,
        kana=person.kana,
        town=person.town,
        phone=f"0234-00-{person.number:04}",  # 00 is nobody's exchange
        address=f"見本町{person.household}番地",
    )
    households.join(conn, household_id, added.person_id, since)
    identifiers.add(conn, added.person_id, *person.identifier)
    identifiers.add(conn, added.person_id, MEMBER_ID, f"06999999:さかた:{person.household}:{person.number:02}")
    for purpose, recipient in (("phr", "city"), ("phr_records", "*"), ("guidance", "city"), ("push", "city")):
        consents.give(
            conn,
            added.person_id,
            purpose=purpose,
            recipient=recipient,
            items=["*"],
            text_version=consent_words.newest(purpose).version,
            given_by="self",
            valid_from=since,
        )
    return added.person_id


def _live(
    conn: psycopg.Connection, person: Resident, rows: Rows, *, now: datetime, number: int
) -> list[tuple[int, date]]:
    """Store the person's 90 days; what the shared scale said last is for the gate to decide on."""
    own, open_ones = [], []
    by_kind = {device.kind: rows.source[device.gateway, device.device] for device in town_devices.of(person)}
    for kind, sample in town_history.history(person, now, number):
        row = (sample.value, sample.seconds, sample.flags, _received(sample))
        assert sample.at is not None
        if kind == "shared_scale" and now - sample.at < _UNCLAIMED:
            home = rows.household[person.household]
            open_ones.append(unclaimed.Unclaimed(home, sample.metric, sample.at, by_kind[kind], *row))
        else:
            own.append(Reading(rows.person[person.number], sample.metric, sample.at, by_kind[kind], *row))
    unclaimed.add(conn, open_ones)
    return readings.add(conn, own)


def _share(pool: ConnectionPool, residents: Sequence[Resident], rows: Rows, now: datetime) -> None:
    """A grandchild steps on the first shared scale; then the gate decides what it can. Who is too alike is asked."""
    shared = [device for device in town_devices.devices(residents) if device.kind == "shared_scale"]
    at = day_start(civil_day(now)) - timedelta(hours=13, minutes=40)
    with pool.connection() as conn:
        for device in shared[:1]:
            home, source = rows.household[device.household], rows.source[device.gateway, device.device]
            unclaimed.add(conn, [unclaimed.Unclaimed(home, "weight", at, source, _GRANDCHILD_KG, 0, 0, at)])
        due.mark(conn, "gate", [(rows.household[device.household], civil_day(now)) for device in shared])
    while gating.work_once(pool) or days.work_once(pool):
        pass


def _received(sample: Sample) -> datetime:
    assert sample.at is not None
    return sample.at + timedelta(seconds=sample.seconds + 3)


def _examine(pool: ConnectionPool, person: Resident, records: Path, now: datetime) -> None:
    """Write this year's checkup document, and of some people last year's, and import them as the bridge does."""
    for examined_on, values in _checkups(person, civil_day(now)):
        verdict = stratify(from_checkup(Checkup(examined_on, "", 0, values), person.sex, person.birth_date))
        judged = {"guidance_level": verdict.level_code, "metabo": verdict.metabo_code}
        told = values | {word: float(code) for word, code in judged.items() if code}
        file = records / f"checkup-{person.number:02}-{examined_on.year}.json"
        file.write_text(json.dumps(town_checkup.report(person, examined_on, told), ensure_ascii=False), "utf-8")
        import_file(pool, file, now)


def _checkups(person: Resident, today: date) -> Iterator[tuple[date, dict[str, float]]]:
    values = town_checkup.values_of(person)
    this_year = today - timedelta(days=40 + person.number * 2)
    if person.number % 3 != 0:
        kilograms = round(person.weight_kg - 0.8, 1)
        bmi = round(kilograms / (person.height_cm / 100) ** 2, 1)
        slimmer = {"checkup_weight": kilograms, "bmi": bmi, "waist": round(values["waist"] - 0.7, 1)}
        yield this_year - timedelta(days=364), values | slimmer
    yield this_year, values
