"""The picture of one SIP leg: H.264 in RTP, and the ways to ask for key frames."""

from collections.abc import Callable

from pbx_lite.clock import Clock
from pbx_lite.media import rtcp
from pbx_lite.media.h264_payload import Depacketizer, packetize
from pbx_lite.media.jitter import ReorderBuffer
from pbx_lite.media.negotiation import VideoAgreement
from pbx_lite.media.port import AccessUnit, VideoSink
from pbx_lite.media.rtp_stream import RtpStream

_KEY_FRAME_INTERVAL = 1.0  # seconds between two requests


class VideoStream(RtpStream):
    """A VideoPort.  Damaged pictures are left out and a key frame is asked for by itself."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, 90000, read_size=65535, burst=32)
        self.sink: VideoSink | None = None
        self.on_key_frame_wanted: Callable[[], None] | None = None
        self.on_info_key_frame: Callable[[], None] | None = None
        self._agreement: VideoAgreement | None = None
        self._order: ReorderBuffer[tuple[bytes, int, bool]] = ReorderBuffer()
        self._depacketizer = Depacketizer()
        self._asked: float | None = None
        self._unanswered = False
        self._waiting = False
        self._command = 0

    @property
    def agreed(self) -> bool:
        """Whether both sides have H.264."""
        return self._agreement is not None

    @property
    def held(self) -> bool:
        """Whether the peer wants no picture at the moment."""
        return self._agreement is not None and not self._agreement.sends

    def expect(self, types: frozenset[int]) -> None:
        """Take packets of an offer that is not answered yet: early media may overtake its SDP."""
        if self._agreement is None:
            self._types = types

    def agree(self, agreement: VideoAgreement | None) -> None:
        """What offer and answer say from now on; None if there is no picture."""
        self._agreement = agreement
        self._types = agreement.receive if agreement is not None and agreement.receives else frozenset()
        if agreement is not None:
            for nal in agreement.parameter_sets:
                self._depacketizer.sets.learn(nal)
            self.aim(agreement.remote)
            if self._waiting:
                self.want_key_frame()

    def send(self, unit: AccessUnit) -> None:
        """Send a picture; dropped while the peer holds or wants none."""
        agreement = self._agreement
        if agreement is None or not agreement.sends:
            return
        timestamp, _ = self._out.timeline.map(unit.timestamp, self._clock.time())
        payloads = packetize(unit.nals, mode=agreement.mode)
        last = len(payloads) - 1
        for index, payload in enumerate(payloads):
            self.transmit(agreement.send, payload, timestamp, marker=index == last)

    def want_key_frame(self) -> None:
        """Ask for a key frame by PLI and FIR, once a second at most; never before a picture was agreed.

        A peer that announced no feedback, or did not follow the last request, is also asked by SIP INFO.
        """
        agreement = self._agreement
        if agreement is None:
            self._waiting = True
            return
        now = self._clock.time()
        if self._asked is not None and now - self._asked < _KEY_FRAME_INTERVAL:
            return
        self._waiting = self._reception is None  # RTCP has to name the stream that it means
        if self._reception is not None:
            self._asked = now
            media = self._incoming_ssrc
            self._command += 1
            self.report(rtcp.encode_pli(self._out.ssrc, media) + rtcp.encode_fir(self._out.ssrc, media, self._command))
        if (self._unanswered or not agreement.feedback) and self.on_info_key_frame is not None:
            self._asked = now
            self.on_info_key_frame()
        self._unanswered = self._asked == now

    def _take(self, kind: int, payload: bytes, sequence: int, timestamp: int, marker: bool) -> None:
        if self.sink is None:
            if not self._depacketizer.idle:
                self._restarted()
            return
        for number, (data, ticks, last) in self._order.push(sequence, (payload, timestamp, marker), self._clock.time()):
            for unit in self._depacketizer.push(data, sequence=number, timestamp=ticks, marker=last):
                if unit.key:
                    self._unanswered = False
                self.sink(unit)
            if last and self._depacketizer.key_frame_needed:  # a picture is over, and it was no start
                self.want_key_frame()

    def _restarted(self) -> None:
        self._order.reset()
        self._depacketizer.reset()

    def _reroute(self) -> None:
        """Pictures have one way only."""

    def _settle(self) -> None:
        """Each packet is counted as it comes."""

    def _key_frame_requested(self) -> None:
        if self.on_key_frame_wanted is not None:
            self.on_key_frame_wanted()
