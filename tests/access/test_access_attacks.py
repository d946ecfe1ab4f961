"""Attacks at the doors: each of these falls when its protection is taken out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import access_digest
import pytest
from access_requests import Row, request, rows, things
from access_world import OTHER, OWNER, SUBJECTS
from conftest import Copy, Town
from httpx2 import Response

from phr_api.doors import COOKIE

WRITES = [row for row in rows() if row.method != "GET" and row.expected["nobody"] == "401"]
OWN = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
EVIL = "evil.example"


@pytest.fixture(scope="module")
def battered(copy: Copy) -> Iterator[Town]:
    """A town that may be changed by what is tried on it."""
    with copy() as town:
        yield town


def ask(town: Town, method: str, url: str, role: str = "self", **more: Any) -> Response:
    town.client.cookies.clear()
    headers = OWN | {"Cookie": f"{COOKIE}={town.world.tokens[role]}"} | more.pop("headers", {})
    return town.client.request(method, url, headers=headers, **more)


def sound(town: Town, row: Row) -> dict[str, Any]:
    asked = request(row, things(town.world, _insider(row)))
    return asked | {"headers": asked.get("headers", {})}


def _insider(row: Row) -> str:
    """Whom it lets in; "self" where only another's right does."""
    let_in = (role for role, outcome in row.expected.items() if outcome in ("ok", "home", "apart", "409"))
    return next(let_in, "self")


@pytest.mark.parametrize("row", WRITES, ids=lambda row: row.name)
def test_no_write_is_taken_from_another_sites_page(unchanged: Town, row: Row) -> None:
    before = access_digest.everything(unchanged.owner)
    foreign = (
        {"Sec-Fetch-Site": "cross-site", "Origin": f"https://{EVIL}"},
        {"Sec-Fetch-Site": "", "Origin": f"https://{EVIL}"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": f"https://{EVIL}", "Authorization": "Bearer "},
    )
    for headers in foreign:
        asked = sound(unchanged, row)
        asked["headers"] = asked["headers"] | headers
        assert ask(unchanged, role=_insider(row), **asked).status_code == 403, headers
    assert access_digest.everything(unchanged.owner) == before


def test_a_method_is_what_it_says(unchanged: Town) -> None:
    """No header, field or query turns a harmless method into another."""
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        consent = unchanged.world.things[OWNER]["consent"]
        for url in (f"/api/consents/{consent}", f"/api/consents/{consent}?_method=DELETE"):
            answer = ask(unchanged, "GET", url, headers={header: "DELETE"})
            assert answer.status_code == 405
            answer = ask(unchanged, "POST", url, headers={header: "DELETE"}, data={"_method": "DELETE"})
            assert answer.status_code == 405


def test_no_header_makes_the_caller_somebody_else_or_somewhere_else(unchanged: Town) -> None:
    for name in ("X-Forwarded-Host", "X-Forwarded-User", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-User"):
        answer = ask(unchanged, "GET", "/api/me", headers={name: f"{EVIL}/nurse"})
        assert answer.json()["public_id"] == unchanged.world.things[OWNER]["public_id"], name
        assert EVIL not in answer.text + str(dict(answer.headers))
    for path in ("/", "/signin", "/consents", "/devices"):
        answer = ask(unchanged, "GET", path, headers={"Host": EVIL, "X-Forwarded-Proto": "http", "Accept": "text/html"})
        assert EVIL not in answer.text + str(dict(answer.headers)), path


def test_nothing_leads_to_another_site(unchanged: Town) -> None:
    after = (
        f"https://{EVIL}",
        f"//{EVIL}",
        f"/\\{EVIL}",
        f"/%2f{EVIL}",
        f"javascript:{EVIL}",
        f"/@{EVIL}",
        f"/a:{EVIL}",
    )
    for where in after:
        for path in ("/signin/again", "/signin", "/", "/consents"):
            params = {"after": where, "next": where, "url": where, "about": where}
            answer = ask(unchanged, "GET", path, params=params)
            assert EVIL not in answer.headers.get("location", ""), (path, where)
            assert EVIL not in answer.text, (path, where)
    for path in (f"//{EVIL}/", f"//{EVIL}/nurse", f"/%5c{EVIL}", f"/;@{EVIL}"):
        assert EVIL not in ask(unchanged, "GET", path).headers.get("location", ""), path


SQL = ["' or '1'='1' --", "1); drop table health.people cascade; --"]


def _strings(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a body that holds a text, as (container, key)."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, str):
            yield value, key
        elif isinstance(inner, dict | list):
            yield from _strings(inner)


@pytest.mark.parametrize("row", [row for row in rows() if row.expected["nobody"] != "-"], ids=lambda row: row.name)
def test_sql_in_any_text_stays_a_text(battered: Town, row: Row) -> None:
    """One text after the other of a request that may be made: it is refused or kept, and nobody else's rows change."""
    role, mark = ("other", OTHER) if row.expected["other"] != "403" else ("nurse", OWNER)
    never = battered.world.things[SUBJECTS["never"]]
    before = _rows_of(battered, never)
    asked = request(row, battered.world.things[mark] | {"recovery": battered.world.recovery[role]})
    for attack in SQL:
        for attacked in _attacked(asked, attack):
            answer = ask(battered, role=role, **attacked)
            assert answer.status_code < 500, attacked
            assert [word for word in never["own"] if word in answer.text] == [], attacked
            assert "syntax" not in answer.text.lower() and "psycopg" not in answer.text
    assert _rows_of(battered, never) == before


def _rows_of(town: Town, named: dict[str, Any]) -> dict[str, str]:
    own = access_digest.of_subject(town.owner, named["person_id"], named["household"])
    labels = town.owner.execute("select label from health.sources where label like %s", (f"{named['mark']}%",))
    return own | {"labels": str(sorted(labels))}


def _attacked(asked: dict[str, Any], attack: str) -> Iterator[dict[str, Any]]:
    """The request with one of its texts replaced."""
    parts = {part: asked[part] for part in ("json", "data", "params") if part in asked}
    for place in range(len(list(_strings(parts)))):
        copied = json.loads(json.dumps(parts))
        container, key = list(_strings(copied))[place]
        container[key] = attack
        yield asked | copied


@pytest.mark.parametrize("attack", [*SQL, "../../etc/passwd", "%00", "-1", "00000000-0000-0000-0000-000000000000"])
def test_a_path_that_was_tampered_with_leads_nowhere(unchanged: Town, attack: str) -> None:
    before = access_digest.everything(unchanged.owner)
    for row in rows():
        if "{" not in row.route or row.expected["other"] == "-" or row.expected["nobody"] != "401":
            continue
        role = "other" if row.expected["other"] != "403" else "far"
        asked = request(row, things(unchanged.world, role))
        names = {part[1:-1] for part in row.route.split("/") if part[:1] == "{"}
        asked["url"] = row.route.replace("{name}.json", attack).format_map(dict.fromkeys(names, attack))
        answer = ask(unchanged, role=role, **asked)
        assert answer.status_code in (403, 404, 405, 422, 307, 303), (row.name, answer.status_code)
        assert OWNER not in answer.text
    assert access_digest.everything(unchanged.owner) == before
