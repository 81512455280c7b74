"""One m-line's packets: its two sockets, whose packets are believed, and what is sent and reported (RFC 3550).

Where packets come from (symmetric RTP, RFC 4961): the address in the peer's SDP is believed at once and always; its
host, or the host its signalling comes from, from any port; a stranger only as long as none of these has spoken and
after two packets in sequence.  A stranger never takes over a stream that flows.
"""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Container
from typing import Any

from pbx_lite.clock import Clock
from pbx_lite.media import rtcp
from pbx_lite.media.negotiation import Remote
from pbx_lite.media.outgoing import Outgoing
from pbx_lite.media.port_pool import PortPool, SocketPair
from pbx_lite.media.rtp import HEADER, MARKER, VERSION, Reception, is_rtcp, payload_of
from pbx_lite.media.srtp import Keys, Opener, Sealer
from pbx_lite.values import dataclass

type Source = tuple[Any, ...]  # what recvfrom gives: two items for IPv4, four for IPv6

_HANDOVER = 2.0  # seconds of silence after which another port of the peer may take over
_AT_ONCE = 5  # packets
_CALM = 16  # readings of one packet each, after which it is looked whether there are more
_LONGEST_TRIP = 10  # seconds
_MOVED = 1.0  # seconds of silence after which the same SSRC may come from elsewhere


@dataclass(frozen=True, slots=True)
class Statistics:
    """What one stream has seen; `jitter` and `round_trip` in seconds, the latter None until the peer reports."""

    received: int = 0
    lost: int = 0
    jitter: float = 0.0
    sent: int = 0
    dropped: int = 0
    round_trip: float | None = None


