"""What the API needs of calls, phones and lines, as Protocols; `facade` has the rest.

`by` is the person who asks, None for the system and for administrators who are nobody's colleague.  All raise PbxError.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Literal, Protocol

from pbx_lite.calls.party import Party


class SeatSeen(Protocol):
    """One party that is in a call."""

    @property
    def party(self) -> Party: ...

    @property
    def device(self) -> str: ...

    @property
    def caller(self) -> bool: ...

    @property
    def holding(self) -> bool: ...


class DeviceSeen(Protocol):
    """One device that rings."""

    @property
    def user(self) -> str: ...

    @property
    def device(self) -> str: ...


class CallSeen(Protocol):
    """A call, as far as a client is shown it."""

    @property
    def id(self) -> str: ...

    @property
    def state(self) -> Enum: ...

    @property
    def direction(self) -> str: ...

    @property
    def trunk(self) -> str: ...

    @property
    def number(self) -> str: ...

    @property
    def caller(self) -> Party: ...

    @property
    def callee(self) -> Party: ...

    @property
    def started_at(self) -> datetime: ...

    @property
    def answered_at(self) -> datetime | None: ...

    @property
    def seats(self) -> Sequence[SeatSeen]: ...

    @property
    def ringing(self) -> Sequence[DeviceSeen]: ...


class Calls(Protocol):
    """The calls between people.

    `user` says on whose behalf something is done with a call and may be empty where only one person of the house is in
    it.  Whoever asks for another person than themselves is let through by the commands, not here.
    """

    def calls(self) -> Iterable[CallSeen]: ...

    def call(self, call: str) -> CallSeen:
        """Raises NotFound."""
        ...

    def busy(self, user: str) -> bool:
        """Whether the user is in a call."""
        ...

    async def dial(self, user: str, number: str, *, device: str = "", auto_answer: bool = False) -> CallSeen:
        """Ring the user's phones, or one of them, and connect whoever answers with `number`."""
        ...

    def hang_up(self, call: str, user: str) -> None:
        """The user leaves; without one the whole call ends."""
        ...

    async def answer(self, call: str, user: str) -> None:
        """Have a phone of the user that rings take the call by itself."""
        ...

    def hold(self, call: str, user: str) -> None: ...

    def resume(self, call: str, user: str) -> None: ...

    async def send_dtmf(self, call: str, user: str, digits: str) -> None:
        """To whomever the user speaks with; without a user to everybody outside."""
        ...

    def transfer(self, call: str, user: str, number: str) -> None: ...

    def connect(self, call: str, user: str, other: str) -> None:
        """Those whom the user speaks with in both calls are left with each other."""
        ...

    def conference(self, call: str, user: str, other: str) -> None:
        """Three in one call."""
        ...

    def remove(self, call: str, user: str, number: str) -> None:
        """The party with this number, or this name of a user, leaves."""
        ...


class Announcer(Protocol):
    """Speaks to phones that answer by themselves."""

    async def announce(self, targets: Sequence[str], url: str) -> tuple[Sequence[str], Mapping[str, str]]:
        """Whom it reached, and a sentence for each whom it did not."""
        ...


class Journal(Protocol):
    """The calls of the past."""

    async def entries(
        self,
        *,
        user: str = "",
        way: Literal["", "in", "out", "missed"] = "",
        number: str = "",
        keys: Collection[str] = (),
        direction: str = "",
        outcome: str = "",
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Sequence[Mapping[str, Any]], int | None]:
        """Newest first, and where the next page begins, None at the end.

        `user` takes part and sees the call this `way`; `number` are parts of either side's numbers and names, or it is
        a call with one of `keys`, as `Phonebook.numbers_of` has them.
        """
        ...


class People(Protocol):
    """What moves about users: their phones, and how they want to be reached."""

    def state(self, user: str) -> Mapping[str, Any]:
        """How they are reached and what they say of themselves, as the wire shows it."""
        ...

    def workplaces(self) -> Sequence[Mapping[str, Any]]: ...

    async def set(self, user: str, **fields: Any) -> None:
        """`do_not_disturb`, `call_waiting`, `profile`, `mobile` (None: the directory's) and `pin`, as far as given."""
        ...

    def settings(self, user: str) -> Mapping[str, Any]:
        """Follow me, forwarding and the device for outgoing calls."""
        ...

    async def set_follow_me(self, user: str, profile: str, fields: Mapping[str, Any]) -> None:
        """Change this profile; one that is not there yet is made.  `remove` in the fields takes it away."""
        ...

    async def forward(self, user: str, fields: Mapping[str, Any]) -> None:
        """`always`, `busy`, `no_answer`: a number, or empty for none, and the `seconds` before the last of them.

        What is not given stays as it is.
        """
        ...

    def log_in(self, workplace: str, user: str) -> None:
        """Make a shared phone one of the user's."""
        ...

    def log_out(self, workplace: str) -> None: ...


class Teams(Protocol):
    """Who of a team takes calls now, and who waits."""

    def states(self) -> Sequence[Mapping[str, Any]]: ...

    def state(self, name: str) -> Mapping[str, Any]: ...

    def set_duty(self, team: str, user: str, duty: str) -> None:
        """`in`, `paused` or `out`, for a member."""
        ...


class Trunks(Protocol):
    """The lines to the outside."""

    def states(self) -> Sequence[Mapping[str, Any]]: ...

    def answer_route(self, request: str, *, number: str = "", refuse: bool = False, ring: Sequence[str] = ()) -> None:
        """Say where a call goes that a RouteRequested told of.  Raises NotFound once its time is over."""
        ...


class Messages(Protocol):
    """Text from one to another."""

    async def send(self, by: str, to: str, text: str) -> None:
        """`by` and `to` are users; an empty `by` is the home itself.  Raises Unavailable where no phone takes it."""
        ...


class Page(Protocol):
    """What a phone is given that comes for its configuration."""

    @property
    def status(self) -> int: ...

    @property
    def content_type(self) -> str: ...

    @property
    def body(self) -> bytes: ...


class Provisioning(Protocol):
    """Configurations for phones."""

    def link(self, user: str, device: str, model: str) -> tuple[str, datetime]:
        """An address that is good for one device, and until when."""
        ...

    def link_shared(self, workplace: str, model: str) -> tuple[str, datetime]:
        """The same for a shared phone."""
        ...

    async def restart(self, user: str, device: str) -> None:
        """Let this phone start anew.  Raises NotFound and Unavailable."""
        ...

    def fetch(self, path: str, *, user_agent: str, source: str) -> Page:
        """What is at this path, for whoever has its token."""
        ...
