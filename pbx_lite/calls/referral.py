"""REFER in a party's dialog: checked, answered, and turned into a wish for a transfer."""

from pbx_lite.calls.leg import TransferRequested
from pbx_lite.errors import ParseError
from pbx_lite.sip.invite_events import InDialogRequest
from pbx_lite.sip.refer import ReferSubscription, SendNotify, read_refer


class Referrals:
    """The REFERs of one dialog, of which one is served at a time."""

    def __init__(self) -> None:
        self._served = 0
        self._current: ReferSubscription | None = None

    def take(self, event: InDialogRequest, send: SendNotify) -> TransferRequested | None:
        """Answer a REFER: 202 and what it asks for, or a refusal and None.  `send` carries how it goes."""
        request = event.request
        if self._current is not None and not self._current.over:
            event.respond(491)
            return None
        try:
            refer = read_refer(request)
        except ParseError as fault:
            event.respond(fault.status)
            return None
        event.respond(202, headers=[("Refer-Sub", "false")] if refer.silent else ())
        self._served += 1
        event_id = str(request.cseq.number) if self._served > 1 else ""  # RFC 3515 section 2.4.6
        subscription = ReferSubscription(None if refer.silent else send, event_id)
        self._current = subscription
        subscription.tell(100)
        return TransferRequested(refer.target, refer.replaces, subscription.tell)

    def stop(self) -> None:
        """The dialog is over."""
        if self._current is not None:
            self._current.stop()
