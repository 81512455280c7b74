"""Announces this PBX on the local network as `_pascom._tcp.local.` (RFC 6762, 6763): no address to type in."""

import contextlib
import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pbx_lite.api.facade import Identity

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncZeroconf

_LOGGER = logging.getLogger(__name__)
SERVICE = "_pascom._tcp.local."


class Discovery:
    """Without a network to announce on it says so once and the PBX goes on."""

    def __init__(self, identity: Identity, *, host: str, port: int, api_version: int) -> None:
        self._identity = identity
        self._host = host
        self._port = port
        self._api_version = api_version
        self._zeroconf: AsyncZeroconf | None = None

    async def start(self) -> None:
        # Imported when it is needed: a PBX beside its Home Assistant listens on loopback and is not announced.
        from zeroconf import Error, IPVersion, ServiceInfo
        from zeroconf.asyncio import AsyncZeroconf

        identity = self._identity
        label = f"pascom-{identity.instance[:12]}"
        service = ServiceInfo(
            SERVICE,
            f"{label}.{SERVICE}",
            port=self._port,
            parsed_addresses=_addresses(self._host),
            server=f"{label}.local.",
            properties={
                "name": identity.name,
                "instance": identity.instance,
                "version": identity.version,
                "api": str(self._api_version),
                "fingerprint": identity.fingerprint,
            },
        )
        try:
            self._zeroconf = AsyncZeroconf(ip_version=IPVersion.V4Only)
            await self._zeroconf.async_register_service(service, allow_name_change=True)
        except (OSError, Error) as error:
            _LOGGER.warning("This PBX cannot be announced on the network; enter its address by hand: %s", error)
            await self.stop()

    async def stop(self) -> None:
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            await zeroconf.async_unregister_all_services()
            await zeroconf.async_close()


def _addresses(host: str) -> list[str]:
    """The addresses to announce: the one that is listened on, or all of this machine's."""
    import ifaddr

    with contextlib.suppress(ValueError):  # a name stands for whatever it stands for: all addresses are announced
        if not ip_address(host).is_unspecified:
            return [host]
    found = [ip_address(str(each.ip)) for adapter in ifaddr.get_adapters() for each in adapter.ips if each.is_IPv4]
    return [str(address) for address in found if not address.is_loopback]
