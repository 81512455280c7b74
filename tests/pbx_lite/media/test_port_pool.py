import socket

import pytest

from pbx_lite.errors import ConfigError, MediaError
from pbx_lite.media.port_pool import PortPool
from tests.support.ports import free_ports, free_range


def test_a_pair_is_an_even_port_and_the_next():
    pool = PortPool(free_range(10))
    pair = pool.bind("127.0.0.1")
    assert pair.port % 2 == 0
    assert pair.rtp.getsockname() == ("127.0.0.1", pair.port)
    assert pair.rtcp.getsockname() == ("127.0.0.1", pair.port + 1)
    assert pool.free == 4
    pair.close()
    pair.close()
    assert pool.free == 5


def test_ports_that_something_else_has_are_skipped():
    first = free_ports(4)
    pool = PortPool(f"{first}-{first + 3}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first + 1))
        pairs = [pool.bind("127.0.0.1")]
        assert pairs[0].port == first + 2
        with pytest.raises(MediaError, match="in use"):
            pool.bind("127.0.0.1")
        pairs[0].close()
    assert pool.free == 2


def test_given_back_ports_rest_as_long_as_possible():
    pool = PortPool(free_range(6))
    seen = []
    for _ in range(3):
        pair = pool.bind("127.0.0.1")
        seen.append(pair.port)
        pair.close()
    assert len(set(seen)) == 3


def test_ports_open_on_ipv6_too():
    pair = PortPool(free_range(2)).bind("::1", video=True)
    assert pair.rtp.family == socket.AF_INET6
    pair.close()


def test_an_address_of_another_machine_is_a_sentence():
    with pytest.raises(MediaError, match=r"Cannot open a media port on 192\.0\.2\.1"):
        PortPool(free_range(2)).bind("192.0.2.1")


@pytest.mark.parametrize("ports", ["", "a-b", "5000-4000", "80-90", "60000-70000", "4001-4002"])
def test_a_range_that_holds_no_pair_is_a_fault_of_the_configuration(ports):
    with pytest.raises(ConfigError):
        PortPool(ports)
