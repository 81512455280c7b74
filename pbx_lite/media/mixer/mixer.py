"""Everyone hears everyone but themselves: all ports of a room in one pass of numpy every 20 ms.

Ports that want the same sample rate share a lane: what they say is decoded into one matrix, a row for each who speaks,
and summed once; who speaks gets the sum without the own row.  Between lanes only the sums are resampled, so wideband
parties hear each other wideband.  Who is silent adds nothing, and all of them hear the same packet, encoded once.
"""

import random

import numpy as np

from pbx_lite.clock import Clock, Timer
from pbx_lite.media.audio_stream import AudioStream
from pbx_lite.media.mixer.lane import Lane
from pbx_lite.media.mixer.member import Member
from pbx_lite.media.mixer.voices import Voices
from pbx_lite.media.port import AudioPacket, AudioPort, Codec
from pbx_lite.media.resample import Rates, Sum

TICK = 0.02
_READ_BEFORE = 0.004  # seconds
_LATEST = 3  # ticks; what is later than that is left out
_MASK = 0xFFFFFFFF
_random = random.SystemRandom()


class Mixer:
    """Mixes as long as there is somebody in it.  `skipped` counts ticks that were left out because they were late."""

    def __init__(self, clock: Clock) -> None:
        self.skipped = 0
        self._clock = clock
        self._members: dict[int, Member] = {}
        self._streams: list[AudioStream] = []
        self._voices = Voices()
        self._lanes: dict[int, Lane] = {}
        self._bridges: dict[tuple[int, int], Rates] = {}
        self._timer: Timer | None = None
        self._due = 0.0
        self._count = 0
        self._start = _random.getrandbits(32)

    @property
    def members(self) -> list[Member]:
        return list(self._members.values())

    def add(self, port: AudioPort, *, muted: bool = False) -> Member:
        """Let this port take part; adding it twice changes nothing."""
        if (member := self._members.get(id(port))) is not None:
            return member
        member = Member(port, self._voices.take(), muted=muted)
        self._members[id(port)] = member
        port.sink = member.receive
        if isinstance(port, AudioStream):
            self._streams.append(port)
            port.attend(ticking=True)
        if self._timer is None:
            self._due = self._clock.time() + TICK
            self._wait()
        return member

    def remove(self, port: AudioPort) -> None:
        member = self._members.pop(id(port), None)
        if member is None:
            return
        if port.sink == member.receive:
            port.sink = None
        if isinstance(port, AudioStream):
            self._streams.remove(port)
            port.attend(ticking=False)
        self._voices.leave(member.slot)
        self._move(member, None)
        if not self._members and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        for member in self.members:
            self.remove(member.port)

    def _tick(self) -> None:
        self._step()
        self._due += TICK
        late = self._clock.time() - self._due
        if late > _LATEST * TICK:
            missed = int(late / TICK)
            self.skipped += missed
            self._count += missed
            self._due += missed * TICK
        if self._members:
            self._wait()

    def _wait(self) -> None:
        """Packets are read a little before the tick, so that what they become leaves on time."""
        if self._streams:
            self._timer = self._clock.call_at(self._due - _READ_BEFORE, self._read)
        else:
            self._timer = self._clock.call_at(self._due, self._tick)

    def _read(self) -> None:
        for stream in tuple(self._streams):
            stream.read()
        if self._members:
            self._timer = self._clock.call_at(self._due, self._tick)

    def _step(self) -> None:
        for member in self._members.values():
            codec = member.port.codec
            if codec is not member.codec and codec != member.codec:
                self._move(member, codec)
        sums = {rate: lane.gather() for rate, lane in self._lanes.items()}
        self._count += 1
        for rate, lane in tuple(self._lanes.items()):
            self._send(lane, self._total(rate, sums))

    def _move(self, member: Member, codec: Codec | None) -> None:
        """Into the lane of its codec, None for none."""
        if (lane := self._lanes.get(member.rate)) is not None and member in lane.members:
            lane.leave(member)
            if not lane.members:
                del self._lanes[member.rate]
                self._bridges = {pair: rates for pair, rates in self._bridges.items() if member.rate not in pair}
        member.agree(codec)
        if codec is not None:
            if member.rate not in self._lanes:
                self._lanes[member.rate] = Lane(member.rate, self._voices)
            self._lanes[member.rate].join(member)

    def _total(self, rate: int, sums: dict[int, Sum | None]) -> Sum | None:
        """What is said in all lanes, at this rate."""
        total = sums[rate]
        for other, said in sums.items():
            if other == rate:
                continue
            if (other, rate) not in self._bridges:
                self._bridges[other, rate] = Rates(other, rate)
            bridge = self._bridges[other, rate]
            if said is None and bridge.idle:
                continue
            converted = bridge.convert(np.zeros(other // 50, dtype=np.int32) if said is None else said)
            total = converted if total is None else total + converted
        return total

    def _send(self, lane: Lane, total: Sum | None) -> None:
        shared, own = lane.render(total)
        for codec, audience in lane.audiences.items():
            stamp = (self._start + self._count * (codec.clock_rate // 50)) & _MASK
            common = AudioPacket(codec, shared.get(codec, b""), stamp)
            for member in tuple(audience):
                payload = own.get(member)
                if payload is not None:
                    member.port.send(AudioPacket(codec, payload, stamp))
                elif common.payload:
                    member.port.send(common)
