"""Gives a phone its configuration, once: whoever has the address is that phone."""

import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pbx_lite.calls.lockout import Lockout, LockoutRules
from pbx_lite.clock import Clock
from pbx_lite.config import Door, OpenDtmf, User
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.errors import Busy, Invalid, NotFound, PbxError, Unavailable
from pbx_lite.features.provisioning.facts import Keys, Lamp, Server, Setup
from pbx_lite.features.provisioning.models import MODELS, Model

_LOGGER = logging.getLogger(__name__)

LINK_SECONDS = 3600.0
REPEAT_SECONDS = 300.0
"""A phone asks for its configuration more than once while it starts."""
MOST_LINKS = 100
MOST_KEYS = 20
_ROOT = "/provision/"
_NO_PAGE = "Phones cannot reach this PBX's pages; let api.phones or api.listen name an address of the network."
_ANY_PHONE = "phone"
"""How clients call a person's first phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The answer to a phone."""

    status: int
    content_type: str = "text/plain"
    body: bytes = b""


_NOTHING = Page(status=404, body=b"There is nothing here.\n")
_LOCKED = Page(status=429, body=b"Too many wrong addresses came from here; wait a few minutes.\n")
_FOR_PHONES = Page(status=403, body=b"This address is for the phone: type it in there.\n")


@dataclass(slots=True)
class _Link:
    owner: str
    account: str
    model: Model
    until: float
    taken_by: tuple[str, str] | None = None


async def _nobody(_account: str) -> Sequence[int]:
    return ()


def _now() -> datetime:
    return datetime.now(UTC)


