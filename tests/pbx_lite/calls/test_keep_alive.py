"""Which phones are kept reachable through their routers, and how often."""

from dataclasses import replace

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.keep_alive import KeepAlive
from pbx_lite.sip.address import Address
from tests.support.clock import FakeClock

BEHIND = Binding("101", "sip:101@10.0.0.5:5060", Address("udp", "192.0.2.1", 40001), 1e9, "c", 1)


class Phones:
    def __init__(self, *bindings: Binding) -> None:
        self.bindings = list(bindings)
        self.clock = FakeClock()
        self.sent: list[Address] = []
        self.keeper = KeepAlive(self, self.sent.append, self.clock)

    def everything(self) -> list[Binding]:
        return self.bindings


def test_only_phones_behind_a_router_get_them_over_udp() -> None:
    direct = replace(BEHIND, contact="sip:102@192.0.2.1:40001")
    connected = replace(BEHIND, source=Address("tcp", "192.0.2.1", 40002))
    phones = Phones(BEHIND, direct, connected)
    phones.clock.advance(100)
    assert phones.sent == [BEHIND.source] * 4


def test_many_phones_are_spread_over_the_time() -> None:
    phones = Phones(*(replace(BEHIND, source=Address("udp", "192.0.2.1", 1000 + number)) for number in range(2000)))
    phones.clock.advance(1)
    assert len(phones.sent) == 80
    phones.clock.advance(24)
    assert len(set(phones.sent)) == len(phones.sent) == 2000
    phones.clock.advance(25)
    assert len(phones.sent) == 4000


def test_it_ends() -> None:
    phones = Phones(BEHIND)
    phones.keeper.close()
    assert phones.clock.pending == []
