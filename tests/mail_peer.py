"""A mail server for tests: SMTP submission (RFC 5321, 6409) that takes nothing before TLS and its login.

It answers RCPT as it is told to (``refuse``), keeps what it takes, and can be slow.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

from channel_peers import plain_login

from phr_api import certificates

LOGIN = ["phr", "the mail server's password"]


@dataclass
class MailServer:
    """``taken``: (recipient, message). ``refuse``: the answer to RCPT; ``at_data``: the answer after the message."""

    port: int
    ca: Path
    refuse: str = ""
    at_data: str = "250 2.0.0 taken"
    slow: bool = False
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    before_tls: list[str] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def forget(self) -> None:
        """As new."""
        self.refuse, self.at_data, self.slow = "", "250 2.0.0 taken", False
        self.taken.clear()
        self.before_tls.clear()

    def settings(self) -> dict[str, Any]:
        given = {"smtp_host": "localhost", "smtp_port": self.port, "smtp_ca": str(self.ca)}
        return given | {"smtp_username": LOGIN[0], "smtp_password": LOGIN[1], "smtp_from": "phr@city.example.jp"}


@contextmanager
def mail_server(folder: Path, *, implicit: bool = False) -> Iterator[MailServer]:
    """On a free port of this machine; ``implicit``: TLS from the first byte (RFC 8314)."""
    now = datetime.now(UTC)
    ours = certificates.authority("a CA of the tests", now)
    own = certificates.server(ours, "mail", ["localhost"], now)
    for name, text in (("mail_ca.pem", ours.pem), ("mail.pem", own.cert), ("mail_key.pem", own.key)):
        (folder / name).write_text(text)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "mail.pem", folder / "mail_key.pem")
    server = _Server(("127.0.0.1", 0), _Session)
    made = MailServer(server.server_address[1], folder / "mail_ca.pem")
    server.tls, server.implicit, server.made = tls, implicit, made
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    tls: ssl.SSLContext
    implicit: bool
    made: MailServer


class _Session(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        with suppress(OSError):
            self._handle()
        self.connection.close()

    def _handle(self) -> None:
        self.made, self.safe, self.known, self.recipient = self.server.made, False, False, ""
        if self.server.implicit:
            self._secure()
        self._say("220 mail.example.jp ESMTP")
        while line := self.rfile.readline():
            if line.upper().startswith(b"QUIT"):
                self._say("221 bye")
                return
            self._say(self._answer(line))
            if line.upper().startswith(b"STARTTLS"):
                self._secure()

    def _answer(self, line: bytes) -> str:
        verb = line[:4].upper()
        if not self.safe:
            self.made.before_tls.append(verb.decode())
        if verb == b"EHLO":
            return "250-mail.example.jp\r\n" + ("250 AUTH PLAIN" if self.safe else "250 STARTTLS")
        if verb == b"STAR":
            return "220 go ahead"
        if verb == b"AUTH":
            self.known = self.safe and plain_login(line) == LOGIN
            return "235 2.7.0 welcome" if self.known else "535 5.7.8 who?"
        if not self.known:
            return "530 5.7.0 sign in first"
        return self._mail(verb, line)

    def _mail(self, verb: bytes, line: bytes) -> str:
        if self.made.slow:
            self.made.closing.wait(10)
        if verb == b"RCPT":
            self.recipient = line.partition(b"<")[2].partition(b">")[0].decode()
            return self.made.refuse or "250 2.1.5 yes"
        if verb == b"DATA":
            self._say("354 go on")
            body = b"".join(iter(self.rfile.readline, b".\r\n"))
            if self.made.at_data.startswith("2"):
                self.made.taken.append((self.recipient, message_from_bytes(body, policy=default)))
            return str(self.made.at_data)
        return "250 2.0.0 fine"  # MAIL, RSET

    def _secure(self) -> None:
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.safe = True

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
