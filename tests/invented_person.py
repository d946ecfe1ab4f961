"""One invented woman with 90 days of measurements, a checkup, records and advice, for the tests of the pages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from math import sin
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from advice_engine import run
from ingest import days
from store import (
    consent_words,
    consents,
    documents,
    gateways,
    households,
    people,
    readings,
    records,
    registrations,
    unclaimed,
)
from store.advice import Spoken
from store.clock import age_on, civil_day, day_start
from store.model import Reading
from store.people import Person
from store.records import NewRecord
from store.unclaimed import Unclaimed

NAME = "浜田 ハナ"
FACILITY = "浜風健診センター"
CHECKUP = {
    "height": 152.0,
    "checkup_weight": 60.8,
    "bmi": 26.3,
    "waist": 91.5,
    "office_bp_sys": 149.0,
    "office_bp_dia": 88.0,
    "tg_fasting": 162.0,
    "hdl": 55.0,
    "ldl": 152.0,
    "fpg": 108.0,
    "hba1c": 5.9,
    "ast": 24.0,
    "alt": 27.0,
    "ggt": 31.0,
    "creatinine": 0.68,
    "egfr": 65.0,
    "urine_protein": 1,
    "hemoglobin": 12.9,
    "guidance_level": 2,
    "metabo": 1,
    "q_exercise": 2,
    "q_snack": 1,
    "q_med_bp": 2,
    "q_med_glucose": 2,
    "q_med_lipid": 2,
    "q_smoking": 3,
}
_RECORDS = (
    (60, "lab", "HbA1c(NGSP)", "5.8", "%", "4.9〜6.0"),
    (60, "lab", "LDLコレステロール", "124", "mg/dL", "70〜139"),
    (60, "prescription", "湿布薬", "14枚", "", ""),
    (200, "immunization", "インフルエンザワクチン", "接種済み", "", ""),
)


def invent(pool: ConnectionPool, now: datetime) -> Person:
    """Write her into the database through the product's own doors, and let the rules speak."""
    with pool.connection() as conn:
        born = civil_day(now).replace(year=civil_day(now).year - 68, day=1)
        her = people.add(conn, birth_date=born, sex="female", name=NAME, kana="ハマダ ハナ", phone="0234-00-0000")
        for purpose in ("phr", "guidance", "push"):
            agree(conn, her.person_id, now, purpose)
        assert age_on(born, civil_day(now)) == 68
        source = _devices(conn, her, now)
        days.recompute(conn, readings.add(conn, list(_measured(her, source, now))))
        _papers(conn, her, now)
    run.judge_all(pool, now)
    return her


def _devices(conn: psycopg.Connection, her: Person, now: datetime) -> int:
    since = now - timedelta(days=100)
    home = households.add(conn)
    households.join(conn, home, her.person_id, since)
    gateways.add(conn, "gw-hamada", "an invented password", home)
    given = {"conn": conn, "gateway_id": "gw-hamada", "person_id": her.person_id, "valid_from": since}
    cuff = registrations.add(**given, device="cuff", model="gatt_blood_pressure_2a35", label="血圧計(寝室)")
    registrations.add(**given, device="steps", model="pedometer_counter", label="歩数計")
    scale = registrations.add(
        conn,
        gateway_id="gw-hamada",
        device="scale",
        model="theengs_scale",
        label="体重計(脱衣所)",
        household_id=home,
        valid_from=since,
    )
    when = (now - timedelta(days=1)).replace(minute=12, second=0, microsecond=0)
    unclaimed.add(conn, [Unclaimed(home, "weight", when, scale.source_id, 60.9, 0, 0, when)])
    return cuff.source_id


def _measured(her: Person, source: int, now: datetime) -> Iterator[Reading]:
    chance = random.Random(20261121)
    for back in range(89, -1, -1):
        morning = day_start(civil_day(now - timedelta(days=back))) + timedelta(hours=6, minutes=chance.randint(20, 59))
        said = {"weight": 61.9 - (89 - back) * 0.013 + 0.35 * sin(back / 5) + chance.gauss(0, 0.25)}
        if chance.random() < 0.85:
            said |= {"bp_sys": chance.gauss(130, 6), "bp_dia": chance.gauss(79, 4), "pulse": chance.gauss(68, 4)}
        if chance.random() < 0.2:
            del said["weight"]
        if morning > now:
            continue
        for metric, value in said.items():
            yield Reading(
                her.person_id, metric, morning, source, round(value, 1 if metric == "weight" else 0), 0, 0, now
            )
        walked = min(24 * 3600, (now - day_start(civil_day(morning))).total_seconds()) / (24 * 3600)
        steps = round(max(900, chance.gauss(4900, 1600)) * walked)
        yield Reading(her.person_id, "steps_day", day_start(civil_day(morning)), source, steps, 86_400, 0, now)


