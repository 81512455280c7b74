"""A sound file with one tone in it."""

import io
import wave

from tests.support.tone import RATE, sine


def wav(hertz: float = 600, seconds: float = 1.0) -> bytes:
    """16 bits, mono, 8 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(sine(hertz, milliseconds=round(seconds * 1000)).tobytes())
    return file.getvalue()
