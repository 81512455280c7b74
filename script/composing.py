"""Makes the piece that everybody hears who is put on hold: pbx_lite/media/hold/<codec>.frames

It is composed from numbers, so that nobody has a claim on it, and encoded once for all: whoever waits first hears it at
once, and the PBX needs neither FFmpeg nor a second of work for it.  PYTHONPATH=. .venv/bin/python -m script.composing
"""

import cmath
import math
from array import array
from collections.abc import Iterator
from itertools import accumulate, repeat
from operator import mul

from pbx_lite.media.codecs import Encoder, Resampler, encode_samples, frame_bytes
from pbx_lite.media.music import FRAME_BYTES, HOLD, path_of
from pbx_lite.media.port import PCMA, Codec

_RATE = 8000
_CHORDS = (  # as MIDI notes: C, A minor, F, G, E minor, A minor, D minor, G
    (48, 60, 64, 67, 71),
    (45, 60, 64, 67, 69),
    (41, 57, 60, 64, 69),
    (43, 59, 62, 65, 71),
    (40, 59, 64, 67, 71),
    (45, 60, 64, 69, 72),
    (38, 57, 62, 65, 69),
    (43, 59, 62, 67, 71),
)
_FIGURE = (1, 2, 3, 4, 3, 2, 4, 3)  # which of a chord's notes, an eighth each
_EIGHTH = 0.25  # seconds
_HARMONICS = ((1, 1.0), (2, 0.35), (3, 0.12))
_LEVEL = 4300  # of 32767 for each note: -23 LUFS all together, as playlists have
_SUSTAIN = 1.6  # seconds until a note has died away


def compose() -> array[int]:
    """The piece at 8000 samples a second, 16-bit; its end leads into its beginning.

    Its highest harmonic is below 1.6 kHz, so that wideband listeners miss nothing.
    """
    length = round(len(_CHORDS) * len(_FIGURE) * _EIGHTH * _RATE)
    piece = [0.0] * length
    notes: dict[int, list[float]] = {}
    for start, pitch, strength in _score():
        if pitch not in notes:
            notes[pitch] = _note(pitch)
        note = [strength * sample for sample in notes[pitch]]
        at = round(start * _RATE)
        fits = min(len(note), length - at)
        piece[at : at + fits] = map(float.__add__, piece[at : at + fits], note, strict=False)
        if rest := note[fits:]:
            piece[: len(rest)] = map(float.__add__, piece[: len(rest)], rest, strict=True)
    return array("h", map(int, piece))


def encode(codec: Codec) -> bytes:
    """The piece as payloads of one size, whose end leads into their beginning."""
    samples = compose()
    if codec == PCMA:
        return encode_samples(codec, samples)
    # A codec remembers what it has just heard, so the second time round is what follows its own end.
    sound = Resampler(_RATE, codec.sample_rate).convert(samples.tobytes() * 3)
    size = frame_bytes(codec.sample_rate)
    encoder = Encoder(codec, constant=FRAME_BYTES[codec] * 8 * 50)
    payloads = [encoder.encode(sound[at : at + size]) for at in range(0, len(sound) - size + 1, size)]
    count = len(samples) * 50 // _RATE
    return b"".join(payloads[count : 2 * count])


def main() -> None:
    HOLD.mkdir(exist_ok=True)
    for codec in FRAME_BYTES:
        path_of(codec).write_bytes(encode(codec))


def _score() -> Iterator[tuple[float, int, float]]:
    """(seconds from the start, MIDI note, strength) of every note."""
    for bar, chord in enumerate(_CHORDS):
        begin = bar * len(_FIGURE) * _EIGHTH
        yield begin, chord[0], 1.2
        for eighth, which in enumerate(_FIGURE):
            yield begin + eighth * _EIGHTH, chord[which], 0.8 if eighth % 4 == 0 else 0.6


def _note(pitch: int) -> list[float]:
    """One note: three harmonics that swell for 15 ms and die away, the higher ones first."""
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    length = round(_SUSTAIN * _RATE)
    note = [0.0] * length
    for number, share in _HARMONICS:
        # A point that turns and draws nearer: its powers are the wave, at a third of what sines and exponentials cost.
        step = cmath.exp(complex(-3.2 * number**0.5 / length, 2 * math.pi * hertz * number / _RATE))
        begin = complex(share * _LEVEL)
        wave = [point.imag for point in accumulate(repeat(step, length - 1), mul, initial=begin)]
        note[:] = map(float.__add__, note, wave, strict=True)
    for ends, seconds in ((1, 0.015), (-1, 0.1)):
        ramp = round(seconds * _RATE)
        for at in range(ramp):
            note[at if ends > 0 else -1 - at] *= at / ramp
    return note


if __name__ == "__main__":
    main()
