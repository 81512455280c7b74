"""Hearing what the PBX says: a call end compares what came with what the words sound like."""

import asyncio
from pathlib import Path

from pbx_lite.speech.parts import Part
from pbx_lite.speech.speech import Speech
from tests.support.call_end import CallEnd

MOST_OF_IT = 0.6
"""Of the different packets of a sentence: nobody else says those, and a lost one does not matter."""


async def hears_words(end: CallEnd, *parts: Part, language: str = "en", within: float = 30.0) -> bool:
    """Wait until most of this has been heard."""
    codec = end.media.audio.codec
    assert codec is not None, f"{end.name} has no codec yet"
    speech = Speech(folder=Path("/nowhere"), language=language, clock=asyncio.get_running_loop())
    recording = await speech.recording(*parts)
    wanted = set(await asyncio.to_thread(recording.frames, codec))
    least = len(wanted) * MOST_OF_IT
    await end.heard.until(lambda packets: len(wanted & {packet.payload for packet in packets}) > least, within=within)
    return True
