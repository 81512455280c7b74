import contextlib
from pathlib import Path

import pytest

from pbx_lite.calls.webrtc.offer import Local, Offer, read_offer, write_answer
from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU

HERE = Path(__file__).parent
WATCHES = (HERE / "chrome_watches.sdp").read_bytes().decode()
TALKS = (HERE / "chrome_talks.sdp").read_bytes().decode()
CODECS = (PCMU, PCMA, G722, OPUS)
LOCAL = Local(
    username="user",
    password="p" * 22,
    fingerprint="sha-256 AB:CD",
    candidates=["1 1 udp 2130706431 192.0.2.7 4000 typ host"],
    complete=True,
    cname="cname",
    ssrcs={"audio": (1, 2), "video": (3, 4)},
)


def answer(sdp: str) -> tuple[Offer, list[list[str]]]:
    """The offer and the answer's lines: the session's, then each m-line's."""
    offer = read_offer(sdp, CODECS)
    parts: list[list[str]] = [[]]
    for line in write_answer(offer, LOCAL).splitlines():
        if line.startswith("m="):
            parts.append([])
        parts[-1].append(line)
    return offer, parts


def media(sdp: str, kind: str) -> str:
    """A browser's offer with the m-lines of one kind alone."""
    head, *sections = sdp.split("\r\nm=")
    kept = [section for section in sections if section.startswith(kind)]
    return "\r\nm=".join((head, *kept)) + ("" if kept[-1].endswith("\r\n") else "\r\n")


def test_a_watching_chrome_is_sent_sound_and_picture() -> None:
    offer, (session, audio, video) = answer(WATCHES)
    assert "a=group:BUNDLE 0 1" in session
    assert audio[0] == "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 9 111"
    assert "a=sendonly" in audio
    assert "a=sendonly" in video
    assert "a=mid:0" in audio
    assert "a=mid:1" in video
    assert "a=setup:active" in audio
    assert offer.section("audio") is not None


def test_a_talking_chrome_is_heard_too() -> None:
    offer, (_, audio, video) = answer(TALKS)
    section = offer.section("audio")
    assert section is not None
    assert section.receives
    assert "a=sendrecv" in audio
    assert "a=sendonly" in video


def test_every_h264_profile_of_mode_1_is_taken_constrained_baseline_first() -> None:
    _, (_, _, video) = answer(WATCHES)
    assert video[0] == "m=video 9 UDP/TLS/RTP/SAVPF 108 102 116 41 109 103 117 42"
    assert "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f" in video
    assert "a=fmtp:109 apt=108" in video
    assert "a=rtcp-fb:108 nack pli" in video
    assert "a=rtcp-fb:108 ccm fir" in video
    assert "a=ssrc-group:FID 3 4" in video


def test_candidates_are_in_the_first_section_alone() -> None:
    _, (_, audio, video) = answer(WATCHES)
    assert "a=candidate:1 1 udp 2130706431 192.0.2.7 4000 typ host" in audio
    assert "a=end-of-candidates" in audio
    assert not [line for line in video if "candidate" in line]


def test_the_order_of_codecs_is_the_callers() -> None:
    offer = read_offer(WATCHES, (G722, PCMA))
    section = offer.section("audio")
    assert section is not None
    assert [entry.codec for entry in section.formats] == [G722, PCMA]


def test_opus_is_taken_where_there_is_nothing_else() -> None:
    sdp = media(TALKS, "audio").replace(" 111 63 9 0 8 13 110 126", " 111 63")
    _, (_, audio) = answer(sdp)
    assert "a=rtpmap:111 opus/48000/2" in audio
    assert "a=fmtp:111 minptime=10;useinbandfec=1" in audio


@pytest.mark.parametrize(
    ("offered", "answered"), [("sendonly", "recvonly"), ("sendrecv", "sendrecv"), ("recvonly", "sendonly")]
)
def test_an_offer_of_sound_alone_is_answered(offered: str, answered: str) -> None:
    offer, (session, audio) = answer(media(TALKS, "audio").replace("a=sendrecv", f"a={offered}"))
    assert "a=group:BUNDLE 0" in session
    assert f"a={answered}" in audio
    assert offer.section("video") is None


