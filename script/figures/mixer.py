"""What a party in a room costs, apart from its sockets: 80 who all speak G.711, on a clock of our own."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from pbx_lite.media import g711
from pbx_lite.media.mixer import TICK, Mixer
from pbx_lite.media.port import PCMA, AudioPacket
from script.figures.figure import Figure
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio

_PARTIES = 80
_TICKS = 500


class _Port(FakeAudio):
    def send(self, packet: AudioPacket) -> None:
        """Nobody listens."""


async def measure(folder: Path) -> AsyncIterator[Figure]:
    for speaking in (_PARTIES, 3):
        yield Figure(
            f"mixer_cpu_per_party_{speaking}_speaking",
            _share(speaking),
            "% of a core",
            0.25,
            {"parties": _PARTIES, "sockets": "none"},
        )


def _share(speaking: int) -> float:
    clock = FakeClock()
    mixer = Mixer(clock)
    ports = [_Port(PCMA) for _ in range(_PARTIES)]
    for port in ports:
        mixer.add(port)
    noise = np.random.default_rng(1)
    speech = [g711.encode(PCMA, noise.normal(0, 3000, 160).astype(np.int16)) for _ in range(50)]
    silence = g711.encode(PCMA, np.zeros(160, dtype=np.int16))
    began = time.process_time()
    for tick in range(_TICKS):
        for number, port in enumerate(ports):
            payload = speech[(tick + number) % len(speech)] if number < speaking else silence
            assert port.sink is not None
            port.sink(AudioPacket(PCMA, payload, tick * 160))
        clock.advance(TICK)
    return 100 * (time.process_time() - began) / (_TICKS * TICK) / _PARTIES
