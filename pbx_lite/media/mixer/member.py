"""One party of a room: what came from it, and how it is heard."""

from collections.abc import Callable

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder, Encoder, Resampler, frame_bytes, is_g711
from pbx_lite.media.playout import Playout
from pbx_lite.media.port import PCMU, AudioPacket, AudioPort, Codec

_CONCEALED = 3  # steps


class Member:
    """`muted` parties are not heard; `volume` is how loud it is for the others, `loudness` how loud they are for it.

    `on_talking` hears when it begins and ends to speak.  `law` is the G.711 codec of what `pull` gives, None for
    samples of 16 bits at `rate`.
    """

    __slots__ = (
        "_converter",
        "_decoder",
        "_playout",
        "_size",
        "_source",
        "codec",
        "encoder",
        "law",
        "loudness",
        "muted",
        "on_talking",
        "port",
        "rate",
        "row",
        "slot",
        "spoke",
        "talking",
        "volume",
    )

    def __init__(self, port: AudioPort, slot: int, *, muted: bool) -> None:
        self.port = port
        self.slot = slot
        self.muted = muted
        self.volume = 1.0
        self.loudness = 1.0
        self.talking = False
        self.on_talking: Callable[[bool], None] | None = None
        self.codec: Codec | None = None
        self.rate = 0
        self.law: Codec | None = None
        self.row = -1  # of the matrix before this one
        self.encoder: Encoder | None = None
        self.spoke = 0  # ticks since it was heard last
        self._source: Codec | None = None
        self._decoder: Decoder | None = None
        self._converter: Resampler | None = None
        self._playout = Playout(160)
        self._size = 0

    @property
    def depth(self) -> int:
        """Packets that wait in the jitter buffer."""
        return self._playout.depth

    @property
    def late(self) -> int:
        """Packets that came too late to be heard."""
        return self._playout.late

    def agree(self, codec: Codec | None) -> None:
        """What it is sent from now on, and at which rate it is mixed."""
        self.codec = codec
        self.encoder = None
        rate = codec.sample_rate if codec is not None else 0
        if rate != self.rate:
            self.rate, self._source, self.row = rate, None, -1

    def receive(self, packet: AudioPacket) -> None:
        """The sink of its port."""
        if packet.codec is not self._source and packet.codec != self._source:
            self._tune(packet.codec)
        sound = packet.payload
        if self._decoder is not None:
            try:
                sound = self._decoder.decode(sound)
            except MediaError:
                return
        self._playout.push(packet.timestamp, sound)

    def pull(self) -> bytes | None:
        """The next 20 ms, None where there is nothing."""
        sound = self._playout.pull()
        if sound is None or self._converter is None:
            return sound
        return self._converter.convert(sound)[-self._size :].rjust(self._size, b"\0")

    @property
    def concealable(self) -> bool:
        """Whether what is missing now is to be covered up by what was before."""
        return 0 < self._playout.starved <= _CONCEALED and self.row >= 0

    def _tune(self, codec: Codec) -> None:
        """Another codec comes from here on; what waits of the one before is lost."""
        self._source = codec
        self._decoder = self._converter = None
        self.law = None
        self._size = frame_bytes(self.rate)
        if is_g711(codec) and self.rate == codec.sample_rate:
            self.law = codec
            self._playout = Playout(160, fill=0xFF if codec == PCMU else 0xD5)
            return
        self._decoder = Decoder(codec)
        if self.rate and self.rate != codec.sample_rate:
            self._converter = Resampler(codec.sample_rate, self.rate)
        self._playout = Playout(codec.clock_rate // 50, 2 * codec.sample_rate // codec.clock_rate)
