"""docs/asyncapi.yaml says what the decoders do: every format, its examples, the topics, and sound references."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from devices.catalogue import decode, models
from devices.model import Example, Model
from devices.units import HOME_UNITS
from ingest.message import address
from store.model import NotUnderstood

DOC: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "docs" / "asyncapi.yaml").read_text("utf-8")
)
MESSAGES: dict[str, Any] = DOC["components"]["messages"]
SHAPE = {"not_this_format", "empty", "bad_readings", "not_an_observation"}  # refused for what it looks like


def resolve(reference: str) -> Any:
    assert reference.startswith("#/"), "nothing outside of the file"
    found: Any = DOC
    for step in reference[2:].split("/"):
        found = found[step]
    return found


def references(said: Any) -> list[str]:
    if isinstance(said, dict):
        own = [said["$ref"]] if "$ref" in said else []
        return own + [each for value in said.values() for each in references(value)]
    return [each for value in said for each in references(value)] if isinstance(said, list) else []


def valid(model_id: str, payload: Any) -> bool:
    schema = {"components": DOC["components"], "allOf": [MESSAGES[model_id]["payload"]]}
    return bool(Draft7Validator(schema).is_valid(payload))


def as_document(payload: bytes) -> Any:
    """What the schema speaks of: the JSON, the hex text, or None for bare bytes."""
    text = payload.decode("utf-8", "replace").strip()
    try:
        return (
            json.loads(text) if text[:1] in "{[" else text if re.fullmatch(r"([0-9A-Fa-f]{2}[ :-]?)+", text) else None
        )
    except ValueError:
        return None


EXAMPLES = [  # bare bytes and broken JSON are nothing that a schema speaks of
    pytest.param(model, one, id=f"{model.id}-{n}")
    for model in models().values()
    for n, one in enumerate(model.examples)
    if as_document(one.payload) is not None
]


def test_every_format_is_a_message_and_every_message_is_a_format() -> None:
    assert MESSAGES.keys() == models().keys()
    for name, message in MESSAGES.items():
        assert message["name"] == name and message["title"] and message["payload"]
    for channel in DOC["channels"].values():
        assert channel["messages"] == {name: {"$ref": f"#/components/messages/{name}"} for name in MESSAGES}


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_the_schema_takes_what_the_decoder_takes(model: Model, example: Example) -> None:
    said = as_document(example.payload)
    if not isinstance(example.says, str):
        assert valid(model.id, said)
    elif example.says in SHAPE and isinstance(said, dict | list):
        assert not valid(model.id, said)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_examples_in_the_file_are_taken_by_schema_and_decoder(name: str) -> None:
    examples = MESSAGES[name].get("examples", [])
    assert examples or not models()[name].metrics  # a format of which nothing is kept has none
    for example in examples:
        said = example["payload"]
        assert valid(name, said), example["name"]
        payload = said if isinstance(said, str) else json.dumps(said)
        assert decode(name, payload.encode()), example["name"]


@pytest.mark.parametrize("payload", [{}, [], 61.2, "61.2 kg", {"readings": "none"}, {"hex": "zz"}, None])
def test_what_no_decoder_takes_no_schema_takes(payload: Any) -> None:
    for name in MESSAGES:
        with pytest.raises(NotUnderstood):
            decode(name, json.dumps(payload).encode())
        assert not valid(name, payload), name


def test_the_units_of_our_own_format_are_those_of_the_decoder() -> None:
    rows = [row["properties"] for row in DOC["components"]["schemas"]["PhrReading"]["oneOf"]]
    assert {row["metric"]["const"]: row["unit"]["enum"] for row in rows} == {m: list(u) for m, u in HOME_UNITS.items()}


@pytest.mark.parametrize("name", ["readings", "deeper"])
def test_a_topic_of_the_file_names_its_gateway_and_device(name: str) -> None:
    channel = DOC["channels"][name]
    assert set(re.findall(r"\{(\w+)\}", channel["address"])) == channel["parameters"].keys()
    examples = {key: said["examples"][0] for key, said in channel["parameters"].items()}
    assert address(channel["address"].format(**examples)) == (examples["gateway"], examples["device"])
    assert address(channel["address"].format(**examples).replace("/v1/", "/v2/")) is None


def test_every_reference_leads_somewhere_and_every_schema_is_sound() -> None:
    found = references(DOC)
    assert len(found) > 50
    for reference in found:
        resolve(reference)
    for name, schema in DOC["components"]["schemas"].items():
        Draft7Validator.check_schema(schema)
        assert f"#/components/schemas/{name}" in found, f"nobody uses {name}"


def test_the_file_has_what_asyncapi_3_asks_for() -> None:
    assert DOC["asyncapi"] == "3.0.0"
    assert DOC.keys() <= {
        "asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"
    }  # fmt: skip
    assert DOC["info"]["title"] and DOC["info"]["version"]
    for server in DOC["servers"].values():
        assert server["host"] and server["protocol"] in {"mqtt", "secure-mqtt"}
        assert "://" not in server["host"]
        for scheme in server["security"]:
            assert resolve(scheme["$ref"])["type"] == "userPassword"
    for operation in DOC["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert operation["channel"]["$ref"].startswith("#/channels/")
        assert operation["bindings"]["mqtt"] == {"qos": 1, "retain": False, "bindingVersion": "0.2.0"}
    for name in [*DOC["channels"], *DOC["operations"], *MESSAGES, *DOC["components"]["schemas"]]:
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
    for message in MESSAGES.values():
        assert message.keys() <= {"name", "title", "summary", "contentType", "payload", "examples", "description"}
        assert all({"payload"} <= one.keys() <= {"name", "summary", "payload"} for one in message.get("examples", []))
