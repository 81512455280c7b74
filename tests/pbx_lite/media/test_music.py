"""Music on hold: there at once, heard by all who wait, in the codec of each."""

import asyncio
import math
from array import array
from collections.abc import Sequence
from itertools import pairwise

import pytest

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder
from pbx_lite.media.music import Music, frames, path_of
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec
from script.composing import compose, encode
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio

_CODECS = [PCMU, PCMA, G722, OPUS]


def piece(codec: Codec) -> Sequence[bytes]:
    return [bytes([number]) * 160 for number in range(50)]


def test_the_piece_is_quiet_enough_and_never_silent():
    sound = compose()
    assert len(sound) == 16 * 8000
    assert max(map(abs, sound)) < 16000
    for at in range(0, len(sound), 4000):
        assert math.hypot(*sound[at : at + 4000]) / math.sqrt(4000) > 500


def test_what_lies_there_is_what_was_composed():
    assert encode(PCMA) == path_of(PCMA).read_bytes()


@pytest.mark.parametrize("codec", _CODECS)
def test_the_piece_lies_there_in_every_codec_and_goes_round_without_a_click(codec):
    made = frames(codec)
    assert len(made) == 800
    decoder = Decoder(codec)
    sound = array("h", b"".join(decoder.decode(payload) for payload in (*made, *made[:25])))
    assert max(map(abs, sound)) > 6000
    # The steps from sample to sample are no higher where the end meets the beginning than elsewhere.
    steps = [abs(b - a) for a, b in pairwise(sound[codec.sample_rate :])]
    seam = len(steps) - codec.sample_rate // 2
    around = steps[seam - codec.sample_rate // 20 : seam + codec.sample_rate // 20]
    assert max(around) <= max(steps[: codec.sample_rate * 14])


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


@pytest.mark.parametrize("codec", _CODECS)
async def test_who_waits_first_hears_it_as_soon_as_a_file_is_read(codec):
    clock = FakeClock()
    music = Music(clock)
    anna = FakeAudio(codec)
    music.play(anna)
    clock.advance(0)
    assert anna.heard == []
    async with asyncio.timeout(20):
        while not anna.heard:
            await asyncio.sleep(0)
            clock.advance(0.02)
    clock.advance(0.98)
    assert len(anna.heard) == 50
    music.stop(anna)


async def test_where_it_cannot_be_read_that_is_told_once_and_nothing_is_heard(caplog):
    def torn(codec: Codec) -> Sequence[bytes]:
        raise MediaError("The music on hold cannot be read.")

    clock = FakeClock()
    music = Music(clock, torn)
    await music.prepare(PCMU)
    anna = FakeAudio(PCMU)
    music.play(anna)
    clock.advance(1.0)
    assert anna.heard == []
    assert [record.getMessage() for record in caplog.records] == [
        "Who waits hears nothing: The music on hold cannot be read."
    ]
    music.stop(anna)


def test_it_was_not_made_for_other_codecs():
    with pytest.raises(MediaError, match="no music in GSM"):
        frames(Codec("GSM", 8000))


async def test_what_was_missed_while_the_machine_slept_is_not_played():
    clock = FakeClock()
    music = Music(clock, piece)
    await music.prepare(PCMU)
    anna = FakeAudio(PCMU)
    music.play(anna)
    clock.advance(0.1)
    clock.jump(3600)
    clock.advance(0.1)
    assert len(anna.heard) < 20
    music.stop(anna)
