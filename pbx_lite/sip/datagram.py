"""SIP over UDP: one socket per listener, read in batches, because garbage comes in batches."""

import asyncio
import logging
import socket

from pbx_lite.errors import TransportError
from pbx_lite.sip.address import Address, plain_host
from pbx_lite.sip.patience import is_patient
from pbx_lite.sip.stun import binding_response, is_stun
from pbx_lite.sip.transport import Admit, Receive

_LOGGER = logging.getLogger(__name__)
_BATCH = 32  # datagrams served per turn of the loop, so that a flood leaves time for calls
_MOST_READ = 256  # and read: those that can wait only change queues, and a call may be behind them
_SHORTEST = 20  # bytes; anything below is a keep-alive or garbage
_MOST_FLOWS = 1024  # kept, so that thousands of messages hold no address of their own
_ROUTE_FOR = 10.0  # seconds before the kernel is asked again: our addresses may change
_WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104  # compared with, not bound to


class UdpFlow:
    """A UDP socket and one address behind it."""

    __slots__ = ("_listener", "remote")

    def __init__(self, listener: UdpListener, remote: Address) -> None:
        self._listener = listener
        self.remote = remote

    @property
    def local(self) -> Address:
        return self._listener.local(self.remote.host)

    @property
    def closed(self) -> bool:
        return self._listener.closed

    def send(self, data: bytes) -> None:
        self._listener.send(data, self.remote)


class UdpListener:
    """One bound socket."""

    def __init__(self, bound: socket.socket, receive: Receive, admit: Admit) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = bound
        self._receive = receive
        self._admit = admit
        self._locals: dict[str, tuple[float, Address]] = {}
        self._flows: dict[tuple[str, int], UdpFlow] = {}
        host, port = bound.getsockname()[:2]
        self.address = Address("udp", host, port)
        self.family = bound.family
        self.closed = False
        bound.setblocking(False)
        self._loop.add_reader(bound.fileno(), self._readable)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()

    def send(self, data: bytes, remote: Address) -> None:
        """Hand to the kernel; a full buffer loses the datagram, as any router may."""
        try:
            self._socket.sendto(data, (remote.host, remote.port))
        except BlockingIOError:
            _LOGGER.debug("The send buffer is full; lost a datagram to %s", remote)
        except OSError as error:
            raise TransportError(f"Cannot send to {remote}: {error.strerror or error}.") from error

    def local(self, remote_host: str) -> Address:
        """Our address as this host sees it; asked of the kernel's routes where we listen everywhere."""
        if self.address.host not in _WILDCARDS:
            return self.address
        now = self._loop.time()
        asked, known = self._locals.get(remote_host, (0.0, self.address))
        if known is self.address or now - asked > _ROUTE_FOR:
            if len(self._locals) >= 256:
                self._locals.clear()
            known = Address("udp", source_host(self.family, remote_host), self.address.port)
            self._locals[remote_host] = (now, known)
        return known

    def _readable(self) -> None:
        left = _BATCH
        for _ in range(_MOST_READ):
            try:
                data, source = self._socket.recvfrom(65535)
            except BlockingIOError, InterruptedError:
                return
            except OSError as error:  # an ICMP error that came back for something sent earlier
                _LOGGER.debug("UDP %s: %s", self.address, error)
                continue
            if len(data) >= _SHORTEST and data[0] < 4:
                self._take_stun(data, source)
                continue
            if len(data) < _SHORTEST or not (65 <= data[0] <= 90 or data[0] in b"\r\nabcdefghijklmnopqrstuvwxyz"):
                continue
            flow = self._flows.get(source) or self._new_flow(source)
            if source[1] and self._admit(flow.remote):
                self._receive(data, flow)
            left -= not is_patient(data)
            if self.closed or not left:
                return

    def _new_flow(self, source: tuple[str, int]) -> UdpFlow:
        """Everything from one source shares one."""
        if len(self._flows) >= _MOST_FLOWS:
            self._flows.clear()
        flow = self._flows[source] = UdpFlow(self, Address("udp", plain_host(source[0]), source[1]))
        return flow

    def _take_stun(self, data: bytes, source: tuple[str, int]) -> None:
        """Answer the keep-alive of a phone (RFC 5626 section 3.5.2); it learns when its router gave it a new port."""
        remote = Address("udp", plain_host(source[0]), source[1])
        if not is_stun(data) or not source[1] or not self._admit(remote):
            return
        answer = binding_response(data, remote.host, remote.port)
        if answer is not None:
            try:
                self.send(answer, remote)
            except TransportError as error:
                _LOGGER.debug("%s", error)


def source_host(family: int, remote_host: str) -> str:
    """The address the kernel would send from to reach this numeric host; loopback where there is no route."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((remote_host, 9))
            host = plain_host(probe.getsockname()[0])
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
    return host.partition("%")[0]
