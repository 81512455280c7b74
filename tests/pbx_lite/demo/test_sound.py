"""What the demo door plays, hears and records."""

import wave
from pathlib import Path

import numpy as np

from pbx_lite.demo.sound import FRAME, RATE, Recording, loudness, melody, tone


def test_everything_comes_in_frames_of_twenty_milliseconds() -> None:
    for frames in (melody(), tone(440)):
        assert {len(frame) for frame in frames} == {FRAME}
        assert {frame.dtype for frame in frames} == {np.dtype(np.int16)}


def test_loudness_goes_from_silence_to_full_scale() -> None:
    full = (np.sign(np.sin(np.arange(FRAME))) * 32767).astype(np.int16)
    assert loudness(np.zeros(FRAME, np.int16)) == 0
    assert 0 < loudness(full // 64) < loudness(full // 4) < loudness(full)
    assert loudness(full) >= 99


def test_a_recording_is_a_wav_file_of_what_was_heard(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "heard.wav")
    for frame in tone(440):
        recording.add(frame)
    recording.close()
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (RATE, RATE)
