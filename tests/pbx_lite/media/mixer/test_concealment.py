"""Packets that are missing: the voice goes on, soon it is silent, and nothing clicks."""

import numpy as np
import pytest

from pbx_lite.media import g711
from pbx_lite.media.mixer.concealment import STEPS, Patch
from pbx_lite.media.port import PCMU
from tests.pbx_lite.media.mixer.rooms import Room
from tests.pbx_lite.media.mixer.voice import speech


def heard_by(port):
    return np.concatenate([g711.decode(PCMU, [packet.payload])[0] for packet in port.heard]).astype(np.int32)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("pitch", [90, 130, 220, 350])
def test_a_voice_goes_on_with_its_period(rate, pitch):
    said = speech(rate, 0.5, pitch=pitch)
    size = rate // 50
    at = round(0.2 * rate)
    patch = Patch(said[at - 3 * size : at].astype(np.int16), rate)
    made, real = patch.step().astype(np.float64), said[at : at + size]
    likeness = made @ real / np.sqrt((made @ made) * (real @ real))
    backwards = said[at - size : at][::-1]
    assert likeness > 0.5
    assert likeness > backwards @ real / np.sqrt((backwards @ backwards) * (real @ real))


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_nothing_jumps_where_a_patch_begins_and_nothing_hums_after_it(rate):
    said = speech(rate, 0.5)
    size, at = rate // 50, round(0.2 * rate)
    past = said[at - 3 * size : at].astype(np.int16)
    patch = Patch(past, rate)
    made = np.concatenate([patch.step() for _ in range(STEPS + 1)]).astype(np.int32)
    largest = np.abs(np.diff(past.astype(np.int32))).max()
    assert np.abs(np.diff(np.concatenate((past[-1:], made)))).max() < 1.5 * largest
    assert np.abs(made[STEPS * size :]).max() == 0
    loudness = made.reshape(STEPS + 1, size).astype(np.float64).std(axis=1)
    assert sorted(loudness, reverse=True) == list(loudness)


def test_noise_is_patched_without_a_hum():
    past = np.random.default_rng(5).normal(0, 2000, 480).astype(np.int16)
    made = Patch(past, 8000).step().astype(np.float64)
    spectrum = np.abs(np.fft.rfft(made)) ** 2
    assert spectrum.max() < 0.3 * spectrum.sum()


def test_silence_stays_silence():
    assert Patch(np.zeros(480, np.int16), 8000).step().max() == 0


@pytest.mark.parametrize("lost", [1, 2, 3, 6, 40])
def test_a_hole_of_any_length_makes_no_click(lost):
    room = Room()
    anna, _ben = room.enter(), room.enter()
    t = np.arange(160 * 200)
    sound = (12000 * np.sin(2 * np.pi * 310 * t / 8000)).astype(np.int16)
    for number in range(100):
        piece = g711.encode(PCMU, sound[number * 160 : number * 160 + 160])
        room.turn(None, None if 30 <= number < 30 + lost else piece)
    heard = heard_by(anna)
    largest = np.abs(np.diff(sound.astype(np.int32))).max()
    assert np.abs(np.diff(heard)).max() < 1.5 * largest
    hole = heard[160 * 31 : 160 * (31 + lost)]
    assert np.abs(hole[:160]).max() > 8000
    if lost > STEPS:
        assert np.abs(hole[160 * STEPS :]).max() == 0


def test_a_step_left_out_by_the_jitter_buffer_makes_no_click():
    room = Room()
    anna, _ben = room.enter(), room.enter()
    t = np.arange(160 * 400)
    sound = (12000 * np.sin(2 * np.pi * 310 * t / 8000)).astype(np.int16)
    pieces = [g711.encode(PCMU, sound[at : at + 160]) for at in range(0, len(sound), 160)]
    for piece in pieces[:5]:
        room.turn(None, piece)
    # Five at once make the buffer deep, and it is shallow again after a while.
    for _ in range(5):
        room.turn()
    room.ticks = 5
    for piece in pieces[5:10]:
        room.turn_at_once(1, piece)
    depths = []
    for piece in pieces[10:390]:
        room.turn(None, piece)
        depths.append(room.members[1].depth)
    assert max(depths[:20]) >= 4
    assert depths[-1] <= 2
    heard = heard_by(anna)
    assert np.abs(np.diff(heard)).max() < 1.5 * np.abs(np.diff(sound.astype(np.int32))).max()
