"""A room while people are in it."""

from dataclasses import replace

import pytest

from pbx_lite.calls.party import ANONYMOUS, Party
from pbx_lite.errors import Busy, Conflict, NotFound
from pbx_lite.events import RecordingFailed, RoomChanged, RoomJoined, RoomLeft, RoomRecorded, RoomTalking
from pbx_lite.features.conference.loudspeaker import MOST_WAITING
from pbx_lite.features.conference.rules import Place, Refusal
from pbx_lite.media.port import PCMU, AudioPacket
from pbx_lite.media.recording import Recording
from tests.pbx_lite.features.conference.doubles import Venue
from tests.support.fake_leg import FakeAudio
from tests.support.tone import decode, frames, share_of, sine

LOUD = frames(sine(600))


@pytest.fixture
async def open_venue(tmp_path):
    """Makes venues, and closes them."""
    venues = []

    def make(**options) -> Venue:
        venues.append(Venue(tmp_path, **options))
        return venues[-1]

    yield make
    for venue in venues:
        await venue.room.close()


async def speaks(venue: Venue, one, *, ticks: int = 20) -> None:
    for _ in range(ticks):
        tick = round(venue.clock.time() * 50)
        if one.port.sink is not None:
            one.port.sink(AudioPacket(PCMU, LOUD[tick % len(LOUD)], tick * 160))
        await venue.settle(0.02)


def hears(one, hertz: float = 600) -> bool:
    heard = decode(b"".join(each.payload for each in one.port.heard[-10:]))
    return share_of(hertz, heard) > 0.8


async def test_two_hear_each_other_and_nobody_hears_themselves(open_venue):
    venue = open_venue(quiet=True)
    anna, ben, carl = venue.joins("Anna"), venue.joins("Ben"), venue.joins("Carl")
    await speaks(venue, anna)
    assert hears(ben)
    assert hears(carl)
    assert not hears(anna)


async def test_one_alone_hears_music_until_another_comes_and_again_after_they_left(open_venue):
    venue = open_venue()
    anna = venue.joins("Anna")
    await venue.settle(1)
    assert venue.music.listeners == [anna.port]
    ben = venue.joins("Ben")
    assert venue.music.listeners == []
    assert anna.port.sink is not None
    venue.room.leave(ben)
    await venue.settle(1)
    assert venue.music.listeners == [anna.port]
    assert ben.port.sink is anna.port.sink is None
    assert venue.speech.said == ["room_alone"]


async def test_music_waits_until_somebody_was_told_what_they_are_told(open_venue):
    venue = open_venue()
    anna = venue.joins("Anna")
    await venue.settle(0.1)
    assert (venue.speech.to, venue.music.listeners) == ([(anna.port, "room_alone")], [])
    await venue.settle(0.2)
    assert venue.music.listeners == [anna.port]


async def test_a_room_without_music_is_silent(open_venue):
    venue = open_venue(music_on_hold_when_empty=False, quiet=True)
    anna = venue.joins("Anna")
    await venue.settle(1)
    assert venue.music.listeners == []
    assert anna.place is Place.MIX


async def test_who_waits_for_a_leader_is_told_and_hears_music(open_venue):
    venue = open_venue(wait_marked=True, quiet=True)
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    await venue.settle(1)
    assert venue.music.listeners == [anna.port, ben.port]
    assert venue.speech.said == ["room_leader_needed"] * 2
    leader = venue.joins("Leader", leader=True)
    assert venue.music.listeners == []
    await speaks(venue, anna)
    assert hears(leader)
    venue.room.leave(leader)
    await venue.settle(1)
    assert venue.music.listeners == [anna.port, ben.port]
    assert venue.speech.said == ["room_leader_needed"] * 4


async def test_all_go_when_the_last_leader_goes(open_venue):
    venue = open_venue(end_marked=True)
    leader, _, _ = venue.joins("Leader", leader=True), venue.joins("Anna"), venue.joins("Ben")
    await venue.settle(1)
    venue.room.leave(leader)
    assert venue.out == {"Anna": ("ended", "room_leader_left"), "Ben": ("ended", "room_leader_left")}
    assert venue.emptied == [venue.room]
    assert [event.reason for event in venue.told(RoomLeft)] == ["left", "ended", "ended"]


