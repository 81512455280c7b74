"""Listening without ears: what a sound that went wrong differs in from one that did not."""

import math
from array import array
from collections.abc import Iterator

from pbx_lite.media.recording import RATE, Recording
from pbx_lite.speech.loudness import PEAK_DB, SPEECH_DB, speech_rms
from pbx_lite.speech.sentence import stored
from pbx_lite.speech.texts import LANGUAGES
from script.prompting.made import path_of

LETTERS = (4.0, 32.0)
"""A second of speech."""
OFF_DB = 5.0
"""A short word with a loud plosive stays below the others."""
CLIPPED = 32767


def faults() -> list[str]:
    """A sentence for each sound that is silent, clipped, of another level, or too short or long for its text."""
    return [
        f"{language}/{key}: {fault}"
        for language in LANGUAGES
        for key, text in stored(language).items()
        if path_of(language, key).is_file()
        for fault in _faults(text, path_of(language, key).read_bytes())
    ]


def _faults(text: str, data: bytes) -> Iterator[str]:
    recording = Recording.decode(data, most_seconds=60)
    rms = speech_rms(recording.sound)
    if rms == 0:
        yield "silent"
        return
    level = 20 * math.log10(rms / 32767)
    if abs(level - SPEECH_DB) > OFF_DB:
        yield f"{level:.1f} dB where {SPEECH_DB} were wanted"
    samples = array("h", recording.sound)
    if sum(abs(sample) >= CLIPPED for sample in samples) > RATE // 1000:
        yield f"clipped, though levelled to {PEAK_DB} dB"
    letters = sum(map(str.isalnum, text))
    pace = letters / max(0.1, recording.seconds - 0.15)
    if not LETTERS[0] < pace < LETTERS[1] and not (letters < 6 and 0.1 < recording.seconds < 1.2):
        yield f"{letters} letters in {recording.seconds:.2f} s"
