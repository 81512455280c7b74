"""A call to us, from its INVITE to the session it makes (RFC 3261 section 13.3, RFC 3262)."""

import logging
import secrets
from collections import deque

from pbx_lite.clock import Timer
from pbx_lite.errors import ParseError
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import Agent, Fields, new_tag
from pbx_lite.sip.body import SDP, reduce_to_sdp
from pbx_lite.sip.dialog import Dialog, DialogState
from pbx_lite.sip.invite_events import Accepted, Answer, Cancelled, Ended
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.redirect import reasons_of
from pbx_lite.sip.repeat import Repetition
from pbx_lite.sip.server import ServerTransaction
from pbx_lite.sip.session import Session
from pbx_lite.sip.session_timer import granted, too_short

_LOGGER = logging.getLogger(__name__)
_TRYING = 0.2  # seconds within which nobody needs to be told that we try (RFC 3261 section 17.2.1)
_HURRY = 4  # times T1 that a 2xx waits for the PRACK of somebody who only said that they could
_KEEP_RINGING = 60.0  # seconds between repeated 18x, for the Timer C of proxies (RFC 3261 section 13.3.1.1)


class IncomingInvite(Session):
    """A call to us.  Answer it with any number of `progress` and one `accept` or `reject`."""

    def __init__(self, agent: Agent, transaction: ServerTransaction) -> None:
        """Raises ParseError."""
        request = transaction.request
        reduce_to_sdp(request)
        super().__init__(agent, request.call_id, new_tag())
        self.request = request
        self.source: Address = transaction.flow.remote
        self.local: Address = transaction.flow.local
        self._transaction = transaction
        self._dialog = Dialog.of_server(request, self._tag)
        self._flow = transaction.flow
        self._abilities = request.headers
        self._requires_reliable = "100rel" in request.tokens("require")
        self._takes_reliable = self._requires_reliable or "100rel" in request.tokens("supported")
        self._rseq = secrets.randbits(30) + 1
        self._waiting: deque[Response] = deque()  # reliable ones that wait for the PRACK of the one before
        self._unproven: Repetition | None = None
        self._unproven_seq = ""
        self._unproven_sdp = False
        self._settled = False  # offer and answer were exchanged in a reliable 1xx and its PRACK
        self._final: tuple[bytes, Fields] | None = None  # a 2xx that waits for the PRACK of an answer in a 1xx
        self._ringing: Timer | None = None
        self._hurry: Timer | None = None
        self._remote_sdp = request.body
        transaction.on_cancel(self._on_cancel)

    @property
    def answered(self) -> bool:
        """Whether a final answer was given, or the caller gave up."""
        return self._transaction.answered or self._final is not None or self.ended

    @property
    def takes_reliable(self) -> bool:
        """Whether the caller can confirm provisional answers (100rel)."""
        return self._takes_reliable

    @property
    def requires_reliable(self) -> bool:
        """Whether it wants all of them so; the first one then has to bring the answer's offer where it made none."""
        return self._requires_reliable

    def trying(self) -> None:
        """Answer 100 unless something else is answered soon: most phones ring before that is due."""
        if not self._transaction.data and self._ringing is None:
            self._ringing = self._agent.clock.call_later(_TRYING, self._still_trying)

    def _still_trying(self) -> None:
        self._ringing = None
        if not self._transaction.data:
            self._respond(self._transaction, 100)

    def progress(self, status: int, *, body: bytes = b"", headers: Fields = (), reliable: bool = False) -> None:
        """Answer 180, 183 …; reliably where asked for and the caller can, or where it insists (RFC 3262).

        `body` is the answer to the INVITE's offer, or an offer where it had none: that only reliably.
        """
        if self.answered:
            return
        self._register()
        self._local_sdp = body or self._local_sdp
        answer = self._agent.response(
            self.request, status, tag=self._tag, headers=headers, body=body, contact=self._contact(self.source)
        )
        if self._requires_reliable or (reliable and self._takes_reliable):
            self._rseq += 1
            answer.headers.add("Require", "100rel")
            answer.headers.add("RSeq", str(self._rseq))
            self._waiting.append(answer)
            self._next_reliable()
        else:
            self._transaction.respond(answer)
            self._keep_ringing(answer)

    def accept(self, body: bytes, headers: Fields = ()) -> None:
        """Answer 200; it is sent again until the ACK comes.  Accepted follows with the ACK.

        `body` is the answer, or the offer where the INVITE had none.  One that was answered in a PRACK is left out.
        """
        if self.answered:
            return
        self._register()
        self._quieten()
        if self._unproven is None or not self._unproven_sdp:
            self._accept(body, headers)
            return
        self._final = body, headers
        if self._may_be_lax:
            self._hurry = self._agent.clock.call_later(_HURRY * self._agent.timers.t1, self._accept_anyway)

    def reject(self, status: int, reason: str | None = None, headers: Fields = ()) -> None:
        """Answer 300 to 699."""
        if self.answered:
            return
        self._finish(status, headers, reason)

    def _accept(self, body: bytes, headers: Fields) -> None:
        self._stop_proving()
        if self._settled and not self.request.body:
            body = b""
        self._local_sdp = body or self._local_sdp
        fields, agreement = granted(self.request)
        self._transaction.respond(
            self._agent.response(
                self.request,
                200,
                tag=self._tag,
                headers=(*headers, *fields),
                body=body,
                contact=self._contact(self.source),
            )
        )
        if self._dialog is not None:
            self._dialog.state = DialogState.CONFIRMED
        self._life.agree(agreement)
        self._repeat(self._transaction)

    @property
    def _may_be_lax(self) -> bool:
        """Whether a call may go on without PRACK: its sender only said that it could send one, which not all can."""
        return bool(self.request.body) and not self._requires_reliable

    def _accept_anyway(self) -> None:
        if self._final is not None:
            final, self._final = self._final, None
            self._accept(*final)

    def _finish(self, status: int, headers: Fields = (), reason: str | None = None) -> None:
        self._respond(self._transaction, status, headers, b"", reason)
        self._close()

    def _die(self, reason: str, *, goodbye: bool = False) -> None:
        if self.confirmed or self.ended:
            super()._die(reason, goodbye=goodbye)
            return
        self._tell(Ended(reason, lost=True))
        self._final = None
        self._finish(480)

    def _close(self) -> None:
        self._quieten()
        self._stop_proving()
        super()._close()

    def _give_up(self, reason: str) -> None:
        if self._final is not None:  # accepted, but the 200 still waits for a PRACK
            self._final = None
            self._finish(480, (("Reason", reason),) if reason else ())
            return
        self.reject(480, headers=(("Reason", reason),) if reason else ())

    def _on_ack(self, request: Request) -> None:
        self._remote_sdp = request.body or self._remote_sdp
        self._tell(Accepted(request.body, request.headers))

    def _on_cancel(self, cancel: Request) -> None:
        if self._transaction.answered:
            return
        self._tell(Cancelled(reasons_of(cancel.headers)))
        self._finish(487)

    def _bye(self, transaction: ServerTransaction) -> None:
        if self._transaction.answered:
            super()._bye(transaction)
            return
        self._respond(transaction, 200)  # some hang up an early dialog with BYE (section 15)
        self._on_cancel(transaction.request)

    # provisional answers

    def _keep_ringing(self, answer: Response) -> None:
        self._quieten()
        if answer.status > 100:
            self._ringing = self._agent.clock.call_later(_KEEP_RINGING, lambda: self._ring_on(answer))

    def _ring_on(self, answer: Response) -> None:
        self._transaction.respond(answer)
        self._keep_ringing(answer)

    def _quieten(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
            self._ringing = None

    def _next_reliable(self) -> None:
        if self._unproven is not None or not self._waiting:
            return
        answer = self._waiting.popleft()
        self._transaction.respond(answer)
        data = self._transaction.data
        self._unproven_sdp = bool(answer.body)
        self._unproven_seq = answer.headers.get("rseq") or ""
        self._unproven = Repetition(
            self._agent.clock,
            self._agent.timers,
            send=lambda: self._transaction.repeat(data),
            give_up=self._never_proven,
            capped=False,
        )

    def _prack(self, transaction: ServerTransaction) -> None:
        """RFC 3262 section 3: only the PRACK of what was sent last counts."""
        words = (transaction.request.headers.get("rack") or "").split()
        cseq = self.request.cseq
        if self._unproven is None or words != [self._unproven_seq, str(cseq.number), "INVITE"]:
            self._respond(transaction, 481)
            return
        self._unproven.stop()
        self._unproven = None
        self._answered_in(transaction)
        if self._final is not None and not self.ended:
            self._accept_anyway()
        else:
            self._next_reliable()

    def _answered_in(self, prack: ServerTransaction) -> None:
        """A PRACK brings nothing, the answer to our offer, or, when that is over, an offer (RFC 3262 section 5)."""
        try:
            reduce_to_sdp(prack.request)
        except ParseError:
            prack.request.body = b""
        body = prack.request.body
        offers = not self.request.body and self._unproven_sdp and not self._settled
        if self._unproven_sdp and (body or not offers):
            self._settled = True
        if body and not offers:
            self._offered(prack)
            return
        self._respond(prack, 200)
        if body:
            self._remote_sdp = body
            self._tell(Answer(body))

    def _first_offer_open(self, branch: str = "") -> int | None:
        if self._settled:
            return None
        return 500 if self.request.body else 491

    def _never_proven(self) -> None:
        if self._may_be_lax:
            self._takes_reliable = False
            self._stop_proving()
            return
        self._tell(Ended("The other side never confirmed a provisional answer.", lost=True))
        self._final = None
        self._finish(504)

    def _stop_proving(self) -> None:
        self._waiting.clear()
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None
        if self._unproven is not None:
            self._unproven.stop()
            self._unproven = None


def invite_of(agent: Agent, transaction: ServerTransaction) -> IncomingInvite | None:
    """The INVITE of a transaction; one that cannot be read, or whose session would be too short, is refused."""
    if (fields := too_short(transaction.request)) is not None:
        agent.answer(transaction, 422, fields)
        return None
    try:
        return IncomingInvite(agent, transaction)
    except ParseError as fault:
        _LOGGER.debug("Refused an INVITE: %s", fault)
        agent.answer(transaction, fault.status, (("Accept", SDP),) if fault.status == 415 else ())
        return None
