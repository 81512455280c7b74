"""The UDP ports that media uses: pairs of an even port for RTP and the next one for RTCP (RFC 3550 section 11)."""

import errno
import random
import socket

from pbx_lite.errors import ConfigError, MediaError

_VOICE, _VIDEO = 0xB8, 0x88  # DSCP EF and AF41, which Wi-Fi access points map to their queues
_BUFFER = 1024 * 1024  # bytes; the system cuts it down to what it allows


class PortPool:
    """Hands out port pairs of a range such as `30000-35000`, the longest unused first."""

    def __init__(self, ports: str = "30000-35000") -> None:
        low, dash, high = ports.partition("-")
        try:
            first, last = int(low), int(high if dash else low)
        except ValueError:
            raise ConfigError("rtp.ports", f"“{ports}” is no range of ports such as 30000-35000.") from None
        pairs = list(range(first + first % 2, last, 2))
        if not (first >= 1024 and last <= 65535 and pairs):
            raise ConfigError("rtp.ports", "The range must lie within 1024-65535 and hold an even port and the next.")
        start = random.randrange(len(pairs))  # noqa: S311 - late packets of a run before should miss, that is all
        self._free = dict.fromkeys(pairs[start:] + pairs[:start])
        self._range = ports

    @property
    def free(self) -> int:
        """How many pairs are left."""
        return len(self._free)

    def bind(self, host: str, *, video: bool = False) -> SocketPair:
        """Open a pair on `host`, skipping ports that something else has.  Raises MediaError with a sentence."""
        for _ in range(len(self._free)):
            port = next(iter(self._free))
            del self._free[port]
            opened: list[socket.socket] = []
            try:
                opened.append(_open(host, port, video=video, bursts=True))
                opened.append(_open(host, port + 1, video=video, bursts=False))
            except OSError as error:
                for sock in opened:
                    sock.close()
                self._free[port] = None  # back to the end: whoever has it may be gone by then
                if not _is_taken(error):
                    raise MediaError(f"Cannot open a media port on {host}: {error.strerror or error}.") from error
                continue
            return SocketPair(self, port, *opened)
        raise MediaError(f"All media ports of {self._range} are in use: widen rtp.ports.", code="busy")

    def release(self, port: int) -> None:
        self._free[port] = None


class SocketPair:
    """Two bound, non-blocking sockets; `close()` gives their ports back."""

    def __init__(self, pool: PortPool, port: int, rtp: socket.socket, rtcp: socket.socket) -> None:
        self.port = port
        self.rtp = rtp
        self.rtcp = rtcp
        self._pool = pool

    def close(self) -> None:
        if self.rtp.fileno() >= 0:
            self.rtp.close()
            self.rtcp.close()
            self._pool.release(self.port)


def _open(host: str, port: int, *, video: bool, bursts: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        try:
            mark = _VIDEO if video else _VOICE
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, mark)
            else:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, mark)
            if bursts:  # of key frames, or of garbage, which the default buffer of small machines does not hold
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            if bursts and video:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        except OSError:  # wishes, without which it works too
            pass
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _is_taken(error: OSError) -> bool:
    return error.errno in {errno.EADDRINUSE, errno.EACCES}
