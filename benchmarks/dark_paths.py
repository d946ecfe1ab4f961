"""Every path on which something that stands on a consent can be seen: one table to measure by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from dark_world import BROWSER, HEALTH_CENTRE, LAB, PROXY, World

from advice_engine.channels.web_push import CHANNEL
from advice_engine.gather import gather
from fhir_bridge.importing import import_bytes
from store import statistics
from store.clock import civil_day
from store.statistics import Table


@dataclass(frozen=True, slots=True)
class Path:
    """``shows``: whether anything that stands on the consent of this purpose is to be seen at this moment."""

    purpose: str
    name: str
    shows: Callable[[World], bool]


def _has(address: str) -> Callable[[World], bool]:
    """The citizen's own request gives something that is not empty."""
    return lambda at: at.json(address) not in ([], {}, None)


def _page(address: str, mark: Callable[[World], str], *, nurse: bool | str = False) -> Callable[[World], bool]:
    return lambda at: mark(at) in at.call("GET", address.format(public_id=at.public_id), nurse=nurse)[1]


def _opens(address: str, nurse: bool | str = True) -> Callable[[World], bool]:
    return lambda at: at.call("GET", address.format(public_id=at.public_id), nurse=nurse)[0] == 200


def _advice(at: World) -> bool:
    return any(one["title"] in at.checkup_advice for one in at.json("/api/advice") or [])


def _any_advice(at: World) -> bool:
    return bool(at.json("/api/advice"))


def _nurses_advice(at: World) -> bool:
    told = at.json(f"/api/nurse/people/{at.public_id}", nurse=True) or {"advice": []}
    return any(one["title"] in at.checkup_advice for one in told["advice"])


def _readings(at: World) -> bool:
    return bool((at.json(f"/api/readings?{at.record_query}") or {"readings": []})["readings"])


def _facts(at: World) -> bool:
    with at.pool("phr_advice") as conn:
        return bool(gather(conn, [at.person_id], civil_day(datetime.now(UTC)))[at.person_id].checkups)


def _import(at: World) -> bool:
    """Whether the bridge would keep a file now; what it writes is rolled back."""
    with at.pool("phr_bridge") as conn:
        report = import_bytes(conn, at.document, "again.json", datetime.now(UTC))
        conn.rollback()
    return bool(report.records or report.unchanged)


def _addresses(at: World) -> bool:
    with at.pool("phr_advice") as conn:
        return bool(CHANNEL.addresses(conn, [at.person_id]))


def _subscribes(at: World) -> bool:
    return at.call("POST", "/api/push/subscriptions", at.browser)[0] == 204


def _types_in(at: World) -> bool:
    return at.call("POST", f"/api/nurse/people/{at.public_id}/entries", at.entry, nurse=True)[0] in (200, 201)


def _listed(nurse: bool | str) -> Callable[[World], bool]:
    def listed(at: World) -> bool:
        rows = at.json("/api/nurse/worklist", nurse=nurse) or []
        return any(one["person"]["public_id"] == at.public_id for one in rows)

    return listed


def _counted(at: World) -> bool:
    """Whether the next statistics would hold anybody: nobody else of this town agreed."""
    month = civil_day(datetime.now(UTC)).replace(day=1)
    asked = (Table("steps", ("readings",), "steps"), Table("advice", ("advice",), rules=("steps_more",)))
    with at.pool("phr_jobs") as conn:
        return any(statistics.tally(conn, one, town="062049", month=month) for one in asked)


def _lab(address: str) -> Callable[[World], bool]:
    """Any row of figures or answers that the living lab's program is told: nobody else takes part."""
    return lambda at: bool((at.json(f"/api/living-lab/{address}", nurse=LAB) or {"rows": []})["rows"])


def _proxy(address: str) -> Callable[[World], bool]:
    """A proxy's program names the person."""
    return lambda at: at.call("GET", f"{address}person={at.public_id}", nurse=PROXY)[0] == 200


def _proxy_types_in(at: World) -> bool:
    entry = {"readings": at.entry["readings"]}
    return at.call("POST", f"/api/entries?person={at.public_id}", entry, nurse=PROXY)[0] in (200, 201)


_FACILITY = f"guidance:{HEALTH_CENTRE}"
PATHS = (
    Path("phr_records", "API: records", _has("/api/records")),
    Path("phr_records", "API: checkups", _has("/api/checkups")),
    Path("phr_records", "API: readings that came with records", _readings),
    Path("phr_records", "API: advice that rests on them", _advice),
    Path("phr_records", "page: the citizen's own", _page("/", lambda at: at.facility)),
    Path(
        "phr_records",
        "page: the 保健師's, one person",
        _page("/nurse/people/{public_id}", lambda at: at.facility, nurse=True),
    ),
    Path("phr_records", "API: the 保健師's summary, advice", _nurses_advice),
    Path("phr_records", "worker: facts for the rules", _facts),
    Path("phr_records", "worker: import of a file", _import),
    Path("guidance", "API: work list", _listed(True)),
    Path("guidance", "page: work list", _page("/nurse", lambda at: at.public_id, nurse=True)),
    Path("guidance", "API: summary of one person", _opens("/api/nurse/people/{public_id}")),
    Path("guidance", "page: one person", _opens("/nurse/people/{public_id}")),
    Path("guidance", "page: chart data of one person", _opens("/nurse/people/{public_id}/charts/weight.json")),
    Path("guidance", "API: typing in for one person", _types_in),
    Path(_FACILITY, "API: work list", _listed(HEALTH_CENTRE)),
    Path(_FACILITY, "API: summary of one person", _opens("/api/nurse/people/{public_id}", HEALTH_CENTRE)),
    Path(_FACILITY, "page: one person", _opens("/nurse/people/{public_id}", HEALTH_CENTRE)),
    Path("statistics", "worker: what the next release would count", _counted),
    Path("living_lab", "API: day figures for the living lab", _lab("days?metric=weight")),
    Path("living_lab", "API: answers for the living lab", _lab("answers")),
    Path("push", "worker: addresses to push to", _addresses),
    Path("push", "API: subscribing a browser", _subscribes),
    Path("phr", "API: advice", _any_advice),
    Path(PROXY, "API: numbers", _proxy("/api/readings?metric=weight&")),
    Path(PROXY, "API: day figures", _proxy("/api/days?metric=weight&")),
    Path(PROXY, "API: advice", _proxy("/api/advice?")),
    Path(PROXY, "API: records", _proxy("/api/records?")),
    Path(PROXY, "API: checkups", _proxy("/api/checkups?")),
    Path(PROXY, "API: consents", _proxy("/api/consents?")),
    Path(PROXY, "API: typing in", _proxy_types_in),
    Path(PROXY, "page: the person's, in a proxy's browser", lambda at: at.call("GET", "/", nurse=BROWSER)[0] == 200),
)
