"""Names of header fields: usual spelling, compact forms, and which are lists (RFC 3261 sections 7.3 and 20)."""

from pbx_lite.errors import ParseError

from .headers import is_token

_NAMES = """
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
SPELLING = {name.lower(): name for name in _NAMES.split()}
"""Lower-case name to usual spelling."""

COMPACT = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition",
    "e": "content-encoding", "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported",
    "l": "content-length", "m": "contact", "o": "event", "r": "refer-to", "s": "subject", "t": "to",
    "u": "allow-events", "v": "via", "x": "session-expires", "y": "identity",
}  # fmt: skip
"""Compact form to lower-case name, after IANA's registry."""

LIST_FIELDS = frozenset({
    "accept", "accept-contact", "accept-encoding", "accept-language", "alert-info", "allow", "allow-events",
    "call-info", "contact", "content-encoding", "content-language", "diversion", "error-info", "geolocation",
    "history-info", "in-reply-to", "p-asserted-identity", "p-associated-uri", "p-preferred-identity", "path",
    "proxy-require", "reason", "record-route", "recv-info", "reject-contact", "request-disposition", "require",
    "route", "security-client", "security-server", "security-verify", "service-route", "supported", "unsupported",
    "via", "warning",
})  # fmt: skip
"""Lower-case names whose lines may hold several values with commas between."""

KEYS = {
    spelled: key
    for short, key in [*((key, key) for key in SPELLING), *COMPACT.items()]
    for spelled in {short, short.upper(), short.title(), SPELLING[key] if len(short) > 1 else short}
}
"""Every spelling met in the wild to the lower-case long name, so that the usual line needs one look-up."""


def key_of(name: str) -> str:
    """Return the lower-case long name, by which headers are told apart. Raise `ParseError` for no name at all."""
    key = KEYS.get(name)
    if key is not None:
        return key
    key = name.strip(" \t").lower()
    if not is_token(key):
        raise ParseError(f"Not the name of a header: {name[:40]!r}")
    return COMPACT.get(key, key)
