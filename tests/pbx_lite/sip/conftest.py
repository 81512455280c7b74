import pytest

from tests.pbx_lite.sip.doubles import Party, Puppet, Wire
from tests.support.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def wire(clock: FakeClock) -> Wire:
    return Wire(clock)


@pytest.fixture
def alice(wire: Wire) -> Party:
    return Party(wire, "udp:192.0.2.1:5060")


@pytest.fixture
def bob(wire: Wire) -> Party:
    return Party(wire, "udp:192.0.2.2:5060")


@pytest.fixture
def puppet(wire: Wire) -> Puppet:
    return Puppet(wire, "udp:192.0.2.9:5060")
