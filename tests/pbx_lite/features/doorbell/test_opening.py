import asyncio
from typing import Any

import pytest

from pbx_lite.config import Door, Open, OpenDtmf, OpenEvent, OpenHttp, Secret
from pbx_lite.errors import SipError, Unavailable
from pbx_lite.events import DoorOpened, DoorOpenFailed, DoorOpenRequested, Event, EventBus
from pbx_lite.features.doorbell.opening import Opener, how_of, ways_to_try
from pbx_lite.tasks import spawn

KEYS = OpenDtmf(digits=Secret("00#"))
RELAY = OpenHttp(url="http://127.0.0.1/open", method="PUT", body="<x/>", username="x", password=Secret("y"))
EVENT = OpenEvent()


class Call:
    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[tuple[str, str, int]] = []
        self.error = error
        self.go = asyncio.Event()
        self.go.set()

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        await self.go.wait()
        if self.error is not None:
            raise self.error
        self.sent.append((digits, how, digit_ms))


class Relay:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.error: Exception | None = None

    async def request(self, url: str, **fields: Any) -> None:
        if self.error is not None:
            raise self.error
        self.asked.append({"url": url, **fields})


class House:
    """An opener with everything around it."""

    def __init__(self) -> None:
        self.relay = Relay()
        self.placed: list[Call] = []
        self.call_error: Exception | None = None
        self.events: list[Event] = []
        bus = EventBus()
        bus.listen(self.events.append)
        self.opener = Opener(web=self.relay, bus=bus, call_for_dtmf=self.place_call)

    async def place_call(self) -> Call:
        if self.call_error is not None:
            raise self.call_error
        self.placed.append(Call())
        return self.placed[-1]

    async def open(self, *ways: Open, call: Call | None = None) -> str:
        return await self.opener.open(door(*ways), "anna", call, ring="r1")


def door(*ways: Open) -> Door:
    return Door(name="front", display_name="Front door", extension="150", open=ways)


@pytest.fixture
def house() -> House:
    return House()


def test_in_a_call_the_owners_order_stands():
    assert ways_to_try((KEYS, RELAY, EVENT), in_call=True) == (KEYS, RELAY, EVENT)
    assert ways_to_try((RELAY, KEYS), in_call=True) == (RELAY, KEYS)


def test_without_a_call_what_needs_none_goes_first_in_the_owners_order():
    assert ways_to_try((KEYS, EVENT, RELAY), in_call=False) == (EVENT, RELAY, KEYS)
    assert ways_to_try((KEYS,), in_call=False) == (KEYS,)


def test_every_way_has_a_word():
    assert [how_of(way) for way in (KEYS, RELAY, EVENT)] == ["dtmf", "http", "event"]


async def test_keys_are_sent_in_the_call_as_the_owner_set_them(house):
    call = Call()
    assert await house.open(OpenDtmf(digits=Secret("5*"), how="info", digit_ms=800), RELAY, call=call) == "dtmf"
    assert call.sent == [("5*", "info", 800)]
    assert not house.placed
    assert house.events == [DoorOpened(door="front", ring="r1", by="anna", how="dtmf")]


async def test_without_a_call_the_relay_is_asked_with_its_account(house):
    assert await house.open(KEYS, RELAY) == "http"
    assert house.relay.asked == [
        {
            "url": RELAY.url,
            "method": "PUT",
            "body": "<x/>",
            "username": "x",
            "password": "y",
            "fingerprint": "",
        }
    ]
    assert not house.placed


async def test_without_a_call_and_with_keys_alone_the_door_is_called(house):
    assert await house.open(KEYS) == "dtmf"
    assert house.placed[0].sent == [("00#", "rfc4733", 500)]


async def test_an_event_asks_home_assistant(house):
    assert await house.open(EVENT) == "event"
    assert house.events == [
        DoorOpenRequested(door="front", ring="r1", by="anna"),
        DoorOpened(door="front", ring="r1", by="anna", how="event"),
    ]


async def test_when_one_way_fails_the_next_is_tried_and_both_are_logged(house, caplog):
    house.relay.error = Unavailable("The relay is off.")
    with caplog.at_level("INFO"):
        assert await house.open(RELAY, KEYS, call=Call()) == "dtmf"
    assert house.events == [
        DoorOpenFailed(door="front", ring="r1", by="anna", how="http", error="The relay is off."),
        DoorOpened(door="front", ring="r1", by="anna", how="dtmf"),
    ]
    assert [record.message for record in caplog.records] == [
        "Door front was not opened by anna (http): The relay is off.",
        "Door front was opened by anna (dtmf)",
    ]


async def test_a_call_that_breaks_hands_over_to_the_relay(house):
    assert await house.open(KEYS, RELAY, call=Call(SipError("The call ended."))) == "http"


async def test_when_nothing_works_every_reason_is_told(house):
    house.relay.error = Unavailable("The relay is off.")
    house.call_error = Unavailable("The station is not registered.")
    with pytest.raises(Unavailable, match=r"The relay is off\. The station is not registered\."):
        await house.open(KEYS, RELAY)
    assert [type(event) for event in house.events] == [DoorOpenFailed, DoorOpenFailed]


async def test_a_door_without_a_way_to_open_says_so(house):
    with pytest.raises(Unavailable, match="No way to open Front door"):
        await house.open()


async def test_openings_of_one_door_wait_for_each_other(house):
    first, second = Call(), Call()
    first.go.clear()
    tasks = [spawn(house.open(KEYS, call=call), name="open") for call in (first, second)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert not second.sent
    first.go.set()
    assert await asyncio.gather(*tasks) == ["dtmf", "dtmf"]
    assert second.sent


async def test_no_code_and_no_password_is_logged(house, caplog):
    house.relay.error = Unavailable("The relay is off.")
    with caplog.at_level("DEBUG"), pytest.raises(Unavailable):
        await house.open(
            OpenDtmf(digits=Secret("4711#")),
            OpenHttp(url="http://h/", password=Secret("hunter2")),
            call=Call(SipError("Refused.")),
        )
    assert "4711" not in caplog.text
    assert "hunter2" not in caplog.text
