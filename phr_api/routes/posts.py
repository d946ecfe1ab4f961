"""What telephone apps post: Health Connect, HealthKit, Open mHealth, FHIR. Read by the decoders that MQTT uses."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse

from devices.catalogue import models
from ingest.posting import Posted, take_in
from phr_api import inputs
from phr_api.doors import Conn, Me, look
from phr_api.problems import ANSWERS, Problem
from store import posts

ROUTER = APIRouter(prefix="/api", tags=["readings"])

MAX_POST_BYTES = 4_000_000  # 42 days of a telephone's readings are about 2 MB


async def _body(request: Request) -> bytes:
    """The body, read no further than it may be long: the framework's own limit would answer in plain text."""
    taken = bytearray()
    async for piece in request.stream():
        taken += piece
        if len(taken) > MAX_POST_BYTES:
            raise Problem(
                413, "大きすぎます", "4 MB までに分けて送ってください。 Too large: send at most 4 MB at a time."
            )
    return bytes(taken)


Body = Annotated[bytes, Depends(_body)]  # named before Conn in a signature: no connection waits for a slow upload
Device = Annotated[inputs.DeviceName, Query(max_length=60)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="one for each post: the same post again gets the same answer for 30 days",
    ),
]

_SCHEMA = {"application/json": {"schema": {"description": "a payload of the model: docs/asyncapi.yaml"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Posted, "description": "Nothing new: it was all there already"},
    422: {
        "model": Posted,
        "description": "Nothing was kept (or the request does not fit: problem details)",
        "content": ANSWERS["4XX"]["content"],
    },
}


@ROUTER.post(
    "/readings",
    status_code=201,
    response_model=Posted,
    responses=_ANSWERS,
    summary="アプリから測定値を送る / Post readings from a telephone app",
    max_body_size=16 * MAX_POST_BYTES,  # beyond what `_body` says itself
    openapi_extra={"requestBody": {"required": True, "content": _SCHEMA}},
)
def post(
    request: Request,
    body: Body,
    me: Me,
    conn: Conn,
    *,
    key: Key,
    device: Annotated[Device, Query(description="your name for the device: each has its own line of readings")],
    model: Annotated[inputs.Word, Query(description="an id of /api/models")] = "phr_readings",
) -> JSONResponse:
    """At most 4 MB. What can't be understood is kept and named in `refused`; the sound rest is stored.

    201 when something new was stored, 200 when it was all there, 422 when nothing was kept. The same content again
    under its `Idempotency-Key` gets the first answer (header `Idempotency-Replayed`), other content 422.
    """
    if model not in models():
        raise Problem(422, "知らない形式です", "/api/models から選んでください。 Choose a model of /api/models.")
    digest = sha256(b"\0".join([model.encode(), device.encode(), body])).digest()
    told = _told(conn, me.person_id, key, digest)
    if told is not None:
        return JSONResponse(told["body"], told["status"], headers={"Idempotency-Replayed": "true"})
    look(conn, me, me.person_id, items="readings", purpose="own", request=request, action="write")
    done = take_in(conn, person_id=me.person_id, device=device, model=model, payload=body, now=datetime.now(UTC))
    answer = {"status": _status(done), "body": asdict(done)}
    posts.keep(conn, me.person_id, key, digest, answer=answer)
    return JSONResponse(answer["body"], _status(done))


def _told(conn: Conn, person_id: int, key: str, digest: bytes) -> Any | None:
    try:
        return posts.begin(conn, person_id, key, digest)
    except posts.OtherPost:
        raise Problem(
            422,
            "この送信番号は別の内容で使われています",
            "新しい番号で送ってください。 This Idempotency-Key was used with other content: use a new one.",
        ) from None


def _status(done: Posted) -> int:
    if done.stored:
        return 201
    return 200 if done.already else 422
