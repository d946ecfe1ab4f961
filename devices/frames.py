"""Raw frames: the bytes a radio gave, in whatever wrapping a gateway sends them, and the little-endian fields in them.

Field types: Bluetooth GATT Specification Supplement (date_time) and ISO/IEEE 11073-20601 (SFLOAT).
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from struct import unpack_from
from typing import Annotated

import msgspec

from devices.clock import remark
from devices.json_text import parse
from store.model import NotUnderstood

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[ :-]?)+")
_SFLOAT_SPECIAL = frozenset({0x07FE, 0x07FF, 0x0800, 0x0801, 0x0802})  # +INF, NaN, NRes, reserved, -INF


class _Wrapped(msgspec.Struct):
    hex: str = ""
    servicedata: str = ""  # OpenMQTTGateway's own word for the same (its option `pubadvdata`)
    servicedatauuid: str = ""


class _Several(msgspec.Struct):
    frames: Annotated[list[str], msgspec.Meta(min_length=1, max_length=4)]


_WRAPPED = msgspec.json.Decoder(_Wrapped)
_SEVERAL = msgspec.json.Decoder(_Several)


def frame(payload: bytes, service: str = "") -> bytes:
    """The bytes of a frame given as they are, as hex text (``22 3e…``, ``22:3e…``) or as ``{"hex": "223e…"}``.

    ``service`` is the 16-bit UUID (``181d``) that the wrapping may name: one device advertises several services.
    Hex text can't be mistaken for a frame of the formats here: ASCII hex digits in its place would set reserved
    flag bits or give a year past 12000. Raises NotUnderstood: ``empty``, ``not_json``, ``not_hex``, ``other_service``.
    """
    text = payload.strip()
    if not text:
        raise NotUnderstood("empty", "the message has no bytes")
    if text.startswith(b'{"') and text.endswith(b"}"):
        return _unwrapped(parse(_WRAPPED, text), service)
    return _bare(text) if _HEX.fullmatch(text) else payload


def frames(payload: bytes) -> tuple[bytes, ...]:
    """Up to four frames of one measurement, ``{"frames": ["06fa…", "04ff…"]}``, or one as ``frame`` reads it.

    Raises NotUnderstood as ``frame`` does, and ``not_this_format``.
    """
    if not payload.lstrip().startswith(b'{"frames"'):
        return (frame(payload),)
    return tuple(unhexed(each) for each in parse(_SEVERAL, payload).frames)


def unhexed(text: str) -> bytes:
    """The bytes of hex text in JSON. Raises NotUnderstood ``not_hex``."""
    said = text.strip().encode()
    if not _HEX.fullmatch(said):
        raise NotUnderstood("not_hex", 'expected {"hex": "…"} with two hex digits for each byte')
    return _bare(said)


def _unwrapped(said: _Wrapped, service: str) -> bytes:
    if said.servicedatauuid and service not in said.servicedatauuid.lower():
        raise NotUnderstood("other_service", f"an advertisement of another service than {service}")
    return unhexed(said.hex or said.servicedata)


def _bare(text: bytes) -> bytes:
    return bytes.fromhex(re.sub(rb"[ :-]", b"", text).decode())


def exactly(data: bytes, length: int) -> bytes:
    """``data`` itself. Raises NotUnderstood ``wrong_length``."""
    if len(data) != length:
        raise NotUnderstood("wrong_length", f"expected a frame of {length} bytes, got {len(data)}")
    return data


def sfloat(raw: int) -> float | None:
    """The 16-bit SFLOAT: signed 4-bit exponent, signed 12-bit mantissa. None for NaN, NRes and the infinities."""
    if raw in _SFLOAT_SPECIAL:
        return None
    mantissa = (raw & 0x0FFF) - 0x1000 * (raw >> 11 & 1)
    exponent = (raw >> 12) - 0x10 * (raw >> 15)
    # dividing by a whole power of ten keeps 0.025 the number people write; multiplying by 1e-4 does not
    return mantissa * 10.0**exponent if exponent >= 0 else mantissa / 10.0**-exponent


def date_time(data: bytes, zone: tzinfo) -> datetime | None:
    """The 7-byte device clock (year u16, month, day, hour, minute, second) read in ``zone``.

    None when the device says that it does not know (year, month or day 0) or the date does not exist. Whether the
    clock is right is not judged here.
    """
    year, month, day, hour, minute, second = unpack_from("<H5B", data)
    if not 1582 <= year <= 9998:  # the standard's first year; 9999 could leave the calendar on its way to UTC
        return None
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def clock(data: bytes, zone: tzinfo) -> tuple[datetime | None, int]:
    """The device clock and what a reading says of it: ``ZONE_ASSUMED``, or ``CLOCK_REPLACED`` when it shows no date."""
    at = date_time(data, zone)
    return at, remark(at)


class Fields:
    """Reads little-endian fields one after another. Raises NotUnderstood ``wrong_length`` past the end."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def u8(self) -> int:
        return self.take(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "little")

    def s16(self) -> int:
        return int.from_bytes(self.take(2), "little", signed=True)

    def sfloat(self) -> float | None:
        return sfloat(self.u16())

    def clock(self, zone: tzinfo) -> tuple[datetime | None, int]:
        return clock(self.take(7), zone)

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def skip(self, length: int) -> None:
        self.take(length)

    def end(self) -> None:
        """Nothing may be left: a longer frame is another format than the flags say."""
        if self._at != len(self._data):
            raise NotUnderstood("wrong_length", f"the flags promise {self._at} bytes, the frame has {len(self._data)}")

    def take(self, length: int) -> bytes:
        self._at += length
        if self._at > len(self._data):
            raise NotUnderstood("wrong_length", f"the flags promise more than the {len(self._data)} bytes given")
        return self._data[self._at - length : self._at]
