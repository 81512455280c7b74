"""A PBX that died in a call hangs up when it is back."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from pbx_lite.calls.farewell import Farewells
from pbx_lite.sip.address import Address
from pbx_lite.sip.dialog import Dialog
from pbx_lite.sip.endpoint import Endpoint, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.invite_events import Accepted, Ended, InviteEvent
from tests.support.clock import FakeClock


class Store:
    """A table that outlives the PBX."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.changes = 0
        self.at_once = 0

    def take_all(self) -> list[dict[str, Any]]:
        rows, self.rows = list(self.rows.values()), {}
        return rows

    def change(self, put: Mapping[str, Any], remove: Iterable[str], *, at_once: bool = False) -> None:
        self.changes += 1
        self.at_once += at_once
        self.rows |= put
        for key in remove:
            self.rows.pop(key, None)


class Session:
    """A session that is up with a station."""

    remote = Address("udp", "192.0.2.9", 5060)
    dialog = Dialog(
        call_id="c1",
        local=NameAddr("", "sip:150@pbx", (("tag", "ours"),)),
        remote=NameAddr("", "sip:station@192.0.2.9", (("tag", "theirs"),)),
        target="sip:station@192.0.2.9",
        local_seq=7,
    )


class Station:
    """Answers a call and waits for its end."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_request(self, incoming: IncomingRequest) -> None:
        incoming.respond(405)

    def on_invite(self, invite: IncomingInvite) -> None:
        invite.listener = self.happened
        invite.accept(b"v=0\r\n")

    def happened(self, event: InviteEvent) -> None:
        if isinstance(event, Ended):
            self.ended.set_result(event.reason)


class Nobody:
    def on_request(self, incoming: IncomingRequest) -> None: ...

    def on_invite(self, invite: IncomingInvite) -> None: ...


def test_a_call_that_ended_well_owes_nothing() -> None:
    store, clock = Store(), FakeClock()
    farewells = Farewells(store, clock)
    key = farewells.up(Session())
    assert store.rows
    farewells.over(key)
    clock.advance(1)
    assert store.rows == {}


def test_what_is_owed_to_a_station_is_written_at_once_and_to_phones_within_a_second() -> None:
    store, clock = Store(), FakeClock()
    farewells = Farewells(store, clock)
    farewells.up(Session(), soon=True)
    assert store.rows == {}
    clock.advance(1)
    assert len(store.rows) == 1
    assert store.at_once == 0
    farewells.up(Session())
    assert store.changes == 2
    assert store.at_once == 1


def test_what_lasts_less_than_a_second_with_a_phone_is_never_written() -> None:
    store, clock = Store(), FakeClock()
    farewells = Farewells(store, clock)
    farewells.over(farewells.up(Session(), soon=True))
    clock.advance(2)
    assert store.changes == 0
    assert clock.pending == []


async def test_a_clean_end_leaves_nothing_unwritten() -> None:
    store, clock = Store(), FakeClock()
    farewells = Farewells(store, clock)
    farewells.over(farewells.up(Session()))
    await farewells.close()
    assert store.rows == {}
    assert clock.pending == []


def test_what_an_earlier_run_left_is_taken_once() -> None:
    store, clock = Store(), FakeClock()
    Farewells(store, clock).up(Session())

    assert Farewells(store, clock)._owed[0]["call_id"] == "c1"
    assert Farewells(store, clock)._owed == []


async def test_the_station_hears_goodbye_from_the_pbx_that_came_back() -> None:
    loop, store, station = asyncio.get_running_loop(), Store(), Station()
    far = Endpoint(clock=loop, handler=station, user_agent="station")
    await far.start(["udp://127.0.0.1:0"])
    died = Endpoint(clock=loop, handler=Nobody(), user_agent="pbx")
    await died.start(["udp://127.0.0.1:0"])
    up = asyncio.Event()
    call = died.invite(
        f"sip:station@127.0.0.1:{far.listening[0].port}",
        from_=NameAddr("", "sip:150@pbx"),
        body=b"v=0\r\n",
        listener=lambda event: up.set() if isinstance(event, Accepted) else None,
    )
    async with asyncio.timeout(20):
        await up.wait()
    Farewells(store, loop).up(call)
    call.listener = None
    await died.stop(grace=0)

    back = Endpoint(clock=loop, handler=Nobody(), user_agent="pbx")
    await back.start(["udp://127.0.0.1:0"])
    farewells = Farewells(store, loop)
    farewells.say(back)
    async with asyncio.timeout(20):
        reason = await station.ended
    await farewells.close()
    await back.stop()
    await far.stop()

    assert "Destination out of order" in reason
