"""A greeting of one's own: any sound file, as loud as the PBX's own words are, kept as Ogg Opus."""

import asyncio

from pbx_lite.errors import Invalid, MediaError
from pbx_lite.media.recording import Recording
from pbx_lite.speech.loudness import level, speech_rms, trim
from pbx_lite.speech.opus_file import encode

MOST_SECONDS = 60.0
MOST_BYTES = 20 * 1024 * 1024
_SILENT = 30.0  # of 32768, what a codec makes of nothing included


async def make_greeting(sound: bytes) -> bytes:
    """Raises Invalid with a sentence."""
    if len(sound) > MOST_BYTES:
        raise Invalid(f"The sound is larger than {MOST_BYTES // (1024 * 1024)} MiB.")
    try:
        return await asyncio.to_thread(_make, sound)
    except MediaError as error:
        raise Invalid(error.message) from None


def _make(sound: bytes) -> bytes:
    spoken = trim(Recording.decode(sound, most_seconds=MOST_SECONDS).sound)
    if speech_rms(spoken) < _SILENT:
        raise MediaError("There is nothing to be heard in this sound.")
    return encode(level(spoken))
