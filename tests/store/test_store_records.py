from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from store import consents, cursors, documents, records
from store.records import NewRecord

NOW = datetime.now(UTC)
FACILITY = "0611234567"


@pytest.fixture
def lab(conn: psycopg.Connection) -> NewRecord:
    """A released result of a person whose consent is in force; not written yet."""
    row = conn.execute(
        "insert into health.people (birth_date, sex) values ('1960-01-01', 'male') returning person_id"
    ).fetchone()
    assert row
    consent = consents.give(
        conn, row[0], purpose="phr_records", recipient=FACILITY, items=["lab", "checkup_item"], text_version="1",
        given_by="self", valid_from=NOW - timedelta(days=1),
    )  # fmt: skip
    return NewRecord(
        person_id=row[0], document_id=None, source_id=documents.source_of(conn, FACILITY, "酒田クリニック")[0],
        consent_id=consent, key="Observation|1", kind="lab", at=datetime(2026, 4, 1, tzinfo=UTC), title="HbA1c",
        metric="hba1c", value=5.4, value_text="5.4", unit="%", facility="酒田クリニック", released=True,
    )  # fmt: skip


def test_the_same_record_again_is_one_unchanged_row(conn: psycopg.Connection, lab: NewRecord) -> None:
    assert [records.add(conn, lab), records.add(conn, lab)] == ["new", "unchanged"]
    assert len(records.timeline(conn, lab.person_id)) == 1


def test_a_corrected_record_replaces_what_is_shown(conn: psycopg.Connection, lab: NewRecord) -> None:
    records.add(conn, lab)
    assert records.add(conn, replace(lab, value=5.9, value_text="5.9")) == "changed"
    (shown,) = records.timeline(conn, lab.person_id)
    assert (shown.value, shown.value_text) == (5.9, "5.9")


def test_the_timeline_is_newest_first_and_only_ones_own(conn: psycopg.Connection, lab: NewRecord) -> None:
    for number, day in enumerate([3, 9, 5]):
        records.add(conn, replace(lab, key=f"k{number}", at=datetime(2026, 4, day, tzinfo=UTC)))
    assert [row.at.day for row in records.timeline(conn, lab.person_id)] == [9, 5, 3]
    assert len(records.timeline(conn, lab.person_id, limit=2)) == 2
    assert records.timeline(conn, lab.person_id + 1) == []


@pytest.mark.parametrize("why", ["released", "withdrawn"])
def test_what_is_withheld_or_withdrawn_is_never_shown(conn: psycopg.Connection, lab: NewRecord, why: str) -> None:
    records.add(conn, replace(lab, released=why != "released", withdrawn=why == "withdrawn"))
    assert records.timeline(conn, lab.person_id) == []


def test_withdrawing_the_consent_hides_its_records_at_once(conn: psycopg.Connection, lab: NewRecord) -> None:
    records.add(conn, lab)
    consents.withdraw(conn, lab.person_id, lab.consent_id, NOW)
    assert records.timeline(conn, lab.person_id) == []


def test_a_kind_without_consent_is_never_shown(conn: psycopg.Connection, lab: NewRecord) -> None:
    records.add(conn, replace(lab, kind="condition"))
    assert records.timeline(conn, lab.person_id) == []


def test_a_checkup_lists_its_items_in_the_order_of_the_report(conn: psycopg.Connection, lab: NewRecord) -> None:
    def report(identifier: str, at: date, kind: str = "checkup") -> int:
        key, _ = documents.add(
            conn,
            documents.NewDocument(
                person_id=lab.person_id, source_id=lab.source_id, consent_id=lab.consent_id, kind=kind,
                identifier=identifier, title="健診結果報告書", facility=lab.facility, at=at,
            ),
        )  # fmt: skip
        return key

    older, newer = report("a|1", date(2025, 5, 1)), report("a|2", date(2026, 5, 1))
    other, empty = report("a|3", date(2026, 6, 1), "bundle"), report("a|4", date(2026, 7, 1))
    for document, key in [(newer, "z"), (older, "x"), (newer, "y"), (other, "w")]:
        records.add(conn, replace(lab, kind="checkup_item", key=key, title=key, document_id=document))
    found = records.checkups(conn, lab.person_id)
    assert [(row.document_id, [item.title for item in row.items]) for row in found] == [
        (newer, ["z", "y"]),
        (older, ["x"]),
    ]
    assert (found[0].at, found[0].facility) == (date(2026, 5, 1), "酒田クリニック")
    assert empty not in [row.document_id for row in found]


def test_an_older_copy_never_replaces_a_newer_statement(conn: psycopg.Connection, lab: NewRecord) -> None:
    new, old = datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    records.add(conn, replace(lab, value_text="5.9", stated_at=new))
    assert records.add(conn, replace(lab, value_text="5.4", stated_at=old)) == "unchanged"
    assert records.add(conn, replace(lab, value_text="5.9", stated_at=new)) == "unchanged"
    assert [row.value_text for row in records.timeline(conn, lab.person_id)] == ["5.9"]
    assert records.add(conn, replace(lab, value_text="5.8", stated_at=None)) == "changed"


def test_what_a_newer_version_of_a_document_leaves_out_is_withdrawn(conn: psycopg.Connection, lab: NewRecord) -> None:
    said = datetime(2026, 4, 2, tzinfo=UTC)
    document = documents.NewDocument(
        person_id=lab.person_id, source_id=lab.source_id, consent_id=lab.consent_id, kind="checkup",
        identifier="a|1", title="健診", facility=lab.facility, at=date(2026, 4, 1), stated_at=said,
    )  # fmt: skip
    key, outcome = documents.add(conn, document)
    assert (documents.add(conn, document), outcome) == ((key, "unchanged"), "new")
    for name in ("kept", "left out"):
        records.add(conn, replace(lab, document_id=key, key=name, title=name, stated_at=said))
    assert records.withdraw_missing(conn, key, ["kept"], said - timedelta(days=1)) == 0
    assert records.withdraw_missing(conn, key, ["kept"], said) == 1
    assert [row.title for row in records.timeline(conn, lab.person_id)] == ["kept"]


def test_a_facility_keeps_its_source_and_its_first_name(conn: psycopg.Connection) -> None:
    unnamed, label = documents.source_of(conn, FACILITY, "")
    assert label == f"医療機関 {FACILITY}"
    assert documents.source_of(conn, FACILITY, "酒田クリニック") == (unnamed, "酒田クリニック")
    assert documents.source_of(conn, FACILITY, "別の名") == (unnamed, "酒田クリニック")
    assert documents.source_of(conn, FACILITY, "") == (unnamed, "酒田クリニック")
    assert documents.source_of(conn, "0619999999", "酒田クリニック")[0] != unnamed


def test_a_cursor_remembers_the_last_value_put(conn: psycopg.Connection) -> None:
    assert cursors.get(conn, "nightly") is None
    cursors.put(conn, "nightly", {"day": 1})
    cursors.put(conn, "nightly", {"day": 2})
    assert cursors.get(conn, "nightly") == {"day": 2}


def test_a_source_remembers_a_mark_for_each_place(conn: psycopg.Connection) -> None:
    assert cursors.of_source(conn, "folder:/in") == {}
    cursors.put(conn, "folder:/in|a", [1, 2])
    cursors.put(conn, "folder:/in|b", {"since": "x"})
    cursors.put(conn, "folder:/in_%|a", 9)
    assert cursors.of_source(conn, "folder:/in") == {"a": [1, 2], "b": {"since": "x"}}
