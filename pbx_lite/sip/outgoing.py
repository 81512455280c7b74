"""A call of ours, from its INVITE to the session it makes, over all branches of a fork (RFC 3261 section 13.2)."""

import logging

from pbx_lite.clock import Timer
from pbx_lite.errors import ParseError, SipError, TransactionTimeout
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import Agent
from pbx_lite.sip.attempt import Attempt, Login
from pbx_lite.sip.body import reduce_to_sdp
from pbx_lite.sip.client import cancel_of
from pbx_lite.sip.correspondence import acknowledge, way_of
from pbx_lite.sip.dialog import Dialog
from pbx_lite.sip.invite_events import Accepted, Failed, Progress
from pbx_lite.sip.message import REASONS, Headers, Request, Response
from pbx_lite.sip.server import ServerTransaction
from pbx_lite.sip.session import Session
from pbx_lite.sip.session_timer import asked, outcome
from pbx_lite.sip.transport import Flow

_LOGGER = logging.getLogger(__name__)
_MOST_BRANCHES = 16  # early dialogs of one INVITE


class OutgoingInvite(Session):
    """A call of ours, sent as soon as it is made.  Ends in Accepted or Failed, also after `cancel`."""

    def __init__(self, agent: Agent, request: Request, hop: Address, login: Login | None) -> None:
        super().__init__(agent, request.call_id, request.from_.tag or "", login)
        self.request = request
        self._hop = hop
        self._branches: dict[str, Dialog] = {}
        self._declined: dict[str, Dialog] = {}  # branches that answered too late
        self._described: dict[str, bytes] = {}  # the SDP of each branch
        self._proven: dict[str, int] = {}  # the last RSeq of each branch
        self._provisional = False
        self._cancel: str | None = None  # the Reason of a CANCEL that is wanted
        self._cancelling = False
        self._finished = False
        self._offered_seq: int | None = None  # of a 200 whose offer the listener has to answer
        self._unproven: tuple[Dialog, str] | None = None  # the branch and RAck of such a reliable 1xx
        self._settled = False  # that offer was answered
        self._give_up_timer: Timer | None = None
        self._local_sdp = request.body
        self._register()
        for name, value in asked(None):
            request.headers.add(name, value)
        self._attempt = Attempt(
            agent.clients,
            request,
            hop,
            on_response=self._on_response,
            on_failure=self._on_failure,
            next_seq=self._next_seq,
            login=login,
            prepare=agent.add_contact,
        )

    @property
    def heard(self) -> bool:
        """Whether the other side said anything yet, be it that it tries."""
        return self._provisional or self._finished

    def cancel(self, reason: str = "") -> None:
        """Take the call back; `reason` is the value of a Reason header.

        The CANCEL waits for a provisional answer (section 9.1); a 200 that crosses it gets a BYE.  Failed follows.
        """
        if self.confirmed:
            self.bye(reason)
        elif self._cancel is None and not self._finished:
            self._cancel = reason
            self._attempt.client.settled = True
            if self._provisional:
                self._send_cancel()

    def bye(self, reason: str = "") -> None:
        if self._offered_seq is not None:
            self.accept_offer(b"")  # no BYE before the ACK
        super().bye(reason)

    def abandon(self) -> None:
        self._finished = True
        self._stop_giving_up()
        super().abandon()

    def _close(self) -> None:
        super()._close()
        tags = tuple(self._declined) if self._dialog is None else (*self._declined, self._dialog.remote_tag)
        late = _Latecomers(self._agent, tags, self._flow, self._ack_body[1])
        self._agent.clients.hand_over(self._attempt.client, late.answered)
        if self._finished:  # else an answer may still come, and has to be declined
            self._attempt.forget()

    def _give_up(self, reason: str) -> None:
        self.cancel(reason)

    @property
    def _owns_call_id(self) -> bool:
        return True

    def _next_seq(self) -> int:
        return self._attempt.request.cseq.number + 1

    def _dialog_of(self, request: Request) -> Dialog | None:
        tag = request.from_.tag or ""
        if self._dialog is not None and self._dialog.remote_tag == tag:
            return self._dialog
        return self._branches.get(tag)

    def _bye(self, transaction: ServerTransaction) -> None:
        tag = transaction.request.from_.tag or ""
        if len(self._branches) > 1 and self._branches.pop(tag, None) is not None:
            self._respond(transaction, 200)  # one of several branches is gone; what the INVITE comes to is still open
            return
        super()._bye(transaction)
        if not self._finished:
            self._send_cancel()

    def _die(self, reason: str, *, goodbye: bool = False) -> None:
        if self.confirmed or self.ended:
            super()._die(reason, goodbye=goodbye)
        else:
            self.cancel()

    # answers

    def _on_response(self, answer: Response) -> None:
        self._flow = self._attempt.client.way_back
        try:
            reduce_to_sdp(answer)
        except ParseError:
            answer.body = b""
        if answer.status < 200:
            self._on_provisional(answer)
        elif answer.status < 300:
            self._on_success(answer)
        else:
            self._fail(answer.status, answer.reason, answer.headers)

    def _on_provisional(self, answer: Response) -> None:
        self._provisional = True
        if self._cancel is not None:
            self._send_cancel()
            return
        if answer.status == 100 or self._finished:
            return
        tag = answer.to.tag
        branch = self._branch(tag, answer) if tag is not None else None
        rseq = self._reliable_number(branch, answer) if branch is not None else 0
        if (tag is not None and branch is None) or rseq is None:
            return
        self._note_abilities(answer)
        if answer.body:
            self._described[tag or ""] = answer.body
        progress = Progress(answer.status, answer.reason, answer.body, answer.headers, tag or "", bool(rseq))
        if branch is not None and rseq:
            self._prove(branch, f"{rseq} {answer.cseq.number} INVITE", progress)
        else:
            self._tell(progress)

    def _branch(self, tag: str, answer: Response) -> Dialog | None:
        branch = self._branches.get(tag)
        if branch is None:
            if len(self._branches) >= _MOST_BRANCHES:
                return None
            branch = self._branches[tag] = Dialog.of_client(self._attempt.request, answer)
            if self._dialog is None:
                self._dialog = branch
        return branch

    def _reliable_number(self, branch: Dialog, answer: Response) -> int | None:
        """RSeq of a reliable response, 0 of any other; None for one out of order or heard before (RFC 3262)."""
        if "100rel" not in answer.tokens("require"):
            return 0
        text = answer.headers.get("rseq") or ""
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            return 0
        rseq = int(text)
        last = self._proven.get(branch.remote_tag)
        if rseq == 0 or (last is not None and rseq != last + 1):
            return None
        self._proven[branch.remote_tag] = rseq
        return rseq

    def _prove(self, branch: Dialog, rack: str, progress: Progress) -> None:
        """Tell of a reliable response and PRACK it, with the answer where it made an offer."""
        if self.request.body or not progress.body:
            self._send_prack(branch, rack)
            self._tell(progress)
            return
        self._unproven = branch, rack
        self._tell(progress)
        if self._unproven is not None:  # the listener did not want it
            self._unproven = None
            self._send_prack(branch, rack)

    def _send_prack(self, branch: Dialog, rack: str, body: bytes = b"") -> None:
        fields = (("RAck", rack), ("Content-Type", "application/sdp")) if body else (("RAck", rack),)
        try:
            self._send("PRACK", fields, body, lambda _: None, lambda _: None, dialog=branch)
        except SipError as error:
            _LOGGER.debug("No PRACK: %s", error)

    def _first_offer_open(self, branch: str = "") -> int | None:
        if not self.request.body:
            return None if self._settled else 500
        known = branch or (self._dialog.remote_tag if self._dialog is not None else "")
        return None if known in self._described else 491

    def _on_success(self, answer: Response) -> None:
        tag = answer.to.tag or ""
        if self._finished and self._dialog is not None and self._dialog.remote_tag == tag:
            self._acknowledge(self._dialog, answer.cseq.number)  # the first ACK was lost
            return
        if (declined := self._declined.get(tag)) is not None:
            self._acknowledge(declined, answer.cseq.number)
            return
        dialog = self._branches.pop(tag, None) or Dialog.of_client(self._attempt.request, answer)
        dialog.confirm(answer)
        if self._finished or self._cancel is not None or self.ended:
            self._decline(dialog, answer)
            return
        self._finished = True
        self._dialog = dialog
        self._branches.clear()  # the others have nothing more to say (section 13.2.2.4)
        self._note_abilities(answer)
        self._life.agree(outcome(answer))
        self._remote_sdp = answer.body or self._described.get(tag, b"")
        self._stop_giving_up()
        if self.request.body or self._settled or not answer.body:
            self._acknowledge(dialog, answer.cseq.number)
            self._tell(Accepted(answer.body, answer.headers, tag))
            return
        self._offered_seq = answer.cseq.number
        self._tell(Accepted(answer.body, answer.headers, tag))
        if self._offered_seq is not None:
            self.accept_offer(b"")  # the listener did not want it: the ACK goes without an answer

    def accept_offer(self, body: bytes) -> None:
        """As for any Offer; that of a 200 is answered in its ACK, that of a reliable 1xx in its PRACK."""
        if self._unproven is not None:
            (branch, rack), self._unproven = self._unproven, None
            self._settled = bool(body)
            self._local_sdp = body
            self._send_prack(branch, rack, body)
            return
        if self._offered_seq is None or self._dialog is None:
            super().accept_offer(body)
            return
        seq, self._offered_seq = self._offered_seq, None
        self._local_sdp = body
        self._ack_body = seq, body
        self._acknowledge(self._dialog, seq)

    def _decline(self, dialog: Dialog, answer: Response) -> None:
        """A 200 nobody wants any more: that of another branch, or one that crossed our CANCEL (section 13.2.2.4)."""
        first = not self._finished
        self._acknowledge(dialog, answer.cseq.number)
        headers = (("Reason", self._cancel),) if self._cancel else ()
        try:
            self._send("BYE", headers, b"", lambda _: None, lambda _: None, dialog=dialog)
        except SipError as error:
            _LOGGER.debug("No BYE: %s", error)
        if len(self._declined) < _MOST_BRANCHES:
            self._declined[dialog.remote_tag] = dialog
        if first:
            self._dialog = dialog
            self._fail(487, REASONS[487], answer.headers)

    def _on_failure(self, error: SipError) -> None:
        status = 408 if isinstance(error, TransactionTimeout) else 503
        if self._provisional and status == 408:
            self._send_cancel()  # rang for too long
        self._fail(status, error.message, Headers())

    def _fail(self, status: int, reason: str, headers: Headers) -> None:
        if self._finished:
            return
        self._finished = True
        self._stop_giving_up()
        self._tell(Failed(status, reason, headers))
        self._close()

    # CANCEL

    def _send_cancel(self) -> None:
        """CANCEL the INVITE on its own way and with its own branch (section 9.1)."""
        flow = self._attempt.flow
        if self._cancelling or flow is None:
            return
        self._cancelling = True
        cancel = cancel_of(self._attempt.request)
        if self._cancel:
            cancel.headers.add("Reason", self._cancel)
        self._agent.introduce(cancel)
        self._agent.clients.send(
            cancel, flow.remote, lambda _: None, lambda _: None, flow=flow, branch=self._attempt.client.branch
        )
        self._give_up_timer = self._agent.clock.call_later(self._agent.timers.patience, self._cancelled_in_vain)

    def _cancelled_in_vain(self) -> None:
        """No final answer came to a cancelled INVITE within 64*T1: it is dead (section 9.1)."""
        self._agent.clients.forget(self._attempt.client)
        self._fail(487, REASONS[487], Headers())

    def _stop_giving_up(self) -> None:
        if self._give_up_timer is not None:
            self._give_up_timer.cancel()
            self._give_up_timer = None


