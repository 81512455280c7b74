"""From a URI to where its messages go: the servers of a name, the best first (RFC 3263, RFC 2782)."""

import asyncio
import random
import secrets
from collections.abc import Callable, Iterable

from pbx_lite.clock import Clock
from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import DEFAULT_PORTS, Address, is_numeric
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request
from pbx_lite.sip.names import Ask, HostsFile, NameCache, NameServer, Row, ask_system, is_local_name
from pbx_lite.sip.uri import SipUri

_WITHIN = 5.0  # seconds for all questions about one name
_MOST_SERVERS = 8
_MOST_AVOIDED = 1000
_LONGEST_AVOIDED = 3600.0
_SERVICES = {"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}
_NAPTR = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}


def hop_of(request: Request) -> Address:
    """Where a request goes next: its first Route or its Request-URI.  Raises TransportError."""
    try:
        route = request.headers.get("route")
        return address_of(NameAddr.parse(route).uri if route else request.uri)
    except ParseError as error:
        raise TransportError(f"Nothing can be sent to {request.uri}: {error.message}.") from error


def address_of(uri: str) -> Address:
    """Transport, host and port of a SIP URI.  Raises ParseError.

    Where the host is a name, a transport not said is "" and a port not said is 0: the name service knows them.
    """
    parsed = SipUri.parse(uri)
    if parsed.scheme == "tel":
        raise ParseError("A tel URI names no host", 416)
    transport = parsed.transport or ""
    if parsed.scheme == "sips":
        transport = "tls"
    if transport and transport not in DEFAULT_PORTS:
        raise ParseError(f"The transport {transport!r} is not supported")
    return hop_to(parsed.host, parsed.port or 0, transport)


def hop_to(host: str, port: int = 0, transport: str = "") -> Address:
    """The address of a host with what is left out filled in, as far as it is no matter of the name service."""
    if is_numeric(host) or port:
        transport = transport or "udp"
        return Address(transport, host, port or DEFAULT_PORTS[transport])
    return Address(transport, host, 0)


class Resolver:
    """The servers behind names.  `nameserver` (`192.0.2.53:5353`) stands in for those of the system.

    Among equals the order is drawn by weight once and stays while the PBX runs, so that a registration and the calls
    of its line go to the same server.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        nameserver: str = "",
        ask: Ask | None = None,
        hosts: Callable[[str], list[str]] | None = None,
    ) -> None:
        self._clock = clock
        self._asks_system = not nameserver and ask is None
        self._names = NameCache(clock, ask or NameServer(nameserver))
        self._hosts = hosts or HostsFile()
        self._seed = secrets.token_hex(8)
        self._avoided: dict[Address, float] = {}

    async def close(self) -> None:
        """Ask nothing any more."""
        await self._names.close()

    async def resolve(self, address: Address) -> list[Address]:
        """The numeric addresses to try in this order, at least one.  Raises TransportError."""
        if is_numeric(address.host):
            return [address]
        try:
            async with asyncio.timeout(_WITHIN):
                found = await self._servers(address)
        except TimeoutError:
            found = []
        if not found:
            raise TransportError(f"The host {address.host} is not known; check its name and the name server.")
        now = self._clock.time()
        found = list(dict.fromkeys(found))[:_MOST_SERVERS]
        return sorted(found, key=lambda server: self._avoided.get(server, 0.0) > now)

    def avoid(self, server: Address, seconds: float) -> None:
        """Try this server last for a while: it failed, or asked for it with Retry-After."""
        if len(self._avoided) >= _MOST_AVOIDED:
            self._avoided.clear()
        self._avoided[server] = self._clock.time() + min(seconds, _LONGEST_AVOIDED)

    async def _servers(self, address: Address) -> list[Address]:
        host, transport = address.host, address.transport
        if address.port or is_local_name(host) or self._hosts(host):
            transport = transport or "udp"
            return await self._hosts_of(host, transport, address.port or DEFAULT_PORTS[transport])
        if transport:
            services = {transport: await self._names.rows(_SERVICES[transport] + host, "SRV")}
            return await self._served(services) if services[transport] else await self._plain(host, transport)
        naptr, udp, tcp = await asyncio.gather(
            self._names.rows(host, "NAPTR"),
            self._names.rows(_SERVICES["udp"] + host, "SRV"),
            self._names.rows(_SERVICES["tcp"] + host, "SRV"),
        )
        if servers := await self._pointed(naptr):
            return servers
        if udp or tcp:
            return await self._served({"udp": udp, "tcp": tcp})
        return await self._plain(host, "udp")

    async def _pointed(self, rows: Iterable[Row]) -> list[Address]:
        """Follow NAPTR records, in their order (RFC 3263 section 4.1)."""
        servers: list[Address] = []
        for _, _, flags, service, replacement in sorted(rows, key=lambda row: row[:2]):
            transport = _NAPTR.get(service)
            if transport is None or len(servers) >= _MOST_SERVERS:
                continue
            if flags == "s":
                servers += await self._served({transport: await self._names.rows(replacement, "SRV")})
            elif flags == "a":
                servers += await self._plain(replacement, transport)
        return servers

    async def _served(self, services: dict[str, tuple[Row, ...]]) -> list[Address]:
        """Follow SRV records; a target of "." says that there is no such service."""
        wanted = [
            (target, transport, port)
            for transport, rows in services.items()
            for _, _, port, target in self._ordered(rows)
            if target != "."
        ][:_MOST_SERVERS]
        found = await asyncio.gather(
            *(self._hosts_of(target, transport, port) for target, transport, port in wanted), return_exceptions=True
        )
        return [server for servers in found if not isinstance(servers, BaseException) for server in servers]

    async def _plain(self, host: str, transport: str) -> list[Address]:
        return await self._hosts_of(host, transport, DEFAULT_PORTS[transport])

    async def _hosts_of(self, host: str, transport: str, port: int) -> list[Address]:
        if is_numeric(host):
            return [Address(transport, host, port)]
        hosts = self._hosts(host)
        if not hosts and not is_local_name(host):
            both = await asyncio.gather(self._names.rows(host, "A"), self._names.rows(host, "AAAA"))
            hosts = [row[0] for rows in both for row in rows]
        if not hosts and (self._asks_system or is_local_name(host)):
            hosts = await ask_system(host, within=_WITHIN)
        return [Address(transport, each, port) for each in hosts]

    def _ordered(self, rows: Iterable[Row]) -> list[Row]:
        """By priority, then drawn by weight (RFC 2782)."""
        rows = sorted(rows)
        draw = random.Random(f"{self._seed}{rows}")  # noqa: S311  # spreads load, guards nothing
        left, ordered = list(rows), []
        while left:
            best = [row for row in left if row[0] == left[0][0]]
            chosen = draw.choices(best, [row[1] + 0.001 for row in best])[0]
            left.remove(chosen)
            ordered.append(chosen)
        return ordered
