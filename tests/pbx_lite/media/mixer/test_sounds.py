"""What a room is played, and who listens to all of it."""

import numpy as np
import pytest

from pbx_lite.media import g711
from pbx_lite.media.codecs import Decoder, Encoder
from pbx_lite.media.mixer import TICK
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec
from pbx_lite.media.recording import Recording
from tests.pbx_lite.media.mixer.rooms import Room, exact, loud, values
from tests.support.fake_leg import FakeAudio
from tests.support.tone import share_of

_RATE = 16000


def recording(hertz: float = 440, seconds: float = 0.5, amplitude: int = 8000) -> Recording:
    t = np.arange(round(seconds * _RATE))
    return Recording((amplitude * np.sin(2 * np.pi * hertz * t / _RATE)).astype(np.int16).tobytes())


def flat(level: int, seconds: float = 0.2) -> Recording:
    return Recording(np.full(round(seconds * _RATE), level, dtype=np.int16).tobytes())


def narrow(port: FakeAudio):
    return np.concatenate([g711.decode(packet.codec, [packet.payload])[0] for packet in port.heard]).astype(np.int32)


def wide(port: FakeAudio, codec: Codec):
    decoder = Decoder(codec)
    return np.frombuffer(b"".join(decoder.decode(packet.payload) for packet in port.heard), np.int16).astype(np.int32)


@pytest.fixture
def room():
    return Room()


def test_all_hear_what_is_played_whatever_their_codec(room):
    ports = {codec: room.enter(codec) for codec in (PCMU, PCMA, G722, OPUS)}
    room.mixer.play(recording(440, 1.0))
    for _ in range(45):
        room.turn()
    for law in (PCMU, PCMA):
        assert share_of(440, narrow(ports[law])[1600:6400]) > 0.95
    assert share_of(220, wide(ports[G722], G722)[3200:12800]) > 0.95
    assert share_of(440 / 6, wide(ports[OPUS], OPUS)[9600:38400]) > 0.95


def test_what_is_played_is_mixed_with_what_is_said(room):
    anna, ben = room.enter(), room.enter()
    for _ in range(4):
        room.turn(loud(1000))
    room.mixer.play(flat(3000, 1.0))
    for _ in range(6):
        room.turn(loud(1000))
    assert values(anna)[-1] == exact(3000)
    assert values(ben)[-1] == exact(3000 + exact(1000))


