"""What one person may see and hear of the PBX: doors and rooms as their rights say, of calls their own.

All of it is JSON as it crosses the wire, so that a page of the panel knows what its PBX knows.  Knows nothing of
Home Assistant.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

type Json = Mapping[str, Any]

# What events replace: the list of the snapshot, and what its members are known by.
_REPLACED = {
    "door_changed": ("doors", "name"),
    "user_changed": ("users", "name"),
    "room_changed": ("rooms", "name"),
    "trunk_changed": ("trunks", "name"),
    "team_changed": ("teams", "name"),
    "call_changed": ("calls", "id"),
}
# Of others a page shows who they are, in which roles, and whether they can be called.
_NOT_OF_OTHERS: dict[str, Any] = {"devices": [], "voicemail": 0, "voicemail_enabled": None}
# Whom a call's event may be about.
_PEOPLE = ("user", "by", "caller_user", "callee_user")


class House:
    """The PBX's snapshot as it came, kept up to date by events; empty until there is one."""

    def __init__(self) -> None:
        self.snapshot: dict[str, Any] = {}

    def begin(self, snapshot: Json) -> None:
        self.snapshot = dict(snapshot)

    def hear(self, event: Json) -> None:
        kind = event["kind"]
        if kind == "directory_changed":
            self.begin(event["snapshot"])
        elif (replaced := _REPLACED.get(kind)) is not None:
            members, key = replaced
            # The event's field of the name is called as its kind: `door` of `door_changed`.
            name, state = event[kind.removesuffix("_changed")], event["state"]
            others = [each for each in self.snapshot.get(members, ()) if each[key] != name]
            self.snapshot[members] = others if state is None else [*others, state]

    def user(self, name: str) -> Json | None:
        return next((user for user in self.snapshot.get("users", ()) if user["name"] == name), None)


class Sight:
    """What `user` may see; remembers which calls they were told of, so that they hear how those end."""

    def __init__(
        self, user: str, *, doors: Collection[str] = (), rooms: Collection[str] = (), admin: bool = False
    ) -> None:
        self.user = user
        self._doors = frozenset(doors)
        self._rooms = frozenset(rooms)
        self._admin = admin
        # Calls that are shown, and those whose events are heard: a call may end before or after it is shown no more.
        self._shown: set[str] = set()
        self._heard: set[str] = set()

    def snapshot(self, whole: Json) -> dict[str, Any]:
        """Of the PBX's snapshot what this person may see.  The calls in it are theirs from now on."""
        calls = [call for call in whole.get("calls", ()) if self._takes_part(call)]
        self._shown = {call["id"] for call in calls}
        self._heard = set(self._shown)
        return {
            **whole,
            "users": [self._user(user) for user in whole.get("users", ())],
            "doors": [door for door in whole.get("doors", ()) if door["name"] in self._doors],
            "rooms": [room for room in whole.get("rooms", ()) if room["name"] in self._rooms],
            "teams": [self._team(team) for team in whole.get("teams", ())],
            "trunks": list(whole.get("trunks", ())) if self._admin else [],
            "calls": calls,
        }

    def event(self, event: Json) -> Json | None:
        """The event as this person may hear it, None where it is none of their business."""
        kind = str(event["kind"])
        hear = _EXACTLY.get(kind) or next((hear for start, hear in _BY_START.items() if kind.startswith(start)), None)
        return hear(self, event) if hear is not None else None

    # Each kind of event

    def _at_door(self, event: Json) -> Json | None:
        return event if event["door"] in self._doors else None

    def _in_room(self, event: Json) -> Json | None:
        return event if event["room"] in self._rooms else None

    def _user_changed(self, event: Json) -> Json:
        return {**event, "state": self._user(event["state"])}

    def _team_changed(self, event: Json) -> Json:
        return {**event, "state": self._team(event["state"])}

    def _for_admins(self, event: Json) -> Json | None:
        return event if self._admin else None

    def _of_box(self, event: Json) -> Json | None:
        """A message for this person, or one that a visitor left at a door that they may see."""
        mine = event["user"] == self.user if event["user"] else event["door"] in self._doors
        return event if mine else None

    def _of_book(self, event: Json) -> Json | None:
        """The company's phonebook is everybody's who is somebody here, a private one its owner's."""
        if event["book"] == "company":
            return event if self.user or self._admin else None
        return self._own(event)

    def _own(self, event: Json) -> Json | None:
        return event if event["user"] == self.user else None

    def _to_me(self, event: Json) -> Json | None:
        return event if event["to"] == self.user else None

    def _recording_failed(self, event: Json) -> Json | None:
        where = event["where"]
        return event if where == self.user or where in self._doors or where in self._rooms else None

    def _call_changed(self, event: Json) -> Json | None:
        call, state = event["call"], event["state"]
        if state is not None and self._takes_part(state):
            self._shown.add(call)
            self._heard.add(call)
            return event
        if call not in self._shown:
            return None
        self._shown.discard(call)
        if state is not None:
            # It goes on without them.
            self._heard.discard(call)
        return {**event, "state": None}

    def _call_ended(self, event: Json) -> Json | None:
        heard = event["call"] in self._heard
        self._heard.discard(event["call"])
        return event if heard else None

    def _call_ringing(self, event: Json) -> Json | None:
        """Whose phone rings has their own name for the caller, which is nobody else's."""
        shown = self._in_call(event)
        return shown if shown is None or event["user"] == self.user else {**shown, "known_as": ""}

    def _in_call(self, event: Json) -> Json | None:
        if event["call"] in self._heard or any(event.get(field) == self.user for field in _PEOPLE):
            return event
        return None

    # Private

    def _takes_part(self, call: Json) -> bool:
        return any(party["user"] == self.user for party in call["parties"])

    def _user(self, user: Json) -> Json:
        if user["name"] == self.user:
            return user
        return {key: _NOT_OF_OTHERS.get(key, value) for key, value in user.items()}

    def _team(self, team: Json) -> Json:
        """Who calls a team is the business of its members."""
        mine = self._admin or self.user in team["members"]
        return team if mine else {**team, "waiting": []}


def _never(_sight: Sight, _event: Json) -> None:
    """For Home Assistant itself, or for whom another way finds."""


_EXACTLY: dict[str, Callable[[Sight, Json], Json | None]] = {
    "door_open_requested": _never,
    "user_changed": Sight._user_changed,
    "trunk_changed": Sight._for_admins,
    "team_changed": Sight._team_changed,
    "voicemail_received": Sight._of_box,
    "voicemail_changed": Sight._of_box,
    "phonebook_changed": Sight._of_book,
    "toll_refused": Sight._own,
    "message_received": Sight._to_me,
    "recording_failed": Sight._recording_failed,
    "call_changed": Sight._call_changed,
    "call_ended": Sight._call_ended,
    "call_missed": Sight._own,
    "call_ringing": Sight._call_ringing,
    "call_dtmf": Sight._own,
}
_BY_START: dict[str, Callable[[Sight, Json], Json | None]] = {
    "door_": Sight._at_door,
    "room_": Sight._in_room,
    "call_": Sight._in_call,
}
