"""Opening a door by the ways its owner listed: keys in the call, a request to its relay, an event."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from pbx_lite.config import Door, Open, OpenDtmf, OpenEvent, OpenHttp
from pbx_lite.errors import PbxError, Unavailable
from pbx_lite.events import DoorOpened, DoorOpenFailed, DoorOpenRequested, EventBus

_LOGGER = logging.getLogger(__name__)


class DtmfCall(Protocol):
    """A call with the station in which keys can be sent; every leg is one."""

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        """Send `digits` as `how` (`rfc4733`, `info`, `inband`), one per `digit_ms`.  Raises a PbxError if it cannot."""
        ...


class Web(Protocol):
    """What of `StationHttp` opens."""

    async def request(
        self, url: str, *, method: str, body: str, username: str, password: str, fingerprint: str
    ) -> object: ...


def ways_to_try(listed: Sequence[Open], *, in_call: bool) -> tuple[Open, ...]:
    """The listed ways in the order that makes sense now.

    In a call the owner's order stands.  Without one, what needs no call goes first: calling the station takes seconds.
    """
    if in_call:
        return tuple(listed)
    return tuple(sorted(listed, key=lambda way: isinstance(way, OpenDtmf)))


def how_of(way: Open) -> str:
    """The word for a way in events and on the wire."""
    match way:
        case OpenDtmf():
            return "dtmf"
        case OpenHttp():
            return "http"
        case OpenEvent():
            return "event"


class Opener:
    """Opens one door.  `call_for_dtmf` calls the station and returns once it has answered; who gives it ends that call.

    Every result is published: `DoorOpened`, and `DoorOpenFailed` for each way that did not work.
    """

    def __init__(self, *, web: Web, bus: EventBus, call_for_dtmf: Callable[[], Awaitable[DtmfCall]]) -> None:
        self._web = web
        self._bus = bus
        self._call_for_dtmf = call_for_dtmf
        self._turn = asyncio.Lock()

    async def open(self, door: Door, by: str, call: DtmfCall | None, *, ring: str = "") -> str:
        """Open by the first way that works and say which (`dtmf`, `http`, `event`).

        The rights of `by` have been asked before.  Openings of a door wait for each other, so that keys never mix.
        Raises Unavailable with what every way said.
        """
        if not door.open:
            raise Unavailable(f"No way to open {door.display_name} is set: add `open` to it.")
        async with self._turn:
            return await self._first_that_works(door, by, call, ring)

    async def _first_that_works(self, door: Door, by: str, call: DtmfCall | None, ring: str) -> str:
        errors: list[str] = []
        for way in ways_to_try(door.open, in_call=call is not None):
            how = how_of(way)
            try:
                await self._go(way, door, by, call, ring)
            except PbxError as error:
                errors.append(error.message)
                _LOGGER.warning("Door %s was not opened by %s (%s): %s", door.name, by, how, error.message)
                self._bus.publish(DoorOpenFailed(door=door.name, ring=ring, by=by, how=how, error=error.message))
            else:
                _LOGGER.info("Door %s was opened by %s (%s)", door.name, by, how)
                self._bus.publish(DoorOpened(door=door.name, ring=ring, by=by, how=how))
                return how
        raise Unavailable(" ".join(errors))

    async def _go(self, way: Open, door: Door, by: str, call: DtmfCall | None, ring: str) -> None:
        match way:
            case OpenDtmf():
                station = call or await self._call_for_dtmf()
                await station.send_dtmf(str(way.digits), way.how, way.digit_ms)
            case OpenHttp():
                await self._web.request(
                    way.url,
                    method=way.method,
                    body=way.body,
                    username=way.username,
                    password=way.password,
                    fingerprint=way.fingerprint,
                )
            case OpenEvent():
                self._bus.publish(DoorOpenRequested(door=door.name, ring=ring, by=by))
