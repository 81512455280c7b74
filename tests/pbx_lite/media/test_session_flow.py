"""What flows in a media session: sound, keys, pictures and reports."""

import asyncio
import subprocess
import sys

import pytest

from pbx_lite.errors import MediaError
from pbx_lite.media import rtcp
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AccessUnit, AudioPacket
from pbx_lite.media.rtp import RtpPacket
from pbx_lite.tasks import spawn
from tests.support.clock import FakeClock

from . import stations
from .peers import POOL, Ear, Peer, ports
from .pictures import encoded


async def test_sound_arrives_in_both_directions_and_on_ipv6(make):
    for host in ("127.0.0.1", "::1"):
        caller, callee = await make(host=host), await make(host=host)
        caller.accept(callee.answer(caller.offer()))
        for near, far in ((caller, callee), (callee, caller)):
            far.audio.sink = ear = Ear()
            near.audio.send(AudioPacket(PCMU, b"x" * 160, 0))
            packet = await ear.next()
            assert (packet.codec, packet.payload, packet.marker) == (PCMU, b"x" * 160, True)


async def test_sound_in_a_codec_that_was_not_agreed_is_not_sent(make):
    async with Peer() as peer:
        session = await make()
        session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 8"))
        session.audio.send(AudioPacket(PCMU, b"no", 0))
        session.audio.send(AudioPacket(PCMA, b"yes", 160))
        assert (await peer.hears()).payload == b"yes"


async def test_early_media_that_overtakes_the_answer_is_heard(make):
    async with Peer() as peer:
        session = await make()
        port = ports(session.offer())[0]
        session.audio.sink = ear = Ear()
        for number in range(3):
            peer.send(RtpPacket(8, number, number * 160, 7, bytes([number])).encode(), port)
        assert (await ear.next()).payload == b"\x01"


async def test_each_side_sends_with_the_others_numbers(make):
    async with Peer() as peer:
        session = await make(codecs=(OPUS, PCMU))
        port = ports(session.offer())[0]
        session.accept(
            stations.offer(
                f"m=audio {peer.port} RTP/AVP 120 121", "a=rtpmap:120 opus/48000/2", "a=rtpmap:121 telephone-event/8000"
            )
        )
        session.audio.sink = ear = Ear()
        session.audio.send(AudioPacket(OPUS, b"out", 0))
        assert (await peer.hears()).payload_type == 120
        peer.send(RtpPacket(111, 1, 0, 7, b"in").encode(), port)
        assert (await ear.next()).codec == OPUS