class RtpStream(ABC):
    """Sockets and counters; subclasses say what to do with a packet of a known payload type."""

    def __init__(self, clock: Clock, clock_rate: int, *, read_size: int, burst: int) -> None:
        self.peer: str = ""
        self._clock = clock
        self._clock_rate = clock_rate
        self._read_size = read_size
        self._burst = burst
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pair: SocketPair | None = None
        self._rtp: socket.socket | None = None
        self._read_once = 0
        self._types: Container[int] = frozenset()
        self._remote: Remote | None = None
        self._destination: Source | None = None
        self._rtcp_destination: Source | None = None
        self._locked: Source | None = None
        self._locked_rank = 0
        self._last_report: float | None = None
        self._candidate: tuple[Source, int, int] | None = None
        self._reception: Reception | None = None
        self._incoming_ssrc = -1
        self._sender_report: tuple[int, float] = (0, 0.0)
        self._round_trip: float | None = None
        self._out = Outgoing(clock_rate)
        self._srtp: Keys | None = None
        self._sealer: Sealer | None = None
        self._opener: Opener | None = None
        self._cname = f"{self._out.ssrc:08x}"

    # Life

    @property
    def port(self) -> int:
        """The local RTP port, 0 while closed."""
        return self._pair.port if self._pair is not None else 0

    def open(self, pool: PortPool, host: str, *, video: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._pair = pool.bind(host, video=video)
        self._rtp = self._pair.rtp
        self._loop.add_reader(self._pair.rtp, self._readable)
        self._loop.add_reader(self._pair.rtcp, self._rtcp_readable)

    def close(self) -> None:
        """Say goodbye, give the ports back; packets sent later vanish.  May be called again."""
        if self._pair is None or self._loop is None:
            return
        self._reroute()
        if self._out.sent:
            self.report(rtcp.encode_goodbye(self._out.ssrc))
        self._loop.remove_reader(self._pair.rtp)
        self._loop.remove_reader(self._pair.rtcp)
        self._pair.close()
        self._pair = self._rtp = None

    # The peer

    def aim(self, remote: Remote) -> None:
        """Send to this address until the peer's packets show another; a changed address starts this anew."""
        self._reroute()
        known, self._remote = self._remote, remote
        if known == remote:
            return
        if self._locked is not None:
            self._locked_rank = self._rank(self._locked)
            if known is not None or self._locked_rank == 0:
                self._locked = None
        self._candidate = None
        if self._locked is None:
            self._destination = (remote.host, remote.port) if remote.host and remote.port else None
        self._rtcp_destination = (remote.host, remote.rtcp_port) if remote.host and remote.rtcp_port else None

    @property
    def secure(self) -> bool:
        """Whether packets are encrypted."""
        return self._srtp is not None

    def seal(self, keys: Keys | None) -> None:
        """Encrypt with these keys from now on; a key that stays goes on counting.  Raises MediaError."""
        self._reroute()
        known, self._srtp = self._srtp, keys
        if keys is None:
            self._sealer = self._opener = None
            return
        if known is None or known.ours != keys.ours:
            self._sealer = Sealer(keys.ours)
        if known is None or known.theirs != keys.theirs:
            self._opener = Opener(keys.theirs)

    @property
    def last_received(self) -> float | None:
        """When the last packet that counts came, RTP or RTCP, in the clock's seconds; None if none ever did."""
        times = [at for at in (self._last_packet, self._last_report) if at is not None]
        return max(times, default=None)

    @property
    def _last_packet(self) -> float | None:
        self._settle()
        return self._reception.last_arrival if self._reception is not None else None

    @property
    def statistics(self) -> Statistics:
        self._settle()
        seen = self._reception
        if seen is None:
            return Statistics(sent=self._out.sent, dropped=self._out.dropped, round_trip=self._round_trip)
        jitter = seen.jitter / self._clock_rate
        lost = max(0, seen.lost)
        return Statistics(seen.packets, lost, jitter, self._out.sent, self._out.dropped, self._round_trip)

    def _rank(self, source: Source) -> int:
        """How far this source is believed: 2 the SDP's address, 1 the peer's host, 0 anyone."""
        remote = self._remote
        if remote is not None and remote.host and source[0] == remote.host:
            return 2 if source[1] == remote.port else 1
        return 1 if self.peer and source[0] == self.peer else 0

    def _admit(self, source: Source, ssrc: int, sequence: int) -> bool:
        """Whether a packet that is not the locked stream's may become it."""
        now = self._clock.time()
        rank = self._rank(source)
        if self._locked is None:
            if rank == 0 and self._candidate != (source, ssrc, (sequence - 1) & 0xFFFF):
                self._candidate = (source, ssrc, sequence)
                return False
        elif source != self._locked:
            silent = now - (self._last_packet or 0.0)
            moved = ssrc == self._incoming_ssrc and silent >= _MOVED
            stronger = rank > self._locked_rank or (rank > 0 and silent >= _HANDOVER)
            if not moved and not stronger:
                return False
        self._reroute()
        self._locked, self._locked_rank, self._destination = source, rank, source
        if ssrc != self._incoming_ssrc or self._reception is None:
            self._incoming_ssrc = ssrc
            self._reception = Reception(ssrc, sequence, self._clock_rate)
            self._restarted()
        return True

    def _keep_time(self, clock_rate: int) -> None:
        """The codec agreed counts time at this rate from now on."""
        if clock_rate != self._clock_rate:
            now = self._clock.time()
            line = self._out.timeline
            line.skip_to(line.at(now), now)
            self._clock_rate = line.rate = clock_rate

    # Receiving

    def attend(self, *, ticking: bool) -> None:
        """While `ticking`, packets are read by `read` alone, which a room calls every 20 ms.

        Being woken for each packet costs more than reading it.  Jitter is then told no finer than the tick.
        """
        if self._pair is None or self._loop is None:
            return
        if ticking:
            self._loop.remove_reader(self._pair.rtp)
        else:
            self._loop.add_reader(self._pair.rtp, self._readable)

    def read(self) -> None:
        """Take what has come; what is more than a few packets waits for the next time.

        As a rule that is one packet, and asking for a second costs as much again: it is asked for where the last time
        was no rule, and now and then.
        """
        most = 1 if self._read_once else _AT_ONCE
        found = 0
        while found < most and self._rtp is not None:
            try:
                data, source = self._rtp.recvfrom(self._read_size)
            except OSError:
                break
            found += 1
            self.receive(data, source)
        self._read_once = self._read_once - 1 if found == 1 and self._read_once else _CALM * (found == 1)

    def _readable(self) -> None:
        rtp = self._rtp
        for _ in range(self._burst):
            if rtp is None or rtp is not self._rtp:
                return
            try:
                data, source = rtp.recvfrom(self._read_size)
            except OSError:
                return
            self.receive(data, source)

    def receive(self, data: bytes, source: Source) -> None:
        """Take one datagram of the RTP port; whatever is not this stream's is dropped here."""
        if len(data) < 12:
            return
        first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        kind = second & 0x7F
        if kind not in self._types:
            if is_rtcp(data) and first & 0xC0 == VERSION:
                self._receive_rtcp(data, source)
            return
        if self._opener is not None:
            opened = self._opener.rtp(data)
            if opened is None:
                return
            data = opened
        payload = data[12:] if first == VERSION else payload_of(data, first)
        if not payload:
            return
        if (source != self._locked or ssrc != self._incoming_ssrc) and not self._admit(source, ssrc, sequence):
            return
        if self._reception is not None:
            self._reception.count(sequence, timestamp, self._clock.time())
        self._take(kind, payload, sequence, timestamp, second >= MARKER)

    @abstractmethod
    def _take(self, kind: int, payload: bytes, sequence: int, timestamp: int, marker: bool) -> None:
        """One packet of the peer, its payload type known."""

    @abstractmethod
    def _restarted(self) -> None:
        """Another source speaks from here on."""

    @abstractmethod
    def _reroute(self) -> None:
        """Where packets come from or go to, or what is done with them, is about to change."""

    @abstractmethod
    def _settle(self) -> None:
        """What was received and sent is about to be read: all of it has to be counted."""

    # Sending

    def transmit(self, kind: int, payload: bytes, timestamp: int, *, marker: bool) -> None:
        """Send a packet of our own, with the next sequence number and this outgoing timestamp."""
        self._put(self._out.own(kind, payload, timestamp, marker=marker))

    def pass_on(self, kind: int, payload: bytes, sequence: int, timestamp: int, *, marker: bool) -> None:
        """Send a packet of another stream so that its losses and its order stay visible to the peer."""
        self._put(self._out.passed(kind, payload, sequence, timestamp, self._clock.time(), marker=marker))

    def _put(self, packet: bytes) -> None:
        rtp, destination = self._rtp, self._destination
        if rtp is None or destination is None:
            return
        if self._sealer is not None:
            sealed = self._sealer.rtp(packet)
            if sealed is None:
                self._out.dropped += 1
                return
            packet = sealed
        try:
            rtp.sendto(packet, destination)
        except OSError:  # a full buffer or no route: like any loss on the way
            self._out.dropped += 1
            return
        self._out.sent += 1
        self._out.octets += len(packet) - 12

    # RTCP

    def report(self, more: bytes = b"") -> None:
        """Send a report (one is due every five seconds), with `more` RTCP packets behind it."""
        pair, remote, destination = self._pair, self._remote, self._rtcp_destination
        if pair is None or remote is None:
            return
        sock = pair.rtcp
        if remote.rtcp_mux:
            sock, destination = pair.rtp, self._destination
        if destination is None:
            return
        packets = rtcp.encode_report(self._report(self._clock.time())) + rtcp.encode_name(self._out.ssrc, self._cname)
        packets += more
        if self._sealer is not None:
            packets = self._sealer.rtcp(packets) or b""
        try:
            sock.sendto(packets, destination)
        except OSError:
            self._out.dropped += 1

    def _report(self, now: float) -> rtcp.SenderReport | rtcp.ReceiverReport:
        self._settle()
        blocks: tuple[rtcp.ReportBlock, ...] = ()
        if (seen := self._reception) is not None:
            middle, arrived = self._sender_report
            delay = int((now - arrived) * 65536) if middle else 0
            fraction = seen.fraction_lost()
            highest = seen.extended_highest
            blocks = (rtcp.ReportBlock(seen.ssrc, fraction, seen.lost, highest, int(seen.jitter), middle, delay),)
        out = self._out
        if not out.sent:
            return rtcp.ReceiverReport(out.ssrc, blocks)
        # Any clock will do for NTP time as long as it is the same for sound and picture (RFC 3550 section 4).
        ntp = rtcp.ntp_time(now)
        return rtcp.SenderReport(out.ssrc, ntp, out.timeline.at(now), out.sent, out.octets, blocks)

    def _rtcp_readable(self) -> None:
        if self._pair is None:
            return
        try:
            data, source = self._pair.rtcp.recvfrom(2048)
        except OSError:
            return
        if is_rtcp(data):
            self._receive_rtcp(data, source)

    def _receive_rtcp(self, data: bytes, source: Source) -> None:
        known = {self._locked[0] if self._locked else "", self._remote.host if self._remote else "", self.peer}
        if source[0] not in known - {""}:
            return
        if self._opener is not None:
            opened = self._opener.rtcp(data)
            if opened is None:
                return
            data = opened
        packets = rtcp.parse(data)
        if not packets:
            return
        now = self._last_report = self._clock.time()
        if self._remote is not None and not self._remote.rtcp_mux:
            self._rtcp_destination = source
        for packet in packets:
            if isinstance(packet, rtcp.SenderReport):
                self._sender_report = (packet.middle, now)
            elif isinstance(packet, rtcp.KeyFrameRequest):
                self._key_frame_requested()
            if isinstance(packet, rtcp.SenderReport | rtcp.ReceiverReport):
                for block in packet.blocks:
                    self._reported(block, now)

    def _reported(self, block: rtcp.ReportBlock, now: float) -> None:
        """How the peer receives us: what passed since our report, less what it kept that (RFC 3550 section 6.4.1)."""
        if block.ssrc != self._out.ssrc or not block.last_sr:
            return
        took = ((rtcp.ntp_time(now) >> 16) - block.last_sr - block.delay) & 0xFFFFFFFF
        if took < _LONGEST_TRIP * 65536:  # else the clocks of both disagree by a hair, or it is nonsense
            self._round_trip = took / 65536

    @abstractmethod
    def _key_frame_requested(self) -> None:
        """The peer sent PLI or FIR."""
