"""Registering with somebody else's registrar and staying registered.

RFC 3261 section 10.2, RFC 3608 for the way of later calls, RFC 5626 and RFC 5627 with registrars that know them.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from enum import Enum, auto

from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import ParseError, SipError, TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import new_tag, user_of
from pbx_lite.sip.attempt import Credentials, Login
from pbx_lite.sip.endpoint import Endpoint
from pbx_lite.sip.headers import NameAddr, parse_number
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.resolve import address_of, hop_to
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_SHORTEST = 10  # seconds between refreshes, whatever the registrar says
_FIRST_RETRY = 2.0  # seconds, doubled with each failure
_LAST_RETRY = 120.0
_LONGEST_WAIT = 1800.0  # whatever Retry-After says: nobody can call us meanwhile
_REFUSED_RETRY = 300.0  # after a wrong password: asking faster would lock us out
_KEEP_ALIVE = {True: 90.0, False: 25.0}  # seconds between keep-alives, by whether the way is a connection
_MOST_ROUTES = 10
_REFUSALS = frozenset({401, 403, 404, 407})


class RegistrationState(Enum):
    UNREGISTERED = auto()
    REGISTERED = auto()
    FAILED = auto()


class Registration:
    """Keeps `address` registered from `start` to `stop`.  `state` and `reason` (a sentence) tell how it stands.

    Once registered, `routes` are the Route values for calls of this line and `hop` is where they go first; `server` is
    who answered last, `observed` our address as it saw us, and `gruu` our address that reaches us alone (RFC 5627).
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Clock,
        registrar: str,
        address: NameAddr,
        credentials: Credentials,
        target: Address | None = None,
        proxy: str = "",
        transport: str = "",
        contact_user: str = "",
        instance: str = "",
        expires: int = 600,
        on_change: Callable[[RegistrationState, str], None] | None = None,
    ) -> None:
        """`registrar` is a URI such as `sip:home.example`; `expires` is in seconds.

        Messages go to `target`, else to `proxy` (a URI, put into Route where it has `lr`), else to the registrar;
        `transport` is used where the URI says none.  `contact_user` is the user of our Contact, if not that of
        `address`.  `instance` (`urn:uuid:…`) asks for outbound and a GRUU.  Raises ParseError for faulty URIs.
        """
        self.state = RegistrationState.UNREGISTERED
        self.reason = ""
        self.server: Address | None = None
        self.observed: Address | None = None
        self.gruu = ""
        self._endpoint = endpoint
        self._clock = clock
        self._registrar = registrar
        self._address = address.with_tag(new_tag())
        self._proxy = (f"<{proxy}>",) if proxy and SipUri.parse(proxy).lr else ()
        self._hop = target or _first_hop(proxy or registrar, transport)
        self._aimed = bool(proxy)
        self._user = contact_user or user_of(address)
        self._instance = instance
        self._contact = ""
        self._service_routes: tuple[str, ...] = ()
        self._keep_alive: Timer | None = None
        self._login = Login(credentials)
        self._expires = expires
        self._on_change = on_change
        self._call_id = secrets.token_hex(16)
        self._seq = 0
        self._failures = 0
        self._tasks = Tasks("registration")
        self._woken: asyncio.Future[None] | None = None

    @property
    def routes(self) -> tuple[str, ...]:
        return self._proxy + self._service_routes

    @property
    def hop(self) -> Address:
        if self._service_routes and not self._aimed:
            try:
                return address_of(NameAddr.parse(self._service_routes[0]).uri)
            except ParseError:
                return self._hop
        return self._hop

    def start(self) -> None:
        self._endpoint.on_lost.append(self._lost)
        self._tasks.spawn(self._run(), name=f"of {self._address.uri}")

    def refresh(self) -> None:
        """Register at once, as when the network changed."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def stop(self, *, within: float = 2.0) -> None:
        """End, and take the binding back if the registrar answers in time (seconds)."""
        await self._tasks.close()
        self._keep_no_more()
        if self._lost in self._endpoint.on_lost:
            self._endpoint.on_lost.remove(self._lost)
        if self.state is not RegistrationState.REGISTERED:
            return
        try:
            async with asyncio.timeout(within):
                await self._register(0)
        except (SipError, TimeoutError) as error:
            _LOGGER.debug("Could not unregister %s: %s", self._address.uri, error)
        self._become(RegistrationState.UNREGISTERED, "")

    async def _run(self) -> None:
        while True:
            try:
                answer = await self._register(self._expires)
                pause = self._judge(answer)
            except SipError as error:
                pause = self._failed(error.message, _FIRST_RETRY, _LAST_RETRY)
            await self._sleep(pause)

    async def _register(self, expires: int) -> Response:
        headers = [("Route", route) for route in self._proxy]
        headers.append(("Expires", str(expires)))
        headers.append(("Supported", "path, outbound, gruu" if self._instance else "path"))
        return await self._endpoint.request(
            "REGISTER",
            self._registrar,
            from_=self._address,
            to=self._address.with_tag(None),
            target=self._hop,
            headers=headers,
            login=self._login,
            call_id=self._call_id,
            seq=self._next_seq,
            prepare=self._add_contact,
            on_way=self._went,
        )

    def _add_contact(self, request: Request, remote: Address) -> None:
        if "contact" in request.headers:
            return
        contact = self._endpoint.contact(remote, self._user)
        self._contact = contact.strip("<>")
        if self._instance:
            contact += f';+sip.instance="<{self._instance}>";reg-id=1'
        request.headers.add("Contact", contact)

    def _went(self, server: Address) -> None:
        self.server = server

    def _lost(self, remote: Address) -> None:
        """The connection to the registrar ended: nobody reaches us until we come again."""
        if remote == self.server and self.state is RegistrationState.REGISTERED:
            self.server = None
            self.refresh()

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _judge(self, answer: Response) -> float:
        """Take the registrar's answer; gives the seconds until the next request."""
        if answer.status < 300:
            self._failures = 0
            granted = granted_to(answer, self._user, self._expires, self._contact)
            self._learn(answer)
            self._become(RegistrationState.REGISTERED, "")
            return max(_SHORTEST, granted - min(granted * 0.2, 60))
        if answer.status == 423 and (shortest := _seconds(answer, "min-expires")) > self._expires:
            self._expires = shortest
            return 0.0
        reason = f"The registrar answered {answer.status} {answer.reason}."
        if answer.status in _REFUSALS:
            return self._failed(reason, _REFUSED_RETRY, _REFUSED_RETRY)
        return self._failed(reason, max(_FIRST_RETRY, min(_seconds(answer, "retry-after"), _LONGEST_WAIT)), _LAST_RETRY)

    def _learn(self, answer: Response) -> None:
        """What else a registrar tells; what cannot be read is left out."""
        try:
            via = answer.via
            if self.server is not None:
                self.observed = Address(self.server.transport, via.received or via.host, via.rport or via.port or 5060)
            routes = [NameAddr.parse(value) for value in answer.headers.all("service-route")[:_MOST_ROUTES]]
            self._service_routes = tuple(str(route) for route in routes)
            ours = next((contact for contact in answer.contacts if contact.uri == self._contact), None)
            self.gruu = (ours.param("pub-gruu") or "") if ours is not None else ""
            outbound = "outbound" in answer.tokens("require")
        except ParseError as error:
            _LOGGER.debug("The answer of %s: %s", self._registrar, error)
            return
        self._keep_way_open(outbound, _seconds(answer, "flow-timer"))

    def _keep_way_open(self, outbound: bool, flow_timer: int) -> None:
        """Send keep-alives a little more often than asked for (RFC 5626 section 4.4)."""
        self._keep_no_more()
        server = self.server
        if server is None:
            return
        pause = max(_SHORTEST, flow_timer * 0.9) if flow_timer else _KEEP_ALIVE[server.is_stream]

        def due() -> None:
            self._endpoint.keep_alive(server, strict=outbound)
            self._keep_alive = self._clock.call_later(pause, due)

        self._keep_alive = self._clock.call_later(pause, due)

    def _keep_no_more(self) -> None:
        if self._keep_alive is not None:
            self._keep_alive.cancel()
            self._keep_alive = None

    def _failed(self, reason: str, first: float, last: float) -> float:
        self._keep_no_more()
        self._become(RegistrationState.FAILED, reason)
        pause = max(first, min(_FIRST_RETRY * (1 << self._failures), last))
        self._failures = min(self._failures + 1, 16)
        return pause * (1 + secrets.randbelow(250) / 1000)  # so that not all come at once after an outage

    def _become(self, state: RegistrationState, reason: str) -> None:
        if (state, reason) == (self.state, self.reason):
            return
        self.state, self.reason = state, reason
        if self._on_change is not None:
            self._on_change(state, reason)

    async def _sleep(self, seconds: float) -> None:
        self._woken = asyncio.get_running_loop().create_future()
        timer = self._clock.call_later(seconds, self.refresh)
        try:
            await self._woken
        finally:
            timer.cancel()