async def test_coming_and_going_is_told_by_name_or_in_the_own_voice(open_venue):
    venue = open_venue(announce_join_leave=True)
    venue.joins("Anna")
    await venue.settle(1)
    ben = venue.joins("Ben")
    await venue.settle(2)
    venue.joins("Carl", spoken=Recording(bytes(32000)))
    await venue.settle(2)
    venue.room.leave(ben)
    await venue.settle(2)
    assert venue.speech.said == ["room_alone", "room_joined <Ben>", "room_joined (voice)", "room_left <Ben>"]


async def test_nobody_is_named_who_hides_their_number(open_venue):
    venue = open_venue(announce_join_leave=True)
    venue.joins("Anna")
    await venue.settle(1)
    stranger = venue.guest("Otto")
    stranger.party = Party(number="+49301", name="Otto", trunk="line", private=True)
    venue.room.join(stranger)
    await venue.settle(1)
    assert venue.speech.said[-1] == f"room_joined <{ANONYMOUS.name}>"
    assert venue.told(RoomJoined)[-1].number == "anonymous"
    assert venue.room.state()["participants"][1]["number"] == "anonymous"


async def test_a_quiet_room_says_nothing_of_who_comes_and_goes(open_venue):
    venue = open_venue(announce_join_leave=True, announce_user_count=True, quiet=True)
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    await venue.settle(2)
    venue.room.leave(ben)
    await venue.settle(2)
    assert venue.speech.said == []
    assert not any(each.payload.strip(b"\xff\x7f") for each in anna.port.heard)


async def test_a_signal_tells_who_comes_however_many_come_at_once(open_venue):
    venue = open_venue()
    anna = venue.joins("Anna")
    await venue.settle(1)
    for name in ("Ben", "Carl", "Dora"):
        venue.joins(name)
    anna.port.heard.clear()
    await venue.settle(2)
    loud = [each for each in anna.port.heard if each.payload.strip(b"\xff\x7f")]
    assert 5 < len(loud) < 30


async def test_the_entrant_is_told_how_many_are_there(open_venue):
    venue = open_venue(announce_user_count=True)
    for name in ("Anna", "Ben", "Carl"):
        venue.joins(name)
        await venue.settle(2)
    assert venue.speech.said == ["room_alone", "room_others 1", "room_others 2"]


async def test_members_begin_muted_where_the_room_wants_it_and_leaders_do_not(open_venue):
    venue = open_venue(startmuted=True, quiet=True)
    leader, anna = venue.joins("Leader", leader=True), venue.joins("Anna")
    assert (leader.muted, anna.muted) == (False, True)
    await speaks(venue, anna)
    assert not hears(leader)
    venue.room.mute(anna, muted=False, by_others=False)
    await speaks(venue, anna)
    assert hears(leader)


async def test_who_was_muted_by_others_cannot_unmute_themselves(open_venue):
    venue = open_venue(quiet=True)
    leader, anna = venue.joins("Leader", leader=True), venue.joins("Anna")
    venue.room.mute_all(muted=True)
    assert (leader.muted, anna.muted) == (False, True)
    with pytest.raises(Conflict):
        venue.room.mute(anna, muted=False, by_others=False)
    late = venue.joins("Late")
    assert late.muted
    venue.room.mute_all(muted=False)
    assert not anna.muted
    assert not late.muted
    assert venue.room.state()["muted"] is False


async def test_a_locked_room_and_a_full_one_take_nobody_but_leaders(open_venue):
    venue = open_venue(max_members=1)
    assert venue.room.refusal() is None
    venue.joins("Anna")
    assert venue.room.refusal() is venue.room.refusal(invited=True) is Refusal.FULL
    assert venue.room.refusal(leader=True) is None
    venue.room.lock(locked=True)
    assert venue.room.refusal() is Refusal.LOCKED
    assert venue.room.refusal(invited=True) is Refusal.FULL


async def test_time_is_up_after_a_warning_and_leaders_get_more(open_venue):
    venue = open_venue(minutes=5, quiet=True)
    venue.joins("Anna")
    await venue.settle(4 * 60 - 1)
    assert venue.speech.said == []
    await venue.settle(2)
    assert venue.speech.said == ["room_one_minute"]
    assert venue.room.extend()
    await venue.settle(15 * 60 - 10)
    assert venue.speech.said == ["room_one_minute", "room_extended 15"]
    await venue.settle(20)
    assert venue.speech.said[-1] == "room_one_minute"
    await venue.settle(61)
    assert venue.out == {"Anna": ("ended", "room_time_over")}


