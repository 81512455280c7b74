"""SUBSCRIBE and PUBLISH of phones: event packages in a table, each fed from what happens in the PBX."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.exchange import ServeRequest
from pbx_lite.calls.party import Party
from pbx_lite.clock import Clock, Timer
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.errors import NotFound, ParseError
from pbx_lite.events import AccountRegistered, AccountUnregistered, Event, EventBus, UserChanged
from pbx_lite.features.watching import dialog_info, feature_keys, message_summary, presence, registration_info
from pbx_lite.features.watching.dialog_info import Lamp, Tags
from pbx_lite.features.watching.feature_keys import FeatureKeys
from pbx_lite.features.watching.lines import DOOR, SERVED, USER, Lines, Watched
from pbx_lite.features.watching.publications import Publications
from pbx_lite.sip.address import bracketed
from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.message import Request
from pbx_lite.sip.subscription import Subscription, Times
from pbx_lite.sip.uri import SipUri

MOST_EACH = 64
MOST = 5000
_SHORT = Times(60, 900, 900)
"""For what would show yesterday's state after a sudden end of the PBX: so soon at latest phones come again."""
PUBLISHED = Times(60, 3600, 7200)
_AT_ONCE = 25  # NOTIFYs in one turn of the loop, so that a popular person holds up no call
_FAREWELLS = 1000
_ACCOUNT = "account"
KEYS = "as-feature-event"
_KINDS = {AccountKind.USER: USER, AccountKind.DOOR: DOOR}
_WATCHERS = {AccountKind.USER, AccountKind.WORKPLACE}

type Renderer = Callable[[], tuple[str, bytes]]


class Registered(Protocol):
    """What is asked of the registrar."""

    on_change: list[Callable[[str], None]]

    def bindings_of(self, account: str) -> list[Binding]: ...

    def registered(self, account: str) -> bool: ...


