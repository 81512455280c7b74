"""What rooms need that is not loaded before the first caller: numpy, and FFmpeg for who does not speak G.711."""

import asyncio
import sys
from importlib import import_module

from pbx_lite.media.codecs import is_g711
from pbx_lite.media.port import Codec
from pbx_lite.media.transcode import load as load_ffmpeg

_MIXER = "pbx_lite.media.mixer"


async def load(codec: Codec | None = None) -> None:
    """In a thread, once: a `Room` can be made after it, and take somebody who speaks this codec."""
    if _MIXER not in sys.modules or not hasattr(sys.modules[_MIXER], "Mixer"):
        await asyncio.to_thread(import_module, _MIXER)
    if codec is not None and not is_g711(codec):
        await load_ffmpeg()
