"""A place at the table: one party that is in a call."""

from dataclasses import dataclass

from pbx_lite.calls.leg import Leg
from pbx_lite.calls.party import Party


@dataclass(eq=False, slots=True)
class Seat:
    """`holding` parties have put the others on hold; `caller` marks who began the call."""

    party: Party
    leg: Leg
    device: str = ""
    caller: bool = False
    holding: bool = False
    silent: bool = False

    @property
    def user(self) -> str:
        return self.party.user
