"""``/metrics``, ``/healthz`` and ``/readyz`` of an ingest worker, from one small server thread.

Whoever can reach the port can read it: publish it to the monitoring network alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST
from psycopg_pool import ConnectionPool

from ingest.metrics import Meter

_PLAIN = "text/plain; charset=utf-8"
PATIENCE = 10.0  # seconds: who connects and says nothing holds no thread longer
_ANSWER = 2.0  # seconds for the database's answer

Answer = tuple[int, str, bytes]  # status, content type, body


def ready(meter: Meter, pool: ConnectionPool) -> bool:
    """Whether the worker's subscription stands and the database answers."""
    if not any(session.listens and session.inbox.alive and session.inbox.connected for session in meter.sessions):
        return False
    return _answers(pool) or _answers(pool)


def _answers(pool: ConnectionPool) -> bool:
    """Whether the database does; if not, the pool has let go of every connection that a restart of it had ended."""
    try:
        with pool.connection(timeout=_ANSWER) as conn:
            conn.execute("select 1")
    except Exception:
        with suppress(Exception):
            pool.check()
        return False
    return True


@contextmanager
def served(meter: Meter, pool: ConnectionPool, port: int, address: str = "0.0.0.0") -> Iterator[int]:  # noqa: S104 # nosec B104
    """Serve until the block ends; yields the port (another one when ``port`` is 0). Raises OSError when it is taken."""
    answers: dict[str, Callable[[], Answer]] = {
        "/metrics": lambda: (200, CONTENT_TYPE_LATEST, meter.text()),
        "/healthz": lambda: _yes_or_no(True),  # a worker whose inbox broke ends by itself
        "/readyz": lambda: _yes_or_no(ready(meter, pool)),
    }
    server = ThreadingHTTPServer((address, port), _handler(answers))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _yes_or_no(good: bool) -> Answer:
    return (200, _PLAIN, b"ok\n") if good else (503, _PLAIN, b"not now\n")


def _handler(answers: Mapping[str, Callable[[], Answer]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:
            answer = answers.get(self.path.partition("?")[0])
            status, kind, body = answer() if answer else (404, _PLAIN, b"/metrics /healthz /readyz\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: who asks and how often is not worth a line."""

    return Handler
