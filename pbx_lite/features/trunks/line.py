"""One line to the outside: its account at a provider, who speaks for the provider, and how many calls it carries."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from pbx_lite.calls.identity import number_of
from pbx_lite.calls.leg import Leg, LegState
from pbx_lite.clock import Clock, Timer
from pbx_lite.config import EVERYONE, Arrival, Trunk
from pbx_lite.errors import ConfigError, ParseError, TransportError
from pbx_lite.features.trunks.blocks import Match, OwnNumbers
from pbx_lite.features.trunks.numbers import destination
from pbx_lite.features.trunks.profiles import profile_of
from pbx_lite.sip.address import DEFAULT_PORTS, Address, bracketed, is_numeric, plain_host
from pbx_lite.sip.endpoint import Credentials, Endpoint
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request
from pbx_lite.sip.registration import Registration, RegistrationState
from pbx_lite.sip.resolve import hop_to
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_LOOK_AGAIN = 300.0
"""Seconds between two looks at where the provider's names lead."""
_LOOK_SOON = 10.0
"""Seconds at least between two looks that somebody's call made us take."""


class LineState(Enum):
    REGISTERING = "registering"
    REGISTERED = "registered"
    FAILED = "failed"
    ADDRESS = "address"
    """A line by address: nothing is registered."""


_STATES = {
    RegistrationState.UNREGISTERED: LineState.REGISTERING,
    RegistrationState.REGISTERED: LineState.REGISTERED,
    RegistrationState.FAILED: LineState.FAILED,
}


class Names(Protocol):
    """Whom to ask where a name leads: `sip.resolve.Resolver`."""

    async def resolve(self, address: Address) -> list[Address]: ...


@dataclass(frozen=True, slots=True)
class Carried:
    """One call that the line carries; `urgent` ones are to an emergency number."""

    leg: Leg
    call: Any
    urgent: bool = False


def _nowhere() -> tuple[Arrival, ...]:
    return ()


