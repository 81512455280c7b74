"""The sound of one SIP leg: RTP packets to AudioPackets and back, and keys."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, ClassVar

from pbx_lite.clock import Clock
from pbx_lite.errors import MediaError
from pbx_lite.media import dtmf, tones
from pbx_lite.media.inband import InbandDetector
from pbx_lite.media.negotiation import AudioAgreement
from pbx_lite.media.passage import Passage, Way
from pbx_lite.media.port import SILENCE, AudioPacket, AudioSink, Codec, cut
from pbx_lite.media.rtp_stream import RtpStream
from pbx_lite.media.waiting import pause
from pbx_lite.tasks import spawn

_UNHEARD = 100  # packets that are kept until the ears are loaded
_STEP = 0.02  # seconds between the packets of a key


class AudioStream(RtpStream):
    """An AudioPort.  While a key is sent, other sound is held back, as stations expect (RFC 4733 section 2.5.1)."""

    _loading: ClassVar[asyncio.Task[Any] | None] = None

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, 8000, read_size=2048, burst=1)
        self.sink: AudioSink | None = None
        self.on_dtmf: Callable[[str], None] | None = None
        self.relay_to: AudioStream | None = None
        self._agreement: AudioAgreement | None = None
        self._codecs: Mapping[int, Codec] = {}
        self._noise: frozenset[int] = frozenset()
        self._keys = dtmf.EventReceiver()
        self._pressing = 0
        self._ears: InbandDetector | None = None  # where keys come as tones
        self._unheard: deque[tuple[Codec, bytes]] = deque(maxlen=_UNHEARD)
        self._passage: Passage | None = None

    @property
    def codec(self) -> Codec | None:
        """What the peer wants to be sent; None while nothing is agreed."""
        return self._agreement.codec if self._agreement is not None else None

    @property
    def takes_events(self) -> bool:
        """Whether the peer understands telephone-event."""
        return self._agreement is not None and self._agreement.dtmf_send is not None

    @property
    def held(self) -> bool:
        """Whether the peer wants no sound at the moment."""
        return self._agreement is not None and not self._agreement.sends

    @property
    def one_way(self) -> bool:
        """Whether sound is to go one way or none: one side holds the other, or listens only."""
        return self._agreement is not None and not (self._agreement.sends and self._agreement.receives)

    def expect(self, codecs: Mapping[int, Codec], events: frozenset[int]) -> None:
        """Take packets of an offer that is not answered yet: early media may overtake its SDP."""
        if self._agreement is None:
            self._codecs, self._types = codecs, codecs.keys() | events

    def agree(self, agreement: AudioAgreement | None) -> None:
        """What offer and answer say from now on; None if there is no sound."""
        self._reroute()
        self._agreement = agreement
        self._codecs = agreement.receive if agreement is not None and agreement.receives else {}
        events = agreement.dtmf_receive.keys() if agreement is not None else set[int]()
        self._types = self._codecs.keys() | events
        self._noise = agreement.noise if agreement is not None and agreement.receives else frozenset()
        self._types |= self._noise
        if agreement is not None:
            self._keep_time(agreement.codec.clock_rate)
            self.aim(agreement.remote)

    def listen_inband(self) -> None:
        """Also hear keys that come as tones, from the first sound on; costs decoding each packet."""
        self._reroute()
        self._ears = self._ears or InbandDetector()

    def send(self, packet: AudioPacket) -> None:
        """Send sound in the codec agreed; anything else, and everything while the peer holds, is dropped."""
        agreement = self._agreement
        if agreement is None or not agreement.sends or self._pressing:
            return
        kind = agreement.send.get(packet.codec)
        if kind is None:
            return
        self._reroute()
        if len(packet.payload) > agreement.largest:
            for part in cut(packet, agreement.largest):
                timestamp, joined = self._out.timeline.map(part.timestamp, self._clock.time())
                self.transmit(kind, part.payload, timestamp, marker=joined or part.marker)
            return
        timestamp, joined = self._out.timeline.map(packet.timestamp, self._clock.time())
        self.transmit(kind, packet.payload, timestamp, marker=joined or packet.marker)

    def relay(self, codec: Codec, payload: bytes, sequence: int, timestamp: int, marker: bool) -> bool:
        """Pass on a packet as it came; False if this side does not take its codec now."""
        agreement = self._agreement
        if agreement is None or agreement.codec != codec or len(payload) > agreement.largest:
            return False
        if agreement.sends and not self._pressing:
            self.pass_on(agreement.send[codec], payload, sequence, timestamp, marker=marker)
        return True

    def join(self, other: AudioStream) -> Callable[[], None]:
        """Relay both ways until the returned function is called; what the other does not take goes to the sink."""
        for stream in (self, other):
            stream._reroute()
        self.relay_to, other.relay_to = other, self

        def part() -> None:
            for stream, target in ((self, other), (other, self)):
                if stream.relay_to is target:
                    stream._reroute()
                    stream.relay_to = None

        return part

    async def send_dtmf(self, digits: str, *, duration_ms: int = 100, gap_ms: int = 400, inband: bool = False) -> None:
        """Press keys one after the other: by RFC 4733, or as tones if asked for or if the peer knows no events.

        Keys that do not exist are left out; `gap_ms` follows each key but the last.  Raises MediaError if the keys
        cannot reach the peer.
        """
        keys = [digit for digit in digits if dtmf.is_key(digit)]
        self._connected()
        for position, key in enumerate(keys):
            if position:
                await pause(self._clock, gap_ms / 1000)
            self._pressing += 1
            try:
                if inband or not self.takes_events:
                    await self._play(tones.dtmf(key, self.codec, duration_ms))
                else:
                    await self._press(key, duration_ms)
            finally:
                self._pressing -= 1

    async def _press(self, key: str, duration_ms: int) -> None:
        agreement = self._connected()
        if agreement.dtmf_send is None:
            raise MediaError("The peer takes no keys as events any more.")
        ticks = agreement.dtmf_rate // 1000
        began = self._clock.time()
        timestamp = self._out.timeline.at(began)
        step = int(ticks * _STEP * 1000)
        for count, payload in enumerate(dtmf.events(key, duration_ms * ticks, step)):
            self._connected()
            self.transmit(agreement.dtmf_send, payload, timestamp, marker=count == 0)
            # The end goes out three times at once: what follows may be a hang-up.
            if not payload[1] & 0x80:
                await pause(self._clock, began + (count + 1) * _STEP - self._clock.time())
        now = self._clock.time()
        self._out.timeline.skip_to(self._out.timeline.at(now), now)

    def _connected(self) -> AudioAgreement:
        self._reroute()
        if self._agreement is None or not self.port or self._destination is None:
            raise MediaError("The keys cannot be sent: no sound is agreed with the peer, or the call is over.")
        return self._agreement

    async def _play(self, packets: list[AudioPacket]) -> None:
        began = self._clock.time()
        for count, packet in enumerate(packets):
            if (kind := self._connected().send.get(packet.codec)) is None:
                raise MediaError("The peer changed its codec while a key was sent.")
            timestamp, joined = self._out.timeline.map(packet.timestamp, self._clock.time())
            self.transmit(kind, packet.payload, timestamp, marker=joined)
            await pause(self._clock, began + (count + 1) * _STEP - self._clock.time())

    def _take(self, kind: int, payload: bytes, sequence: int, timestamp: int, marker: bool) -> None:
        codec = self._codecs.get(kind)
        if codec is None and kind in self._noise:
            codec = self.codec
            if codec not in SILENCE:
                return
            payload = SILENCE[codec]
        if codec is None:
            if (key := self._keys.push(payload, timestamp)) is not None and self.on_dtmf is not None:
                self.on_dtmf(key)
            return
        if self._ears is not None:
            self._hear(codec, payload)
        other = self.relay_to
        if other is not None and other.relay(codec, payload, sequence, timestamp, marker):
            if self._passage is None:
                self._shorten(other, kind, codec)
            return
        if self.sink is not None:
            self.sink(AudioPacket(codec, payload, timestamp, marker))

    def _hear(self, codec: Codec, payload: bytes) -> None:
        loading = AudioStream._loading
        if loading is None:  # a first import would hold up the loop
            loading = AudioStream._loading = spawn(asyncio.to_thread(import_module, "numpy"), name="load the ears")
        if not loading.done():
            self._unheard.append((codec, payload))
            if len(self._unheard) == 1:
                loading.add_done_callback(lambda _: self._catch_up())
        elif self._ears is not None:
            for key in self._ears.push(codec, payload):
                if self.on_dtmf is not None:
                    self.on_dtmf(key)

    def _catch_up(self) -> None:
        while self._unheard:
            self._hear(*self._unheard.popleft())

    def _shorten(self, other: AudioStream, kind: int, codec: Codec) -> None:
        """Let what comes next go the shortest way, as long as nothing about the two streams changes."""
        agreement, loop = other._agreement, self._loop
        encrypted = self.secure or other.secure
        if encrypted or loop is None or self._rtp is None or other._rtp is None or agreement is None:
            return
        if self._locked is None or other._destination is None or self._reception is None or not agreement.sends:
            return
        way = Way(
            receive=self._rtp.recvfrom,
            send=other._rtp.sendto,
            incoming=kind,
            outgoing=agreement.send[codec],
            largest=agreement.largest,
            source=self._locked,
            destination=other._destination,
            hears=partial(self._hear, codec) if self._ears is not None else None,
        )
        self._passage = Passage(way, self._reception, other._out, time=self._clock.time, beyond=self.receive)
        loop.add_reader(self._rtp, self._passage.readable)

    def _reroute(self) -> None:
        """Something about this stream changes: until that is known, packets from and to it go the long way."""
        for stream in (self, self.relay_to):
            if stream is not None and stream._passage is not None:
                stream._passage.settle()
                stream._passage = None
                if stream._loop is not None and stream._rtp is not None:
                    stream._loop.add_reader(stream._rtp, stream._readable)

    def _settle(self) -> None:
        for stream in (self, self.relay_to):
            if stream is not None and stream._passage is not None:
                stream._passage.settle()

    def _key_frame_requested(self) -> None:
        """Sound has none."""

    def _restarted(self) -> None:
        self._keys.reset()
