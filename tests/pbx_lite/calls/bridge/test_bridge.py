"""Who hears whom: two parties, one on hold, one that left, keys and pictures between them."""

import asyncio
import sys
from collections.abc import Sequence

import pytest

import pbx_lite.media.mixer  # noqa: F401 - so that it is there
from pbx_lite.calls.bridge import Bridge
from pbx_lite.calls.leg import Sight
from pbx_lite.media.music import Music
from pbx_lite.media.port import PCMA, PCMU, AccessUnit, AudioPacket, Codec
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg, FakeVideo


def piece(codec: Codec) -> Sequence[bytes]:
    return [bytes([number]) * 160 for number in range(10)]


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def music(clock):
    music = Music(clock, piece)
    await music.prepare(PCMU)
    return music


@pytest.fixture
def bridge(clock, music):
    bridge = Bridge(clock, music)
    yield bridge
    bridge.close()
    assert not clock.pending


def party(*, video: bool = False) -> FakeLeg:
    leg = FakeLeg(video=video)
    leg.answers()
    return leg


def screen(leg: FakeLeg) -> FakeVideo:
    assert leg.video is not None
    return leg.video


def heard(leg: FakeLeg) -> list[bytes]:
    sound = [packet.payload[:1] for packet in leg.audio.heard]
    leg.audio.heard.clear()
    return sound


def test_one_party_hears_nothing(bridge, clock):
    anna = party()
    bridge.add(anna)
    anna.audio.say()
    clock.advance(1)
    assert heard(anna) == []


def test_two_parties_hear_each_other_and_not_themselves(bridge):
    anna, ben = party(), party()
    bridge.add(anna)
    bridge.add(ben)
    anna.audio.say(b"a")
    ben.audio.say(b"b")
    assert (heard(anna), heard(ben)) == ([b"b"], [b"a"])


def test_adding_a_party_twice_changes_nothing(bridge):
    anna, ben = party(), party()
    for leg in (anna, ben, anna, ben):
        bridge.add(leg)
    anna.audio.say(b"a")
    assert heard(ben) == [b"a"]


def test_who_is_left_alone_hears_silence(bridge, clock):
    anna, ben = party(), party()
    bridge.add(anna)
    bridge.add(ben)
    bridge.remove(ben)
    clock.advance(1)
    anna.audio.say(b"a")
    ben.audio.say(b"b")
    assert (heard(anna), heard(ben)) == ([], [])
    assert ben.audio.sink is None


def test_who_is_put_on_hold_hears_music_and_the_other_nothing(bridge, clock, music):
    anna, ben = party(), party()
    bridge.add(anna)
    bridge.add(ben)
    bridge.hold(anna)
    anna.audio.say(b"music of the phone's own")
    ben.audio.say(b"hello?")
    clock.advance(0.99)
    assert len(ben.audio.heard) == 50
    assert heard(anna) == []
    assert {packet.codec for packet in ben.audio.heard} == {PCMU}
    heard(ben)

    bridge.resume(anna)
    anna.audio.say(b"a")
    clock.advance(1)
    assert heard(ben) == [b"a"]
    assert music.listeners == 0


def test_two_who_hold_each_other_both_hear_nothing(bridge, clock):
    anna, ben = party(), party()
    bridge.add(anna)
    bridge.add(ben)
    bridge.hold(anna)
    bridge.hold(ben)
    clock.advance(1)
    assert (heard(anna), heard(ben)) == ([], [])


def test_music_ends_when_the_holder_hangs_up(bridge, clock):
    anna, ben = party(), party()
    bridge.add(anna)
    bridge.add(ben)
    bridge.hold(anna)
    bridge.remove(anna)
    clock.advance(1)
    assert heard(ben) == []


def test_a_codec_that_changes_in_the_call_is_followed(bridge):
    anna, ben = party(), party()
    bridge.add(anna)
    bridge.add(ben)
    ben.audio.codec = PCMA
    bridge.changed(ben)
    anna.audio.say(b"\xff" * 160)
    assert ben.audio.heard == [AudioPacket(PCMA, b"\xd5" * 160, 0)]


def test_pictures_pass_and_key_frames_are_asked_for(bridge):
    anna, ben = party(video=True), party(video=True)
    bridge.add(anna)
    bridge.add(ben)
    assert (screen(anna).wanted, screen(ben).wanted) == (1, 1)
    picture = AccessUnit((b"\x65",), 0, key=True)
    screen(anna).show(picture)
    assert screen(ben).seen == [picture]
    screen(ben).loses_a_picture()
    assert (screen(anna).wanted, screen(ben).wanted) == (2, 1)


def test_a_picture_that_is_added_or_dropped_in_the_call_is_followed(bridge):
    anna, ben = party(video=True), party()
    bridge.add(anna)
    bridge.add(ben)
    assert screen(anna).sink is None
    ben.video = video = FakeVideo()
    bridge.changed(ben)
    assert screen(anna).sink is not None
    ben.video = None
    bridge.changed(ben)
    assert screen(anna).sink is None
    assert video.sink is None


