"""Offers and answers of a media session."""

import pytest

from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media.port import G722, PCM16, PCMA, PCMU
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.sdp import parse as parse_sdp
from pbx_lite.media.session import MediaSession
from tests.support.clock import FakeClock
from tests.support.ports import free_range

from . import stations
from .peers import POOL, ports, version


async def test_two_sessions_agree_on_sound_and_picture(make):
    caller, callee = await make(video=True), await make(video=True)
    caller.accept(callee.answer(caller.offer()))
    assert caller.audio.codec == callee.audio.codec == PCMU
    assert caller.video.agreed
    assert callee.video.agreed


@pytest.mark.parametrize("srtp", ["off", "require"])
async def test_a_picture_that_comes_later_is_a_line_of_its_own_as_safe_as_the_sound(make, srtp):
    caller, callee = await make(srtp=srtp), await make(srtp=srtp)
    caller.accept(callee.answer(caller.offer()))
    before = ports(caller.offer())
    caller.withdraw()
    caller.add_video()
    offer = caller.offer()
    assert ports(offer)[:1] == before
    caller.accept(refusal := callee.answer(offer))
    assert ports(refusal)[1] == 0
    assert not caller.video

    callee.add_video()
    caller.video_way = "recvonly"
    caller.accept(callee.answer(again := caller.offer()))
    assert len(ports(again)) == 2
    assert [line.protocol for line in parse_sdp(again).media] == ["RTP/SAVP" if srtp == "require" else "RTP/AVP"] * 2
    assert caller.video.held
    assert callee.video.agreed


async def test_the_first_offered_codec_that_we_have_is_answered_alone(make):
    session = await make()
    answer = parse_sdp(session.answer(stations.LINEAR_FIRST))
    assert [form.name for form in answer.media[0].formats] == ["PCMA", "telephone-event"]
    assert session.audio.codec == PCMA


async def test_a_preferred_codec_comes_first_in_answers_and_offers_and_only_where_it_is_known(make):
    caller, callee = await make(), await make()
    offer = caller.offer()
    callee.prefer(G722)
    caller.accept(callee.answer(offer))
    assert caller.audio.codec == callee.audio.codec == G722
    assert parse_sdp(callee.offer()).media[0].formats[0].name == "G722"
    callee.prefer(PCM16)
    assert parse_sdp(callee.answer(offer)).media[0].formats[0].name == "PCMU"


async def test_a_station_of_linear_sound_can_be_taken_at_its_word(make):
    session = await make(codecs=(PCM16, PCMU))
    answer = parse_sdp(session.answer(stations.LINEAR_FIRST))
    assert next((form.payload_type, form.name) for form in answer.media[0].formats) == (97, "PCM")


async def test_the_answer_takes_mode_1_and_keeps_the_offers_numbers(make):
    session = await make(video=True)
    picture = parse_sdp(session.answer(stations.DOOR_H264)).media[1]
    assert [form.payload_type for form in picture.formats] == [99]
    assert picture.formats[0].parameter("profile-level-id") == "42e01f"
    assert picture.formats[0].feedback == ("nack pli",)
    assert picture.direction == "recvonly"
    assert session.video.held


async def test_a_picture_that_nobody_asked_for_is_refused_with_port_0(make):
    session = await make()
    assert ports(session.answer(stations.DOOR_H264))[1] == 0
    assert session.video is None


async def test_encrypted_and_foreign_lines_are_refused_and_the_plain_one_taken(make):
    session = await make()
    answer = session.answer(stations.ENCRYPTED_FIRST)
    assert [bool(port) for port in ports(answer)] == [False, True, False]
    assert b"m=application 0 UDP/BFCP *" in answer


_FAX = ("m=image 4400 udptl t38", "a=T38FaxVersion:0", "a=T38MaxBitRate:14400")


