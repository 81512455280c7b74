"""What one person has set for themselves: records, as JSON for the store, and checked as it comes from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import voluptuous as vol

from pbx_lite.calls.plan import Scope
from pbx_lite.config import Secret
from pbx_lite.config import fields as f
from pbx_lite.config.faults import from_voluptuous
from pbx_lite.errors import Invalid, NotFound

DEFAULT_PROFILE = "default"
"""The profile that everybody has: every phone rings at once, until they say otherwise."""
MOBILE, PHONE, BROWSER = "mobile", "phone", "browser"
"""The devices that have no name in the directory: a number outside, a person's first phone, and all their browsers."""
AVAILABLE, BUSY, AWAY = "available", "busy", "away"
"""What people say of themselves; it is shown to others and keeps no phone from ringing."""
IN, PAUSED, OUT = "in", "paused", "out"
"""What people do in a team: calls of the team ring for those who are in."""
LONGEST_TEXT = 60
MOST_PROFILES = 9
MOST_RULES = 20
LONGEST = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One device of a profile, by its name: it rings `after` seconds have passed, for `seconds` or to the end.

    `phone` is the first phone of a person, `mobile` their number outside.
    """

    device: str
    after: float = 0.0
    seconds: float | None = None


type Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Which device rings when, by the kind of call; None is every phone at once, nothing at all is nobody."""

    name: str
    internal: Rules | None = None
    external: Rules | None = None
    team: Rules | None = None

    def rules(self, scope: Scope) -> Rules | None:
        match scope:
            case Scope.INTERNAL:
                return self.internal
            case Scope.EXTERNAL:
                return self.external
            case Scope.TEAM:
                return self.team


