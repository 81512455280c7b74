"""Encrypted sound between two sessions: who offers what, who insists, and what becomes of the rest."""

import pytest

from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media import rtcp, srtp
from pbx_lite.media.port import PCMU, AudioPacket
from pbx_lite.media.rtp import RtpPacket
from pbx_lite.media.sdp import parse as parse_sdp
from pbx_lite.media.srtp import Opener, Sealer

from . import stations
from .peers import Ear, Peer

_SAVP = ("a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",)


async def talk(near, far):
    for here, there in ((near, far), (far, near)):
        there.audio.sink = ear = Ear()
        here.audio.send(AudioPacket(PCMU, b"x" * 160, 0))
        assert (await ear.next()).payload == b"x" * 160


def profile(description: bytes) -> tuple[str, int]:
    line = parse_sdp(description).media[0]
    return line.protocol, len(line.crypto)


@pytest.mark.parametrize("caller", ["offer", "require"])
@pytest.mark.parametrize("callee", ["offer", "require"])
async def test_two_that_can_speak_encrypted(make, caller, callee):
    near, far = await make(srtp=caller), await make(srtp=callee)
    offer = near.offer()
    answer = far.answer(offer)
    near.accept(answer)
    assert profile(offer) == ("RTP/SAVP" if caller == "require" else "RTP/AVP", 4)
    assert profile(answer) == (profile(offer)[0], 1)
    assert near.audio.secure
    assert far.audio.secure
    await talk(near, far)


@pytest.mark.parametrize("callee", ["off", "accept"])
async def test_who_offers_it_beside_plain_sound_gets_plain_sound(make, callee):
    near, far = await make(srtp="offer"), await make(srtp=callee)
    near.accept(far.answer(near.offer()))
    assert not near.audio.secure
    await talk(near, far)
    assert profile(near.offer()) == ("RTP/AVP", 0)


async def test_a_peer_that_insists_is_answered_and_one_that_may_not_is_refused(make):
    near = await make(srtp="require")
    far, never = await make(srtp="accept"), await make(srtp="off")
    offer = near.offer()
    with pytest.raises(NoCommonCodec):
        never.answer(offer)
    near.accept(far.answer(offer))
    assert far.audio.secure
    await talk(near, far)


async def test_plain_offers_and_answers_are_refused_where_encryption_is_required(make):
    near, far = await make(srtp="require"), await make(srtp="accept")
    with pytest.raises(NoCommonCodec):
        near.answer(far.offer())
    near.offer()
    with pytest.raises(MediaError):
        near.accept(stations.offer("m=audio 4000 RTP/AVP 0"))


async def test_an_offer_that_was_refused_may_insist_once(make):
    session, phone = await make(srtp="offer"), await make(srtp="require")
    session.offer()
    assert session.insist()
    assert not session.insist()
    session.accept(phone.answer(session.offer()))
    assert session.audio.secure
    assert profile(session.offer()) == ("RTP/SAVP", 1)
    assert not (await make(srtp="accept")).insist()


@pytest.mark.parametrize("lines", [(), _SAVP])
async def test_an_answer_without_the_offered_key_is_refused(make, lines):
    near = await make(srtp="require")
    near.offer()
    with pytest.raises(NoCommonCodec):
        near.accept(stations.offer("m=audio 4000 RTP/SAVP 0", *lines))


async def test_the_tag_and_suite_of_the_peer_are_answered(make):
    session = await make(srtp="accept")
    answer = parse_sdp(session.answer(stations.offer("m=audio 4000 RTP/SAVP 0", *_SAVP))).media[0]
    assert (answer.protocol, answer.crypto[0].tag, answer.crypto[0].suite) == ("RTP/SAVP", 7, "AES_CM_128_HMAC_SHA1_32")


async def test_our_key_stays_and_theirs_may_change_in_the_dialog(make):
    near, far = await make(srtp="require"), await make(srtp="require")
    first = near.offer()
    near.accept(far.answer(first))
    await talk(near, far)
    again = near.offer()
    near.accept(far.answer(again))
    assert parse_sdp(again).media[0].crypto == parse_sdp(first).media[0].crypto[:1]
    await talk(near, far)
    other = await make(srtp="require")  # another phone takes over, by re-INVITE
    near.accept(other.answer(near.offer()))
    await talk(near, other)


async def test_plain_packets_and_sound_before_the_answer_are_dropped(make):
    heard: list[AudioPacket] = []
    early, late = await make(srtp="require"), await make(srtp="accept")
    early.offer()
    late.answer(stations.offer("m=audio 4000 RTP/SAVP 0", *_SAVP))
    for session in (early, late):
        session.audio.sink = heard.append
        for number in range(5):
            plain = RtpPacket(0, number, number * 160, 7, b"x" * 160).encode()
            session.audio.receive(plain, ("127.0.0.1", 4000))
    assert heard == []
    assert late.last_received is None


async def test_sound_passes_between_an_encrypted_and_a_plain_leg_undecoded(make):
    phone, near = await make(srtp="require"), await make(srtp="offer")
    trunk, far = await make(srtp="off"), await make(srtp="accept")
    near.accept(phone.answer(near.offer()))
    far.accept(trunk.answer(far.offer()))
    stop = near.relay(far)
    await talk(phone, trunk)
    stop()


async def test_reports_are_encrypted_too(make):
    async with Peer() as peer:
        session = await make(srtp="accept")
        lines = (f"m=audio {peer.port} RTP/SAVP 0", "a=rtcp-mux", *_SAVP)
        answer = parse_sdp(session.answer(stations.offer(*lines))).media[0]
        sealed = await peer.inbox.get()
        opened = Opener(answer.crypto[0]).rtcp(sealed)
        assert opened is not None
        assert opened[8:] not in sealed
        theirs = srtp.parse(_SAVP[0].partition(":")[2])
        assert theirs is not None
        report = rtcp.encode_report(rtcp.ReceiverReport(7, ()))
        session.audio.receive(report, ("127.0.0.1", peer.port))
        assert session.last_received is None
        session.audio.receive(Sealer(theirs).rtcp(report), ("127.0.0.1", peer.port))
        assert session.last_received is not None


async def test_keys_and_pictures_are_encrypted_too(make):
    near, far = await make(srtp="require", video=True), await make(srtp="require", video=True)
    offer = near.offer()
    near.accept(far.answer(offer))
    lines = parse_sdp(offer).media
    assert lines[0].crypto[0].key != lines[1].crypto[0].key
    assert near.video.secure
    pressed = Ear()
    far.audio.on_dtmf = pressed
    await near.send_dtmf("5", duration_ms=40)
    assert await pressed.next() == "5"
