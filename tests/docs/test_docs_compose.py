"""compose.yaml against the compose specification (read by docker-compose, no engine) and against the product."""

import os
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from subprocess import run

import pytest
import yaml

from phr_api.commands.secrets import GIVEN
from store.settings import Settings, variable

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_the_compose_specification_accepts_the_file() -> None:
    if not which("docker-compose") and not os.environ.get("CI"):
        pytest.skip("docker-compose is not installed: apt-get install docker-compose to check compose.yaml")
    answer = run(["docker-compose", "-f", "compose.yaml", "config"], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def test_no_service_stands_there_twice() -> None:
    root = yaml.compose((ROOT / "compose.yaml").read_text("utf-8"))
    services = next(node for key, node in root.value if key.value == "services")
    names = [key.value for key, _ in services.value]
    assert sorted(set(names)) == sorted(names)


def test_every_worker_that_it_starts_exists() -> None:
    commands = [service.get("command", []) for service in COMPOSE["services"].values()]
    modules = [command[2] for command in commands if command[:2] == ["python", "-m"]]
    assert {"ingest", "fhir_bridge", "advice_engine", "phr_api"} <= set(modules)
    assert [module for module in modules if not _runs(module)] == []


def _runs(module: str) -> bool:
    found = find_spec(module)
    return bool(found and (not found.submodule_search_locations or find_spec(f"{module}.__main__")))


def test_it_sets_only_settings_that_exist() -> None:
    known = {variable(name) for name in Settings.__dataclass_fields__}
    used = {name for service in COMPOSE["services"].values() for name in service.get("environment", {})}
    assert {name.removesuffix("_FILE") for name in used if name.startswith("PHR_")} <= known


def test_who_sends_messages_and_who_sends_codes_know_every_channel() -> None:
    known = {variable(name) for name in Settings.__dataclass_fields__}
    wanted = {name for name in known if name.startswith(("PHR_LINE_C", "PHR_FCM_S", "PHR_SMTP_", "PHR_SMS_"))}
    for service, without in (("api", set()), ("advice", {"PHR_LINE_CHANNEL_SECRET"})):
        given = {name.removesuffix("_FILE") for name in COMPOSE["services"][service]["environment"]}
        # a CA of the mail server's own is a file that an operator mounts
        assert wanted - given == without | {"PHR_SMTP_CA"}
    files = (secret["file"] for secret in COMPOSE["secrets"].values())
    assert {f"./secrets/{name}" for name in ("sms_secret", "receipt_secrets", *GIVEN)} <= set(files)


def test_each_service_has_the_secrets_that_its_settings_name_and_no_others() -> None:
    for name, service in COMPOSE["services"].items():
        held = {one if isinstance(one, str) else one["target"] for one in service.get("secrets", [])}
        named = {str(value).removeprefix("/run/secrets/") for value in service.get("environment", {}).values()}
        assert held - named <= {"ca", *(one for one in held if one.endswith(("_cert", "_key")))}, name
        asked = {setting: str(value) for setting, value in service.get("environment", {}).items()}
        files = {value.removeprefix("/run/secrets/") for key, value in asked.items() if key.endswith("_FILE")}
        assert files <= held, name


def test_the_databases_log_repeats_no_row() -> None:
    assert "log_error_verbosity=terse" in COMPOSE["services"]["database"]["command"]


def test_every_secret_comes_from_a_file_and_none_is_written_down() -> None:
    secret = {variable(name) for name, field in Settings.__dataclass_fields__.items() if field.metadata["secret"]}
    for service in COMPOSE["services"].values():
        assert not secret & service.get("environment", {}).keys()
    assert all(set(source) == {"file"} for source in COMPOSE["secrets"].values())
