"""``python -m phr_api``: the API and the pages until SIGTERM or SIGINT."""

from __future__ import annotations

import uvicorn

from phr_api.app import create_app
from store import worker
from store.pool import open_pool

_CONNECTIONS = 16


def main() -> None:
    """Serve on ``PHR_API_HOST:PHR_API_PORT``. The audit is the record of who looked at what, so no access log."""
    settings = worker.begin("database_url", "master_key", role="phr_api")
    with open_pool(settings.database_url, size=_CONNECTIONS, name="phr-api", role="phr_api") as pool:
        uvicorn.run(
            create_app(settings, pool),
            host=settings.api_host,
            port=settings.api_port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=10,
            ssl_certfile=settings.api_tls_cert or None,
            ssl_keyfile=settings.api_tls_key or None,
        )


if __name__ == "__main__":
    main()
