"""Registering with somebody else's registrar and staying registered (RFC 3261 section 10.2)."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from enum import Enum, auto

from pbx_lite.clock import Clock
from pbx_lite.errors import ParseError, SipError
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import new_tag, user_of
from pbx_lite.sip.attempt import Credentials, Login
from pbx_lite.sip.endpoint import Endpoint
from pbx_lite.sip.headers import NameAddr, parse_number
from pbx_lite.sip.message import Response
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_SHORTEST = 10  # seconds between refreshes, whatever the registrar says
_FIRST_RETRY = 2.0  # seconds, doubled with each failure
_LAST_RETRY = 120.0
_REFUSED_RETRY = 300.0  # after a wrong password: asking faster would lock us out
_REFUSALS = frozenset({401, 403, 404, 407})


class RegistrationState(Enum):
    UNREGISTERED = auto()
    REGISTERED = auto()
    FAILED = auto()


class Registration:
    """Keeps `address` registered from `start` to `stop`.  `state` and `reason` (a sentence) tell how it stands."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Clock,
        registrar: str,
        address: NameAddr,
        credentials: Credentials,
        target: Address | None = None,
        expires: int = 600,
        on_change: Callable[[RegistrationState, str], None] | None = None,
    ) -> None:
        """`registrar` is a URI such as `sip:home.example`; `expires` is in seconds."""
        self.state = RegistrationState.UNREGISTERED
        self.reason = ""
        self._endpoint = endpoint
        self._clock = clock
        self._registrar = registrar
        self._address = address.with_tag(new_tag())
        self._login = Login(credentials)
        self._target = target
        self._expires = expires
        self._on_change = on_change
        self._call_id = secrets.token_hex(16)
        self._seq = 0
        self._failures = 0
        self._tasks = Tasks("registration")
        self._woken: asyncio.Future[None] | None = None

    def start(self) -> None:
        self._tasks.spawn(self._run(), name=f"of {self._address.uri}")

    def refresh(self) -> None:
        """Register at once, as when the network changed."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def stop(self, *, within: float = 2.0) -> None:
        """End, and take the binding back if the registrar answers in time (seconds)."""
        await self._tasks.close()
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
        return await self._endpoint.request(
            "REGISTER",
            self._registrar,
            from_=self._address,
            to=self._address.with_tag(None),
            target=self._target,
            headers=(("Expires", str(expires)),),
            login=self._login,
            call_id=self._call_id,
            seq=self._next_seq,
        )

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _judge(self, answer: Response) -> float:
        """Take the registrar's answer; gives the seconds until the next request."""
        if answer.status < 300:
            self._failures = 0
            granted = granted_to(answer, user_of(self._address), self._expires)
            self._become(RegistrationState.REGISTERED, "")
            return max(_SHORTEST, granted - min(granted * 0.2, 60))
        if answer.status == 423 and (shortest := _seconds(answer, "min-expires")) > self._expires:
            self._expires = shortest
            return 0.0
        reason = f"The registrar answered {answer.status} {answer.reason}."
        if answer.status in _REFUSALS:
            return self._failed(reason, _REFUSED_RETRY, _REFUSED_RETRY)
        return self._failed(reason, max(_FIRST_RETRY, _seconds(answer, "retry-after")), _LAST_RETRY)

    def _failed(self, reason: str, first: float, last: float) -> float:
        self._become(RegistrationState.FAILED, reason)
        pause = max(first, min(_FIRST_RETRY * (1 << self._failures), last))
        self._failures = min(self._failures + 1, 16)
        return pause * (0.75 + secrets.randbelow(500) / 1000)  # so that not all come at once after an outage

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


def granted_to(answer: Response, user: str, asked: int) -> int:
    """Seconds that a 200 to REGISTER grants us among all bindings it lists (RFC 3261 section 10.2.4).

    Ours is the Contact with the address of our Via; registrars that rewrite it keep at least the user.
    """
    try:
        default = answer.expires if answer.expires is not None else asked
        via = answer.via
        ours, likely = [], []
        for contact in answer.contacts:
            text = contact.param("expires")
            seconds = parse_number(text) if text else default
            if user_of(contact) == user:
                likely.append(seconds)
                uri = contact.sip_uri
                if (uri.host, uri.port) == (via.host, via.port):
                    ours.append(seconds)
        return min(ours or likely or [default])
    except ParseError:
        return asked


def _seconds(answer: Response, name: str) -> int:
    """The number that a header begins with, 0 where there is none."""
    digits = (answer.headers.get(name) or "").split(";")[0].split("(")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0
