"""Files for playlists, as people have them."""

from pathlib import Path

import av
import numpy as np

_RATE = 44_100
_AT_ONCE = 1152


def piece(
    path: Path, hertz: float, *, level: float = -20.0, seconds: float = 6.0, codec: str = "flac", film: bool = False
) -> Path:
    """A tone that swells and fades, in stereo; `level` in dB of full scale, with a picture if it is a film."""
    at = np.arange(round(_RATE * seconds)) / _RATE
    sound = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * at) * (0.7 + 0.3 * np.sin(2 * np.pi * at))
    with av.open(str(path), mode="w") as container:
        picture = container.add_stream("libx264", rate=5) if film else None
        stream = container.add_stream(codec, rate=_RATE, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        if picture is not None:
            picture.width = picture.height = 64
            picture.pix_fmt = "yuv420p"
            for number in range(round(seconds * 5)):
                still = av.VideoFrame(64, 64, "yuv420p")
                still.pts = number
                container.mux(picture.encode(still))
            container.mux(picture.encode(None))
        for begin in range(0, len(sound), _AT_ONCE):
            part = np.tile(sound[begin : begin + _AT_ONCE].astype(np.float32), (2, 1))
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = _RATE, begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
