from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.errors import MediaError
from pbx_lite.media.sdp import Description, Format, Media, parse

from . import stations


def test_a_doors_offer_is_understood():
    read = parse(stations.DOOR_H264)
    sound, picture = read.media
    assert (sound.kind, sound.port, sound.protocol) == ("audio", 4900, "RTP/AVP")
    assert [str(form.payload_type) + form.name for form in sound.formats] == ["0PCMU", "8PCMA", "101telephone-event"]
    assert read.host_of(sound) == "192.0.2.20"
    assert read.host_of(picture) == "192.0.2.21"
    assert picture.direction == "sendonly"
    assert picture.formats[1].parameter("profile-level-id") == "42E01F"
    assert picture.formats[1].parameter("packetization-mode") == "1"
    assert picture.formats[1].feedback == ("nack pli",)
    assert picture.formats[2].name == "H263"


def test_static_types_need_no_rtpmap_and_line_feeds_alone_will_do():
    formats = parse(stations.LINEAR_FIRST).media[0].formats
    assert [(form.name, form.clock_rate) for form in formats[:3]] == [("PCM", 16000), ("PCMA", 8000), ("PCMU", 8000)]


def test_a_direction_of_the_session_holds_for_lines_without_their_own():
    read = parse(stations.offer("m=audio 1 RTP/AVP 0", "m=video 3 RTP/AVP 34", "a=sendrecv", direction="inactive"))
    assert [media.direction for media in read.media] == ["inactive", "sendrecv"]


def test_what_is_written_reads_the_same():
    sound = Media("audio", 4000, formats=(Format(0, "PCMU", 8000), Format(101, "telephone-event", 8000, 1, "0-16")))
    picture = Media(
        "video",
        4002,
        "RTP/AVPF",
        (Format(99, "H264", 90000, 1, "packetization-mode=1", ("nack pli",)),),
        host="192.0.2.9",
        direction="recvonly",
        rtcp_port=4010,
        rtcp_mux=True,
    )
    written = Description((sound, picture), "192.0.2.8", 7, 8)
    again = parse(written.encode())
    assert again.encode() == written.encode()
    assert (again.session_id, again.version, again.host) == (7, 8, "192.0.2.8")


def test_a_refused_line_keeps_its_formats_and_gets_port_0():
    picture = parse(stations.ROUTER_10MS).media[1]
    assert b"m=image 0 udptl t38\r\n" in Description((picture.refused(),), "192.0.2.8").encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        stations.offer("m=audio"),
        stations.offer("m=audio x RTP/AVP 0"),
        stations.offer("m=audio 70000 RTP/AVP 0"),
        stations.offer(*["m=audio 1 RTP/AVP 0"] * 17),
        b"v=0\r\n" + b"a" * 70000,
    ],
)
def test_nonsense_is_refused(data):
    with pytest.raises(MediaError):
        parse(data)


_LINE = st.one_of(
    st.sampled_from(stations.DOOR_H264.decode().splitlines()),
    st.text(max_size=40),
    st.tuples(
        st.sampled_from(["m=", "c=", "a=rtpmap:", "a=fmtp:", "a=rtcp:", "a=rtcp-fb:", "a=ptime:", "o=", "b="]),
        st.text(alphabet="0123456789 /:*;=abcAVPRTIN.²\x00", max_size=30),
    ).map("".join),
)


@given(st.lists(_LINE, max_size=20))
def test_no_lines_make_the_reader_raise_anything_but_media_error(lines):
    with suppress(MediaError):
        parse(parse("\n".join(["v=0", *lines]).encode()).encode())


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise_anything_but_media_error(data):
    for start in (b"", b"v=0\r\n"):
        with suppress(MediaError):
            parse(start + data)
