"""What becomes of a number that was dialled: a closed set of answers.  Planners decide, the call does.

A planner is a pure question: it looks at an Attempt and says what to do, or None where the number is not its own.
"""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from pbx_lite.calls.leg import Cause, Leg
from pbx_lite.calls.party import Party
from pbx_lite.directory import Account
from pbx_lite.values import dataclass

if TYPE_CHECKING:
    from pbx_lite.calls.call import Call

MOST_DIVERSIONS = 5
"""A number passed on more often than this goes round in circles."""


class Scope(Enum):
    """What kind of call it is for the one who is called: follow me differs between them."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call that looks for its destination.

    `account` is ours that dialled, None for somebody outside.  `diverted` holds the numbers that passed the call on,
    what was dialled first; a planner of people heeds no forwarding of theirs when `direct` is set (ring the device
    asked for, whatever the person's settings say, as for click to dial and announcements).
    """

    call: Call
    caller: Party
    number: str
    account: Account | None = None
    scope: Scope = Scope.INTERNAL
    diverted: tuple[str, ...] = ()
    direct: bool = False
    auto_answer: bool = False

    @property
    def leg(self) -> Leg | None:
        """The caller's leg, None where the PBX itself calls."""
        return self.call.origin


class Reachable(Protocol):
    """One device that can be rung: a registered phone, a mobile number behind a trunk, a browser."""

    @property
    def user(self) -> str:
        """Whose it is; empty for somebody outside."""
        ...

    @property
    def device(self) -> str: ...

    async def ring(self, attempt: Attempt) -> Leg:
        """Call it and give the leg at once, before it rings.  Raises PbxError where that cannot be."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One device in a plan: it rings from `after` seconds on, for `seconds` or until the plan ends."""

    target: Reachable
    after: float = 0.0
    seconds: float | None = None


type Otherwise = Callable[[Cause], "Plan | None"]
"""What comes after nobody answered, was busy or could be reached; None ends the call with that cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Ring these devices for `seconds` at most; the first answer wins.  `callee` is who is called, as shown."""

    callee: Party
    rungs: tuple[Rung, ...]
    seconds: float = 60.0
    otherwise: Otherwise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divert:
    """Plan again with another number, as forwarding does; `reason` is RFC 5806's word."""

    number: str
    reason: str = "unconditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """The call ends here."""

    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """The caller speaks with the PBX itself: an echo test, a feature code, a room.

    `run(call)` answers `call.origin` when it likes; the call is over when it returns or raises PbxError, and the task
    is cancelled when the caller hangs up.  With `missed` it is instead of whoever was called: they are told that they
    missed the call.
    """

    callee: Party
    run: Callable[[Call], Awaitable[None]]
    missed: bool = False


type Plan = Ring | Divert | Refuse | Serve
type Planner = Callable[[Attempt], "Plan | Awaitable[Plan | None] | None"]
