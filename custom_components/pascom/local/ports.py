"""Which ports of this machine are free.  Plain socket calls: run them in an executor."""

import errno
import os
import socket
from dataclasses import dataclass, replace

from ..const import DEFAULT_API_PORT, DEFAULT_SIP_PORT

# Two ports (RTP and RTCP) for sound and two for pictures per leg: room for well over a hundred calls.
RTP_FIRST = 30000
RTP_COUNT = 1000
_HIGHEST = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The ports of a PBX that runs here; `phones` is where phones fetch their settings, 0 for nowhere."""

    sip: int
    tls: int
    api: int
    rtp_first: int
    rtp_last: int
    phones: int = 0


def find_ports() -> Ports:
    """Free ports, as near to the customary ones as possible.  Raises OSError when there are none."""
    tls, api, _ = _customary()
    sip = next_free(DEFAULT_SIP_PORT, skip=(DEFAULT_SIP_PORT + 1,))
    first = RTP_FIRST
    while not rtp_free(first):
        first += RTP_COUNT
    return Ports(
        sip=sip,
        tls=next_free(tls, skip=(sip,), udp=False),
        api=next_free(api, host="127.0.0.1", udp=False),
        rtp_first=first,
        rtp_last=first + RTP_COUNT - 1,
    )


def with_phones(ports: Ports) -> Ports:
    """A free port for phones that fetch their settings.  Each start may choose another: no phone remembers it."""
    try:
        port = next_free(_customary()[2], skip=(ports.sip, ports.tls, ports.api), udp=False)
    except OSError:
        return ports
    return replace(ports, phones=port)


def around_taken(ports: Ports) -> Ports:
    """These ports, with others for TLS, the API and phones' settings where another program has them by now.

    Raises OSError when none is left.  What stations and phones are told, the SIP port, is never another one.
    """
    if not is_free(ports.tls, udp=False):
        ports = replace(ports, tls=next_free(ports.tls + 1, skip=(ports.sip, ports.api, ports.phones), udp=False))
    if not is_free(ports.api, host="127.0.0.1", udp=False):
        skip = (ports.sip, ports.tls, ports.phones)
        ports = replace(ports, api=next_free(ports.api + 1, skip=skip, host="127.0.0.1", udp=False))
    return with_phones(ports) if ports.phones and not is_free(ports.phones, udp=False) else ports


def next_free(port: int, *, skip: tuple[int, ...] = (), host: str = "", udp: bool = True) -> int:
    """The first free port from `port` on.  Raises OSError when none is left."""
    for candidate in range(port, _HIGHEST + 1):
        if candidate not in skip and is_free(candidate, host=host, udp=udp):
            return candidate
    raise OSError(errno.EADDRINUSE, f"no port from {port} on is free")


def is_free(port: int, *, host: str = "", udp: bool = True) -> bool:
    """Whether TCP, and UDP if asked, can be bound on `port`."""
    return _can_bind(socket.SOCK_STREAM, host, port) and (not udp or _can_bind(socket.SOCK_DGRAM, host, port))


def rtp_free(first: int, last: int | None = None) -> bool:
    """Whether a range of UDP ports is free enough: every hundredth pair is tried, and both ends."""
    last = first + RTP_COUNT - 1 if last is None else last
    return all(_can_bind(socket.SOCK_DGRAM, "", port) for port in {*range(first, last + 1, 100), last})


def _customary() -> tuple[int, int, int]:
    """Where the search for a port of TLS, the API and phones' settings begins: in tests, where nobody else searches."""
    if first := os.environ.get("PASCOM_PORTS"):
        return int(first), int(first) + 1, int(first) + 2
    return DEFAULT_SIP_PORT + 1, DEFAULT_API_PORT, DEFAULT_API_PORT + 1


def _can_bind(kind: socket.SocketKind, host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            # As asyncio's own servers do: a connection in TIME_WAIT is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError, OverflowError:
            return False
    return True
