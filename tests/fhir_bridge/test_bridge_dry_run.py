import json

import pytest
from invented_bundles import CARD, document, number, observation, raw, tagged

from fhir_bridge.dry_run import what_it_would_become
from store.model import NotUnderstood


def test_a_dry_run_says_what_a_file_would_become() -> None:
    hidden = tagged(number("9N016160100000001", 85, "cm"), "UNDELIVERED")
    body = document(number("9N001000000000001", 160, "cm"), hidden, {"resourceType": "Observation"})
    found = what_it_would_become(raw(body), "a.json")
    assert json.loads(json.dumps(found, ensure_ascii=False)) == found
    assert found["document"]["kind"] == "checkup" and found["document"]["day"] == "2026-06-01"
    assert found["matched_by"] == [{"system": CARD[0], "value": CARD[1]}]
    assert [(one["title"], one["shown"]) for one in found["records"]] == [("身長", True), ("腹囲(実測)", False)]
    assert found["readings"] == [{"metric": "height", "at": "2026-06-01T00:00:00+09:00", "value": 160.0, "unit": "cm"}]
    assert found["refused"][0][0] == "entry 5 Observation"


def test_a_resource_without_a_person_is_mapped_and_says_that_it_would_be_refused() -> None:
    found = what_it_would_become(raw(observation("9N001000000000001", valueString="x")), "a.json")
    assert len(found["records"]) == 1 and found["document"] is None
    assert found["refused"][0][1].startswith("no_patient")


def test_what_can_not_be_read_is_refused_with_a_reason() -> None:
    with pytest.raises(NotUnderstood, match="zip_not_read"):
        what_it_would_become(b"PK\x03\x04", "a.zip")
