import copy

import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip.uri import SipUri

# RFC 3261 section 19.1.3, less mailto.
_EXAMPLES = [
    ("sip:alice@atlanta.com", SipUri("sip", "alice", "", "atlanta.com")),
    (
        "sip:alice:secretword@atlanta.com;transport=tcp",
        SipUri("sip", "alice", "secretword", "atlanta.com", None, (("transport", "tcp"),)),
    ),
    (
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
        SipUri("sips", "alice", host="atlanta.com", headers=(("subject", "project%20x"), ("priority", "urgent"))),
    ),
    (
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        SipUri("sip", "+1-212-555-1212", "1234", "gateway.com", None, (("user", "phone"),)),
    ),
    ("sips:1212@gateway.com", SipUri("sips", "1212", host="gateway.com")),
    ("sip:alice@192.0.2.4", SipUri("sip", "alice", host="192.0.2.4")),
    (
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        SipUri("sip", host="atlanta.com", params=(("method", "REGISTER"),), headers=(("to", "alice%40atlanta.com"),)),
    ),
    ("sip:alice;day=tuesday@atlanta.com", SipUri("sip", "alice;day=tuesday", host="atlanta.com")),
    ("sip:[2001:db8::9:1]:5070;lr", SipUri("sip", host="2001:db8::9:1", port=5070, params=(("lr", ""),))),
    ("tel:+49-89-1234;ext=12", SipUri("tel", "+49-89-1234", params=(("ext", "12"),))),
]


@pytest.mark.parametrize(("text", "uri"), _EXAMPLES)
def test_a_uri_is_taken_apart_and_written_again(text: str, uri: SipUri) -> None:
    read = SipUri.parse(text)
    for part in ("scheme", "user", "password", "host", "port", "params", "headers"):
        assert getattr(read, part) == getattr(uri, part)
    assert str(uri) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("sip:a@[2001:DB8:0::1]", "sip:a@[2001:db8::1]"),
    ],
)
def test_equal_uris_of_rfc_3261_are_equal_and_hash_alike(one: str, other: str) -> None:
    assert SipUri.parse(one) == SipUri.parse(other)
    assert hash(SipUri.parse(one)) == hash(SipUri.parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@b", "sips:a@b"),
        ("sip:a@b", "sip:a:x@b"),
        ("sip:a@b", "sip:a@b;maddr=1.2.3.4"),
    ],
)
def test_different_uris_of_rfc_3261_are_different(one: str, other: str) -> None:
    assert SipUri.parse(one) != SipUri.parse(other)


def test_a_uri_is_not_equal_to_its_text() -> None:
    assert SipUri.parse("sip:a@b") != "sip:a@b"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 400),
        ("sip:", 400),
        ("sip:@b", 400),
        ("sip:a@", 400),
        ("sip:a@b@c", 400),
        ("sip:a b@c", 400),
        ("sip:a@b:", 400),
        ("sip:a@b:0", 400),
        ("sip:a@b:65536", 400),
        ("sip:a@b:5060x", 400),
        ("sip:a%zz@b", 400),
        ("sip:a@b;x=%z", 400),
        ("sip:a@b;;", 400),
        ("sip:a@b;=x", 400),
        ("sip:a@b;lr;lr", 400),
        ("sip:a@b?x", 400),
        ("sip:a@b?x=%", 400),
        ("sip:a@b\r\nVia: x", 400),
        ("sip:a@[::1", 400),
        ("sip:a@[1::2::3]", 400),
        ("sip:a@2001:db8::1", 400),
        ("<sip:a@b>", 400),
        ("tel:abc-xyz", 400),
        ("tel:", 400),
        ("http://a/b", 416),
        ("urn:service:sos", 416),
    ],
)
def test_what_is_no_uri_of_ours_is_refused(text: str, status: int) -> None:
    with pytest.raises(ParseError) as refused:
        SipUri.parse(text)
    assert refused.value.status == status


def test_users_are_unescaped_and_escaped_again() -> None:
    uri = SipUri.parse("sip:%C3%BCber%20%3Call%3E@b")
    assert uri.user == "über <all>"
    assert str(uri) == "sip:%C3%BCber%20%3Call%3E@b"


def test_escapes_that_are_not_utf8_stay_different_from_each_other() -> None:
    assert SipUri.parse("sip:%FE@b") != SipUri.parse("sip:%FF@b")
    SipUri.parse("sip:%FE@b").user.encode()


def test_a_line_break_in_a_user_cannot_leave_the_uri() -> None:
    assert str(SipUri.parse("sip:a%0D%0AVia%3Ax@b")) == "sip:a%0D%0AVia%3Ax@b"
    assert "\n" not in str(SipUri(user="a\r\nVia: x", host="b"))


def test_parameters_answer_by_name() -> None:
    uri = SipUri.parse("sip:a@b;Transport=TLS;lr;maddr=239.1.1.1")
    assert (uri.transport, uri.lr, uri.maddr) == ("tls", True, "239.1.1.1")
    assert uri.param("lr") == ""
    assert uri.param("ob") is None
    assert SipUri.parse("sip:a@b").transport is None
    assert not SipUri.parse("sip:a@b").lr


def test_parameters_can_be_set_and_removed_in_a_copy() -> None:
    uri = SipUri.parse("sip:a@b;transport=udp;lr")
    assert str(uri.with_params(transport="tcp")) == "sip:a@b;lr;transport=tcp"
    assert str(uri.with_params(transport=None, ob="")) == "sip:a@b;lr;ob"
    assert str(copy.replace(uri, port=5070)) == "sip:a@b:5070;transport=udp;lr"


def test_an_address_of_record_is_scheme_user_and_host() -> None:
    assert SipUri.parse("sip:a:pw@B:5062;transport=tcp?x=y").aor() == "sip:a@b"