class _Latecomers:
    """Hears the 2xx that come when the session is over, so that it need not be kept for them (section 13.2.2.4).

    Repeated ones are acknowledged again, branches that nobody heard of before hung up on.  Half a minute's calls have
    one each, so it keeps the branches' tags alone: all else stands in the answer.
    """

    __slots__ = ("_ack_body", "_agent", "_flow", "_tags")

    def __init__(self, agent: Agent, tags: tuple[str, ...], flow: Flow | None, ack_body: bytes) -> None:
        self._agent = agent
        self._tags = tags
        self._flow = flow
        self._ack_body = ack_body

    def answered(self, answer: Response) -> None:
        tag, seq = answer.to.tag or "", answer.cseq.number
        if tag in self._tags:
            acknowledge(self._agent, Dialog.of_answer(answer), self._flow, seq, self._ack_body)
        elif 0 < len(self._tags) < _MOST_BRANCHES:
            self._tags = (*self._tags, tag)
            dialog = Dialog.of_answer(answer)
            acknowledge(self._agent, dialog, self._flow, seq)
            self._hang_up(dialog)

    def _hang_up(self, dialog: Dialog) -> None:
        try:
            bye = dialog.request("BYE")
            hop, flow = way_of(self._agent, bye, dialog, self._flow)
            self._agent.introduce(bye)
            self._agent.clients.send(bye, hop, lambda _: None, lambda _: None, flow)
        except SipError as error:
            _LOGGER.debug("No BYE: %s", error)
