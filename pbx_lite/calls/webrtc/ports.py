"""A browser's sound and picture as ports; they exist before the connection does."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pbx_lite.clock import Clock
from pbx_lite.media.h264 import Nal, nal_type
from pbx_lite.media.h264_payload import packetize
from pbx_lite.media.pacing import PacedSink
from pbx_lite.media.port import AccessUnit, AudioPacket, AudioSink, Codec, VideoSink

if TYPE_CHECKING:
    from pbx_lite.calls.webrtc.camera import CameraStream
    from pbx_lite.calls.webrtc.offer import Format
    from pbx_lite.calls.webrtc.rtp import OutgoingStream

_LOGGER = logging.getLogger(__name__)

_WRAP = 1 << 32
_CONSTRAINED = 66  # profile_idc of (constrained) baseline


class BrowserAudio:
    """Sound to and from a browser.  `codec` is what it sends and is best sent; `accepts` tells what else it takes."""

    def __init__(self, clock: Clock) -> None:
        self.codec: Codec | None = None
        self.sink: AudioSink | None = None
        self.on_dtmf: Callable[[str], None] | None = None
        self._clock = clock
        self._stream: OutgoingStream | None = None
        self._types: Mapping[Codec, int] = {}
        self._codecs: Mapping[int, Codec] = {}
        self._last_in = 0
        self._last_out = 0
        self._last_time = 0.0

    def accepts(self, codec: Codec) -> bool:
        """Whether packets of this codec can be sent as they are."""
        return codec in self._types

    def send(self, packet: AudioPacket) -> None:
        """Send at once; dropped while there is no connection, or if the browser does not take this codec."""
        stream = self._stream
        payload_type = self._types.get(packet.codec)
        if stream is None or payload_type is None:
            return
        now = self._clock.time()
        rate = packet.codec.clock_rate
        step = (packet.timestamp - self._last_in + _WRAP // 2) % _WRAP - _WRAP // 2
        marker = packet.marker
        if not stream.started:
            out = 0
            marker = True
        elif 0 < step <= rate:
            out = self._last_out + step
        elif -rate // 2 < step <= 0:
            return  # late or twice
        else:  # another source, or a pause: go on where the wall clock is
            out = self._last_out + max(1, int((now - self._last_time) * rate))
            marker = True
        self._last_in, self._last_out, self._last_time = packet.timestamp, out, now
        stream.send((packet.payload,), payload_type, out, marker=marker)

    def negotiate(self, formats: Sequence[Format], *, sends: bool) -> None:
        """Take over what was agreed; nothing is sent before `attach`."""
        types = {entry.codec: entry.payload_type for entry in formats if entry.codec is not None}
        self.codec = next(iter(types), None)
        self._codecs = {payload_type: codec for codec, payload_type in types.items()}
        self._types = types if sends else {}

    def attach(self, stream: OutgoingStream | None) -> None:
        """From now on packets are sent on this stream; None ends it."""
        self._stream = stream

    def codec_of(self, payload_type: int) -> Codec | None:
        return self._codecs.get(payload_type)

    def received(self, packet: AudioPacket) -> None:
        """Hand a packet of the browser to whoever listens."""
        if self.sink is not None:
            try:
                self.sink(packet)
            except Exception:
                _LOGGER.exception("A listener failed on a browser's sound")


class BrowserVideo:
    """Pictures to a browser and from its camera, unencoded.

    Pictures that come before the connection are held from the latest key frame on, so that the browser shows one as
    soon as it is connected.
    """

    def __init__(self, clock: Clock) -> None:
        self.sink: VideoSink | None = None
        self.on_key_frame_wanted: Callable[[], None] | None = None
        self.camera: CameraStream | None = None
        self._stream: OutgoingStream | None = None
        self._formats: Sequence[Format] = ()
        self._format: Format | None = None
        self._paced = PacedSink(clock, self._transmit, held=True)
        self._paced.on_key_frame_wanted = self.key_frame_wanted

    def send(self, unit: AccessUnit) -> None:
        self._paced.send(unit)

    def want_key_frame(self) -> None:
        """Asks the browser's camera, where it may send one."""
        if self.camera is not None:
            self.camera.want_key_frame()

    def received(self, unit: AccessUnit) -> None:
        """Hand a picture of the camera to whoever looks."""
        if self.sink is not None:
            try:
                self.sink(unit)
            except Exception:
                _LOGGER.exception("A viewer failed on a browser's picture")

    def key_frame_wanted(self) -> None:
        """The browser cannot go on without a key frame."""
        if self.on_key_frame_wanted is not None:
            self.on_key_frame_wanted()

    def negotiate(self, formats: Sequence[Format], *, sends: bool) -> None:
        self._formats = formats if sends else ()
        self._format = self._formats[0] if self._formats else None

    def attach(self, stream: OutgoingStream | None) -> None:
        """Start sending on this stream with the pictures held; None ends it."""
        self._stream = stream
        if stream is None:
            self._paced.close()
        else:
            self._paced.release()

    def _transmit(self, unit: AccessUnit) -> None:
        if unit.key:
            self._choose_format(unit)
        if self._stream is not None and self._format is not None:
            payloads = packets_of(unit.nals, self._format.mode)
            if payloads:
                self._stream.send(payloads, self._format.payload_type, unit.timestamp, marker=True)

    def _choose_format(self, unit: AccessUnit) -> None:
        """Browsers pick their decoder by payload type: take the one whose profile is the stream's."""
        profile = next((nal[1] for nal in unit.nals if nal_type(nal) == Nal.SPS and len(nal) > 3), _CONSTRAINED)
        for entry in self._formats:
            if entry.profile == profile:
                self._format = entry
                return


_recent: list[tuple[tuple[bytes, ...], int, list[bytes]]] = []
_RECENT = 8


def packets_of(nals: tuple[bytes, ...], mode: int) -> list[bytes]:
    """RTP payloads of a picture; cut once for all its viewers, who get it one right after the other."""
    for known, known_mode, payloads in _recent:
        if known is nals and known_mode == mode:
            return payloads
    payloads = packetize(nals, mode=mode)
    _recent.append((nals, mode, payloads))
    if len(_recent) > _RECENT:
        del _recent[0]
    return payloads
