"""Where SIP messages come from and go to: a transport, a host and a port."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from pbx_lite.errors import ParseError
from pbx_lite.values import dataclass

DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a flow.  `transport` is `udp`, `tcp` or `tls`; `host` has no brackets and may be a name.

    With a name, an empty transport and port 0 are for the name service to tell (RFC 3263).

    Written `udp:192.0.2.1:5060`, `tls:[2001:db8::1]:5061`.
    """

    transport: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `udp:host:port`, `udp://host:port`, `host:port` or `host`; UDP and the usual port go without saying.

        Raises ParseError.
        """
        transport, colon, rest = text.strip().partition(":")
        if not colon or transport.lower() not in DEFAULT_PORTS:
            transport, rest = "udp", text.strip()
        transport = transport.lower()
        host, port = _split(rest.removeprefix("//").rstrip("/"), text)
        return cls(transport, host, DEFAULT_PORTS[transport] if port is None else port)

    def __str__(self) -> str:
        if not self.transport:
            return self.host
        return f"{self.transport}:{bracketed(self.host)}:{self.port}"

    @property
    def is_stream(self) -> bool:
        return self.transport != "udp"


def bracketed(host: str) -> str:
    """The host as URIs and Via write it."""
    return f"[{host}]" if ":" in host else host


@lru_cache(1024)
def is_numeric(host: str) -> bool:
    """Whether the host is an IP address and needs no name service."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def plain_host(host: str) -> str:
    """One spelling for one address: IPv6 compressed, IPv4 inside IPv6 as IPv4; a link-local one keeps its scope."""
    if ":" not in host:
        return host
    try:
        address = IPv6Address(host)
    except ValueError:
        return host
    return str(address.ipv4_mapped or address)


def _split(rest: str, whole: str) -> tuple[str, int | None]:
    if rest.startswith("["):
        host, closed, tail = rest[1:].partition("]")
        port = tail.removeprefix(":") if tail else ""
        if not closed or (tail and not tail.startswith(":")):
            raise ParseError(f"{whole!r} is not an address like udp:192.0.2.1:5060.")
    elif rest.count(":") > 1:
        host, port = rest, ""
    else:
        host, _, port = rest.partition(":")
    if not host or (port and not (port.isascii() and port.isdigit() and int(port) < 65536)):
        raise ParseError(f"{whole!r} is not an address like udp:192.0.2.1:5060.")
    return host, int(port) if port else None
