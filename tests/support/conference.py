"""A house with a conference room, and what those who are in it hear."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pbx_lite.config import Room, Secret
from pbx_lite.events import RoomJoined
from pbx_lite.features.conference.rooms import Rooms
from pbx_lite.media.codecs import Decoder, is_g711
from pbx_lite.media.port import AudioPacket
from tests.support.call_end import CallEnd, Made
from tests.support.fake_phone import FakePhone
from tests.support.house import House, home_of
from tests.support.tone import RATE, decode, share_of

TABLE: dict[str, Any] = {"name": "table", "display_name": "Kitchen table", "extension": "800", "pin": Secret()}
"""A room that everybody may enter."""
_WINDOW = 20  # packets


@asynccontextmanager
async def house_with_room(folder: Path, **options: Any) -> AsyncIterator[House]:
    """The family steers the room, Carl and the guest do not."""
    config = home_of(folder)
    roles = tuple(replace(role, rooms=("*",) if role.name == "family" else ()) for role in config.roles)
    async with House(replace(config, roles=roles, rooms=(Room(**TABLE | options),))) as house:
        yield house


def rooms_of(house: House) -> Rooms:
    return house.pbx.features[Rooms]


def inside(house: House, room: str = "table") -> list[str]:
    """The names of those who are in the room."""
    return [each["name"] for each in rooms_of(house).state(room)["participants"]]


async def enters(house: House, phone: FakePhone, *, keys: str = "", room: str = "800") -> Made:
    """Dial the room, key in what is needed, and come back when in it."""
    call = await phone.invite(room)
    assert await call.final_status() == 200
    if keys:
        await call.press(keys)
    await house.home.hears(RoomJoined)
    return call


async def hears_only(end: CallEnd, *tones: float, within: float = 20.0) -> bool:
    """Wait until what was heard last is made of these tones, in whatever shares."""

    def right(packets: Sequence[AudioPacket]) -> bool:
        sound = heard(packets[-_WINDOW:])
        shares = [share_of(hertz, sound) for hertz in tones]
        return min(shares) > 0.1 and sum(shares) > 0.9

    await end.heard.until(right, within=within)
    return True


async def hears_music(end: CallEnd, *, within: float = 20.0) -> bool:
    """Wait until there was something to be heard for a second, and not one tone."""

    def right(packets: Sequence[AudioPacket]) -> bool:
        sound = heard(packets[-50:])
        if len(packets) < 50 or not _is_loud(sound):
            return False
        return max(share_of(hertz, sound) for hertz in (400, 440, 600, 660, 880, 900, 1300)) < 0.6

    await end.heard.until(right, within=within)
    return True


async def hears_nothing(end: CallEnd, *, within: float = 20.0) -> bool:
    """Wait for half a second of silence."""
    begin = len(end.heard.entries)
    await end.heard.until(
        lambda packets: len(packets) - begin >= 25 and not _is_loud(heard(packets[-25:])), within=within
    )
    return True


def heard(packets: Sequence[AudioPacket]) -> NDArray[np.int32]:
    """The sound of these packets at 8 kHz."""
    if not packets:
        return np.zeros(1, dtype=np.int32)
    codec = packets[-1].codec
    if is_g711(codec):
        return decode(b"".join(packet.payload for packet in packets if packet.codec == codec), law=codec.name)
    decoder = Decoder(codec)
    sound = b"".join(decoder.decode(packet.payload) for packet in packets if packet.codec == codec)
    samples = np.frombuffer(sound, np.int16).astype(np.int32)
    return samples[len(samples) // 4 :: codec.sample_rate // RATE]


def _is_loud(sound: NDArray[np.int32]) -> bool:
    return bool(np.sqrt(np.mean(sound.astype(np.float64) ** 2)) > 100)