class Provisioning:
    """What `api.call_facade.Provisioning` says.  Only hashes of the secrets are kept, and none over a restart.

    `server` is set once the PBX listens; `tell` lets the phones of an account start anew and gives their answers.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        clock: Clock,
        pickup: str = "",
        voicemail: str = "",
        wall: Callable[[], datetime] = _now,
        lockout: Lockout | None = None,
    ) -> None:
        self.server: Callable[[], Server] = lambda: Server(host="", ports={})
        self.tell: Callable[[str], Awaitable[Sequence[int]]] = _nobody
        self._directory = directory
        self._clock = clock
        self._pickup = pickup
        self._voicemail = voicemail
        self._wall = wall
        self._lockout = lockout or Lockout(LockoutRules(failures=5))
        self._links: dict[str, _Link] = {}

    async def close(self) -> None:
        self._links.clear()

    def link(self, user: str, device: str, model: str) -> tuple[str, datetime]:
        """Raises NotFound for an unknown model or device, Unavailable where phones cannot come or have no account."""
        return self._link(self._account(self._directory.user(user), device), model)

    def link_shared(self, workplace: str, model: str) -> tuple[str, datetime]:
        """For a shared phone, by the name of its place.  Raises as `link` does."""
        account = self._directory.by_account(self._directory.workplace(workplace).account)
        if account is None:
            raise Unavailable(f"{workplace} has no account for a phone.")
        return self._link(account, model)

    async def restart(self, user: str, device: str) -> None:
        """Let this phone start anew.  Raises NotFound, and Unavailable where it is not there or does not do that."""
        answers = await self.tell(self._account(self._directory.user(user), device).name)
        if not answers:
            raise Unavailable("This phone is not registered.")
        if min(answers) >= 300:
            raise Unavailable(f"This phone cannot be told to start anew: it answered {min(answers)}.")

    def fetch(self, path: str, *, user_agent: str, source: str) -> Page:
        """What is at this path; the first phone that comes has it, for a while."""
        now = self._clock.time()
        if self._lockout.locked(source, now):
            return _LOCKED
        token, _, file = path.removeprefix(_ROOT).partition("/")
        link = self._links.get(_hash(token))
        if link is None or link.until <= now:
            if self._lockout.failed(source, now):
                _LOGGER.warning("%s is kept from configurations for a while: wrong addresses", source)
            return _NOTHING
        if link.model.says not in user_agent.lower():
            return _FOR_PHONES
        if not file.lower().endswith(link.model.suffix):
            return _NOTHING
        phone = (source, user_agent)
        if link.taken_by is not None and link.taken_by != phone:
            _LOGGER.warning("%s asked for the configuration that %s has", source, link.taken_by[0])
            return _NOTHING
        try:
            body = link.model.render(self._setup(link))
        except PbxError as error:
            _LOGGER.info("A phone of %s gets no configuration: %s", link.owner, error.message)
            return _NOTHING
        if link.taken_by is None:
            _LOGGER.info("%s has the configuration of %s: %s", source, link.account, user_agent[:100])
            link.taken_by = phone
            link.until = min(link.until, now + REPEAT_SECONDS)
        return Page(status=200, content_type=link.model.content_type, body=body.encode())

    # Inside

    def _link(self, account: Account, model: str) -> tuple[str, datetime]:
        known = MODELS.get(model)
        if known is None:
            raise NotFound(f"There is no model {model}; choose one of {', '.join(sorted(MODELS))}.")
        page = self.server().page
        if not page:
            raise Unavailable(_NO_PAGE)
        now = self._clock.time()
        self._links = {key: link for key, link in self._links.items() if link.until > now}
        if len(self._links) >= MOST_LINKS:
            raise Busy("Too many addresses wait for their phones; try again when one has expired.")
        token = secrets.token_urlsafe(24)
        self._links[_hash(token)] = _Link(account.owner, account.name, known, now + LINK_SECONDS)
        return f"{page}{_ROOT}{token}/{known.file}", self._wall() + timedelta(seconds=LINK_SECONDS)

    def _account(self, user: User, device: str) -> Account:
        for name in self._directory.accounts_of(user.name):
            account = self._directory.by_account(name)
            if account is not None and device in {account.device or _ANY_PHONE, account.name, account.device}:
                return account
        if device in {"", _ANY_PHONE}:
            raise Unavailable(f"{user.display_name} has no account for a phone.")
        raise NotFound(f"There is no device named {device}.")

    def _setup(self, link: _Link) -> Setup:
        """As things are now, not as they were when the address was made."""
        account = self._directory.by_account(link.account)
        if account is None or account.owner != link.owner:
            raise NotFound("The account is gone.")
        server = self.server()
        transport = server.transport
        port = server.ports.get(transport)
        if port is None:
            raise Invalid("The PBX listens nowhere.")
        user = self._directory.user(account.owner) if account.kind is AccountKind.USER else None
        codecs = _codecs(user, account.device) if user is not None else ()
        may_pickup = user is None or self._directory.may_pickup(
            user
        )  # who is logged in at a shared phone is asked then
        return Setup(
            name=account.display_name,
            account=account.name,
            password=str(account.password),
            host=server.host,
            port=port,
            transport=transport,
            keys=tuple(self._keys(user)[:MOST_KEYS]),
            pickup=self._pickup if may_pickup else "",
            voicemail=self._voicemail,
            **({"codecs": codecs} if codecs else {}),
        )

    def _keys(self, user: User | None) -> list[Lamp | Keys]:
        """What opens doors first, the doors, then the colleagues; a shared phone has these alone."""
        own = self._door_keys(user) if user is not None else []
        colleagues = [each for each in self._directory.users() if user is None or each.name != user.name]
        return own + [Lamp(label=each.display_name, number=each.extension) for each in colleagues]

    def _door_keys(self, user: User) -> list[Lamp | Keys]:
        doors = self._directory.doors()
        openers: dict[str, list[Door]] = {}
        for door in doors:
            if door.open and self._directory.may(user, "open", door.name):
                openers.setdefault(_typed(door), []).append(door)
        keys: list[Lamp | Keys] = [
            Keys(label=f"Open {opened[0].display_name}" if len(opened) == 1 else "Open", digits=digits)
            for digits, opened in openers.items()
        ]
        seen = [door for door in doors if self._directory.may(user, "see", door.name)]
        return keys + [Lamp(label=door.display_name, number=door.extension) for door in seen]


def _codecs(user: User, device: str) -> tuple[str, ...]:
    """In the order of this phone, else that of its owner; empty for the usual one."""
    own = next((each for each in user.devices if each.name == device), None)
    return (own.codecs if own is not None else ()) or user.codecs


def _typed(door: Door) -> str:
    """What a phone's user types in the call to open: the door's own code, where it has one."""
    return next((str(way.digits) for way in door.open if isinstance(way, OpenDtmf)), "#")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