async def test_fax_instead_of_sound_is_refused_and_the_sound_goes_on(make):
    session = await make()
    answered = session.answer(stations.LINEAR_FIRST)
    for offer in (stations.offer(*_FAX), stations.offer("m=audio 0 RTP/AVP 0", *_FAX)):
        with pytest.raises(NoCommonCodec):
            session.answer(offer)
    assert session.audio.codec == PCMA
    assert session.answer(stations.LINEAR_FIRST) == answered


async def test_fax_and_lines_nobody_knows_beside_sound_are_refused_alone(make):
    session = await make()
    lines = ("m=audio 4000 RTP/AVP 0", *_FAX, "m=message 2855 TCP/MSRP *", "m=text 4600 RTP/AVP 98", "m=x 1 y")
    answer = session.answer(stations.offer(*lines))
    assert [bool(port) for port in ports(answer)] == [True, False, False, False, False]
    assert b"m=image 0 udptl t38\r\n" in answer
    assert b"m=message 0 TCP/MSRP *\r\n" in answer
    assert [line.kind for line in parse_sdp(session.offer()).media] == ["audio", "image", "message", "text", "x"]
    assert [bool(port) for port in ports(session.offer())] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        (("m=audio 4000 RTP/AVP 8", "m=audio 4002 RTP/AVP 0"), 0),
        (("m=audio 0 RTP/AVP 8", "m=audio 4002 RTP/AVP 0"), 1),
        (("m=audio 4000 RTP/AVP 18", "m=audio 4002 RTP/AVP 0"), 1),
        (("m=audio 4000 UDP/TLS/RTP/SAVPF 0", "m=audio 4002 RTP/AVP 0"), 1),
    ],
)
async def test_of_several_lines_for_sound_the_first_that_can_be_used_is_taken(make, lines, taken):
    session = await make()
    answered = ports(session.answer(stations.offer(*lines)))
    assert [bool(port) for port in answered] == [number == taken for number in range(2)]


async def test_what_is_said_of_paths_and_certificates_is_passed_over(make):
    session = await make()
    ice = ("a=ice-ufrag:x", "a=ice-pwd:secret", "a=candidate:1 1 UDP 2130706431 10.0.0.1 4000 typ host", "a=rtcp:4010")
    answer = session.answer(stations.offer("m=audio 4000 RTP/AVP 8", *ice, "a=setup:actpass", "a=fingerprint:sha-1 A"))
    assert all(word not in answer for word in (b"ice", b"candidate", b"setup", b"fingerprint"))


async def test_zeros_of_the_other_address_family_are_a_hold_too(make):
    session = await make()
    session.answer(stations.offer("m=audio 5000 RTP/AVP 0"))
    session.answer(stations.offer("m=audio 5000 RTP/AVP 0", "c=IN IP6 ::"))
    assert session.audio.held


async def test_the_offered_profile_and_muxed_rtcp_are_answered_alike(make):
    session = await make(host="::1")
    answer = parse_sdp(session.answer(stations.FEEDBACK_PROFILE))
    assert answer.media[0].protocol == "RTP/AVPF"
    assert answer.media[0].rtcp_mux
    assert answer.host == "::1"
    assert session.audio.codec == G722


async def test_an_offer_of_the_other_address_family_cannot_be_met(make):
    session = await make()
    with pytest.raises(NoCommonCodec):
        session.answer(stations.FEEDBACK_PROFILE)


@pytest.mark.parametrize(
    "offer",
    [
        stations.offer("m=audio 5000 RTP/AVP 18 4"),
        stations.offer("m=audio 5000 RTP/SAVP 0"),
        stations.offer("m=audio 5000 UDP/TLS/RTP/SAVPF 0"),
        stations.offer("m=audio 0 RTP/AVP 0"),
        stations.offer("m=video 5000 RTP/AVP 34"),
        stations.offer("m=audio 5000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"),
        stations.offer(),
    ],
)
async def test_nothing_in_common_is_said(make, offer):
    session = await make(video=True)
    with pytest.raises(NoCommonCodec):
        session.answer(offer)
    assert session.audio.codec is None


