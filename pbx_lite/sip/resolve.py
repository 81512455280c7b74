"""From a URI to where its messages go (RFC 3263, without NAPTR and SRV)."""

import asyncio
import socket

from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import DEFAULT_PORTS, Address, is_numeric
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request
from pbx_lite.sip.uri import SipUri


def hop_of(request: Request) -> Address:
    """Where a request goes next: its first Route or its Request-URI.  Raises TransportError."""
    try:
        route = request.headers.get("route")
        return address_of(NameAddr.parse(route).uri if route else request.uri)
    except ParseError as error:
        raise TransportError(f"Nothing can be sent to {request.uri}: {error.message}.") from error


def address_of(uri: str) -> Address:
    """Transport, host (maybe a name) and port of a SIP URI.  Raises ParseError."""
    parsed = SipUri.parse(uri)
    if parsed.scheme == "tel":
        raise ParseError("A tel URI names no host", 416)
    transport = parsed.transport or "udp"
    if parsed.scheme == "sips":
        transport = "tls"
    if transport not in DEFAULT_PORTS:
        raise ParseError(f"The transport {transport!r} is not supported")
    return Address(transport, parsed.host, parsed.port or DEFAULT_PORTS[transport])


async def resolve(address: Address, *, within: float = 5.0) -> list[Address]:
    """The numeric addresses of a host, in the system's order.  Raises TransportError."""
    if is_numeric(address.host):
        return [address]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within):
            found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise TransportError(f"The host {address.host} is not known; check its name and the name server.") from error
    hosts = dict.fromkeys(str(entry[4][0]) for entry in found)
    return [Address(address.transport, host, address.port) for host in hosts]
