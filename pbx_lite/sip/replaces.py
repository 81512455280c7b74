"""Which dialog an INVITE takes the place of (RFC 3891 section 6.1)."""

from dataclasses import dataclass

from pbx_lite.errors import ParseError
from pbx_lite.sip.headers import find_param, parse_params
from pbx_lite.sip.message import Headers

_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Replaces:
    """`to_tag` is the tag of whoever gets the INVITE, `from_tag` that of the other side of the dialog."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Replaces:
        """Raises ParseError."""
        call_id, semicolon, rest = text.strip().partition(";")
        call_id = call_id.strip()
        if len(text) > _LONGEST or not call_id or not semicolon or any(char <= " " for char in call_id):
            raise ParseError("A faulty Replaces")
        params = parse_params(f";{rest}")
        to_tag, from_tag = find_param(params, "to-tag"), find_param(params, "from-tag")
        if not to_tag or not from_tag:
            raise ParseError("A Replaces without both tags")
        return cls(call_id, to_tag, from_tag, find_param(params, "early-only") is not None)

    @classmethod
    def of(cls, headers: Headers) -> Replaces:
        """That of an INVITE, which has one and no Join.  Raises ParseError."""
        if headers.count("replaces") != 1 or "join" in headers:
            raise ParseError("An INVITE takes the place of one dialog")
        return cls.parse(headers.get("replaces") or "")
