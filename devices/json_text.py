"""JSON payloads: read into a typed shape or refused, never anything else."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from store.model import NotUnderstood

Shape = TypeVar("Shape")

# No number of a body or a device reaches this; the bound keeps every conversion finite.
Number = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]


def parse(decoder: msgspec.json.Decoder[Shape], payload: bytes) -> Shape:
    """The payload in the decoder's shape. Raises NotUnderstood: ``not_json``, ``not_this_format``.

    The detail comes from msgspec, which names the field and the type expected and repeats no value.
    """
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as fault:
        raise NotUnderstood("not_this_format", str(fault)) from None
    except (ValueError, RecursionError):  # msgspec.DecodeError and UnicodeDecodeError are ValueErrors
        raise NotUnderstood("not_json", "the payload is not valid JSON in UTF-8") from None
