"""Music on hold: made once, heard by all who wait, in the codec of each."""

import math
from array import array
from functools import partial
from itertools import pairwise

import pytest

from pbx_lite.media.codecs import Decoder
from pbx_lite.media.music import Music, compose, frames
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio


def piece() -> array[int]:
    return array("h", (int(8000 * math.sin(2 * math.pi * 440 * at / 8000)) for at in range(8000)))


def test_the_piece_is_quiet_enough_and_never_silent():
    sound = compose()
    assert len(sound) == 16 * 8000
    assert max(map(abs, sound)) < 16000
    for at in range(0, len(sound), 4000):
        assert math.hypot(*sound[at : at + 4000]) / math.sqrt(4000) > 500


def test_the_piece_goes_round_without_a_click():
    sound = compose()
    steps = [abs(b - a) for a, b in pairwise(sound)]
    assert abs(sound[0] - sound[-1]) <= max(steps)


@pytest.mark.parametrize("codec", [PCMU, PCMA, G722, OPUS])
def test_it_is_encoded_once_for_each_codec(codec):
    made = frames(codec, piece)
    assert frames(codec, piece) is made
    assert 49 <= len(made) <= 50
    decoder = Decoder(codec)
    sound = array("h", b"".join(decoder.decode(payload) for payload in made[:40]))
    assert max(sound) > 6000


async def test_all_who_wait_hear_the_same_in_their_own_codec():
    clock = FakeClock()
    music = Music(clock, piece)
    anna, ben, clara, nobody = FakeAudio(PCMU), FakeAudio(PCMU), FakeAudio(PCMA), FakeAudio(None)
    for codec in (PCMU, PCMA):
        await music.prepare(codec)
    for port in (anna, ben, clara, nobody):
        music.play(port)
    clock.advance(0.1)
    assert all(mine is yours for mine, yours in zip(anna.heard, ben.heard, strict=True))
    assert [packet.codec for packet in clara.heard] == [PCMA] * 6
    assert nobody.heard == []
    assert [b.timestamp - a.timestamp for a, b in pairwise(anna.heard)] == [160] * 5
    for port in (anna, ben, clara, nobody):
        music.stop(port)
    assert not clock.pending


async def test_it_is_made_when_somebody_first_waits_and_the_timer_keeps_time():
    clock = FakeClock()
    music = Music(clock, partial(piece))
    anna = FakeAudio(PCMU)
    music.play(anna)
    clock.advance(0)
    assert anna.heard == []
    await music.prepare(PCMU)
    clock.advance(1.0)
    assert len(anna.heard) == 50
    music.stop(anna)


async def test_what_was_missed_while_the_machine_slept_is_not_played():
    clock = FakeClock()
    music = Music(clock, piece)
    await music.prepare(PCMU)
    anna = FakeAudio(PCMU)
    music.play(anna)
    clock.advance(0.1)
    clock._now += 3600
    clock.advance(0.1)
    assert len(anna.heard) < 20
    music.stop(anna)
