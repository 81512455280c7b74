"""Every listener and connection of an endpoint: UDP, TCP and TLS over IPv4 and IPv6."""

import asyncio
import errno
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence

from pbx_lite.clock import Clock
from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import Address, plain_host
from pbx_lite.sip.certificate import TlsMaterial
from pbx_lite.sip.datagram import UdpFlow, UdpListener, source_host
from pbx_lite.sip.patience import Waiting, is_patient
from pbx_lite.sip.stream import StreamFlow
from pbx_lite.sip.transport import KEEP_ALIVE, Admit, Flow, Receive
from pbx_lite.tasks import Tasks

_MOST_STREAMS = 4096
_MOST_PER_HOST = 64
_MOST_HANDSHAKES = 512  # at a time
_HANDSHAKE_WITHIN = 8.0  # seconds
_BACKLOG = 1024  # phones that all come back at once and would else try again only after seconds
_GRACE = 15.0  # seconds that a keep-alive may be late

_LOGGER = logging.getLogger(__name__)


def admit_all(_: Address) -> bool:
    return True


class SocketNetwork:
    """The `Network` of real sockets."""

    def __init__(self, clock: Clock, tls: TlsMaterial | None = None) -> None:
        self.receive: Receive = lambda _data, _flow: None
        self.admit: Admit = admit_all
        self._clock = clock
        self._tls = tls
        self._trusted = tls.client if tls is not None else None
        self._udp: list[UdpListener] = []
        self._servers: list[tuple[Address, socket.socket]] = []
        self._streams: dict[Address, StreamFlow] = {}
        self._per_host: Counter[str] = Counter()
        self._handshakes: Counter[str] = Counter()
        self._opening: dict[Address, asyncio.Task[Flow | TransportError]] = {}
        self._lost: list[Callable[[Flow], None]] = []
        self._waiting: Waiting | None = None
        self._tasks = Tasks("sip connections")

    @property
    def listening(self) -> list[Address]:
        return [listener.address for listener in self._udp] + [address for address, _ in self._servers]

    def on_lost(self, listener: Callable[[Flow], None]) -> None:
        self._lost.append(listener)

    async def start(self, listen: Sequence[str]) -> None:
        try:
            for text in listen:
                await self._listen(_parse(text))
        except TransportError:
            await self.stop()
            raise

    async def stop(self) -> None:
        for listener in self._udp:
            listener.close()
        if self._waiting is not None:
            self._waiting.close()
        await self._tasks.close()
        for _, bound in self._servers:
            bound.close()
        for flow in tuple(self._streams.values()):
            flow.close()
        self._udp.clear()
        self._servers.clear()
        await asyncio.sleep(0)  # aborted connections say so in the loop's next turn

    def flow(self, remote: Address) -> Flow | None:
        if remote.is_stream:
            return self._streams.get(remote)
        return UdpFlow(self._udp_for(remote), remote)

    async def connect(self, remote: Address, *, within: float, name: str = "") -> Flow:
        if (flow := self.flow(remote)) is not None:
            return flow
        opening = self._opening.get(remote)
        if opening is None:
            opening = self._tasks.spawn(self._try_connect(remote, within, name), name=f"to {remote}")
            self._opening[remote] = opening
            opening.add_done_callback(lambda _: self._opening.pop(remote, None))
        try:
            opened = await asyncio.shield(opening)
        except asyncio.CancelledError:
            if opening.cancelled():
                raise TransportError(f"The connection to {remote} was given up.") from None
            raise
        if isinstance(opened, TransportError):
            raise opened
        return opened

    def keep_alive(self, remote: Address, *, strict: bool = False) -> None:
        if not remote.is_stream:
            self._udp_for(remote).send(KEEP_ALIVE, remote)
        elif (flow := self._streams.get(remote)) is not None:
            flow.ping(strict=strict)

    def expect(self, remote: Address, seconds: float) -> None:
        if (flow := self._streams.get(remote)) is not None:
            flow.patience = seconds + _GRACE

    def local(self, remote: Address) -> Address:
        if not remote.is_stream:
            return self._udp_for(remote).local(remote.host)
        family = socket.AF_INET6 if ":" in remote.host else socket.AF_INET
        flow = self._streams.get(remote)
        host = flow.local.host if flow is not None else source_host(family, remote.host)
        ours = [address for address, _ in self._servers if address.transport == remote.transport]
        if not ours:
            return Address(remote.transport, host, flow.local.port if flow is not None else 0)
        same = [address for address in ours if (":" in address.host) == (":" in remote.host)]
        return Address(remote.transport, host.partition("%")[0], (same or ours)[0].port)

    # from the connections

    def opened(self, flow: StreamFlow) -> None:
        self._streams[flow.remote] = flow
        self._per_host[flow.remote.host] += 1

    def received(self, data: bytes, flow: Flow) -> None:
        if self.admit(flow.remote):
            self._take(data, flow)

    def closed(self, flow: StreamFlow) -> None:
        if self._streams.get(flow.remote) is not flow:
            return
        del self._streams[flow.remote]
        self._per_host[flow.remote.host] -= 1
        if not self._per_host[flow.remote.host]:
            del self._per_host[flow.remote.host]
        for listener in self._lost:
            listener(flow)

    # inside

    async def _listen(self, address: Address) -> None:
        tls = self._tls
        if address.transport == "tls" and tls is None:
            raise TransportError(f"Cannot listen on {address}: there is no certificate.")
        bound = await _bind(address)
        host, port = bound.getsockname()[:2]
        if address.transport == "udp":
            self._udp.append(UdpListener(bound, self._take, self._admitted))
            return
        address = Address(address.transport, host, port)
        self._servers.append((address, bound))
        context = tls.server if tls is not None and address.transport == "tls" else None
        self._tasks.spawn(self._accept(address.transport, bound, context), name=f"connections to {address}")

    async def _accept(self, transport: str, bound: socket.socket, context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, peer = await loop.sock_accept(bound)
            except OSError as error:  # gone again, or no more file descriptors
                _LOGGER.debug("No connection accepted: %s", error)
                await asyncio.sleep(0.1)
                continue
            remote = Address(transport, plain_host(peer[0]), peer[1])
            if self._has_place(remote):
                self._tasks.spawn(self._welcome(remote, accepted, context), name=f"connection of {remote}")
            else:
                accepted.close()

    def _has_place(self, remote: Address) -> bool:
        """A source has a few places; when all places are taken the greediest source loses its idlest connection."""
        host = remote.host
        if not self.admit(remote) or self._per_host[host] + self._handshakes[host] >= _MOST_PER_HOST:
            return False
        if self._handshakes.total() >= _MOST_HANDSHAKES:
            return False
        if len(self._streams) >= _MOST_STREAMS:
            greediest = self._per_host.most_common(1)[0][0]
            idlest = min(
                (flow for flow in self._streams.values() if flow.remote.host == greediest),
                key=lambda flow: flow.last_heard,
            )
            idlest.close()
        return True

    async def _welcome(self, remote: Address, accepted: socket.socket, context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        self._handshakes[remote.host] += 1
        try:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.connect_accepted_socket(
                lambda: StreamFlow(self, self._clock, remote.transport, inbound=True),
                accepted,
                ssl=context,
                ssl_handshake_timeout=_HANDSHAKE_WITHIN if context is not None else None,
            )
        except (OSError, TimeoutError) as error:
            _LOGGER.debug("No connection with %s: %s", remote, error)
        finally:
            self._handshakes[remote.host] -= 1
            if not self._handshakes[remote.host]:
                del self._handshakes[remote.host]

    async def _try_connect(self, remote: Address, within: float, name: str) -> Flow | TransportError:
        try:
            return await self._connect(remote, within, name)
        except TransportError as error:  # for those who wait, not for the log
            return error

    async def _connect(self, remote: Address, within: float, name: str) -> Flow:
        if len(self._streams) >= _MOST_STREAMS:
            raise TransportError(f"Cannot connect to {remote}: too many connections are open.")
        context = None
        if remote.transport == "tls":
            self._trusted = self._trusted or ssl.create_default_context()
            context = self._trusted
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(within):
                _, flow = await loop.create_connection(
                    lambda: StreamFlow(self, self._clock, remote.transport, inbound=False),
                    remote.host,
                    remote.port,
                    ssl=context,
                    server_hostname=(name or remote.host) if context is not None else None,
                )
        except ssl.SSLCertVerificationError as error:
            raise TransportError(
                f"The certificate of {name or remote.host} is not trusted: {error.verify_message}."
            ) from error
        except TimeoutError as error:
            raise TransportError(f"{remote} does not take connections.") from error
        except OSError as error:
            raise TransportError(f"Cannot connect to {remote}: {error.strerror or error}.") from error
        if flow.closed:
            raise TransportError(f"{remote} closed the connection at once.")
        return flow

    def _take(self, data: bytes, flow: Flow) -> None:
        """Hand on a message of an admitted source: at once, or when what is urgent is done."""
        if is_patient(data):
            self._waiting = self._waiting or Waiting(lambda: self.receive)
            self._waiting.add(data, flow)
        else:
            self.receive(data, flow)

    def _admitted(self, source: Address) -> bool:
        return self.admit(source)

    def _udp_for(self, remote: Address) -> UdpListener:
        family = socket.AF_INET6 if ":" in remote.host else socket.AF_INET
        for listener in self._udp:
            if listener.family == family:
                return listener
        raise TransportError(f"{remote} cannot be reached: there is no UDP listener for its kind of address.")


def _parse(text: str) -> Address:
    try:
        return Address.parse(text)
    except ParseError as error:
        raise TransportError(f"Cannot listen on {text!r}: write it as udp://0.0.0.0:5060.") from error


async def _bind(address: Address) -> socket.socket:
    kind = socket.SOCK_STREAM if address.is_stream else socket.SOCK_DGRAM
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(address.host, address.port, type=kind, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise TransportError(f"Cannot listen on {address}: the host {address.host} is not known here.") from error
    family, _, protocol, _, where = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if address.is_stream:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        bound.setblocking(False)
        bound.bind(where)
        if address.is_stream:
            bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise TransportError(_why(address, error)) from error
    return bound


def _why(address: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Cannot listen on {address}: another program uses port {address.port} already. "
            "Stop it, or choose another port under sip.listen."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"Cannot listen on {address}: this machine has no address {address.host}."
    if error.errno == errno.EACCES:
        return f"Cannot listen on {address}: ports below 1024 need more rights than this program has."
    return f"Cannot listen on {address}: {error.strerror or error}."
