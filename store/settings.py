"""Every setting of the product, from the environment. ``docs/settings.md`` lists them all (tested).

A secret can be given as a file: ``PHR_MQTT_PASSWORD_FILE=/run/secrets/mqtt`` instead of the value itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict


class BadSetting(Exception):
    """A setting that is missing or can't be read; the message names it and says what is expected."""


def _setting(default: object, says: str, *, secret: bool = False) -> Any:
    # `repr=False` keeps a secret out of logs and tracebacks that print the settings
    return field(default=default, repr=not secret, metadata={"says": says, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One frozen value, read once at start. Field ``mqtt_host`` is the variable ``PHR_MQTT_HOST``."""

    database_url: str = _setting("", "PostgreSQL connection string", secret=True)
    master_key: str = _setting(
        "",
        "keys that names, contacts and identifiers are sealed under (`phr keys new` makes one); the first seals,"
        " others behind it, separated by spaces, still open",
        secret=True,
    )
    backup_key: str = _setting(
        "", "public key that backups are encrypted for (`phr backup new-key` makes the pair); no secret"
    )
    mqtt_host: str = _setting("127.0.0.1", "host of the MQTT broker")
    mqtt_port: int = _setting(1883, "port of the MQTT broker")
    mqtt_username: str = _setting("ingest", "the ingest worker's name at the broker")
    mqtt_password: str = _setting("", "the ingest worker's password at the broker", secret=True)
    mqtt_tls_ca: str = _setting(
        "", "file with the CA certificate of a broker that is reached through TLS; empty: plain MQTT"
    )
    mqtt_tls_cert: str = _setting("", "TLS listener of the broker (port 8883): file with its certificate chain")
    mqtt_tls_key: str = _setting("", "TLS listener of the broker: file with the certificate's private key")
    mqtt_inside_cert: str = _setting(
        "", "the workers' own listener of the broker: file with its certificate; empty: plain MQTT"
    )
    mqtt_inside_key: str = _setting("", "the workers' own listener: file with the certificate's private key")
    mqtt_public_host: str = _setting(
        "", "the broker's name as new gateways are told it; empty: the host of PHR_PUBLIC_URL"
    )
    mqtt_public_port: int = _setting(8883, "the broker's port as new gateways are told it")
    mqtt_public_tls: bool = _setting(True, "whether new gateways are told to use TLS")
    mqtt_public_ca: str = _setting(
        "", "file with the CA certificate that new gateways are given; empty: a public CA signed the broker's"
    )
    gateway_overlap_days: int = _setting(
        7, "days for which a gateway's old password is good beside a new one, which ends it an hour after its first use"
    )
    mqtt_slot: str = _setting(
        "ingest",
        "first part of the ingest workers' MQTT client ids: the broker keeps sessions as `ingest-1`, `ingest-2` …",
    )
    ingest_slots: int = _setting(8, "how many ingest workers can work at once")
    ingest_batch: int = _setting(5000, "most readings in one transaction")
    ingest_receive: str = _setting(
        "fast", "how messages are read: `fast`, or `public` for paho-mqtt's public methods alone (by MQTT 3.1.1)"
    )
    strangers_kept_days: int = _setting(
        30, "days after which the figures worker drops what devices said that nobody registered"
    )
    api_host: str = _setting("127.0.0.1", "address the API and the pages listen on")
    api_port: int = _setting(8080, "port the API and the pages listen on")
    api_tls_cert: str = _setting(
        "", "file with the certificate that the API shows its proxy; empty: plain HTTP, for the machine itself alone"
    )
    api_tls_key: str = _setting("", "file with that certificate's private key")
    public_url: str = _setting("http://127.0.0.1:8080", "address people reach the pages at")
    embedded: bool = _setting(
        False, "demo mode of `phr up`: sign-in is choosing a persona. Never set it where real people's data lie"
    )
    oidc_citizen_issuer: str = _setting(
        "", "OpenID Connect issuer of the city's common ID (https://…); empty: citizens can't sign in"
    )
    oidc_citizen_client_id: str = _setting("", "this service's client id there")
    oidc_citizen_client_secret: str = _setting("", "its client secret; empty: a client without one", secret=True)
    oidc_staff_issuer: str = _setting(
        "", "OpenID Connect issuer of the city's staff directory; empty: staff can't sign in"
    )
    oidc_staff_client_id: str = _setting("", "this service's client id at the staff directory")
    oidc_staff_client_secret: str = _setting(
        "", "its client secret at the staff directory; empty: a client without one", secret=True
    )
    staff_second_factor: bool = _setting(
        True, "whether staff need a TOTP code; 0 only where the staff directory itself asks for a second factor"
    )
    vapid_private_key: str = _setting(
        "",
        "Web Push: VAPID private key (base64url, P-256); older ones behind it, separated by spaces, go on for who"
        " subscribed with them; empty turns the Web Push channel off",
        secret=True,
    )
    vapid_contact: str = _setting("mailto:phr@example.jp", "Web Push: contact given to push services")
    push_services: str = _setting(
        "fcm.googleapis.com push.services.mozilla.com push.apple.com notify.windows.com",
        "Web Push: push services that may be sent to, hosts separated by spaces (their subdomains count)",
    )
    advice_processes: int = _setting(0, "processes that share an advice worker's nightly run; 0: one a core")
    line_channel_token: str = _setting(
        "", "LINE: channel access token of the city's official account; empty turns the LINE channel off", secret=True
    )
    line_channel_secret: str = _setting(
        "", "LINE: channel secret, by which webhooks are known to be LINE's", secret=True
    )
    line_friend_url: str = _setting("", "LINE: address at which people add the official account (https://lin.ee/…)")
    line_api: str = _setting("https://api.line.me", "LINE: base address of the Messaging API")
    line_link_page: str = _setting(
        "https://access.line.me/dialog/bot/accountLink", "LINE: page where an account is linked"
    )
    fcm_service_account: str = _setting(
        "",
        "FCM: the service account's key (its JSON file, by PHR_FCM_SERVICE_ACCOUNT_FILE); empty turns FCM off",
        secret=True,
    )
    fcm_api: str = _setting("https://fcm.googleapis.com", "FCM: base address of the HTTP v1 API")
    fcm_token_url: str = _setting("https://oauth2.googleapis.com/token", "FCM: where access tokens are fetched")
    smtp_host: str = _setting("", "e-mail: host of the mail server; empty turns the e-mail channel off")
    smtp_port: int = _setting(587, "e-mail: port of the mail server")
    smtp_tls: str = _setting("starttls", "e-mail: `starttls`, or `tls` from the first byte (port 465); never without")
    smtp_ca: str = _setting("", "e-mail: file with the mail server's CA certificate; empty: a public CA signed its")
    smtp_username: str = _setting("", "e-mail: name at the mail server; empty: it asks for none")
    smtp_password: str = _setting("", "e-mail: password at the mail server", secret=True)
    smtp_from: str = _setting("", "e-mail: address that messages come from (phr@city.example.jp)")
    sms_url: str = _setting("", "SMS: address of the gateway's webhook (docs/channels.md); empty turns SMS off")
    sms_secret: str = _setting(
        "", "SMS: secret that requests to the gateway are signed with (32 characters or more)", secret=True
    )
    push_quiet_from: int = _setting(21, "no push from this hour on, Japanese time")
    push_quiet_until: int = _setting(7, "no push before this hour, Japanese time")
    push_a_day: int = _setting(
        1, "most messages to a person on one day besides red flags and referrals; what is above 1 is never planned"
    )
    push_a_week: int = _setting(
        3, "most messages to a person in seven days besides red flags and referrals; what is above 3 is never planned"
    )
    receipt_secrets: str = _setting(
        "",
        "secrets with which channels sign that a message was delivered: `sms=…`, several separated by spaces, while one"
        " is changed two of a channel; a channel without one has no receipts",
        secret=True,
    )
    inbox_dir: str = _setting("", "folder the bridge worker watches for record files; empty turns it off")
    metrics_port: int = _setting(0, "port of an ingest worker's /metrics, /healthz and /readyz; 0 turns it off")
    metrics_token: str = _setting(
        "",
        "bearer token with which Prometheus may read the API's /metrics; while it is changed two, one a line; empty"
        " turns it off",
        secret=True,
    )
    audit_years: int = _setting(
        5, "so many years after its end a month of the audit is kept (medical records: 5 or more)"
    )
    audit_waits: bool = _setting(
        False,
        "whether even an answer that only shows something waits until its look is on disk (else what was looked at in"
        " the last 30 ms before the database's machine fails may go unnoted)",
    )
    audit_names_staff: bool = _setting(
        False, "whether people see the name of the staff who looked at their data; else role and town"
    )
    opening_minutes: int = _setting(
        60, "so long a 保健師 who opened a person's data in an emergency, without consent, may see it"
    )
    openings_a_day: int = _setting(
        10, "emergencies that one 保健師 opens within 24 hours before she has to name the supervisor whom she told"
    )
    export_days: int = _setting(7, "days that a copy of one's own data can be fetched")
    deletion_wait_days: int = _setting(14, "days in which a deletion that was asked for can be taken back")
    non_use_days: int = _setting(
        1095, "days of non-use after which a person is told that everything will be deleted; 0: never (PHR指針)"
    )
    non_use_notice_days: int = _setting(90, "days between that notice and the deletion's own days of waiting")
    keep_raw_days: int = _setting(90, "days that the bytes of a rejection are kept once it is replayed or dismissed")
    keep_rejections_days: int = _setting(365, "days that a rejection is kept")
    keep_posts_days: int = _setting(30, "days that the answer to a telephone's post is known by its key")
    keep_set_aside_days: int = _setting(30, "days after which a message that was set aside becomes a rejection")
    keep_decisions_days: int = _setting(
        1825, "days that it is kept which advice was judged, shown, held back or told, and why (at least a year)"
    )
    keep_arrivals_days: int = _setting(60, "days that a message is known to be stored, should the broker send it again")
    statistics_day: int = _setting(
        8, "day of the month from which last month's statistics are made (devices may be late); 0: never"
    )
    statistics_smallest: int = _setting(10, "groups of fewer people are hidden in statistics (NDBオープンデータ: 10)")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")


def _at_home(settings: Settings) -> Settings:
    # in the demo anybody may be anyone: one forgotten variable must not open a city's data
    hosts = {settings.api_host, urlsplit(settings.public_url).hostname}
    if settings.embedded and not hosts <= {"127.0.0.1", "localhost", "::1"}:
        raise BadSetting(
            "PHR_EMBEDDED: the demo's sign-in serves this machine alone; unset it, or PHR_API_HOST and PHR_PUBLIC_URL"
        )
    return settings


def variable(name: str) -> str:
    """The environment variable of a field."""
    return f"PHR_{name.upper()}"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises BadSetting with the variable's name when a value does not fit."""
    given: dict[str, Any] = {}
    for item in fields(Settings):
        text = _text(environ, variable(item.name))
        if text is not None:
            given[item.name] = _parse(item.name, str(item.type), text)
    return _at_home(Settings(**given))


def require(settings: Settings, *names: str) -> None:
    """Stop with a clear sentence when a worker lacks a setting it can't run without."""
    missing = [variable(name) for name in names if not getattr(settings, name)]
    if missing:
        raise BadSetting(f"not set: {', '.join(missing)} (see docs/settings.md; `phr up` sets them by itself)")


def _text(environ: Mapping[str, str], name: str) -> str | None:
    path = environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as fault:
            raise BadSetting(f"{name}_FILE: {path} can't be read ({fault.strerror})") from None
    return environ.get(name)


def _parse(name: str, kind: str, text: str) -> object:
    if kind == "bool":
        if text.lower() not in ("0", "1", "true", "false"):
            raise BadSetting(f"{variable(name)}: expected 1 or 0")
        return text.lower() in ("1", "true")
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            raise BadSetting(f"{variable(name)}: expected a whole number") from None
    if name == "ingest_receive" and text not in ("fast", "public"):
        raise BadSetting(f"{variable(name)}: expected fast or public")
    if name == "database_url":
        _readable(text)
    return text


def _readable(conninfo: str) -> None:
    # the driver repeats a string it can't read, password and all, in every line it logs about it
    try:
        conninfo_to_dict(conninfo)
    except ProgrammingError:
        raise BadSetting(
            f"{variable('database_url')}: expected postgresql://user:password@host/database (% in a password is %25)"
        ) from None