class Switching(Protocol):
    """What is asked of the exchange."""

    requests: dict[str, ServeRequest]
    speaker: Callable[[Account], tuple[Party, Account]]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches what, under which of our names; `account` is what the URI named."""

    watcher: Account
    account: Account
    host: str

    @property
    def entity(self) -> str:
        return f"sip:{self.account.extension or self.account.name}@{self.host}"

    @property
    def own(self) -> bool:
        return self.watcher.kind is self.account.kind and self.watcher.owner == self.account.owner

    @property
    def watched(self) -> Watched:
        return (_KINDS[self.account.kind], self.account.owner)


@dataclass(frozen=True, slots=True)
class Package:
    """An event package: the type of its documents, who may watch, what makes it change, and how it is written.

    `take` does what the body of a SUBSCRIBE wants.
    """

    content_type: str
    times: Times
    allowed: Callable[[Watch], bool]
    subject: Callable[[Watch], Watched]
    renderer: Callable[[Watch], Renderer]
    take: Callable[[Watch, Request], None] = lambda _watch, _request: None


class Watching:
    """`do_not_disturb(user)`, `availability(user)` with its text, and `waiting(user)`, new and old messages, may be
    set by whoever knows.

    `tags(call, user)` gives the dialog by which a watcher may take a call that rings at `user`, where there is one.
    """

    def __init__(
        self, *, directory: Directory, exchange: Switching, registrar: Registered, bus: EventBus, clock: Clock
    ) -> None:
        self.do_not_disturb: Callable[[str], bool] = lambda _user: False
        self.availability: Callable[[str], tuple[str, str]] = lambda _user: ("available", "")
        self.waiting: Callable[[str], tuple[int, int]] = lambda _user: (0, 0)
        self.tags: Callable[[str, str], Tags | None] = lambda _call, _user: None
        self.keys = FeatureKeys(clock)
        self._directory = directory
        self._registrar = registrar
        self._clock = clock
        self._lines = Lines(self._number_of)
        self._publications = Publications(clock, lambda user: self._touch("presence", (USER, user)))
        self._watchers: dict[tuple[str, Watched], dict[Subscription, None]] = {}
        self._count: dict[str, int] = {}
        self._due: dict[Subscription, None] = {}
        self._turn: Timer | None = None
        self._exchange = exchange
        self._packages = self._table()
        self._forget = bus.listen(self._hear, *SERVED, UserChanged, AccountRegistered, AccountUnregistered)
        registrar.on_change.append(self._registered)
        exchange.requests |= {"SUBSCRIBE": self._subscribe, "PUBLISH": self._publish}

    async def close(self) -> None:
        """Tell watchers to come again soon, for what watches a PBX that is gone shows yesterday's lamps."""
        self._forget()
        self._registrar.on_change.remove(self._registered)
        for method in ("SUBSCRIBE", "PUBLISH"):
            self._exchange.requests.pop(method, None)
        self._publications.close()
        if self._turn is not None:
            self._turn.cancel()
        everyone = [each for watchers in self._watchers.values() for each in watchers]
        for subscription in everyone[:_FAREWELLS]:
            subscription.terminate("probation", retry_after=5)
        for subscription in everyone[_FAREWELLS:]:
            subscription.abandon()

    def messages_changed(self, user: str) -> None:
        """The count of waiting messages is another now."""
        self._touch("message-summary", (USER, user))

    # SUBSCRIBE

    def _subscribe(self, incoming: IncomingRequest, account: Account) -> None:
        name = _package_of(incoming.request)
        package = self._packages.get(name)
        try:
            found, watch = self._judge(incoming.request, account, package)
            self._accept(incoming, name, found, watch)
        except ParseError as error:
            incoming.respond(error.status, headers=self._hints(error.status, package))

    def _judge(self, request: Request, account: Account, package: Package | None) -> tuple[Package, Watch]:
        """Raises ParseError with the status of the refusal."""
        if package is None:
            raise ParseError("An event package that is none of ours", 489)
        watch = self._watch(request, account)
        _check(request, package, watch)
        if self._count.get(account.name, 0) >= MOST_EACH or sum(self._count.values()) >= MOST:
            raise ParseError("Too many subscriptions", 503)
        package.times.granted(request)
        package.take(watch, request)
        return package, watch

    def _accept(self, incoming: IncomingRequest, name: str, package: Package, watch: Watch) -> None:
        key = (name, package.subject(watch))
        account = watch.watcher.name

        def over(ended: Subscription) -> None:
            watchers = self._watchers.get(key, {})
            if ended not in watchers:
                return
            del watchers[ended]
            if not watchers:
                del self._watchers[key]
                if name == KEYS:
                    self.keys.forget(watch.watched[1])
            self._due.pop(ended, None)
            self._count[account] -= 1
            if not self._count[account]:
                del self._count[account]

        def take(request: Request) -> None:
            package.take(watch, request)
            self._due.pop(made, None)  # the answer is followed by a NOTIFY anyway

        made = incoming.subscribe(
            times=package.times,
            allow_events=", ".join(self._packages),
            render=package.renderer(watch),
            over=over,
            take=take,
        )
        if not made.ended:
            self._count[account] = self._count.get(account, 0) + 1
            self._watchers.setdefault(key, {})[made] = None

    def _watch(self, request: Request, watcher: Account) -> Watch:
        """Raises ParseError: 404 for what nobody can watch, 403 for those who may watch nothing, 481 for the past."""
        _, watcher = self._exchange.speaker(watcher)
        if request.to.tag is not None:
            raise ParseError("A subscription that is over", 481)
        if watcher.kind not in _WATCHERS:
            raise ParseError("Only phones of people watch", 403)
        uri = SipUri.parse(request.uri)
        account = self._directory.by_extension(uri.user) or self._directory.by_account(uri.user)
        if account is None or (account.kind not in _KINDS and account != watcher):
            raise ParseError("Nothing to watch", 404)
        port = f":{uri.port}" if uri.port else ""
        return Watch(watcher, account, f"{bracketed(uri.host)}{port}")

    def _hints(self, status: int, package: Package | None) -> list[tuple[str, str]]:
        hints = {
            406: [("Accept", package.content_type if package else "")],
            423: [("Min-Expires", str(package.times.least if package else 60))],
            415: [("Accept", package.content_type if package else "")],
            489: [("Allow-Events", ", ".join(self._packages))],
            503: [("Retry-After", "300")],
        }
        return hints.get(status, [])

    # PUBLISH

    def _publish(self, incoming: IncomingRequest, account: Account) -> None:
        try:
            tag, seconds = self._published(incoming.request, account)
        except ParseError as error:
            hints = {
                415: [("Accept", presence.TYPE)],
                423: [("Min-Expires", str(PUBLISHED.least))],
                489: [("Allow-Events", "presence")],
                503: [("Retry-After", "60")],
            }
            incoming.respond(error.status, headers=hints.get(error.status, []))
        else:
            incoming.respond(200, headers=[("SIP-ETag", tag), ("Expires", str(seconds))])

    def _published(self, request: Request, account: Account) -> tuple[str, int]:
        """The new entity tag and its seconds.  Raises ParseError with the status of the refusal."""
        if _package_of(request) != "presence":
            raise ParseError("Only presence is published", 489)
        watch = self._watch(request, account)
        if not watch.own or account.kind is not AccountKind.USER:
            raise ParseError("Nobody publishes for others", 403)
        if request.body and request.content_type != presence.TYPE:
            raise ParseError("Not a presence document", 415)
        said = presence.parse(request.body) if request.body else None
        seconds = PUBLISHED.granted(request)
        tag = self._publications.put(account.owner, request.headers.get("sip-if-match") or "", said, seconds)
        return tag, seconds

    # What happens

    def _hear(self, event: Event) -> None:
        for watched in self._lines.hear(event):
            self._touch("dialog", watched)
            self._touch("presence", watched)
        if isinstance(event, UserChanged):
            watched = (USER, event.user)
            self._touch("presence", watched)
            if (KEYS, watched) in self._watchers and self.keys.moved(event.user):
                self._touch(KEYS, watched)
        elif isinstance(event, AccountRegistered | AccountUnregistered):
            account = self._directory.by_account(event.account)
            if account is not None and account.kind in _KINDS:
                self._touch("presence", (_KINDS[account.kind], account.owner))

    def _registered(self, account: str) -> None:
        self._touch("reg", (_ACCOUNT, account))

    def _touch(self, package: str, watched: Watched) -> None:
        """Tell all who watch this, a few in each turn of the loop."""
        watchers = self._watchers.get((package, watched))
        if not watchers:
            return
        self._due |= watchers
        if self._turn is None:
            self._turn = self._clock.call_later(0, self._tell)

    def _tell(self) -> None:
        self._turn = None
        for subscription in tuple(self._due)[:_AT_ONCE]:
            self._due.pop(subscription, None)
            subscription.changed()
        if self._due:
            self._turn = self._clock.call_later(0.005, self._tell)

    # The packages

    def _table(self) -> dict[str, Package]:
        return {
            "dialog": Package(dialog_info.TYPE, _SHORT, self._may_see, lambda watch: watch.watched, self._lamp),
            "presence": Package(presence.TYPE, _SHORT, self._may_see, lambda watch: watch.watched, self._presence),
            "message-summary": Package(
                message_summary.TYPE,
                Times(60, 3600, 86400),
                lambda watch: watch.own and watch.account.kind is AccountKind.USER,
                lambda watch: watch.watched,
                self._messages,
            ),
            KEYS: Package(
                feature_keys.TYPE,
                Times(60, 3600, 86400),
                lambda watch: watch.own and watch.account.kind is AccountKind.USER,
                lambda watch: watch.watched,
                self._feature_keys,
                take=lambda watch, request: self.keys.take(watch.account.owner, request),
            ),
            "reg": Package(
                registration_info.TYPE,
                Times(60, 3600, 86400),
                lambda watch: watch.own,
                lambda watch: (_ACCOUNT, watch.account.name),
                self._registration,
            ),
        }

    def _may_see(self, watch: Watch) -> bool:
        """People of one house see each other; doors only those who may see them."""
        if watch.account.kind is AccountKind.USER:
            return True
        return watch.account.kind is AccountKind.DOOR and self._sees_door(watch)

    def _sees_door(self, watch: Watch) -> bool:
        try:
            watcher = self._directory.user(watch.watcher.owner)
        except NotFound:
            return False
        return self._directory.may(watcher, "see", watch.account.owner)

    def _may_know(self, watch: Watch) -> bool:
        """Whether the watcher is told who is at the other end: the person itself, and whoever may take its calls."""
        if watch.own or watch.account.kind is AccountKind.DOOR:
            return True
        try:
            return self._directory.may_pickup(self._directory.user(watch.watcher.owner))
        except NotFound:
            return False

    def _lamp(self, watch: Watch) -> Renderer:
        lamp = Lamp(watch.entity, watch.host)
        _, owner = watch.watched

        def render() -> tuple[str, bytes]:
            lines = self._lines.of(watch.watched)
            known = self._may_know(watch)
            found = {line.call: self.tags(line.call, owner) for line in lines} if known else {}
            tags = {call: each for call, each in found.items() if each is not None}
            return dialog_info.TYPE, lamp.render(lines, tags, identities=known)

        return render

    def _presence(self, watch: Watch) -> Renderer:
        return lambda: (presence.TYPE, presence.render(watch.entity, self._presence_of(watch)))

    def _presence_of(self, watch: Watch) -> presence.Presence:
        owner = watch.account.owner
        is_user = watch.account.kind is AccountKind.USER
        accounts = self._directory.accounts_of(owner) if is_user else [watch.account.name]
        return presence.merged(
            registered=any(self._registrar.registered(account) for account in accounts),
            in_call=any(line.state.value == "confirmed" for line in self._lines.of(watch.watched)),
            do_not_disturb=is_user and self.do_not_disturb(owner),
            said=self.availability(owner) if is_user else ("available", ""),
            published=self._publications.of(owner) if is_user else (),
        )

    def _messages(self, watch: Watch) -> Renderer:
        return lambda: (
            message_summary.TYPE,
            message_summary.render(watch.entity, *self.waiting(watch.account.owner)),
        )

    def _feature_keys(self, watch: Watch) -> Renderer:
        account = watch.account
        self.keys.moved(account.owner)  # from here on
        return lambda: self.keys.render(account.owner, account.extension or account.name)

    def _registration(self, watch: Watch) -> Renderer:
        version = -1
        entity = f"sip:{watch.account.name}@{watch.host}"

        def render() -> tuple[str, bytes]:
            nonlocal version
            version += 1
            bindings = self._registrar.bindings_of(watch.account.name)
            return registration_info.TYPE, registration_info.render(entity, bindings, version)

        return render

    def _number_of(self, watched: Watched) -> tuple[str, str]:
        kind, name = watched
        try:
            record = self._directory.door(name) if kind == DOOR else self._directory.user(name)
        except NotFound:
            return "", name
        return record.extension, record.display_name


def _package_of(request: Request) -> str:
    return (request.headers.get("event") or "").partition(";")[0].strip().lower()


def _check(request: Request, package: Package, watch: Watch) -> None:
    """Raises ParseError: 403 for what the watcher may not see, 406 where it cannot read our documents."""
    if not package.allowed(watch):
        raise ParseError("Not for everybody", 403)
    accepted = {item.lower() for item in request.tokens("accept")}
    if accepted and not accepted & {package.content_type, "*/*", "application/*"}:
        raise ParseError("The watcher reads other documents", 406)