async def test_a_limit_that_is_changed_applies_to_who_is_there(open_venue):
    venue = open_venue(minutes=60, quiet=True)
    venue.joins("Anna")
    await venue.settle(600)
    venue.room.adopt(replace(venue.record, minutes=0))
    await venue.settle(3600)
    venue.room.adopt(replace(venue.record, minutes=90))
    await venue.settle(19 * 60 + 1)
    assert venue.speech.said == ["room_one_minute"]
    venue.room.adopt(replace(venue.record, minutes=5))
    await venue.settle(1)
    assert venue.out["Anna"] == ("ended", "room_time_over")


async def test_a_room_without_a_limit_needs_no_more_time(open_venue):
    venue = open_venue()
    venue.joins("Anna")
    assert not venue.room.extend()


async def test_somebody_who_holds_is_out_of_the_mix_and_nobody_hears_music_for_that(open_venue):
    venue = open_venue(quiet=True)
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    venue.room.hold(ben, held=True)
    await venue.settle(1)
    assert (anna.place, ben.place, venue.music.listeners) == (Place.MIX, Place.AWAY, [])
    assert ben.port.sink is None
    venue.room.hold(ben, held=False)
    await speaks(venue, ben)
    assert hears(anna)


async def test_another_leg_in_the_same_place_is_somebody_else(open_venue):
    venue = open_venue(quiet=True)
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    old, new = ben.port, FakeAudio()
    venue.room.moved(ben, new, Party(number="103", name="Carl", user="carl"))
    assert old.sink is None
    await speaks(venue, anna)
    assert hears(ben)
    assert [event.user for event in venue.told(RoomJoined)] == ["anna", "ben", "carl"]
    assert [event.user for event in venue.told(RoomLeft)] == ["ben"]
    assert [each["name"] for each in venue.room.state()["participants"]] == ["Anna", "Carl"]


async def test_somebody_may_listen_without_being_there(open_venue):
    venue = open_venue(quiet=True)
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    listener = venue.guest("Listener")
    venue.room.listen(listener.port)
    await speaks(venue, anna)
    assert hears(listener)
    assert len(venue.room.state()["participants"]) == 2
    venue.room.leave(anna)
    assert venue.music.listeners == [ben.port]
    venue.room.leave(ben)
    assert listener.port.sink is None
    venue.room.unlisten(listener.port)


async def test_talking_is_told_at_most_twice_a_second(open_venue):
    venue = open_venue(quiet=True)
    anna, _ = venue.joins("Anna"), venue.joins("Ben")
    await speaks(venue, anna)
    assert [event.talking for event in venue.told(RoomTalking)] == [True]
    assert venue.room.state()["participants"][0]["talking"]
    for _ in range(10):
        venue.room._talks(anna, talking=False)
        venue.room._talks(anna, talking=True)
    assert len(venue.told(RoomTalking)) <= 2
    await venue.settle(5)
    assert venue.told(RoomTalking)[-1].talking is False


async def test_talking_is_not_told_where_the_room_does_not_want_it(open_venue):
    venue = open_venue(quiet=True, talk_detection_events=False)
    anna, _ = venue.joins("Anna"), venue.joins("Ben")
    await speaks(venue, anna)
    assert venue.told(RoomTalking) == []


async def test_changes_are_told_together(open_venue):
    venue = open_venue(quiet=True)
    for number in range(30):
        venue.joins(f"Guest {number}")
    await venue.settle(0.05)
    assert len(venue.told(RoomChanged)) == 1
    venue.room.lock(locked=True)
    await venue.settle(0.04)
    assert len(venue.told(RoomChanged)) == 1
    await venue.settle(0.1)
    assert len(venue.told(RoomChanged)) == 2


async def test_a_conference_is_recorded_and_everybody_knows(open_venue):
    venue = open_venue(record_conference=True, quiet=True)
    anna = venue.joins("Anna")
    await venue.settle(1)
    assert venue.recorders == []
    venue.joins("Ben")
    await venue.until(lambda: bool(venue.recorders))
    await venue.settle(1)
    assert venue.room.recording
    assert venue.speech.said == ["room_recorded"]
    venue.joins("Carl")
    await venue.settle(1)
    assert venue.speech.said == ["room_recorded"] * 2
    await venue.until(lambda: venue.recorders[0].ticks > 10)
    for one in tuple(venue.room.participants):
        venue.room.leave(one)
    await venue.until(lambda: bool(venue.told(RoomRecorded)))
    (recorded,) = venue.told(RoomRecorded)
    assert recorded.recording == venue.recorders[0].path.stem
    assert recorded.seconds > 0.2
    assert venue.recorders[0].path.parent.name == "table"
    assert anna.port.sink is None