EVERYTHING = Profile(name=DEFAULT_PROFILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """Numbers that calls are passed on to, empty for none; `seconds` is how long it rings before `no_answer`."""

    always: str = ""
    busy: str = ""
    no_answer: str = ""
    seconds: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`profile` is the one in use; `outgoing` the device that rings first when a client dials.

    `mobile` replaces the number in the directory unless it is None.  Without a `pin` nobody can log in at a shared
    phone as this person.  `availability_text` is a sentence of their own beside the availability.
    `duty` has the teams in which they are paused or out.
    """

    do_not_disturb: bool = False
    availability: str = AVAILABLE
    availability_text: str = ""
    call_waiting: bool = True
    forwarding: Forwarding = Forwarding()
    profile: str = DEFAULT_PROFILE
    profiles: tuple[Profile, ...] = ()
    outgoing: str = ""
    mobile: str | None = None
    pin: Secret = Secret()  # noqa: RUF009 - immutable
    last_dialled: str = ""
    duty: Mapping[str, str] = field(default_factory=dict)

    @property
    def profile_names(self) -> list[str]:
        return list(dict.fromkeys((DEFAULT_PROFILE, *(profile.name for profile in self.profiles))))

    @property
    def active(self) -> Profile:
        return self.profile_named(self.profile) or EVERYTHING

    def profile_named(self, name: str) -> Profile | None:
        own = next((profile for profile in self.profiles if profile.name == name), None)
        return EVERYTHING if own is None and name == DEFAULT_PROFILE else own

    def with_profile(self, profile: Profile) -> Settings:
        """`profile` added, or in place of the one of its name.  Raises Invalid where there are too many."""
        if profile.name not in self.profile_names and len(self.profiles) >= MOST_PROFILES:
            raise Invalid(f"There can be {MOST_PROFILES} profiles and no more.")
        if any(each.name == profile.name for each in self.profiles):
            kept = tuple(profile if each.name == profile.name else each for each in self.profiles)
        else:
            kept = (*self.profiles, profile)
        return replace(self, profiles=kept)

    def without_profile(self, name: str) -> Settings:
        """The default one is as it was in the beginning then.  Raises NotFound."""
        if self.profile_named(name) is None:
            raise NotFound(f"There is no profile named {name}.")
        return replace(
            self,
            profiles=tuple(each for each in self.profiles if each.name != name),
            profile=DEFAULT_PROFILE if self.profile == name else self.profile,
        )


# As JSON


def mapping_of(settings: Settings) -> dict[str, Any]:
    """What `parse` makes settings of."""
    forwarding = settings.forwarding
    return {
        "do_not_disturb": settings.do_not_disturb,
        "availability": settings.availability,
        "availability_text": settings.availability_text,
        "call_waiting": settings.call_waiting,
        "forwarding": {
            "always": forwarding.always,
            "busy": forwarding.busy,
            "no_answer": forwarding.no_answer,
            "seconds": forwarding.seconds,
        },
        "profile": settings.profile,
        "profiles": [profile_mapping(profile) for profile in settings.profiles],
        "outgoing": settings.outgoing,
        "mobile": settings.mobile,
        "pin": str(settings.pin),
        "last_dialled": settings.last_dialled,
        "duty": dict(settings.duty),
    }


def profile_mapping(profile: Profile) -> dict[str, Any]:
    return {"name": profile.name} | {scope.value: _rules_mapping(profile.rules(scope)) for scope in Scope}


def _rules_mapping(rules: Rules | None) -> list[dict[str, Any]] | None:
    if rules is None:
        return None
    return [{"device": rule.device, "after": rule.after, "seconds": rule.seconds} for rule in rules]


def parse(record: Mapping[str, Any]) -> Settings:
    """What the store kept, by this version or an older one."""
    fields = dict(record)
    fields["forwarding"] = Forwarding(**fields.get("forwarding", {}))
    fields["profiles"] = tuple(_profile(profile) for profile in fields.get("profiles", ()))
    fields["pin"] = Secret(fields.get("pin", ""))
    return Settings(**fields)


def _profile(mapping: Mapping[str, Any]) -> Profile:
    rules = {
        scope.value: None if mapping.get(scope.value) is None else tuple(Rule(**rule) for rule in mapping[scope.value])
        for scope in Scope
    }
    return Profile(name=mapping["name"], **rules)


# From outside


def _maybe(check: f.Check) -> f.Check:
    return lambda value: None if value is None else check(value)


def _pin(value: object) -> Secret:
    pin = f.text(value)
    if pin and not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
        raise vol.Invalid("a PIN has 4 to 12 digits")
    return Secret(pin)


def profile_name(value: object) -> str:
    name = f.filled(value).strip()
    if len(name) > 40:
        raise vol.Invalid("this is too long")
    return name


def _availability_text(value: object) -> str:
    said = " ".join(f.text(value).split())
    # Emoji of several parts are joined by a character that itself cannot be printed.
    if len(said) > LONGEST_TEXT or not said.replace("\u200d", "").isprintable():
        raise vol.Invalid(f"this must be one line of up to {LONGEST_TEXT} characters")
    return said


_RULES = vol.All(
    f.each(
        vol.Schema(
            {
                vol.Required("device"): f.account,
                vol.Optional("after"): f.seconds(0, LONGEST),
                vol.Optional("seconds"): _maybe(f.seconds(1, LONGEST)),
            }
        )
    ),
    vol.Length(max=MOST_RULES, msg=f"{MOST_RULES} devices are the most"),
)
SET: dict[Any, Any] = {
    vol.Optional("do_not_disturb"): f.yes_or_no,
    vol.Optional("availability"): vol.In((AVAILABLE, BUSY, AWAY), msg="this must be available, busy or away"),
    vol.Optional("availability_text"): _availability_text,
    vol.Optional("call_waiting"): f.yes_or_no,
    vol.Optional("profile"): profile_name,
    vol.Optional("mobile"): _maybe(f.subscriber),
    vol.Optional("pin"): _pin,
}
"""Fields of `Settings` that are changed one by one."""
FOLLOW_ME: dict[Any, Any] = {
    vol.Optional("remove"): f.yes_or_no,
    vol.Optional("outgoing"): f.text,
    **{vol.Optional(scope.value): _maybe(_RULES) for scope in Scope},
}
FORWARD: dict[Any, Any] = {
    **dict.fromkeys(map(vol.Optional, ("always", "busy", "no_answer")), f.subscriber),
    vol.Optional("seconds"): f.seconds(1, LONGEST),
}


def checked(schema: Mapping[Any, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Invalid with every fault."""
    try:
        result: dict[str, Any] = vol.Schema(dict(schema))(dict(fields))
    except vol.Invalid as error:
        raise Invalid("; ".join(fault.message for fault in from_voluptuous(error))) from None
    return result


def changed(profile: Profile, fields: Mapping[str, Any]) -> Profile:
    """The profile with what `FOLLOW_ME` checked; kinds of call that are not given stay as they are."""
    return _profile(
        profile_mapping(profile) | {scope.value: fields[scope.value] for scope in Scope if scope.value in fields}
    )
