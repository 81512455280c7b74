import asyncio
import socket
from pathlib import Path

import pytest

from pbx_lite.errors import TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.certificate import TlsMaterial, tls_material
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.invite_events import Accepted, Ended, Failed, Progress
from tests.pbx_lite.sip.doubles import ANSWER, OFFER
from tests.pbx_lite.sip.loopback import Station, soon
from tests.support.ports import free_port

_ANNA = NameAddr("Anna", "sip:anna@home")


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsMaterial:
    folder = tmp_path_factory.mktemp("tls")
    made = tls_material(folder)
    return tls_material(folder, trust=[made.certificate])


def ringing(invite: IncomingInvite) -> None:
    invite.progress(180)
    invite.accept(ANSWER)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_a_call_goes_over_every_transport_and_family(transport: str, host: str, tls: TlsMaterial):
    listen = f"{transport}://{host}:0"
    async with Station(listen, tls=tls) as caller, Station(listen, tls=tls) as callee:
        callee.answer = ringing
        call = caller.call(callee.uri())
        assert isinstance(await caller.own.next(), Progress)
        accepted = await caller.own.next()
        assert isinstance(accepted, Accepted)
        assert accepted.body == ANSWER
        invite = await callee.invites.next()
        assert invite.request.body == OFFER
        assert invite.source.transport == transport
        assert invite.local == callee.address
        assert isinstance(await callee.events.next(), Accepted)
        assert (await soon(call.info("text/plain", b"hi"))).status == 200
        assert (await soon(invite.info("text/plain", b"hi"))).status == 200
        assert len(await asyncio.gather(soon(call.update(b"")), soon(invite.update(b"")))) == 2
        await callee.events.next()
        invite.bye("SIP;cause=200")
        assert await anything(caller, Ended) == Ended("SIP;cause=200")
        if transport != "udp":
            assert callee.connections == 1  # one connection carried it all


async def anything(station: Station, kind: type[Ended]) -> Ended:
    while True:
        event = await station.own.next()
        if isinstance(event, kind):
            return event


async def test_a_station_behind_a_connection_is_called_back_through_it(tls: TlsMaterial):
    async with Station("tls://127.0.0.1:0", tls=tls) as pbx, Station("udp://127.0.0.1:0", tls=tls) as phone:
        phone.answer = ringing
        answer = await soon(phone.endpoint.request("REGISTER", pbx.uri(), from_=_ANNA))
        assert answer.status == 200
        registered = await pbx.requests.next()
        assert registered.source.transport == "tls"
        pbx.call("sip:anna@phone.invalid", target=registered.source)
        assert isinstance(await pbx.own.next(), Progress)
        assert isinstance(await pbx.own.next(), Accepted)
        assert pbx.connections == 1


async def test_a_request_too_large_for_a_datagram_goes_over_tcp_if_it_is_taken():
    body = OFFER + b"a=x" * 600
    port = free_port()
    async with (
        Station(f"udp://127.0.0.1:{port}", f"tcp://127.0.0.1:{port}") as both,
        Station("udp://127.0.0.1:0") as datagrams,
        Station("udp://127.0.0.1:0", "tcp://127.0.0.1:0") as caller,
    ):
        for callee, transport in ((both, "tcp"), (datagrams, "udp"), (datagrams, "udp")):
            callee.answer = ringing
            caller.call(callee.uri("udp"), body)
            invite = await callee.invites.next()
            assert invite.source.transport == transport
            assert invite.request.body == body
            assert isinstance(await caller.own.next(), Progress)
            assert isinstance(await caller.own.next(), Accepted)


async def test_a_connection_nobody_takes_fails_at_once():
    port = free_port()
    async with Station("tcp://127.0.0.1:0") as caller:
        caller.call(f"sip:x@127.0.0.1:{port};transport=tcp")
        failed = await caller.own.next()
        assert isinstance(failed, Failed)
        assert failed.status == 503
        assert f"Cannot connect to tcp:127.0.0.1:{port}" in failed.reason


async def test_a_certificate_nobody_vouches_for_is_refused_with_a_sentence(tls: TlsMaterial, tmp_path: Path):
    stranger = tls_material(tmp_path)
    async with Station("tls://127.0.0.1:0", tls=stranger) as callee, Station("tls://127.0.0.1:0", tls=tls) as caller:
        with pytest.raises(TransportError, match=r"The certificate of 127\.0\.0\.1 is not trusted"):
            await soon(caller.endpoint.request("OPTIONS", callee.uri(), from_=_ANNA))


async def test_without_a_listener_of_its_kind_there_is_no_way():
    async with Station("udp://127.0.0.1:0") as caller:
        with pytest.raises(TransportError, match="no UDP listener for its kind of address"):
            await soon(caller.endpoint.request("OPTIONS", "sip:x@[::1]:5060", from_=_ANNA))


