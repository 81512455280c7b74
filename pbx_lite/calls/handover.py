"""Blind transfer: one party of two leaves once somebody else has taken its place, and gets the call back if not."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pbx_lite.calls.leg import NORMAL, OUT_OF_ORDER, Cause
from pbx_lite.calls.plan import Attempt, Scope
from pbx_lite.calls.search import Outcome
from pbx_lite.calls.seat import Seat
from pbx_lite.directory import Account
from pbx_lite.errors import PbxError

if TYPE_CHECKING:
    from pbx_lite.calls.call import Call

type Progress = Callable[[int], None]
"""Hears the SIP status of how it goes, the last one final."""


async def hand_over(
    call: Call, seat: Seat, kept: Seat, number: str, progress: Progress, account: Account | None
) -> None:
    """`kept` is connected with whoever takes `number`; `account` is with whose rights that is dialled."""
    before, call.origin = call.origin, kept.leg
    scope = Scope.EXTERNAL if kept.party.external else Scope.INTERNAL
    attempt = Attempt(call=call, caller=kept.party, number=number, account=account, scope=scope)
    outcome: Outcome
    try:
        outcome = await call.find(attempt, progress)
    except PbxError:
        outcome = OUT_OF_ORDER
    if isinstance(outcome, Cause):
        progress(outcome.status)
        call.origin = before
        call.missed()
        await _bring_back(call, seat, kept, outcome)
        return
    progress(200)
    call.chronicle.transfers(seat, number)
    if seat in call.seats:
        call.release(seat)
        seat.leg.hangup(NORMAL)
    await call.settle(outcome)


async def _bring_back(call: Call, seat: Seat, kept: Seat, cause: Cause) -> None:
    """Who gave the call away goes on speaking; if they have hung up already, they are rung again."""
    if seat in call.seats:
        call.readmit(seat)
        return
    if not seat.party.number or seat.party.external:
        call.hang_up(cause)
        return
    call.origin = kept.leg
    attempt = Attempt(call=call, caller=kept.party, number=seat.party.number, direct=True)
    await call.settle(await call.find(attempt))
