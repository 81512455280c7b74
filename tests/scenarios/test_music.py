"""What those hear who wait."""

from collections.abc import Sequence

import pytest

from pbx_lite.media.music import frames
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket, Codec
from tests.support.call_end import Received
from tests.support.conference import hears_music
from tests.support.house import House

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
    piece = frames(codec)

    def begun(packets: Sequence[AudioPacket]) -> bool:
        return sum(packet.payload in piece for packet in packets) > 50

    await ringing.heard.until(begun)
    first = next(packet.payload for packet in ringing.heard.entries if packet.payload in piece)
    assert piece.index(first) < 40, "packets of 20 ms that passed before it was there"
    assert await hears_music(ringing)
