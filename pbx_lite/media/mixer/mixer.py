"""Everyone hears everyone but themselves: all ports of a room in one pass of numpy every 20 ms.

Ports that want the same sample rate share a lane: what they say is decoded into one matrix, a row for each who speaks,
and summed once; who speaks gets the sum without the own row.  Between lanes only the sums are resampled, so wideband
parties hear each other wideband.  Who is silent adds nothing, and all of them hear the same packet, encoded once.
"""

import logging
import random
from collections.abc import Callable, Collection

import numpy as np

from pbx_lite.clock import Clock, Timer
from pbx_lite.media.audio_stream import AudioStream
from pbx_lite.media.mixer.lane import Lane
from pbx_lite.media.mixer.member import Member
from pbx_lite.media.mixer.sounds import BLOCK, Sound, Sounds
from pbx_lite.media.mixer.voices import Voices
from pbx_lite.media.port import AudioPacket, AudioPort, Codec
from pbx_lite.media.recording import RATE, Recording
from pbx_lite.media.resample import Rates, Sum, limited

_LOGGER = logging.getLogger(__name__)

TICK = 0.02
_AHEAD = 0.008  # seconds before a tick in which what leaves with it is read and mixed: a busy machine takes long
_LATEST = 3  # ticks; what is later than that is left out
_TAPPED = 500  # ticks; who taps a mixer that was late hears at most so much silence instead
_MASK = 0xFFFFFFFF
_random = random.SystemRandom()


