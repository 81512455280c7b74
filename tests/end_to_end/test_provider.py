"""A line to a provider with two servers behind one name, both Kamailio."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.test_ladders import TAKES
from tests.support.kamailio import Kamailio
from tests.support.name_server import FakeNameServer
from tests.support.pbx import ApiClient, PbxProcess
from tests.support.sipp import SippPhone

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(slots=True)
class Line:
    """The PBX with its line, the provider's servers in their order, Anna's phone and somebody outside."""

    pbx: PbxProcess
    home: ApiClient
    first: Kamailio
    second: Kamailio
    anna: SippPhone
    outside: SippPhone


@pytest_asyncio.fixture(loop_scope="session")
async def line(logs: Path) -> AsyncIterator[Line]:
    async with AsyncExitStack() as stack:
        outside = SippPhone(logs / "outside", user="+4930123456", password="", server="127.0.0.1:0")
        outside.folder.mkdir(parents=True)
        first, second = servers = [
            Kamailio(logs / name, user="line", password="pw", realm="provider.test", outside=outside.port)
            for name in ("first", "second")
        ]
        for server in servers:
            stack.push_async_callback(server.die)
            await server.start()
        names = await stack.enter_async_context(
            FakeNameServer(
                *(
                    f"_sip._udp.provider.test. 60 IN SRV {10 * place} 1 {server.port} host{place}.provider.test."
                    for place, server in enumerate(servers, 1)
                ),
                *(f"host{place}.provider.test. 60 IN A 127.0.0.1" for place in (1, 2)),
            )
        )
        pbx = PbxProcess(
            logs / "pbx",
            users=[{"name": "anna", "extension": "101", "password": "secret101"}],
            trunks=[
                {
                    "name": "provider",
                    "registrar": "sip:provider.test",
                    "username": "line",
                    "password": "pw",
                    "numbers": {"+4930555": "anna"},
                }
            ],
        )
        pbx.configuration["sip"]["nameserver"] = names.address
        stack.push_async_callback(pbx.stop)
        await pbx.start()
        home = await ApiClient.open(pbx)
        stack.push_async_callback(home.close)
        await home.command("subscribe")
        anna = SippPhone(logs / "anna", user="101", password="secret101", server=pbx.server)
        stack.push_async_callback(anna.stop)
        stack.push_async_callback(outside.stop)
        await first.said("registered line")
        yield Line(pbx, home, first, second, anna, outside)


CALLS_OUT = """
    -> INVITE 0030123456 | sdp
    <- 100?
    <- 401
    -> ACK
    -> INVITE 0030123456 | sdp auth
    <- 100?
    <- 183?
    <- 180?
    <- 183?
    <- 200
    -> ACK
    .. 200
    -> BYE
    <- 200
"""


async def test_a_call_goes_out_by_the_first_server_and_by_the_second_when_that_died(line: Line) -> None:
    await line.anna.register()
    await line.outside.climb(TAKES)
    await line.anna.climb(CALLS_OUT)
    await line.first.said("outbound to .*30123456 from")
    for phone in (line.anna, line.outside):
        await phone.done()
    await line.home.until("call_started", direction="outbound", trunk="provider", caller_user="anna")

    await line.first.die()
    await line.outside.climb(TAKES)
    await line.anna.climb(CALLS_OUT)
    await line.second.said("outbound to .*30123456 from")
    for phone in (line.anna, line.outside):
        await phone.done(timeout=40)


async def test_a_call_from_outside_rings_whose_number_it_is(line: Line) -> None:
    await line.anna.register()
    await line.anna.climb(TAKES)
    line.outside.aim(f"127.0.0.1:{line.first.port}")
    await line.outside.climb("""
        -> INVITE +4930555 | sdp
        <- 100?
        <- 183?
        <- 180?
        <- 200
        -> ACK
        .. 200
        -> BYE
        <- 200
    """)
    await line.home.until("call_answered", by="anna")
    for phone in (line.outside, line.anna):
        await phone.done()
    await line.home.until("call_started", direction="inbound", trunk="provider", caller="+4930123456")
