"""Sound between parties: untouched between equal codecs, converted between others."""

import asyncio
import sys

from pbx_lite.calls.bridge import Listeners, feed
from pbx_lite.media.port import G722, PCMA, PCMU, AudioPacket
from tests.support.fake_leg import FakeAudio


def test_equal_codecs_pass_untouched() -> None:
    phone = FakeAudio(PCMU)
    packet = AudioPacket(PCMU, bytes(range(160)), 7, marker=True)
    feed(phone)(packet)

    assert phone.heard == [packet]


def test_different_codecs_are_converted() -> None:
    phone = FakeAudio(PCMA)
    feed(phone)(AudioPacket(PCMU, b"\xff" * 160, 0))

    assert [packet.codec for packet in phone.heard] == [PCMA]
    assert phone.heard[0].payload == b"\xd5" * 160  # silence in the one law and in the other


def test_a_codec_that_changes_in_the_call_is_followed() -> None:
    phone = FakeAudio(PCMU)
    sink = feed(phone)
    sink(AudioPacket(PCMU, bytes(160), 0))
    phone.codec = PCMA
    sink(AudioPacket(PCMU, bytes(160), 160))

    assert [packet.codec for packet in phone.heard] == [PCMU, PCMA]


async def test_the_first_conversion_waits_for_ffmpeg_without_holding_up_others(monkeypatch):
    monkeypatch.delitem(sys.modules, "av", raising=False)
    phone = FakeAudio(G722)
    sink = feed(phone)
    for _ in range(2):
        sink(AudioPacket(PCMU, bytes(160), 0))
    assert phone.heard == []
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    sink(AudioPacket(PCMU, bytes(160), 160))
    assert [packet.codec for packet in phone.heard] == [G722]


def test_nothing_is_sent_while_nothing_is_agreed() -> None:
    phone = FakeAudio(None)
    feed(phone)(AudioPacket(PCMU, bytes(160), 0))

    assert phone.heard == []


def test_everyone_who_listens_hears_and_nobody_hears_twice() -> None:
    anna, ben = FakeAudio(PCMU), FakeAudio(PCMA)
    listeners = Listeners()
    for port in (anna, ben, anna):
        listeners.add(port)
    listeners(AudioPacket(PCMU, bytes(160), 0))
    listeners.remove(ben)
    listeners(AudioPacket(PCMU, bytes(160), 160))

    assert (len(anna.heard), len(ben.heard)) == (2, 1)
