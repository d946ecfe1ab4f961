import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_bundles import document, number, observation, raw

from fhir_bridge.parse import DEEPEST, MOST_BYTES, MOST_ENTRIES, read
from store.model import NotUnderstood


def _nested(levels: int) -> bytes:
    inside: list[object] = []
    for _ in range(levels):
        inside = [{"url": "u", "extension": inside}]
    return json.dumps(observation("9N001000000000001") | {"extension": inside}).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "not_json"),
        (b'{"resourceType": "Patient"', "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": 1e99999999999}', "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b"\xff\xfe{\x00}\x00", "not_utf8"),
        (b"[]", "not_fhir"),
        (b"{}", "not_fhir"),
        (b'{"resourceType": 7}', "not_fhir"),
        (b'{"resourceType": "Nothing"}', "unknown_type"),
        (b'{"resourceType": "Resource"}', "unknown_type"),
        (b'{"resourceType": "Quantity"}', "unknown_type"),
        (b'{"resourceType": "Observation", "status": "final"}', "invalid_resource"),
        (b'{"resourceType": "Bundle", "type": "document", "entry": 3}', "invalid_resource"),
        (b"<ClinicalDocument/>", "xml_not_read"),
        (b"\xef\xbb\xbf <Bundle xmlns='http://hl7.org/fhir'/>", "xml_not_read"),
        (b"PK\x03\x04rest", "zip_not_read"),
        (b"MSH|^~\\&|", "hl7v2_not_read"),
        (raw({"resourceType": "Bundle", "type": "collection", "entry": [{}] * (MOST_ENTRIES + 1)}), "too_many"),
        (_nested(DEEPEST), "too_deep"),
        (b" " * (MOST_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_fhir_json_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        read(content)
    assert refusal.value.reason == reason


def test_a_byte_order_mark_and_deep_but_sane_nesting_are_read() -> None:
    assert len(read(b"\xef\xbb\xbf" + raw(document(number("9N001000000000001", 160, "cm")))).entries) == 4
    assert read(_nested(20)).bundle is None


def test_numbers_keep_the_decimals_that_were_written() -> None:
    file = read(
        b'{"resourceType": "Observation", "status": "final", "code": {"text": "a"}, "valueQuantity": {"value": 7.0}}'
    )
    assert str(file.entries[0].resource.valueQuantity.value) == "7.0"


def test_one_broken_entry_is_named_and_the_others_are_read() -> None:
    broken = {"resourceType": "Observation", "status": "final", "valueString": "たいせつな秘密", "秘密の名": "秘密"}
    body = document(number("9N001000000000001", 160, "cm"), broken)
    body["entry"] += [{"fullUrl": "urn:uuid:1"}, 5]
    file = read(raw(body))
    assert len(file.entries) == 4
    assert [one.what for one in file.broken] == ["entry 4 Observation", "entry 5", "entry 6"]
    assert json.loads(file.broken[0].raw) == broken
    assert not any("秘密" in one.why or "秘密" in one.what for one in file.broken)
    assert "code: missing" in file.broken[0].why


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_text_that_no_database_holds_breaks_its_own_entry_alone(text: str) -> None:
    odd = observation("9N001000000000001", text=f"検査{text}")
    file = read(json.dumps(document(number("9N001000000000001", 160, "cm"), odd)).encode())
    assert (len(file.entries), [one.what for one in file.broken]) == (4, ["entry 4 Observation"])
    assert json.loads(file.broken[0].raw) == odd


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=12), inside, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200) | st.builds(raw, json_values))
def test_any_bytes_are_read_or_refused_and_nothing_else(content: bytes) -> None:
    try:
        file = read(content)
    except NotUnderstood as refusal:
        assert refusal.reason
    else:
        assert file.entries or file.bundle is not None


@given(st.sampled_from(["code", "status", "effectiveDateTime", "valueQuantity", "subject", "meta"]), json_values)
def test_any_value_in_any_place_of_a_resource_is_read_or_refused(place: str, value: object) -> None:
    try:
        read(raw(number("9N001000000000001", 160, "cm") | {place: value}))
    except NotUnderstood as refusal:
        assert refusal.reason
