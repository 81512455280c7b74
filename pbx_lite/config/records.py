"""The records that a configuration is made of; what Home Assistant creates at runtime has the same shape.

Field names are the keys of `pbx.yaml` except where a docstring says otherwise.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

EVERYONE = "*"
"""In `see` and `open`: every door.  In `rings`: everyone whose role sees the door."""

type DtmfCarrier = Literal["rfc4733", "info", "inband"]
type EarlyPicture = Literal["auto", "early_media", "silent_answer", "url"]
type HttpMethod = Literal["GET", "POST", "PUT"]


class Secret(str):
    """A password, PIN or token: a plain string to those who need it, dots in every `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'•••'"


NO_SECRET = Secret()


@dataclass(frozen=True, slots=True, kw_only=True)
class SipConfig:
    """`listen` holds URLs such as `udp://0.0.0.0:5060`; those outside are told `public_address`, if set.

    `stun` is the server that is asked for it otherwise (`stun.example` or `stun.example:3478`), empty for none.
    `nameserver` (`192.0.2.53` or `192.0.2.53:53`) is asked for providers' names in place of the system's.
    One account may have `calls_per_account` at a time: far beyond any phone, but not all that there are ports for.
    """

    listen: tuple[str, ...] = ("udp://0.0.0.0:5060", "tcp://0.0.0.0:5060", "tls://0.0.0.0:5061")
    domain: str = ""
    public_address: str = ""
    stun: str = ""
    nameserver: str = ""
    calls_per_account: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpConfig:
    """The ports sound and pictures use, both ends included; `ports: 30000-35000` in the file."""

    first: int = 30000
    last: int = 35000

    @property
    def ports(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """`listen: 127.0.0.1:8765` in the file.  A token given here is valid beside those of paired clients.

    `phones` is a further address, with TLS, at which phones fetch their configurations and nothing else is answered:
    for an API that is on loopback.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    phones: tuple[str, int] | None = None
    token: Secret = NO_SECRET

    @property
    def loopback(self) -> bool:
        """Nobody outside this machine can reach it, so it needs no TLS."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What its users may do: `see` (be shown, watch, talk) and `open`, each a tuple of door names or `*`.

    `dial` allows calls to the outside: `emergency`, `national`, `mobile`, `international`, `premium`, or a prefix in
    international form such as `+4930`; `pickup` lets them take calls that ring at others.  `rooms` are those that they
    may look into, join and steer from Home Assistant; with `phonebook` they may change the company's phonebook.
    """

    name: str
    see: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    dial: tuple[str, ...] = ("emergency", "national", "mobile")
    pickup: bool = True
    rooms: tuple[str, ...] = (EVERYONE,)
    phonebook: bool = False
    provisioned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A further phone of a user, with an account of its own; `extension` is set where it can be dialled by itself.

    `codecs` is the order of audio formats it is offered (empty: the PBX's own); names as SDP writes them.
    """

    name: str
    account: str
    password: Secret
    extension: str = ""
    codecs: tuple[str, ...] = ()
    provisioned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person.  Their first phone registers as `extension`; an empty password means that no phone may.

    `mobile` is the number of their mobile phone, `codecs` the order for their first phone (empty: the PBX's own).
    `language` is what they are spoken to in (empty: the PBX's own), `voicemail` whether they have a mailbox.
    """

    name: str
    display_name: str
    extension: str
    password: Secret = NO_SECRET
    roles: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    mobile: str = ""
    codecs: tuple[str, ...] = ()
    language: str = ""
    voicemail: bool = False
    provisioned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One bell button of a station: the number it dials, its name, and whom it rings (empty: whom the door rings)."""

    number: str
    name: str
    rings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """Where a door's picture comes from: the call itself, `url` (RTSP, HTTP MJPEG or JPEG), `image_url` for stills."""

    in_call: bool = True
    url: str = ""
    image_url: str = ""
    username: str = ""
    password: Secret = NO_SECRET
    early: EarlyPicture = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDtmf:
    """Digits sent in the call (`dtmf` in the file), one per `digit_ms` milliseconds."""

    digits: Secret
    how: DtmfCarrier = "rfc4733"
    digit_ms: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHttp:
    """A request to the station's relay (`http` in the file); `fingerprint` pins a self-signed certificate (SHA-256)."""

    url: str
    method: HttpMethod = "GET"
    body: str = ""
    username: str = ""
    password: Secret = NO_SECRET
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEvent:
    """Home Assistant hears `DoorOpenRequested` and does what it likes."""


type Open = OpenDtmf | OpenHttp | OpenEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A door station.  It registers as `extension`, or calls from `address` (`udp:192.0.2.9:5060`), or both.

    `open` lists the ways to open it, the first being the one that is tried first.  With `leave_message` a visitor whom
    nobody answers may speak a message.
    """

    name: str
    display_name: str
    extension: str
    password: Secret = NO_SECRET
    address: str = ""
    model: str = "generic"
    rings: tuple[str, ...] = (EVERYONE,)
    buttons: tuple[Button, ...] = ()
    ring_seconds: float = 30
    late_seconds: float = 30
    video: Video = Video()
    open: tuple[Open, ...] = ()
    leave_message: bool = False
    provisioned: bool = True

    def button(self, number: str) -> Button | None:
        """The button that dials `number`."""
        return next((button for button in self.buttons if button.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A conference room; `pin` is None where it is to be generated, empty for free entry.

    The options are those of Asterisk's ConfBridge, by its names where it has one: `admin_pin` makes a leader of who
    enters it; with `wait_marked` the others hear music until a leader is there, with `end_marked` they are sent home
    when the last one leaves; `max_members` and `minutes` are 0 for no limit.  `announce_join_leave` has everybody
    speak their name before they enter (`Mitteilung` in the pascom manual).  `music` is a playlist, empty the default.
    """

    name: str
    display_name: str
    extension: str
    pin: Secret | None = None
    admin_pin: Secret = NO_SECRET
    announce_join_leave: bool = False
    announce_user_count: bool = False
    music_on_hold_when_empty: bool = True
    music: str = ""
    wait_marked: bool = False
    end_marked: bool = False
    startmuted: bool = False
    quiet: bool = False
    max_members: int = 0
    minutes: int = 0
    record_conference: bool = False
    denoise: bool = False
    talk_detection_events: bool = True
    dtmf_passthrough: bool = False
    language: str = ""
    provisioned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A group that is dialled by one number: all of its members ring, as their follow me says for team calls.

    `*` in `members` is everybody, those included whom Home Assistant makes later.  Where nobody is free or answers, a
    caller waits with music for `wait_seconds`; 0 ends the call.
    """

    name: str
    display_name: str
    extension: str
    members: tuple[str, ...] = ()
    ring_seconds: float = 60
    wait_seconds: float = 0
    provisioned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A shared phone.  Whoever logs in there with a feature code and their PIN makes it one of their devices."""

    name: str
    display_name: str
    account: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A line to the outside.  Fields left empty are filled from `profile`, a row of the providers' table.

    `registrar` is a URI (`sip:provider.example`); a trunk by address has `address` instead (`udp:192.0.2.7:5060`, or
    a name) and no account.  `numbers` maps a number or a block (`+498912340-99`, `+49891234*`) to a user, team, room,
    door of interest or extension; `default` takes what no number fits.  `prefix` is what people dial for this line,
    `caller_number` what the other side is shown for users without a number here.
    """

    name: str
    display_name: str = ""
    profile: str = ""
    registrar: str = ""
    address: str = ""
    proxy: str = ""
    transport: str = ""
    username: str = ""
    auth_username: str = ""
    password: Secret = NO_SECRET
    numbers: tuple[tuple[str, str], ...] = ()
    default: str = ""
    prefix: str = "0"
    caller_number: str = ""
    country: str = "49"
    area: str = ""
    channels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Where calls to one number of a trunk go, as somebody said while the PBX runs; what the file says goes first.

    `number` is written as in a trunk's `numbers`, empty for every call that no number fits.  `rings` are users and
    teams, `*` for everybody, or one room or door alone; whom nobody answers speaks to the `mailbox` of a user, at once
    where nobody rings.
    """

    number: str = ""
    rings: tuple[str, ...] = ()
    mailbox: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """Rules for calls to the outside and the numbers of features; everything has a default that is safe at home.

    `emergency` numbers always pass.  `refused` are prefixes in international form that cost and are refused unless a
    role's `dial` allows them; `hourly` and `minutes` limit one person's calls to the outside in an hour.  `codes` holds
    what the file changes of `codes.DEFAULT_CODES`: a feature and what is dialled for it, empty to switch it off.
    """

    emergency: tuple[str, ...] = ("110", "112")
    refused: tuple[str, ...] = ()
    hourly: int = 60
    minutes: int = 600
    codes: tuple[tuple[str, str], ...] = ()
    journal_days: int = 365
    route_seconds: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole of `pbx.yaml`; `data` is absolute.

    `language` is what callers are spoken to in; `music` maps a playlist to its folder, `hold` being what everybody
    hears who is put on hold.
    """

    name: str = "Home"
    data: Path = field(default_factory=lambda: Path("data").absolute())
    sip: SipConfig = SipConfig()
    rtp: RtpConfig = RtpConfig()
    api: ApiConfig = ApiConfig()
    roles: tuple[Role, ...] = ()
    users: tuple[User, ...] = ()
    doors: tuple[Door, ...] = ()
    rooms: tuple[Room, ...] = ()
    teams: tuple[Team, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    calling: Calling = Calling()
    language: str = "en"
    music: tuple[tuple[str, Path], ...] = ()
