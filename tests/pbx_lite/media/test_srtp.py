"""Keys in the SDP, and what packets are worth without the right one."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.errors import MediaError
from pbx_lite.media import srtp
from pbx_lite.media.srtp import SUITES, Crypto, Opener, Sealer

KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"  # RFC 4568's own example


def packet(number: int, payload: bytes = b"x" * 160) -> bytes:
    return struct.pack("!BBHII", 0x80, 8, number, number * 160, 0x1234) + payload


REPORT = struct.pack("!BBHI", 0x80, 201, 1, 0x1234)


def test_the_example_of_the_rfc_is_read():
    crypto = srtp.parse(f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20")
    assert crypto is not None
    assert (crypto.tag, crypto.suite, len(crypto.key)) == (1, "AES_CM_128_HMAC_SHA1_80", 30)
    assert crypto.encode() == f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "1 AES_CM_128_HMAC_SHA1_80",
        f"x AES_CM_128_HMAC_SHA1_80 inline:{KEY}",
        f"1 F8_128_HMAC_SHA1_80 inline:{KEY}",
        f"1 AES_CM_128_HMAC_SHA1_80 uri:{KEY}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY[:-4]}",
        "1 AES_CM_128_HMAC_SHA1_80 inline:!!!!",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{KEY}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=3",
    ],
)
def test_what_we_cannot_do_is_no_key(value):
    assert srtp.parse(value) is None


@pytest.mark.parametrize("more", ["WSH=128", "KDR=0", "-unknown"])
def test_parameters_that_change_no_packet_do_not_matter(more):
    assert srtp.parse(f"1 aes_cm_128_hmac_sha1_80 inline:{KEY} {more}") is not None


def test_a_key_is_in_no_repr():
    crypto = srtp.fresh(1, SUITES[0])
    assert crypto.encode().rpartition(":")[2] not in repr(crypto)
    assert repr(crypto.key) not in repr(srtp.agree((crypto,), (crypto,)))


@given(st.text(max_size=120))
def test_any_text_is_a_key_or_none(text):
    crypto = srtp.parse(text)
    assert crypto is None or crypto.suite in SUITES


def test_offer_and_answer_meet_by_tag_and_suite():
    ours = tuple(srtp.fresh(number, suite) for number, suite in enumerate(SUITES, 1))
    theirs = srtp.fresh(2, SUITES[1])
    keys = srtp.agree(ours, (theirs,))
    assert keys is not None
    assert (keys.ours, keys.theirs) == (ours[1], theirs)
    assert srtp.agree(ours, (srtp.fresh(1, SUITES[1]),)) is None
    assert srtp.agree(ours, ()) is None


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_sealed_is_opened_by_the_same_key(suite):
    key = srtp.fresh(1, suite)
    sealer, opener = Sealer(key), Opener(key)
    for number in range(3):
        sealed = sealer.rtp(packet(number))
        assert sealed is not None
        assert b"x" * 16 not in sealed
        assert opener.rtp(sealed) == packet(number)
    sealed = sealer.rtcp(REPORT)
    assert sealed is not None
    assert opener.rtcp(sealed) == REPORT


@pytest.mark.parametrize("suite", SUITES)
def test_wrong_keys_changes_and_repeats_are_dropped(suite):
    key = srtp.fresh(1, suite)
    sealer, opener = Sealer(key), Opener(key)
    sealed = sealer.rtp(packet(1))
    assert sealed is not None
    assert Opener(srtp.fresh(1, suite)).rtp(sealed) is None
    assert opener.rtp(sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    assert opener.rtp(packet(1)) is None
    assert opener.rtp(b"") is None
    assert opener.rtp(sealed) == packet(1)
    assert opener.rtp(sealed) is None
    assert opener.rtcp(sealed) is None


def test_the_number_of_a_packet_may_wrap():
    key = srtp.fresh(1, SUITES[0])
    sealer, opener = Sealer(key), Opener(key)
    for number in (0xFFFE, 0xFFFF, 0, 1):
        sealed = sealer.rtp(packet(number))
        assert sealed is not None
        assert opener.rtp(sealed) == packet(number)


def test_what_is_too_long_or_was_sent_before_is_not_sent():
    sealer = Sealer(srtp.fresh(1, SUITES[0]))
    assert sealer.rtp(packet(1, bytes(2000))) is None
    assert sealer.rtp(packet(1)) is not None
    assert sealer.rtp(packet(1, b"y" * 160)) is None


def test_a_key_of_the_wrong_length_is_refused():
    with pytest.raises(MediaError):
        Sealer(Crypto(1, SUITES[0], bytes(7)))
