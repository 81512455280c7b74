"""Restarts, floods and other bad days."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pbx_lite.events import DoorEnded, DoorRang
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite_events import Accepted, InviteEvent, Progress
from tests.support.process import Child
from tests.support.raw import RawUdp

_FLOOD = """
import random, signal, socket, sys, time
host, port, rate, least = sys.argv[1], *map(int, sys.argv[2:])
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append(True))
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.66", 0))
junk = [random.randbytes(random.randint(1, 400)) for _ in range(64)]
junk += [b"INVITE sip:x SIP/2.0\\r\\nVia: " + each for each in junk[:16]] + [b"\\x80\\x00" + each for each in junk[:16]]
print("begins", flush=True)
begin, sent = time.monotonic(), 0
while not over:
    while sent < (time.monotonic() - begin) * rate:
        sock.sendto(junk[sent % len(junk)], (host, port))
        sent += 1
        if sent == least:
            print("enough", flush=True)
    time.sleep(0.002)
"""


@asynccontextmanager
async def flood(target: Address, *, rate: int = 10_000, least: int = 10_000) -> AsyncIterator[None]:
    """So much garbage a second from another address while the block runs, `least` in all, by a process of its own."""
    numbers = [str(number) for number in (target.port, rate, least)]
    child = await Child.start("flood", [sys.executable, "-c", _FLOOD, target.host, *numbers])
    await child.wait_for("begins")
    try:
        yield
        await child.wait_for("enough", timeout=60)
    finally:
        await child.stop()


def audio_port(event: InviteEvent) -> int:
    """Where the PBX hears, as its SDP says."""
    assert isinstance(event, Progress | Accepted)
    line = next(line for line in event.body.decode().splitlines() if line.startswith("m=audio"))
    return int(line.split()[1])


async def test_registrations_survive_a_restart(house, door, phone, home):
    await house.restart()
    await door.press()
    assert (await home.hears(DoorRang)).door == "front"
    ringing = await phone.rings()
    await ringing.answer()
    assert await ringing.hears(door.tone)


async def test_stopping_the_pbx_ends_the_calls(house, door, phone):
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await press.final_status()
    await house.pbx.stop()
    await press.ended()
    await ringing.ended()


async def test_a_flood_of_garbage_leaves_a_call_in_progress_alone(house, door, phone):
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await ringing.hears(door.tone)
    before = len(ringing.heard.entries)
    async with flood(house.address()):
        await ringing.heard.until(lambda packets: len(packets) > before + 100)
        assert await ringing.hears(door.tone)
    ringing.hang_up()
    await press.ended()


async def test_a_flood_of_garbage_does_not_keep_the_bell_from_ringing(house, door, phone):
    async with flood(house.address(), least=1_000):
        for _ in range(3):
            press = await door.press()
            ringing = await phone.rings()
            await ringing.answer()
            assert await press.final_status() == 200
            press.hang_up()
            await ringing.ended()


async def test_garbage_at_the_media_port_is_not_heard(house, door, phone):
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await ringing.hears(door.tone)
    port = audio_port(await press.events.first(InviteEvent, lambda each: bool(getattr(each, "body", b""))))
    before = len(ringing.heard.entries)
    async with flood(Address("udp", house.address().host, port), rate=2_000, least=500):
        await ringing.heard.until(lambda packets: len(packets) > before + 50)
        assert await ringing.hears(door.tone)
    assert await press.final_status() == 200


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_many_rings_leave_nothing_behind(house, door, phone, home):
    async def ring_once() -> None:
        press = await door.press()
        ringing = await phone.rings()
        await ringing.answer()
        await press.final_status()
        press.hang_up()
        await ringing.ended()
        await home.hears(DoorEnded)

    await ring_once()
    tasks, files = len(asyncio.all_tasks()), open_files()
    for _ in range(20):
        await ring_once()
    assert len(asyncio.all_tasks()) <= tasks + 2
    assert open_files() <= files + 2


async def test_half_a_message_is_no_trouble(house, phone, door):
    async with RawUdp(house.address()) as stranger:
        for junk in (
            b"",
            b"\0" * 100,
            b"INVITE",
            b"SIP/2.0 200 OK\r\n\r\n",
            b"\r\n\r\n",
            b"REGISTER sip:\xff SIP/2.0\r\n",
        ):
            stranger.send(junk)
    await door.press()
    await phone.rings()


async def test_a_phone_that_loses_power_does_not_keep_the_others_from_ringing(door, phone, other_phone):
    await other_phone.stop()
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    assert await press.final_status() == 200
