"""Connections that end in the middle of a call (RFC 3261 sections 18.2.2 and 18.4)."""

import asyncio

import pytest

from pbx_lite.errors import SipError
from pbx_lite.sip.address import Address
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite_events import Accepted, Ended
from pbx_lite.sip.network import SocketNetwork
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.pbx_lite.sip.loopback import Station, soon
from tests.support.clock import FakeClock


def invite(port: int, *, listener: int) -> bytes:
    lines = (
        f"INVITE sip:pbx@127.0.0.1:{port} SIP/2.0",
        f"Via: SIP/2.0/TCP 127.0.0.1:{listener};branch=z9hG4bKbroken;rport",
        "Max-Forwards: 70",
        "From: <sip:phone@127.0.0.1>;tag=phone",
        "To: <sip:pbx@127.0.0.1>",
        "Call-ID: broken",
        "CSeq: 1 INVITE",
        f"Contact: <sip:phone@127.0.0.1:{listener};transport=tcp>",
        f"Content-Length: {len(OFFER)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + OFFER


def cut(station: Station) -> None:
    """Close every connection of a station."""
    network = station.endpoint._network
    assert isinstance(network, SocketNetwork)
    for flow in tuple(network._streams.values()):
        flow.close()


async def test_an_answer_whose_connection_is_gone_goes_over_a_new_one():
    received: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    listener = server.sockets[0].getsockname()[1]
    async with Station("tcp://127.0.0.1:0") as pbx, server:
        lost = asyncio.Event()
        pbx.endpoint.on_lost.append(lambda _: lost.set())
        _, writer = await asyncio.open_connection("127.0.0.1", pbx.address.port)
        writer.write(invite(pbx.address.port, listener=listener))
        ringing = await pbx.invites.next()
        writer.close()
        await soon(lost.wait())
        ringing.accept(ANSWER)
        assert (await soon(received.get())).startswith(b"SIP/2.0 200 OK")
        ringing.abandon()


async def test_an_answer_to_who_takes_no_connections_is_lost_quietly():
    async with Station("tcp://127.0.0.1:0") as pbx:
        lost = asyncio.Event()
        pbx.endpoint.on_lost.append(lambda _: lost.set())
        _, writer = await asyncio.open_connection("127.0.0.1", pbx.address.port)
        writer.write(invite(pbx.address.port, listener=9))
        ringing = await pbx.invites.next()
        writer.close()
        await soon(lost.wait())
        ringing.reject(486)
        assert ringing.ended


@pytest.mark.parametrize("which", ["caller", "callee"])
async def test_a_goodbye_finds_its_way_after_the_connection_broke(which: str):
    async with Station("tcp://127.0.0.1:0") as caller, Station("tcp://127.0.0.1:0") as callee:
        callee.answer = lambda invite: invite.accept(ANSWER)
        call = caller.call(callee.uri())
        assert isinstance(await caller.own.next(), Accepted)
        assert isinstance(await callee.events.next(), Accepted)
        lost = asyncio.Event()
        caller.endpoint.on_lost.append(lambda _: lost.set())
        cut(callee)
        await soon(lost.wait())
        if which == "caller":
            call.bye()
            assert isinstance(await callee.events.next(), Ended)
        else:
            (await callee.invites.next()).bye()
            assert isinstance(await caller.own.next(), Ended)


@pytest.fixture
def phone(wire: Wire) -> Puppet:
    """A phone that keeps a connection from behind a router: nobody can connect to what its Contact says."""
    phone = Puppet(wire, "tcp:192.0.2.9:40001")
    phone.uri = "sip:phone@10.0.0.9:5060;transport=tcp"
    return phone


async def test_a_request_whose_connection_breaks_is_sent_once_more_under_its_number(wire: Wire, clock: FakeClock):
    alice = Party(wire, "tcp:192.0.2.1:5060")
    puppet = Puppet(wire, "tcp:192.0.2.9:5060")
    puppet.uri += ";transport=tcp"
    call = alice.endpoint.invite(
        puppet.uri,
        from_=NameAddr("Anna", "sip:anna@home"),
        body=OFFER,
        target=puppet.address,
        listener=alice.events.append,
    )
    await clock.settle()
    puppet.respond(puppet.requests("INVITE")[0], 200, alice, body=ANSWER)
    await clock.settle()
    asked = spawn(call.info("text/plain", b"hi"), name="info")
    await clock.settle()
    alice.network.lose(alice.network.flows.pop(puppet.address))
    await clock.settle()
    first, second = puppet.requests("INFO")
    assert (first.cseq, first.body) == (second.cseq, second.body)
    assert first.via.branch != second.via.branch
    puppet.respond(second, 200, alice, tag=None)
    await clock.settle()
    assert (await asked).status == 200
    again = spawn(failing(call.info("text/plain", b"hi")), name="info")
    await clock.settle()
    for _ in range(2):
        alice.network.lose(alice.network.flows.pop(puppet.address))
        await clock.settle()
    assert isinstance(await again, SipError)
    assert call.confirmed


async def test_a_phone_that_connected_anew_is_found_where_it_is_registered_now(
    wire: Wire, phone: Puppet, clock: FakeClock
):
    again = Puppet(wire, "tcp:192.0.2.9:40002")
    asked: list[tuple[str, Address]] = []

    def locate(contact: str, lost: Address) -> Address:
        asked.append((contact, lost))
        return again.address

    pbx = Party(wire, "tcp:192.0.2.1:5060", locate=locate)
    pbx.handler.answer = lambda invite: invite.accept(ANSWER)
    phone.request("INVITE", pbx, body=OFFER)
    await clock.settle()
    phone.request("ACK", pbx, to_tag=phone.last.to.tag)
    await clock.settle()
    session = pbx.handler.invite
    assert session._flow is not None
    pbx.network.lose(session._flow)
    session.bye()
    await clock.settle()
    assert again.requests("BYE")[0].uri == phone.uri
    assert asked == [(phone.uri, phone.address)]


async def test_a_phone_that_speaks_over_a_new_connection_is_answered_there(wire: Wire, phone: Puppet, clock: FakeClock):
    pbx = Party(wire, "tcp:192.0.2.1:5060")
    pbx.handler.answer = lambda invite: invite.accept(ANSWER)
    phone.request("INVITE", pbx, body=OFFER)
    await clock.settle()
    tag = phone.last.to.tag
    phone.request("ACK", pbx, to_tag=tag)
    await clock.settle()
    session = pbx.handler.invite
    assert session._flow is not None
    pbx.network.lose(session._flow)
    again = Puppet(wire, "tcp:192.0.2.9:40002")
    again.request("INFO", pbx, to_tag=tag, seq=2)
    await clock.settle()
    session.bye()
    await clock.settle()
    assert again.requests("BYE")


async def failing(asked) -> BaseException | None:
    try:
        await asked
    except SipError as error:
        return error
    return None