def granted_to(answer: Response, user: str, asked: int, contact: str = "") -> int:
    """Seconds that a 200 to REGISTER grants us among all bindings it lists (RFC 3261 section 10.2.4).

    Ours is the `contact` we sent, else that with the address of our Via, as we wrote it or as they saw it; registrars
    that rewrite it otherwise keep at least the user.
    """
    try:
        default = answer.expires if answer.expires is not None else asked
        via = answer.via
        places = {(via.host, via.port), (via.received, via.rport)}
        same, near, likely = [], [], []
        for each in answer.contacts:
            text = each.param("expires")
            seconds = parse_number(text) if text else default
            if each.uri == contact:
                same.append(seconds)
            if user_of(each) == user:
                likely.append(seconds)
                uri = each.sip_uri
                if (uri.host, uri.port) in places:
                    near.append(seconds)
        return min(same or near or likely or [default])
    except ParseError:
        return asked


def _first_hop(uri: str, transport: str) -> Address:
    """Where messages for a URI go.  Raises ParseError; TransportError for a transport that is none."""
    if transport not in {"", "udp", "tcp", "tls"}:
        raise TransportError(f"The transport {transport!r} is not supported.")
    parsed = SipUri.parse(uri)
    if transport and parsed.transport is None and parsed.scheme == "sip":
        return hop_to(parsed.host, parsed.port or 0, transport)
    return address_of(uri)


def _seconds(answer: Response, name: str) -> int:
    """The number that a header begins with, 0 where there is none."""
    digits = (answer.headers.get(name) or "").split(";")[0].split("(")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0
