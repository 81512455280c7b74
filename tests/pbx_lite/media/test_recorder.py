"""Sound written down as it comes, read back by FFmpeg."""

import asyncio
import math
from array import array
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.media.codecs import Encoder, frame_bytes
from pbx_lite.media.port import G722, OPUS, PCM16, PCMA, PCMU, AudioPacket, Codec
from pbx_lite.media.recorder import Recorder
from pbx_lite.media.recording import RATE, Recording
from tests.support.clock import FakeClock


def tone(seconds: float, rate: int = RATE, level: int = 8000) -> bytes:
    step = 440 * math.tau / rate
    return array("h", (round(level * math.sin(at * step)) for at in range(round(seconds * rate)))).tobytes()


def files(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def packets(codec: Codec, sound: bytes, start: int = 0) -> list[AudioPacket]:
    encoder, size = Encoder(codec), frame_bytes(codec.sample_rate)
    step = codec.clock_rate // 50
    return [
        AudioPacket(codec, encoder.encode(sound[at : at + size]), (start + at // size * step) & 0xFFFFFFFF)
        for at in range(0, len(sound), size)
    ]


def recorder(path: Path, most: float = 60, **options: Any) -> Recorder:
    return Recorder(path, clock=FakeClock(), most_seconds=most, **options)


def read(path: Path) -> Recording:
    return Recording.decode(path.read_bytes(), most_seconds=120)


def loudness(sound: bytes) -> float:
    samples = array("h", sound)
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


@pytest.mark.parametrize("codec", [PCMU, PCMA, G722, OPUS])
async def test_what_a_port_says_is_in_the_file(tmp_path: Path, codec: Codec) -> None:
    tape = recorder(tmp_path / "a.opus")
    for packet in packets(codec, tone(1, codec.sample_rate)):
        tape.hear(packet)
    recorded = await tape.stop()
    assert recorded is not None
    assert recorded.path == tmp_path / "a.opus"
    assert recorded.seconds == pytest.approx(1, abs=0.05)
    heard = read(recorded.path)
    assert heard.seconds == pytest.approx(1, abs=0.1)
    assert loudness(heard.frames(PCM16)[10]) > 3000
    assert files(tmp_path) == ["a.opus"]


async def test_the_mix_of_a_room_is_taken_as_samples(tmp_path: Path) -> None:
    tape = recorder(tmp_path / "deep" / "er" / "a.opus")
    sound = tone(0.5)
    for at in range(0, len(sound), 640):
        tape.take(sound[at : at + 640])
    recorded = await tape.stop()
    assert recorded is not None
    assert read(recorded.path).seconds == pytest.approx(0.5, abs=0.1)


async def test_what_did_not_come_is_silence_and_a_jump_is_none(tmp_path: Path) -> None:
    tape = recorder(tmp_path / "a.opus")
    for packet in packets(PCMU, tone(0.2, 8000), start=0xFFFFFF00):
        tape.hear(packet)
    for packet in packets(PCMU, tone(0.2, 8000), start=(0xFFFFFF00 + 8000) & 0xFFFFFFFF):
        tape.hear(packet)
    for packet in packets(PCMU, tone(0.2, 8000), start=2_000_000_000):
        tape.hear(packet)
    recorded = await tape.stop()
    assert recorded is not None
    assert recorded.seconds == pytest.approx(1.4, abs=0.05)


async def test_packets_that_come_late_or_twice_or_are_no_sound_are_left_out(tmp_path: Path) -> None:
    tape = recorder(tmp_path / "a.opus")
    sent = packets(G722, tone(0.4, 16000))
    for packet in [*sent, sent[3], sent[-1], AudioPacket(OPUS, b"\xff" * 7, 0)]:
        tape.hear(packet)
    recorded = await tape.stop()
    assert recorded is not None
    assert recorded.seconds == pytest.approx(0.4, abs=0.05)


async def test_silence_at_both_ends_is_cut(tmp_path: Path) -> None:
    tape = recorder(tmp_path / "a.opus")
    sound = bytes(RATE * 2 * 2) + tone(1) + bytes(RATE * 2 * 3)
    for at in range(0, len(sound), 640):
        tape.take(sound[at : at + 640])
    recorded = await tape.stop(trim=True)
    assert recorded is not None
    assert recorded.seconds == pytest.approx(1.6, abs=0.1)
    heard = read(recorded.path)
    assert heard.seconds == pytest.approx(1.6, abs=0.15)
    assert loudness(heard.frames(PCM16)[40]) > 3000
    assert files(tmp_path) == ["a.opus"]


async def test_who_says_nothing_leaves_nothing(tmp_path: Path) -> None:
    tape = recorder(tmp_path / "a.opus")
    for _ in range(100):
        tape.take(bytes(640))
    assert await tape.stop(trim=True) is None
    assert files(tmp_path) == []
    assert await recorder(tmp_path / "b.opus").stop() is None


async def test_a_recording_ends_by_itself_when_it_is_long_enough(tmp_path: Path) -> None:
    full = asyncio.Event()
    tape = recorder(tmp_path / "a.opus", most=0.5, on_full=full.set)
    sound = tone(2)
    for at in range(0, len(sound), 640):
        tape.take(sound[at : at + 640])
    async with asyncio.timeout(20):
        await full.wait()
    recorded = await tape.stop()
    assert recorded is not None
    assert recorded.seconds == pytest.approx(0.5)


async def test_a_full_disk_is_told_once_and_keeps_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    failed = asyncio.Event()

    def hear(error: str) -> None:
        errors.append(error)
        failed.set()

    whole = Path.open

    class Full:
        """A file on a disk with room for 3000 bytes."""

        def __init__(self, file: Any) -> None:
            self._file = file
            self._left = 3000

        def write(self, data: bytes) -> int:
            self._left -= len(data)
            if self._left < 0:
                raise OSError(28, "No space left on device")
            return int(self._file.write(data))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    monkeypatch.setattr(Path, "open", lambda path, mode: Full(whole(path, mode)))
    tape = recorder(tmp_path / "a.opus", on_failed=hear)
    sound = tone(10)
    for at in range(0, len(sound), 640):
        tape.take(sound[at : at + 640])
    async with asyncio.timeout(20):
        await failed.wait()
    monkeypatch.undo()
    recorded = await tape.stop()
    assert errors == ["The recording stopped: No space left on device."]
    assert recorded is not None
    assert read(recorded.path).seconds > 0.3


async def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    errors: list[str] = []
    tape = recorder(tmp_path / "file" / "a.opus", on_failed=errors.append)
    for _ in range(100):
        tape.take(tone(0.02))
    assert await tape.stop() is None
    await asyncio.sleep(0)
    assert len(errors) == 1


async def test_stopping_twice_gives_the_same(tmp_path: Path) -> None:
    tape = recorder(tmp_path / "a.opus")
    tape.take(tone(0.02))
    assert await tape.stop() == await tape.stop()
    tape.take(tone(0.02))


async def test_many_record_at_once(tmp_path: Path) -> None:
    tapes = [recorder(tmp_path / f"{number}.opus") for number in range(5)]
    for _ in range(60):
        for tape in tapes:
            tape.take(tone(0.02))
    recorded = await asyncio.gather(*(tape.stop() for tape in tapes))
    assert all(each is not None and each.seconds == pytest.approx(1.2) for each in recorded)
