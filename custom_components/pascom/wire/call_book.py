"""Turns the PBX's call events into news: who it concerns, with whom, and what it was.  Knows nothing of Home Assistant.

The PBX tells each thing once, with the few fields that are new.  The book remembers the call until its last event, so
that "ended" still says with whom.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .models import Event, Snapshot
from .phone_models import Call, Party

# What a user's event entity tells.
INCOMING = "incoming"
ANSWERED = "answered"
ENDED = "ended"
MISSED = "missed"
DTMF = "dtmf"
VOICEMAIL = "voicemail"

# What an automation may wait for.
CALL_STARTED = "call_started"
CALL_ANSWERED = "call_answered"
CALL_ENDED = "call_ended"
CALL_MISSED = "call_missed"
DTMF_RECEIVED = "dtmf_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to one user, with what the event entity shows of it."""

    user: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that happened to a call; `users` are those it concerns.

    `joined` is a start told again because another user's phone rings now: for those only who wait for this user.
    """

    kind: str
    users: frozenset[str]
    data: Mapping[str, Any]
    joined: bool = False


@dataclass(slots=True)
class _Page:
    """What is remembered of one call."""

    call: Call
    callee_name: str = ""
    rung: set[str] = field(default_factory=set)
    spoke: set[str] = field(default_factory=set)

    @property
    def concerned(self) -> frozenset[str]:
        return frozenset(self.rung | self.spoke)


class CallBook:
    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._snapshot: Snapshot | None = None

    def begin(self, snapshot: Snapshot) -> None:
        """A fresh snapshot: calls that are not in it ended unheard."""
        self._snapshot = snapshot
        self._pages = {key: page for key, page in self._pages.items() if key in snapshot.calls}
        for call in snapshot.calls.values():
            self.see(call)

    def follow(self, snapshot: Snapshot) -> None:
        """The directory to take names from."""
        self._snapshot = snapshot

    def see(self, call: Call) -> None:
        """The call's state as the PBX shows it now."""
        page = self._pages.setdefault(call.id, _Page(call))
        page.call = call
        for party in call.parties:
            if party.user:
                (page.rung if party.state == "ringing" else page.spoke).add(party.user)

    def hear(self, event: Event) -> tuple[list[Happening], list[News]]:
        """What one of the PBX's call events means to its users, and to automations."""
        if event.kind == "call_started":
            self._open(event)
        page = self._pages.get(event.call)
        if page is None or (tell := _TELLERS.get(event.kind)) is None:
            return [], []
        told = tell(self, page, event)
        if event.kind == "call_ended":
            del self._pages[event.call]
        return told

    # What each event means

    def _open(self, event: Event) -> None:
        data = event.data
        if event.call in self._pages:
            return
        user = str(data.get("caller_user", ""))
        direction = str(data.get("direction", "internal"))
        caller = Party(
            number=str(data.get("caller", "")),
            name=str(data.get("caller_name", "")),
            user=user,
            role="caller",
            state="up",
            external=direction == "inbound",
        )
        call = Call(
            id=event.call,
            direction=direction,
            trunk=str(data.get("trunk", "")),
            number=str(data.get("number", "")),
            started=datetime.fromisoformat(data["at"]) if data.get("at") else None,
            parties=(caller,),
        )
        callee_name = str(data.get("callee_name", ""))
        self._pages[event.call] = _Page(call, callee_name, spoke={user} - {""})

    def _started(self, page: _Page, event: Event) -> tuple[list[Happening], list[News]]:
        users = page.concerned | _some(self._user_at(page.call.number))
        return [], [News(kind=CALL_STARTED, users=users, data=self._facts(page))]

    def _ringing(self, page: _Page, event: Event) -> tuple[list[Happening], list[News]]:
        user = str(event.data.get("user", ""))
        if not user:
            return [], []
        page.rung.add(user)
        happening = self._happening(page, user, INCOMING, outgoing=False)
        news = News(kind=CALL_STARTED, users=frozenset({user}), data=self._facts(page), joined=True)
        return [happening], [news]

    def _answered(self, page: _Page, event: Event) -> tuple[list[Happening], list[News]]:
        by, number = str(event.data.get("by", "")), str(event.data.get("number", ""))
        device = str(event.data.get("device", ""))
        if by:
            page.spoke.add(by)
        number = number or self._extension(by)
        answerer = Party(number=number, name=self._name(by), user=by, device=device, state="up", external=not by)
        if not any(party.role == "callee" and party.state != "ringing" for party in page.call.parties):
            # The call's new state comes in a moment; until then this is what is known of it.
            waiting = tuple(party for party in page.call.parties if party.role == "caller")
            page.call = replace(page.call, parties=(*waiting, answerer))
        happenings = []
        caller = page.call.caller
        if caller is not None and caller.user and caller.user != by:
            happenings.append(self._happening(page, caller.user, ANSWERED, peer=answerer, outgoing=True))
        if by:
            happenings.append(self._happening(page, by, ANSWERED, outgoing=False, device=device))
        data = {**self._facts(page), "by": self._name(by) or number, "by_number": number, "device": device}
        users = _some(by) | _some(caller.user if caller else "")
        return happenings, [News(kind=CALL_ANSWERED, users=users, data=data)]

    def _transferred(self, page: _Page, event: Event) -> tuple[list[Happening], list[News]]:
        """Who gives a call away is through with it."""
        by = str(event.data.get("by", ""))
        if by not in page.spoke:
            return [], []
        page.spoke.discard(by)
        return [self._happening(page, by, ENDED, reason="transferred")], []

    def _dtmf(self, page: _Page, event: Event) -> tuple[list[Happening], list[News]]:
        digit, user = str(event.data.get("digit", "")), str(event.data.get("user", ""))
        number = str(event.data.get("number", "")) or self._extension(user)
        happenings = [self._happening(page, hears, DTMF, digit=digit, by=number) for hears in sorted(page.spoke)]
        data = {**self._facts(page), "digit": digit, "by": self._name(user) or number, "by_number": number}
        return happenings, [News(kind=DTMF_RECEIVED, users=frozenset(page.spoke), data=data)]

    def _missed(self, page: _Page, event: Event) -> tuple[list[Happening], list[News]]:
        user = str(event.data.get("user", ""))
        page.rung.add(user)
        facts = self._facts(page)
        caller = Party(
            number=str(event.data.get("caller") or facts["caller"]),
            name=str(event.data.get("caller_name") or facts["caller_name"]),
        )
        data = {
            **facts,
            "caller": caller.number,
            "caller_name": caller.name,
            "extension": self._extension(user),
            "name": self._name(user),
        }
        happening = self._happening(page, user, MISSED, peer=caller, outgoing=False)
        return [happening], [News(kind=CALL_MISSED, users=_some(user), data=data)]

    def _ended(self, page: _Page, event: Event) -> tuple[list[Happening], list[News]]:
        seconds, reason = round(float(event.data.get("seconds", 0.0))), str(event.data.get("reason", ""))
        happenings = [self._happening(page, user, ENDED, seconds=seconds, reason=reason) for user in sorted(page.spoke)]
        data = {
            **self._facts(page),
            "answered": bool(event.data.get("answered", False)),
            "seconds": seconds,
            "reason": reason,
            "cause": event.data.get("cause"),
            "by": self._name(str(event.data.get("by", ""))),
        }
        return happenings, [News(kind=CALL_ENDED, users=page.concerned, data=data)]

    # What is said of a call

    def _happening(
        self, page: _Page, user: str, kind: str, *, peer: Party | None = None, outgoing: bool | None = None, **more: Any
    ) -> Happening:
        caller = page.call.caller
        if outgoing is None:
            outgoing = caller is not None and caller.user == user
        if peer is None:
            peer = page.call.peer_of(user) if outgoing or caller is None else caller
        data: dict[str, Any] = {
            "call": page.call.id,
            "number": peer.number,
            "name": peer.name,
            "direction": "outgoing" if outgoing else "incoming",
        }
        more = {"trunk": page.call.trunk, **more}
        data |= {key: value for key, value in more.items() if value != ""}
        return Happening(user=user, kind=kind, data=data)

    def _facts(self, page: _Page) -> dict[str, Any]:
        """What every trigger says of the call."""
        call, caller = page.call, page.call.caller
        callee = next((party for party in call.parties if party.role == "callee"), None)
        users = page.concerned | _some(self._user_at(call.number))
        extensions = sorted(filter(None, map(self._extension, users)))
        return {
            "call": call.id,
            "direction": call.direction,
            "trunk": call.trunk,
            "number": call.number,
            "caller": caller.number if caller else "",
            "caller_name": caller.name if caller else "",
            "callee_name": (callee.name if callee else page.callee_name) or self._name(self._user_at(call.number)),
            "extensions": extensions,
        }

    def _user_at(self, extension: str) -> str:
        user = self._snapshot.user_at(extension) if self._snapshot else None
        return user.name if user else ""

    def _extension(self, user: str) -> str:
        known = self._snapshot.users.get(user) if self._snapshot else None
        return known.extension if known else ""

    def _name(self, user: str) -> str:
        return self._snapshot.display_name_of(user) if self._snapshot and user else user


def ringing_now(calls: Iterable[Call]) -> list[Event]:
    """What rings at this moment, as the events that told it: for those who were away when it began."""
    return [
        Event(kind="call_ringing", data={"kind": "call_ringing", "call": call.id, "user": party.user})
        for call in calls
        for party in call.parties
        if party.user and party.role == "callee" and party.state == "ringing"
    ]


def _some(user: str) -> frozenset[str]:
    return frozenset({user} - {""})


_TELLERS = {
    "call_started": CallBook._started,
    "call_ringing": CallBook._ringing,
    "call_answered": CallBook._answered,
    "call_transferred": CallBook._transferred,
    "call_dtmf": CallBook._dtmf,
    "call_missed": CallBook._missed,
    "call_ended": CallBook._ended,
}
