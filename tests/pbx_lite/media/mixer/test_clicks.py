"""Whatever happens in a room, no sample is further from the one before it than the sound itself goes."""

from collections.abc import Callable

import numpy as np
import pytest

from pbx_lite.media import g711
from pbx_lite.media.port import PCMA, PCMU
from pbx_lite.media.recording import Recording
from tests.pbx_lite.media.mixer.rooms import Room

_HERTZ, _LEVEL = 310, 12000


def _sine(rate: int, count: int):
    return (_LEVEL * np.sin(2 * np.pi * _HERTZ * np.arange(count) / rate + 1.0)).astype(np.int16)


_SOUND = _sine(8000, 160 * 60)
_STEP = int(np.abs(np.diff(_SOUND.astype(np.int32))).max())


def _join(room: Room) -> None:
    room.enter()


def _leave(room: Room) -> None:
    room.mixer.remove(room.ports[1])


def _mute(room: Room) -> None:
    room.members[1].muted = True


def _unmute(room: Room) -> None:
    room.members[1].muted = False


def _turn_down(room: Room) -> None:
    room.members[1].volume = 0.2


def _play(room: Room) -> None:
    _mute(room)
    room.mixer.play(Recording(_sine(16000, 16000).tobytes()))


def _stop(room: Room) -> None:
    room.mixer.stop()


def _other_law(room: Room) -> None:
    room.ports[1].codec = PCMA


def _denoise(room: Room) -> None:
    room.members[1].denoise = True


def _raw(room: Room) -> None:
    room.members[1].denoise = False


@pytest.mark.parametrize(
    "happens",
    [
        [_join, _leave],
        [_mute, _unmute, _leave],
        [_turn_down, _mute],
        [_play, _stop, _unmute],
        [_denoise, _raw, _leave],
        [_other_law, _leave],
    ],
)
def test_it_makes_no_click(happens: list[Callable[[Room], None]]):
    room = Room()
    anna, ben = room.enter(), room.enter()
    steps = dict(zip((10, 20, 30), happens, strict=False))
    for number in range(45):
        if number in steps:
            steps[number](room)
        law = ben.codec or PCMU
        room.turn(None, g711.encode(law, _SOUND[number * 160 : number * 160 + 160]))
    heard = np.concatenate([g711.decode(PCMU, [packet.payload])[0] for packet in anna.heard]).astype(np.int32)
    assert heard.max() > 0.9 * _LEVEL
    assert np.abs(np.diff(heard)).max() < 1.6 * _STEP
