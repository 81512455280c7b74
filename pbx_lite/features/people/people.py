"""Everybody's settings and phones: kept over restarts, changed by clients and codes, asked when somebody is called."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Reachable, Rung, Scope
from pbx_lite.calls.switchboard import party_of_account
from pbx_lite.clock import Clock
from pbx_lite.directory import Account, AccountKind, Directory, User
from pbx_lite.errors import Conflict, NotFound
from pbx_lite.events import (
    AccountRegistered,
    AccountUnregistered,
    CallChanged,
    CallStarted,
    DirectoryChanged,
    Event,
    EventBus,
    UserChanged,
)
from pbx_lite.features.people import settings as s
from pbx_lite.features.people.mobile import Ask, Confirmed
from pbx_lite.features.people.ringing import (
    RING_SECONDS,
    Device,
    Line,
    Mailbox,
    Person,
    late_rung,
    plan_person,
    plan_team,
    same_number,
)
from pbx_lite.features.people.settings import BROWSER, MOBILE, PHONE, Forwarding, Profile, Settings

type Outside = Callable[[str, User], Reachable | None]
"""Reaches a number outside with a user's rights; None where no line leads there."""


class Registered(Protocol):
    """Where accounts are registered."""

    def bindings_of(self, account: str) -> Sequence[Binding]: ...


class Phones(Protocol):
    """What rings."""

    def phones_of(self, user: str, account: str | None = None) -> Sequence[Line]: ...

    @property
    def registrar(self) -> Registered: ...


class SeatSeen(Protocol):
    @property
    def user(self) -> str: ...


class DeviceSeen(Protocol):
    @property
    def user(self) -> str: ...

    @property
    def device(self) -> str: ...


class CallSeen(Protocol):
    @property
    def caller(self) -> Party: ...

    @property
    def seats(self) -> Sequence[SeatSeen]: ...

    @property
    def ringing(self) -> Sequence[DeviceSeen]: ...

    def join(self, rung: Rung) -> None: ...


class Talks(Protocol):
    """Who is in a call."""

    @property
    def calls(self) -> Mapping[str, CallSeen]: ...


class SettingStore(Protocol):
    """Keeps soon what it is given."""

    def load(self) -> Mapping[str, Mapping[str, Any]]: ...

    def put(self, user: str, record: Mapping[str, Any]) -> None: ...

    def remove(self, user: str) -> None: ...

    def logins(self) -> Mapping[str, str]: ...

    def log_in(self, workplace: str, user: str) -> None: ...

    def log_out(self, workplace: str) -> None: ...