def test_everybody_is_told_what_there_is_to_see_of_the_other_one(bridge):
    anna, ben = party(video=True), party()
    bridge.add(anna)
    bridge.add(ben)
    assert (ben.sights, anna.sights) == ([Sight.POSSIBLE], [Sight.NOTHING])
    anna.filming = True
    bridge.changed(anna)
    assert ben.sights[1:] == [Sight.SHOWN]
    bridge.add(party())
    assert bridge.mixing
    assert ben.sights[2:] == [Sight.NOTHING]


async def test_a_key_reaches_the_other_in_the_way_it_speaks(bridge, clock):
    anna, ben = party(), party()
    ben.keys = "info"
    bridge.add(anna)
    bridge.add(ben)
    bridge.key(anna, "5")
    bridge.key(anna, "#")
    await clock.settle()
    assert ben.told == ["dtmf 5 info 200", "dtmf # info 200"]
    assert anna.told == []


async def test_a_key_that_passes_as_a_tone_is_not_sent_twice(bridge, clock):
    anna, ben = party(), party()
    anna.keys = ben.keys = "inband"
    bridge.add(anna)
    bridge.add(ben)
    bridge.key(anna, "5")
    await clock.settle()
    assert ben.told == []
    assert not anna.listens


async def test_tones_are_listened_for_where_the_other_hears_events(bridge):
    anna, ben = party(), party()
    anna.keys = "inband"
    bridge.add(anna)
    assert not anna.listens
    bridge.add(ben)
    assert (anna.listens, ben.listens) == (True, False)


@pytest.fixture
def three(bridge):
    legs = [party(), party(), party()]
    for leg in legs:
        bridge.add(leg)
    assert bridge.mixing
    return legs


def turn(clock, legs, *said):
    for _ in range(6):
        for leg, payload in zip(legs, said, strict=True):
            leg.audio.sink(AudioPacket(PCMU, payload, round(clock.time() * 50) * 160))
        clock.advance(0.02)
    return [leg.audio.heard[-1].payload[-1:] for leg in legs]


def test_three_parties_are_mixed(three, clock):
    legs = three
    loud, silent = b"\x20" * 160, b"\xff" * 160
    assert turn(clock, legs, loud, silent, silent) == [b"\xff", b"\x20", b"\x20"]
    assert turn(clock, legs, silent, silent, loud)[:2] == [b"\x20", b"\x20"]


def test_from_three_to_two_and_back_while_they_speak(bridge, three, clock):
    anna, ben, clara = legs = three
    turn(clock, legs, b"\x20" * 160, b"\xff" * 160, b"\xff" * 160)
    bridge.remove(anna)
    heard(ben)
    clara.audio.say(b"c")
    assert heard(ben) == [b"c"]
    assert anna.audio.sink is None
    bridge.add(anna)
    assert turn(clock, legs, b"\x20" * 160, b"\xff" * 160, b"\xff" * 160) == [b"\xff", b"\x20", b"\x20"]


def test_of_three_the_two_who_do_not_hold_talk_on(bridge, three, clock):
    anna, ben, clara = legs = three
    bridge.hold(anna)
    for leg in legs:
        heard(leg)
    ben.audio.say(b"b")
    clock.advance(0.1)
    assert [heard(leg) for leg in legs] == [[], [], [b"b"]]
    bridge.hold(ben)
    clock.advance(0.1)
    assert len(heard(clara)) > 3


def test_a_fourth_party_joins_without_anybody_noticing(bridge, three, clock):
    legs = three
    sink = legs[0].audio.sink
    dora = party()
    bridge.add(dora)
    assert legs[0].audio.sink == sink
    silent = b"\xff" * 160
    assert turn(clock, [*legs, dora], silent, silent, silent, b"\x20" * 160)[:3] == [b"\x20"] * 3


async def test_the_third_party_waits_until_the_mixer_is_loaded(bridge, monkeypatch):
    monkeypatch.delitem(sys.modules, "pbx_lite.media.mixer")
    anna, ben, clara = party(), party(), party()
    for leg in (anna, ben, clara):
        bridge.add(leg)
    anna.audio.say(b"a")
    assert (heard(ben), heard(clara)) == ([b"a"], [])
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    assert bridge.mixing


async def test_keys_of_a_party_on_hold_go_nowhere(bridge, clock):
    anna, ben = party(), party()
    bridge.add(anna)
    bridge.add(ben)
    bridge.hold(anna)
    bridge.key(ben, "1")
    bridge.key(anna, "2")
    await clock.settle()
    assert (anna.told, ben.told) == ([], [])


def test_what_is_closed_may_be_closed_again(clock, music):
    bridge = Bridge(clock, music)
    anna, ben = party(video=True), party(video=True)
    bridge.add(anna)
    bridge.add(ben)
    bridge.close()
    bridge.close()
    assert anna.audio.sink is None
    assert screen(anna).sink is None
