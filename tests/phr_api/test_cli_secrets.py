"""`phr secrets`: what production needs, once, for its owner's eyes, and PostgreSQL takes the logins."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store
from typer.testing import CliRunner

from phr_api.cli import app
from store import embedded, grants, migrations

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = CliRunner().invoke(app, ["secrets", str(tmp_path / "secrets"), "--broker-name", "mqtt.example.jp"])
    assert made.exit_code == 0, made.output
    return tmp_path / "secrets"


def test_every_secret_of_compose_is_made_for_its_owner_alone_and_only_once(folder: Path) -> None:
    wanted = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["secrets"].values()
    ours = {Path(one["file"]).name for one in wanted if one["file"].startswith("./secrets/")} | {"logins.sql"}
    assert ours <= {file.name for file in folder.iterdir()}
    for given in ("line_channel_token", "fcm_service_account", "smtp_password"):
        assert (folder / given).read_text() == ""  # the channel is off
    assert len((folder / "sms_secret").read_text()) == 48
    assert (folder / "receipt_secrets").read_text().startswith("sms=")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    for file in folder.iterdir():
        public = file.name.endswith(("-cert.pem", "ca.pem"))
        assert stat.S_IMODE(file.stat().st_mode) == (0o644 if public else 0o600), file.name
    again = CliRunner().invoke(app, ["secrets", str(folder)])
    assert "nothing, all is there" in again.output
    assert before == {file.name: file.read_bytes() for file in folder.iterdir()}


def test_no_password_is_printed_or_stands_in_the_sql_in_clear(folder: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["secrets", str(tmp_path / "more")]).output + (folder / "logins.sql").read_text()
    for where in (folder, tmp_path / "more"):
        for file in where.glob("url_*"):
            password = urlsplit(file.read_text()).password
            assert password and len(password) == 48 and password not in told


@pytest.mark.parametrize(("who", "name"), [("database", "database"), ("broker", "mqtt.example.jp"), ("api", "api")])
def test_the_certificates_hold_under_their_own_ca_for_their_names_alone(folder: Path, who: str, name: str) -> None:
    ca = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    cert = x509.load_pem_x509_certificate((folder / f"{who}-cert.pem").read_bytes())
    builder = PolicyBuilder().store(Store([ca]))
    builder.build_server_verifier(x509.DNSName(name)).verify(cert, [])
    with pytest.raises(x509.verification.VerificationError):
        builder.build_server_verifier(x509.DNSName("elsewhere")).verify(cert, [])


@pytest.fixture
def strict_server(folder: Path) -> Iterator[tuple[str, Path]]:
    """A PostgreSQL that asks the workers' logins for their passwords; its database is migrated."""
    memory = Path("/dev/shm")
    place = Path(mkdtemp(prefix="phr-login-", dir=memory if memory.is_dir() else None))
    with embedded.server(place / "pg") as uri:
        url = embedded.database(uri, "phr")
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute((folder / "logins.sql").read_bytes())
            hba = place / "pg" / "pg_hba.conf"
            logins = ",".join(f"{role}_login" for role in grants.ROLES)
            hba.write_text(f"local all {logins} scram-sha-256\n{hba.read_text()}")
            conn.execute("select pg_reload_conf()")
        migrations.migrate(url)
        yield url, place / "pg"
    rmtree(place)


def test_each_worker_comes_in_with_its_own_password_and_works_as_its_own_role_alone(
    folder: Path, strict_server: tuple[str, Path]
) -> None:
    for role in grants.ROLES:
        url = urlsplit((folder / f"url_{role.removeprefix('phr_')}").read_text())
        given = {"host": str(strict_server[1]), "dbname": "phr", "user": url.username}
        assert "sslmode=verify-full" in url.query
        with psycopg.connect(**given, password=url.password, options=f"-c role={role}", autocommit=True) as conn:
            assert conn.execute("select current_user::text").fetchone() == (role,)
            other = next(one for one in grants.ROLES if one != role)
            for forbidden in (f"set role {other}", "set role postgres", "set session authorization postgres"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(forbidden)
            conn.execute("set role none")  # even so the login itself has nothing
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("select * from identity.persons")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**given, password="x" * 48)
