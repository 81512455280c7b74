import asyncio
import logging
from typing import Any

import pytest
import zeroconf
import zeroconf.asyncio

from pbx_lite.api.discovery import SERVICE, Discovery
from pbx_lite.api.facade import Identity

IDENTITY = Identity(name="Home", instance="0f1e2d3c4b5a69788796a5b4c3d2e1f0", version="0.1.0", fingerprint="ab" * 32)


class FakeZeroconf:
    """Keeps what it should announce."""

    made: list[FakeZeroconf]
    fails: Exception | None = None

    def __init__(self, **_: Any) -> None:
        self.services: list[zeroconf.ServiceInfo] = []
        self.closed = False
        self.made.append(self)

    async def async_register_service(self, service: zeroconf.ServiceInfo, **_: Any) -> None:
        if self.fails is not None:
            raise self.fails
        self.services.append(service)

    async def async_unregister_all_services(self) -> None:
        self.services.clear()

    async def async_close(self) -> None:
        self.closed = True


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> type[FakeZeroconf]:
    FakeZeroconf.made, FakeZeroconf.fails = [], None
    monkeypatch.setattr(zeroconf.asyncio, "AsyncZeroconf", FakeZeroconf)
    return FakeZeroconf


async def test_the_announcement_says_which_pbx_this_is(network: type[FakeZeroconf]) -> None:
    discovery = Discovery(IDENTITY, host="192.0.2.10", port=8765, api_version=1)
    await discovery.start()
    (service,) = network.made[0].services
    assert (service.type, service.port, service.parsed_addresses()) == (SERVICE, 8765, ["192.0.2.10"])
    assert service.decoded_properties == {
        "name": "Home",
        "instance": IDENTITY.instance,
        "version": "0.1.0",
        "api": "1",
        "fingerprint": "ab" * 32,
    }
    await discovery.stop()
    assert network.made[0].closed


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "pbx.example"])
async def test_listening_everywhere_announces_every_address_but_loopback(
    network: type[FakeZeroconf], host: str
) -> None:
    discovery = Discovery(IDENTITY, host=host, port=8765, api_version=1)
    await discovery.start()
    (service,) = network.made[0].services
    assert not any(address.startswith("127.") for address in service.parsed_addresses())
    await discovery.stop()


@pytest.mark.parametrize("error", [OSError("no network"), zeroconf.NonUniqueNameException()])
async def test_without_a_network_the_pbx_says_so_once_and_goes_on(
    network: type[FakeZeroconf], error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    network.fails = error
    discovery = Discovery(IDENTITY, host="192.0.2.10", port=8765, api_version=1)
    async with asyncio.timeout(20):
        await discovery.start()
        await discovery.stop()
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage().split(";")[0] for record in warnings] == ["This PBX cannot be announced on the network"]
    assert network.made[0].closed