async def test_a_station_without_sound_may_show_its_picture(make):
    session = await make(video=True)
    session.answer(stations.offer("m=video 5000 RTP/AVP 96", "a=rtpmap:96 H264/90000"))
    assert session.audio.codec is None
    assert session.video.agreed


async def test_an_answer_without_picture_ends_the_port_for_pictures(make):
    caller, callee = await make(video=True), await make()
    caller.accept(callee.answer(caller.offer()))
    assert caller.video is None
    assert ports(caller.offer())[1] == 0


@pytest.mark.parametrize(
    "answer",
    [stations.offer("m=audio 0 RTP/AVP 0"), stations.offer("m=audio 5000 RTP/AVP 18"), stations.offer()],
)
async def test_an_answer_that_leaves_nothing_is_refused(make, answer):
    session = await make()
    session.offer()
    with pytest.raises(NoCommonCodec):
        session.accept(answer)


async def test_an_answer_that_leaves_lines_out_is_matched_by_kind(make):
    session = await make(video=True)
    session.offer()
    session.accept(stations.offer("m=video 5000 RTP/AVP 99", "a=rtpmap:99 H264/90000", "m=audio 5002 RTP/AVP 8"))
    assert session.audio.codec == PCMA
    assert session.video.agreed


async def test_a_reoffer_keeps_ports_and_numbers_and_counts_its_version_up(make):
    session = await make(video=True)
    first = session.answer(
        stations.offer(
            "m=audio 5000 RTP/AVP 8 96",
            "a=rtpmap:96 telephone-event/8000",
            "m=video 5002 RTP/AVP 102",
            "a=rtpmap:102 H264/90000",
            "a=fmtp:102 packetization-mode=1",
        )
    )
    second = session.offer(audio="sendonly")
    assert ports(second) == ports(first)
    assert version(second) == version(first) + 1
    read = parse_sdp(second)
    assert next(form.payload_type for form in read.media[0].formats if form.name == "telephone-event") == 96
    assert read.media[1].formats[0].payload_type == 102
    assert read.media[0].direction == "sendonly"


async def test_an_unchanged_offer_gets_an_unchanged_answer(make):
    session = await make()
    assert session.answer(stations.DOOR_H264) == session.answer(stations.DOOR_H264)
    assert version(session.answer(stations.LINEAR_FIRST)) == version(session.answer(stations.LINEAR_FIRST))


@pytest.mark.parametrize(
    ("host", "direction", "answered"),
    [
        ("127.0.0.1", "sendonly", "recvonly"),
        ("127.0.0.1", "inactive", "inactive"),
        ("127.0.0.1", "recvonly", "sendonly"),
        ("0.0.0.0", "sendrecv", "sendrecv"),
    ],
)
async def test_hold_is_understood_in_all_its_forms(make, host, direction, answered):
    session = await make()
    answer = session.answer(stations.offer("m=audio 5000 RTP/AVP 0", host=host, direction=direction))
    assert parse_sdp(answer).media[0].direction == answered
    assert session.audio.held == (direction != "recvonly")
    session.answer(stations.offer("m=audio 5000 RTP/AVP 0"))
    assert not session.audio.held


async def test_offer_before_open_and_answer_without_offer_are_mistakes(make):
    with pytest.raises(MediaError):
        MediaSession(POOL, "127.0.0.1", clock=FakeClock()).offer()
    with pytest.raises(MediaError):
        (await make()).accept(stations.DOOR_H264)


async def test_ports_go_back_when_there_are_too_few():
    pool = PortPool(free_range(2))
    session = MediaSession(pool, "127.0.0.1", clock=FakeClock(), video=True)
    with pytest.raises(MediaError, match="in use"):
        await session.open()
    assert pool.free == 1


# Sound