class Mixer:
    """Mixes as long as there is somebody in it.  `skipped` counts ticks that were left out because they were late.

    While it is set, `tap` is given all that everybody hears, at every tick: 640 bytes, 16 bits mono at `RATE`.
    """

    def __init__(self, clock: Clock) -> None:
        self.skipped = 0
        self.tap: Callable[[bytes], None] | None = None
        self._clock = clock
        self._members: dict[int, Member] = {}
        self._streams: list[AudioStream] = []
        self._voices = Voices()
        self._sounds = Sounds()
        self._lanes: dict[int, Lane] = {}
        self._bridges: dict[tuple[int, int], Rates] = {}
        self._outbox: dict[Member, AudioPacket] = {}
        self._timer: Timer | None = None
        self._busy = False
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
        if self._timer is None and not self._busy:
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
        self._outbox.pop(member, None)
        self._move(member, None)
        self._voices.leave(member.slot)
        if not self._members and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sounds:
            for done in self._sounds.deserted(self._members.values()):
                self._clock.call_later(0.0, done)

    def close(self) -> None:
        """Nobody takes part any more, and nothing is played."""
        self.stop()
        for member in self.members:
            self.remove(member.port)

    def play(
        self,
        recording: Recording,
        done: Callable[[], None] | None = None,
        *,
        only: Collection[Member] | None = None,
    ) -> Sound:
        """Let everybody hear this from the next tick on, or `only` some who are present.

        `done` is called once it is over, or nobody is left who hears it, and not after `stop`.
        """
        sound = self._sounds.play(recording, done, only)
        if not self._members:
            for tell in self._sounds.deserted(()):
                self._clock.call_later(0.0, tell)
        return sound

    def stop(self, sound: Sound | None = None) -> None:
        """Play this no longer; without an argument, nothing any more."""
        self._sounds.stop(sound)

    def _wait(self) -> None:
        if self._streams:
            self._timer = self._clock.call_at(self._due - _AHEAD, self._prepare)
        else:
            self._timer = self._clock.call_at(self._due, self._tick)

    def _prepare(self) -> None:
        """Mix a little before the tick, so that packets leave on time also where this loop is busy."""
        try:
            for stream in tuple(self._streams):
                stream.read()
            self._mix()
        finally:  # whatever went wrong: a room goes on
            self._timer = self._clock.call_at(self._due, self._send) if self._members else None

    def _tick(self) -> None:
        try:
            self._mix()
        finally:
            self._send()

    def _send(self) -> None:
        outbox, self._outbox = self._outbox, {}
        try:
            for member, packet in outbox.items():
                member.port.send(packet)
        finally:
            self._timer = None
            self._go_on()

    def _go_on(self) -> None:
        """To the next tick that can still be in time."""
        self._due += TICK
        late = self._clock.time() - self._due
        if late > _LATEST * TICK:
            missed = int(late / TICK)
            self._skip(missed)
            self._count += missed
            self._due += missed * TICK
        if self._members:
            self._wait()

    def _skip(self, missed: int) -> None:
        if not self.skipped:
            _LOGGER.warning("This machine is too slow or was asleep: a room of %d was late", len(self._members))
        self.skipped += missed
        for _ in range(min(missed, _TAPPED)):
            if self.tap is not None:
                self.tap(bytes(2 * BLOCK))

    def _mix(self) -> None:
        """Everything that leaves with the next tick.  Who is told something meanwhile may come, go and play."""
        self._busy = True
        try:
            self._step()
        finally:
            self._busy = False

    def _step(self) -> None:
        for member in self._members.values():
            codec = member.port.codec
            if codec is not member.codec and codec != member.codec:
                self._move(member, codec)
        sums = {rate: lane.gather() for rate, lane in tuple(self._lanes.items())}
        sums.setdefault(RATE, None)
        over = self._play(sums) if self._sounds else ()
        self._count += 1
        totals = {rate: self._total(rate, sums) for rate, lane in self._lanes.items() if lane.members}
        for rate, total in totals.items():
            self._render(self._lanes[rate], total)
        if self.tap is not None:
            whole = totals[RATE] if RATE in totals else self._total(RATE, sums)
            self.tap(bytes(2 * BLOCK) if whole is None else limited(whole).tobytes())
        if len(totals) < len(self._lanes):
            self._forget_lanes(sums)
        for done in over:
            done()

    def _play(self, sums: dict[int, Sum | None]) -> list[Callable[[], None]]:
        """Add what everybody hears besides each other."""
        played, over = self._sounds.step()
        if played is not None:
            said = sums.get(RATE)
            sums[RATE] = played if said is None else said + played
        return over

    def _move(self, member: Member, codec: Codec | None) -> None:
        """Into the lane of its codec, None for none."""
        before = self._lanes.get(member.rate)
        rate = codec.sample_rate if codec is not None else 0
        if before is not None and rate == member.rate and member in before.members:
            member.agree(codec)
            before.sort()
            return
        if before is not None and member in before.members:
            before.leave(member)
        member.agree(codec)
        if codec is not None:
            if rate not in self._lanes:
                self._lanes[rate] = Lane(rate, self._voices)
            self._lanes[rate].join(member)

    def _forget_lanes(self, sums: dict[int, Sum | None]) -> None:
        """Those in which nobody is left, and of which nothing is still to be heard."""
        for rate, lane in tuple(self._lanes.items()):
            away = {pair: rates for pair, rates in self._bridges.items() if pair[0] == rate}
            if lane.members or sums.get(rate) is not None or not all(rates.idle for rates in away.values()):
                continue
            del self._lanes[rate]
            if rate != RATE:
                self._bridges = {pair: rates for pair, rates in self._bridges.items() if rate not in pair}

    def _total(self, rate: int, sums: dict[int, Sum | None]) -> Sum | None:
        """What is said in all lanes, at this rate; to be asked once a tick."""
        total = sums.get(rate)
        for other, said in sums.items():
            if other == rate:
                continue
            bridge = self._bridges.get((other, rate))
            if said is None and (bridge is None or bridge.idle):
                continue
            if bridge is None:
                bridge = self._bridges[other, rate] = Rates(other, rate)
            converted = bridge.convert(np.zeros(other // 50, dtype=np.int32) if said is None else said)
            total = converted if total is None else total + converted
        return total

    def _render(self, lane: Lane, total: Sum | None) -> None:
        programmes, more = self._sounds.programmes(lane.members, lane.rate) if self._sounds else ({}, {})
        shared, own = lane.render(total, programmes, more)
        outbox = self._outbox
        for codec, audience in lane.audiences.items():
            stamp = (self._start + self._count * (codec.clock_rate // 50)) & _MASK
            common = AudioPacket(codec, shared.get(codec, b""), stamp)
            for member in audience:
                payload = own.get(member)
                if payload is not None:
                    outbox[member] = AudioPacket(codec, payload, stamp)
                elif common.payload:
                    outbox[member] = common
