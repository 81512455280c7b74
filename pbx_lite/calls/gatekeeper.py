"""Who may talk to the PBX over SIP: digest for accounts, a fixed address for doors that have one, silence for scanners.

Every refusal looks the same whether the account exists or not (RFC 3261 section 22, RFC 8760).
"""

import logging
from collections.abc import Callable
from typing import Protocol

from pbx_lite.calls.account_lockout import AccountLockout, Counted
from pbx_lite.calls.lockout import Lockout, LockoutRules
from pbx_lite.calls.old_stacks import OldStacks
from pbx_lite.calls.rate import RateLimit
from pbx_lite.clock import Clock
from pbx_lite.directory import Account, Directory
from pbx_lite.events import EventBus, SourceLockedOut
from pbx_lite.sip.address import Address
from pbx_lite.sip.digest import DigestServer, Result
from pbx_lite.sip.message import Request

_LOGGER = logging.getLogger(__name__)


class Answerable(Protocol):
    """A request with a way to refuse it."""

    @property
    def request(self) -> Request: ...

    @property
    def source(self) -> Address: ...


type Refuse = Callable[[int, list[tuple[str, str]]], None]


class Gatekeeper:
    """Authenticates requests.

    `trusted` knows the addresses of registered devices: nobody can lock those out by lies in their name.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        digest: DigestServer,
        clock: Clock,
        bus: EventBus,
        rules: LockoutRules | None = None,
    ) -> None:
        self._directory = directory
        self._digest = digest
        self._clock = clock
        self._bus = bus
        self._lockout = Lockout(rules)
        self._names = AccountLockout(rules)
        self._old_stacks = OldStacks()
        self._rate = RateLimit()
        self.trusted: Callable[[Address], bool] = lambda _: False

    def admit(self, source: Address) -> bool:
        """Asked for every datagram before it is parsed: a locked-out source and a flood get silence."""
        now = self._clock.time()
        welcome = self._rate.admits(source.host, now) and not self._lockout.locked(source.host, now)
        return welcome or self.trusted(source)

    def challenge(self, request: Request, source: Address) -> list[tuple[str, str]] | None:
        """The headers of the 401 to a request without credentials; None where its sender is known without."""
        if self._fixed(request, source) is not None:
            return None
        now = self._clock.time()
        self._count_challenge(source.host, now)
        return self._challenges(request, source, now)

    def identify(self, incoming: Answerable, refuse: Refuse) -> Account | None:
        """The account that sent this, or None after it was refused: with 401, or 403 for a name that failed too often.

        That name is refused with its right password too, or guessing would go on.
        """
        if (fixed := self._fixed(incoming.request, incoming.source)) is not None:
            return fixed
        now = self._clock.time()
        verdict = self._digest.verify(incoming.request, now, self._password)
        host = incoming.source.host
        if verdict.result is not Result.MISSING:
            self._old_stacks.answered(incoming.source)
        judged = verdict.accepted or verdict.result is Result.WRONG
        if judged and self._names.locked(host, verdict.username, now) and not self.trusted(incoming.source):
            self._count_challenge(host, now)
            refuse(403, [("Retry-After", str(int(self._names.seconds)))])
            return None
        if verdict.accepted:
            self._lockout.succeeded(host, now)
            self._names.succeeded(host, verdict.username)
            account = self._directory.by_account(verdict.username)
            if account is not None:
                return account
        if verdict.result is Result.WRONG:
            self._failed(host, verdict.username, now)
        elif verdict.result is Result.MISSING:
            self._count_challenge(host, now)
        refuse(401, self._challenges(incoming.request, incoming.source, now, verdict.result))
        return None

    def _failed(self, host: str, username: str, now: float) -> None:
        name = username[:32] if username.isalnum() else "an account"
        match self._names.failed(host, username, now):
            case Counted.SOURCE:
                if self._lockout.failed(host, now):
                    self._locked_out(host, "wrong passwords")
                first = self._lockout.failures(host) == 1
            case Counted.LOCKED:
                seconds = int(self._names.seconds)
                _LOGGER.warning("%s is refused for %d seconds at %s: too many wrong passwords", name, seconds, host)
                if not self._names.familiar(host, username):
                    self._bus.publish(SourceLockedOut(source=host, seconds=seconds))
                first = False
            case Counted.NAME:
                first = self._names.failures(host, username) == 1
        if first:
            _LOGGER.warning(
                "%s gave a wrong password or name for %s: check the SIP account entered in that device", host, name
            )

    def _fixed(self, request: Request, source: Address) -> Account | None:
        """The door whose address this is; to register it needs its password all the same."""
        return None if request.method == "REGISTER" else self._directory.by_address(source.host)

    def _challenges(
        self, request: Request, source: Address, now: float, result: Result = Result.MISSING
    ) -> list[tuple[str, str]]:
        md5_alone = self._old_stacks.is_one(source, request, answers=result is not Result.MISSING)
        challenges = self._digest.challenges(now, result is Result.STALE, md5_alone=md5_alone)
        return [("WWW-Authenticate", challenge) for challenge in challenges]

    def _count_challenge(self, host: str, now: float) -> None:
        if self._lockout.challenged(host, now):
            self._locked_out(host, "requests without a password")

    def _password(self, username: str) -> str | None:
        account = self._directory.by_account(username)
        return None if account is None else account.password or None

    def _locked_out(self, host: str, what: str) -> None:
        seconds = int(self._lockout.seconds)
        _LOGGER.warning("%s is locked out for %d seconds: too many %s", host, seconds, what)
        self._bus.publish(SourceLockedOut(source=host, seconds=seconds))
