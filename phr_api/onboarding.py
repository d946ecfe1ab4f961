"""How a gateway comes to a household and leaves it: its code, the picture of it, and where it is told to speak."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import segno

from phr_api.problems import Problem, not_found
from store import gateway_codes, gateways, households, registrations
from store.gateways import Credentials
from store.settings import Settings

MOST = 20  # live gateways of one household


@dataclass(frozen=True, slots=True)
class Mqtt:
    """The broker as seen from a home. ``ca``: its CA certificate (PEM) when no public CA signed it, else null."""

    host: str
    port: int
    tls: bool
    ca: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a gateway needs, once: the password is stored nowhere. ``user`` is its MQTT user name, which is new
    with each password. ``old_until``: until then at most the password before is good, too; null: it is not."""

    gateway: str
    user: str
    password: str
    topic_prefix: str
    mqtt: Mqtt
    old_until: datetime | None


def new_code(conn: psycopg.Connection, person_id: int, *, household: int | None, label: str) -> gateway_codes.Code:
    """A code for the person's household. Raises Problem: not theirs, or it has too many gateways."""
    home = households.home_of(conn, person_id) if household is None else household
    if home not in households.of_person(conn, person_id):
        raise not_found()
    if list(households.gateways(conn, person_id).values()).count(home) >= MOST:
        raise Problem(
            409,
            "中継機が多すぎます",
            f"使わないものを外してから追加してください。 At most {MOST} live gateways a household: revoke one first.",
        )
    gateway_codes.sweep(conn)  # whoever asks takes the expired ones out
    return gateway_codes.ask(conn, home, person_id, label=label)


def shut_out(conn: psycopg.Connection, person_id: int, gateway_id: str) -> None:
    """Revoke a live gateway of the person's household, and end what hangs on it. Raises Problem: not there."""
    if gateway_id not in households.gateways(conn, person_id):
        raise not_found()
    gateways.revoke(conn, gateway_id)
    registrations.end_all(conn, gateway_id)


def renewed(conn: psycopg.Connection, person_id: int, gateway_id: str, *, overlap: timedelta) -> Credentials:
    """A new secret of a live gateway of the person's household; the old one is good for ``overlap`` at most.

    Raises Problem: not there.
    """
    known = gateway_id in households.gateways(conn, person_id)
    made = gateways.renew_secret(conn, gateway_id, overlap=overlap) if known else None
    if made is None:
        raise not_found()
    return made


def told(settings: Settings, made: Credentials) -> Told:
    """What this gateway is answered."""
    return Told(
        made.gateway_id, made.user, made.password, f"phr/v1/{made.gateway_id}/", broker(settings), made.old_until
    )


def broker(settings: Settings) -> Mqtt:
    """The broker's address as gateways use it."""
    host = settings.mqtt_public_host or urlsplit(settings.public_url).hostname or "127.0.0.1"
    ca = Path(settings.mqtt_public_ca).read_text("ascii") if settings.mqtt_public_ca else None
    return Mqtt(host, settings.mqtt_public_port, settings.mqtt_public_tls, ca)


def invitation(settings: Settings, code: str) -> str:
    """What the picture says: JSON with the address to POST to and the code."""
    return json.dumps({"api": f"{settings.public_url.rstrip('/')}/api/gateways", "code": code})


def picture(text: str) -> bytes:
    """A QR code as SVG (ISO/IEC 18004, error correction M), black on white whatever the page's colours are."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=8, light="#fff", xmldecl=False)
    return out.getvalue()


def inside(text: str) -> str:
    """The picture in a page itself: what it says stands in no address."""
    return f"data:image/svg+xml;base64,{b64encode(picture(text)).decode()}"
