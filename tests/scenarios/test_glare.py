"""Both sides of a dialog change it at the same moment (RFC 3261 section 14): a phone holds while the PBX refreshes.

```
 phone                PBX
   │ ◄──── INVITE ──── │  the refresh of the session
   │ ───── INVITE ───► │  hold, sent before the phone has read that
   │ ────── 491 ─────► │
   │ ◄───── 491 ────── │
   │  whoever made the Call-ID waits 2.1 s or more, the other side less
   │ ◄──── INVITE ───► │  one after the other, each with 200 and ACK
```
"""

import asyncio

import pytest

from pbx_lite.calls.sip_leg import SipLeg
from pbx_lite.events import CallEnded, CallHeld, CallResumed
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.message import Response
from pbx_lite.sip.server import ServerTransaction
from pbx_lite.tasks import spawn
from tests.scenarios.test_dialogs import both_hear, offer, talking
from tests.support.call_end import CallEnd
from tests.support.house import House
from tests.support.listen import Record


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest waits that the RFC allows: 2.1 s for whoever made the Call-ID, 0.2 s for the other side."""
    monkeypatch.setattr("pbx_lite.sip.session.secrets.randbelow", lambda most: 20 if most == 200 else 0)


def session_of(house: House, user: str) -> IncomingInvite | OutgoingInvite:
    """The PBX's end of the dialog with this user's phone."""
    (call,) = house.pbx.switchboard.calls.values()
    seat = call.seat_of(user)
    assert seat is not None
    assert isinstance(seat.leg, SipLeg)
    assert seat.leg.session is not None
    return seat.leg.session


class Crossing:
    """Sends the offer of a phone the moment that one of the PBX arrives, before the phone has looked at it."""

    def __init__(self, end: CallEnd, body: bytes) -> None:
        self.answers: Record[Response] = Record("answers")
        self.offered: Record[float] = Record("offers of the PBX")
        self._end = end
        self._body = body
        self._receive = end.session.receive
        end.session.receive = self._take  # type: ignore[method-assign]

    def _take(self, transaction: ServerTransaction) -> None:
        if transaction.request.method == "INVITE":
            if not self.offered.entries:
                spawn(self._offer(), name="crossing offer", eager=True)
            self.offered.add(asyncio.get_running_loop().time())
        self._receive(transaction)

    async def _offer(self) -> None:
        while True:
            answer = await self._end.session._offer("INVITE", self._body)
            self.answers.add(answer)
            if answer.status != 491:
                self._end.media.accept(answer.body)
                return
            await asyncio.sleep(self._end.session._glare_wait())


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_a_phone_holds_while_the_pbx_refreshes_and_both_are_done_in_the_end(
    house, phone, other_phone, home, who, monkeypatch
):
    call, ringing = await talking(phone, other_phone)
    await both_hear(call, ringing)
    end, user = (call, "anna") if who == "caller" else (ringing, "ben")
    other = ringing if who == "caller" else call
    session = session_of(house, user)
    monkeypatch.setattr(session, "allows", lambda _method: False)  # a phone without UPDATE
    before = session._local_sdp
    crossing = Crossing(end, end.media.offer(audio="sendonly"))
    session._refresh()

    assert (await crossing.answers.next()).status == 491
    begun = asyncio.get_running_loop().time()
    assert (await crossing.answers.next()).status == 200
    held_after = asyncio.get_running_loop().time() - begun
    assert (await home.hears(CallHeld)).by == user
    await crossing.offered.until(lambda offers: len(offers) == 2)
    refreshed_after = crossing.offered.entries[1] - crossing.offered.entries[0]
    if who == "caller":  # the phone made the Call-ID
        assert refreshed_after < 2.1 <= held_after
        assert session._local_sdp != before
    else:
        assert held_after < 2.1 <= refreshed_after

    # Nobody lost anything by it: the other side hears music, and they speak again when the phone comes back.
    end.be_silent()
    heard = len(other.heard.entries)
    await other.heard.until(lambda packets: len(packets) > heard + 30)
    await offer(end, end.media.offer())
    await home.hears(CallResumed)
    await both_hear(call, ringing)
    assert not home.heard(CallEnded)
