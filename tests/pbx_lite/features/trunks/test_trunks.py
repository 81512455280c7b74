"""The lines as one feature."""

from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.calls.leg import NOT_ALLOWED, LegState
from pbx_lite.config import Calling, Config, Secret, Trunk, User
from pbx_lite.directory import Directory
from pbx_lite.errors import NotFound
from pbx_lite.events import CallAnswered, CallChanged, CallEnded, Event, EventBus, TrunkChanged
from pbx_lite.features.trunks.meter import Toll
from pbx_lite.features.trunks.trunks import Trunks
from pbx_lite.sip.address import Address
from tests.pbx_lite.sip.doubles import Party, Wire
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg


class Names:
    async def resolve(self, address: Address) -> list[Address]:
        return [address]


class Office:
    def __init__(self, *trunks: Trunk, calling: Calling | None = None) -> None:
        self.clock = FakeClock()
        self.bus = EventBus()
        self.told: list[str] = []
        self.bus.listen(self._hear)
        user = User(name="anna", display_name="Anna", extension="101", password=Secret("p"), roles=("family",))
        exchange: Any = SimpleNamespace(endpoint=Party(Wire(self.clock), "udp:192.0.2.1:5060").endpoint)
        self.trunks = Trunks(
            directory=Directory(Config(users=(user,), trunks=trunks, calling=calling or Calling())),
            exchange=exchange,
            switchboard=SimpleNamespace(seat_of=lambda _leg: None),  # type: ignore[arg-type]
            bus=self.bus,
            clock=self.clock,
            names=Names(),
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, TrunkChanged):
            self.told.append(event.trunk)


LINE = Trunk(name="line", display_name="Line", address="udp:192.0.2.9:5060", channels=4)


async def test_clients_are_shown_every_line():
    office = Office(LINE, Trunk(name="box", profile="fritzbox", username="620"))
    assert [line["name"] for line in office.trunks.states()] == ["line", "box"]
    assert office.trunks.states()[0] == {
        "name": "line",
        "display_name": "Line",
        "state": "address",
        "reason": "",
        "channels": 4,
        "in_use": 0,
    }
    await office.trunks.close()


async def test_a_trunk_that_leads_nowhere_is_left_out(caplog):
    office = Office(Trunk(name="broken"), LINE)
    assert [line.name for line in office.trunks.lines] == ["line"]
    assert "broken" in caplog.text
    await office.trunks.close()


async def test_a_change_is_told_once():
    office = Office(LINE)
    (line,) = office.trunks.lines
    leg = FakeLeg()
    line.carry(leg, SimpleNamespace())
    assert office.told == ["line"]
    office.bus.publish(CallChanged(call="c"))
    assert office.told == ["line"]
    leg.hangs_up()
    assert leg.state is LegState.ENDED
    office.bus.publish(CallChanged(call="c"))
    office.bus.publish(CallChanged(call="c"))
    assert office.told == ["line", "line"]
    await office.trunks.close()


async def test_minutes_are_counted_from_answer_to_end():
    office = Office(LINE, calling=Calling(minutes=1, hourly=0))
    limits, leg = office.trunks._dialling.limits, FakeLeg()
    office.trunks._dialling.meter.began(Toll("c", "anna", "Anna", "+4930123456", leg))
    office.clock.advance(100)
    leg.answers()
    office.bus.publish(CallAnswered(call="c", by=""))
    office.clock.advance(61)
    assert leg.cause is NOT_ALLOWED
    assert limits.refusal("anna", office.clock.time())
    office.bus.publish(CallEnded(call="c", cause=57))
    office.clock.advance(3601)
    assert not limits.refusal("anna", office.clock.time())
    await office.trunks.close()
    office.bus.publish(CallChanged(call="c"))


async def test_the_providers_addresses_are_known():
    office = Office(LINE)
    assert office.trunks.knows(Address("udp", "192.0.2.9", 4711))
    assert not office.trunks.knows(Address("udp", "192.0.2.8", 5060))
    await office.trunks.close()


async def test_without_a_question_there_is_nothing_to_answer():
    office = Office(LINE)
    with pytest.raises(NotFound):
        office.trunks.answer_route("q0", number="101")
    await office.trunks.close()


async def test_a_mobile_phone_is_reached_over_a_line_that_is_there():
    office = Office(LINE)
    target = office.trunks.reach("+49171123456", "anna")
    assert target is not None
    assert (target.user, target.device) == ("anna", "+49171123456")
    await office.trunks.close()
