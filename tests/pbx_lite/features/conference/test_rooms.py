"""Callers of rooms: the PIN, the name, the menu, and what clients steer."""

import pytest

from pbx_lite.calls.call import Call
from pbx_lite.calls.guessing import MOST
from pbx_lite.calls.leg import TIMED_OUT, LegState, MediaChanged
from pbx_lite.calls.plan import Attempt
from pbx_lite.errors import Conflict, NotFound, Unavailable
from pbx_lite.events import DirectoryChanged, RoomJoined, RoomLeft
from pbx_lite.media.recording import Recording
from pbx_lite.tasks import spawn
from tests.pbx_lite.features.conference.houses import OTTO
from tests.support.fake_leg import FakeLeg

# The door


async def test_a_room_without_a_pin_lets_everybody_in_and_tells_it(open_house):
    house = open_house()
    await house.dials("anna")
    await house.dials(OTTO)
    assert house.names == ["Anna", "Otto"]
    assert [(event.name, event.number, event.user) for event in house.told(RoomJoined)] == [
        ("Anna", "101", "anna"),
        ("Otto", "+49301", ""),
    ]
    assert house.rooms.state("table")["active"]


async def test_a_number_that_is_no_room_is_left_to_others(open_house):
    house = open_house()
    call = Call(house.board, caller=OTTO, number="101")
    assert house.rooms.plan(Attempt(call=call, caller=OTTO, number="101")) is None
    assert house.rooms.plan(Attempt(call=call, caller=OTTO, number="999")) is None


@pytest.mark.parametrize("keys", ["1234", "1234#", "12*1234", "#1234#"])
async def test_the_pin_opens_the_door_while_it_is_still_asked_for(open_house, keys):
    house = open_house(pin="1234", quiet=True)
    leg = await house.dials("anna")
    assert house.said == ["room_enter_pin"]
    assert not house.inside
    await house.presses(leg, keys)
    assert house.names == ["Anna"]
    assert house.said == ["room_enter_pin"]


async def test_three_wrong_pins_end_the_call_and_each_takes_longer(open_house):
    house = open_house(pin="1234")
    leg = await house.dials(OTTO)
    began = house.clock.time()
    for _ in range(3):
        await house.presses(leg, "9999#")
        await house.settle(3)
    await house.settle(3)
    assert leg.state is LegState.ENDED
    assert house.said == ["room_enter_pin", "room_wrong_pin", "room_wrong_pin", "room_too_many"]
    assert house.clock.time() - began > 1.5
    assert not house.told(RoomJoined)


async def test_a_pin_that_stops_in_the_middle_is_wrong(open_house):
    house = open_house(pin="1234")
    leg = await house.dials("anna")
    await house.presses(leg, "12")
    await house.settle(5)
    assert house.said[-1] == "room_wrong_pin"
    await house.presses(leg, "1234")
    await house.settle(1)
    assert house.names == ["Anna"]


async def test_who_keys_in_nothing_is_asked_again_and_then_hung_up_on(open_house):
    house = open_house(pin="1234")
    leg = await house.dials("anna")
    await house.settle(60)
    assert leg.state is LegState.ENDED
    assert house.said == ["room_enter_pin"] * 3 + ["room_too_many"]


