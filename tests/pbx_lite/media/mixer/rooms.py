"""A room whose parties speak 20 ms at a time, by hand."""

import numpy as np

from pbx_lite.media import g711
from pbx_lite.media.mixer import TICK, Member, Mixer
from pbx_lite.media.port import PCMU, AudioPacket, Codec
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio


class Room:
    """A mixer, its clock, and parties that speak 20 ms at a time."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.mixer = Mixer(self.clock)
        self.ports: list[FakeAudio] = []
        self.members: list[Member] = []
        self.ticks = 0

    def enter(self, codec: Codec = PCMU, *, muted: bool = False) -> FakeAudio:
        port = FakeAudio(codec)
        self.ports.append(port)
        self.members.append(self.mixer.add(port, muted=muted))
        return port

    def turn(self, *said: bytes | None, codec: Codec = PCMU) -> None:
        """Each party says this, in their order of entry, and 20 ms pass."""
        for port, payload in zip(self.ports, said, strict=False):
            if payload is not None and port.sink is not None:
                rate = port.codec.clock_rate if port.codec is not None else 8000
                port.sink(AudioPacket(port.codec or codec, payload, self.ticks * rate // 50))
        self.ticks += 1
        self.clock.advance(TICK)

    def turn_at_once(self, party: int, payload: bytes) -> None:
        """One party says this, and no time passes."""
        port = self.ports[party]
        if port.sink is not None:
            port.sink(AudioPacket(port.codec or PCMU, payload, self.ticks * 160))
        self.ticks += 1


def loud(level: int, law: Codec = PCMU) -> bytes:
    """20 ms of one value."""
    return g711.encode(law, np.full(160, level, dtype=np.int16))


def values(port: FakeAudio) -> list[int]:
    """The last sample of each packet heard: the first ones may still be swelling."""
    found = [int(g711.DECODE[packet.codec][packet.payload[-1]]) for packet in port.heard]
    port.heard.clear()
    return found


def exact(level: int, law: Codec = PCMU) -> int:
    """What is left of a value that goes through the law."""
    return int(g711.decode(law, [loud(level, law)])[0, 0])
