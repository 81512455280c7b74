"""Every error that leaves a room of the PBX.

"Their fault" (a bad packet, a wrong command) is answered and never logged with a traceback; "our fault" raises.
`code` crosses the API as it is; `message` is a sentence for the person who has to act on it.
"""


class PbxError(Exception):
    """The root: a stable `code` for programs and a `message` for people."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class ConfigError(PbxError):
    """A fault in the configuration at `path`, such as `trunks[0].password`."""

    code = "config"

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


class NotFound(PbxError):
    code = "not_found"


class Conflict(PbxError):
    """What is asked clashes with what is: a second instance, a taken extension, a call answered already."""

    code = "conflict"


class Forbidden(PbxError):
    code = "forbidden"


class Unauthorized(PbxError):
    code = "unauthorized"


class Invalid(PbxError):
    """A command whose fields do not fit its schema."""

    code = "invalid"


class Busy(PbxError):
    code = "busy"


class Unavailable(PbxError):
    """Something outside does not answer: a relay, a camera, a station that is not registered."""

    code = "unavailable"


class SipError(PbxError):
    code = "sip"


class ParseError(SipError):
    """A message that cannot be understood; `status` is what a UAS answers (RFC 3261 section 8.2)."""

    code = "parse"

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class TransactionTimeout(SipError):
    """Timer B, F or H fired: the other side never answered (RFC 3261 section 17)."""

    code = "timeout"


class TransportError(SipError):
    code = "transport"


class Rejected(SipError):
    """A final answer of 300 to 699 to a request of ours."""

    code = "rejected"

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class MediaError(PbxError):
    code = "media"


class NoCommonCodec(MediaError):
    """Offer and capabilities share no format: SIP answers 488."""

    code = "no_common_codec"


class StoreError(PbxError):
    code = "store"
