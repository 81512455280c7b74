"""How loud a piece of music is, and making it as loud as all others: EBU R 128 and ITU-R BS.1770, by FFmpeg's filters.

Sound is mono at `RATE`, in frames of FFmpeg's.  Everything here blocks: it belongs in a thread.
"""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter import Graph

from pbx_lite.media.recording import RATE

TARGET = -23.0
"""LUFS, as broadcasters have it."""
PEAK = -1.5
"""Of full scale, in dB: no sample is higher, which leaves room for what lies between two of them."""
_MOST_GAIN = 30.0
"""dB; what is quieter than that is noise."""
_SILENCE = -69.0
"""LUFS; BS.1770 does not count what is below -70."""
_SAMPLES = 1600


class Meter:
    """Measures what it is fed."""

    def __init__(self) -> None:
        self._filter = _graph(("ebur128", "metadata=1:framelog=quiet"))
        self._loudness = _SILENCE

    def feed(self, frame: av.AudioFrame) -> None:
        for measured in _through(self._filter, frame):
            self._loudness = float(measured.metadata.get("lavfi.r128.I", self._loudness))

    @property
    def loudness(self) -> float | None:
        """LUFS of all that was heard, None while that was silence or less than half a second."""
        return self._loudness if self._loudness > _SILENCE else None

    @property
    def gain(self) -> float:
        """What makes it as loud as all others, in dB."""
        return 0.0 if self.loudness is None else min(_MOST_GAIN, TARGET - self.loudness)


class Leveller:
    """Makes what it is fed louder or quieter by `gain` dB, and peaks no higher than `PEAK`."""

    def __init__(self, gain: float) -> None:
        limit = 10 ** (PEAK / 20)
        self._filter = _graph(
            ("volume", f"volume={gain:.2f}dB:precision=float"),
            ("alimiter", f"limit={limit:.4f}:attack=5:release=100:level=false"),
            ("aformat", "sample_fmts=s16"),
        )

    def level(self, frame: av.AudioFrame | None) -> Iterator[bytes]:
        """The samples, 16 bits each, as they come out; None ends it."""
        for levelled in _through(self._filter, frame):
            yield bytes(levelled.planes[0])[: levelled.samples * 2]


def resampler() -> av.AudioResampler:
    """What makes of any sound what the others here take."""
    return av.AudioResampler(format="flt", layout="mono", rate=RATE, frame_size=_SAMPLES)


def _graph(*filters: tuple[str, str]) -> Graph:
    graph = Graph()
    last = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=Fraction(1, RATE))
    for name, options in filters:
        following = graph.add(name, options)
        last.link_to(following)
        last = following
    last.link_to(graph.add("abuffersink"))
    graph.configure()
    return graph


def _through(graph: Graph, frame: av.AudioFrame | None) -> Iterator[av.AudioFrame]:
    graph.push(frame)
    while True:
        try:
            out = graph.pull()
        except av.BlockingIOError, av.EOFError:
            return
        assert isinstance(out, av.AudioFrame)
        yield out
