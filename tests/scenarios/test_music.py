"""What those hear who wait."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pbx_lite.config import Room, Secret
from pbx_lite.media.music import frames
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket, Codec
from tests.pbx_lite.media.pieces import piece
from tests.support.call_end import Received
from tests.support.conference import enters, hears_music
from tests.support.house import FRONT, House, home_of

_CODECS = [PCMU, PCMA, G722, OPUS]


async def on_hold(house: House, codec: Codec) -> Received:
    """Ben, whose phone speaks this codec, was called by Anna, who has put him on hold."""
    caller, callee = await house.phone("anna", codecs=(codec,)), await house.phone("ben", codecs=(codec,))
    call = await caller.invite("102")
    ringing = await callee.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    call.speak(440)
    assert await ringing.hears(440)
    call.be_silent()
    (active,) = house.pbx.switchboard.calls.values()
    holder = active.seat_of("anna")
    assert holder is not None
    active.hold(holder)
    return ringing


@pytest.mark.parametrize("codec", _CODECS)
async def test_the_very_first_who_is_put_on_hold_hears_music_at_once(house, codec):
    frames.cache_clear()  # as after a start
    ringing = await on_hold(house, codec)
    builtin = frames(codec)

    def begun(packets: Sequence[AudioPacket]) -> bool:
        return sum(packet.payload in builtin for packet in packets) > 50

    await ringing.heard.until(begun)
    first = next(packet.payload for packet in ringing.heard.entries if packet.payload in builtin)
    assert builtin.index(first) < 40, "packets of 20 ms that passed before it was there"
    assert await hears_music(ringing)


async def test_hold_is_what_lies_in_the_music_folder(tmp_path):
    (tmp_path / "music").mkdir()
    piece(tmp_path / "music" / "a.mp3", 900, seconds=30, codec="libmp3lame")
    (tmp_path / "music" / "broken.mp3").write_bytes(b"\xff\xfb\x90\x00" * 500)
    async with House(home_of(tmp_path, FRONT)) as house:
        ringing = await on_hold(house, G722)
        assert await ringing.hears(900)


async def test_each_room_has_its_playlist(tmp_path, caplog):
    for name, hertz in (("jazz", 900), ("music", 1300)):
        (tmp_path / name).mkdir()
        piece(tmp_path / name / "a.flac", hertz, seconds=30)
    rooms = (
        Room(name="club", display_name="Club", extension="801", pin=Secret(), quiet=True, music="jazz"),
        Room(name="table", display_name="Table", extension="800", pin=Secret(), quiet=True),
        Room(name="hall", display_name="Hall", extension="802", pin=Secret(), quiet=True, music="gone"),
    )
    music = (("jazz", tmp_path / "jazz"), ("gone", tmp_path / "gone"))
    async with House(replace(home_of(tmp_path), rooms=rooms, music=music)) as house:
        anna, ben, carl = [await house.phone(name) for name in ("anna", "ben", "carl")]
        in_club, in_table, in_hall = [
            await enters(house, phone, room=room) for phone, room in ((anna, "801"), (ben, "800"), (carl, "802"))
        ]
        assert await in_club.hears(900)
        assert await in_table.hears(1300)
        assert await hears_music(in_hall)
    assert "There is no music in the playlist gone" in caplog.text
