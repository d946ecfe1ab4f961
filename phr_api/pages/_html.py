"""From values to HTML: one template environment, everything escaped."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from phr_api import chart_script
from phr_api.chart import short_day
from phr_api.chart_svg import svg
from phr_api.pages import _look_days, _look_words, _words, _words_en


def render(template: str, request: Request, **values: object) -> HTMLResponse:
    """The page of this template. A value that the template needs and nobody gave is a fault, not a gap."""
    given = {
        "embedded": request.app.state.settings.embedded,
        "english": reads_english(request.headers.get("accept-language", "")),
        "shown_for": getattr(request.state, "shown_for", None),  # whom a proxy acts for (behalf)
    }
    return HTMLResponse(_templates().get_template(template).render(**given, **values))


def reads_english(accepted: str) -> bool:
    """Whether a browser's Accept-Language puts English before Japanese: the person's own setting, stored nowhere."""
    wanted = [part.partition(";") for part in accepted.lower().replace(" ", "").split(",")]
    weights = {tag[:2]: _weight(q) for tag, _, q in reversed(wanted)}
    return weights.get("en", 0) > weights.get("ja", 0)


def _weight(q: str) -> float:
    try:
        return float(q.removeprefix("q=") or 1)
    except ValueError:
        return 0


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("phr_api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "words": _words,
        "words_en": _words_en,
        "look_words": _look_words,
        "static": static,
        "svg": svg,
        "chart_script": f"/static/charts-{chart_script.tag()}.js",
    }
    made.filters |= {"day": short_day, "full_day": _words.full_day, "moment": _words.moment, "when": _words.when}
    made.filters |= {"age": _words.age, "sex": _words.sex, "phone": _words.phone, "local_day": _words.local_day}
    made.filters |= {"birthday": _words.birthday, "strip": _look_days.strip}
    made.filters |= {"paragraphs": _words.paragraphs, "short_when": _words.short_when, "form_time": _words.form_time}
    return made


@cache
def static(name: str) -> str:
    """The address of one of our files; another content has another address."""
    content = (Path(str(files("phr_api"))) / "static" / name).read_bytes()
    return f"/static/{name}?v={sha256(content).hexdigest()[:10]}"
