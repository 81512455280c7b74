"""What is known of names: asked once, kept as long as it is valid."""

import asyncio
from pathlib import Path

import pytest

from pbx_lite.errors import TransportError
from pbx_lite.sip.names import HostsFile, NameCache, NameServer, ask_system, is_local_name
from tests.pbx_lite.sip.doubles import FakeNames
from tests.support.clock import FakeClock
from tests.support.name_server import FakeNameServer

ONE = (("192.0.2.1",),)


async def test_an_answer_is_kept_as_long_as_it_is_valid(clock: FakeClock):
    names = FakeNames({("home.example", "A"): [("192.0.2.1",)]}, ttl=60)
    cache = NameCache(clock, names)
    assert await cache.rows("home.example", "A") == ONE
    clock.advance(59)
    assert await cache.rows("HOME.example.", "A") == ONE
    assert len(names.asked) == 1
    clock.advance(2)
    assert await cache.rows("home.example", "A") == ONE
    assert len(names.asked) == 2


async def test_those_who_ask_at_the_same_time_share_a_question(clock: FakeClock):
    names = FakeNames({("home.example", "A"): [("192.0.2.1",)]})
    cache = NameCache(clock, names)
    assert await asyncio.gather(*(cache.rows("home.example", "A") for _ in range(5))) == [ONE] * 5
    assert len(names.asked) == 1


async def test_an_old_answer_serves_while_the_name_service_is_away(clock: FakeClock):
    names = FakeNames({("home.example", "A"): [("192.0.2.1",)]}, ttl=60)
    cache = NameCache(clock, names)
    await cache.rows("home.example", "A")
    names.away = True
    clock.advance(100)
    assert await cache.rows("home.example", "A") == ONE
    assert await cache.rows("other.example", "A") == ()
    names.away, names.rows = False, {("home.example", "A"): [("192.0.2.2",)]}
    clock.advance(61)
    assert await cache.rows("home.example", "A") == (("192.0.2.2",),)


async def test_it_stops_without_waiting_for_answers(clock: FakeClock):
    async def never(_name: str, _kind: object):
        await asyncio.get_running_loop().create_future()

    cache = NameCache(clock, never)  # type: ignore[arg-type]
    asking = asyncio.gather(cache.rows("home.example", "A"), return_exceptions=True)
    await asyncio.sleep(0)
    await cache.close()
    assert isinstance((await asking)[0], asyncio.CancelledError)


async def test_a_real_name_server_is_understood():
    async with FakeNameServer(
        "home.example. 60 IN A 192.0.2.1",
        "alias.example. 60 IN CNAME home.example.",
        '_x.home.example. 60 IN NAPTR 10 20 "S" "SIP+d2u" "" _sip._udp.home.example.',
        "_sip._udp.home.example. 77 IN SRV 1 2 5060 one.home.example.",
        "_sip._tcp.home.example. 77 IN SRV 0 0 0 .",
    ) as server:
        ask = NameServer(server.address)
        assert (await ask("home.example", "A")).rows == (("192.0.2.1",),)
        assert (await ask("home.example", "AAAA")).rows == ()
        assert (await ask("nobody.example", "A")).rows == ()
        served = await ask("_sip._udp.home.example", "SRV")
        assert (served.rows, served.ttl) == (((1, 2, 5060, "one.home.example"),), 77)
        assert (await ask("_sip._tcp.home.example", "SRV")).rows == ((0, 0, 0, "."),)
        assert (await ask("_x.home.example", "NAPTR")).rows == ((10, 20, "s", "SIP+D2U", "_sip._udp.home.example"),)


async def test_a_name_server_that_is_not_there_is_said_soon():
    with pytest.raises(TransportError, match=r"No name server answers for home\.example"):
        await NameServer("127.0.0.1:1")("home.example", "A")


def test_the_machines_own_list_of_hosts_is_read_again_when_it_changes(tmp_path: Path):
    file = tmp_path / "hosts"
    hosts = HostsFile(file)
    assert hosts("pbx") == []
    file.write_text("# ours\n192.0.2.1 pbx PBX.home # this one\n2001:db8::1 pbx\nnonsense here\n\n")
    assert hosts("pbx") == ["192.0.2.1", "2001:db8::1"]
    assert hosts("pbx.HOME.") == ["192.0.2.1"]
    assert hosts("here") == []
    file.write_text("192.0.2.22 pbx\n")
    assert hosts("pbx") == ["192.0.2.22"]


async def test_the_system_knows_itself_and_says_what_it_does_not_know():
    assert "127.0.0.1" in await ask_system("localhost", within=5)
    with pytest.raises(TransportError, match="is not known"):
        await ask_system("no-such-host.invalid", within=5)


def test_single_words_and_multicast_names_are_of_this_network():
    assert [is_local_name(name) for name in ("nas", "nas.local", "x.localhost", "home.example.", "fritz.box")] == [
        True,
        True,
        True,
        False,
        False,
    ]
