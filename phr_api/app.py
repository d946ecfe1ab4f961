"""Puts the doors together: JSON API, pages, static files, behind one guard."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files

from anyio import Semaphore
from fastapi import FastAPI
from psycopg_pool import ConnectionPool
from starlette.staticfiles import StaticFiles

from phr_api import audiences, problems
from phr_api.demo_desk import Desk
from phr_api.guard import Guard
from phr_api.sign_in.provider import providers
from store.registry import load
from store.settings import Settings

MAX_BODY_BYTES = 1_000_000

_ABOUT = """酒田市の個人健康記録（PHR）の入口です。数値には必ず単位（UCUM）が付きます。
The doors of a city's personal health record. Every number comes with its UCUM unit; times are ISO 8601 with offset.

Errors are problem details (RFC 9457) that say what to do. Sign in with the cookie `phr_session` or
`Authorization: Bearer`. What belongs to someone else is answered 404. Every look is written down (`/api/looks`)."""


def create_app(settings: Settings, pool: ConnectionPool) -> FastAPI:
    """The whole application on this pool.

    Every module of ``phr_api.routes`` and ``phr_api.pages`` exports a ROUTER; routers with the tag ``demo`` exist
    only in the embedded mode. Raises RuntimeError when an endpoint names no audience (``audiences.check``), BadSetting
    for a provider that can't be used.
    """
    app = FastAPI(
        title="sakata-phr",
        version=version("sakata-phr"),
        description=_ABOUT,
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere: /docs is ours (routes/about.py)
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # such a redirect is built from the Host header, that is from outside
        max_body_size=MAX_BODY_BYTES,
    )
    furnish(app, settings, pool)
    problems.install(app)
    for router in (*load("phr_api.routes", "ROUTER"), *load("phr_api.pages", "ROUTER")):
        if settings.embedded or "demo" not in router.tags:
            app.include_router(router, responses=problems.ANSWERS)
    static = files("phr_api") / "static"
    if static.is_dir():
        app.mount("/static", StaticFiles(directory=str(static)))
    app.add_middleware(Guard, https=settings.public_url.startswith("https:"))
    audiences.check(app.routes)
    return app


def furnish(app: FastAPI, settings: Settings, pool: ConnectionPool) -> None:
    """Give the doors of ``app`` what they work with, in the place of what they had.

    The doors stay those that the application was made with: ``settings.embedded`` and the scheme of
    ``settings.public_url`` must be the same. Raises BadSetting for a provider that can't be used.
    """
    app.state.settings, app.state.pool, app.state.turns = settings, pool, Semaphore(pool.max_size)
    app.state.desk = Desk(settings) if settings.embedded else None  # the demo's own provider, nowhere else
    app.state.providers = providers(settings, app.state.desk)
