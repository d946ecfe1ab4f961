"""The requests of the access matrix: ``matrix.toml`` says who may, ``requests.toml`` what is asked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from access_world import OWNER, SUBJECTS, World

HERE = Path(__file__).parent
OUTCOMES = {"ok", "home", "apart", "401", "403", "404", "409", "-"}


@dataclass(frozen=True)
class Row:
    """One line of the matrix: a route, what it is asked about (where that matters), and the outcome by role."""

    method: str
    route: str
    about: str
    expected: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}" + (f" ({self.about})" if self.about else "")


def rows() -> list[Row]:
    """The matrix as it stands in the file."""
    said = tomllib.loads((HERE / "matrix.toml").read_text("utf-8"))
    roles, kinds = said["roles"].split(), {name: cells.split() for name, cells in said["kinds"].items()}
    found = []
    for name, kind in said["routes"].items():
        method, route, about = re.fullmatch(r"(\w+) (\S+)(?: \((.+)\))?", name).groups(default="")  # type: ignore[union-attr]
        found.append(Row(method, route, about, dict(zip(roles, kinds[kind], strict=True))))
    return found


def unshown() -> dict[str, str]:
    """By ``Row.name``: why nothing of the subject is at stake in a request that is let through."""
    found: dict[str, str] = tomllib.loads((HERE / "matrix.toml").read_text("utf-8"))["unshown"]
    return found


@dataclass(frozen=True)
class Besides:
    """What the database lets a role reach besides, by which row; ``words`` with the subject's ``{names}``."""

    words: tuple[str, ...]
    tables: frozenset[str]


def besides() -> dict[tuple[str, str], Besides]:
    """By (``Row.name``, role)."""
    said = tomllib.loads((HERE / "matrix.toml").read_text("utf-8"))["besides"]
    return {
        (route, role): Besides(tuple(one.get("words", ())), frozenset(one.get("tables", ())))
        for one in said
        for route in one["routes"]
        for role in one["roles"].split()
    }


def asked() -> dict[str, dict[str, Any]]:
    """By ``Row.name``: ``path``, ``params``, ``json``, ``data`` (a form), ``files``, ``headers``; each if needed."""
    found: dict[str, dict[str, Any]] = tomllib.loads((HERE / "requests.toml").read_text("utf-8"))
    return found


def things(world: World, role: str) -> dict[str, Any]:
    """What this role asks for: the owner's things, or those of the person whose consent stands as the role says."""
    return world.things[SUBJECTS.get(role, OWNER)] | {"recovery": world.recovery.get(role, "")}


def request(row: Row, named: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call: method, url, and what goes with it, with ``{names}`` filled in."""
    said = {key: _filled(value, named) for key, value in asked().get(row.name, {}).items() if key != "silent"}
    path = {key: str(value) for key, value in said.pop("path", {}).items()}
    if "files" in said:
        said["files"] = {field: tuple(file) for field, file in said["files"].items()}
    return {"method": row.method, "url": row.route.format_map(path), **said}


def _filled(value: Any, named: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, named) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, named) for one in value]
    if isinstance(value, str) and value[:1] == "{" and value[-1:] == "}" and value[1:-1] in named:
        return named[value[1:-1]]  # a number stays a number
    return value.format_map(named) if isinstance(value, str) else value