async def test_a_peer_that_changes_the_codec_in_the_call_is_followed(make):
    async with Peer() as peer:
        session = await make()
        port = ports(session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 0 8")))[0]
        session.audio.sink = ear = Ear()
        for number, kind in enumerate((0, 8, 9)):
            peer.send(RtpPacket(kind, number, number * 160, 7, b"x").encode(), port)
        assert [(await ear.next()).codec for _ in range(3)] == [PCMU, PCMA, G722]


async def test_what_is_no_sound_of_this_call_is_dropped(make):
    async with Peer() as peer:
        session = await make()
        port = ports(session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 0")))[0]
        session.audio.sink = ear = Ear()
        for data in (
            b"",
            b"x",
            bytes(12),
            bytes(500),
            b"\x80",
            RtpPacket(34, 1, 1, 7, b"x").encode(),
            b"\x80\x00" + bytes(10),
        ):
            peer.send(data, port)
        peer.send(RtpPacket(0, 3, 3, 7, b"sound").encode(), port)
        assert (await ear.next()).payload == b"sound"
        assert ear.queue.empty()


@pytest.mark.parametrize("kind", [13, 105])
async def test_comfort_noise_is_silence_to_others_and_a_sign_of_life(make, kind):
    async with Peer() as peer:
        session, other = await make(), await make()
        lines = (f"m=audio {peer.port} RTP/AVP 8 13 105", "a=rtpmap:105 CN/8000")
        answer = session.answer(stations.offer(*lines))
        assert b"CN" not in answer
        async with Peer() as listener:
            other.answer(stations.offer(f"m=audio {listener.port} RTP/AVP 8"))
            stop = session.relay(other)
            peer.send(RtpPacket(8, 7, 160, 7, b"x" * 160).encode(), ports(answer)[0])
            first = await listener.hears()
            peer.send(RtpPacket(kind, 8, 320, 7, b"\x40").encode(), ports(answer)[0])
            second = await listener.hears()
            stop()
        assert (second.payload_type, second.payload) == (8, b"\xd5" * 160)
        assert (second.sequence - first.sequence, second.timestamp - first.timestamp) == (1, 160)
        assert session.last_received is not None


async def test_comfort_noise_beside_a_codec_without_silence_of_its_own_is_left_out(make):
    async with Peer() as peer:
        session = await make()
        port = ports(session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 9 13")))[0]
        session.audio.sink = ear = Ear()
        peer.send(RtpPacket(13, 2, 2, 7, b"noise").encode(), port)
        peer.send(RtpPacket(9, 3, 3, 7, b"sound").encode(), port)
        assert (await ear.next()).payload == b"sound"


async def test_packets_of_ten_milliseconds_are_relayed_as_they_are(make):
    async with Peer() as router, Peer() as phone:
        near, far = await make(), await make()
        answer = near.answer(stations.offer(f"m=audio {router.port} RTP/AVP 8", "a=ptime:10"))
        assert b"a=ptime:10" in answer
        far.answer(stations.offer(f"m=audio {phone.port} RTP/AVP 8", "a=ptime:20"))
        stop = near.relay(far)
        for number in range(2):
            router.send(RtpPacket(8, number, number * 80, 7, b"x" * 80).encode(), ports(answer)[0])
            assert (await phone.hears()).payload == b"x" * 80
        stop()


async def test_packets_that_are_longer_than_the_peer_takes_are_cut(make):
    async with Peer() as phone, Peer() as small:
        near, far = await make(), await make()
        answer = near.answer(stations.offer(f"m=audio {phone.port} RTP/AVP 8", "a=ptime:30"))
        cut = far.answer(stations.offer(f"m=audio {small.port} RTP/AVP 8", "a=maxptime:10"))
        assert b"a=ptime:10" in cut
        near.audio.sink = far.audio.send
        stop = near.relay(far)
        phone.send(RtpPacket(8, 5, 800, 7, b"abc" * 80).encode(), ports(answer)[0])
        heard = [await small.hears() for _ in range(3)]
        stop()
        assert b"".join(packet.payload for packet in heard) == b"abc" * 80
        assert [(packet.timestamp - heard[0].timestamp) & 0xFFFFFFFF for packet in heard] == [0, 80, 160]
        assert [packet.sequence - heard[0].sequence for packet in heard] == [0, 1, 2]


async def test_another_source_goes_on_where_the_last_one_was(make):
    clock = FakeClock()
    async with Peer() as peer:
        session = await make(clock=clock)
        session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 0"))
        session.audio.send(AudioPacket(PCMU, b"tone", 0))
        clock.advance(0.02)
        session.audio.send(AudioPacket(PCMU, b"tone", 160))
        clock.advance(0.05)
        session.audio.send(AudioPacket(PCMU, b"phone", 0xABCDEF01))
        packets = [await peer.hears() for _ in range(3)]
        first = packets[0]
        assert [packet.marker for packet in packets] == [True, False, True]
        assert [(packet.sequence - first.sequence) & 0xFFFF for packet in packets] == [0, 1, 2]
        assert [(packet.timestamp - first.timestamp) & 0xFFFFFFFF for packet in packets] == [0, 160, 560]
        assert len({packet.ssrc for packet in packets}) == 1


async def test_two_streams_of_one_program_never_start_alike(make):
    starts = set()
    async with Peer() as peer:
        for _ in range(4):
            session = await make()
            session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 0"))
            session.audio.send(AudioPacket(PCMU, b"x", 0))
            packet = await peer.hears()
            starts.add((packet.ssrc, packet.timestamp))
    assert len(starts) == 4


async def test_sound_goes_to_where_it_comes_from(make):
    async with Peer() as announced, Peer() as actual:
        session = await make()
        port = ports(session.answer(stations.offer(f"m=audio {announced.port} RTP/AVP 0")))[0]
        session.audio.sink = ear = Ear()
        actual.send(RtpPacket(0, 1, 0, 7, b"in").encode(), port)
        await ear.next()
        session.audio.send(AudioPacket(PCMU, b"out", 0))
        assert (await actual.hears()).payload == b"out"


# Keys


async def test_keys_arrive_once_each_and_sound_waits_for_them(make):
    clock = FakeClock()
    caller, callee = await make(clock=clock), await make(clock=clock)
    caller.accept(callee.answer(caller.offer()))
    callee.audio.on_dtmf = keys = Ear()
    callee.audio.sink = ear = Ear()
    caller.audio.send(AudioPacket(PCMU, b"before", 0))
    assert (await ear.next()).payload == b"before"
    pressing = spawn(caller.send_dtmf("0x#", duration_ms=100, gap_ms=400), name="keys")
    await clock.settle(0.03)
    caller.audio.send(AudioPacket(PCMU, b"during", 160))
    await clock.settle(1.0)
    await pressing
    caller.audio.send(AudioPacket(PCMU, b"after", 320))
    assert [await keys.next(), await keys.next()] == ["0", "#"]
    packet = await ear.next()
    assert (packet.payload, packet.marker) == (b"after", True)
    assert keys.queue.empty()


async def test_keys_go_out_as_tones_to_a_peer_without_events(make):
    clock = FakeClock()
    caller, callee = await make(clock=clock), await make(clock=clock, dtmf="inband")
    answer = callee.answer(stations.offer(f"m=audio {caller.audio.port} RTP/AVP 8"))
    caller.offer()
    caller.accept(answer)
    assert not caller.audio.takes_events
    callee.audio.on_dtmf = keys = Ear()
    pressing = spawn(caller.send_dtmf("159D", duration_ms=120, gap_ms=120), name="keys")
    await clock.settle(0.25)
    assert await keys.next() == "1"
    await clock.settle(1)
    await pressing
    assert [await keys.next() for _ in range(3)] == ["5", "9", "D"]


async def test_keys_that_cannot_reach_the_peer_are_an_error(make):
    clock = FakeClock()
    session = await make(clock=clock)
    with pytest.raises(MediaError):
        await session.send_dtmf("1")
    session.answer(stations.DOOR_H264)
    pressing = spawn(session.send_dtmf("12"), name="keys")
    await clock.settle(0.05)
    session.close()
    await clock.settle(1)
    with pytest.raises(MediaError, match="call is over"):
        await pressing


async def test_time_is_counted_at_the_rate_of_the_codec(make):
    clock = FakeClock()
    async with Peer() as peer:
        session = await make(clock=clock, codecs=(OPUS, PCMU))
        session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 120", "a=rtpmap:120 opus/48000/2"))
        session.audio.send(AudioPacket(OPUS, b"x", 0))
        clock.advance(1)
        session.audio.send(AudioPacket(OPUS, b"x", 0x80000000))
        packets = [await peer.hears() for _ in range(2)]
        assert (packets[1].timestamp - packets[0].timestamp) & 0xFFFFFFFF == 48000


def test_media_costs_no_memory_for_codecs_before_it_needs_them():
    check = "import sys, pbx_lite.media.session; sys.exit(bool({'av', 'numpy', 'aiortc'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", check], check=True)


# Relaying


async def test_relayed_sound_keeps_its_gaps_and_its_order(make):
    async with Peer() as left, Peer() as right:
        one, two = await make(), await make()
        port = ports(one.answer(stations.offer(f"m=audio {left.port} RTP/AVP 0")))[0]
        two.answer(stations.offer(f"m=audio {right.port} RTP/AVP 0"))
        stop = one.relay(two)
        for number in (65534, 65535, 2, 1):
            left.send(RtpPacket(0, number, number % 7 * 160, 7, b"%d" % number).encode(), port)
        packets = [await right.hears() for _ in range(4)]
        first = packets[0]
        assert [packet.payload for packet in packets] == [b"65534", b"65535", b"2", b"1"]
        assert [(packet.sequence - first.sequence) & 0xFFFF for packet in packets] == [0, 1, 4, 3]
        assert len({packet.ssrc for packet in packets}) == 1
        assert first.ssrc != 7
        stop()
        one.audio.sink = ear = Ear()
        left.send(RtpPacket(0, 3, 480, 7, b"mine").encode(), port)
        assert (await ear.next()).payload == b"mine"


async def test_what_the_other_side_does_not_take_goes_to_the_sink(make):
    async with Peer() as left, Peer() as right:
        one, two = await make(), await make()
        port = ports(one.answer(stations.offer(f"m=audio {left.port} RTP/AVP 0")))[0]
        two.answer(stations.offer(f"m=audio {right.port} RTP/AVP 8"))
        one.relay(two)
        one.audio.sink = ear = Ear()
        left.send(RtpPacket(0, 1, 0, 7, b"x").encode(), port)
        assert (await ear.next()).codec == PCMU


# Pictures


def units():
    return [AccessUnit(nals, number * 3600, key=number == 0) for number, nals in enumerate(encoded(320, 240, slices=2))]


@pytest.mark.parametrize("mode", [0, 1])
async def test_pictures_arrive_as_they_were_sent(make, mode):
    caller, callee = await make(video=True), await make(video=True)
    port = caller.video.port
    callee.answer(
        stations.offer(f"m=video {port} RTP/AVP 96", "a=rtpmap:96 H264/90000", f"a=fmtp:96 packetization-mode={mode}")
    )
    caller.offer()
    caller.accept(
        stations.offer(
            "m=audio 0 RTP/AVP 0",
            f"m=video {callee.video.port} RTP/AVP 96",
            "a=rtpmap:96 H264/90000",
            f"a=fmtp:96 packetization-mode={mode}",
        )
    )
    caller.video.sink = ear = Ear()
    for unit in units():
        callee.video.send(unit)
    seen = [await ear.next() for _ in units()]
    assert [unit.key for unit in seen] == [True] + [False] * 5
    assert [unit.nals[-1] for unit in seen] == [unit.nals[-1] for unit in units()]
    assert [unit.timestamp - seen[0].timestamp for unit in seen] == [unit.timestamp for unit in units()]


async def test_a_wish_for_a_key_frame_reaches_the_sender_once_a_second(make):
    clock = FakeClock()
    caller, callee = await make(video=True, clock=clock), await make(video=True, clock=clock)
    caller.accept(callee.answer(caller.offer()))
    caller.video.sink = pictures = Ear()
    wishes = Ear()
    callee.video.on_key_frame_wanted = lambda: wishes("wish")
    callee.video.send(units()[0])
    await pictures.next()
    caller.video.want_key_frame()
    caller.video.want_key_frame()
    assert [await wishes.next(), await wishes.next()] == ["wish", "wish"]  # PLI and FIR
    clock.advance(1)
    callee.video.send(units()[0])
    await pictures.next()
    assert wishes.queue.empty()
    caller.video.want_key_frame()
    await wishes.next()


async def test_a_stream_that_begins_in_the_middle_asks_for_a_key_frame_by_itself(make):
    clock = FakeClock()
    caller, callee = await make(video=True, clock=clock), await make(video=True, clock=clock)
    caller.accept(callee.answer(caller.offer()))
    wishes = Ear()
    callee.video.on_key_frame_wanted = lambda: wishes("wish")
    caller.video.sink = Ear()
    callee.video.send(units()[1])
    await wishes.next()


async def test_a_station_without_feedback_is_asked_by_info_but_never_before_a_picture_was_agreed(make):
    clock = FakeClock()
    session = await make(video=True, clock=clock)
    asked = []
    session.on_info_key_frame = lambda: asked.append(clock.time())
    session.video.want_key_frame()
    assert asked == []
    session.answer(stations.offer("m=video 5000 RTP/AVP 96", "a=rtpmap:96 H264/90000"))
    assert len(asked) == 1
    session.video.want_key_frame()
    clock.advance(1)
    session.video.want_key_frame()
    assert len(asked) == 2


async def test_a_station_that_ignores_feedback_is_asked_by_info_the_second_time(make):
    clock = FakeClock()
    async with Peer() as peer:
        session = await make(video=True, clock=clock)
        session.answer(
            stations.offer(f"m=video {peer.port} RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=rtcp-fb:* nack pli")
        )
        asked = []
        session.on_info_key_frame = lambda: asked.append(True)
        session.video.sink = ear = Ear()
        peer.send(RtpPacket(96, 1, 0, 7, encoded()[1][-1], marker=True).encode(), session.video.port)
        await ear.next()
        assert asked == []
        clock.advance(1)
        session.video.want_key_frame()
        assert asked == [True]


# RTCP and the end


async def test_reports_are_sent_every_five_seconds(make):
    clock = FakeClock()
    async with Peer() as peer, Peer() as control:
        session = await make(clock=clock)
        session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 0", f"a=rtcp:{control.port}"))
        assert isinstance(rtcp.parse(await control.inbox.get())[0], rtcp.ReceiverReport)
        session.audio.send(AudioPacket(PCMU, b"x" * 160, 0))
        clock.advance(5)
        report = rtcp.parse(await asyncio.wait_for(control.inbox.get(), 2))[0]
        assert isinstance(report, rtcp.SenderReport)
        assert (report.packets, report.octets) == (1, 160)
        sent = await peer.hears()
        assert (report.timestamp - sent.timestamp) & 0xFFFFFFFF == 40000
        session.close()
        last = rtcp.parse(await asyncio.wait_for(control.inbox.get(), 2))
        assert last[-1] == rtcp.Goodbye((sent.ssrc,))


async def test_life_signs_of_a_held_peer_come_by_rtcp(make):
    clock = FakeClock()
    async with Peer() as peer:
        session = await make(clock=clock)
        assert session.last_received is None
        port = ports(session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 0", "a=rtcp-mux")))[0]
        await peer.inbox.get()
        clock.advance(3)
        peer.send(rtcp.encode_report(rtcp.ReceiverReport(1)), port)
        peer.send(RtpPacket(0, 1, 0, 7, b"x").encode(), port)
        session.audio.sink = ear = Ear()
        await ear.next()
        assert session.last_received == clock.time()
        assert session.audio.statistics.received == 1


async def test_what_the_peer_reports_tells_how_long_the_way_there_and_back_is(make):
    clock = FakeClock()
    async with Peer() as peer:
        session = await make(clock=clock)
        port = ports(session.answer(stations.offer(f"m=audio {peer.port} RTP/AVP 0", "a=rtcp-mux")))[0]
        session.audio.send(AudioPacket(PCMU, b"x" * 160, 0))
        assert session.quality().round_trip is None
        clock.advance(5)
        reports: list[rtcp.RtcpPacket] = []
        while not (reports and isinstance(reports[0], rtcp.SenderReport)):
            reports = rtcp.parse(await asyncio.wait_for(peer.inbox.get(), 2))
        clock.advance(0.6)

        async def answer(ssrc, last_sr):
            block = rtcp.ReportBlock(ssrc, 0, 0, 1, 0, last_sr, delay=65536 // 2)
            peer.send(rtcp.encode_report(rtcp.ReceiverReport(1, (block,))), port)
            peer.send(RtpPacket(0, 1, 0, 7, b"x").encode(), port)
            session.audio.sink = ear = Ear()
            await ear.next()

        for ssrc, last_sr in ((reports[0].ssrc ^ 1, reports[0].middle), (reports[0].ssrc, 0), (reports[0].ssrc, 1)):
            await answer(ssrc, last_sr)
            assert session.quality().round_trip is None
        await answer(reports[0].ssrc, reports[0].middle)
        assert session.quality().round_trip == pytest.approx(0.1, abs=0.001)


async def test_after_the_end_nothing_is_sent_and_nothing_fails(make):
    free = POOL.free
    session = await make(video=True)
    session.answer(stations.DOOR_H264)
    assert POOL.free == free - 2
    session.close()
    session.close()
    session.audio.send(AudioPacket(PCMU, b"x", 0))
    session.video.send(units()[0])
    session.video.want_key_frame()
    assert POOL.free == free
