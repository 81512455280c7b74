"""REFERs of one dialog: one at a time, each told how it goes under its own name."""

import asyncio

from pbx_lite.calls.referral import Referrals
from pbx_lite.sip.invite_events import InDialogRequest
from pbx_lite.sip.message import Request, Response

type Sent = tuple[dict[str, str], bytes]


class Phone:
    """Takes NOTIFYs and remembers how its REFERs were answered."""

    def __init__(self) -> None:
        self.notified: list[Sent] = []
        self.answers: list[tuple[int, list[tuple[str, str]]]] = []
        self.referrals = Referrals()

    async def notify(self, headers: tuple[tuple[str, str], ...], body: bytes) -> Response:
        self.notified.append((dict(headers), body))
        return Response(200)

    def refers(self, *headers: tuple[str, str], to: str = "<sip:102@pbx>", seq: int = 7):
        request = Request("REFER", "sip:pbx", [("Refer-To", to), ("CSeq", f"{seq} REFER"), *headers])

        def respond(status: int, reason: str | None = None, headers=(), body: bytes = b"") -> None:
            self.answers.append((status, list(headers)))

        return self.referrals.take(InDialogRequest("REFER", request, respond), self.notify)


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_second_refer_is_told_of_by_its_number() -> None:
    phone = Phone()
    for seq in (7, 8):
        wanted = phone.refers(seq=seq)
        assert wanted is not None
        await turns()
        wanted.progress(200)
        await turns()

    assert [headers["Event"] for headers, _ in phone.notified] == ["refer", "refer", "refer;id=8", "refer;id=8"]


async def test_while_one_is_served_another_is_put_off() -> None:
    phone = Phone()
    first = phone.refers(seq=7)
    assert first is not None
    assert phone.refers(seq=8) is None
    first.progress(603)

    assert phone.refers(seq=9) is not None
    assert [status for status, _ in phone.answers] == [202, 491, 202]
    await turns()


async def test_a_phone_that_wants_no_notify_gets_none_and_is_told_so() -> None:
    phone = Phone()
    wanted = phone.refers(("Refer-Sub", "false"))
    assert wanted is not None
    wanted.progress(200)
    await turns()

    assert phone.answers == [(202, [("Refer-Sub", "false")])]
    assert phone.notified == []


async def test_an_attended_transfer_names_the_other_call() -> None:
    wanted = Phone().refers(to="<sip:102@pbx?Replaces=1%40home%3Bto-tag%3Da%3Bfrom-tag%3Db>")
    await turns()

    assert wanted is not None
    assert wanted.replaces == "1@home;to-tag=a;from-tag=b"


async def test_what_cannot_be_followed_is_refused_and_the_next_one_served() -> None:
    phone = Phone()
    assert phone.refers(to="<nonsense>") is None
    assert phone.refers(to="<sip:102@pbx;method=BYE>") is None
    assert phone.refers() is not None
    phone.referrals.stop()
    await turns()

    assert [status for status, _ in phone.answers] == [400, 403, 202]
