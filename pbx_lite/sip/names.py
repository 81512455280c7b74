"""What the name service knows: records of a name, kept as long as they may be, and the hosts that need none."""

import asyncio
import importlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, Protocol

from pbx_lite.clock import Clock
from pbx_lite.errors import TransportError
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_ASK_FOR = 3.0  # seconds for one question, all name servers together
_MOST = 1000  # answers kept
_SHORTEST, _LONGEST = 5.0, 86400.0  # seconds an answer is kept, whatever its TTL
_UNANSWERED = 60.0  # seconds before a question that got no answer is asked again; an old answer serves meanwhile
_MOST_ROWS = 32  # records of one answer
_HOSTS = Path("/etc/hosts")

type Kind = Literal["A", "AAAA", "NAPTR", "SRV"]
type Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Records of one kind; none where the name has none of it.  `ttl` is in seconds.

    A and AAAA rows are (host,); SRV (priority, weight, port, target); NAPTR (order, preference, flags, service,
    replacement), names without the dot at their end.
    """

    rows: tuple[Row, ...] = ()
    ttl: float = _UNANSWERED


class Ask(Protocol):
    async def __call__(self, name: str, kind: Kind) -> Answer:
        """Ask a name server.  Raises TransportError where none answers."""
        ...


class NameServer:
    """Asks with dnspython, which is loaded with the first question.

    `server` is `192.0.2.53` or `192.0.2.53:5353`; empty for those of the system.
    """

    def __init__(self, server: str = "") -> None:
        host, colon, port = server.rpartition(":")
        self._host, self._port = (host, int(port)) if colon and port.isdigit() and ":" not in host else (server, 53)

    async def __call__(self, name: str, kind: Kind) -> Answer:
        library = await asyncio.to_thread(_load)  # takes a tenth of a second the first time
        try:
            asking = library.asyncresolver.Resolver(configure=not self._host)
            if self._host:
                asking.nameservers, asking.port = [self._host], self._port
            found = await asking.resolve(name, kind, raise_on_no_answer=False, lifetime=_ASK_FOR, search=False)
        except library.resolver.NXDOMAIN:
            return Answer()
        except (library.exception.DNSException, OSError, ValueError) as error:
            raise TransportError(f"No name server answers for {name}: {error}") from error
        rows = [_READ[kind](record) for record in found][:_MOST_ROWS]
        return Answer(tuple(rows), float(found.chaining_result.minimum_ttl))


class NameCache:
    """Answers as long as they are valid; where the name service is away, old ones a little longer.

    Those who ask the same at the same time share one question.
    """

    def __init__(self, clock: Clock, ask: Ask) -> None:
        self._clock = clock
        self._ask = ask
        self._kept: dict[tuple[str, Kind], tuple[float, Answer]] = {}
        self._asking: dict[tuple[str, Kind], asyncio.Task[Answer]] = {}
        self._tasks = Tasks("name service")

    async def close(self) -> None:
        await self._tasks.close()

    async def rows(self, name: str, kind: Kind) -> tuple[Row, ...]:
        """The records, none also where nobody answers."""
        key = (name.lower().rstrip("."), kind)
        until, kept = self._kept.get(key, (0.0, Answer()))
        if key in self._kept and self._clock.time() < until:
            return kept.rows
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = self._tasks.spawn(self._learn(key, kept), name=f"{kind} of {name}")
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        return (await asyncio.shield(asking)).rows

    async def _learn(self, key: tuple[str, Kind], old: Answer) -> Answer:
        try:
            answer = await self._ask(*key)
            ttl = min(max(answer.ttl, _SHORTEST), _LONGEST)
        except TransportError as error:
            _LOGGER.debug("%s", error.message)
            answer, ttl = old, _UNANSWERED
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = (self._clock.time() + ttl, answer)
        return answer


class HostsFile:
    """The names of this machine's own list, read anew when the file changes."""

    def __init__(self, file: Path = _HOSTS) -> None:
        self._file = file
        self._stamp: tuple[int, int] = (0, -1)
        self._names: dict[str, list[str]] = {}

    def __call__(self, name: str) -> list[str]:
        """The addresses of a name, none where the list does not have it."""
        try:
            status = self._file.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._stamp, self._names = stamp, _names_in(self._file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            return []
        return self._names.get(name.lower().rstrip("."), [])


async def ask_system(name: str, *, within: float) -> list[str]:
    """The addresses that the system finds, as it does for names of this network.  Raises TransportError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within):
            found = await loop.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise TransportError(f"The host {name} is not known; check its name and the name server.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_local_name(name: str) -> bool:
    """Whether only this network may know the name: a single word, or one of multicast DNS (RFC 6762)."""
    bare = name.rstrip(".").lower()
    return "." not in bare or bare.endswith((".local", ".localhost"))


def _names_in(text: str) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for line in text.splitlines():
        address, *aliases = line.partition("#")[0].split() or [""]
        try:
            ip_address(address.partition("%")[0])
        except ValueError:
            continue
        for alias in aliases:
            names.setdefault(alias.lower(), []).append(address)
    return names


def _load() -> Any:
    importlib.import_module("dns.asyncresolver")
    return importlib.import_module("dns")


def _text(name: Any) -> str:
    return str(name.to_text(omit_final_dot=True)) if str(name) != "." else "."


_READ: dict[Kind, Callable[[Any], Row]] = {
    "A": lambda record: (record.address,),
    "AAAA": lambda record: (record.address,),
    "SRV": lambda record: (record.priority, record.weight, record.port, _text(record.target)),
    "NAPTR": lambda record: (
        record.order,
        record.preference,
        record.flags.decode("ascii", "replace").lower(),
        record.service.decode("ascii", "replace").upper(),
        _text(record.replacement),
    ),
}
