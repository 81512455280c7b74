"""What incoming and outgoing INVITEs share once there is a dialog: requests in it, both ways.

RFC 3261 sections 12 to 15, RFC 3311, RFC 4028, RFC 6086.
"""

import asyncio
import logging
import secrets
from abc import abstractmethod
from collections.abc import Callable

from pbx_lite.errors import ParseError, PbxError, SipError
from pbx_lite.sip.agent import Agent, Fields
from pbx_lite.sip.attempt import Login
from pbx_lite.sip.body import SDP, reduce_to_sdp
from pbx_lite.sip.correspondence import Correspondence
from pbx_lite.sip.dialog import TARGET_REFRESH, Dialog, DialogState
from pbx_lite.sip.invite_events import Accepted, Answer, Ended, InDialogRequest, Info, InviteEvent, Offer
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.redirect import reasons_of
from pbx_lite.sip.repeat import Repetition
from pbx_lite.sip.server import ServerTransaction
from pbx_lite.sip.session_timer import too_short
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
_GLARES = 3  # times a re-INVITE is tried again after 491
_MOST_A_SECOND = 30  # requests in one dialog; keys by INFO are a third of that
_EXPIRED = 'SIP;cause=408;text="Session timer expired"'


class Session(Correspondence):
    """A dialog made by INVITE.  Everything but the awaitable methods may be called at any time and never raises.

    `ended` is true from the moment that nothing more can be done with it; `listener` hears nothing after that.
    """

    def __init__(self, agent: Agent, call_id: str, local_tag: str, login: Login | None = None) -> None:
        super().__init__(agent, call_id, local_tag, login)
        self.listener: Callable[[InviteEvent], None] | None = None
        self._theirs: ServerTransaction | None = None  # an offer that the listener has to answer
        self._ours = False  # an offer of ours is not answered yet
        self._repetition: Repetition | None = None  # of a 2xx whose ACK has not come
        self._repeated_seq = -1
        self._farewell: str | None = None  # the Reason of a BYE that waits for that ACK
        self._local_sdp = b""  # our last offer that was answered, or our last answer
        self._remote_sdp = b""
        self._second = 0.0  # when the current second of the requests in `_within` began
        self._within = 0

    def bye(self, reason: str = "") -> None:
        """Hang up; `reason` is the value of a Reason header.  Before the answer this refuses or cancels.

        A BYE must not overtake the ACK (section 15), so it may leave a little later.
        """
        if self.ended:
            return
        if not self.confirmed:
            self._give_up(reason)
            return
        self.ended = True
        self._life.stop()
        if self._repetition is not None:
            self._farewell = reason
        else:
            self._leave(reason)

    async def info(self, content_type: str, body: bytes) -> Response:
        """Send INFO (RFC 6086).  Raises SipError where no answer comes."""
        return await self.send("INFO", (("Content-Type", content_type),), body)

    async def update(self, body: bytes) -> Response:
        """Send UPDATE (RFC 3311); `body` is an offer or empty.  Glare (491) is waited out.

        Raises SipError, also amid another offer, as long as that of the INVITE is not answered too.
        """
        return await self._insist("UPDATE", lambda: body)

    async def reinvite(self, body: bytes) -> Response:
        """Send a re-INVITE with an offer; glare (491) is waited out.  Raises SipError, also amid another offer."""
        return await self._insist("INVITE", lambda: body)

    def accept_offer(self, body: bytes) -> None:
        """Answer the last Offer: with our answer, or with an offer where it had no body."""
        server = self._take_theirs()
        if server is None:
            return
        self._local_sdp = body
        self._remote_sdp = server.request.body or self._remote_sdp
        self._respond(server, 200, body=body)
        if server.request.method == "INVITE":
            self._repeat(server)

    def refuse_offer(self, status: int) -> None:
        """Refuse the last Offer: 488 for what cannot be; the session goes on as it was."""
        server = self._take_theirs()
        if server is not None:
            self._respond(server, status)

    # from the endpoint

    def receive(self, transaction: ServerTransaction) -> None:
        """Take a request with our tag."""
        request = transaction.request
        dialog = self._dialog_of(request)
        if dialog is None:
            self._agent.answer(transaction, 481)
            return
        if not dialog.takes(request):
            self._respond(transaction, 500)
            return
        serve = _SERVED.get(request.method, Session._other)
        if self.ended and request.method != "BYE":
            self._respond(transaction, 481)
            return
        if self._floods(request.method):
            self._respond(transaction, 503, (("Retry-After", "1"),))
            return
        if request.method in TARGET_REFRESH:
            dialog.refresh(request)
            self._note_abilities(request)
        if request.method in TARGET_REFRESH or (self._flow is not None and self._flow.closed):
            self._flow = transaction.flow
        serve(self, transaction)

    def acknowledged(self, request: Request) -> None:
        """Take the ACK of a 2xx."""
        if self._repetition is None or request.cseq.number != self._repeated_seq:
            return
        self._stop_repeating()
        if self._farewell is not None:
            self._leave(self._farewell)
            return
        try:
            reduce_to_sdp(request)
        except ParseError:
            request.body = b""
        self._on_ack(request)

    def abandon(self) -> None:
        """The endpoint stops: no timer is left, nothing is told any more."""
        self._theirs = None
        self._close()
        self._stop_waiting()

    # for incoming and outgoing INVITEs

    @abstractmethod
    def _give_up(self, reason: str) -> None:
        """Hang up before the answer."""

    @abstractmethod
    def _first_offer_open(self, branch: str = "") -> int | None:
        """Before the answer: the status for another offer, None once the INVITE's is answered (RFC 3311 section 5.2).

        500 amid an offer of theirs, 491 amid one of ours.
        """

    def _dialog_of(self, request: Request) -> Dialog | None:
        dialog = self._dialog
        return dialog if dialog is not None and dialog.remote_tag == (request.from_.tag or "") else None

    def _floods(self, method: str) -> bool:
        """Whether this is more than anybody has to say within a second; a goodbye is always heard."""
        if method in {"BYE", "PRACK"}:
            return False
        now = self._agent.clock.time()
        if now - self._second >= 1.0:
            self._second, self._within = now, 0
        self._within += 1
        return self._within > _MOST_A_SECOND

    def _on_ack(self, request: Request) -> None:
        if request.body:
            self._remote_sdp = request.body
            self._tell(Accepted(request.body, request.headers))

    def _tell(self, event: InviteEvent) -> None:
        if self.listener is not None and not self.ended:
            self.listener(event)

    def _register(self) -> None:
        self._agent.sessions[self.call_id, self._tag] = self

    def _repeat(self, server: ServerTransaction) -> None:
        """Send the 2xx again until its ACK comes; without one the session is void (section 13.3.1.4)."""
        answer = server.data
        self._repeated_seq = server.request.cseq.number
        self._repetition = Repetition(
            self._agent.clock,
            self._agent.timers,
            send=lambda: server.repeat(answer),
            give_up=self._never_acknowledged,
        )

    def _leave(self, reason: str = "") -> None:
        """Send BYE and forget the session."""
        headers = (("Reason", reason),) if reason else ()
        try:
            self._send("BYE", headers, b"", lambda _: None, lambda _: None)
        except PbxError as error:
            _LOGGER.debug("No BYE: %s", error)
        self._close()

    def _die(self, reason: str, *, goodbye: bool = False) -> None:
        if self.ended:
            return
        self._tell(Ended(reason, lost=True))
        if goodbye:
            self._leave()
        else:
            self._close()

    def _close(self) -> None:
        self.ended = True
        self._life.end()
        self._stop_repeating()
        self._agent.sessions.pop((self.call_id, self._tag), None)
        if self._dialog is not None:
            self._dialog.state = DialogState.TERMINATED
        server = self._take_theirs()
        if server is not None:
            self._respond(server, 487)

    def _take_theirs(self) -> ServerTransaction | None:
        server, self._theirs = self._theirs, None
        return server

    def _stop_repeating(self) -> None:
        if self._repetition is not None:
            self._repetition.stop()
            self._repetition = None

    # offers

    async def _insist(self, method: str, offer: Callable[[], bytes]) -> Response:
        """Offer again after 491, what `offer` gives by then."""
        for _ in range(_GLARES):
            answer = await self._offer(method, offer())
            if answer.status != 491:
                break
            await self._pause(self._glare_wait())
        return answer

    async def _offer(self, method: str, body: bytes) -> Response:
        amid = self._ours or self._theirs is not None or (method == "INVITE" and self._repetition is not None)
        early = not self.confirmed and (method == "INVITE" or bool(body)) and self._first_offer_open() is not None
        if amid or early:
            raise SipError("Another offer is not answered yet.")
        self._ours = bool(body) or method == "INVITE"
        try:
            answer = await self.send(method, (), body)
        finally:
            self._ours = False
        if body and 200 <= answer.status < 300:
            self._local_sdp, self._remote_sdp = body, answer.body
        return answer

    def _glare_wait(self) -> float:
        """Seconds to wait after 491; the one who made the Call-ID waits longer (section 14.1)."""
        if self._owns_call_id:
            return 2.1 + secrets.randbelow(190) / 100
        return secrets.randbelow(200) / 100

    @property
    def _owns_call_id(self) -> bool:
        return False

    async def _pause(self, seconds: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not over.done():
                over.set_result(None)

        timer = self._agent.clock.call_later(seconds, wake)
        try:
            await over
        finally:
            timer.cancel()

    # the life of a session

    def _refresh(self) -> None:
        spawn(self._give_a_sign_of_life(), name="session refresh")

    async def _give_a_sign_of_life(self) -> None:
        """UPDATE without a body where that is understood, else a re-INVITE that changes nothing (RFC 4028 section 7.4).

        What comes of it is told to the timer when the answer comes; a refusal is not yet the end.
        """
        try:
            answer = await self._refreshed()
        except SipError as error:
            _LOGGER.debug("A session was not refreshed: %s", error)
        else:
            if 200 <= answer.status < 300:
                return
        self._life.retry()

    async def _refreshed(self) -> Response:
        if self.allows("UPDATE"):
            answer = await self.send("UPDATE")
            if answer.status not in {405, 501}:
                return answer
        before = b""

        def unchanged() -> bytes:
            nonlocal before
            if not self._local_sdp:
                raise SipError("There is nothing to offer again.")
            before = self._remote_sdp
            return self._local_sdp

        answer = await self._insist("INVITE", unchanged)
        if 200 <= answer.status < 300 and answer.body and answer.body != before:
            self._tell(Answer(answer.body))
        return answer

    def _expired(self) -> None:
        if not self.ended:
            self._tell(Ended("The other side gave no sign of life any more.", lost=True))
            self._leave(_EXPIRED)

    # requests of the other side

    def _bye(self, transaction: ServerTransaction) -> None:
        self._respond(transaction, 200)
        if not self.ended:
            self._tell(Ended(reasons_of(transaction.request.headers)))
        self._close()

    def _info(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        self._respond(transaction, 200)
        self._tell(Info(request.headers.get("content-type") or "", request.body))

    def _options(self, transaction: ServerTransaction) -> None:
        self._respond(transaction, 200, (("Accept", SDP),))

    def _offered(self, transaction: ServerTransaction) -> None:
        """A re-INVITE, or an UPDATE or PRACK with an offer (sections 14.2, RFC 3311 section 5.2)."""
        request = transaction.request
        if (fields := too_short(request)) is not None:
            self._respond(transaction, 422, fields)
            return
        try:
            reduce_to_sdp(request)
        except ParseError as fault:
            self._respond(transaction, fault.status, (("Accept", SDP),))
            return
        if request.method == "UPDATE" and not request.body:
            self._respond(transaction, 200)
            return
        branch = request.from_.tag or ""
        if (status := self._offer_refused(request.method, branch)) is not None:
            later = (("Retry-After", str(secrets.randbelow(10))),) if status == 500 else ()
            self._respond(transaction, status, later)
            return
        self._theirs = transaction
        transaction.on_cancel(self._offer_cancelled)
        self._tell(Offer(request.method, request.body, "" if self.confirmed else branch))
        if self._theirs is transaction and request.method == "INVITE":
            self._respond(transaction, 100)

    def _offer_refused(self, method: str, branch: str) -> int | None:
        """The status for an offer that comes amid another one (sections 14.2, RFC 3311 section 5.2)."""
        if self._theirs is not None or (method == "INVITE" and self._repetition is not None):
            return 500
        if self._ours:
            return 491
        if self.confirmed:
            return None
        return self._first_offer_open(branch) or (491 if method == "INVITE" else None)

    def _offer_cancelled(self, _: Request) -> None:
        self.refuse_offer(487)

    def _prack(self, transaction: ServerTransaction) -> None:
        self._respond(transaction, 481)

    def _cannot(self, transaction: ServerTransaction) -> None:
        self._respond(transaction, 403)

    def _other(self, transaction: ServerTransaction) -> None:
        def respond(status: int, reason: str | None = None, headers: Fields = (), body: bytes = b"") -> None:
            self._respond(transaction, status, headers, body, reason)

        if self.listener is None:
            respond(501)
        else:
            self._tell(InDialogRequest(transaction.request.method, transaction.request, respond))

    def _never_acknowledged(self) -> None:
        self._repetition = None
        if not self.ended:
            self._tell(Ended("The other side never confirmed the answer.", lost=True))
        self._leave(self._farewell or "")


_SERVED: dict[str, Callable[[Session, ServerTransaction], None]] = {
    "BYE": lambda session, transaction: session._bye(transaction),
    "INFO": Session._info,
    "OPTIONS": Session._options,
    "INVITE": Session._offered,
    "UPDATE": Session._offered,
    "PRACK": lambda session, transaction: session._prack(transaction),
    "REGISTER": Session._cannot,
    "PUBLISH": Session._cannot,
}