async def test_who_guessed_too_often_hears_nothing_else_for_a_while_and_others_enter(open_house):
    house = open_house(pin="1234")
    for _ in range(MOST // 3):
        leg = await house.dials(OTTO)
        for _ in range(3):
            await house.presses(leg, "9999#")
            await house.settle(9)
        await house.settle(1)
    house.said.clear()
    leg = await house.dials(OTTO)
    await house.presses(leg, "1234")
    await house.settle(1)
    assert leg.state is LegState.ENDED
    assert house.said == ["room_too_many"]
    leg = await house.dials("anna")
    await house.presses(leg, "1234")
    assert house.names == ["Anna"]


async def test_a_leaders_pin_makes_a_leader(open_house):
    house = open_house(pin="1234", admin_pin="987654")
    for who, keys in (("anna", "1234"), ("carl", "987654")):
        await house.presses(await house.dials(who), keys)
    assert [(each["name"], each["leader"]) for each in house.inside] == [("Anna", False), ("Carl", True)]


async def test_where_all_may_enter_leaders_key_in_theirs_and_others_a_hash(open_house):
    house = open_house(admin_pin="987654")
    await house.presses(await house.dials("anna"), "#")
    await house.presses(await house.dials("carl"), "987654")
    assert house.said[0] == "room_leader_pin"
    assert [each["leader"] for each in house.inside] == [False, True]


async def test_where_all_may_enter_a_phone_without_keys_waits(open_house):
    house = open_house(admin_pin="987654")
    await house.dials(OTTO)
    await house.settle(20)
    assert house.names == ["Otto"]


async def test_without_a_leaders_pin_those_who_may_steer_the_room_lead_it(open_house):
    house = open_house()
    for who in ("anna", "carl", OTTO):
        await house.dials(who)
    assert [each["leader"] for each in house.inside] == [True, False, False]


@pytest.mark.parametrize(("state", "sentence"), [("locked", "room_locked"), ("full", "room_full")])
async def test_a_locked_or_full_room_says_so_and_hangs_up(open_house, state, sentence):
    house = open_house(max_members=1, quiet=True)
    await house.dials("anna")
    if state == "locked":
        house.rooms.lock("table", locked=True)
    leg = await house.dials(OTTO)
    await house.settle(1)
    assert leg.state is LegState.ENDED
    assert house.said[-1] == sentence
    assert house.names == ["Anna"]


async def test_who_enters_says_their_name_until_a_hash(open_house):
    house = open_house(announce_join_leave=True)
    await house.dials("anna")
    await house.settle(8)
    assert house.named == 1
    house.spoken = Recording(bytes(6400))
    leg = await house.dials(OTTO)
    await house.settle(0.5)
    await house.presses(leg, "#")
    await house.settle(1)
    assert house.names == ["Anna", "Otto"]
    assert "room_joined (voice)" in house.said


async def test_a_hash_at_once_leaves_the_name_out(open_house):
    house = open_house(announce_join_leave=True)
    leg = await house.dials("anna")
    await house.presses(leg, "#")
    assert (house.named, house.names) == (0, ["Anna"])


async def test_the_hash_behind_a_pasted_pin_leaves_no_name_out(open_house):
    house = open_house(announce_join_leave=True, pin="1234")
    leg = await house.dials("anna")
    await house.presses(leg, "1234#")
    await house.settle(1)
    assert house.named == 1


async def test_who_hangs_up_at_the_door_was_never_in(open_house):
    house = open_house(pin="1234")
    leg = await house.dials("anna")
    leg.hangs_up()
    await house.settle(60)
    assert not house.told(RoomJoined)
    assert not house.board.calls


# The room


async def test_who_hangs_up_has_left_and_who_is_lost_was_lost(open_house):
    house = open_house(quiet=True)
    anna, ben = await house.dials("anna"), await house.dials("ben")
    anna.hangs_up()
    ben.hangup(TIMED_OUT)
    await house.settle(1)
    assert [(event.name, event.reason) for event in house.told(RoomLeft)] == [("Anna", "left"), ("Ben", "lost")]
    assert not house.rooms.state("table")["active"]


async def test_keys_mute_leave_and_help(open_house):
    house = open_house(quiet=True)
    await house.dials("ben")
    leg = await house.dials("carl")
    await house.presses(leg, "*1")
    assert house.inside[1]["muted"]
    await house.presses(leg, "*1")
    assert not house.inside[1]["muted"]
    assert house.said == ["room_muted", "room_unmuted"]
    await house.presses(leg, "**")
    assert house.said[-1].startswith("room_count 2 room_menu_mute <*1>")
    assert "room_menu_lock" not in house.said[-1]
    await house.presses(leg, "*8")
    assert leg.state is LegState.ENDED
    assert house.names == ["Ben"]


async def test_a_star_alone_helps_after_a_while(open_house):
    house = open_house(quiet=True)
    leg = await house.dials("anna")
    await house.presses(leg, "*")
    await house.settle(6)
    assert "room_menu_lock <*2>" in house.said[-1]


async def test_keys_change_how_loud_one_hears_and_is_heard(open_house):
    house = open_house(quiet=True)
    leg = await house.dials("anna")
    await house.dials("ben")
    (one, _) = house.rooms.live("table").participants
    await house.presses(leg, "*6*6*9")
    assert (one.loudness, one.volume) == (2.25, 1.5)
    await house.presses(leg, "*4*7")
    assert (one.loudness, one.volume) == (1.5, 1.0)


async def test_leaders_lock_remove_mute_extend_and_record_by_keys(open_house):
    house = open_house(quiet=True, minutes=10)
    leader, other = await house.dials("anna"), await house.dials(OTTO)
    await house.presses(leader, "*2*5*0*#")
    state = house.rooms.state("table")
    assert (state["locked"], state["muted"], state["recording"]) == (True, True, True)
    await house.until(lambda: bool(house.venue.recorders))
    await house.settle(2)
    assert {"room_now_locked", "room_all_muted", "room_extended 15", "room_recording_on"} <= set(house.said)
    await house.presses(other, "*1")
    assert house.said[-1] == "refused"
    await house.presses(leader, "*3")
    await house.settle(1)
    assert other.state is LegState.ENDED
    assert "room_dropped" in house.said
    assert house.told(RoomLeft)[-1].reason == "removed"
    await house.presses(leader, "*3")
    assert house.said[-1] == "refused"


async def test_keys_of_who_does_not_lead_do_nothing(open_house):
    house = open_house(quiet=True)
    await house.dials("anna")
    await house.presses(await house.dials("carl"), "*2*3*5*0*#")
    state = house.rooms.state("table")
    assert (state["locked"], state["muted"], state["recording"], len(house.inside)) == (False, False, False, 2)


async def test_keys_reach_the_others_where_the_room_passes_them_on(open_house):
    house = open_house(quiet=True, dtmf_passthrough=True)
    anna, ben = await house.dials("anna"), await house.dials("ben")
    await house.presses(anna, "*8")
    await house.settle(1)
    assert [word.split()[1] for word in ben.told if word.startswith("dtmf")] == ["*", "8"]
    assert house.names == ["Anna", "Ben"]


async def test_hold_takes_somebody_out_of_the_mix_and_back(open_house):
    house = open_house(quiet=True)
    anna, ben = await house.dials("anna"), await house.dials("ben")
    ben.happens(MediaChanged(held=True))
    await house.settle(0.1)
    assert (anna.audio.sink is None, ben.audio.sink is None) == (False, True)
    ben.happens(MediaChanged(held=False))
    await house.settle(0.1)
    assert ben.audio.sink is not None


async def test_whoever_is_transferred_into_a_room_takes_the_place_of_who_did_it(open_house):
    house = open_house(quiet=True)
    await house.dials("anna")
    ben = await house.dials("ben")
    call = house.calls[ben]
    other = FakeLeg()
    other.state = LegState.ANSWERED
    call.replace(call.seats[0], other, OTTO)
    await house.settle(0.1)
    assert house.names == ["Anna", "Otto"]
    assert ben.state is LegState.ENDED
    assert other.audio.sink is not None
    assert "show Table 800" in other.told
    await house.presses(other, "*8")
    assert house.names == ["Anna"]


# The room is changed


async def test_a_room_that_is_removed_sends_everybody_home(open_house):
    house = open_house(quiet=True)
    legs = [await house.dials("anna"), await house.dials("ben")]
    house.books.records.clear()
    house.venue.bus.publish(DirectoryChanged())
    await house.settle(1)
    assert [leg.state for leg in legs] == [LegState.ENDED] * 2
    assert house.said == ["room_closed"] * 2
    with pytest.raises(NotFound):
        house.rooms.state("table")


async def test_a_room_that_is_removed_while_somebody_is_at_the_door_lets_nobody_in(open_house):
    house = open_house(pin="1234")
    leg = await house.dials("anna")
    house.books.records.clear()
    await house.presses(leg, "1234")
    await house.settle(1)
    assert leg.state is LegState.ENDED
    assert house.said[-1] == "room_closed"


async def test_options_that_change_apply_to_those_inside(open_house):
    house = open_house(quiet=True)
    leg = await house.dials("anna")
    house.changes(music_on_hold_when_empty=False)
    assert leg.audio.sink is not None


# Steering


async def test_clients_mute_remove_and_lock(open_house):
    house = open_house(quiet=True)
    anna, ben = await house.dials("anna"), await house.dials("ben")
    first, second = (each["id"] for each in house.inside)
    house.rooms.mute("table", first, muted=True)
    house.rooms.set_volume("table", second, 2.0)
    assert house.inside[0]["muted"]
    house.rooms.mute_all("table", muted=False)
    house.rooms.record("table", on=True)
    assert house.rooms.state("table")["recording"]
    house.rooms.drop("table", second)
    await house.settle(1)
    assert (anna.state, ben.state) == (LegState.ANSWERED, LegState.ENDED)
    with pytest.raises(NotFound):
        house.rooms.mute("table", second, muted=True)


async def test_an_empty_room_cannot_be_steered(open_house):
    house = open_house()
    for act in (
        lambda: house.rooms.lock("table", locked=True),
        lambda: house.rooms.mute_all("table", muted=True),
        lambda: house.rooms.drop("table", "x"),
        lambda: house.rooms.record("table", on=True),
    ):
        with pytest.raises(Conflict, match="Nobody is in Table"):
            act()
    with pytest.raises(Conflict):
        await house.rooms.play("table", "http://x")
    assert house.rooms.state("table")["participants"] == []


async def test_a_sound_is_played_into_the_room(open_house):
    house = open_house(quiet=True)
    leg = await house.dials("anna")
    await house.dials("ben")
    playing = spawn(house.rooms.play("table", "http://x"), name="play")
    await house.until(playing.done)
    before = len([each for each in leg.audio.heard if each.payload.strip(b"\xff\x7f")])
    await house.settle(0.4)
    assert len([each for each in leg.audio.heard if each.payload.strip(b"\xff\x7f")]) > before + 5
    house.sound = b"noise"
    with pytest.raises(Unavailable):
        await house.rooms.play("table", "http://x")


async def test_nobody_without_browsers_watches(open_house):
    house = open_house()
    with pytest.raises(Unavailable):
        await house.rooms.image("table", None)
