"""Subscriptions of others to what we know: one dialog each, kept until it expires (RFC 6665 section 4.2)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from pbx_lite.clock import Timer
from pbx_lite.errors import ParseError, SipError, TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import Agent, Fields, new_tag, user_of
from pbx_lite.sip.alarm import Alarm
from pbx_lite.sip.attempt import Attempt
from pbx_lite.sip.dialog import Dialog, DialogState
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.resolve import address_of, hop_of
from pbx_lite.sip.server import ServerTransaction
from pbx_lite.sip.transport import Flow
from pbx_lite.sip.uri import SipUri

_LOGGER = logging.getLogger(__name__)
_GRACE = 5.0  # seconds that a refresh may be late
_LONGEST_RETRY = 60


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds a subscription may last: the least, what it gets without asking, and the most."""

    least: int = 60
    usual: int = 3600
    most: int = 3600

    def granted(self, request: Request) -> int:
        """What a SUBSCRIBE or PUBLISH gets; 0 ends it.  Raises ParseError with status 423 for too short a time."""
        asked = request.expires
        seconds = self.usual if asked is None else min(asked, self.most)
        if 0 < seconds < self.least:
            raise ParseError("The time is too short", 423)
        return seconds


class Subscription:
    """One watcher.  `render` gives type and body of the whole state whenever a NOTIFY leaves; None is no body.

    `over` is called once when it has ended, however that came about.  `take` is given the SUBSCRIBEs that follow, for
    packages whose bodies want something; it raises ParseError with the status of a refusal.
    """

    def __init__(
        self,
        agent: Agent,
        transaction: ServerTransaction,
        *,
        times: Times,
        allow_events: str,
        render: Callable[[], tuple[str, bytes] | None],
        over: Callable[[Subscription], None],
        take: Callable[[Request], None] = lambda _request: None,
    ) -> None:
        """Answers the SUBSCRIBE and tells the state at once.  Raises ParseError where it cannot be answered so."""
        request = transaction.request
        self.ended = False
        self._agent = agent
        self._times = times
        self._allow_events = allow_events
        self._render = render
        self._over = over
        self._take = take
        self._event = request.headers.get("event") or ""
        seconds = times.granted(request)
        self._dialog = Dialog.of_server(request, new_tag())
        self._dialog.state = DialogState.CONFIRMED
        self._flow: Flow = transaction.flow
        self._busy = False  # a NOTIFY is not answered yet
        self._behind = False  # the state changed since
        self._moved = False  # its connection broke
        self._retry: Timer | None = None
        self._alarm = Alarm(agent.clock, self._due)
        self._expires_at = 0.0
        agent.sessions[self._dialog.call_id, self._dialog.local_tag] = self
        self._grant(transaction, seconds)

    def changed(self) -> None:
        """Tell the state anew: now, or when the NOTIFY under way is answered."""
        if self.ended:
            return
        if self._busy or self._retry is not None:
            self._behind = True
        else:
            self._notify(f"active;expires={max(1, round(self._expires_at - self._agent.clock.time()))}")

    def terminate(self, reason: str = "noresource", retry_after: int = 0) -> None:
        """End it from our side; `reason` is of RFC 6665 section 4.1.3."""
        if not self.ended:
            self._notify(f"terminated;reason={reason}{f';retry-after={retry_after}' if retry_after else ''}")
            self._end()

    # from the endpoint

    def receive(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self._dialog.remote_tag != (request.from_.tag or "") or self.ended:
            self._agent.answer(transaction, 481)
        elif not self._dialog.takes(request):
            self._respond(transaction, 500)
        elif request.method == "SUBSCRIBE":
            self._refresh(transaction)
        else:
            self._respond(transaction, 200 if request.method == "OPTIONS" else 405)

    def acknowledged(self, request: Request) -> None:
        """There is no ACK in a subscription."""

    def abandon(self) -> None:
        self._end(quietly=True)

    # inside

    def _refresh(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if _event_key(request.headers.get("event") or "") != _event_key(self._event):
            self._respond(transaction, 481)
            return
        try:
            seconds = self._times.granted(request)
            self._take(request)
            self._dialog.refresh(request)
        except ParseError as error:
            extra = [("Min-Expires", str(self._times.least))] if error.status == 423 else []
            self._respond(transaction, error.status, extra)
            return
        self._flow = transaction.flow
        self._moved = False
        self._grant(transaction, seconds)

    def _grant(self, transaction: ServerTransaction, seconds: int) -> None:
        """Answer 200 and tell the state; a subscription of no seconds is a question asked once."""
        self._expires_at = self._agent.clock.time() + seconds
        self._respond(transaction, 200, [("Expires", str(seconds)), ("Allow-Events", self._allow_events)])
        if seconds == 0:
            self.terminate("timeout")
            return
        self._alarm.set(self._expires_at + _GRACE)
        self.changed()

    def _due(self) -> None:
        if self._agent.clock.time() < self._expires_at + _GRACE:
            self._alarm.set(self._expires_at + _GRACE)
        else:
            self.terminate("timeout")

    def _notify(self, state: str) -> None:
        told = self._render()
        headers = [("Event", self._event), ("Subscription-State", state), ("Allow-Events", self._allow_events)]
        if told is not None:
            headers.append(("Content-Type", told[0]))
        try:
            request = self._dialog.request("NOTIFY", headers, told[1] if told is not None else b"")
            hop, flow = self._way(request)
            self._agent.introduce(request)
        except SipError as error:
            _LOGGER.debug("No NOTIFY: %s", error)
            self._end()
            return
        self._busy = True
        self._behind = False
        Attempt(
            self._agent.clients,
            request,
            hop,
            on_response=self._answered,
            on_failure=self._failed,
            next_seq=lambda: self._dialog.local_seq,  # never tried again: there are no credentials
            flow=flow,
            prepare=self._agent.add_contact,
        )

    def _answered(self, answer: Response) -> None:
        if answer.status < 200 or self.ended:
            return
        self._busy = False
        if answer.status < 300:
            self._dialog.refresh(answer)
            if self._behind:
                self.changed()
            return
        seconds = answer.headers.get("retry-after") or ""
        if answer.status == 481 or not seconds.isdecimal() or int(seconds) > _LONGEST_RETRY:
            _LOGGER.debug("A watcher answered %d", answer.status)
            self._end()
        else:
            self._retry = self._agent.clock.call_later(int(seconds), self._again)

    def _again(self) -> None:
        self._retry = None
        self.changed()

    def _failed(self, error: SipError) -> None:
        """A watcher whose connection broke may have come back in another one; one that is silent is gone."""
        flow = self._flow
        moved = isinstance(error, TransportError) and flow.remote.is_stream and not self._moved
        if moved and self._agent.locate(self._dialog.target, flow.remote) is not None:
            self._moved, self._busy = True, False
            self.changed()
            return
        _LOGGER.debug("A watcher is gone: %s", error)
        self._end()

    def _way(self, request: Request) -> tuple[Address, Flow | None]:
        """Where a NOTIFY goes: by its route set; else to the watcher's Contact, or back the way its messages come.

        The latter in its connection, and where the Contact is another host: that is behind a NAT.
        """
        if self._dialog.routes:
            return hop_of(request), None
        flow, source = self._flow, self._flow.remote
        try:
            target = self._dialog.target
            contact = (
                source if SipUri.parse(target).param("gr") is not None else address_of(target)
            )  # RFC 5627: our host
        except ParseError:
            contact = source
        if flow.closed or self._moved:
            return self._agent.locate(self._dialog.target, source) or contact, None
        if not source.is_stream and contact != source and contact.host == source.host:
            return contact, None
        return source, flow

    def _end(self, *, quietly: bool = False) -> None:
        if self.ended:
            return
        self.ended = True
        self._dialog.state = DialogState.TERMINATED
        self._alarm.stop()
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._agent.sessions.pop((self._dialog.call_id, self._dialog.local_tag), None)
        if not quietly:
            self._over(self)

    def _respond(self, transaction: ServerTransaction, status: int, headers: Fields = ()) -> None:
        contact = self._agent.contact(transaction.flow.remote, user_of(self._dialog.local)) if status < 300 else None
        transaction.respond(
            self._agent.response(
                transaction.request, status, tag=self._dialog.local_tag, headers=headers, contact=contact
            )
        )


def _event_key(event: str) -> tuple[str, str]:
    """Package and `id`, which tell subscriptions of one dialog apart."""
    package, *params = (part.strip() for part in event.split(";"))
    return package.lower(), next((param[3:] for param in params if param.lower().startswith("id=")), "")