class People:
    """The planner of people; `outside` is set by whoever has lines, `is_code` by whoever knows the codes.

    `mailbox` gives what takes a call that finds nobody, where there is something.  `browsers` are the pages of a user
    that can be rung now.  `ask` gives what tells a user at their mobile phone to press the key.
    """

    def __init__(
        self, *, directory: Directory, phones: Phones, talks: Talks, bus: EventBus, clock: Clock, store: SettingStore
    ) -> None:
        self.outside: Outside = lambda _number, _user: None
        self.is_code: Callable[[str], bool] = lambda _: False
        self.mailbox: Callable[[Attempt, User], Mailbox | None] = lambda _attempt, _user: None
        self.ask: Callable[[User], Ask | None] = lambda _user: None
        self.browsers: Callable[[str], Sequence[Line]] = lambda _user: ()
        self._directory = directory
        self._phones = phones
        self._talks = talks
        self._bus = bus
        self._clock = clock
        self._store = store
        self._settings = {user: s.parse(record) for user, record in store.load().items()}
        self._logins = dict(store.logins())
        # Those whose screens have all been left alone for a while; nothing to keep over a restart.
        self._idle: set[str] = set()
        self._talking: dict[str, frozenset[str]] = {}
        self._rung: dict[str, frozenset[str]] = {}
        self._busy: Counter[str] = Counter()
        self._ringing: Counter[str] = Counter()
        self._forget_the_gone()
        told = (AccountRegistered, AccountUnregistered, CallStarted, CallChanged, DirectoryChanged)
        self._forget = bus.listen(self._heard, *told)

    async def close(self) -> None:
        self._forget()

    # Being called

    def plan(self, attempt: Attempt) -> Plan | None:
        """What becomes of a call to a person; None for numbers that are nobody's."""
        account = self._directory.by_extension(attempt.number)
        match account:
            case Account(kind=AccountKind.USER):
                own = account.name if account.device else ""
                user = self._directory.user(account.owner)
                return plan_person(attempt, self.person(user), account=own, mailbox=self.mailbox(attempt, user))
            case _:
                return None

    def plan_together(self, attempt: Attempt, called: Party, users: Sequence[User]) -> Plan:
        """Let these people ring as a team does, under the name and number of `called`."""
        return plan_team(attempt, called, [self.person(user) for user in users], RING_SECONDS)

    def person(self, user: User) -> Person:
        """A user as they are now."""
        devices = [*self.devices(user), Device(name=BROWSER, account=BROWSER)]
        phones = [phone for device in devices for phone in self._phones.phones_of(user.name, device.account)]
        return Person(
            party=_party_of(user),
            numbers=frozenset({user.extension, *(device.extension for device in user.devices)} - {""}),
            settings=self.of(user.name),
            devices=devices,
            phones=[*phones, *self.browsers(user.name)],
            busy=user.name in self._busy,
            mobile=lambda: self._mobile(user),
        )

    def devices(self, user: User) -> list[Device]:
        """The devices that register: the first phone, the further ones, and shared phones where they are logged in."""
        own = [Device(name=PHONE, account=user.extension)] if user.password else []
        own += [Device(name=device.name, account=device.account) for device in user.devices]
        return own + [
            Device(name=place.name, account=place.account, lent=True)
            for place in self._directory.workplaces()
            if self._logins.get(place.name) == user.name
        ]

    def origins(self, user: str, device: str = "") -> list[Line]:
        """The phones that ring first when `user` has a number dialled: `device` by name or account, else the one for
        outgoing calls, else all.  Raises NotFound.
        """
        record = self._directory.user(user)
        devices = self.devices(record)
        wished = device or self.of(user).outgoing
        chosen = [each for each in devices if wished in {each.name, each.account}]
        if device and not chosen:
            raise NotFound(f"There is no device named {device}.")
        return [phone for each in chosen or devices for phone in self._phones.phones_of(user, each.account)]

    def mobile_of(self, user: User) -> str:
        own = self.of(user.name).mobile
        return user.mobile if own is None else own

    def name_of(self, number: str) -> str:
        """Whose mobile phone this number is, as displays show it; "" for anybody else's."""
        mobiles = ((user, self.mobile_of(user)) for user in self._directory.users())
        return next((user.display_name for user, mobile in mobiles if mobile and same_number(mobile, number)), "")

    def _mobile(self, user: User) -> Reachable | None:
        number = self.mobile_of(user)
        phone = self.outside(number, user) if number else None
        return Confirmed(phone, user=user.name, clock=self._clock, ask=self.ask(user)) if phone is not None else None

    # Who sits where

    def user_at(self, workplace: str) -> User | None:
        """Who is logged in at a shared phone."""
        name = self._logins.get(workplace)
        return self._directory.user(name) if name is not None else None

    def log_in(self, workplace: str, user: str) -> None:
        """Whoever was there is there no longer.  Raises NotFound."""
        place, record = self._directory.workplace(workplace), self._directory.user(user)
        before = self._logins.get(place.name)
        self._logins[place.name] = record.name
        self._store.log_in(place.name, record.name)
        for changed in dict.fromkeys(filter(None, (before, record.name))):
            self._bus.publish(UserChanged(user=changed))

    def log_out(self, workplace: str) -> None:
        """Raises NotFound, and Conflict where nobody is logged in."""
        place = self._directory.workplace(workplace)
        user = self._logins.pop(place.name, None)
        if user is None:
            raise Conflict(f"Nobody is logged in at {place.display_name}.")
        self._store.log_out(place.name)
        self._bus.publish(UserChanged(user=user))

    def speaker(self, account: Account) -> tuple[Party, Account]:
        """Who calls from an account of ours, with their own number, and as whom they may do what.

        At a shared phone that is whoever is logged in; the account keeps its name.
        """
        if account.kind is AccountKind.USER:
            return _party_of(self._directory.user(account.owner)), account
        user = self.user_at(account.owner) if account.kind is AccountKind.WORKPLACE else None
        if user is None:
            return party_of_account(account), account
        acting = replace(account, kind=AccountKind.USER, owner=user.name, display_name=user.display_name)
        return _party_of(user), acting

    # What they set

    def of(self, user: str) -> Settings:
        return self._settings.get(user) or _UNTOUCHED

    def change(self, user: str, **changes: Any) -> Settings:
        """Replace these fields of the settings.  Raises NotFound for somebody who is gone."""
        before = self.of(self._directory.user(user).name)
        after = replace(before, **changes)
        if after != before:
            self._settings[user] = after
            self._store.put(user, s.mapping_of(after))
            if changes.keys() != {"last_dialled"}:
                self._bus.publish(UserChanged(user=user))
        return after

    async def set(self, user: str, **fields: Any) -> None:
        """The fields of `settings.SET`, and `idle`.  Raises NotFound or Invalid."""
        idle = fields.pop("idle", None)
        checked = s.checked(s.SET, fields)
        profile = checked.get("profile")
        if profile is not None and profile not in self.of(user).profile_names:
            raise NotFound(f"There is no profile named {profile}.")
        self.change(user, **checked)
        if idle is not None:
            self._set_idle(user, idle=bool(idle))

    def availability(self, user: str) -> tuple[str, str]:
        """What others are shown: the availability, away by itself where nothing was chosen, and the text."""
        own = self.of(user)
        away = own.availability == s.AVAILABLE and user in self._idle
        return s.AWAY if away else own.availability, own.availability_text

    async def set_follow_me(self, user: str, profile: str, fields: Mapping[str, Any]) -> None:
        """Make, change or (`remove`) take away a profile.  Raises NotFound or Invalid."""
        checked, before = s.checked(s.FOLLOW_ME, fields), self.of(user)
        if "outgoing" in checked:
            self._check_devices(user, [checked["outgoing"]] if checked["outgoing"] else [])
        if checked.get("remove"):
            after = before.without_profile(profile)
        else:
            named = before.profile_named(profile) or Profile(name=s.checked(s.SET, {"profile": profile})["profile"])
            made = s.changed(named, checked)
            rules = [rule for scope in Scope for rule in made.rules(scope) or ()]
            self._check_devices(user, [rule.device for rule in rules])
            after = before.with_profile(made)
        outgoing = checked.get("outgoing", before.outgoing)
        self.change(user, profiles=after.profiles, profile=after.profile, outgoing=outgoing)

    async def forward(self, user: str, fields: Mapping[str, Any]) -> None:
        """The fields of `settings.FORWARD`; an empty number ends it.  Raises NotFound or Invalid."""
        self.forward_now(user, fields)

    def forward_now(self, user: str, fields: Mapping[str, Any]) -> Forwarding:
        checked = s.checked(s.FORWARD, fields)
        return self.change(user, forwarding=replace(self.of(user).forwarding, **checked)).forwarding

    def _set_idle(self, user: str, *, idle: bool) -> None:
        if idle == (user in self._idle):
            return
        (self._idle.add if idle else self._idle.discard)(user)
        self._bus.publish(UserChanged(user=user))

    def _check_devices(self, user: str, names: Sequence[str]) -> None:
        record = self._directory.user(user)
        known = {PHONE, MOBILE, BROWSER, *(device.name for device in record.devices)}
        known |= {place.name for place in self._directory.workplaces()}
        for name in names:
            if name not in known:
                raise NotFound(f"There is no device named {name}.")

    # As clients see it

    def settings(self, user: str) -> Mapping[str, Any]:
        """Follow me, forwarding and the device for outgoing calls, as the wire has them."""
        record, own = self._directory.user(user), self.of(user)
        mapping = s.mapping_of(own)
        profiles = [own.profile_named(name) for name in own.profile_names]
        return {
            "profile": own.profile,
            "outgoing": own.outgoing,
            "mobile": self.mobile_of(record),
            "do_not_disturb": own.do_not_disturb,
            "call_waiting": own.call_waiting,
            "forward": mapping["forwarding"],
            "profiles": [s.profile_mapping(profile) for profile in profiles if profile is not None],
        }

    def state(self, user: str) -> Mapping[str, Any]:
        """What moves about a user, as the wire has it."""
        record, own = self._directory.user(user), self.of(user)
        devices = [self._shown(device) for device in self.devices(record)]
        if self.browsers(user):
            devices.append({"name": BROWSER, "account": BROWSER, "kind": BROWSER, "registered": True, "user_agent": ""})
        registered = any(device["registered"] for device in devices)
        if self.mobile_of(record):
            devices.append({"name": MOBILE, "account": "", "kind": MOBILE, "registered": True, "user_agent": ""})
        return {
            "registered": registered,
            "devices": devices,
            "do_not_disturb": own.do_not_disturb,
            "availability": own.availability,
            "availability_text": own.availability_text,
            "idle": user in self._idle,
            "profile": own.profile,
            "profiles": own.profile_names,
            "ringing": user in self._ringing,
        }

    def workplaces(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"name": place.name, "display_name": place.display_name, "user": self._logins.get(place.name)}
            for place in self._directory.workplaces()
        ]

    def _shown(self, device: Device) -> dict[str, Any]:
        bindings = self._phones.registrar.bindings_of(device.account)
        return {
            "name": device.name,
            "account": device.account,
            "kind": "workplace" if device.lent else "phone",
            "registered": bool(bindings),
            "user_agent": bindings[0].user_agent if bindings else "",
            "address": bindings[0].source.host if bindings else "",
        }

    # What happens

    def _heard(self, event: Event) -> None:
        match event:
            case AccountRegistered(account=account):
                self._registration(account)
                self._join_in(account)
            case AccountUnregistered(account=account):
                self._registration(account)
            case CallStarted(caller_user=user, number=number) if user:
                self._dialled(user, number)
            case CallChanged(call=call):
                self._call_changed(call)
            case DirectoryChanged():
                self._forget_the_gone()
            case _:
                pass

    def _dialled(self, user: str, number: str) -> None:
        if number == self.of(user).last_dialled or not _NUMBER.fullmatch(number) or self.is_code(number):
            return
        with suppress(NotFound):
            self.change(user, last_dialled=number)

    def _registration(self, name: str) -> None:
        if (user := self._owner(name)) is not None:
            self._bus.publish(UserChanged(user=user))

    def _join_in(self, name: str) -> None:
        """A phone that wakes up while its owner is called rings with the others."""
        calls = self._talks.calls
        if not calls or (user := self._owner(name)) is None:
            return
        for call in tuple(calls.values()):
            ringing = {device.device for device in call.ringing if device.user == user}
            if ringing and name not in ringing:
                scope = Scope.EXTERNAL if call.caller.external else Scope.INTERNAL
                rung = late_rung(self.person(self._directory.user(user)), name, scope)
                if rung is not None:
                    call.join(rung)

    def browser_arrived(self, name: str) -> None:
        """A page of the user can be rung from now on: it rings with the others, where it would have rung at first."""
        for call in tuple(self._talks.calls.values()):
            ringing = {device.device for device in call.ringing if device.user == name}
            if ringing:
                scope = Scope.EXTERNAL if call.caller.external else Scope.INTERNAL
                person = self.person(self._directory.user(name))
                for browser in self.browsers(name):
                    if browser.device not in ringing and (rung := late_rung(person, BROWSER, scope)) is not None:
                        call.join(replace(rung, target=browser))

    def _owner(self, name: str) -> str | None:
        """Whose phone registers under this name."""
        account = self._directory.by_account(name)
        match account:
            case Account(kind=AccountKind.USER):
                return account.owner
            case Account(kind=AccountKind.WORKPLACE):
                return self._logins.get(account.owner)
            case _:
                return None

    def _call_changed(self, call: str) -> None:
        """Whoever came into a call or left it, and whoever is rung or is no longer, is shown so."""
        seen = self._talks.calls.get(call)
        talking = frozenset(seat.user for seat in seen.seats if seat.user) if seen is not None else frozenset()
        rung = frozenset(device.user for device in seen.ringing if device.user) if seen is not None else frozenset()
        changed = _counted(self._talking, self._busy, call, talking) | _counted(self._rung, self._ringing, call, rung)
        for user in sorted(changed):
            self._bus.publish(UserChanged(user=user))

    def _forget_the_gone(self) -> None:
        there = {user.name for user in self._directory.users()}
        for user in self._settings.keys() - there:
            del self._settings[user]
            self._store.remove(user)
        self._idle &= there
        places = {place.name for place in self._directory.workplaces()}
        for place, user in tuple(self._logins.items()):
            if user not in there or place not in places:
                del self._logins[place]
                self._store.log_out(place)


def _counted(calls: dict[str, frozenset[str]], counter: Counter[str], call: str, now: frozenset[str]) -> frozenset[str]:
    """Keep who of `call` is counted now; whose count went up or down."""
    before = calls.pop(call, frozenset())
    if now:
        calls[call] = now
    changed = before ^ now
    for user in changed:
        counter[user] += 1 if user in now else -1
        if counter[user] == 0:
            del counter[user]
    return changed


def _party_of(user: User) -> Party:
    return Party(number=user.extension, name=user.display_name, user=user.name)


_UNTOUCHED = Settings()
_NUMBER = re.compile(r"[0-9A-Za-z+*#._-]{1,64}")
