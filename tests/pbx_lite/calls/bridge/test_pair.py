"""Two SIP legs joined: relayed, converted where they must be, and back, without a new stream for the listener."""

import asyncio

import pytest

from pbx_lite.calls.bridge.pair import join_sound
from pbx_lite.media.port import PCMA, PCMU, AudioPacket
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.session import MediaSession
from tests.support.ports import free_range

_POOL = PortPool(free_range(100))


class Ear:
    def __init__(self, session: MediaSession) -> None:
        self.queue: asyncio.Queue[AudioPacket] = asyncio.Queue()
        session.audio.sink = self.queue.put_nowait

    async def next(self) -> AudioPacket:
        return await asyncio.wait_for(self.queue.get(), 2)


@pytest.fixture
async def make():
    sessions: list[MediaSession] = []

    async def build(*codecs):
        session = MediaSession(_POOL, "127.0.0.1", clock=asyncio.get_running_loop(), codecs=codecs or (PCMU, PCMA))
        await session.open()
        sessions.append(session)
        return session

    yield build
    for session in sessions:
        session.close()


async def call(make, phone_codecs, pbx_codecs=()):
    phone, leg = await make(*phone_codecs), await make(*pbx_codecs)
    leg.accept(phone.answer(leg.offer()))
    return phone, leg


async def test_equal_codecs_are_relayed_with_the_callers_timing(make):
    anna, near = await call(make, (PCMU,))
    ben, far = await call(make, (PCMU,))
    undo = join_sound(near.audio, far.audio)
    ear = Ear(ben)
    for number in range(3):
        anna.audio.send(AudioPacket(PCMU, bytes([number]) * 160, number * 160))
    packets = [await ear.next() for _ in range(3)]
    assert [packet.payload[0] for packet in packets] == [0, 1, 2]
    assert packets[2].timestamp - packets[0].timestamp == 320
    undo()
    assert near.audio.sink is None
    assert near.audio.relay_to is None


async def test_a_codec_change_in_the_call_is_converted_and_back_on_one_timeline(make):
    anna, near = await call(make, (PCMU, PCMA))
    ben, far = await call(make, (PCMU, PCMA))
    join_sound(near.audio, far.audio)
    ear = Ear(ben)
    anna.audio.send(AudioPacket(PCMU, b"\xff" * 160, 0))
    first = await ear.next()
    far.prefer(PCMA)  # a re-INVITE
    ben.accept(far.answer(ben.offer()))
    anna.audio.send(AudioPacket(PCMU, b"\xff" * 160, 160))
    second = await ear.next()
    assert (first.codec, second.codec) == (PCMU, PCMA)
    assert second.payload == b"\xd5" * 160
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 160
