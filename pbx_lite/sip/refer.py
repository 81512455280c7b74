"""Transfers as phones ask for them: REFER, and the NOTIFYs that tell how it goes (RFC 3515, 3891, 4488)."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pbx_lite.errors import ParseError, SipError
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import REASONS, Request, Response
from pbx_lite.sip.uri import SipUri, unescape
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
_KEPT = 60  # seconds that an implicit subscription is said to last; each NOTIFY says it anew

type SendNotify = Callable[[tuple[tuple[str, str], ...], bytes], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Refer:
    """What a REFER asks for.  `replaces` is the value of RFC 3891, empty for a blind transfer."""

    target: str
    replaces: str = ""
    silent: bool = False
    """The phone wants no NOTIFY (RFC 4488)."""


def read_refer(request: Request) -> Refer:
    """Raises ParseError with the status to answer: 400 for a bad Refer-To, 403 for any method but INVITE."""
    if request.headers.count("refer-to") != 1:
        raise ParseError("A REFER needs one Refer-To")
    uri = SipUri.parse(NameAddr.parse(request.headers.get("refer-to") or "").uri)
    headers = {name: unescape(value) for name, value in uri.headers}
    method = uri.param("method") or headers.get("method") or "INVITE"
    if method.upper() != "INVITE":
        raise ParseError(f"A REFER for {method[:20]}", 403)
    target = SipUri(uri.scheme, uri.user, "", uri.host, uri.port, uri.params).with_params(method=None)
    replaces = headers.get("replaces", "")
    if any(char < " " for char in replaces):
        raise ParseError("A Refer-To with a faulty Replaces")
    silent = (request.headers.get("refer-sub") or "").partition(";")[0].strip(" \t").lower() == "false"
    return Refer(str(target), replaces, silent)


class ReferSubscription:
    """Tells the phone the statuses of the call made for it: one NOTIFY after the other, the newest status each time.

    `tell` may be called at any time; after the first final status, or once the phone is gone, nothing follows.
    Without `send` the phone wants to hear nothing.
    """

    def __init__(self, send: SendNotify | None, event_id: str = "") -> None:
        self._send = send
        self._event = f"refer;id={event_id}" if event_id else "refer"
        self._newest = 0
        self._told = 0
        self._sending = False
        self._over = False

    @property
    def over(self) -> bool:
        """Whether a final status was told."""
        return self._newest >= 200

    def tell(self, status: int) -> None:
        if self.over or status < self._newest:
            return
        self._newest = status
        # The final status waits for nothing: the BYE that follows it would be the end of the dialog.
        if self._send is not None and status != self._told and (not self._sending or self.over):
            self._sending = True
            spawn(self._work(self._send), name="progress of a transfer", eager=True)

    def stop(self) -> None:
        """The dialog is over: nothing more is sent."""
        self._over = True

    async def _work(self, send: SendNotify) -> None:
        try:
            while self._told != self._newest and not self._over:
                self._told = self._newest
                answer = await send(self._fields(self._told), self._fragment(self._told))
                if answer.status >= 300:
                    self._over = True
        except SipError as error:
            _LOGGER.debug("No progress of a transfer: %s", error)
            self._over = True
        finally:
            self._sending = False

    def _fields(self, status: int) -> tuple[tuple[str, str], ...]:
        state = f"active;expires={_KEPT}" if status < 200 else "terminated;reason=noresource"
        return (
            ("Event", self._event),
            ("Subscription-State", state),
            ("Content-Type", "message/sipfrag;version=2.0"),
        )

    @staticmethod
    def _fragment(status: int) -> bytes:
        return f"SIP/2.0 {status} {REASONS.get(status, 'Unknown')}\r\n".encode()
