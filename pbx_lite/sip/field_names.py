"""Names of header fields: usual spelling, compact forms, and which are lists (RFC 3261 sections 7.3 and 20)."""

from pbx_lite.errors import ParseError

from .headers import is_token

_USUAL = """
Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Answer-Mode Authentication-Info
Authorization Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length
Content-Type CSeq Date Diversion Error-Info Event Expires Flow-Timer From Geolocation History-Info Identity In-Reply-To
Info-Package Join Max-Forwards MIME-Version Min-Expires Min-SE Organization P-Access-Network-Info P-Asserted-Identity
P-Associated-URI P-Called-Party-ID P-Preferred-Identity Path Priority Privacy Proxy-Authenticate Proxy-Authorization
Proxy-Require RAck Reason Record-Route Recv-Info Refer-Sub Refer-To Referred-By Reject-Contact Remote-Party-ID Replaces
Reply-To Request-Disposition Require Retry-After Route RSeq Security-Client Security-Server Security-Verify Server
Service-Route Session-Expires SIP-ETag SIP-If-Match Subject Subscription-State Supported Target-Dialog Timestamp To
Unsupported User-Agent Via Warning WWW-Authenticate
"""
_LONG = {name.lower(): name for name in _USUAL.split()}

_COMPACT = {
    "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
    "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported",
    "l": "Content-Length", "m": "Contact", "o": "Event", "r": "Refer-To", "s": "Subject", "t": "To",
    "u": "Allow-Events", "v": "Via", "x": "Session-Expires", "y": "Identity",
}  # fmt: skip
"""After IANA's registry."""

LIST_FIELDS = frozenset({
    "Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Allow-Events",
    "Call-Info", "Contact", "Content-Encoding", "Content-Language", "Diversion", "Error-Info", "Geolocation",
    "History-Info", "In-Reply-To", "P-Asserted-Identity", "P-Associated-URI", "P-Preferred-Identity", "Path",
    "Proxy-Require", "Reason", "Record-Route", "Recv-Info", "Reject-Contact", "Request-Disposition", "Require",
    "Route", "Security-Client", "Security-Server", "Security-Verify", "Service-Route", "Supported", "Unsupported",
    "Via", "Warning",
})  # fmt: skip
"""Names whose lines may hold several values with commas between."""

SINGLE_FIELDS = frozenset({"From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type"})
"""Names that more than one line makes a fault."""

NAMES = {
    spelled: usual
    for short, usual in (_LONG | _COMPACT).items()
    for spelled in {short, short.upper(), short.title(), usual}
}
"""Every spelling met in the wild to the usual one, so that a line needs one look-up."""


def name_of(name: str) -> str:
    """Return the usual spelling, by which headers are told apart. Raise `ParseError` for no name at all."""
    if (usual := NAMES.get(name)) is not None:
        return usual
    name = name.strip(" \t").lower()
    if not is_token(name):
        raise ParseError(f"Not the name of a header: {name[:40]!r}")
    return NAMES.get(name) or name.title()
