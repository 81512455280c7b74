"""The seam between the user agent and what carries its messages, so that tests can carry them by hand."""

from collections.abc import Callable, Sequence
from typing import Protocol

from pbx_lite.errors import TransportError
from pbx_lite.sip.address import Address

KEEP_ALIVE = b"\r\n\r\n"
"""What keeps the way through a router open; in a stream it asks for one line end back (RFC 5626 section 3.5.1)."""

type OnFailure = Callable[[TransportError], None]


class Flow(Protocol):
    """A way to one remote end: a UDP socket with the other side's address, or a connection."""

    @property
    def remote(self) -> Address: ...

    @property
    def local(self) -> Address:
        """Our end as the remote end sees it; its host is never a wildcard."""
        ...

    @property
    def closed(self) -> bool: ...

    def send(self, data: bytes) -> None:
        """Send now or never.  Raises TransportError where the flow is closed or the network is unreachable."""
        ...


type Receive = Callable[[bytes, Flow], None]
type Admit = Callable[[Address], bool]


class Network(Protocol):
    """Every listener and connection of an endpoint.  Whole messages of admitted sources go to `receive`."""

    receive: Receive
    admit: Admit

    @property
    def listening(self) -> list[Address]: ...

    async def start(self, listen: Sequence[str]) -> None:
        """Raises TransportError with a sentence for a busy port, an unknown address or a missing certificate."""
        ...

    async def stop(self) -> None: ...

    def flow(self, remote: Address) -> Flow | None:
        """The way to `remote` that is open already; UDP's always is.  Raises TransportError without such a listener."""
        ...

    async def connect(self, remote: Address, *, within: float, name: str = "") -> Flow:
        """The way to `remote`, opened within so many seconds if need be.  Raises TransportError.

        `name` is the host name that a TLS certificate has to be for.
        """
        ...

    def local(self, remote: Address) -> Address:
        """Where `remote` can reach us, for Via and Contact: the listener of that transport, else the first one."""
        ...

    def keep_alive(self, remote: Address, *, strict: bool = False) -> None:
        """Keep the way to `remote` open, where there is one; a `strict` one has to be answered in a connection.

        Raises TransportError like `Flow.send`.
        """
        ...

    def expect(self, remote: Address, seconds: float) -> None:
        """End the connection with `remote` when it shows no sign of life for so long."""
        ...

    def on_lost(self, listener: Callable[[Flow], None]) -> None:
        """Hear of every connection that ended."""
        ...
