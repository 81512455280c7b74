"""Requests without credentials: challenged before anything is kept of them (RFC 3261 section 8.2.7)."""

from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Request
from tests.pbx_lite.sip.doubles import OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

_CHALLENGE = [("WWW-Authenticate", 'Digest realm="home", nonce="1"')]


def _guarded(wire: Wire, *methods: str) -> Party:
    def challenge(request: Request, _: Address) -> list[tuple[str, str]] | None:
        return _CHALLENGE if request.method in methods else None

    return Party(wire, "udp:192.0.2.3:5060", challenge=challenge)


async def test_an_invite_without_credentials_is_challenged(wire: Wire, puppet: Puppet, clock: FakeClock):
    guarded = _guarded(wire, "INVITE")
    puppet.request("INVITE", guarded, body=OFFER)
    await clock.settle()

    assert puppet.statuses == [401]
    assert puppet.last.headers.get("www-authenticate") == _CHALLENGE[0][1]
    assert puppet.last.to.tag
    assert not guarded.handler.invites


async def test_a_repeated_one_gets_the_same_answer_with_the_same_tag_and_nothing_else_comes(
    wire: Wire, puppet: Puppet, clock: FakeClock
):
    guarded = _guarded(wire, "INVITE")
    puppet.send(puppet.request("INVITE", guarded, branch="z9hG4bKsame"), guarded)
    await clock.settle()
    first, second = puppet.received
    puppet.request("ACK", guarded, branch="z9hG4bKsame", to_tag=first.to.tag)
    await clock.settle(40)

    assert first.to.tag == second.to.tag
    assert puppet.statuses == [401, 401]


async def test_one_with_credentials_is_served(wire: Wire, puppet: Puppet, clock: FakeClock):
    guarded = _guarded(wire, "INVITE", "REGISTER")
    puppet.request("INVITE", guarded, headers=[("Authorization", 'Digest username="x"')], body=OFFER)
    puppet.request("REGISTER", guarded, headers=[("Proxy-Authorization", 'Digest username="x"')], call_id="other")
    await clock.settle()

    assert len(guarded.handler.invites) == 1
    assert [incoming.request.method for incoming in guarded.handler.requests] == ["REGISTER"]


async def test_what_belongs_to_a_dialog_is_not_challenged(wire: Wire, puppet: Puppet, clock: FakeClock):
    guarded = _guarded(wire, "INVITE")
    puppet.request("INVITE", guarded, to_tag="gone", body=OFFER)
    await clock.settle()

    assert puppet.statuses == [481]


async def test_nothing_is_left_of_five_thousand_that_were_challenged(wire: Wire, puppet: Puppet, clock: FakeClock):
    guarded = _guarded(wire, "REGISTER")
    for number in range(5_000):
        puppet.request("REGISTER", guarded, seq=number + 1)
    puppet.request("OPTIONS", guarded)
    await clock.settle()

    assert puppet.statuses[-1] == 200, "there is room for whoever comes then"
