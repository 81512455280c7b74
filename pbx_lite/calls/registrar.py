"""Handles REGISTER (RFC 3261 section 10.3): several devices per account, kept over a restart.

Also the way back through proxies (RFC 3327), flows of phones behind NAT (RFC 5626), and addresses of one device alone
(RFC 5627), each for phones that ask for it.

Whether the sender may register at all is the gatekeeper's answer, given before.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import quote as percent

from pbx_lite.calls.bindings import Binding, Bindings
from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import Busy, Conflict, ParseError
from pbx_lite.events import AccountRegistered, AccountUnregistered, EventBus
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.headers import NameAddr, quote
from pbx_lite.sip.message import Request
from pbx_lite.sip.uri import SipUri, unescape

_LOGGER = logging.getLogger(__name__)
MIN_EXPIRES, DEFAULT_EXPIRES, MAX_EXPIRES = 60, 3600, 7200
FLOW_TIMER = 120
"""Seconds within which phones that keep a connection for us must show a sign of life."""
_SAVE_WITHIN = 0.2  # seconds until changes are kept, many in one go: after a power cut all phones come at once
_MOST_PATH = 10

type Rows = Sequence[Mapping[str, Any]]


class BindingStore(Protocol):
    """Where bindings outlive a restart, as rows of plain JSON values."""

    def load(self) -> list[tuple[str, dict[str, Any]]]: ...

    def save(self, accounts: Mapping[str, Rows]) -> None:
        """Replace the rows of these accounts, soon."""
        ...


class Registrar:
    """`wall` gives wall-clock seconds, once; from then on `clock` counts, so that setting the clock ends nothing."""

    def __init__(
        self, *, store: BindingStore, bus: EventBus, clock: Clock, wall: Callable[[], float] = time.time
    ) -> None:
        self.on_change: list[Callable[[str], None]] = []
        """Told an account whenever anything about its bindings changed, a refresh too."""
        self.expects: Callable[[Address, float], None] = lambda _source, _seconds: None
        """Told of connections that must show a sign of life every so many seconds."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._offset = wall() - clock.time()
        self._bindings = Bindings(self._revived(store.load()))
        self._timer: Timer | None = None
        self._due = 0.0
        self._unsaved: dict[str, None] = {}
        self._saving: Timer | None = None
        self._schedule()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._saving is not None:
            self._saving.cancel()
            self._save()

    def bindings_of(self, account: str) -> list[Binding]:
        """The devices of an account, the preferred ones first."""
        return self._bindings.of(account, self._now())

    def registered(self, account: str) -> bool:
        return bool(self._bindings.flows(account, self._now()))

    def knows(self, source: Address) -> bool:
        """Whether a device is registered from exactly this address."""
        return self._bindings.known(source)

    def everything(self) -> list[Binding]:
        return self._bindings.everything()

    def addressed(self, account: str, uri: SipUri) -> list[Binding]:
        """The devices that a URI of this account means: all of them, or the one whose GRUU it is (RFC 5627)."""
        instance = uri.param("gr")
        found = self.bindings_of(account)
        if instance is None:
            return found
        return [binding for binding in found if binding.instance.strip("<>") == unescape(instance)]

    def lost(self, source: Address) -> None:
        """A connection ended: phones that keep it alive are gone until they come again."""
        for account in self._bindings.lose(source):
            self._changed(account, was=True)

    def locate(self, contact: str, lost: Address) -> Address | None:
        """Where the device behind a Contact is registered now that its connection from `lost` is gone.

        A phone that connects anew often has another port in its Contact; then its user and host say who it is.
        """
        elsewhere = [each for each in self.everything() if each.source != lost and each.expires_at > self._now()]
        for binding in elsewhere:
            if binding.contact == contact:
                return binding.source
        try:
            user = SipUri.parse(contact).user
            found = [each for each in elsewhere if each.source.host == lost.host and _user_of(each) == user]
        except ParseError:
            return None
        return found[0].source if len(found) == 1 else None

    def forget_strangers(self, known: Callable[[str], bool]) -> None:
        """Drop the bindings of accounts that are gone: a new door of the same extension is another door."""
        for account in self._bindings.accounts():
            if not known(account):
                self._bindings.forget(account)
                self._changed(account, was=True)

    def register(self, incoming: IncomingRequest, account: str) -> None:
        """Answer an authenticated REGISTER for `account`."""
        try:
            wish = _Wish(incoming.request)
        except ParseError as error:
            incoming.respond(error.status)
            return
        if (refusal := wish.refusal) is not None:
            incoming.respond(refusal[0], headers=refusal[1])
            return
        was = self.registered(account)
        try:
            if wish.everything:
                self._bindings.clear(account, incoming.request.call_id, wish.cseq, self._now())
            for contact, seconds in wish.contacts:
                self._bind(incoming, account, contact, min(seconds, MAX_EXPIRES), wish)
        except Conflict:
            incoming.respond(500, headers=[("Retry-After", "1")])
            return
        except Busy as error:
            _LOGGER.warning("%s", error)
            incoming.respond(403)
            return
        if wish.everything or wish.contacts:
            self._changed(account, was=was)
        headers = self._contacts(account, incoming.request, wish)
        if any(wish.flow(contact) for contact, _ in wish.contacts):
            headers += [("Require", "outbound"), ("Flow-Timer", str(FLOW_TIMER))]
            if incoming.source.is_stream:
                self.expects(incoming.source, FLOW_TIMER)
        incoming.respond(200, headers=headers)

    def _bind(self, incoming: IncomingRequest, account: str, contact: NameAddr, seconds: int, wish: _Wish) -> None:
        request = incoming.request
        now = self._now()
        binding = Binding(
            account=account,
            contact=contact.uri,
            source=incoming.source if wish.path else _address_of(incoming, contact),
            expires_at=now + seconds,
            call_id=request.call_id,
            cseq=wish.cseq,
            q=_quality(contact.param("q")),
            instance=_instance_of(contact),
            user_agent=(request.headers.get("User-Agent") or "")[:120],
            path=wish.path,
            reg_id=wish.flow(contact),
            at=now,
        )
        if seconds == 0:
            self._bindings.remove(account, binding.key, request.call_id, wish.cseq, now)
        else:
            self._bindings.put(binding, now)

    def _contacts(self, account: str, request: Request, wish: _Wish) -> list[tuple[str, str]]:
        now = self._now()
        gruu = "gruu" in wish.supported
        headers = [("Contact", _shown(binding, now, request if gruu else None)) for binding in self._flows(account)]
        if "path" in wish.supported:
            headers += [("Path", value) for value in wish.path]
        return headers

    def _flows(self, account: str) -> list[Binding]:
        found = self._bindings.flows(account, self._now())
        return found if len(found) < 2 else sorted(found, key=lambda binding: (-binding.q, -binding.expires_at))

    def _now(self) -> float:
        return self._clock.time() + self._offset

    def _revived(self, rows: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[Binding]:
        """What an earlier run kept; flows of connections ended with it, and no clock gives anybody years."""
        latest = self._now() + MAX_EXPIRES
        for account, row in rows:
            binding = Binding.from_row(account, row)
            if not (binding.reg_id and binding.source.is_stream):
                yield replace(binding, expires_at=min(binding.expires_at, latest))

    def _changed(self, account: str, *, was: bool) -> None:
        self._unsaved[account] = None
        if self._saving is None:
            self._saving = self._clock.call_later(_SAVE_WITHIN, self._save)
        bindings = self._bindings.flows(account, self._now())
        if bindings and not was:
            _LOGGER.info("%s registered from %s", account, bindings[0].source)
            self._bus.publish(AccountRegistered(account=account))
        elif was and not bindings:
            _LOGGER.info("%s is no longer registered", account)
            self._bus.publish(AccountUnregistered(account=account))
        for listener in tuple(self.on_change):
            listener(account)
        self._schedule()

    def _save(self) -> None:
        self._saving = None
        now = self._now()
        self._store.save(
            {account: [binding.row() for binding in self._bindings.flows(account, now)] for account in self._unsaved}
        )
        self._unsaved.clear()

    def _schedule(self) -> None:
        """Wake at the next expiry; a timer that rings before it does no harm."""
        expiry = self._bindings.next_expiry()
        if expiry is None or (self._timer is not None and self._due <= expiry):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = expiry
        self._timer = self._clock.call_later(max(0.0, expiry - self._now()) + 0.05, self._expire)

    def _expire(self) -> None:
        self._timer = None
        for account in self._bindings.sweep(self._now()):
            self._changed(account, was=True)
        self._schedule()


class _Wish:
    """What a REGISTER asks for: contacts with their seconds, or that `everything` goes.  Raises ParseError."""

    def __init__(self, request: Request) -> None:
        values = request.headers.all("contact")
        expires = _seconds(request.headers.get("expires"), DEFAULT_EXPIRES)
        found = [NameAddr.parse(value) for value in values if value.strip() != "*"]
        for contact in found:
            SipUri.parse(contact.uri)
        self.cseq = request.cseq.number
        self.contacts = [(contact, _seconds(contact.param("expires"), expires)) for contact in found]
        self.everything = len(found) < len(values)
        self.supported = request.tokens("supported")
        self.path = tuple(str(NameAddr.parse(value)) for value in request.headers.all("path")[:_MOST_PATH])
        self._alone = not found and expires == 0
        self._outbound = "outbound" in self.supported
        self._hops = len(request.vias) if self._outbound else 1

    @property
    def refusal(self) -> tuple[int, list[tuple[str, str]]] | None:
        """What it is refused with, whoever sends it."""
        if self.everything and not self._alone:  # section 10.2.2: it stands alone and with Expires: 0
            return 400, []
        if any(0 < seconds < MIN_EXPIRES for _, seconds in self.contacts):
            return 423, [("Min-Expires", str(MIN_EXPIRES))]
        if any(self._lacks_first_hop(contact) for contact, _ in self.contacts):
            return 439, []
        return None

    def flow(self, contact: NameAddr) -> int:
        """The number of the flow that the phone keeps for us, 0 where it keeps none (RFC 5626 section 6)."""
        if not self._outbound or not _instance_of(contact):
            return 0
        text = contact.param("reg-id") or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0

    def _lacks_first_hop(self, contact: NameAddr) -> bool:
        """Whether a proxy in between does not say that it keeps the flow."""
        if self._hops < 2 or not self.flow(contact):
            return False
        return not self.path or NameAddr.parse(self.path[-1]).sip_uri.param("ob") is None


def _address_of(incoming: IncomingRequest, contact: NameAddr) -> Address:
    """Where the device is reached: where it sends from, for that passes NAT.

    One that says truly in its Via where that is has no NAT before it; if then its Contact names another port of its
    own, it listens there.
    """
    source, via = incoming.source, incoming.request.via
    try:
        uri = contact.sip_uri
    except ParseError:
        return source
    honest = (via.host, via.port or 5060) == (source.host, source.port)
    if source.is_stream or not honest or uri.host != source.host:
        return source
    return replace(source, port=uri.port or 5060)


def _user_of(binding: Binding) -> str:
    try:
        return SipUri.parse(binding.contact).user
    except ParseError:
        return ""


def _instance_of(contact: NameAddr) -> str:
    return (contact.param("+sip.instance") or "")[:200]


def _shown(binding: Binding, now: float, gruu_for: Request | None) -> str:
    text = f"<{binding.contact}>;expires={max(1, round(binding.expires_at - now))};q={binding.q:g}"
    if binding.reg_id:
        text += f";reg-id={binding.reg_id}"
    if binding.instance and (binding.reg_id or gruu_for is not None):
        text += f";+sip.instance={quote(binding.instance)}"
    if binding.instance and gruu_for is not None:
        text += f";pub-gruu={quote(_gruu(gruu_for.to.sip_uri, binding.instance))}"
    return text


def _gruu(address: SipUri, instance: str) -> str:
    """The address of one device: that of the account, and the instance."""
    value = percent(instance.strip("<>"), safe="-_.!~*'()[]/:&+$")
    return str(SipUri(address.scheme, address.user, "", address.host, address.port, (("gr", value),)))


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
