"""Where an account is registered, as its owner's phones may watch it (RFC 3680)."""

from collections.abc import Sequence
from hashlib import sha256
from xml.sax.saxutils import escape, quoteattr

from pbx_lite.calls.bindings import Binding

TYPE = "application/reginfo+xml"


def render(entity: str, bindings: Sequence[Binding], version: int) -> bytes:
    """The whole state of the account whose URI is `entity`."""
    contacts = "".join(
        f'<contact id="{_id(binding.key)}" state="active" event="registered" q="{binding.q:g}">'
        f"<uri>{escape(binding.contact)}</uri></contact>"
        for binding in bindings
    )
    state = "active" if bindings else "init"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="{version}" state="full">\n'
        f'<registration aor={quoteattr(entity)} id="{_id(entity)}" state="{state}">{contacts}</registration>\n'
        "</reginfo>\n"
    ).encode()


def _id(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