def agree(conn: psycopg.Connection, person_id: int, now: datetime, purpose: str = "guidance") -> int:
    """The person agrees to everything of this purpose; returns the consent's id."""
    return consents.give(
        conn,
        person_id,
        purpose=purpose,
        recipient="*" if purpose == "phr_records" else "city",
        items=["*"],
        text_version=consent_words.newest(purpose).version,
        given_by="self",
        valid_from=now - timedelta(days=300),
    )


def _papers(conn: psycopg.Connection, her: Person, now: datetime) -> None:
    consent = agree(conn, her.person_id, now, "phr_records")
    source, facility = documents.source_of(conn, "0612345678", FACILITY)
    given = {"person_id": her.person_id, "source_id": source, "consent_id": consent, "facility": facility}
    examined = now - timedelta(days=120)
    document, _ = documents.add(
        conn,
        documents.NewDocument(
            **given, kind="checkup", identifier="invented|1", title="特定健診の結果", at=civil_day(examined)
        ),
    )
    given |= {"released": True}
    for metric, value in CHECKUP.items():
        item = {"kind": "checkup_item", "at": examined, "title": metric, "metric": metric, "value": value}
        records.add(conn, NewRecord(**given, **item, document_id=document, key=metric))
    for number, (back, kind, title, text, unit, reference) in enumerate(_RECORDS):
        told = {"kind": kind, "at": now - timedelta(days=back), "title": title, "value_text": text}
        more = {"unit": unit, "reference": reference, "document_id": None, "key": f"record {number}"}
        records.add(conn, NewRecord(**given, **told, **more))


def a_red_flag(conn: psycopg.Connection, person_id: int, now: datetime, **changes: Any) -> int:
    """A red flag as a rule would say it, beside what is open; gives its id."""
    week = f"{civil_day(now) - timedelta(days=6)}/{civil_day(now)}"
    said = Spoken(
        rule_id="home_pressure_very_high",
        kind="red_flag",
        urgency=4,
        audience="both",
        title="血圧がとても高い日が続いています",
        body="きょうのうちに、かかりつけ医か医療機関に電話で相談してください。これは診断ではありません。",
        reason="家庭血圧の平均が、すぐに相談する目安(180/110)以上でした。",
        rests_on=[{"metric": "bp_sys", "what": "家庭血圧の平均(7日分)", "value": "184/108 mmHg", "at": week}],
        source={
            "guideline": "高血圧管理・治療ガイドライン2025",
            "year": 2025,
            "section": "家庭血圧",
            "verified": False,
        },
        rank=0,
    )
    given = asdict(replace(said, **changes)) | {"person_id": person_id, "judged_at": now, "created_at": now}
    given |= {name: Jsonb(given[name]) for name in ("rests_on", "source", "english")}
    row = conn.execute(
        sql.SQL("insert into health.advice ({}) values ({}) returning advice_id").format(
            sql.SQL(", ").join(map(sql.Identifier, given)), sql.SQL(", ").join(map(sql.Placeholder, given))
        ),
        given,
    ).fetchone()
    assert row is not None
    return int(row[0])


def two_to_call(conn: psycopg.Connection, now: datetime) -> tuple[Person, Person]:
    """Two more people for the 保健師's list: the first since now, the second since yesterday."""
    year = civil_day(now).year
    man = people.add(
        conn, birth_date=date(year - 67, 1, 1), sex="male", name="磯部 勇", kana="イソベ イサム", phone="0234-00-0001"
    )
    woman = people.add(conn, birth_date=date(year - 79, 1, 1), sex="female", name="砂山 トシ", kana="スナヤマ トシ")
    for one in (man, woman):
        agree(conn, one.person_id, now - timedelta(days=1))
    a_red_flag(conn, man.person_id, now)
    a_red_flag(
        conn,
        woman.person_id,
        now - timedelta(days=1),
        rule_id="weight_loss_unintended",
        kind="referral",
        urgency=3,
        title="体重が減っています。一度ご相談ください",
        rests_on=[{"metric": "weight", "what": "この3か月の体重の変化", "value": "−2.9 kg", "at": str(civil_day(now))}],
    )
    return man, woman
