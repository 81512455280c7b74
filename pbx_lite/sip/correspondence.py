"""Requests of ours in one dialog, and answers to theirs: who they go to, and on which way (RFC 3261 section 12.2)."""

import asyncio
import ipaddress
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial

from pbx_lite.errors import ParseError, SipError, TransactionTimeout, TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import WITH_CONTACT, Agent, Fields, add_type, user_of
from pbx_lite.sip.attempt import Attempt, Login
from pbx_lite.sip.dialog import TARGET_REFRESH, Dialog, DialogState
from pbx_lite.sip.message import Headers, Request, Response
from pbx_lite.sip.resolve import address_of, hop_of
from pbx_lite.sip.server import ServerTransaction
from pbx_lite.sip.session_timer import SessionTimer, asked, granted, outcome
from pbx_lite.sip.transport import Flow
from pbx_lite.sip.uri import SipUri

_LOGGER = logging.getLogger(__name__)
_REFRESHING = frozenset({"INVITE", "UPDATE"})
_OTHER_USAGES = frozenset({"NOTIFY", "SUBSCRIBE", "REFER", "MESSAGE"})
"""Requests whose 481 says nothing of the call itself (RFC 5057 section 5.1)."""


class _Errand:
    """A request of ours in a dialog; `tries` are where it went, `refreshing` whether it is a sign of life."""

    __slots__ = ("dialog", "on_failure", "on_response", "refreshing", "request", "tries")

    def __init__(
        self,
        request: Request,
        dialog: Dialog,
        on_response: Callable[[Response], None],
        on_failure: Callable[[SipError], None],
        *,
        refreshing: bool,
    ) -> None:
        self.request = request
        self.dialog = dialog
        self.on_response = on_response
        self.on_failure = on_failure
        self.refreshing = refreshing
        self.tries: list[Address] = []


class Correspondence(ABC):
    """What a session needs to talk in its dialog; what is said is the session's matter."""

    def __init__(self, agent: Agent, call_id: str, local_tag: str, login: Login | None) -> None:
        self.call_id = call_id
        self.ended = False
        self._agent = agent
        self._tag = local_tag
        self._login = login
        self._dialog: Dialog | None = None
        self._flow: Flow | None = None
        self._hop: Address | None = None
        self._abilities: Headers | None = None  # of the last message that told them
        self._ack_body = (-1, b"")  # the answer that the ACK of this number carries
        self._waiting_for: set[asyncio.Future[Response]] = set()
        self._life = SessionTimer(agent.clock, refresh=self._refresh, expire=self._expired)

    @property
    def dialog(self) -> Dialog | None:
        """The dialog of the session; before the answer that of the first branch, None before any."""
        return self._dialog

    @property
    def confirmed(self) -> bool:
        return self._dialog is not None and self._dialog.state is DialogState.CONFIRMED and not self.ended

    @property
    def remote(self) -> Address | None:
        """Where messages come from and go to."""
        return self._flow.remote if self._flow is not None else self._hop

    def allows(self, method: str) -> bool:
        """Whether the other side said that it takes this method (Allow)."""
        try:
            return self._abilities is not None and method in self._abilities.all("allow")
        except ParseError:
            return False

    async def send(self, method: str, headers: Fields = (), body: bytes = b"") -> Response:
        """Send any request in the dialog and give its final answer.  Raises SipError where none comes."""
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def responded(received: Response) -> None:
            if received.status >= 200 and not answer.done():
                answer.set_result(received)

        def failed(error: SipError) -> None:
            if not answer.done():
                answer.set_exception(error)

        self._send(method, headers, body, responded, failed)
        self._waiting_for.add(answer)
        try:
            return await answer
        finally:
            self._waiting_for.discard(answer)

    # for the session

    @abstractmethod
    def _refresh(self) -> None:
        """It is our turn to show that the session lives (RFC 4028)."""

    @abstractmethod
    def _expired(self) -> None:
        """Nobody has shown that in time."""

    @abstractmethod
    def _die(self, reason: str, *, goodbye: bool = False) -> None:
        """The dialog is dead; a goodbye is sent where the other side may not know of that."""

    def _stop_waiting(self) -> None:
        """Whoever waits for an answer is told that none will come."""
        for answer in tuple(self._waiting_for):
            if not answer.done():
                answer.set_exception(SipError("The PBX stops."))

    def _note_abilities(self, message: Request | Response) -> None:
        if "allow" in message.headers:
            self._abilities = message.headers

    def _respond(
        self, server: ServerTransaction, status: int, headers: Fields = (), body: bytes = b"", reason: str | None = None
    ) -> None:
        request = server.request
        contact = None
        if request.method in WITH_CONTACT and (100 < status < 300):
            contact = self._contact(server.flow.remote)
        if 200 <= status < 300 and request.method in _REFRESHING and self.confirmed:
            fields, agreement = granted(request, self._life.agreement)
            headers = (*headers, *fields)
            self._life.agree(agreement)
        server.respond(
            self._agent.response(request, status, reason, tag=self._tag, headers=headers, body=body, contact=contact)
        )

    def _contact(self, remote: Address) -> str:
        return self._agent.contact(remote, user_of(self._dialog.local) if self._dialog is not None else "")

    def _send(
        self,
        method: str,
        headers: Fields,
        body: bytes,
        on_response: Callable[[Response], None],
        on_failure: Callable[[SipError], None],
        *,
        dialog: Dialog | None = None,
    ) -> None:
        """Send a request in the dialog.  Raises SipError where there is none or no way to its other end."""
        dialog = dialog or self._dialog
        if dialog is None or dialog.state is DialogState.TERMINATED:
            raise SipError("There is no session.")
        refreshing = method in _REFRESHING and self._life.agreement is not None
        if refreshing:
            headers = (*headers, *asked(self._life.agreement))
        request = dialog.request(method, headers, body)
        hop, flow = self._way(request, dialog)
        self._agent.introduce(request)
        self._go(_Errand(request, dialog, on_response, on_failure, refreshing=refreshing), hop, flow)

    def _go(self, errand: _Errand, hop: Address, flow: Flow | None) -> None:
        errand.tries.append(flow.remote if flow is not None else hop)
        request = errand.request
        Attempt(
            self._agent.clients,
            request,
            hop,
            on_response=partial(self._responded, errand),
            on_failure=partial(self._failed, errand),
            next_seq=partial(_count, errand.dialog),
            flow=flow,
            login=self._login,
            prepare=self._agent.add_contact if request.method in WITH_CONTACT else None,
        )

    def _responded(self, errand: _Errand, answer: Response) -> None:
        method, dialog = errand.request.method, errand.dialog
        if 200 <= answer.status < 300 and method in TARGET_REFRESH:
            dialog.refresh(answer)
            self._note_abilities(answer)
            if errand.refreshing and not self.ended:
                self._life.agree(outcome(answer))
        if method == "INVITE" and 200 <= answer.status < 300:
            self._acknowledge(dialog, answer.cseq.number)
        errand.on_response(answer)
        if answer.status == 481 and method not in _OTHER_USAGES and dialog is self._dialog:
            self._die("The other side knows of no such call.")

    def _failed(self, errand: _Errand, error: SipError) -> None:
        if isinstance(error, TransportError) and (other := self._another_way(errand)) is not None:
            errand.request = _again(errand.request)
            self._go(errand, other, None)
            return
        errand.on_failure(error)
        if errand.request.method in _REFRESHING and isinstance(error, TransactionTimeout):
            self._die("The other side does not answer any more.", goodbye=True)

    def _acknowledge(self, dialog: Dialog, seq: int) -> None:
        """ACK a 2xx; called again for each repetition of it."""
        body = self._ack_body[1] if self._ack_body[0] == seq and dialog is self._dialog else b""
        acknowledge(self._agent, dialog, self._flow, seq, body)

    def _way(self, request: Request, dialog: Dialog) -> tuple[Address, Flow | None]:
        return way_of(self._agent, request, dialog, self._flow)

    def _another_way(self, errand: _Errand) -> Address | None:
        """Where a request goes whose connection broke: once more to where its peer takes connections (section 18.4)."""
        dialog, tries = errand.dialog, errand.tries
        if dialog.routes or len(tries) > 1 or not tries[0].is_stream:
            return None
        try:
            return self._agent.locate(dialog.target, tries[0]) or address_of(dialog.target)
        except ParseError:
            return None