async def test_a_host_name_is_looked_up():
    async with Station("udp://127.0.0.1:0") as callee, Station("udp://127.0.0.1:0") as caller:
        answer = await soon(caller.endpoint.request("OPTIONS", f"sip:x@localhost:{callee.address.port}", from_=_ANNA))
        assert answer.status == 200


async def test_a_busy_port_is_said_in_a_sentence_and_nothing_stays_open():
    async with Station("udp://127.0.0.1:0", "tcp://127.0.0.1:0") as first:
        for address in first.endpoint.listening:
            second = Station("udp://127.0.0.1:0", str(address))
            with pytest.raises(TransportError, match=f"another program uses port {address.port} already"):
                await second.endpoint.start(["udp://127.0.0.1:0", str(address)])
            assert second.endpoint.listening == []


@pytest.mark.parametrize(
    ("listen", "sentence"),
    [
        ("udp://192.0.2.200:0", "this machine has no address 192.0.2.200"),
        ("tls://127.0.0.1:0", "there is no certificate"),
        ("udp://:nonsense", "write it as udp://"),
        ("udp://no-such-host.invalid:0", "is not known here"),
    ],
)
async def test_a_listener_that_cannot_be_is_said_in_a_sentence(listen: str, sentence: str):
    with pytest.raises(TransportError, match=sentence):
        await Station().endpoint.start([listen])


async def test_ipv4_and_ipv6_listen_on_one_port_side_by_side():
    port = free_port()
    async with Station(f"udp://0.0.0.0:{port}", f"udp://[::]:{port}") as pbx:
        assert [address.host for address in pbx.endpoint.listening] == ["0.0.0.0", "::"]
        assert pbx.endpoint.local_host(Address("udp", "127.0.0.1", 9)) == "127.0.0.1"
        assert pbx.endpoint.local_host(Address("udp", "::1", 9)) == "::1"
        async with Station("udp://[::1]:0") as six, Station("udp://127.0.0.1:0") as four:
            await soon(six.endpoint.request("OPTIONS", f"sip:x@[::1]:{port}", from_=_ANNA))
            await soon(four.endpoint.request("OPTIONS", f"sip:x@127.0.0.1:{port}", from_=_ANNA))
        assert [incoming.local.host for incoming in pbx.requests.all] == ["::1", "127.0.0.1"]
        assert [incoming.source.host for incoming in pbx.requests.all] == ["::1", "127.0.0.1"]


async def test_garbage_does_not_keep_a_call_from_coming_through():
    async with Station("udp://127.0.0.1:0") as callee, Station("udp://127.0.0.1:0") as caller:
        callee.answer = ringing
        target = (callee.address.host, callee.address.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
            for number in range(2000):
                flood.sendto(b"OPTIONS garbage %d\r\n" % number * 3, target)
        caller.call(callee.uri())
        assert isinstance(await caller.own.next(), Progress)
        assert isinstance(await caller.own.next(), Accepted)


async def test_one_source_has_a_few_connections_and_no_more():
    async with Station("tcp://127.0.0.1:0") as pbx:
        streams = [await connection(pbx.address) for _ in range(66)]
        try:
            assert await soon(streams[-1][0].read()) == b""
            assert await soon(streams[-2][0].read()) == b""
            streams[0][1].write(b"\r\n\r\n")
            assert await soon(streams[0][0].read(2)) == b"\r\n"
            streams.append(await connection(pbx.address, source="127.0.0.2"))
            streams[-1][1].write(b"\r\n\r\n")
            assert await soon(streams[-1][0].read(2)) == b"\r\n"
        finally:
            for _, writer in streams:
                writer.transport.abort()


async def test_a_connection_that_is_not_admitted_is_closed_unread():
    async with Station("tcp://127.0.0.1:0", admit=lambda source: source.host != "127.0.0.1") as pbx:
        reader, writer = await connection(pbx.address)
        assert await soon(reader.read()) == b""
        writer.transport.abort()


async def test_what_is_no_tls_ends_the_handshake_and_nothing_else(tls: TlsMaterial):
    async with Station("tls://127.0.0.1:0", tls=tls) as pbx, Station("tls://127.0.0.1:0", tls=tls) as phone:
        reader, writer = await connection(pbx.address)
        writer.write(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
        await soon(reader.read())
        writer.transport.abort()
        answer = await soon(phone.endpoint.request("OPTIONS", pbx.uri(), from_=_ANNA))
        assert answer.status == 200


async def connection(
    address: Address, *, source: str = "127.0.0.1"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await soon(asyncio.open_connection(address.host, address.port, local_addr=(source, 0)))
