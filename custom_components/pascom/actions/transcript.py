"""What a recording says, written down by Home Assistant's speech-to-text."""

import asyncio
import io
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import language as language_util

from ..const import DOMAIN, LOGGER

if TYPE_CHECKING:
    from homeassistant.components.stt import Provider, SpeechToTextEntity

# What every engine takes.
_RATE = 16000
_BITS = 16
_CHANNELS = 1
# 20 ms, as a microphone would give it.
_CHUNK = _RATE // 50 * _BITS // 8
# The longest that is decoded: mailboxes take minutes, and a stranger may have sent anything.
_LONGEST = 15 * 60 * _RATE * _BITS // 8
# An engine that says nothing for so long has gone.
_TIMEOUT = 180.0


def engine_of(hass: HomeAssistant, entity_id: str | None) -> SpeechToTextEntity | Provider:
    """The speech-to-text engine that is named, or the first.  Raises ServiceValidationError where there is none."""
    engine = None
    if "stt" in hass.config.components:
        from homeassistant.components import stt  # with its requirements only where somebody has set it up

        if (wanted := entity_id or stt.async_default_engine(hass)) is not None:
            engine = stt.async_get_speech_to_text_engine(hass, wanted)
    if engine is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_stt")
    return engine


async def written(
    hass: HomeAssistant, engine: SpeechToTextEntity | Provider, sound: bytes, *, language: str | None = None
) -> str:
    """What is said in this sound file, empty where nothing was understood.  Raises HomeAssistantError."""
    from homeassistant.components import stt

    wanted = language or hass.config.language
    matches = language_util.matches(wanted, engine.supported_languages, country=hass.config.country)
    metadata = stt.SpeechMetadata(
        language=matches[0] if matches else wanted,
        format=stt.AudioFormats.WAV,
        codec=stt.AudioCodecs.PCM,
        bit_rate=stt.AudioBitRates(_BITS),
        sample_rate=stt.AudioSampleRates(_RATE),
        channel=stt.AudioChannels(_CHANNELS),
    )
    if not engine.check_metadata(metadata):
        raise _failed(f"The engine does not take {metadata.language} at 16 kHz.")
    try:
        speech = await asyncio.to_thread(_decode, sound)
    except ValueError as err:
        raise _failed(str(err)) from err
    ask: Any = getattr(engine, "internal_async_process_audio_stream", engine.async_process_audio_stream)
    try:
        async with asyncio.timeout(_TIMEOUT):
            result = await ask(metadata, _stream(speech))
    except HomeAssistantError:
        raise
    except Exception as err:  # whatever the engine's own code raises
        LOGGER.debug("Speech-to-text failed", exc_info=err)
        raise _failed(str(err) or type(err).__name__) from err
    if result.result is not stt.SpeechResultState.SUCCESS:
        raise _failed("The engine understood nothing.")
    return str(result.text or "").strip()


async def _stream(speech: bytes) -> AsyncIterable[bytes]:
    for begin in range(0, len(speech), _CHUNK):
        yield speech[begin : begin + _CHUNK]


def _decode(sound: bytes) -> bytes:
    """16 kHz, 16 bit, one channel, without a header.  Raises ValueError for what is no sound."""
    import av  # it is large, and only this needs it

    try:
        return _decoded(av, sound)
    except av.FFmpegError as err:
        raise ValueError(str(err)) from err


def _decoded(av: Any, sound: bytes) -> bytes:
    pcm = bytearray()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    with av.open(io.BytesIO(sound), "r") as container:
        if not container.streams.audio:
            raise ValueError("There is no sound in it.")
        for frame in (*container.decode(audio=0), None):
            for part in resampler.resample(frame):
                pcm += bytes(part.planes[0])[: part.samples * _BITS // 8]
            if len(pcm) >= _LONGEST:
                break
    return bytes(pcm[:_LONGEST])


def _failed(error: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="not_understood", translation_placeholders={"error": error}
    )
