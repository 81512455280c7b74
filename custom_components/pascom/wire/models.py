"""What crosses the wire, as frozen values.  Knows nothing of Home Assistant.

Unknown fields are ignored, so that a newer PBX may say more; a missing field takes the default written here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from .phone_models import Call, Device, Team, Trunk, Workplace
from .room_models import Room

API_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """The server's first words."""

    api_version: int
    version: str
    name: str
    instance: str

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            api_version=int(data["api_version"]),
            version=str(data["version"]),
            name=str(data["name"]),
            instance=str(data["instance"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person of the PBX; `ha_user` is the linked Home Assistant user.

    `phones` is whether the PBX tells of their phones and calls at all: older ones do not.  `voicemail` is how many
    messages are new, `voicemail_enabled` None where the PBX has no mailboxes.
    """

    name: str
    display_name: str
    extension: str
    ha_user: str | None = None
    provisioned: bool = False
    roles: tuple[str, ...] = ()
    phones: bool = False
    registered: bool = False
    devices: tuple[Device, ...] = ()
    do_not_disturb: bool = False
    availability: str = "available"
    availability_text: str = ""
    idle: bool = False
    profile: str = ""
    profiles: tuple[str, ...] = ()
    in_call: bool = False
    voicemail: int = 0
    voicemail_enabled: bool | None = None

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            name=data["name"],
            display_name=data["display_name"],
            extension=data["extension"],
            ha_user=data.get("ha_user"),
            provisioned=data.get("provisioned", False),
            roles=tuple(data.get("roles", ())),
            phones="registered" in data,
            registered=data.get("registered", False),
            devices=tuple(Device.from_wire(device) for device in data.get("devices", ())),
            do_not_disturb=data.get("do_not_disturb", False),
            availability=data.get("availability", "available"),
            availability_text=data.get("availability_text", ""),
            idle=data.get("idle", False),
            profile=data.get("profile", ""),
            profiles=tuple(data.get("profiles", ())),
            in_call=data.get("in_call", False),
            voicemail=data.get("voicemail", 0),
            voicemail_enabled=data.get("voicemail_enabled"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What its users may see and open (`*` stands for every door), call outside, and which rooms are theirs.

    `dial` holds kinds of numbers (`national`, `international` ...) and prefixes; None where the PBX calls nobody yet,
    as is `rooms` where it has none.
    """

    name: str
    see: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    dial: tuple[str, ...] | None = None
    rooms: tuple[str, ...] | None = None
    provisioned: bool = False

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            name=data["name"],
            see=tuple(data.get("see", ())),
            open=tuple(data.get("open", ())),
            dial=tuple(data["dial"]) if "dial" in data else None,
            rooms=tuple(data["rooms"]) if "rooms" in data else None,
            provisioned=data.get("provisioned", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The ring that a door is in."""

    id: str
    since: datetime
    button: str = ""
    answered_by: str = ""
    rings: tuple[str, ...] = ()

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            since=datetime.fromisoformat(data["since"]),
            button=data.get("button", ""),
            answered_by=data.get("answered_by", ""),
            rings=tuple(data.get("rings", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRing:
    """The newest ring, over or not; `picture` says whether the visitor was photographed."""

    id: str
    at: datetime
    outcome: str
    button: str = ""
    answered_by: str = ""
    picture: bool = False

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            at=datetime.fromisoformat(data["at"]),
            outcome=data["outcome"],
            button=data.get("button", ""),
            answered_by=data.get("answered_by", ""),
            picture=data.get("picture", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A door station; `state` is `idle`, `ringing` or `talking`, `opening` is `dtmf`, `http`, `event` or `none`.

    `voicemail` is how many messages of visitors are new, None where visitors cannot leave any.
    """

    name: str
    display_name: str
    extension: str = ""
    model: str = "generic"
    provisioned: bool = False
    connected: bool = False
    state: str = "idle"
    ring: Ring | None = None
    buttons: Mapping[str, str] = field(default_factory=dict)
    viewers: int = 0
    opening: str = "none"
    picture: bool = False
    two_way: bool = False
    last_ring: LastRing | None = None
    voicemail: int | None = None

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        ring, last_ring = data.get("ring"), data.get("last_ring")
        return cls(
            name=data["name"],
            display_name=data["display_name"],
            extension=data.get("extension", ""),
            model=data.get("model", "generic"),
            provisioned=data.get("provisioned", False),
            connected=data.get("connected", False),
            state=data.get("state", "idle"),
            ring=Ring.from_wire(ring) if ring else None,
            buttons={button["number"]: button["name"] for button in data.get("buttons", ())},
            viewers=data.get("viewers", 0),
            opening=data.get("opening", "none"),
            picture=data.get("picture", False),
            two_way=data.get("two_way", False),
            last_ring=LastRing.from_wire(last_ring) if last_ring else None,
            voicemail=data.get("voicemail"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a client shows, at one moment.

    `connects_people` is whether the PBX tells of calls at all: older ones know doors alone.
    """

    name: str
    instance: str
    version: str
    users: Mapping[str, User]
    doors: Mapping[str, Door]
    calls: Mapping[str, Call] = field(default_factory=dict)
    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    workplaces: Mapping[str, Workplace] = field(default_factory=dict)
    rooms: Mapping[str, Room] = field(default_factory=dict)
    connects_people: bool = False

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        users = (User.from_wire(user) for user in data["users"])
        doors = (Door.from_wire(door) for door in data["doors"])
        calls = (Call.from_wire(call) for call in data.get("calls", ()))
        trunks = (Trunk.from_wire(trunk) for trunk in data.get("trunks", ()))
        teams = (Team.from_wire(team) for team in data.get("teams", ()))
        workplaces = (Workplace.from_wire(workplace) for workplace in data.get("workplaces", ()))
        rooms = (Room.from_wire(room) for room in data.get("rooms", ()))
        return cls(
            name=data["name"],
            instance=data["instance"],
            version=data["version"],
            users={user.name: user for user in users},
            doors={door.name: door for door in doors},
            calls={call.id: call for call in calls},
            trunks={trunk.name: trunk for trunk in trunks},
            teams={team.name: team for team in teams},
            workplaces={workplace.name: workplace for workplace in workplaces},
            rooms={room.name: room for room in rooms},
            connects_people="calls" in data,
        )

    def with_door(self, door: Door) -> Self:
        """The same moment, but for one door."""
        return replace(self, doors={**self.doors, door.name: door})

    def with_user(self, user: User) -> Self:
        return replace(self, users={**self.users, user.name: user})

    def with_call(self, call: Call) -> Self:
        return replace(self, calls={**self.calls, call.id: call})

    def without_call(self, call: str) -> Self:
        return replace(self, calls={key: value for key, value in self.calls.items() if key != call})

    def with_trunk(self, trunk: Trunk) -> Self:
        return replace(self, trunks={**self.trunks, trunk.name: trunk})

    def with_room(self, room: Room) -> Self:
        return replace(self, rooms={**self.rooms, room.name: room})

    def user_at(self, extension: str) -> User | None:
        """The user with this extension."""
        return next((user for user in self.users.values() if user.extension == extension), None)

    def user_of(self, ha_user: str) -> User | None:
        """The user that this Home Assistant user is linked to."""
        return next((user for user in self.users.values() if user.ha_user == ha_user), None)

    def display_name_of(self, user: str) -> str:
        """The name to show for a user's name; a name that is unknown (`system`) stays as it is."""
        known = self.users.get(user)
        return known.display_name if known else user


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `data` holds the fields of this `kind` as they came."""

    kind: str
    data: Mapping[str, Any]

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(kind=data["kind"], data=data)

    @property
    def door(self) -> str:
        """The door it happened at, empty where there is none."""
        return str(self.data.get("door", ""))

    @property
    def room(self) -> str:
        """The conference room it happened in, empty where there is none."""
        return str(self.data.get("room", ""))

    @property
    def call(self) -> str:
        """The call it is about, empty where there is none."""
        return str(self.data.get("call", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is typed into a station or phone.  The password is a secret."""

    server: str
    port: int
    transports: tuple[str, ...]
    username: str
    password: str = field(repr=False)

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            server=data["server"],
            port=int(data["port"]),
            transports=tuple(data.get("transports", ())),
            username=data["username"],
            password=data["password"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A model of door station that the PBX knows."""

    model: str
    name: str
    manufacturer: str = ""
    notes: str = ""

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            model=data["model"],
            name=data["name"],
            manufacturer=data.get("manufacturer", ""),
            notes=data.get("notes", ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The Home Assistant user on whose behalf something is asked."""

    ha_user: str
    name: str
    admin: bool = False

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"ha_user": self.ha_user, "name": self.name}
        return {**wire, "admin": True} if self.admin else wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An encoded still image."""

    content_type: str
    data: bytes = field(repr=False)
    at: datetime | None = None