def test_an_offer_of_a_picture_alone_is_answered() -> None:
    _, (session, video) = answer(media(WATCHES, "video"))
    assert "a=group:BUNDLE 1" in session
    assert "a=candidate:1 1 udp 2130706431 192.0.2.7 4000 typ host" in video


def test_a_picture_without_h264_is_refused_in_its_place() -> None:
    _, (session, audio, video) = answer(WATCHES.replace("H264/90000", "VP7/90000"))
    assert "a=group:BUNDLE 0" in session
    assert audio[0].startswith("m=audio 9 ")
    assert video[0] == "m=video 0 UDP/TLS/RTP/SAVPF 96"
    assert "a=mid:1" in video


def test_sound_without_a_known_codec_is_refused_and_the_picture_leads() -> None:
    offer = read_offer(WATCHES, ())
    lines = write_answer(offer, LOCAL).splitlines()
    assert "a=group:BUNDLE 1" in lines
    assert "m=audio 0 UDP/TLS/RTP/SAVPF 111" in lines
    assert lines.index("a=end-of-candidates") > lines.index("a=mid:1")


def test_a_data_channel_is_refused() -> None:
    channel = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n"
    _, parts = answer(WATCHES + channel)
    assert parts[3][0] == "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"


def test_a_second_picture_is_refused() -> None:
    second = media(WATCHES, "video").partition("\r\nm=")[2].replace("a=mid:1", "a=mid:2")
    _, parts = answer(WATCHES.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + "m=" + second)
    assert parts[3][0].startswith("m=video 0 ")


def test_what_does_not_share_the_transport_is_refused() -> None:
    _, (_, _, video) = answer(WATCHES.replace("a=group:BUNDLE 0 1\r\n", ""))
    assert video[0].startswith("m=video 0 ")


def test_static_payload_types_need_no_rtpmap() -> None:
    lines = [
        line for line in media(TALKS, "audio").split("\r\n") if not line.startswith(("a=rtpmap", "a=fmtp", "a=rtcp-fb"))
    ]
    section = read_offer("\r\n".join(lines), CODECS).section("audio")
    assert section is not None
    assert [entry.payload_type for entry in section.formats] == [0, 8, 9]


def test_an_offer_with_nothing_in_common_says_so() -> None:
    with pytest.raises(NoCommonCodec, match="no sound or picture format"):
        read_offer(media(WATCHES, "audio"), ())


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "rubbish",
        "v=0\r\nm=audio",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF zero\r\n",
        WATCHES.replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:0 PCMU/fast"),
        WATCHES.replace("a=ice-ufrag", "a=ice-none"),
        WATCHES.replace("a=fingerprint", "a=nofinger"),
        WATCHES.replace("a=setup:actpass", "a=setup:sometimes"),
        WATCHES + "a=x" * 100_000,
    ],
    ids=["empty", "rubbish", "no media", "no format", "no rate", "no ICE", "no fingerprint", "no role", "too large"],
)
def test_a_faulty_offer_is_refused_with_a_sentence(sdp: str) -> None:
    with pytest.raises(MediaError):
        read_offer(sdp, CODECS)


def test_an_offer_that_lacks_any_line_is_answered_or_refused() -> None:
    lines = TALKS.split("\r\n")
    for left_out in range(len(lines)):
        with contextlib.suppress(MediaError):
            write_answer(read_offer("\r\n".join(lines[:left_out] + lines[left_out + 1 :]), CODECS), LOCAL)


def test_an_offer_cut_off_anywhere_is_answered_or_refused() -> None:
    for end in range(0, len(TALKS), 7):
        with contextlib.suppress(MediaError):
            write_answer(read_offer(TALKS[:end], CODECS), LOCAL)
