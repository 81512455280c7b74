"""Phones, calls and lines as they cross the wire, as frozen values.  Knows nothing of Home Assistant.

As in `models`: unknown fields are ignored, a missing field takes the default written here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of a user; `kind` is `phone`, `mobile`, `workplace` or `browser`."""

    name: str
    account: str = ""
    kind: str = "phone"
    registered: bool = False
    user_agent: str = ""

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            name=data["name"],
            account=data.get("account", ""),
            kind=data.get("kind", "phone"),
            registered=data.get("registered", False),
            user_agent=data.get("user_agent", ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody in a call: `user` is empty for those outside, `number` is `anonymous` for those who hide theirs.

    `role` is `caller` or `callee`, `state` is `ringing`, `up`, `holding` or `held`.
    """

    number: str
    name: str = ""
    user: str = ""
    device: str = ""
    role: str = "callee"
    state: str = "ringing"
    external: bool = False

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            number=data["number"],
            name=data.get("name", ""),
            user=data.get("user", ""),
            device=data.get("device", ""),
            role=data.get("role", "callee"),
            state=data.get("state", "ringing"),
            external=data.get("external", False),
        )


class LineState(StrEnum):
    """What a user's phones do, the most urgent first."""

    IN_CALL = "in_call"
    DIALLING = "dialling"
    RINGING = "ringing"
    ON_HOLD = "on_hold"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as everybody sees it; `direction` is `internal`, `inbound` or `outbound`, `number` is what was dialled."""

    id: str
    state: str = "dialling"
    direction: str = "internal"
    trunk: str = ""
    number: str = ""
    started: datetime | None = None
    answered: datetime | None = None
    parties: tuple[Party, ...] = ()

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            state=data.get("state", "dialling"),
            direction=data.get("direction", "internal"),
            trunk=data.get("trunk", ""),
            number=data.get("number", ""),
            started=_time(data.get("started")),
            answered=_time(data.get("answered")),
            parties=tuple(Party.from_wire(party) for party in data.get("parties", ())),
        )

    @property
    def caller(self) -> Party | None:
        return next((party for party in self.parties if party.role == "caller"), None)

    def party_of(self, user: str) -> Party | None:
        """The user's part in it: of several devices that ring the first, once one is taken that one."""
        own = [party for party in self.parties if party.user == user]
        return next((party for party in own if party.state != "ringing"), own[0] if own else None)

    def peer_of(self, user: str) -> Party:
        """Whom the user speaks with, or will; before anybody rings that is the number they dialled."""
        own = self.party_of(user)
        others = [party for party in self.parties if party.user != user or not user]
        if own is not None and own.role == "callee" and self.caller in others and self.caller is not None:
            return self.caller
        spoken = next((party for party in others if party.state != "ringing"), others[0] if others else None)
        return spoken or Party(number=self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One user's view of the call that concerns them most."""

    state: LineState = LineState.IDLE
    call: Call | None = None
    peer: Party | None = None
    outgoing: bool = False


def lines_of(user: str, calls: Iterable[Call]) -> list[Line]:
    """The user's calls, the one that concerns them most first."""
    order = list(LineState)
    lines = [_line(call, party, user) for call in calls if (party := call.party_of(user))]
    return sorted(lines, key=lambda line: order.index(line.state))


def line_of(user: str, calls: Iterable[Call]) -> Line:
    """What the user's phones do: of several calls the most urgent counts."""
    return next(iter(lines_of(user, calls)), Line())


def _line(call: Call, party: Party, user: str) -> Line:
    outgoing = party.role == "caller"
    if outgoing and call.state in {"dialling", "ringing"}:
        state = LineState.DIALLING
    else:
        state = _LINE_STATES.get(party.state, LineState.IN_CALL)
    return Line(state=state, call=call, peer=call.peer_of(user), outgoing=outgoing)


_LINE_STATES = {
    "ringing": LineState.RINGING,
    "up": LineState.IN_CALL,
    "holding": LineState.ON_HOLD,
    "held": LineState.ON_HOLD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A line to the outside; `state` is `registered`, `failed`, `registering` or `address` (it needs none)."""

    name: str
    display_name: str
    state: str = "registering"
    reason: str = ""
    channels: int | None = None
    in_use: int = 0

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            name=data["name"],
            display_name=data.get("display_name") or data["name"],
            state=data.get("state", "registering"),
            reason=data.get("reason", ""),
            channels=data.get("channels"),
            in_use=data.get("in_use", 0),
        )

    @property
    def usable(self) -> bool:
        return self.state in {"registered", "address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Users that ring together."""

    name: str
    display_name: str
    extension: str = ""
    members: tuple[str, ...] = ()

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            name=data["name"],
            display_name=data.get("display_name") or data["name"],
            extension=data.get("extension", ""),
            members=tuple(data.get("members", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A phone that users log in to; `user` is who is logged in."""

    name: str
    display_name: str
    user: str | None = None

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(name=data["name"], display_name=data.get("display_name") or data["name"], user=data.get("user"))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