def _is_gruu(uri: str) -> bool:
    """RFC 5627 section 3.1.  Raises ParseError."""
    return ";gr" in uri and SipUri.parse(uri).param("gr") is not None


def acknowledge(agent: Agent, dialog: Dialog, flow: Flow | None, seq: int, body: bytes = b"") -> None:
    """Send the ACK of a 2xx; `body` is the answer where that brought an offer."""
    try:
        ack = dialog.request("ACK", seq=seq, body=body)
        add_type(ack)
        agent.clients.send_ack(ack, *way_of(agent, ack, dialog, flow))
    except SipError as error:
        _LOGGER.debug("No ACK: %s", error)


def way_of(agent: Agent, request: Request, dialog: Dialog, flow: Flow | None) -> tuple[Address, Flow | None]:
    """Where a request in a dialog goes whose other end was last heard through `flow`.  Raises SipError.

    As RFC 3261 says by route set and Contact, but a Contact in some private network that is not where the peer's
    messages come from is behind a NAT: then back the way they came.  Live connections are used in any case.  So is
    the way back for a GRUU, whose host is that of a registrar and may be ours.
    """
    if dialog.routes:
        return hop_of(request), None
    try:
        contact = None if _is_gruu(dialog.target) else address_of(dialog.target)
    except ParseError:
        contact = None
    if flow is None:
        if contact is None:
            raise SipError("The other side has given no address to answer to.")
        return contact, None
    source = flow.remote
    if flow.closed:
        return agent.locate(dialog.target, source) or contact or source, None
    if source.is_stream or contact is None or contact == source:
        return source, flow
    if contact.host == source.host or _both_public(contact.host, source.host):
        return contact, None
    return source, flow


def _both_public(*hosts: str) -> bool:
    """Whether these are addresses of the Internet, where a Contact is meant as it stands."""
    try:
        return all(ipaddress.ip_address(host).is_global for host in hosts)
    except ValueError:
        return False


def _again(request: Request) -> Request:
    """The same request for another transaction: what names the way is left out, the number stays (RFC 3263 4.3)."""
    copy = Request(request.method, request.uri, request.headers.copy(), request.body)
    copy.headers.remove("via")
    copy.headers.remove("contact")
    return copy


def _count(dialog: Dialog) -> int:
    dialog.local_seq += 1
    return dialog.local_seq
