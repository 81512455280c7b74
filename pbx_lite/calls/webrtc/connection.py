"""The path to one browser: ICE, DTLS and the RTP streams on them, between an offer read and a goodbye."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aioice.candidate import Candidate
from aiortc import rtp
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters

from pbx_lite.calls.webrtc.camera import CameraStream
from pbx_lite.calls.webrtc.ice import IceConnection, choose_servers, host_addresses
from pbx_lite.calls.webrtc.offer import Local, Offer, Section, write_answer
from pbx_lite.calls.webrtc.ports import BrowserAudio, BrowserVideo
from pbx_lite.calls.webrtc.rtp import IncomingStream, OutgoingStream, parse_rtcp, parse_rtp
from pbx_lite.calls.webrtc.transport import MediaTransport, shared_certificate
from pbx_lite.clock import Clock, Timer
from pbx_lite.media.port import AudioPacket

REPORT_SECONDS = 1.0
KEPT_PACKETS = 1024  # video packets that a NACK can bring back: some seconds of 720p


class BrowserConnection:
    """Carries what the ports send and receive.  `on_lost(goodbye)` is called once when the browser is gone."""

    def __init__(
        self,
        offer: Offer,
        audio: BrowserAudio,
        video: BrowserVideo,
        *,
        clock: Clock,
        ice_servers: Iterable[Mapping[str, Any]],
        addresses: Sequence[str] | None,
    ) -> None:
        self.on_lost: Callable[[bool], None] | None = None
        self._offer = offer
        self._audio = audio
        self._video = video
        self._clock = clock
        self._cname = secrets.token_hex(8)
        self._ice = IceConnection(choose_servers(ice_servers), host_addresses() if addresses is None else addresses)
        self._ice.remote_username, self._ice.remote_password = offer.username, offer.password
        self._ice.remote_is_lite = offer.ice_lite
        self._transport = MediaTransport(self._ice, role="client" if offer.setup == "active" else "server")
        self._transport.on_rtp = self._take_rtp
        self._transport.on_rtcp = self._take_rtcp
        self._transport.on_lost = self._lost
        self._report_timer: Timer | None = None
        self._audio_section = offer.section("audio")
        self._video_section = offer.section("video")
        self._audio_out = self._audio_in = None
        self._video_out = self._video_in = None
        if self._audio_section is not None:
            audio.negotiate(self._audio_section.formats, sends=self._audio_section.sends)
            rate = audio.codec.clock_rate if audio.codec is not None else 8000
            self._audio_out = OutgoingStream(self._transport.send_rtp, clock, clock_rate=rate)
            self._audio_in = IncomingStream(rate)
        if self._video_section is not None:
            video.negotiate(self._video_section.formats, sends=self._video_section.sends)
            formats = self._video_section.formats
            self._video_out = OutgoingStream(
                self._transport.send_rtp,
                clock,
                clock_rate=90000,
                keep=KEPT_PACKETS,
                rtx={entry.payload_type: entry.rtx for entry in formats if entry.rtx is not None},
            )
            if self._video_section.receives:
                self._video_in = IncomingStream(90000)
                video.camera = CameraStream(clock, formats, video.received, self._ask_camera)

    async def answer(self, gather_seconds: float, on_candidate: Callable[[str, str, int], None]) -> str:
        """The answer with every candidate found in time; later ones go to `on_candidate(candidate, mid, index)`."""
        for line in self._offer.candidates:
            await self._ice.add_remote(line)
        await self._ice.gather(gather_seconds)
        index = next(number for number, section in enumerate(self._offer.sections) if section.formats)
        mid = self._offer.sections[index].mid

        def found(candidate: Candidate) -> None:
            on_candidate(f"candidate:{candidate.to_sdp()}", mid, index)

        self._ice.on_candidate = found
        fingerprint = shared_certificate().getFingerprints()[0]
        streams = {"audio": self._audio_out, "video": self._video_out}
        local = Local(
            username=self._ice.local_username,
            password=self._ice.local_password,
            fingerprint=f"{fingerprint.algorithm} {fingerprint.value}",
            candidates=[candidate.to_sdp() for candidate in self._ice.local_candidates],
            complete=self._ice.gathered,
            cname=self._cname,
            ssrcs={kind: (stream.ssrc, stream.rtx_ssrc) for kind, stream in streams.items() if stream is not None},
        )
        return write_answer(self._offer, local)

    async def add_candidate(self, line: str) -> None:
        await self._ice.add_remote(line)

    async def connect(self, seconds: float) -> bool:
        """Find and secure a path; false if there is none within `seconds`."""
        fingerprints = [RTCDtlsFingerprint(algorithm, value) for algorithm, value in self._offer.fingerprints]
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ice.connect()
                await self._transport.start(RTCDtlsParameters(fingerprints))
        return self._transport.connected

    def start(self) -> None:
        """Let media flow, the pictures held until now first."""
        if _sends(self._audio_section):
            self._audio.attach(self._audio_out)
        if _sends(self._video_section):
            self._video.attach(self._video_out)
        self._report_timer = self._clock.call_later(REPORT_SECONDS / 4, self._report)

    async def close(self) -> None:
        if self._report_timer is not None:
            self._report_timer.cancel()
            self._report_timer = None
        self.on_lost = None
        for stream in (self._audio_out, self._video_out):
            if stream is not None:
                stream.close()
        await self._transport.stop()
        await self._ice.close()

    def _take_rtp(self, data: bytes) -> None:
        packet = parse_rtp(data)
        if packet is None or not packet.payload:
            return
        codec = self._audio.codec_of(packet.payload_type)
        if codec is not None and self._audio_in is not None:
            self._audio_in.take(packet)
            self._audio.received(AudioPacket(codec, packet.payload, packet.timestamp, bool(packet.marker)))
        elif (camera := self._video.camera) is not None and camera.carries(packet.payload_type):
            first = camera.take(
                packet.payload_type,
                packet.ssrc,
                packet.sequence_number,
                packet.timestamp,
                packet.payload,
                marker=bool(packet.marker),
            )
            if first and self._video_in is not None:
                self._video_in.take(packet)

    def _ask_camera(self, ssrc: int, missing: Sequence[int]) -> None:
        """Have these packets sent again, or with none of them a key frame."""
        ours = self._video_out.ssrc if self._video_out is not None else 0
        if missing:
            packet = rtp.RtcpRtpfbPacket(fmt=rtp.RTCP_RTPFB_NACK, ssrc=ours, media_ssrc=ssrc, lost=list(missing))
            self._transport.send_rtcp(bytes(packet))
        else:
            self._transport.send_rtcp(bytes(rtp.RtcpPsfbPacket(fmt=rtp.RTCP_PSFB_PLI, ssrc=ours, media_ssrc=ssrc)))

    def _take_rtcp(self, data: bytes) -> None:
        for packet in parse_rtcp(data):
            if isinstance(packet, rtp.RtcpRtpfbPacket):
                if packet.fmt == rtp.RTCP_RTPFB_NACK and self._video_out is not None:
                    self._video_out.resend(packet.lost)
            elif isinstance(packet, rtp.RtcpPsfbPacket):
                if packet.fmt in {rtp.RTCP_PSFB_PLI, rtp.RTCP_PSFB_FIR}:
                    self._video.key_frame_wanted()
            elif isinstance(packet, rtp.RtcpSrPacket):
                for stream in (self._audio_in, self._video_in):
                    if stream is not None:
                        stream.take_report(packet)

    def _report(self) -> None:
        self._report_timer = self._clock.call_later(REPORT_SECONDS, self._report)
        streams = [stream for stream in (self._audio_out, self._video_out) if stream is not None]
        compound = b"".join(stream.sender_report(self._cname) for stream in streams if stream.started)
        heard = [stream.receiver_report() for stream in (self._audio_in, self._video_in) if stream is not None]
        reports = [report for report in heard if report is not None]
        # Also where there is nothing to tell (RFC 3550 section 6.1): browsers see by what comes that their path works.
        if streams and (reports or not compound):
            compound = bytes(rtp.RtcpRrPacket(ssrc=streams[0].ssrc, reports=reports)) + compound
        if compound:
            self._transport.send_rtcp(compound)

    def _lost(self) -> None:
        if self.on_lost is not None:
            # DTLS ends with the browser's goodbye, or because ICE lost consent (RFC 7675) and has closed already.
            self.on_lost(not self._ice.closing)


def _sends(section: Section | None) -> bool:
    return section is not None and section.sends
