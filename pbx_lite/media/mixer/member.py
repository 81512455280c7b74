"""One party of a room: what came from it, and how it is heard."""

from collections.abc import Callable

import numpy as np

from pbx_lite.errors import MediaError
from pbx_lite.media import g711
from pbx_lite.media.codecs import Decoder, Encoder, is_g711
from pbx_lite.media.g711 import Samples
from pbx_lite.media.mixer.concealment import STEPS
from pbx_lite.media.playout import Playout
from pbx_lite.media.port import PCMA, PCMU, AudioPacket, AudioPort, Codec
from pbx_lite.media.resample import Rates, limited

LAWS = ((0, PCMU), (1, PCMA))
LINEAR = 2


class Member:
    """`muted` parties are not heard; `volume` is how loud it is for the others, `loudness` how loud they are for it.

    `on_talking` hears when it begins and ends to speak.  `kind` says what `pull` gives: a payload by one of LAWS, or
    LINEAR samples of 16 bits at `rate`.  `wanted` is the gain that follows from what is set.
    """

    __slots__ = (
        "_decoder",
        "_muted",
        "_playout",
        "_rates",
        "_source",
        "_volume",
        "codec",
        "denoise",
        "encoder",
        "kind",
        "loudness",
        "on_talking",
        "port",
        "rate",
        "slot",
        "spoke",
        "talking",
        "wanted",
    )

    def __init__(self, port: AudioPort, slot: int, *, muted: bool) -> None:
        self.port = port
        self.slot = slot
        self.wanted = 0.0 if muted else 1.0
        self.loudness = 1.0
        self.denoise = False
        self.talking = False
        self.on_talking: Callable[[bool], None] | None = None
        self.codec: Codec | None = None
        self.rate = 0
        self.kind = LINEAR
        self.encoder: Encoder | None = None
        self.spoke = 0  # ticks since it was heard last
        self._muted = muted
        self._volume = 1.0
        self._source: Codec | None = None
        self._decoder: Decoder | None = None
        self._rates: Rates | None = None
        self._playout = Playout(160)

    @property
    def depth(self) -> int:
        """Packets that wait in the jitter buffer."""
        return self._playout.depth

    @property
    def late(self) -> int:
        """Packets that came too late to be heard."""
        return self._playout.late

    @property
    def muted(self) -> bool:
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted
        self.wanted = 0.0 if muted else self._volume

    @property
    def volume(self) -> float:
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._volume = volume
        self.wanted = 0.0 if self._muted else volume

    def agree(self, codec: Codec | None) -> None:
        """What it is sent from now on, and at which rate it is mixed."""
        self.codec = codec
        self.encoder = None
        rate = codec.sample_rate if codec is not None else 0
        if rate != self.rate:
            self.rate, self._source = rate, None

    def receive(self, packet: AudioPacket) -> None:
        """The sink of its port."""
        sound = packet.payload
        try:
            if packet.codec is not self._source and packet.codec != self._source:
                self._tune(packet.codec)
            if self._decoder is not None:
                sound = self._decoder.decode(sound)
        except MediaError:
            return
        self._playout.push(packet.timestamp, sound)

    def pull(self) -> bytes | None:
        """The next 20 ms, None where there is nothing."""
        sound = self._playout.pull()
        if sound is None or self._rates is None:
            return sound
        return limited(self._rates.convert(np.frombuffer(sound, np.int16))).tobytes()

    def next(self) -> Samples | None:
        """The next 20 ms as samples."""
        sound = self.pull()
        return None if sound is None else self._samples(sound)

    @property
    def dropped(self) -> Samples | None:
        """The step that was left out before the one that was pulled just now; to be asked once."""
        if (sound := self._playout.dropped) is None:
            return None
        self._playout.dropped = None
        if self._rates is not None:
            return None
        return self._samples(sound)

    @property
    def concealable(self) -> bool:
        """Whether what is missing now is to be covered up by what was before."""
        return 0 < self._playout.starved <= STEPS

    def _samples(self, sound: bytes) -> Samples:
        if self.kind == LINEAR:
            return np.frombuffer(sound, np.int16)
        return g711.decode(LAWS[self.kind][1], [sound], len(sound)).ravel()

    def _tune(self, codec: Codec) -> None:
        """Another codec comes from here on; what waits of the one before is lost.  Raises MediaError where unknown."""
        if is_g711(codec) and self.rate == codec.sample_rate:
            self._decoder = self._rates = None
            self.kind = 0 if codec == PCMU else 1
            self._playout = Playout(160, fill=0xFF if codec == PCMU else 0xD5)
        else:
            self._decoder = Decoder(codec)
            self._rates = None
            if self.rate and self.rate != codec.sample_rate:
                self._rates = Rates(codec.sample_rate, self.rate)
            self.kind = LINEAR
            self._playout = Playout(codec.clock_rate // 50, 2 * codec.sample_rate // codec.clock_rate)
        self._source = codec
