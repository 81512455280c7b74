from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.errors import MediaError
from pbx_lite.media.negotiation import (
    AudioAgreement,
    Numbers,
    agree_audio,
    agree_video,
    audio_answer,
    audio_offer,
    codec_of,
    same_family,
    video_answer,
    video_offer,
)
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec
from pbx_lite.media.sdp import Format, Media, parse

from . import stations

HOST = "192.0.2.20"
CODECS = (PCMU, PCMA, G722)


def line(*lines: str) -> Media:
    return parse(stations.offer(*lines)).media[0]


def h264(*fmtps: str) -> Media:
    attributes = [
        part
        for number, fmtp in enumerate(fmtps, 96)
        for part in (f"a=rtpmap:{number} H264/90000", f"a=fmtp:{number} {fmtp}")
    ]
    numbers = " ".join(str(number) for number in range(96, 96 + len(fmtps)))
    return line(f"m=video 4000 RTP/AVP {numbers}", *attributes)


def audio_agreed(offered: Media, host: str = HOST, codecs: Sequence[Codec] = CODECS) -> AudioAgreement:
    """What follows from this offer and our answer to it."""
    answer = audio_answer(offered, 5000, codecs, "sendrecv")
    assert answer is not None
    agreed = agree_audio(answer, offered, host, codecs)
    assert agreed is not None
    return agreed


def video_answered(offered: Media, direction: str = "sendrecv") -> Media:
    answer = video_answer(offered, 5000, direction)
    assert answer is not None
    return answer


def sets_agreed(offered: Media) -> tuple[bytes, ...]:
    """The parameter sets that an offer brings us."""
    agreed = agree_video(video_answered(offered, "recvonly"), offered, HOST)
    assert agreed is not None
    return agreed.parameter_sets


@pytest.mark.parametrize(
    ("form", "codec"),
    [
        (Format(0, "pcmu", 8000), PCMU),
        (Format(9, "G722", 8000), G722),
        (Format(9, "G722", 16000), G722),
        (Format(0, "PCMU", 16000), None),
        (Format(0, "PCMU", 8000, 2), None),
        (Format(96, "opus", 48000, 2), OPUS),
        (Format(96, "opus", 48000, 1), OPUS),
        (Format(96, "opus", 16000, 2), None),
    ],
)
def test_formats_are_told_by_name_rate_and_channels(form, codec):
    assert codec_of(form, (*CODECS, OPUS)) == codec


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("packetization-mode=0;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42e01f"), 97),
        (("packetization-mode=1;profile-level-id=640028", "packetization-mode=1;profile-level-id=42e01f"), 97),
        (("packetization-mode=2", "profile-level-id=640028"), 97),
        (("PACKETIZATION-MODE = 1 ; profile-level-id=nonsense",), 96),
    ],
)
def test_the_best_h264_of_an_offer_is_answered(offered, chosen):
    answer = video_answered(h264(*offered))
    assert [form.payload_type for form in answer.formats] == [chosen]


def test_mode_2_alone_is_no_common_format():
    assert video_answer(h264("packetization-mode=2"), 5000, "sendrecv") is None


def test_the_offers_profile_is_answered():
    answer = video_answered(h264("packetization-mode=1;profile-level-id=640028;level-asymmetry-allowed=1"))
    assert answer.formats[0].parameter("profile-level-id") == "640028"
    assert answer.formats[0].parameter("level-asymmetry-allowed") == "1"


def test_parameter_sets_come_out_of_the_description_and_faulty_ones_do_not_matter():
    offered = parse(stations.DOOR_H264).media[1]
    assert [nal[0] & 31 for nal in sets_agreed(offered)] == [7, 8]
    assert sets_agreed(h264("sprop-parameter-sets=!!!,Z0LgHw,=,")) == (b"\x67\x42\xe0\x1f",)


def test_numbers_once_given_keep_their_meaning():
    numbers = Numbers()
    numbers.learn(line("m=audio 1 RTP/AVP 101", "a=rtpmap:101 opus/48000/2"))
    offered = audio_offer(4000, (OPUS, PCMU), numbers, "sendrecv")
    assert {(form.name, form.clock_rate): form.payload_type for form in offered.formats} == {
        ("opus", 48000): 101,
        ("PCMU", 8000): 0,
        ("telephone-event", 48000): 96,
        ("telephone-event", 8000): 97,
    }


def test_no_two_formats_of_an_offer_share_a_number():
    numbers = Numbers()
    media = (audio_offer(1, (OPUS, *CODECS), numbers, "sendrecv"), video_offer(3, numbers, "sendrecv"))
    given_out = [form.payload_type for entry in media for form in entry.formats]
    assert len(given_out) == len(set(given_out))


def test_the_event_of_the_codecs_own_rate_is_taken_first():
    offered = line(
        "m=audio 1 RTP/AVP 96 97 98",
        "a=rtpmap:96 opus/48000/2",
        "a=rtpmap:97 telephone-event/8000",
        "a=rtpmap:98 telephone-event/48000",
    )
    agreed = audio_agreed(offered, codecs=(OPUS,))
    assert (agreed.dtmf_send, agreed.dtmf_rate) == (98, 48000)


@pytest.mark.parametrize(
    ("host", "usable"),
    [
        (HOST, HOST),
        ("0.0.0.0", ""),
        ("224.0.0.1", ""),
        ("door.example", ""),
        ("", ""),
        ("2001:DB8::0:1", "2001:db8::1"),
    ],
)
def test_packets_go_only_to_addresses_of_one_machine(host, usable):
    offered = line("m=audio 4000 RTP/AVP 0")
    assert audio_agreed(offered, host).remote.host == usable


def test_rtcp_goes_to_the_next_port_or_the_named_one_or_the_same():
    for extra, port in ((), 4001), (("a=rtcp:4010 IN IP4 192.0.2.1",), 4010), (("a=rtcp-mux",), 4000):
        offered = line("m=audio 4000 RTP/AVP 0", *extra)
        assert audio_agreed(offered).remote.rtcp_port == port


def test_addresses_of_two_families_do_not_meet():
    assert same_family("127.0.0.1", "192.0.2.1")
    assert same_family("127.0.0.1", "door.example")
    assert not same_family("127.0.0.1", "::1")


_ATTRIBUTE = st.one_of(
    st.sampled_from(stations.DOOR_H264.decode().splitlines()[5:]),
    st.sampled_from(stations.FEEDBACK_PROFILE.decode().splitlines()[5:]),
    st.tuples(
        st.sampled_from(["a=rtpmap:96 ", "a=fmtp:96 ", "m=video 1 RTP/AVP ", "m=audio 1 RTP/AVP ", "c=IN IP4 "]),
        st.text(max_size=30),
    ).map("".join),
)


@given(st.lists(_ATTRIBUTE, max_size=15), st.text(max_size=20))
def test_no_offer_makes_anything_raise_but_media_error(lines, host):
    with suppress(MediaError):
        for offered in parse("\n".join(["v=0", *lines]).encode()).media:
            offered.refused()
            same_family("127.0.0.1", host)
            if (sound := audio_answer(offered, 5000, CODECS, "sendrecv")) is not None:
                agree_audio(sound, offered, host, CODECS)
            if (picture := video_answer(offered, 5000, "sendrecv")) is not None:
                agree_video(picture, offered, host)
