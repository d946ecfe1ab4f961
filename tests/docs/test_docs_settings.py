"""The documentation is true: every setting is on its page with its default, and no page links into nothing."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from store.settings import BadSetting, Settings, load, require, variable

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.name)
def test_every_setting_is_documented_with_its_default(item: object) -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    row = next((line for line in page.splitlines() if line.startswith(f"| `{variable(item.name)}`")), "")  # type: ignore[attr-defined]
    assert row, f"docs/settings.md lacks {variable(item.name)}"  # type: ignore[attr-defined]
    assert str(item.default) in row and item.metadata["says"] in row  # type: ignore[attr-defined]


def test_the_page_names_no_setting_that_does_not_exist() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    known = {variable(item.name) for item in fields(Settings)}
    assert set(re.findall(r"^\| `(PHR_\w+)`", page, re.M)) == known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_a_secret_can_come_from_a_file_and_stays_out_of_the_printed_settings(tmp_path: Path) -> None:
    (tmp_path / "mqtt").write_text("s3cret\n")
    settings = load({"PHR_MQTT_PASSWORD_FILE": str(tmp_path / "mqtt"), "PHR_MQTT_PORT": "1884"})
    assert (settings.mqtt_password, settings.mqtt_port) == ("s3cret", 1884)
    assert "s3cret" not in repr(settings)


def test_a_value_that_does_not_fit_is_refused_by_its_name_only() -> None:
    with pytest.raises(BadSetting, match="PHR_MQTT_PORT: expected a whole number"):
        load({"PHR_MQTT_PORT": "x-secret-x"})
    with pytest.raises(BadSetting, match="PHR_EMBEDDED"):
        load({"PHR_EMBEDDED": "yes"})
    with pytest.raises(BadSetting, match="PHR_DATABASE_URL"):
        require(load({}), "database_url")


@pytest.mark.parametrize(
    "url", ["postgres//phr:x-secret-x@db/phr", "postgresql://phr:x-secret-x%@db/phr", "x-secret-x"]
)
def test_a_connection_string_that_the_driver_would_repeat_in_its_log_is_refused_unrepeated(url: str) -> None:
    with pytest.raises(BadSetting, match="PHR_DATABASE_URL: expected postgresql://") as refusal:
        load({"PHR_DATABASE_URL": url})
    assert "x-secret-x" not in str(refusal.value)
    assert load({"PHR_DATABASE_URL": "host=db dbname=phr password='a b'"}).database_url


@pytest.mark.parametrize("where", [{"PHR_API_HOST": "0.0.0.0"}, {"PHR_PUBLIC_URL": "https://phr.example.jp"}])
def test_the_demos_sign_in_can_not_be_turned_on_for_others_than_this_machine(where: dict[str, str]) -> None:
    assert load({"PHR_EMBEDDED": "1"}).embedded
    assert not load(where).embedded
    with pytest.raises(BadSetting, match="PHR_EMBEDDED"):
        load({"PHR_EMBEDDED": "1"} | where)
