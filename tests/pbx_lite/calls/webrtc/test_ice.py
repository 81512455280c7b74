import asyncio
import socket

import pytest
from aioice import ice as aioice_ice

from pbx_lite.calls.webrtc import ice
from pbx_lite.calls.webrtc.ice import IceConnection, IceServer, choose_servers, host_addresses

STUN = {"urls": "stun:stun.example:3478"}


@pytest.fixture(autouse=True)
def forget_servers() -> None:
    ice._unreachable.clear()


def test_stun_and_turn_are_chosen_once_per_way() -> None:
    chosen = choose_servers(
        [
            {"urls": ["stun:one.example:3478", "stun:two.example"]},
            {
                "urls": ["turn:relay.example:80?transport=udp", "turn:relay.example?transport=tcp"],
                "username": "u",
                "credential": "c",
            },
            {"urls": "turns:relay.example:443?transport=tcp", "username": "u", "credential": "c"},
            {"urls": "turn:[2001:db8::1]:3478", "username": "u", "credential": "c"},
        ]
    )
    assert chosen == [
        IceServer("stun", "one.example", 3478),
        IceServer("turn", "relay.example", 80, "udp", "u", "c"),
        IceServer("turn", "relay.example", 3478, "tcp", "u", "c"),
    ]


def test_what_cannot_be_used_is_left_out() -> None:
    assert (
        choose_servers(
            [
                {},
                {"urls": None},
                {"urls": ""},
                {"urls": "http://example"},
                {"urls": "stuns:secure.example"},
                {"urls": "turn:relay.example"},
                {"urls": "turn:relay.example", "username": "", "credential": ""},
                {"urls": "turns:relay.example?transport=udp", "username": "u", "credential": "c"},
            ]
        )
        == []
    )


def test_ipv6_servers_and_default_ports_are_understood() -> None:
    assert choose_servers([{"urls": "STUN:[2001:db8::1]"}]) == [IceServer("stun", "2001:db8::1", 3478)]
    assert choose_servers([{"urls": "turns:r.example", "username": "u", "credential": "c"}]) == [
        IceServer("turn", "r.example", 5349, "tls", "u", "c")
    ]


def test_a_host_with_loopback_alone_offers_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["169.254.1.1"]

    monkeypatch.setattr(aioice_ice, "get_host_addresses", none)
    assert host_addresses() == ["127.0.0.1", "::1"]


async def test_host_candidates_are_there_at_once() -> None:
    connection = IceConnection([], ["127.0.0.1"])
    await connection.gather(5.0)
    assert [(candidate.host, candidate.type) for candidate in connection.local_candidates] == [("127.0.0.1", "host")]
    assert connection.gathered
    await connection.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_ipv6_candidates_are_offered() -> None:
    connection = IceConnection([], ["127.0.0.1", "::1"])
    await connection.gather(5.0)
    assert [candidate.host for candidate in connection.local_candidates] == ["127.0.0.1", "::1"]
    await connection.close()


async def test_a_server_that_does_not_answer_is_waited_for_a_moment_and_the_next_time_not_at_all() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = IceServer("stun", "127.0.0.1", silent.getsockname()[1])
        waits = []
        for _ in range(2):
            connection = IceConnection([server], ["127.0.0.1"])
            start = asyncio.get_running_loop().time()
            await connection.gather(0.3)
            waits.append(asyncio.get_running_loop().time() - start)
            assert len(connection.local_candidates) == 1
            assert not connection.gathered
            await connection.close()
    assert waits[0] >= 0.3
    assert waits[1] < 0.3


async def test_a_turn_server_that_is_not_there_does_no_harm() -> None:
    server = IceServer("turn", "127.0.0.1", 1, "tcp", "u", "c")
    connection = IceConnection([server], ["127.0.0.1"])
    await connection.gather(2.0)
    assert connection.gathered
    assert len(connection.local_candidates) == 1
    await connection.close()


@pytest.mark.parametrize(
    "line",
    [
        "candidate:1 1 udp 2122194687 192.0.2.2 40383 typ host generation 0",
        "a=candidate:1 1 UDP 2122194687 2001:db8::2 40383 typ srflx raddr 0.0.0.0 rport 0",
    ],
)
async def test_candidates_of_the_browser_are_taken(line: str) -> None:
    connection = IceConnection([], ["127.0.0.1"])
    await connection.gather(0.0)
    await connection.add_remote(line)
    assert len(connection.remote_candidates) == 1
    await connection.close()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "rubbish",
        "candidate:1 1 udp high 192.0.2.2 40383 typ host",
        "candidate:1 1 udp 1 not-an-address 40383 typ host",
        "candidate:1 1 tcp 1518280447 192.0.2.2 9 typ host tcptype active",
        "candidate:1 2 udp 2122194687 192.0.2.2 40383 typ host",
        "candidate:1 1 udp 2122194687 192.0.2.2 40383 typ strange",
    ],
)
async def test_candidates_that_cannot_be_used_are_ignored(line: str) -> None:
    connection = IceConnection([], ["127.0.0.1"])
    await connection.gather(0.0)
    await connection.add_remote(line)
    assert connection.remote_candidates == []
    await connection.close()


async def test_a_name_of_multicast_dns_holds_nobody_up() -> None:
    connection = IceConnection([], ["127.0.0.1"])
    await connection.gather(0.0)
    async with asyncio.timeout(3):
        await connection.add_remote(
            "candidate:1 1 udp 2122194687 0f5c6b1e-1a2b-4c3d-8e9f-001122334455.local 40383 typ host"
        )
    await connection.close()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_the_number_of_candidates_is_limited() -> None:
    connection = IceConnection([], ["127.0.0.1"])
    await connection.gather(0.0)
    for port in range(1000, 1200):
        await connection.add_remote(f"candidate:1 1 udp 2122194687 192.0.2.2 {port} typ host")
    assert len(connection.remote_candidates) == ice.MAX_REMOTE_CANDIDATES
    await connection.close()
