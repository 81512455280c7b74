"""Conference rooms and mailboxes as they cross the wire, as frozen values.  Knows nothing of Home Assistant.

As in `models`: unknown fields are ignored, a missing field takes the default written here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a room; `user` is empty for those who are none of ours, `id` is good while they are in it."""

    id: str
    name: str = ""
    number: str = ""
    user: str = ""
    leader: bool = False
    talking: bool = False
    muted: bool = False
    since: datetime | None = None

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            name=data.get("name", ""),
            number=data.get("number", ""),
            user=data.get("user", ""),
            leader=data.get("leader", False),
            talking=data.get("talking", False),
            muted=data.get("muted", False),
            since=_time(data.get("since")),
        )

    @property
    def title(self) -> str:
        return self.name or self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A conference room and who is in it; `options` are those of the PBX's configuration, by its names."""

    name: str
    display_name: str
    extension: str = ""
    provisioned: bool = False
    has_pin: bool = False
    has_admin_pin: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    active: bool = False
    locked: bool = False
    muted: bool = False
    recording: bool = False
    since: datetime | None = None
    participants: tuple[Participant, ...] = ()

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            name=data["name"],
            display_name=data.get("display_name") or data["name"],
            extension=data.get("extension", ""),
            provisioned=data.get("provisioned", False),
            has_pin=data.get("has_pin", False),
            has_admin_pin=data.get("has_admin_pin", False),
            options=dict(data.get("options", {})),
            active=data.get("active", False),
            locked=data.get("locked", False),
            muted=data.get("muted", False),
            recording=data.get("recording", False),
            since=_time(data.get("since")),
            participants=tuple(Participant.from_wire(each) for each in data.get("participants", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPins:
    """What is entered to get into a room, and to lead it; empty for free entry and for no leader.  Secrets."""

    pin: str = field(default="", repr=False)
    admin_pin: str = field(default="", repr=False)

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(pin=data.get("pin") or "", admin_pin=data.get("admin_pin") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRecording:
    id: str
    at: datetime
    seconds: float = 0.0

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(id=data["id"], at=datetime.fromisoformat(data["at"]), seconds=data.get("seconds", 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMessage:
    """What a caller, or a visitor at a door, left; `picture` is whether the visitor was photographed."""

    id: str
    at: datetime
    caller: str = ""
    caller_name: str = ""
    seconds: float = 0.0
    heard: bool = False
    picture: bool = False

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            at=datetime.fromisoformat(data["at"]),
            caller=data.get("caller", ""),
            caller_name=data.get("caller_name", ""),
            seconds=data.get("seconds", 0.0),
            heard=data.get("heard", False),
            picture=data.get("picture", False),
        )

    @property
    def title(self) -> str:
        return self.caller_name or self.caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """An encoded recording, usually Ogg Opus."""

    content_type: str
    data: bytes = field(repr=False)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
