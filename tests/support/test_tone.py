import numpy as np
import pytest

from tests.support.tone import FRAME, decode, encode, frames, share_of, sine


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
def test_a_tone_survives_g711(law: str) -> None:
    heard = decode(encode(sine(440), law=law), law=law)
    assert share_of(440, heard) > 0.99
    assert share_of(697, heard) < 0.01
    assert np.max(np.abs(heard - sine(440))) < 1200


def test_known_values_of_both_laws() -> None:
    assert list(decode(b"\xff\x00\x80", law="PCMU")) == [0, -32124, 32124]
    assert list(decode(b"\xd5\x55\xaa", law="PCMA")) == [8, -8, 32256]


def test_silence_has_no_tone() -> None:
    assert share_of(440, np.zeros(FRAME, np.int32)) == 0.0


def test_frames_are_20_milliseconds() -> None:
    assert [len(each) for each in frames(sine(440, milliseconds=60))] == [FRAME] * 3
