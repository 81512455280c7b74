"""What a call needs of the switchboard it is one of."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pbx_lite.calls.bridge import Bridge
from pbx_lite.calls.leg import TransferRequested
from pbx_lite.calls.party import Party
from pbx_lite.calls.search import Numbers
from pbx_lite.calls.seat import Seat
from pbx_lite.clock import Clock
from pbx_lite.events import EventBus

if TYPE_CHECKING:
    from pbx_lite.calls.call import Call


class Desk(Numbers, Protocol):
    """One switchboard, as its calls see it."""

    @property
    def bus(self) -> EventBus: ...

    @property
    def clock(self) -> Clock: ...

    on_transfer: Callable[[Call, Seat, TransferRequested], None] | None

    def party_of(self, user: str) -> Party | None: ...

    def bridge(self) -> Bridge: ...

    def party_of_number(self, number: str) -> Party: ...

    def over(self, call: Call) -> None: ...
