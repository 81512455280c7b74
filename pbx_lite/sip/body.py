"""What a body says about media: SDP alone, or as a part of others (RFC 5621), as gateways send it."""

from pbx_lite.errors import ParseError
from pbx_lite.sip.headers import find_param, parse_params
from pbx_lite.sip.message import Request, Response

SDP = "application/sdp"
_MOST_PARTS = 16


def reduce_to_sdp(message: Request | Response) -> None:
    """Leave only the SDP in the body, nothing where it holds none.

    Raises ParseError (415) for another type that its sender insists on.
    """
    if not message.body:
        return
    kind = message.content_type
    if kind in {"", SDP}:
        return
    if kind.startswith("multipart/"):
        message.body = _sdp_part(message)
    elif _is_optional(message.headers.get("content-disposition") or ""):
        message.body = b""
    else:
        raise ParseError(f"A body of type {kind[:40]}", 415)


def _sdp_part(message: Request | Response) -> bytes:
    value = message.headers.get("content-type") or ""
    position = value.find(";")
    boundary = find_param(parse_params(value, position), "boundary") if position >= 0 else None
    if not boundary:
        raise ParseError("A multipart body without boundary")
    body = b"\r\n" + message.body
    for part in body.split(b"\r\n--" + boundary.encode("utf-8", "replace"), _MOST_PARTS)[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        for line in head.decode("latin-1").lower().split("\r\n"):
            name, _, kind = line.partition(":")
            if name.strip() in {"content-type", "c"} and kind.partition(";")[0].strip() == SDP:
                return content
    return b""


def _is_optional(disposition: str) -> bool:
    return "handling=optional" in disposition.lower().replace(" ", "")
