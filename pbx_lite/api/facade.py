"""What the API needs of the PBX, as Protocols: commands are tested with fakes of these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from pbx_lite.api.call_facade import Announcer, Calls, Journal, Messages, People, Provisioning, Teams, Trunks
from pbx_lite.api.phonebook_facade import Phonebook
from pbx_lite.api.room_facade import Mailboxes, Prompts, Rooms
from pbx_lite.api.softphone_facade import Softphone
from pbx_lite.directory import Directory, User
from pbx_lite.errors import Unavailable
from pbx_lite.events import EventBus
from pbx_lite.log_book import Line

type OnEnd = Callable[[str, str], None]
"""Called with a code and a sentence when the PBX ends a browser's session by itself."""


class Doorbell(Protocol):
    """The doors.  `by` is the person, None the system; all raise PbxError."""

    async def open(self, door: str, by: User | None) -> str:
        """How it was opened: `dtmf`, `http` or `event`."""
        ...

    async def call(self, door: str, by: User | None) -> None: ...

    async def end(self, door: str, by: User | None) -> None: ...

    async def watch(
        self,
        door: str,
        by: User | None,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[dict[str, Any]],
        on_end: OnEnd,
    ) -> str:
        """The SDP answer."""
        ...

    async def candidate(
        self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None: ...

    async def close_session(self, session: str) -> None: ...

    async def image(self, door: str, by: User | None) -> bytes:
        """A JPEG of now."""
        ...

    def state(self, door: str) -> Mapping[str, Any]:
        """The door's moving parts; they go over those of the directory."""
        ...


class Visitors(Protocol):
    """The journal of the doors."""

    def last_ring(self, door: str) -> Mapping[str, Any] | None: ...

    def last_picture(self, door: str) -> tuple[bytes, datetime] | None: ...

    async def picture(self, door: str, entry: int) -> bytes | None: ...

    async def entries(self, door: str | None, limit: int, before: int | None = None) -> Sequence[Mapping[str, Any]]: ...

    def forget_door(self, door: str) -> None: ...


class Tokens(Protocol):
    """The clients that were paired."""

    async def issue(self, client: str) -> str: ...

    def client_of(self, token: str) -> str | None: ...


class Log(Protocol):
    """The newest lines of the log, without the secrets that may have got into them."""

    @property
    def last(self) -> int: ...

    def parts(self) -> Sequence[str]: ...

    def read(self, *, after: int, level: str, part: str, text: str, limit: int) -> Sequence[Line]: ...

    async def more(self, seconds: float) -> None:
        """Wait for the next line, at most so long."""
        ...


@dataclass(frozen=True, slots=True)
class SipAccess:
    """What is typed into a station beside its account: where this PBX is, and how it may be reached."""

    server: str
    port: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which PBX this is.  `fingerprint` is the SHA-256 of its TLS certificate in hex, empty where it has none."""

    name: str
    instance: str
    version: str
    fingerprint: str = ""


def utc_now() -> datetime:
    return datetime.now(UTC)


def there[S](service: S | None) -> S:
    """A part that a PBX may be built without.  Raises Unavailable."""
    if service is None:
        raise Unavailable("This PBX was built without what does that.")
    return service


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a command may use; a PBX for doors alone does without the parts that may be None."""

    identity: Identity
    directory: Directory
    doorbell: Doorbell
    visitors: Visitors
    bus: EventBus
    calls: Calls | None = None
    announcer: Announcer | None = None
    journal: Journal | None = None
    people: People | None = None
    teams: Teams | None = None
    trunks: Trunks | None = None
    messages: Messages | None = None
    provisioning: Provisioning | None = None
    rooms: Rooms | None = None
    mailboxes: Mailboxes | None = None
    prompts: Prompts | None = None
    softphone: Softphone | None = None
    log: Log | None = None
    phonebook: Phonebook | None = None
    profiles: Sequence[Mapping[str, Any]] = ()
    sip_access: Callable[[], SipAccess] = lambda: SipAccess("", 5060, ("udp",))
    wall: Callable[[], datetime] = field(default=utc_now)
    clock: Callable[[], float] = field(default=monotonic)
