"""Those whom a room calls, and what was recorded of it."""

import asyncio

import pytest

from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import BUSY, LegState, Ringing
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Serve
from pbx_lite.errors import Busy, Invalid, NotFound, Unavailable
from pbx_lite.events import RoomJoined
from pbx_lite.features.conference.rooms import MOST_INVITED
from pbx_lite.tasks import spawn
from tests.pbx_lite.features.conference.houses import House


async def invites(house: House, number: str = "102", by: str = "anna") -> asyncio.Task[None]:
    task = spawn(house.rooms.invite("table", number, house.books.user(by)), name="invite")
    await house.settle()
    return task


async def test_who_is_invited_rings_with_the_rights_of_who_asks_and_joins_by_a_key(open_house):
    house = open_house(pin="1234", quiet=True)
    inviting = await invites(house)
    leg = house.phone.legs[0]
    attempt = house.phone.attempt
    assert (attempt.caller.name, attempt.caller.number) == ("Table", "800")
    assert attempt.account is not None
    assert attempt.account.owner == "anna"
    assert not inviting.done()
    leg.happens(Ringing())
    await inviting
    leg.answers()
    await house.until(lambda: "room_invited <Table>" in house.said)
    assert not house.inside
    await house.presses(leg, "1")
    assert house.names == ["Ben"]
    leg.hangs_up()
    await house.settle(1)
    assert not house.board.calls


async def test_a_mailbox_that_answers_does_not_join(open_house):
    house = open_house()
    inviting = await invites(house)
    leg = house.phone.legs[0]
    leg.happens(Ringing())
    await inviting
    leg.answers()
    await house.until(lambda: "room_invited <Table>" in house.said)
    await house.settle(30)
    assert leg.state is LegState.ENDED
    assert not house.told(RoomJoined)


async def test_a_service_that_answers_in_place_of_somebody_is_not_invited(open_house):
    async def never(call: Call) -> None:
        raise AssertionError

    house = open_house()
    house.planned = Serve(callee=Party(number="102"), run=never)
    inviting = await invites(house)
    with pytest.raises(Unavailable, match="102 cannot be reached: No answer"):
        await inviting


async def test_who_is_busy_cannot_be_invited(open_house):
    house = open_house()
    inviting = await invites(house, "102")
    house.phone.legs[0].hangup(BUSY)
    with pytest.raises(Unavailable, match="User busy"):
        await inviting
    with pytest.raises(Invalid):
        await house.rooms.invite("table", "ä", None)


async def test_not_everybody_is_called_at_once(open_house):
    house = open_house()
    inviting = [await invites(house) for _ in range(MOST_INVITED)]
    with pytest.raises(Busy):
        await house.rooms.invite("table", "102", None)
    for leg in house.phone.legs:
        leg.happens(Ringing())
    await asyncio.gather(*inviting)


async def test_a_full_room_invites_nobody(open_house):
    house = open_house(max_members=1)
    await house.dials("anna")
    with pytest.raises(Busy, match="Table is full"):
        await house.rooms.invite("table", "102", None)


async def test_what_was_recorded_is_listed_read_and_forgotten(open_house, tmp_path):
    house = open_house()
    file = tmp_path / "table" / "20261121T120000.ogg"
    file.parent.mkdir()
    file.write_bytes(b"OggS\0\4" + (48000 * 90).to_bytes(8, "little") + bytes(40))
    (file.parent / "20261121T130000.ogg").write_bytes(b"broken")
    (file.parent / "other.ogg").write_bytes(b"other")
    (entry,) = await house.rooms.recordings("table")
    assert (entry["id"], entry["seconds"], entry["at"].hour) == ("20261121T120000", 90.0, 12)
    assert await house.rooms.recording("table", entry["id"]) == file.read_bytes()
    for name in ("../table/20261121T120000", "other", "20261121T140000"):
        with pytest.raises(NotFound):
            await house.rooms.recording("table", name)
    await house.rooms.forget_recording("table", entry["id"])
    assert not file.exists()
    with pytest.raises(NotFound):
        await house.rooms.forget_recording("table", entry["id"])
    with pytest.raises(NotFound):
        await house.rooms.recordings("..")
