"""Short texts from phone to phone, to Home Assistant and from it (RFC 3428)."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.exchange import ServeRequest
from pbx_lite.calls.party import Party
from pbx_lite.calls.rate import RateLimit
from pbx_lite.clock import Clock
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.errors import Invalid, NotFound, ParseError, SipError, Unavailable
from pbx_lite.events import EventBus, MessageReceived
from pbx_lite.sip.address import Address, bracketed
from pbx_lite.sip.endpoint import Endpoint, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import Tasks

HOME = "home"
"""What is dialled for Home Assistant; the PBX itself, without a user, means the same."""
LONGEST = 4000  # bytes of a text
_ENOUGH = 4.0  # seconds to wait for a phone, then the sender hears 202: it may still arrive
_PER_SECOND, _BURST = 0.5, 20.0
_MOST_UNDER_WAY = 500
_TEXT = "text/plain"
_TYPING = "application/im-iscomposing+xml"  # "is writing …", of no interest to anybody but the other phone
_TYPES = {_TEXT, _TYPING}

_LOGGER = logging.getLogger(__name__)


class Devices(Protocol):
    """What is asked of the exchange."""

    endpoint: Endpoint
    requests: dict[str, ServeRequest]
    speaker: Callable[[Account], tuple[Party, Account]]

    def devices_of(self, people: Iterable[str]) -> list[tuple[str, Binding]]: ...

    def host_towards(self, peer: Address | None) -> str: ...


class Messages:
    """Serves MESSAGE.  A text goes to every phone of a person; the bus hears of each with words in it."""

    def __init__(self, *, directory: Directory, exchange: Devices, bus: EventBus, clock: Clock) -> None:
        self._directory = directory
        self._exchange = exchange
        self._bus = bus
        self._clock = clock
        self._rate = RateLimit(per_second=_PER_SECOND, burst=_BURST)
        self._under_way = 0
        self._tasks = Tasks("messages")
        exchange.requests["MESSAGE"] = self._serve

    async def close(self) -> None:
        self._exchange.requests.pop("MESSAGE", None)
        await self._tasks.close()

    async def send(self, by: str, to: str, text: str) -> None:
        """`by` and `to` are users; an empty `by` is the home itself.

        Raises NotFound, Invalid for a text that is empty or too long, Unavailable where no phone takes it.
        """
        user = self._directory.user(to)
        body = text.encode()
        if not text.strip() or len(body) > LONGEST:
            raise Invalid(f"A message has between 1 and {LONGEST} bytes.")
        sender = self._directory.user(by) if by else None
        name, number = (sender.display_name, sender.extension) if sender is not None else ("Home", HOME)
        status = await self._deliver(user.name, name, number, _TEXT, body)
        if status >= 300:
            raise Unavailable(f"No phone of {user.display_name} takes the message now.")

    def _serve(self, incoming: IncomingRequest, account: Account) -> None:
        _, account = self._exchange.speaker(account)
        try:
            recipient = self._judge(incoming.request, account)
        except ParseError as error:
            hints = {415: [("Accept", _TEXT)], 480: [("Retry-After", "60")]}
            incoming.respond(error.status, headers=hints.get(error.status, []))
            return
        if recipient == HOME:
            self._tell(incoming.request, account, HOME)
            incoming.respond(200)
        else:
            self._tasks.spawn(self._pass_on(incoming, account, recipient), name=f"from {account.name}")

    def _judge(self, request: Request, account: Account) -> str:
        """The user whom it goes to, or HOME.  Raises ParseError with the status of the refusal."""
        if request.content_type not in _TYPES:
            raise ParseError("Only text is passed on", 415)
        if len(request.body) > LONGEST:
            raise ParseError("The message is too long", 413)
        if not self._rate.admits(account.name, self._clock.time()) or self._under_way >= _MOST_UNDER_WAY:
            raise ParseError("Too many messages", 480)
        number = SipUri.parse(request.uri).user
        if number in {"", HOME}:
            return HOME
        found = self._directory.by_extension(number)
        if found is None or found.kind is not AccountKind.USER:
            raise ParseError("Nobody has this number", 404)
        return found.owner

    async def _pass_on(self, incoming: IncomingRequest, account: Account, recipient: str) -> None:
        request = incoming.request
        number = account.extension or self._number_of(account)
        content_type = request.headers.get("content-type") or _TEXT
        status = await self._deliver(recipient, account.display_name, number, content_type, request.body)
        if status < 300:
            self._tell(request, account, recipient)
        incoming.respond(status)

    async def _deliver(self, user: str, name: str, number: str, content_type: str, body: bytes) -> int:
        """Send to all phones: 200 once one took it, 202 where none has answered yet, 480 where none will."""
        phones = [binding for _, binding in self._exchange.devices_of([user])]
        waiting = {
            self._tasks.spawn(self._send(phone, name, number, content_type, body), name=f"to {phone.account}")
            for phone in phones
        }
        end = self._clock.time() + _ENOUGH
        while waiting:
            left = end - self._clock.time()
            done, waiting = await asyncio.wait(waiting, timeout=max(0.0, left), return_when=asyncio.FIRST_COMPLETED)
            if any(task.result() for task in done):
                return 200
            if not done:
                return 202
        return 480

    async def _send(self, phone: Binding, name: str, number: str, content_type: str, body: bytes) -> bool:
        """Whether the phone took it."""
        host = bracketed(self._exchange.host_towards(phone.source))
        self._under_way += 1
        try:
            answer = await self._exchange.endpoint.request(
                "MESSAGE",
                phone.contact,
                from_=NameAddr(name, f"sip:{number}@{host}"),
                to=NameAddr("", f"sip:{phone.account}@{host}"),
                target=phone.source,
                headers=[*(("Route", route) for route in phone.path), ("Content-Type", content_type)],
                body=body,
            )
        except SipError as error:
            _LOGGER.debug("No message to %s: %s", phone.account, error)
            return False
        finally:
            self._under_way -= 1
        return answer.status < 300

    def _tell(self, request: Request, account: Account, to: str) -> None:
        text = request.body.decode("utf-8", "replace")
        if request.content_type == _TEXT and text.strip():
            user = account.owner if account.kind is AccountKind.USER else ""
            sender = account.display_name or account.name
            self._bus.publish(MessageReceived(sender=sender, sender_user=user, to=to, text=text))

    def _number_of(self, account: Account) -> str:
        """What the phone of a person without a number of its own is answered by."""
        try:
            return self._directory.user(account.owner).extension
        except NotFound:
            return account.name
