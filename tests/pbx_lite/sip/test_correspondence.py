"""Where requests in a dialog go."""

import pytest

from pbx_lite.sip.incoming import IncomingInvite
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock


def answered(bob: Party, puppet: Puppet, clock: FakeClock, **options: object) -> IncomingInvite:
    """A call of the puppet that bob has answered."""
    bob.handler.answer = lambda invite: invite.accept(ANSWER)
    puppet.request("INVITE", bob, body=OFFER, **options)  # type: ignore[arg-type]
    clock.advance(0)
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    clock.advance(0)
    return bob.handler.invite


@pytest.mark.parametrize(
    ("source", "contact", "goes_to"),
    [
        ("udp:198.51.100.1:5060", "sip:x@198.51.100.1:5090", "udp:198.51.100.1:5090"),  # another port of its own
        ("udp:198.51.100.1:6000", "sip:x@192.168.1.5:5060", "udp:198.51.100.1:6000"),  # behind a router
        ("udp:192.168.1.1:6000", "sip:x@192.168.2.5:5060", "udp:192.168.1.1:6000"),  # behind a router in the house
        ("udp:192.168.1.1:6000", "sip:x@8.8.8.8:5060", "udp:192.168.1.1:6000"),  # what a STUN server said
        ("udp:9.9.9.9:5060", "sip:x@8.8.8.8:5060", "udp:8.8.8.8:5060"),  # one server of a provider names another
        ("udp:9.9.9.9:5060", "sip:x@sbc.example", "udp:9.9.9.9:5060"),  # a name says no more than the address did
        ("udp:9.9.9.9:5060", "tel:+49891234", "udp:9.9.9.9:5060"),
    ],
)
def test_a_goodbye_goes_to_the_contact_unless_a_router_stands_before_it(
    source: str, contact: str, goes_to: str, bob: Party, wire: Wire, clock: FakeClock
):
    puppet = Puppet(wire, source)
    puppet.uri = contact
    session = answered(bob, puppet, clock)
    where = puppet if goes_to == source else Puppet(wire, goes_to)
    session.bye()
    clock.advance(0)
    assert where.requests("BYE")


def test_the_route_set_comes_before_all_that(bob: Party, puppet: Puppet, wire: Wire, clock: FakeClock):
    proxy = Puppet(wire, "udp:198.51.100.7:5060")
    session = answered(bob, puppet, clock, headers=[("Record-Route", "<sip:198.51.100.7;lr>")])
    session.bye()
    clock.advance(0)
    assert proxy.requests("BYE")[0].uri == puppet.uri


def test_an_allow_that_cannot_be_read_allows_nothing(bob: Party, puppet: Puppet, clock: FakeClock):
    session = answered(bob, puppet, clock, headers=[("Allow", "UPDATE, INVITE")])
    assert session.allows("UPDATE")
    assert not session.allows("REFER")
    session._abilities = type(session.request.headers)([("Allow", 'UPDATE, "')])
    assert not session.allows("UPDATE")
