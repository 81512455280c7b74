import asyncio

import pytest

from pbx_lite.errors import ParseError, SipError
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.refer import Refer, ReferSubscription, read_refer


def request(*headers: tuple[str, str]) -> Request:
    return Request("REFER", "sip:pbx", headers)


@pytest.mark.parametrize(
    ("refer_to", "refer"),
    [
        ("sip:102@pbx", Refer("sip:102@pbx")),
        ('"Ben" <sip:102@pbx;user=phone>', Refer("sip:102@pbx;user=phone")),
        ("<tel:+49891234>", Refer("tel:+49891234")),
        ("<sip:102@pbx;method=INVITE>", Refer("sip:102@pbx")),
        (
            "<sip:102@pbx?Replaces=1%40home%3Bto-tag%3Da%3Bfrom-tag%3Db&Require=replaces>",
            Refer("sip:102@pbx", "1@home;to-tag=a;from-tag=b"),
        ),
    ],
)
def test_a_refer_to_is_read(refer_to: str, refer: Refer):
    assert read_refer(request(("Refer-To", refer_to))) == refer


def test_a_phone_may_want_no_notify():
    assert read_refer(request(("Refer-To", "<sip:a@b>"), ("Refer-Sub", "false"))).silent


@pytest.mark.parametrize(
    ("refer_to", "status"),
    [
        ("<nonsense>", 400),
        ("", 400),
        ("<sip:102@pbx;method=BYE>", 403),
        ("<sip:102@pbx?method=SUBSCRIBE>", 403),
        ("<http://home/>", 416),
        ("<sip:102@pbx?Replaces=a%0D%0Ab>", 400),
    ],
)
def test_a_bad_refer_to_is_refused(refer_to: str, status: int):
    with pytest.raises(ParseError) as fault:
        read_refer(request(("Refer-To", refer_to)))
    assert fault.value.status == status


def test_there_is_exactly_one_refer_to():
    for headers in ((), (("Refer-To", "<sip:a@b>"), ("Refer-To", "<sip:c@d>"))):
        with pytest.raises(ParseError):
            read_refer(request(*headers))


async def test_statuses_that_come_while_a_notify_waits_are_told_as_the_newest():
    told: list[bytes] = []
    answers: list[asyncio.Future[Response]] = []

    async def send(headers: object, body: bytes) -> Response:
        told.append(body)
        answers.append(asyncio.get_running_loop().create_future())
        return await answers[-1]

    subscription = ReferSubscription(send, "7")
    for status in (100, 180, 183, 180, 200, 100):
        subscription.tell(status)
        await asyncio.sleep(0)
    answers[0].set_result(Response(200))
    for _ in range(3):
        await asyncio.sleep(0)
    assert subscription.over
    assert told == [b"SIP/2.0 100 Trying\r\n", b"SIP/2.0 200 OK\r\n"]
    answers[1].set_result(Response(481))
    await asyncio.sleep(0)


async def test_a_phone_that_takes_no_notify_is_left_alone():
    sent: list[str] = []

    async def send(headers: tuple[tuple[str, str], ...], body: bytes) -> Response:
        sent.append(dict(headers)["Event"])
        raise SipError("gone")

    subscription = ReferSubscription(send, "7")
    for status in (100, 180, 200):
        subscription.tell(status)
        await asyncio.sleep(0)
    assert sent == ["refer;id=7"]


def test_without_a_subscription_nothing_is_sent():
    subscription = ReferSubscription(None)
    subscription.tell(100)
    subscription.tell(603)
    assert subscription.over
