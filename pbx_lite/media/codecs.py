"""Sound encoded and decoded: G.711 by its formulas, the rest by FFmpeg's codecs through PyAV.

Decoded sound is signed 16-bit native-endian mono at the codec's `sample_rate`, as bytes.  PyAV costs some 20 MB, so it
is imported where a codec is made and not before.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Literal

from pbx_lite.errors import MediaError
from pbx_lite.media.port import OPUS, PCMA, PCMU, Codec

if TYPE_CHECKING:
    import av

_FFMPEG = {  # decoder, encoder
    "PCMU": ("pcm_mulaw", "pcm_mulaw"),
    "PCMA": ("pcm_alaw", "pcm_alaw"),
    "G722": ("g722", "g722"),
    "opus": ("libopus", "libopus"),
    "PCM": ("pcm_s16le", "pcm_s16le"),
}
_OPUS = {"application": "audio", "frame_duration": "20", "compression_level": "4"}
"""What makes libopus choose its transform codec: full band, and less than half the work of its speech codec."""
FRAME = 0.02  # seconds of sound in each packet that is made here


def frame_bytes(rate: int) -> int:
    """The size of 20 ms of decoded sound."""
    return rate // 50 * 2


@cache
def translation(source: Codec, target: Codec) -> bytes:
    """The table for `bytes.translate` that turns one G.711 law into the other."""
    return encode_samples(target, decoded_samples(source))


def encode_samples(codec: Codec, samples: Iterable[int]) -> bytes:
    """Samples as G.711; half a microsecond each, so for tones and tables, not for calls."""
    return bytes(map(_to_ulaw if codec == PCMU else _to_alaw, samples))


def decoded_samples(codec: Codec) -> list[int]:
    """The sample that each of G.711's 256 codes stands for."""
    return list(map(_from_ulaw if codec == PCMU else _from_alaw, range(256)))


def is_g711(codec: Codec) -> bool:
    return codec in {PCMU, PCMA}


class Decoder:
    """Payloads of one stream, in their order, to sound.  Raises MediaError for payloads that are no such sound."""

    def __init__(self, codec: Codec) -> None:
        self._context = _context(codec, "r")
        self._context.sample_rate = codec.sample_rate
        self._context.layout = "mono"
        if codec == OPUS:
            self._context.format = "s16"

    def decode(self, payload: bytes) -> bytes:
        import av

        try:
            return b"".join(_bytes(frame) for frame in self._context.decode(av.Packet(payload)))
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(f"Sound that cannot be decoded: {error}") from error


class Encoder:
    """Sound, 20 ms at a time, to payloads; with `constant` bits a second, Opus makes all of one size."""

    def __init__(self, codec: Codec, *, constant: int = 0) -> None:
        self._rate = codec.sample_rate
        self._context = _context(codec, "w")
        self._context.sample_rate = codec.sample_rate
        self._context.layout = "mono"
        self._context.format = "s16"
        self._context.time_base = Fraction(1, codec.sample_rate)
        if codec == OPUS:
            self._context.options = _OPUS | ({"vbr": "off"} if constant else {})
            self._context.bit_rate = constant or 40000
        self._position = 0

    def encode(self, sound: bytes) -> bytes:
        frame = _frame(sound, self._rate)
        frame.pts = self._position
        self._position += frame.samples
        return b"".join(bytes(packet) for packet in self._context.encode(frame))


class Resampler:
    """Sound of one rate to another, without gaps between what it is given."""

    def __init__(self, source: int, target: int) -> None:
        import av

        self._source = source
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=target)

    def convert(self, sound: bytes) -> bytes:
        return self.convert_frame(_frame(sound, self._source)) if sound else b""

    def convert_frame(self, frame: av.AudioFrame) -> bytes:
        frame.pts = None
        return b"".join(_bytes(converted) for converted in self._resampler.resample(frame))


def _context(codec: Codec, mode: Literal["r", "w"]) -> av.AudioCodecContext:
    import av

    names = _FFMPEG.get(codec.name)
    if names is None:
        raise MediaError(f"There is no way to convert {codec}")
    context = av.CodecContext.create(names[mode == "w"], mode)
    assert isinstance(context, av.AudioCodecContext)
    return context


def _frame(sound: bytes, rate: int) -> av.AudioFrame:
    import av

    frame = av.AudioFrame(format="s16", layout="mono", samples=len(sound) // 2)
    plane = frame.planes[0]
    plane.update(sound + bytes(plane.buffer_size - len(sound)))
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    return frame


def _bytes(frame: av.AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]


# G.711, as ITU-T writes it: eight segments of sixteen steps, each segment twice as coarse as the one before.


def _to_ulaw(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    segment = magnitude.bit_length() - 8
    return ~(sign | segment << 4 | magnitude >> segment + 3 & 0x0F) & 0xFF


def _from_ulaw(byte: int) -> int:
    byte = ~byte & 0xFF
    magnitude = ((byte & 0x0F) << 3 | 0x84) << (byte >> 4 & 7)
    return 132 - magnitude if byte & 0x80 else magnitude - 132


def _to_alaw(sample: int) -> int:
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(sample if sample >= 0 else ~sample, 32767) >> 4
    segment = max(magnitude.bit_length() - 4, 0)
    step = magnitude if segment < 2 else magnitude >> segment - 1
    return (sign | segment << 4 | step & 0x0F) ^ 0x55


def _from_alaw(byte: int) -> int:
    byte ^= 0x55
    segment = byte >> 4 & 7
    magnitude = (byte & 0x0F) << 4 | 8
    if segment:
        magnitude = (magnitude | 0x100) << segment - 1
    return magnitude if byte & 0x80 else -magnitude