async def test_a_full_disk_is_told_once_and_people_talk_on(open_venue):
    venue = open_venue(record_conference=True, quiet=True)
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    await venue.until(lambda: bool(venue.recorders))
    for _ in range(3):
        venue.recorders[0].failed("The disk is full.")
    venue.joins("Carl")
    await venue.settle(1)
    assert [(event.where, event.error) for event in venue.told(RecordingFailed)] == [("table", "The disk is full.")]
    assert not venue.room.recording
    assert len(venue.recorders) == 1
    await speaks(venue, anna)
    assert hears(ben)


async def test_a_recording_that_is_full_is_followed_by_another_one(open_venue):
    venue = open_venue(record_conference=True, quiet=True)
    venue.joins("Anna"), venue.joins("Ben")
    await venue.until(lambda: bool(venue.recorders) and venue.recorders[0].ticks > 5)
    venue.recorders[0].full()
    await venue.until(lambda: len(venue.recorders) == 2 and venue.recorders[1].ticks > 5)
    assert venue.room.recording
    assert [event.recording for event in venue.told(RoomRecorded)] == [venue.recorders[0].path.stem]
    assert venue.recorders[0].path != venue.recorders[1].path
    assert venue.speech.said == ["room_recorded"]


async def test_who_ends_the_recording_has_it_ended(open_venue):
    venue = open_venue(record_conference=True, quiet=True)
    venue.joins("Anna"), venue.joins("Ben")
    await venue.until(lambda: bool(venue.recorders))
    venue.room.take_down(on=False)
    venue.joins("Carl")
    assert not venue.room.recording
    venue.room.take_down(on=True)
    await venue.until(lambda: len(venue.recorders) == 2)
    assert venue.room.recording


async def test_a_sound_is_played_to_all_and_too_many_are_refused(open_venue):
    venue = open_venue(quiet=True)
    anna, _ = venue.joins("Anna"), venue.joins("Ben")
    sound = Recording(sine(600, milliseconds=2000).repeat(2).tobytes())
    for _ in range(MOST_WAITING):
        venue.room.play(sound)
    with pytest.raises(Busy):
        venue.room.play(sound)
    await venue.settle(0.5)
    assert hears(anna)


async def test_options_that_are_changed_apply_at_once(open_venue):
    venue = open_venue(quiet=True)
    anna = venue.joins("Anna")
    venue.room.adopt(replace(venue.record, music="jazz"))
    assert (venue.playlists[""].listeners, venue.playlists["jazz"].listeners) == ([], [anna.port])
    venue.room.adopt(replace(venue.record, music_on_hold_when_empty=False))
    assert anna.place is Place.MIX


async def test_keys_are_passed_on_to_all_others(open_venue):
    venue = open_venue(quiet=True)
    keys: dict[str, list[str]] = {"Anna": [], "Ben": [], "Carl": []}
    guests = [venue.joins(name, press=keys[name].append) for name in keys]
    venue.room.key(guests[0], "5")
    assert keys == {"Anna": [], "Ben": ["5"], "Carl": ["5"]}


async def test_a_key_of_the_menu_is_not_heard_as_a_tone(open_venue):
    venue = open_venue(quiet=True)
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    venue.room.duck(anna)
    await speaks(venue, anna, ticks=12)
    assert not hears(ben)
    await speaks(venue, anna, ticks=30)
    assert hears(ben)


async def test_a_voice_that_fails_does_not_keep_people_from_talking(open_venue):
    venue = open_venue(announce_join_leave=True)
    venue.speech.fails = True
    anna, ben = venue.joins("Anna"), venue.joins("Ben")
    await venue.settle(1)
    await speaks(venue, anna)
    assert hears(ben)


async def test_volumes_have_limits(open_venue):
    venue = open_venue(quiet=True)
    anna, _ = venue.joins("Anna"), venue.joins("Ben")
    venue.room.set_volume(anna, 100)
    assert anna.volume == 4.0
    venue.room.set_volume(anna, -1)
    assert anna.volume == 0.0
    venue.room.set_loudness(anna, 0)
    assert anna.loudness == 0.25


async def test_who_is_not_there_is_not_found(open_venue):
    venue = open_venue()
    with pytest.raises(NotFound):
        venue.room.find("nobody")
    anna = venue.joins("Anna")
    assert venue.room.find(anna.id) is anna
    venue.room.leave(anna)
    venue.room.leave(anna)
    assert len(venue.told(RoomLeft)) == 1
