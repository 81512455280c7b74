import itertools

import numpy as np
import pytest

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket, Codec
from pbx_lite.media.recording import Playback, Recording
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio
from tests.support.sound_file import wav
from tests.support.tone import decode, share_of


@pytest.mark.parametrize("law", [PCMU, PCMA])
def test_a_sound_file_becomes_packets_of_20_ms(law: Codec) -> None:
    recording = Recording.decode(wav(600, 1.0), most_seconds=10)
    assert recording.seconds == pytest.approx(1.0, abs=0.01)
    frames = recording.frames(law)
    assert len(frames) in {50, 51}
    assert {len(frame) for frame in frames} == {160}
    assert share_of(600, decode(b"".join(frames[10:20]), law=law.name)) > 0.95


@pytest.mark.parametrize("codec", [G722, OPUS])
def test_wideband_hears_it_too(codec: Codec) -> None:
    frames = Recording.decode(wav(600, 1.0), most_seconds=10).frames(codec)
    decoder = Decoder(codec)
    sound = np.frombuffer(b"".join(decoder.decode(frame) for frame in frames), np.int16).astype(np.int32)
    narrow = sound[:: codec.sample_rate // 8000]
    assert share_of(600, narrow[4000:5600]) > 0.9


def test_it_is_encoded_once_for_each_codec() -> None:
    recording = Recording.decode(wav(), most_seconds=10)
    assert not recording.ready(PCMA)
    assert recording.frames(PCMA) is recording.frames(PCMA)
    assert recording.ready(PCMA)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no sound file"),
        (b"nonsense" * 1000, "no sound file"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "no sound file"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "no sound file"),
        (wav(600, 0.0), "no sound"),
        (wav(600, 1.0)[:44], "no sound"),
    ],
)
def test_what_is_no_sound_is_told_so(data: bytes, words: str) -> None:
    with pytest.raises(MediaError, match=words):
        Recording.decode(data, most_seconds=10)


def test_what_lasts_too_long_is_not_played() -> None:
    with pytest.raises(MediaError, match="longer than 2 seconds"):
        Recording.decode(wav(600, 3.0), most_seconds=2)


def test_many_hear_it_in_step_and_are_told_its_end() -> None:
    clock = FakeClock(0)
    playback = Playback(clock)
    done: list[str] = []
    ports = [FakeAudio(), FakeAudio()]
    for name, port in zip("ab", ports, strict=True):
        playback.play(port, PCMU, (b"1", b"2", b"3"), lambda name=name: done.append(name))  # type: ignore[misc]
    clock.advance(0.02)
    assert [[packet.payload for packet in port.heard] for port in ports] == [[b"1", b"2"], [b"1", b"2"]]
    assert [packet.marker for packet in ports[0].heard] == [True, False]
    assert not done
    clock.advance(0.1)
    assert done == ["a", "b"]
    assert not clock.pending
    stamps = [packet.timestamp for packet in ports[0].heard]
    assert [(later - first) % 2**32 for first, later in itertools.pairwise(stamps)] == [160, 160]


def test_who_leaves_hears_no_more_and_the_others_go_on() -> None:
    clock = FakeClock(0)
    playback = Playback(clock)
    staying, leaving = FakeAudio(), FakeAudio()
    for port in (staying, leaving):
        playback.play(port, PCMU, (b"1", b"2", b"3"), lambda: None)
    clock.advance(0.0)
    playback.stop(leaving)
    clock.advance(1.0)
    assert (len(staying.heard), len(leaving.heard)) == (3, 1)


def test_after_a_machine_that_slept_it_does_not_come_all_at_once() -> None:
    clock = FakeClock(0)
    heard: list[float] = []

    class Port(FakeAudio):
        def send(self, packet: AudioPacket) -> None:
            heard.append(clock.time())

    playback = Playback(clock)
    playback.play(Port(), PCMU, (b"x",) * 200, lambda: None)
    clock.advance(0.1)
    clock._now += 60
    clock.advance(0.02)
    assert len(heard) < 70
