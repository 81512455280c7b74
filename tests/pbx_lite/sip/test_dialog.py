import pytest

from pbx_lite.sip.dialog import Dialog, DialogState, is_loose
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request, Response, response


def invite(*headers: tuple[str, str]) -> Request:
    return Request(
        "INVITE",
        "sip:bob@biloxi.example",
        [
            ("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"),
            ("From", '"Alice" <sip:alice@atlanta.example>;tag=alice'),
            ("To", "<sip:bob@biloxi.example>"),
            ("Call-ID", "1@atlanta.example"),
            ("CSeq", "314159 INVITE"),
            ("Contact", "<sip:alice@192.0.2.1>"),
            *headers,
        ],
    )


def ok(request: Request, *headers: tuple[str, str]) -> Response:
    return response(request, 200, to_tag="bob", headers=[("Contact", "<sip:bob@192.0.2.4>"), *headers])


_RECORDED = ("Record-Route", "<sip:first.example;lr>, <sip:second.example;lr>")


def test_the_caller_takes_the_route_set_in_reverse():
    request = invite()
    dialog = Dialog.of_client(request, ok(request, _RECORDED))
    assert dialog.routes == ("<sip:second.example;lr>", "<sip:first.example;lr>")
    assert (dialog.local_tag, dialog.remote_tag) == ("alice", "bob")
    assert dialog.target == "sip:bob@192.0.2.4"
    assert dialog.state is DialogState.EARLY


def test_the_callee_takes_the_route_set_in_order():
    dialog = Dialog.of_server(invite(_RECORDED), "bob")
    assert dialog.routes == ("<sip:first.example;lr>", "<sip:second.example;lr>")
    assert (dialog.local_tag, dialog.remote_tag) == ("bob", "alice")
    assert dialog.target == "sip:alice@192.0.2.1"


def test_requests_count_up_and_ack_has_the_number_of_its_invite():
    request = invite()
    dialog = Dialog.of_client(request, ok(request))
    assert str(dialog.request("BYE").cseq) == "314160 BYE"
    assert str(dialog.request("INFO").cseq) == "314161 INFO"
    assert str(dialog.request("ACK", seq=314159).cseq) == "314159 ACK"
    assert str(dialog.request("INFO").cseq) == "314162 INFO"


def test_a_request_goes_through_loose_routers_by_route():
    request = invite()
    bye = Dialog.of_client(request, ok(request, _RECORDED)).request("BYE", [("Reason", "SIP;cause=200")], b"x")
    assert bye.uri == "sip:bob@192.0.2.4"
    assert bye.headers.all("route") == ["<sip:second.example;lr>", "<sip:first.example;lr>"]
    assert bye.to.tag == "bob"
    assert bye.from_.tag == "alice"
    assert bye.headers.get("reason") == "SIP;cause=200"
    assert bye.body == b"x"


def test_a_strict_router_comes_into_the_request_uri():
    request = invite()
    recorded = ("Record-Route", "<sip:first.example;lr>, <sip:second.example>")
    bye = Dialog.of_client(request, ok(request, recorded)).request("BYE")
    assert bye.uri == "sip:second.example"
    assert bye.headers.all("route") == ["<sip:first.example;lr>", "<sip:bob@192.0.2.4>"]


def test_confirming_takes_the_route_set_of_the_2xx():
    request = invite()
    early = response(request, 180, to_tag="bob", headers=[("Contact", "<sip:early@192.0.2.4>"), _RECORDED])
    dialog = Dialog.of_client(request, early)
    dialog.confirm(ok(request))
    assert dialog.routes == ()
    assert dialog.target == "sip:bob@192.0.2.4"
    assert dialog.state is DialogState.CONFIRMED


def test_a_refresh_without_contact_keeps_the_target():
    request = invite()
    dialog = Dialog.of_client(request, ok(request))
    dialog.refresh(Response(200, headers=[("Contact", "*")]))
    dialog.refresh(Response(200))
    assert dialog.target == "sip:bob@192.0.2.4"


def test_requests_are_taken_in_order_only():
    dialog = Dialog.of_server(invite(), "bob")

    def request(number: int, method: str = "INFO") -> Request:
        return Request(method, "sip:x", [("CSeq", f"{number} {method}")])

    assert not dialog.takes(request(314159))
    assert dialog.takes(request(314165))
    assert not dialog.takes(request(314160))
    assert dialog.takes(request(314159, "ACK"))
    assert dialog.takes(request(314166))


def test_without_contact_the_peer_is_where_its_request_says():
    request = invite()
    request.headers.remove("Contact")
    assert Dialog.of_server(request, "bob").target == "sip:alice@atlanta.example"
    answer = ok(request)
    answer.headers.remove("Contact")
    assert Dialog.of_client(request, answer).target == "sip:bob@biloxi.example"


def test_a_peer_without_tag_has_an_empty_one():
    request = invite()
    answer = response(request, 200)
    assert Dialog.of_client(request, answer).remote_tag == ""
    assert Dialog.of_client(request, answer).local == NameAddr.parse('"Alice" <sip:alice@atlanta.example>;tag=alice')


@pytest.mark.parametrize(("uri", "loose"), [("sip:a;lr", True), ("sip:a", False), ("http://a", True)])
def test_a_router_is_loose_by_its_parameter(uri: str, loose: bool):
    assert is_loose(uri) is loose