def test_some_may_hear_what_others_do_not(room):
    ports = [room.enter(codec) for codec in (PCMU, PCMU, G722, G722, OPUS, OPUS)]
    room.mixer.play(recording(440, 1.0), only=room.members[::2])
    for _ in range(40):
        room.turn()
    assert share_of(440, narrow(ports[0])[1600:4800]) > 0.95
    assert np.abs(narrow(ports[1])).max() == 0
    for port, codec, factor in ((ports[2], G722, 2), (ports[4], OPUS, 6)):
        heard = wide(port, codec)
        assert share_of(440 / factor, heard[len(heard) // 3 : -len(heard) // 3]) > 0.95
    for port, codec in ((ports[3], G722), (ports[5], OPUS)):
        assert np.abs(wide(port, codec)).max() < 100


def test_those_who_hear_the_same_beside_the_room_share_one_encoding(room):
    ports = [room.enter(G722) for _ in range(4)]
    room.mixer.play(recording(), only=room.members[:3])
    for _ in range(5):
        room.turn()
    assert len({id(port.heard[-1].payload) for port in ports[:3]}) == 1
    assert ports[3].heard[-1].payload != ports[0].heard[-1].payload


def test_a_speaker_hears_a_sound_of_their_own_and_not_themselves(room):
    anna, ben = room.enter(), room.enter()
    room.mixer.play(flat(3000, 1.0), only=[room.members[0]])
    for _ in range(8):
        room.turn(loud(1000), loud(500))
    assert values(anna)[-1] == exact(3000 + exact(500))
    assert values(ben)[-1] == exact(1000)


def test_its_end_is_told_once_all_of_it_was_heard(room):
    anna = room.enter()
    told: list[int] = []
    room.mixer.play(flat(2000, 0.1), lambda: told.append(len(anna.heard)))
    for _ in range(10):
        room.turn()
    assert told == [5]
    assert [level > 0 for level in values(anna)[:4]] == [True] * 4


def test_what_is_stopped_is_not_told_and_goes_out_softly(room):
    anna = room.enter()
    told: list[str] = []
    sound = room.mixer.play(recording(440, 1.0), lambda: told.append("over"))
    for _ in range(6):
        room.turn()
    room.mixer.stop(sound)
    for _ in range(4):
        room.turn()
    heard = narrow(anna)
    assert told == []
    assert np.abs(heard[:900]).max() > 7000
    assert np.abs(heard[-320:]).max() == 0
    own = np.abs(np.diff(8000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000))).max()
    assert np.abs(np.diff(heard)).max() < 1.3 * own


def test_a_sound_begins_and_ends_without_a_click_however_it_was_cut(room):
    anna = room.enter()
    room.mixer.play(flat(8000, 0.1))
    for _ in range(8):
        room.turn()
    heard = narrow(anna)
    assert heard.max() > 7500
    assert np.abs(np.diff(heard)).max() < 8000 / 10


def test_a_sound_that_nobody_is_left_to_hear_is_over(room):
    anna, ben = room.enter(), room.enter()
    told: list[str] = []
    room.mixer.play(flat(2000, 9.0), lambda: told.append("for anna"), only=[room.members[0]])
    room.mixer.play(flat(2000, 9.0), lambda: told.append("for all"))
    room.turn()
    room.mixer.remove(anna)
    room.clock.advance(0.0)
    assert told == ["for anna"]
    room.mixer.remove(ben)
    room.clock.advance(0.0)
    assert told == ["for anna", "for all"]
    room.mixer.play(flat(2000, 9.0), lambda: told.append("for nobody"))
    room.clock.advance(0.0)
    assert told[-1] == "for nobody"
    assert not room.clock.pending


def test_who_hears_the_end_may_play_the_next_and_leave(room):
    anna, ben = room.enter(), room.enter()

    def over() -> None:
        room.mixer.remove(anna)
        room.mixer.play(flat(1000, 1.0))

    room.mixer.play(flat(2000, 0.04), over)
    for _ in range(10):
        room.turn()
    assert values(ben)[-1] == exact(1000)
    assert anna.sink is None


def test_the_tap_hears_everybody_and_what_all_hear_but_nothing_else(room):
    tapped: list[bytes] = []
    room.mixer.tap = tapped.append
    room.enter(PCMU)
    room.enter(G722)
    room.mixer.play(flat(2000, 5.0))
    room.mixer.play(flat(9000, 5.0), only=[room.members[0]])
    for _ in range(10):
        room.turn(loud(1000), None)
    assert {len(block) for block in tapped} == {640}
    assert abs(int(np.frombuffer(tapped[-1], np.int16)[-1]) - 2000 - exact(1000)) < 10


def test_the_tap_hears_silence_too_and_of_ticks_that_were_left_out(room):
    tapped: list[bytes] = []
    room.mixer.tap = tapped.append
    room.enter()
    for _ in range(3):
        room.turn()
    assert tapped == [bytes(640)] * 3
    room.clock.jump(1.0)
    room.clock.advance(TICK)
    assert 50 <= len(tapped) <= 54


def test_wideband_reaches_the_tap(room):
    tapped: list[bytes] = []
    room.mixer.tap = tapped.append
    room.enter(G722)
    encoder = Encoder(G722)
    sound = recording(5000, 1.0).sound
    for number in range(40):
        room.turn(encoder.encode(sound[number * 640 : number * 640 + 640]))
    heard = np.frombuffer(b"".join(tapped[-20:]), np.int16).astype(np.int32)
    assert abs(int(np.abs(np.fft.rfft(heard)).argmax()) * 2.5 - 5000) <= 5