class Line:
    """`changed` is told when what a client is shown may differ; `arrivals` are where its numbers lead by now.

    Raises ConfigError for a trunk that leads nowhere.
    """

    def __init__(
        self,
        trunk: Trunk,
        *,
        endpoint: Endpoint,
        names: Names,
        clock: Clock,
        changed: Callable[[Line], None],
        arrivals: Callable[[], tuple[Arrival, ...]] = _nowhere,
    ) -> None:
        self.profile = profile_of(trunk)
        self.trunk = trunk = self.profile.fill(trunk)
        self.reason = ""
        self._arrivals = arrivals
        self._known: tuple[Arrival, ...] = ()
        self._numbers = self._own_numbers()
        self._endpoint = endpoint
        self._names = names
        self.clock = clock
        self._changed = changed
        self._carried: list[Carried] = []
        self._reserved = 0
        self._tasks = Tasks(f"trunk {trunk.name}")
        self._look: Timer | None = None
        self._looked = clock.time() - _LOOK_SOON
        try:
            self.domain, self._hop, self._places = _places(trunk, srv=self.profile.srv)
        except ParseError as error:
            raise ConfigError(f"trunk {trunk.name}", error.message) from error
        self._servers: tuple[Address, ...] = ()
        self._hosts: frozenset[str] = frozenset()
        self._ports: frozenset[int] = frozenset()
        self._is_at([place for place in self._places if is_numeric(place.host)])
        self.registration = None if trunk.address else self._registration()
        self.state = LineState.ADDRESS if trunk.address else LineState.REGISTERING

    @property
    def name(self) -> str:
        return self.trunk.name

    @property
    def title(self) -> str:
        return self.trunk.display_name or self.trunk.name

    @property
    def numbers(self) -> OwnNumbers:
        """Ours, those of the file and those that were named since."""
        if self._arrivals() != self._known:
            self._known = self._arrivals()
            self._numbers = self._own_numbers()
        return self._numbers

    @property
    def usable(self) -> bool:
        """Whether calls may be tried over it."""
        return self.state in {LineState.REGISTERED, LineState.ADDRESS}

    @property
    def caller_number(self) -> str:
        """Ours that is shown for those who have none of their own here; "" where only the account is known."""
        written, only = self.trunk.caller_number, self.numbers.only
        found = destination(written, country=self.trunk.country, area=self.trunk.area) if written else None
        return found.number if found is not None else written or (only.number if only is not None else "")

    def _own_numbers(self) -> OwnNumbers:
        trunk = self.trunk
        later = ((each.number, told(each)) for each in self._known if each.number)
        entries = dict(later) | dict(trunk.numbers)
        return OwnNumbers(entries.items(), country=trunk.country, area=trunk.area)

    # Its life

    def start(self) -> None:
        if self.registration is not None:
            self.registration.start()
        self._look_around()

    async def stop(self) -> None:
        if self._look is not None:
            self._look.cancel()
        await self._tasks.close()
        if self.registration is not None:
            await self.registration.stop(within=1.0)

    def _registration(self) -> Registration:
        trunk = self.trunk
        return Registration(
            self._endpoint,
            clock=self.clock,
            registrar=f"sip:{bracketed(self.domain)}",
            address=NameAddr("", self.account),
            credentials=self.credentials,
            target=None if trunk.proxy else self._hop,
            proxy=_uri(trunk.proxy) if trunk.proxy else "",
            transport=trunk.transport,
            expires=self.profile.expires,
            on_change=self._registered,
        )

    def _registered(self, state: RegistrationState, reason: str) -> None:
        before, self.state, self.reason = self.state, _STATES[state], reason
        if self.state is LineState.FAILED and before is not self.state:
            _LOGGER.warning("The trunk %s is not registered: %s", self.name, reason)
        elif self.state is LineState.REGISTERED:
            _LOGGER.info("The trunk %s is registered", self.name)
            self._look_around()
        self._changed(self)

    # Calls over it

    @property
    def account(self) -> str:
        """Our own address at the provider."""
        return str(SipUri(user=self.trunk.username, host=self.domain))

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.trunk.auth_username or self.trunk.username, self.trunk.password)

    @property
    def hop(self) -> Address:
        """Where calls go first; a name there is asked for by who sends."""
        return self.registration.hop if self.registration is not None else self._hop

    @property
    def routes(self) -> tuple[str, ...]:
        return self.registration.routes if self.registration is not None else ()

    @property
    def peer(self) -> Address:
        """Where the provider is, as a number if one is known: our own address towards it depends on that."""
        return next(iter(self._servers), self.hop)

    @property
    def channels(self) -> int:
        return self.trunk.channels

    @property
    def carried(self) -> list[Carried]:
        """The calls that it carries now."""
        self._carried = [each for each in self._carried if each.leg.state is not LegState.ENDED]
        return list(self._carried)

    @property
    def in_use(self) -> int:
        return len(self.carried) + self._reserved

    @property
    def free(self) -> bool:
        return not self.channels or self.in_use < self.channels

    def reserve(self) -> None:
        """Keep a channel for a call that is being made, until `carry` or `release`."""
        self._reserved += 1

    def release(self) -> None:
        self._reserved = max(0, self._reserved - 1)
        self._changed(self)

    def carry(self, leg: Leg, call: Any, *, urgent: bool = False) -> None:
        """Count a call until its leg ends; a reserved channel becomes its own."""
        self._reserved = max(0, self._reserved - 1)
        self._carried.append(Carried(leg, call, urgent))
        self._changed(self)

    # Calls from it

    def is_from(self, request: Request, source: Address) -> bool:
        """Whether the provider sent this: it comes from one of its addresses, and for us.

        Other programs may run at the same address, so one of three has to fit: the provider's port, our account in the
        request URI, or one of our numbers there or in To.  From counts for nothing.
        """
        if not self.is_at(source):
            if self.is_for_account(request):
                self._look_around()  # perhaps the provider moved; its next call will be known
            return False
        if source.port in self._ports or self.is_for_account(request):
            return True
        return any(self.numbers.find(user) is not None for user in _called(request))

    def is_at(self, source: Address) -> bool:
        """Whether this is an address of the provider, on whatever port; who registered us last has one too."""
        host = plain_host(source.host)
        server = self.registration.server if self.registration is not None else None
        return host in self._hosts or (server is not None and host == plain_host(server.host))

    def is_for_account(self, request: Request) -> bool:
        """Whether the request URI is the Contact that we registered, as far as its user goes."""
        return bool(self.trunk.username) and number_of(NameAddr("", request.uri)) == self.trunk.username

    def called(self, request: Request) -> Match:
        """Which number of ours was called, and where that leads; an empty target where nobody has it.

        See `arrival` for where several ring together.
        """
        users = [user for user in _called(request) if user != self.trunk.username]
        for user in users:
            if (match := self.numbers.find(user)) is not None:
                return match
        own = self.numbers.find(self.trunk.username) if self.trunk.username else None
        if own is not None:
            return own
        if not users and (only := self.numbers.only) is not None:
            return only
        said = self.arrival("")
        return Match(next(iter(users), self.trunk.username), told(said) if said is not None else self.trunk.default)

    def arrival(self, written: str) -> Arrival | None:
        """What was said at runtime of this number of ours, "" for all others; what the file has of it goes first."""
        if written in dict(self.trunk.numbers):
            return None
        return next((each for each in self._arrivals() if each.number == written), None)

    def belongs(self, host: str) -> bool:
        """Whether this host is the provider's: its domain, or one of its addresses."""
        host = plain_host(host.lower())
        names = {self.domain, *(place.host for place in self._places)}
        return host in names or host in self._hosts

    def shown(self) -> dict[str, Any]:
        """The line's state as clients see it."""
        return {
            "name": self.name,
            "display_name": self.title,
            "state": self.state.value,
            "reason": self.reason,
            "channels": self.channels,
            "in_use": self.in_use,
        }

    # Where the provider is

    def _is_at(self, servers: Iterable[Address]) -> None:
        self._servers = tuple(dict.fromkeys(servers))
        self._hosts = frozenset(plain_host(server.host) for server in self._servers)
        self._ports = frozenset({DEFAULT_PORTS["udp"], *(server.port for server in self._servers)})

    def _look_around(self) -> None:
        now = self.clock.time()
        if now - self._looked < _LOOK_SOON:
            return
        self._looked = now
        self._tasks.spawn(self._find_servers(), name="find servers")

    async def _find_servers(self) -> None:
        found: list[Address] = []
        for place in self._places:
            try:
                found += await self._names.resolve(place)
            except TransportError as error:
                _LOGGER.info("The trunk %s: %s", self.name, error)
        server = self.registration.server if self.registration is not None else None
        if server is not None:
            found.append(server)
        if found:
            self._is_at(found)
        if self._look is not None:
            self._look.cancel()
        self._look = self.clock.call_later(_LOOK_AGAIN, self._look_around)


