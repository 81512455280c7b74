"""Phones come for their configurations over TLS; nothing else is to be had there, and nobody stays."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from pbx_lite.api.phone_pages import MAX_PHONES_PER_SOURCE, VISIT_SECONDS, PhonePages
from pbx_lite.errors import Conflict, Unavailable
from tests.pbx_lite.api.phone_world import FakeProvisioning
from tests.pbx_lite.api.serving import end_of
from tests.support.clock import FakeClock
from tests.support.tls import Identity, self_signed

URL = "/provision/golden-one-time/snom.cfg"


@pytest.fixture(scope="module")
def identity() -> Identity:
    return self_signed(name="pbx")


@asynccontextmanager
async def listening(
    identity: Identity, clock: Any = None, port: int = 0, host: str = "127.0.0.1"
) -> AsyncIterator[PhonePages]:
    pages = PhonePages(
        (host, port),
        provisioning=FakeProvisioning(),
        clock=clock or asyncio.get_running_loop(),
        tls=identity.server_context(),
    )
    try:
        await pages.start()
        yield pages
    finally:
        await pages.stop()


@asynccontextmanager
async def phone() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(headers={"User-Agent": "snomD785"}, connector=connector) as session:
        yield session


async def test_a_phone_gets_its_configuration(identity: Identity) -> None:
    async with (
        listening(identity) as pages,
        phone() as session,
        session.get(f"https://127.0.0.1:{pages.port}{URL}") as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert await answer.text() == "<!-- snomD785 at 127.0.0.1 -->"


@pytest.mark.parametrize("path", ["/", "/provision/wrong", "/api", "/provision"])
async def test_nothing_else_is_there(identity: Identity, path: str) -> None:
    async with listening(identity) as pages, phone() as session:
        async with session.get(f"https://127.0.0.1:{pages.port}{path}") as answer:
            assert answer.status == 404
        async with session.post(f"https://127.0.0.1:{pages.port}{URL}") as answer:
            assert answer.status == 404
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"wss://127.0.0.1:{pages.port}/")


async def _connect(pages: PhonePages) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return await asyncio.open_connection("127.0.0.1", pages.port, ssl=trusting)


async def _visits(clock: FakeClock, count: int) -> None:
    """So many have connected: the client is through with its handshake a moment before the server."""
    async with asyncio.timeout(20):
        while len(clock.pending) < count:  # noqa: ASYNC110  (what is waited for has no event of its own)
            await asyncio.sleep(0)


async def test_who_asks_for_nothing_is_cut_off(identity: Identity) -> None:
    clock = FakeClock()
    async with listening(identity, clock) as pages:
        reader, writer = await _connect(pages)
        await _visits(clock, 1)
        clock.advance(VISIT_SECONDS + 1)
        assert await end_of(reader) == b""
        writer.close()
        # The next one is welcome.
        async with phone() as session, session.get(f"https://127.0.0.1:{pages.port}{URL}") as answer:
            assert answer.status == 200


async def test_one_machine_cannot_keep_the_others_out(identity: Identity) -> None:
    clock = FakeClock()
    async with listening(identity, clock) as pages:
        idle = [await _connect(pages) for _ in range(MAX_PHONES_PER_SOURCE)]
        await _visits(clock, MAX_PHONES_PER_SOURCE)
        reader, writer = await _connect(pages)
        assert await end_of(reader) == b""
        for _, each in [*idle, (reader, writer)]:
            each.close()


async def test_a_port_that_is_taken_is_told_with_what_to_do(identity: Identity) -> None:
    async with listening(identity) as pages:
        with pytest.raises(Conflict, match=r"choose another port for api\.phones"):
            async with listening(identity, port=pages.port):
                pass
    with pytest.raises(Unavailable, match=r"mend api\.phones"):
        async with listening(identity, host="192.0.2.77"):
            pass
