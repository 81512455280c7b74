"""What goes wrong between Home Assistant and the PBX.  Knows nothing of Home Assistant."""

from collections.abc import Mapping


class PascomError(Exception):
    """A command that failed, or a connection: `code` for programs, the text for people."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class CannotConnect(PascomError):
    code = "cannot_connect"


class CertificateChanged(CannotConnect):
    """The server shows another certificate than the pinned one."""

    code = "certificate_changed"


class Incompatible(PascomError):
    """The server speaks another version of the API."""

    code = "incompatible"


class Unauthorized(PascomError):
    """The token or pairing code is not accepted."""

    code = "unauthorized"


class CommandFailed(PascomError):
    """The PBX refused: `code` is one of the wire's error codes (`forbidden`, `not_found`, `unavailable` ...).

    `reason` is the sentence that it said, where there are words for it in every language; `values` stand in it.
    """

    def __init__(
        self, message: str, *, code: str | None = None, reason: str = "", values: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.reason = reason
        self.values = dict(values or {})
