"""A subject of the access matrix: a citizen with something in every table that the doors open.

What only they (and a 保健師 to whom they agreed) may see carries ``<mark>-own``; what their household sees too (names,
shared devices) carries ``<mark>-home``.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import psycopg
from invented_person import a_red_flag

from ingest import days
from phr_api import chart_script
from phr_api.acting import MEMBER_ID
from store import (
    accounts,
    addresses,
    audit,
    booking,
    consent_scans,
    consents,
    correction_requests,
    corrections,
    deletion,
    deliveries,
    device_order,
    documents,
    entitlements,
    exports,
    gateway_codes,
    gateways,
    goals,
    households,
    identifiers,
    invitations,
    letters,
    message_wishes,
    people,
    push_subscriptions,
    readings,
    records,
    registrations,
    sessions,
    tokens,
    typed,
    unclaimed,
)
from store.booking import Move
from store.clock import JST, civil_day, day_start
from store.consent_scans import Scan
from store.goals import NewGoal
from store.message_wishes import Wishes
from store.model import Reading, Sample, Unclaimed
from store.records import NewRecord
from store.sources import SELF, Enterer

GUIDED = {"purpose": "guidance", "recipient": "city", "text_version": "1", "given_by": "self"}
_DAY = timedelta(days=1)
_PDF = b"%PDF-1.4 %%EOF"


def subject(conn: psycopg.Connection, mark: str, nurse_id: int, now: datetime) -> dict[str, Any]:
    person = people.add(
        conn,
        birth_date=date(1961, 5, 3),
        sex="female",
        name=f"{mark}-home 花子",
        kana=f"{mark}-own カナ",
        phone=f"{mark}-own 0234",
    )
    me: dict[str, Any] = {"mark": mark, "person_id": person.person_id, "public_id": str(person.public_id)}
    me |= {"value": round(60.0007 + 1.01 * person.person_id, 4), "facility": f"0699{person.person_id:06}"}
    me["until"] = (now + (400 + person.person_id) * _DAY).date().isoformat()
    me["own"] = [f"{mark}-own", str(me["value"]), me["until"]]
    me |= {"shared_value": me["value"] + 0.5, "name": f"{mark}-home 花子", "birth_date": "1961-05-03"}
    me["card"] = {
        "insurer": "06060606",
        "symbol": "1",
        "number": f"{mark}-own",
        "branch": "00",
        "birth_date": "1961-05-03",
    }
    identifiers.add(conn, person.person_id, MEMBER_ID, f"06060606:1:{mark}-own:00")
    me["next_year"] = str(civil_day(now + 300 * _DAY))
    me["home"] = [mark, me["public_id"], str(me["shared_value"])]
    me |= _doors(conn, me, nurse_id, now)
    me |= {"now": now.isoformat(), "now_local": now.astimezone(JST).strftime("%Y-%m-%dT%H:%M")}
    me |= {"chart_tag": chart_script.tag(), "p256dh": _base64(b"\x04" + bytes(64)), "auth": _base64(bytes(16))}
    me |= _devices(conn, me, now)
    me |= _numbers(conn, me, nurse_id, now)
    me |= _papers(conn, me, now)
    me |= _advice(conn, me, now)
    me |= _goals(conn, me, now)
    return me | _rights(conn, me)


def _doors(conn: psycopg.Connection, me: dict[str, Any], nurse_id: int, now: datetime) -> dict[str, Any]:
    """A second browser, a code for an app, an app, and somebody who may act for them."""
    mark, person_id = me["mark"], me["person_id"]
    sessions.open(conn, person_id=person_id, label=f"{mark}-own")
    [(session_id,)] = conn.execute(
        "select session_id from identity.sessions where label = %s", (f"{mark}-own",)
    ).fetchall()
    app = tokens.connect(conn, tokens.offer(conn, person_id).text, f"{mark}-own のスマホ")
    assert app is not None
    helper = people.add(conn, birth_date=date(1980, 1, 1), sex="female", name="代理 さん")
    entitlement = entitlements.add(
        conn,
        person_id=person_id,
        proxy_id=helper.person_id,
        kind="caregiver",
        relation=f"{mark}-own",
        valid_from=now - _DAY,
        valid_to=now + 9 * _DAY,
        evidence=f"{mark}-own",
        noted_by=f"staff:{nurse_id}",
    )
    offer = invitations.invite(conn, person_id, relation=f"{mark}-own", scope=["see"], valid_to=None)
    code = tokens.offer(conn, person_id).text
    found = {"session_id": str(session_id), "refresh_token": app.refresh, "app_code": code}
    return found | {"entitlement": entitlement, "invitation": offer.text} | _links(conn, me, helper.person_id)


def _links(conn: psycopg.Connection, me: dict[str, Any], helper: int) -> dict[str, Any]:
    """The card's link, a number that is the helper's and was shown for the subject, and a sign-in to be tied."""
    mark, person_id = me["mark"], me["person_id"]
    identifiers.add(conn, helper, MEMBER_ID, f"06060606:1:helper {mark}:00")
    [(link,)] = conn.execute(
        "select identifier_id from identity.identifiers where person_id = %s", (person_id,)
    ).fetchall()
    [(conflict,)] = conn.execute(
        "insert into identity.link_conflicts (person_id, holder_id, identifier_id, kind, evidence, noted_by)"
        " select %s, %s, identifier_id, 'insurance', '保険証', 'staff:1' from identity.identifiers where person_id = %s"
        " returning conflict_id",
        (person_id, helper, helper),
    ).fetchall()
    card = me["card"] | {"number": f"helper {mark}", "birth_date": "1980-01-01"}
    code = accounts.ask(conn, "https://id.example", mark)
    return {
        "link": str(link),
        "conflict": conflict,
        "link_code": code,
        "helper_number": card["number"],
        "helper_card": card,
    }


def _devices(conn: psycopg.Connection, me: dict[str, Any], now: datetime) -> dict[str, Any]:
    mark, person_id, since = me["mark"], me["person_id"], now - 30 * _DAY
    home, gateway = households.add(conn), f"gw-{mark}-home"
    households.join(conn, home, person_id, since)
    gateways.add(conn, gateway, "an invented password", home)
    given = {"conn": conn, "gateway_id": gateway, "valid_from": since}
    cuff = registrations.add(
        **given, device="cuff", model="gatt_blood_pressure_2a35", label=f"{mark}-own 血圧計", person_id=person_id
    )
    scale = registrations.add(
        **given, device="scale", model="theengs_scale", label=f"{mark}-home 体重計", household_id=home
    )
    weighed, given_away = now - timedelta(hours=2), now - timedelta(hours=5)
    for at, value in ((weighed, me["shared_value"]), (given_away, me["value"])):
        unclaimed.add(conn, [Unclaimed(home, "weight", at, scale.source_id, value, 0, 0, now)])
    booking.move(
        conn,
        [
            Move(
                household_id=home,
                source_id=scale.source_id,
                at=given_away,
                person_id=person_id,
                how="gate",
                probability=0.99,
            )
        ],
    )
    return {
        "household": home,
        "gateway": gateway,
        "cuff": cuff.registration_id,
        "cuff_source": cuff.source_id,
        "scale": scale.registration_id,
        "scale_source": scale.source_id,
        "weighed": weighed.isoformat(),
        "weighed_mine": given_away.isoformat(),
    }


def _numbers(conn: psycopg.Connection, me: dict[str, Any], nurse_id: int, now: datetime) -> dict[str, Any]:
    person_id, source = me["person_id"], me["cuff_source"]
    said = {"weight": me["value"], "bp_sys": 171.0, "bp_dia": 93.0}
    at = now - timedelta(hours=4)
    batch = [Reading(person_id, metric, at, source, value, 0, 0, now) for metric, value in said.items()]
    batch.append(Reading(person_id, "steps", at, source, 4321.0, 600, 0, now))
    days.recompute(conn, readings.add(conn, batch))
    own = now - timedelta(hours=6, minutes=person_id)  # nobody else's moment
    hers = own - timedelta(hours=1)
    typed.add(conn, person_id, [Sample("weight", 60.0, own)], now)
    corrections.correct(conn, person_id, Sample("weight", me["value"], own), SELF)
    typed.add(conn, person_id, [Sample("weight", me["value"], hers)], now, who=Enterer(f"staff:{nurse_id}", "paper"))
    device_order.replace(conn, person_id, [source])
    return {"typed_at": own.isoformat(), "hers_at": hers.isoformat(), "day": str(civil_day(at))}


def _papers(conn: psycopg.Connection, me: dict[str, Any], now: datetime) -> dict[str, Any]:
    mark, person_id = me["mark"], me["person_id"]
    given = {"items": ["*"], "text_version": "1", "given_by": "self", "valid_from": now - 30 * _DAY}
    kept = consents.give(conn, person_id, purpose="phr_records", recipient=me["facility"], **given)
    push = consents.give(
        conn,
        person_id,
        purpose="push",
        recipient="city",
        **(given | {"text_version": "2"}),
        valid_to=now + (400 + person_id) * _DAY,
    )
    source, facility = documents.source_of(conn, me["facility"], "浜風病院")
    about = {"person_id": person_id, "source_id": source, "consent_id": kept, "facility": facility}
    day = civil_day(now - 60 * _DAY)
    document, _ = documents.add(
        conn, documents.NewDocument(**about, kind="checkup", identifier=f"{mark}|1", title=f"{mark}-own 健診", at=day)
    )
    shown = {"at": now - 60 * _DAY, "released": True, "title": f"{mark}-own 検査"}
    for kind, metric in (("checkup_item", "height"), ("lab", None)):
        row = {"kind": kind, "metric": metric, "value": 152.0, "value_text": f"{mark}-own 値", "key": f"{mark} {kind}"}
        records.add(conn, NewRecord(**about, **shown, **row, document_id=document if metric else None))
    endpoint = f"https://fcm.googleapis.com/{mark}-own"
    push_subscriptions.add(conn, person_id, endpoint=endpoint, p256dh="A" * 87, auth="A" * 22)
    message_wishes.keep(conn, person_id, Wishes(paused_until=date.fromisoformat(me["until"])), by="self")
    consent_scans.attach(conn, push, Scan("application/pdf", _PDF + mark.encode()), by="staff:1")
    address = addresses.add(conn, person_id, "email", f"aa@{mark}-own.jp")
    code = addresses.offer_code(conn, person_id, address)
    return {"consent": push, "endpoint": endpoint, "scan": _PDF, "address": address, "address_code": code}


def _advice(conn: psycopg.Connection, me: dict[str, Any], now: datetime) -> dict[str, Any]:
    mark = me["mark"]
    flag = a_red_flag(conn, me["person_id"], now, title=f"{mark}-own 血圧", body=f"{mark}-own 文", reason=f"{mark}-own")
    looked = {"actor": "worker:test", "role": "worker", "action": "read", "purpose": "own"}
    audit.note(conn, **looked, person_id=me["person_id"], items=f"{mark}-own")
    code = gateway_codes.ask(conn, me["household"], me["person_id"])
    letters.ask(conn, me["person_id"], "phone")
    deliveries.add(conn, [(flag, me["person_id"], "letter")], now)
    for state in ("status = 'sending', attempts = 1", "status = 'sent', sent_at = now()"):
        conn.execute(f"update health.deliveries set {state} where advice_id = %s", (flag,))
    [(letter,)] = conn.execute("select token from health.deliveries where advice_id = %s", (flag,)).fetchall()
    return {"advice": flag, "code": code.text, "letter": str(letter)}


def _goals(conn: psycopg.Connection, me: dict[str, Any], now: datetime) -> dict[str, Any]:
    person_id, today = me["person_id"], civil_day(now)
    monday = today - timedelta(days=today.weekday() + 7)
    kept = NewGoal(
        kind="weight", target=me["value"], start=me["value"] + 2, since=monday, until=today + 90 * _DAY, advice_id=None
    )
    goal = goals.add(conn, person_id, kept)
    goals.tap(conn, person_id, "dry_days", today)
    conn.execute(
        "insert into health.feedback (advice_id, person_id, answer, at) values (%s, %s, 'done', %s)",
        (me["advice"], person_id, day_start(monday + 2 * _DAY)),
    )
    conn.execute(
        "insert into health.feedback (advice_id, person_id, answer) values (%s, %s, 'not_yet')",
        (me["advice"], person_id),
    )
    days = {"today": str(today), "goal_until": str(today + 60 * _DAY), "last_monday": str(monday)}
    return {"goal": goal.goal_id} | days


def _rights(conn: psycopg.Connection, me: dict[str, Any]) -> dict[str, Any]:
    """A copy that is ready, a request for correction, a deletion that is planned."""
    mark, person_id = me["mark"], me["person_id"]
    asked = exports.ask(conn, person_id)
    begun = exports.take(conn)
    assert begun is not None
    exports.finish(conn, begun, BytesIO(f"{mark}-own".encode()), consents=[], kept=9 * _DAY)
    exports.leave(conn, begun.export_id)
    [(record, *_), *_] = conn.execute(
        "select record_id from health.records where person_id = %s", (person_id,)
    ).fetchall()
    correction_requests.ask(conn, person_id, record, f"{mark}-own")
    deletion.ask(conn, person_id, by="self", wait=9 * _DAY)
    [request] = correction_requests.of_person(conn, person_id)
    return {"export": str(asked.export_id), "record": record, "request": request.request_id}


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")
