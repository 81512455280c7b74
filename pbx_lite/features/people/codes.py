"""Numbers that do something instead of calling somebody: what people dial on any phone that has keys."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from pbx_lite.calls.attendant import Keypad, Sounding, answered
from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import INVALID_NUMBER, NOT_ALLOWED, UNREACHABLE
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Refuse, Serve
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.config import Calling, Workplace
from pbx_lite.config.codes import ALONE, DEFAULT_CODES, FOLLOWED
from pbx_lite.directory import AccountKind, Directory, User
from pbx_lite.errors import PbxError
from pbx_lite.features.people.guesses import Guesses
from pbx_lite.features.people.people import People
from pbx_lite.features.people.pickup import waiting_for
from pbx_lite.features.people.saying import Saying
from pbx_lite.speech.parts import Digits, Part
from pbx_lite.speech.speech import Speaks

LONGEST_ECHO = 600.0
"""Seconds without a key after which an echo test ends."""
_NOT_ALLOWED, _INVALID = Refuse(cause=NOT_ALLOWED), Refuse(cause=INVALID_NUMBER)

type Answer = Plan | Awaitable[Plan | None] | None
type Service = Callable[[Dialled], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """A code as somebody dialled it: `digits` are what follows it, `user` who it was as far as that is known.

    `workplace` is the shared phone that it came from.
    """

    attempt: Attempt
    code: str
    digits: str = ""
    user: User | None = None
    workplace: Workplace | None = None


class Codes:
    """The planner of codes.  Other features enter what they do for one in `services`, by the name of the code.

    Without `speech` callers are answered by tones.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        people: People,
        switchboard: Switchboard,
        clock: Clock,
        speech: Speaks | None = None,
    ) -> None:
        self._directory = directory
        self._people = people
        self._switchboard = switchboard
        self._clock = clock
        self._speech = speech
        self._guesses = Guesses(clock)
        self._table = _table(directory.calling)
        self._first = {code[0] for codes in self._table for code in codes}
        self.services: dict[str, Service] = {
            "pickup": self._pickup,
            "pickup_group": self._pickup,
            "redial": self._redial,
            "echo": lambda dialled: self._serve(dialled, "Echo test", lambda call: self._echo(call, dialled)),
            "own_number": self._own_number,
            "do_not_disturb": lambda dialled: self._set(dialled, "do_not_disturb_on", do_not_disturb=True),
            "do_not_disturb_off": lambda dialled: self._set(dialled, "do_not_disturb_off", do_not_disturb=False),
            "call_waiting": lambda dialled: self._set(dialled, "call_waiting_on", call_waiting=True),
            "call_waiting_off": lambda dialled: self._set(dialled, "call_waiting_off", call_waiting=False),
            "follow_me": self._follow_me,
            "forward": self._ask_forward,
            "forward_off": self._forward_off,
            "forward_to": self._forward_to,
            "forward_busy": lambda dialled: self._forward(dialled, {"busy": dialled.digits}),
            "forward_no_answer": lambda dialled: self._forward(dialled, {"no_answer": dialled.digits}),
            "log_in": self._log_in,
            "log_out": self._log_out,
        }

    async def close(self) -> None:
        """Nothing is kept open."""

    def is_code(self, number: str) -> bool:
        return self._find(number) is not None

    def meant(self, number: str) -> str:
        """Picking up a door's ring is calling the door: its number, for the code in front of it."""
        found = self._find(number)
        if found is None or found[0] != "pickup":
            return number
        account = self._directory.by_extension(found[2])
        return found[2] if account is not None and account.kind is AccountKind.DOOR else number

    def plan(self, attempt: Attempt) -> Answer:
        """What a code does; None for all other numbers, and for those who are not ours."""
        account = attempt.account
        if account is None or attempt.diverted or (found := self._find(attempt.number)) is None:
            return None
        feature, code, digits = found
        if (service := self.services.get(feature)) is None:
            return None
        place = next((place for place in self._directory.workplaces() if place.account == account.name), None)
        user = self._directory.user(account.owner) if account.kind is AccountKind.USER else None
        return service(Dialled(attempt=attempt, code=code, digits=digits, user=user, workplace=place))

    def _find(self, number: str) -> tuple[str, str, str] | None:
        """The feature, its code and what follows; a code that is meant as a whole goes before one that is followed."""
        alone, followed = self._table
        if number[:1] not in self._first:
            return None
        if (feature := alone.get(number)) is not None:
            return feature, number, ""
        for length in range(len(number) - 1, 0, -1):
            if (feature := followed.get(number[:length])) is not None:
                return feature, number[:length], number[length:]
        return None

    # Doing it

    def _serve(self, dialled: Dialled, name: str, run: Callable[[Call], Awaitable[None]]) -> Serve:
        return Serve(callee=Party(number=dialled.code, name=name), run=run)

    def _saying(self, leg: Sounding, dialled: Dialled) -> Saying:
        language = dialled.user.language if dialled.user is not None else ""
        return Saying(leg, speech=self._speech, clock=self._clock, language=language)

    def _confirm(self, dialled: Dialled, name: str, act: Callable[[], object], *said: Part) -> Serve:
        """Do it once the call is answered, and say whether it worked."""

        async def run(call: Call) -> None:
            saying = self._saying(answered(call), dialled)
            try:
                act()
            except PbxError:
                await saying.refused()
            else:
                await saying.done(*said)

        return self._serve(dialled, name, run)

    def _set(self, dialled: Dialled, said: str, **changes: bool) -> Plan:
        if (user := dialled.user) is None:
            return _NOT_ALLOWED
        return self._confirm(dialled, "Settings", lambda: self._people.change(user.name, **changes), said)

    def _follow_me(self, dialled: Dialled) -> Plan:
        """A digit chooses a profile in the order they were made; none, or a zero, the default one."""
        if (user := dialled.user) is None:
            return _NOT_ALLOWED
        names = self._people.of(user.name).profile_names
        digits = dialled.digits or "0"
        if not digits.isdecimal() or int(digits) >= len(names):
            return _INVALID
        profile = names[int(digits)]
        return self._confirm(
            dialled, "Follow me", lambda: self._people.change(user.name, profile=profile), "profile_set"
        )

    # Calls and sounds

    def _pickup(self, dialled: Dialled) -> Plan:
        user = dialled.user
        if user is None or not self._directory.may_pickup(user):
            return _NOT_ALLOWED
        wanted = waiting_for(self._switchboard.calls.values(), self._directory, user, dialled.digits)
        if wanted is None:
            return Refuse(cause=UNREACHABLE)
        party = Party(number=user.extension, name=user.display_name, user=user.name)
        device = dialled.attempt.account.name if dialled.attempt.account is not None else ""

        async def take(call: Call) -> None:
            if call.origin is not None:
                self._switchboard.adopt(wanted, call.origin, party, device)

        # The call to the code is one within the house, wherever the call comes from that is taken.
        return Serve(callee=Party(number=dialled.attempt.number, name=wanted.caller.public().name), run=take)

    def _redial(self, dialled: Dialled) -> Answer:
        """As if the number had been dialled: it is shown and written down in place of the code."""
        number = self._people.of(dialled.user.name).last_dialled if dialled.user is not None else ""
        if not number:
            return Refuse(cause=UNREACHABLE)
        dialled.attempt.call.number = number
        return self._plan_anew(replace(dialled.attempt, number=number))

    async def _plan_anew(self, attempt: Attempt) -> Plan | None:
        for planner in self._switchboard.planners:
            plan = planner(attempt)
            if isinstance(plan, Awaitable):
                plan = await plan
            if plan is not None:
                return plan
        return None

    async def _echo(self, call: Call, dialled: Dialled) -> None:
        """After a word everything comes back as it was said, until a `#` or the end."""
        leg = answered(call)
        keypad = Keypad(call, leg, self._clock)
        if await self._saying(leg, dialled).until_key(keypad, "echo") == "#":
            return
        leg.audio.sink = leg.audio.send
        try:
            while await keypad.key(LONGEST_ECHO) not in {"", "#"}:
                pass
        finally:
            leg.audio.sink = None

    def _own_number(self, dialled: Dialled) -> Plan:
        account = dialled.attempt.account
        number = dialled.user.extension if dialled.user is not None else account.extension if account else ""

        async def run(call: Call) -> None:
            await self._saying(answered(call), dialled).number(number)

        return self._serve(dialled, "Own number", run)

    # Forwarding

    def _forward(self, dialled: Dialled, fields: Mapping[str, str]) -> Plan:
        if (user := dialled.user) is None:
            return _NOT_ALLOWED
        if any(self._leads_nowhere(user, number) for number in fields.values()):
            return _INVALID
        return self._confirm(
            dialled, "Forwarding", lambda: self._people.forward_now(user.name, fields), *_forwarded(fields)
        )

    def _leads_nowhere(self, user: User, number: str) -> bool:
        own = {user.extension, *(device.extension for device in user.devices)} - {""}
        return number in own or self.is_code(number)

    def _forward_off(self, dialled: Dialled) -> Plan:
        if not self._is_own(dialled, dialled.digits):
            return _NOT_ALLOWED
        return self._forward(dialled, dict.fromkeys(("always", "busy", "no_answer"), ""))

    def _forward_to(self, dialled: Dialled) -> Plan:
        """`<extension>#<number>`, or the number alone."""
        extension, separator, number = dialled.digits.partition("#")
        if not separator:
            extension, number = "", dialled.digits
        if not self._is_own(dialled, extension):
            return _NOT_ALLOWED
        return self._forward(dialled, {"always": number})

    def _ask_forward(self, dialled: Dialled) -> Plan:
        """The number is asked for, until it is keyed in."""
        user = dialled.user
        if user is None or not self._is_own(dialled, dialled.digits):
            return _NOT_ALLOWED

        async def run(call: Call) -> None:
            leg = answered(call)
            saying = self._saying(leg, dialled)
            number = await saying.ask(Keypad(call, leg, self._clock), "forward_ask")
            try:
                if not number or self._leads_nowhere(user, number):
                    await saying.refused()
                    return
                self._people.forward_now(user.name, {"always": number})
            except PbxError:
                await saying.refused()
            else:
                await saying.done("forward_on", Digits(number))

        return self._serve(dialled, "Forwarding", run)

    def _is_own(self, dialled: Dialled, extension: str) -> bool:
        """Whether somebody means their own calls: nobody passes on those of others."""
        return dialled.user is not None and extension in {"", dialled.user.extension}

    # Shared phones

    def _log_in(self, dialled: Dialled) -> Plan:
        """`<extension>#<PIN>`, or the extension alone, when the PIN is asked for."""
        extension, _, pin = dialled.digits.partition("#")
        dialled.attempt.call.number = dialled.code + extension  # the PIN is in no journal
        place = dialled.workplace
        if place is None:
            return _NOT_ALLOWED
        account = self._directory.by_extension(extension)
        user = account.owner if account is not None and account.kind is AccountKind.USER else ""

        async def run(call: Call) -> None:
            leg = answered(call)
            saying = self._saying(leg, dialled)
            given = pin or await saying.ask(Keypad(call, leg, self._clock), "enter_pin")
            if self._knows_pin(user, given):
                self._people.log_in(place.name, user)
                await saying.done("logged_in")
            else:
                await saying.refused("wrong_pin")

        return self._serve(dialled, place.display_name, run)

    def _knows_pin(self, user: str, pin: str) -> bool:
        """Who has no PIN cannot log in; guessing is stopped for a while."""
        own = self._people.of(user).pin
        if not own or not self._guesses.allowed(user):
            return False
        right = hmac.compare_digest(own.encode(), pin.encode("utf-8", "replace"))
        self._guesses.note(user, right=right)
        return right

    def _log_out(self, dialled: Dialled) -> Plan:
        place = dialled.workplace
        if place is None:
            return _NOT_ALLOWED
        return self._confirm(dialled, place.display_name, lambda: self._people.log_out(place.name), "logged_out")


def _forwarded(fields: Mapping[str, str]) -> tuple[Part, ...]:
    """What to say of a change; all at once are only ever taken back."""
    said = {"always": "forward_on", "busy": "forward_busy", "no_answer": "forward_no_answer"}
    for field, number in fields.items():
        if number:
            return said[field], Digits(number)
    return ("forward_off" if "always" in fields else "done",)


def _table(calling: Calling) -> tuple[dict[str, str], dict[str, str]]:
    """Code to feature, for codes that stand alone and for those that are followed by digits."""
    codes = {feature: code for feature, code in (DEFAULT_CODES | dict(calling.codes)).items() if code}
    alone = {code: feature for feature, code in codes.items() if feature in ALONE}
    followed = {code: feature for feature, code in codes.items() if feature in FOLLOWED}
    return alone, followed
