"""The folder that holds a demo: its marker, its lock, its secrets."""

from __future__ import annotations

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from phr_api.commands import demo_database, demo_folder, demo_services
from phr_api.commands.problem import Problem


def test_a_new_folder_gets_its_marker_and_a_place_for_secrets(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    assert folder.marker.is_file()
    inside = [one for one in folder.path.iterdir() if one.is_dir()]
    assert {one.name: stat.S_IMODE(one.stat().st_mode) for one in inside} == {one.name: 0o700 for one in inside}
    assert {folder.secrets, folder.records, folder.logs, folder.inbox} <= set(inside)


def test_a_path_too_long_for_a_socket_of_its_own_is_refused(tmp_path: Path) -> None:
    # PostgreSQL asks for no password: its socket must lie where only the owner can enter
    folder = demo_folder.prepare(tmp_path / ("long" * 25))
    with pytest.raises(Problem, match="too long"), demo_database.started(folder, print):
        pass


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for fresh in (False, True):
        with pytest.raises(Problem, match="choose another"):
            demo_folder.prepare(tmp_path, fresh=fresh)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_fresh_removes_only_a_demos_own_data(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    demo_folder.remember(folder, seeded_at="2026-11-21T00:00:00+00:00")
    again = demo_folder.prepare(tmp_path / "demo", fresh=True)
    assert "seeded_at" not in demo_folder.state(again)


def test_fresh_does_not_touch_a_demo_that_runs(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    with demo_folder.lock(folder), pytest.raises(Problem, match="already runs"):
        demo_folder.prepare(tmp_path / "demo", fresh=True)
    assert folder.marker.is_file()


def test_what_is_remembered_stays(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    demo_folder.remember(folder, people=6)
    demo_folder.remember(folder, api_port=8080)
    assert demo_folder.state(demo_folder.prepare(tmp_path / "demo"))["people"] == 6


def test_a_running_demo_is_known_by_its_lock(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    assert not demo_folder.running(folder)
    with demo_folder.lock(folder):
        assert demo_folder.running(folder)
    assert not demo_folder.running(folder)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    first = demo_services.ingest_password(folder)
    password = first.read_text()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert demo_services.ingest_password(folder).read_text() == password
    assert len(password) > 30


def test_gateways_keep_their_passwords(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    made = demo_services.gateway_passwords(folder, ["gw-001", "gw-002"])
    assert set(made) == {"gw-001", "gw-002"}
    assert made["gw-001"] != made["gw-002"]
    assert demo_services.gateway_passwords(folder) == made


def test_children_get_secrets_as_files_never_as_arguments(tmp_path: Path) -> None:
    folder = demo_folder.prepare(tmp_path / "demo")
    services = demo_services.workers(folder, url="postgresql://secret@/phr", api_port=1, mqtt_port=2, tls_port=3)
    kept = [file.read_text() for file in folder.secrets.iterdir()]
    for service in services:
        told = json.dumps([service.command, dict(service.environ)])
        assert not [secret for secret in kept if secret in told]
    names = {"database_url", "ingest_password", "master_key", "vapid_private_key"}
    assert {file.name for file in folder.secrets.iterdir()} == names


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert demo_folder.free_port(port) > port
        assert demo_folder.free_port(port, taken=(port + 1,)) > port + 1


def test_other_commands_name_the_way_to_a_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PHR_DATABASE_URL", raising=False)
    with pytest.raises(Problem, match="PHR_DATABASE_URL is not set"), demo_database.existing(None):
        pass
    with pytest.raises(Problem, match="phr up --data"), demo_database.existing(tmp_path):
        pass


def test_the_settings_database_is_used_when_no_demo_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHR_DATABASE_URL", "postgresql://elsewhere/phr")
    with demo_database.existing(None) as url:
        assert url == "postgresql://elsewhere/phr"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL runs as somebody else")
def test_a_folder_that_the_databases_user_cannot_pass_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert closed in demo_database.closed_ancestors(closed / "demo" / "pg")
    closed.chmod(0o711)
    assert closed not in demo_database.closed_ancestors(closed / "demo" / "pg")
