"""ICE for one session: which servers to use, local candidates quickly, and a direct way to send (RFC 8445)."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aioice
from aioice import ice, stun
from aioice.candidate import Candidate

from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

MAX_ADDRESSES = 8
MAX_REMOTE_CANDIDATES = 64
UNREACHABLE_SECONDS = 300.0  # how long a server that did not answer is not waited for

_URL = re.compile(
    r"(stun|turn|turns):(?:\[([^\]]+)\]|([^?:\[\]]+))(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?", re.IGNORECASE
)

_unreachable: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class IceServer:
    """One STUN or TURN address; `transport` is `udp`, `tcp` or `tls`."""

    kind: str
    host: str
    port: int
    transport: str = "udp"
    username: str = ""
    credential: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.host}:{self.port}/{self.transport}"


def choose_servers(servers: Iterable[Mapping[str, Any]]) -> list[IceServer]:
    """One STUN, one TURN over UDP and one TURN over TCP or TLS; whatever is unusable is left out."""
    chosen: dict[tuple[str, bool], IceServer] = {}
    for entry in servers:
        urls = entry.get("urls") or ()
        for url in (urls,) if isinstance(urls, str) else urls:
            server = _parse(str(url), entry)
            if server is not None:
                chosen.setdefault((server.kind, server.transport == "udp"), server)
    return list(chosen.values())


def host_addresses() -> list[str]:
    """Addresses of this machine; loopback only where there is nothing else."""
    addresses = [
        address for address in ice.get_host_addresses(use_ipv4=True, use_ipv6=True) if not _link_local(address)
    ]
    return addresses[:MAX_ADDRESSES] or ["127.0.0.1", "::1"]


class IceConnection(aioice.Connection):
    """The controlled side of one ICE session, which DTLS uses as its transport.

    Host candidates are there at once; a STUN or TURN server that answers late still adds its candidate: to the
    checks, and to the browser through `on_candidate`.
    """

    def __init__(self, servers: Sequence[IceServer], addresses: Sequence[str]) -> None:
        super().__init__(ice_controlling=False)
        self.role = "controlled"
        self.on_candidate: Callable[[Candidate], None] | None = None
        self._servers = servers
        self._addresses = addresses
        self._gathering: set[asyncio.Task[None]] = set()
        self._tasks = Tasks("ICE")
        # What aiortc's DTLS transport calls its ICE transport by.
        self._recv = self.recv
        self._send = self.send

    @property
    def closing(self) -> bool:
        """Whether it was closed, by us or because the browser's consent ran out."""
        return self._closing

    @property
    def gathered(self) -> bool:
        """Whether no candidate can follow."""
        return not self._gathering

    async def gather(self, seconds: float) -> None:
        """Find local candidates; servers that answered lately are given `seconds` to do so."""
        now = asyncio.get_running_loop().time()
        self._local_candidates_start = True
        self._local_candidates += await self.get_component_candidates(1, list(self._addresses))
        self._local_candidates_end = True
        hosts = list(self._protocols)
        awaited = []
        for server in self._servers:
            task = self._tasks.spawn(self._ask(server, hosts), name=str(server))
            self._gathering.add(task)
            task.add_done_callback(self._gathering.discard)
            if now - _unreachable.get(str(server), -UNREACHABLE_SECONDS) >= UNREACHABLE_SECONDS:
                awaited.append(task)
        if awaited:
            _, late = await asyncio.wait(awaited, timeout=seconds)
            _unreachable.update((task.get_name().removeprefix("ICE: "), now) for task in late)

    async def add_remote(self, line: str) -> None:
        """A candidate of the browser as in SDP; what cannot be used is ignored."""
        if self._closing or len(self._remote_candidates) >= MAX_REMOTE_CANDIDATES:
            return
        try:
            candidate = Candidate.from_sdp(line.strip().removeprefix("a=").removeprefix("candidate:"))
        except ValueError:
            _LOGGER.debug("A browser sent a faulty candidate: %.200s", line)
            return
        if candidate.transport.lower() != "udp" or candidate.component != 1:
            return
        if candidate.host.endswith(".local"):
            # A name of multicast DNS is resolved where that is possible.  Where it is not, the browser's own checks
            # show its address (RFC 8445 section 7.3.1.3).
            self._tasks.spawn(self._add_named(candidate), name=candidate.host)
        else:
            await self.add_remote_candidate(candidate)

    def send_now(self, data: bytes) -> None:
        """Send on the selected pair; nothing happens without one."""
        pair = self._nominated.get(1)
        if pair is not None:
            pair.protocol.transport.sendto(data, pair.remote_addr)

    async def close(self) -> None:
        self._closing = True
        self.on_candidate = None
        await self._tasks.close()
        await super().close()

    async def _add_named(self, candidate: Candidate) -> None:
        try:
            await self.add_remote_candidate(candidate)
        except OSError as error:
            _LOGGER.debug("No multicast DNS here: %s", error)

    async def _ask(self, server: IceServer, hosts: Sequence[ice.StunProtocol]) -> None:
        try:
            if server.kind == "stun":
                for protocol in hosts:
                    if ":" not in protocol.local_candidate.host:
                        candidate, _ = await ice.server_reflexive_candidate(protocol, (server.host, server.port))
                        self._add_local(candidate, None)
            else:
                self._add_local(*await self._relay(server))
        except (OSError, ValueError, KeyError, stun.TransactionError) as error:
            _unreachable[str(server)] = asyncio.get_running_loop().time()
            _LOGGER.debug("%s gave no candidate: %s", server, error)
        else:
            _unreachable.pop(str(server), None)

    async def _relay(self, server: IceServer) -> tuple[Candidate, ice.StunProtocol]:
        return await ice.relayed_candidate(
            component=1,
            hide_related_address=False,
            protocol_factory=lambda: ice.StunProtocol(self),
            turn_server=(server.host, server.port),
            turn_username=server.username,
            turn_password=server.credential,
            turn_ssl=server.transport == "tls",
            turn_transport="udp" if server.transport == "udp" else "tcp",
        )

    def _add_local(self, candidate: Candidate, protocol: ice.StunProtocol | None) -> None:
        if any((known.host, known.port) == (candidate.host, candidate.port) for known in self._local_candidates):
            return  # not behind NAT: the server sees a host candidate
        self._local_candidates.append(candidate)
        if protocol is not None:
            self._protocols.append(protocol)
            if self._early_checks_done and not self._check_list_done:
                for remote in self._remote_candidates:
                    self._pair_remote_candidate(remote)
                self.sort_check_list()
        if self.on_candidate is not None:
            self.on_candidate(candidate)


def _parse(url: str, entry: Mapping[str, Any]) -> IceServer | None:
    match = _URL.fullmatch(url.strip())
    if match is None:
        return None
    scheme, bracketed, name, port, transport = match.groups()
    scheme = scheme.lower()
    host = bracketed or name
    username, credential = entry.get("username") or "", entry.get("credential") or ""
    if scheme == "stun":
        return IceServer("stun", host, int(port or 3478))
    if not username or not credential:
        return None
    if scheme == "turns":
        return None if transport == "udp" else IceServer("turn", host, int(port or 5349), "tls", username, credential)
    return IceServer("turn", host, int(port or 3478), (transport or "udp").lower(), username, credential)


def _link_local(address: str) -> bool:
    return address.startswith("169.254.") or address.lower().startswith("fe80:")
