"""Handles REGISTER (RFC 3261 section 10.3): several devices per account, kept over a restart.

Whether the sender may register at all is the gatekeeper's answer, given before.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from pbx_lite.calls.bindings import Binding, Bindings
from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import Busy, Conflict, ParseError
from pbx_lite.events import AccountRegistered, AccountUnregistered, EventBus
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.uri import SipUri

_LOGGER = logging.getLogger(__name__)
MIN_EXPIRES, DEFAULT_EXPIRES, MAX_EXPIRES = 60, 3600, 7200


class BindingStore(Protocol):
    """Where bindings outlive a restart, as rows of plain JSON values."""

    def load(self) -> list[tuple[str, dict[str, Any]]]: ...

    def save(self, account: str, rows: Sequence[Mapping[str, Any]]) -> None: ...


class Registrar:
    """`wall` gives wall-clock seconds; `clock` runs the timer that notices expiry."""

    def __init__(
        self, *, store: BindingStore, bus: EventBus, clock: Clock, wall: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._wall = wall
        self._bindings = Bindings(Binding.from_row(account, row) for account, row in store.load())
        self._timer: Timer | None = None
        self._schedule()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def bindings_of(self, account: str) -> list[Binding]:
        return self._bindings.of(account, self._wall())

    def registered(self, account: str) -> bool:
        return bool(self.bindings_of(account))

    def knows(self, source: Address) -> bool:
        """Whether a device is registered from exactly this address."""
        return (source.host, source.port) in self._bindings.hosts()

    def forget_strangers(self, known: Callable[[str], bool]) -> None:
        """Drop the bindings of accounts that are gone: a new door of the same extension is another door."""
        for account in {binding.account for binding in self._bindings.everything()}:
            if not known(account):
                self._bindings.forget(account)
                self._changed(account, was=True)

    def register(self, incoming: IncomingRequest, account: str) -> None:
        """Answer an authenticated REGISTER for `account`."""
        request = incoming.request
        try:
            contacts = [NameAddr.parse(value) for value in request.headers.all("Contact") if value.strip() != "*"]
            expires = _seconds(request.headers.get("Expires"), DEFAULT_EXPIRES)
            cseq = request.cseq.number
            wildcard = any(value.strip() == "*" for value in request.headers.all("Contact"))
            wanted = [(contact, _seconds(contact.param("expires"), expires)) for contact in contacts]
            for contact, _ in wanted:
                SipUri.parse(contact.uri)
        except ParseError as error:
            incoming.respond(error.status)
            return
        if wildcard and (wanted or expires != 0):  # section 10.2.2: it stands alone and with Expires: 0
            incoming.respond(400)
            return
        if any(0 < seconds < MIN_EXPIRES for _, seconds in wanted):
            incoming.respond(423, headers=[("Min-Expires", str(MIN_EXPIRES))])
            return
        was = self.registered(account)
        try:
            if wildcard:
                self._bindings.clear(account, request.call_id, cseq)
            for contact, seconds in wanted:
                self._bind(incoming, account, contact, min(seconds, MAX_EXPIRES), cseq)
        except Conflict:
            incoming.respond(500, headers=[("Retry-After", "1")])
            return
        except Busy as error:
            _LOGGER.warning("%s", error)
            incoming.respond(403)
            return
        if wildcard or wanted:
            self._changed(account, was=was)
        incoming.respond(200, headers=self._contacts(account))

    def _bind(self, incoming: IncomingRequest, account: str, contact: NameAddr, seconds: int, cseq: int) -> None:
        request = incoming.request
        instance = (contact.param("+sip.instance") or "").strip('"')
        if seconds == 0:
            self._bindings.remove(account, instance or contact.uri, request.call_id, cseq)
            return
        now = self._wall()
        binding = Binding(
            account=account,
            contact=contact.uri,
            source=incoming.source,
            expires_at=now + seconds,
            call_id=request.call_id,
            cseq=cseq,
            q=_quality(contact.param("q")),
            instance=instance[:200],
            user_agent=(request.headers.get("User-Agent") or "")[:120],
        )
        self._bindings.put(binding, now)

    def _contacts(self, account: str) -> list[tuple[str, str]]:
        now = self._wall()
        return [
            ("Contact", f"<{binding.contact}>;expires={max(1, round(binding.expires_at - now))};q={binding.q:g}")
            for binding in self._bindings.of(account, now)
        ]

    def _changed(self, account: str, *, was: bool) -> None:
        bindings = self._bindings.of(account, self._wall())
        self._store.save(account, [binding.row() for binding in bindings])
        if bindings and not was:
            _LOGGER.info("%s registered from %s", account, bindings[0].source)
            self._bus.publish(AccountRegistered(account=account))
        elif was and not bindings:
            _LOGGER.info("%s is no longer registered", account)
            self._bus.publish(AccountUnregistered(account=account))
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        expiry = self._bindings.next_expiry()
        if expiry is not None:
            delay = max(0.0, expiry - self._wall()) + 0.05
            self._timer = self._clock.call_later(delay, self._expire)

    def _expire(self) -> None:
        self._timer = None
        for account in self._bindings.sweep(self._wall()):
            self._changed(account, was=True)
        self._schedule()


def _seconds(value: str | None, default: int) -> int:
    """Delta seconds; malformed ones count as the default (RFC 3261 section 10.2.1.1 says so of Contact's)."""
    if value is None:
        return default
    text = value.strip()
    return min(int(text), 2**31) if text.isascii() and text.isdigit() and len(text) < 12 else default


def _quality(value: str | None) -> float:
    try:
        return min(1.0, max(0.0, float(value))) if value else 1.0
    except ValueError:
        return 1.0
