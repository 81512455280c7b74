"""What every part of the user agent shares: transactions, sessions by their tags, how we introduce ourselves."""

import secrets
from collections.abc import Callable, Iterable
from typing import Protocol

from pbx_lite.clock import Clock
from pbx_lite.sip.address import Address, bracketed
from pbx_lite.sip.client import ClientTransactions
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request, Response, response
from pbx_lite.sip.server import ServerTransaction
from pbx_lite.sip.transaction import Timers
from pbx_lite.sip.transport import Network

METHODS = (
    "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY", "SUBSCRIBE",
    "MESSAGE", "PUBLISH",
)  # fmt: skip
ALLOW = ", ".join(METHODS)
_ALLOW_IN_CALLS = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY"
"""Shorter, for INVITE has to fit into a datagram."""
ABILITIES = frozenset({"timer", "norefersub", "replaces"})
"""What every session of ours can do; 100rel is left to the endpoint's owner (RFC 4028, 4488, 3891)."""
WITH_CONTACT = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER", "REGISTER"})

type Fields = Iterable[tuple[str, str]]


class DialogUser(Protocol):
    """A session as the endpoint sees it."""

    def receive(self, transaction: ServerTransaction) -> None: ...

    def acknowledged(self, request: Request) -> None: ...

    def abandon(self) -> None:
        """The endpoint stops: nothing more is sent or told."""
        ...


class Agent:
    """Shared by the endpoint and its sessions."""

    def __init__(
        self,
        clients: ClientTransactions,
        network: Network,
        *,
        clock: Clock,
        timers: Timers,
        user_agent: str,
        supported: Iterable[str],
        advertise: Callable[[Address, str], str] | None,
        locate: Callable[[str, Address], Address | None] | None = None,
    ) -> None:
        self.clients = clients
        self.network = network
        self.clock = clock
        self.timers = timers
        self.user_agent = user_agent
        self.supported = ABILITIES.union(supported)
        self.sessions: dict[tuple[str, str], DialogUser] = {}
        self._supported = ", ".join(sorted(self.supported))
        self._advertise = advertise
        self._locate = locate

    def contact(self, remote: Address, user: str = "") -> str:
        """Our Contact for this remote end."""
        local = self.network.local(remote)
        host = self._advertise(remote, local.host) if self._advertise else local.host
        at = f"{user}@" if user else ""
        transport = f";transport={remote.transport}" if remote.is_stream else ""
        return f"<sip:{at}{bracketed(host)}:{local.port}{transport}>"

    def locate(self, contact: str, lost: Address) -> Address | None:
        """Where a peer with this Contact is now that its connection from `lost` is gone, if anybody knows."""
        return self._locate(contact, lost) if self._locate is not None else None

    def add_contact(self, request: Request, remote: Address) -> None:
        """Complete a request on its way to `remote`; the Contact's user is that of From."""
        if "contact" not in request.headers:
            request.headers.add("Contact", self.contact(remote, user_of(request.from_)))

    def introduce(self, request: Request) -> None:
        """Add what every request of ours says about us."""
        headers = request.headers
        headers.add("User-Agent", self.user_agent)
        if request.method in {"INVITE", "UPDATE", "OPTIONS"}:
            headers.add("Allow", ALLOW if request.method == "OPTIONS" else _ALLOW_IN_CALLS)
            headers.add("Supported", self._supported)
        add_type(request)

    def response(
        self,
        request: Request,
        status: int,
        reason: str | None = None,
        *,
        tag: str,
        headers: Fields = (),
        body: bytes = b"",
        contact: str | None = None,
    ) -> Response:
        """Build a response of ours, as RFC 3261 asks: Allow with 405, Contact and abilities where they belong."""
        answer = response(request, status, reason, to_tag=tag, headers=headers, body=body)
        fields = answer.headers
        if contact is not None and "contact" not in fields:
            fields.add("Contact", contact)
        if status != 100:
            if (
                status == 405 or (200 <= status < 300 and request.method in {"INVITE", "OPTIONS"})
            ) and "allow" not in fields:
                fields.add("Allow", _ALLOW_IN_CALLS if request.method == "INVITE" else ALLOW)
            if 200 <= status < 300 and request.method in {"INVITE", "OPTIONS"}:
                fields.add("Supported", self._supported)
            fields.add("Server", self.user_agent)
        add_type(answer)
        return answer

    def answer(
        self,
        transaction: ServerTransaction,
        status: int,
        headers: Fields = (),
        body: bytes = b"",
        reason: str | None = None,
    ) -> None:
        """Respond to a request that makes no dialog."""
        transaction.respond(
            self.response(transaction.request, status, reason, tag=new_tag(), headers=headers, body=body)
        )


def add_type(message: Request | Response) -> None:
    """A body without a type is SDP, what nearly all bodies are."""
    if message.body and "content-type" not in message.headers:
        message.headers.add("Content-Type", "application/sdp")


def user_of(address: NameAddr) -> str:
    """The user part as written, "" where there is none."""
    _, colon, rest = address.uri.partition(":")
    user, at, _ = rest.partition("@")
    return user if colon and at else ""


def new_tag() -> str:
    return secrets.token_hex(8)
