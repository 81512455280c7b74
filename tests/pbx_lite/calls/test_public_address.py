"""Who is told which of our addresses."""

import pytest

from pbx_lite.calls.public_address import PublicAddress
from pbx_lite.errors import Unavailable
from tests.support.clock import FakeClock


class Server:
    """A STUN server: what it says, or that it is away."""

    def __init__(self) -> None:
        self.says: str | None = "203.0.113.7"
        self.asked = 0

    async def __call__(self, server: str) -> str:
        self.asked += 1
        if self.says is None:
            raise Unavailable(f"The STUN server {server} does not answer.")
        return self.says


@pytest.mark.parametrize("host", ["192.168.1.5", "8.8.8.8", "provider.example"])
async def test_a_configured_address_is_told_to_everybody_and_nobody_is_asked(host: str) -> None:
    clock, server = FakeClock(), Server()
    ours = PublicAddress(clock, fixed="198.51.100.1", stun="stun.example", ask=server)
    ours.start()
    await clock.settle(1000)
    assert ours.towards(host) == "198.51.100.1"
    assert server.asked == 0


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("8.8.8.8", True),
        ("2600::1", True),
        ("provider.example", True),
        ("192.168.1.5", False),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("fritz.box", False),
        ("nas", False),
        ("phone.local", False),
    ],
)
async def test_what_stun_says_is_for_those_outside_alone(host: str, told: bool) -> None:
    clock = FakeClock()
    ours = PublicAddress(clock, fixed="", stun="stun.example", ask=Server())
    assert ours.towards(host) == ""
    ours.start()
    await clock.settle()
    assert ours.towards(host) == ("203.0.113.7" if told else "")
    await ours.close()
    assert clock.pending == []


async def test_a_new_address_is_noticed_and_an_old_one_kept_while_nobody_answers() -> None:
    clock, server, changes = FakeClock(), Server(), []
    ours = PublicAddress(clock, fixed="", stun="stun.example", ask=server)
    ours.on_change.append(lambda: changes.append(ours.towards("8.8.8.8")))
    server.says = None
    ours.start()
    await clock.settle(29)
    assert (server.asked, changes) == (1, [])
    server.says = "203.0.113.7"
    await clock.settle(2)
    server.says = None
    await clock.settle(301)
    assert ours.towards("8.8.8.8") == "203.0.113.7"
    server.says = "203.0.113.8"
    await clock.settle(31)
    assert changes == ["203.0.113.7", "203.0.113.8"]
    await ours.close()


async def test_without_a_server_nothing_is_asked() -> None:
    clock = FakeClock()
    ours = PublicAddress(clock, fixed="", stun="", ask=Server())
    ours.start()
    await clock.settle(10)
    assert ours.towards("8.8.8.8") == ""
    assert clock.pending == []
