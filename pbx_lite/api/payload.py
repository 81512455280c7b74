"""Pictures and sounds as JSON carries them: base64 beside a content type, coded in a thread where they are large."""

import asyncio
import base64
import binascii
from typing import Any

from pbx_lite.errors import Invalid, Unavailable

SENT_LIMIT = 12_000_000
"""Bytes that fit, in base64, into the 16 MiB of the largest frame that a client takes."""


def jpeg(data: bytes) -> dict[str, Any]:
    return {"content_type": "image/jpeg", "data": base64.b64encode(data).decode()}


async def sound(data: bytes) -> dict[str, Any]:
    """Ogg Opus.  Raises Unavailable for one that is too long."""
    if len(data) > SENT_LIMIT:
        raise Unavailable("This recording is too long to be sent; copy it from the PBX's data folder.")
    text = await asyncio.to_thread(base64.b64encode, data)
    return {"content_type": "audio/ogg", "data": text.decode()}


async def decoded(data: str | None, limit: int) -> bytes | None:
    """What a client sent, None for nothing.  Raises Invalid."""
    if data is None:
        return None
    try:
        found = await asyncio.to_thread(base64.b64decode, data, validate=True)
    except binascii.Error, ValueError:
        raise Invalid("data: this is not base64") from None
    if not found or len(found) > limit:
        raise Invalid(f"data: a sound has up to {limit // 1024**2} MB")
    return found
