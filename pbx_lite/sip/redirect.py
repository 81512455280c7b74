"""Where a 3xx sends us, and why somebody ended a call: what is read from the headers of answers and goodbyes."""

from pbx_lite.errors import ParseError
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Headers
from pbx_lite.sip.uri import SipUri

_MOST = 8


def contacts_by_q(headers: Headers) -> tuple[str, ...]:
    """The SIP and tel URIs in Contact, the best first (RFC 3261 section 8.1.3.4); what cannot be read is left out."""
    found: list[tuple[float, str]] = []
    try:
        values = headers.all("contact")
    except ParseError:
        return ()
    for value in values:
        try:
            contact = NameAddr.parse(value)
            SipUri.parse(contact.uri)
        except ParseError:
            continue
        found.append((_quality(contact.param("q")), contact.uri))
    found.sort(key=lambda entry: -entry[0])
    return tuple(dict.fromkeys(uri for _, uri in found))[:_MOST]


def reasons_of(headers: Headers) -> str:
    """All values of Reason (RFC 3326) with commas between, "" where there are none or none that can be read."""
    try:
        return ", ".join(headers.all("reason"))
    except ParseError:
        return ""


def _quality(text: str | None) -> float:
    try:
        return min(max(float(text), 0.0), 1.0) if text else 1.0
    except ValueError:
        return 1.0
