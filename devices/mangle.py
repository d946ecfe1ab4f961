"""Hostile payloads for a format, made from its own examples: what broken gateways send, and what an attacker would.

Pure and repeatable: the same seed gives the same payloads, so a fault found can be found again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from devices.frames import frame
from devices.model import Model
from store.model import NotUnderstood

_LONGEST = 65_536  # bytes; the broker takes no longer message from a gateway in practice

# Values that a field of JSON may be given: text, so that NaN, 1e400 and broken escapes can be said too.
_NASTY = (
    *(
        "null",
        "true",
        "[]",
        "{}",
        '""',
        '"x"',
        "0",
        "-0.0",
        "-1",
        "0.1",
        "1e-320",
        "65535",
        "2147483648",
        "1e9",
        "1e18",
    ),
    *("9007199254740993", "1e308", "-1e308", "1e400", "NaN", "Infinity", "-Infinity", "9" * 400, "1" + "0" * 5000),
    *('"61.7"', '"６１．７"', '"\\u0000"', '"\\ud800"', '"\\uD83D\\uDE00"', '"体重"', '"' + "a" * 3000 + '"', "'x'"),
    *('"0000-00-00T00:00:00Z"', '"1970-01-01T00:00:00Z"', '"9999-12-31T23:59:60-23:59"', '"2026-02-30T07:10:00+09:00"'),
    *('"2026-11-01"', '"2026-11-01T07:10:00"', '"0001-01-01T00:00:00+14:00"', '"2026-11-01T07:10:00.123456789Z"'),
)
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null')

Way = Callable[[Random, bytes, Sequence[bytes]], bytes]


def payloads(model: Model, n: int, seed: int = 0) -> Iterator[bytes]:
    """``n`` hostile payloads of at most 64 KiB each."""
    draw = Random(f"{model.id} {seed}")  # noqa: S311 # nosec B311 - no secret is made of it
    grown = [each for example in model.examples for each in _wrappings(example.payload)]
    for _ in range(n):
        payload = draw.choice(grown)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            fitting = _JSON_WAYS if payload[:1] in (b"{", b"[") else _FRAME_WAYS
            payload = draw.choice(fitting if draw.random() < 0.7 else _WAYS)(draw, payload, grown)
        yield payload[:_LONGEST]


def _wrappings(payload: bytes) -> list[bytes]:
    """The payload, and when a frame is in it, the bare frame, as hex and in JSON: damage shall reach the fields."""
    try:
        bare = frame(payload)
    except NotUnderstood:
        return [payload]
    if bare == payload and payload[:1] in (b"{", b"["):
        return [payload]
    text = bare.hex()
    return [payload, bare, bare, text.encode(), json.dumps({"hex": text}).encode()]


def _noise(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    return draw.randbytes(int(2 ** draw.uniform(0, 11)))


def _flip(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    damaged = bytearray(payload or b"\0")
    for _ in range(draw.randint(1, 4)):
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
    return bytes(damaged)


def _cut(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    return payload[: draw.randint(0, len(payload))]


def _grow(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    at, more = draw.randint(0, len(payload)), draw.randbytes(draw.randint(1, 12))
    return payload[:at] + more + payload[at:]


def _splice(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    other = draw.choice(grown)
    return payload[: draw.randint(0, len(payload))] + other[draw.randint(0, len(other)) :]


def _edge(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    """A field of two bytes at its ends: 0, the largest, NaN and infinity of SFLOAT, year 0."""
    at = draw.randint(0, max(0, len(payload) - 2))
    return payload[:at] + draw.choice((b"\0\0", b"\xff\xff", b"\xff\x07", b"\xfe\x07", b"\x02\x08")) + payload[at + 2 :]


def _swap(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    """Two values of a JSON text change places; bytes change places where there is none."""
    found = list(_VALUE.finditer(payload))
    if len(found) < 2:
        half = len(payload) // 2
        return payload[half:] + payload[:half]
    one, other = sorted(draw.sample(found, 2), key=lambda each: each.start())
    between = payload[one.end() : other.start()]
    return payload[: one.start()] + other[0] + between + one[0] + payload[other.end() :]


def _nasty(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    found = list(_VALUE.finditer(payload))
    text = draw.choice(_NASTY).encode("utf-8", "surrogatepass")
    if not found:
        return text
    hit = draw.choice(found)
    return payload[: hit.start()] + text + payload[hit.end() :]


def _deep(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    depth = draw.choice((3, 40, 600, 1200, 12_000))
    opening, closing = draw.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"readings":[', b"]}")))
    inner = payload if depth < 100 else b"1"
    return opening * depth + inner + closing * draw.choice((depth, 0))


def _twice(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    """The keys of an object said twice, the second time with values of another example; or a list of many."""
    if draw.random() < 0.3:
        return b"[" + b",".join([payload] * draw.choice((2, 30, 200))) + b"]"
    inner, other = payload.strip()[1:-1], draw.choice(grown).strip()[1:-1]
    return b"{" + inner + b"," + other + b"}"


def _without(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    """A key goes, or is given another name."""
    try:
        said: Any = json.loads(payload)
    except ValueError:
        return payload[1:]
    except RecursionError:
        return payload[: len(payload) // 2]
    at = said
    while isinstance(at, (dict, list)) and at and draw.random() < 0.7:
        key = draw.choice(list(at)) if isinstance(at, dict) else draw.randrange(len(at))
        if not isinstance(at[key], (dict, list)) or draw.random() < 0.4:
            gone = at.pop(key)
            if isinstance(at, dict) and draw.random() < 0.5:
                at[draw.choice((str(key).upper(), f"{key} ", "値", ""))] = gone
            break
        at = at[key]
    return json.dumps(said, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")


def _encode(draw: Random, payload: bytes, grown: Sequence[bytes]) -> bytes:
    """Another encoding, a byte order mark, white space, hex text of it."""
    text = payload.decode("latin-1")
    ways = (b"\xef\xbb\xbf" + payload, text.encode("utf-16"), b"\n \t" + payload + b"\r\n", payload.hex().encode())
    return draw.choice(ways)


_JSON_WAYS: tuple[Way, ...] = (_swap, _nasty, _nasty, _nasty, _deep, _twice, _without)
_FRAME_WAYS: tuple[Way, ...] = (_flip, _flip, _edge, _edge, _edge, _cut, _grow)
_WAYS: tuple[Way, ...] = (_noise, _splice, _encode, *_FRAME_WAYS, *_JSON_WAYS)
