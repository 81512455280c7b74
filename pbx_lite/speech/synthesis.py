"""espeak-ng, where the machine has it: for names, which nobody can have recorded beforehand.  Blocks."""

import logging
import re
import shutil
import subprocess
from dataclasses import dataclass

from pbx_lite.errors import MediaError
from pbx_lite.media.recording import Recording
from pbx_lite.speech.loudness import level, trim

_LOGGER = logging.getLogger(__name__)

MOST_LETTERS = 80
"""Of a name; more is cut off."""
MOST_SECONDS = 15.0
PATIENCE = 5.0
"""Seconds that the synthesiser may take."""
_UNSPEAKABLE = re.compile(r"[^\w\s.,'\u2019&-]+")


@dataclass(frozen=True, slots=True)
class Voice:
    """What espeak-ng is told: a voice and variant, words a minute, pitch from 0 to 99."""

    name: str
    speed: int = 160
    pitch: int = 45


VOICES = {
    "en": Voice("en-gb"),
    "de": Voice("de"),
    "fr": Voice("fr-fr"),
    "nl": Voice("nl"),
    "sr": Voice("sr"),
    "bar": Voice("de"),
}
"""Bavarian text is spoken by the German voice."""


def speak_name(text: str, language: str) -> bytes:
    """A name as samples at 16 kHz; empty where there is no synthesiser or it makes nothing of it."""
    spoken = " ".join(_UNSPEAKABLE.sub(" ", text).split())[:MOST_LETTERS]
    if not spoken or language not in VOICES or (program := shutil.which("espeak-ng")) is None:
        return b""
    try:
        return speak(program, spoken, VOICES[language])
    except (OSError, subprocess.SubprocessError, MediaError) as error:
        _LOGGER.debug("espeak-ng does not say %r: %s", spoken, error)
        return b""


def speak(program: str, text: str, voice: Voice) -> bytes:
    """Samples at 16 kHz, trimmed and levelled.  The text goes in by standard input: it is never an argument.

    Raises MediaError, OSError and subprocess.SubprocessError.
    """
    said = subprocess.run(  # noqa: S603 - no shell, and nothing of a stranger among the arguments
        [program, "-v", voice.name, "-s", str(voice.speed), "-p", str(voice.pitch), "-b", "1", "--stdin", "--stdout"],
        input=text.encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return level(trim(Recording.decode(said.stdout, most_seconds=MOST_SECONDS).sound))
