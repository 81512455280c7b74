"""What becomes of a call to a person or a team: decided by what they set and which of their phones are there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from typing import Protocol

from pbx_lite.calls.leg import BUSY, NO_ANSWER, NO_RESPONSE, REJECTED, UNREACHABLE, Cause
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Reachable, Refuse, Ring, Rung, Scope
from pbx_lite.features.people.settings import MOBILE, Rule, Rules, Settings
from pbx_lite.values import dataclass

RING_SECONDS = 60.0


class Line(Reachable, Protocol):
    """A phone that is registered."""

    @property
    def account(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of a person as their profiles call it, and where it is registered; one of a shared phone is `lent`."""

    name: str
    account: str
    lent: bool = False


def _no_mobile() -> Reachable | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as they are now.  `phones` are registered; `devices` says which of theirs they are.

    `numbers` are all that lead to them, `mobile()` reaches their mobile phone where that can be had.
    """

    party: Party
    numbers: frozenset[str]
    settings: Settings = field(default_factory=Settings)
    devices: Sequence[Device] = ()
    phones: Sequence[Line] = ()
    busy: bool = False
    mobile: Callable[[], Reachable | None] = _no_mobile

    @property
    def unavailable(self) -> bool:
        """In a call, and not to be told of another."""
        return self.busy and not self.settings.call_waiting


type Mailbox = tuple[float, Plan]
"""How many seconds it rings before somebody's mailbox takes a call, and how it does."""


def plan_person(attempt: Attempt, person: Person, *, account: str = "", mailbox: Mailbox | None = None) -> Plan:
    """`account` is set where one phone was dialled by an extension of its own.

    `mailbox` takes the call where it could not be passed on.
    """
    if attempt.direct:
        return _ring(attempt, person, _all(person.phones, account)) or Refuse(cause=UNREACHABLE)
    if attempt.caller.user == person.party.user and person.party.user:
        return _to_oneself(attempt, person, account)
    settings, forwarding = person.settings, person.settings.forwarding
    if not account and (divert := _divert(attempt, person, forwarding.always, "unconditional")):
        return divert
    patience, box = mailbox or (RING_SECONDS, None)
    quiet = settings.do_not_disturb and not attempt.caller.door
    rules = None if account else settings.active.rules(attempt.scope)
    if quiet or rules == ():
        return _divert(attempt, person, forwarding.busy, "do-not-disturb") or box or Refuse(cause=BUSY)
    if person.unavailable:
        return _divert(attempt, person, forwarding.busy, "user-busy") or box or Refuse(cause=BUSY)
    rungs = _all(person.phones, account) if rules is None else _by(rules, person, attempt)

    def otherwise(cause: Cause) -> Plan | None:
        busy = _divert(attempt, person, forwarding.busy, "user-busy")
        unanswered = _divert(attempt, person, forwarding.no_answer, "no-answer")
        if cause is BUSY and len(rungs) > 1:  # one phone was, while others rang
            return busy or unanswered or box
        if cause in {BUSY, REJECTED}:
            return busy or box
        return unanswered or box if cause in {NO_ANSWER, NO_RESPONSE, UNREACHABLE} else None

    seconds = forwarding.seconds if forwarding.no_answer else patience
    return _ring(attempt, person, rungs, seconds, otherwise) or otherwise(UNREACHABLE) or Refuse(cause=UNREACHABLE)


def late_rung(person: Person, account: str, scope: Scope) -> Rung | None:
    """For a phone that registers while a call rings for its owner; None if it is not to ring, or not from now on."""
    phone = next((phone for phone in person.phones if phone.account == account), None)
    device = next((device for device in person.devices if device.account == account), None)
    rules = person.settings.active.rules(scope)
    if phone is None or device is None:
        return None
    if rules is None or (device.lent and device.name not in {rule.device for rule in rules}):
        return Rung(target=phone)
    return next((Rung(target=phone, seconds=rule.seconds) for rule in rules if rule.device == device.name), None)


def plan_team(attempt: Attempt, team: Party, members: Iterable[Person], seconds: float) -> Plan:
    """All members ring who are free; whoever wants no calls now is left out."""
    rungs: list[Rung] = []
    someone = False
    for person in members:
        settings = person.settings
        rules = settings.active.rules(Scope.TEAM)
        if attempt.caller.user == person.party.user and person.party.user:
            continue
        someone = someone or bool(person.phones)
        if person.busy or settings.do_not_disturb or settings.forwarding.always or rules == ():
            continue
        rungs += _all(person.phones, "") if rules is None else _by(rules, person, attempt)
    if not rungs:
        return Refuse(cause=BUSY if someone else UNREACHABLE)
    return Ring(callee=team, rungs=tuple(rungs), seconds=seconds)


def _to_oneself(attempt: Attempt, person: Person, account: str) -> Plan:
    """Somebody calls their own number: their other phones ring, as to find one of them or to talk across the house."""
    own = attempt.account.name if attempt.account is not None else ""
    others = [rung for rung in _all(person.phones, account) if _account(rung) != own]
    return _ring(attempt, person, others) or Refuse(cause=BUSY)


def _ring(
    attempt: Attempt,
    person: Person,
    rungs: Sequence[Rung],
    seconds: float = RING_SECONDS,
    otherwise: Callable[[Cause], Plan | None] | None = None,
) -> Ring | None:
    if not rungs:
        return None
    return Ring(callee=person.party, rungs=tuple(rungs), seconds=seconds, otherwise=otherwise)


def _all(phones: Iterable[Line], account: str) -> list[Rung]:
    return [Rung(target=phone) for phone in phones if account in {"", phone.account}]


def _by(rules: Rules, person: Person, attempt: Attempt) -> list[Rung]:
    """What the rules name, and the shared phones where the person is logged in, which need not be named."""
    rungs = [
        Rung(target=target, after=rule.after, seconds=rule.seconds)
        for rule in rules
        for target in _targets(rule, person, attempt)
    ]
    named = {rule.device for rule in rules}
    lent = {device.account for device in person.devices if device.lent and device.name not in named}
    return rungs + [Rung(target=phone) for phone in person.phones if phone.account in lent]


def _targets(rule: Rule, person: Person, attempt: Attempt) -> list[Reachable]:
    if rule.device == MOBILE:
        mobile = person.mobile()
        # Who calls from their own mobile phone does not want it to ring.
        return [] if mobile is None or same_number(mobile.device, attempt.caller.number) else [mobile]
    accounts = {device.account for device in person.devices if device.name == rule.device}
    return [phone for phone in person.phones if phone.account in accounts]


def _divert(attempt: Attempt, person: Person, number: str, reason: str) -> Divert | None:
    """None where there is nothing to forward to, or it leads back to where the call comes from."""
    caller = attempt.caller
    passed = {attempt.number, *attempt.diverted, caller.number, *person.numbers}
    if not number or number in passed or (caller.external and same_number(number, caller.number)):
        return None
    return Divert(number=number, reason=reason)


def _account(rung: Rung) -> str:
    return str(getattr(rung.target, "account", ""))


def same_number(one: str, other: str) -> bool:
    """Whether two numbers are one, however their country and area are written."""
    digits = ("".join(filter(str.isdigit, number)).lstrip("0") for number in (one, other))
    short, long = sorted(digits, key=len)
    return len(short) > 6 and long.endswith(short)