def _called(request: Request) -> list[str]:
    """Whom a provider's INVITE is for, best first: P-Called-Party-ID (RFC 7315), the request URI, To."""
    found = []
    try:
        if (called := request.headers.get("p-called-party-id")) is not None:
            found.append(number_of(NameAddr.parse(called)))
        found += [number_of(NameAddr("", request.uri)), number_of(request.to)]
    except ParseError:
        pass  # what was readable up to here counts
    return [user for user in dict.fromkeys(found) if user]


def _places(trunk: Trunk, *, srv: bool) -> tuple[str, Address, tuple[Address, ...]]:
    """The domain, the first hop, and every place whose addresses are the provider's.  Raises ParseError."""
    if trunk.address:
        address = _by_address(trunk.address, trunk.transport)
        return address.host, address, (address,)
    if not trunk.registrar:
        raise ParseError("it has neither a registrar nor an address nor a profile that knows one")
    registrar = SipUri.parse(_uri(trunk.registrar))
    places = [_hop(registrar, trunk.transport, srv=srv)]
    if trunk.proxy:
        places.insert(0, _hop(SipUri.parse(_uri(trunk.proxy)), trunk.transport, srv=srv))
    return registrar.host, places[0], tuple(places)


def told(arrival: Arrival) -> str:
    """Where a call goes, as automations are told; `*` alone would be the extension behind a block's stem."""
    return ",".join("everyone" if name == EVERYONE else name for name in arrival.rings) or arrival.mailbox


def _hop(uri: SipUri, transport: str, *, srv: bool) -> Address:
    transport = "tls" if uri.scheme == "sips" else uri.transport or transport
    if transport not in {"", *DEFAULT_PORTS}:
        raise ParseError(f"the transport {transport!r} is not supported")
    port = uri.port or (0 if srv else DEFAULT_PORTS[transport or "udp"])
    return hop_to(uri.host, port, transport)


def _by_address(text: str, transport: str) -> Address:
    address = Address.parse(text)
    named = text.strip().rpartition(":")[2].rstrip("/") == str(address.port)
    said = text.strip().partition(":")[0].lower() in DEFAULT_PORTS
    return hop_to(address.host.lower(), address.port if named else 0, address.transport if said else transport)


def _uri(text: str) -> str:
    return text if text.lower().startswith(("sip:", "sips:")) else f"sip:{text}"
