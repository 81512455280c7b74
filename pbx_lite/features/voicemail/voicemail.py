"""Voicemail as a feature: what takes a call that nobody answers, what `*100` does, and what a visitor may leave."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from pbx_lite.calls.attendant import Keypad, answered
from pbx_lite.calls.call import Call
from pbx_lite.calls.guessing import Guessing
from pbx_lite.calls.leg import NOT_ALLOWED, UNALLOCATED
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Refuse, Serve
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.config import Door
from pbx_lite.directory import AccountKind, Directory, User
from pbx_lite.errors import PbxError
from pbx_lite.events import EventBus
from pbx_lite.features.voicemail.booth import Booth, Sounding, Speaker
from pbx_lite.features.voicemail.box_call import GREETING_SECONDS, BoxCall, standard_greeting
from pbx_lite.features.voicemail.limits import MOST_IN_BOX, MOST_OF_ONE, Lately, name_of
from pbx_lite.features.voicemail.mailboxes import DOOR, Mailboxes, MailStore
from pbx_lite.features.voicemail.taking import Kept, Machines, Message, Taking
from pbx_lite.media.recording import Recording
from pbx_lite.media.waiting import pause
from pbx_lite.speech.parts import Name, Part
from pbx_lite.store.voicemail import Mail
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

MOST_AT_ONCE = 20
"""Callers and visitors whom the boxes listen to at the same time; further ones find nobody."""
VISITOR_SECONDS = 30.0
TRIES = 3
_SAID = {Kept.SAVED: "voicemail_message_saved", Kept.NOTHING: "voicemail_too_short", Kept.FAILED: "voicemail_failed"}
_SAID_AT_DOOR = {Kept.SAVED: "door_message_saved", Kept.FAILED: "voicemail_failed"}


class Dialled(Protocol):
    """A code as somebody dialled it: `digits` are what follows it, `user` who it was as far as that is known."""

    @property
    def attempt(self) -> Attempt: ...

    @property
    def code(self) -> str: ...

    @property
    def digits(self) -> str: ...

    @property
    def user(self) -> User | None: ...


class Visitor(Protocol):
    """Somebody at a door whom nobody answers; `taken()` once somebody speaks with them after all."""

    @property
    def door(self) -> Door: ...

    @property
    def ring(self) -> str: ...

    @property
    def leg(self) -> Sounding: ...

    def taken(self) -> bool: ...


def _no_picture(_door: str, _ring: str) -> bytes | None:
    return None


class Voicemail:
    """`picture_of(door, ring)` may be set by whoever keeps the pictures of visitors."""

    def __init__(
        self,
        *,
        directory: Directory,
        switchboard: Switchboard,
        bus: EventBus,
        clock: Clock,
        store: MailStore,
        speech: Speaker,
        machines: Machines,
    ) -> None:
        self.picture_of: Callable[[str, str], bytes | None] = _no_picture
        self.mailboxes = Mailboxes(directory=directory, bus=bus, store=store)
        self._directory = directory
        self._switchboard = switchboard
        self._clock = clock
        self._speech = speech
        self._guessing = Guessing()
        self._taking = Taking(self.mailboxes, machines=machines, bus=bus)
        self._lately = Lately()
        self._tasks = Tasks("voicemail")
        self._listening: set[asyncio.Task[object]] = set()
        self._cleaning: set[asyncio.Task[None]] = set()
        self._closed = False

    async def close(self) -> None:
        """What is being said is kept as far as it came."""
        self._closed = True
        listening = [task for task in self._listening if task is not asyncio.current_task()]
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, *self._cleaning, return_exceptions=True)
        await self._taking.close()
        await self._tasks.close()
        await self.mailboxes.close()

    # Taking calls

    def takes(self, attempt: Attempt, user: User) -> tuple[float, Plan] | None:
        """After how many seconds the box of `user` takes this call, and how; None where it does not."""
        if attempt.direct or attempt.caller.door or not self.mailboxes.enabled(user):
            return None
        if not self._may_leave(name_of(attempt.caller), user.name):
            return None
        callee = Party(number=user.extension, name=user.display_name, user=user.name)
        plan = Serve(callee=callee, run=lambda call: self._take(call, user, attempt), missed=True)
        return self.mailboxes.of(user.name).seconds, plan

    async def _take(self, call: Call, user: User, attempt: Attempt) -> None:
        async with self._served():
            booth = self._booth(call, user)
            if self.mailboxes.full(user.name):
                await booth.say("voicemail_full")
                return
            key = await booth.hear(*await self._greeting(user))
            if key == "*" and self.mailboxes.of(user.name).pin:
                if await self._let_in(booth, attempt.caller, user):
                    await self._open(call, booth, user, attempt)
                return
            await booth.beep()
            caller = attempt.caller.public()
            message = Message(
                box=user.name,
                where=user.name,
                caller="" if caller.private else caller.number,
                caller_name="" if caller.private else caller.name,
            )
            self._note(name_of(attempt.caller), user.name)
            await booth.say(_SAID[await self._taking.message(booth, message)])

    async def _greeting(self, user: User) -> tuple[Part, ...]:
        """Their own words, else the standard ones."""
        try:
            sound = await self.mailboxes.greeting(user.name)
            if sound is not None:
                return (await asyncio.to_thread(Recording.decode, sound, most_seconds=GREETING_SECONDS + 5.0),)
        except PbxError as error:
            _LOGGER.warning("The greeting of %s cannot be played: %s", user.name, error)
        return standard_greeting(user)

    # Visitors

    async def visitor(self, visitor: Visitor) -> bool:
        """Let somebody at a door leave a message; cancelled when somebody comes after all, or they are gone.

        False where no message can be left.
        """
        box = DOOR + visitor.door.name
        if self.mailboxes.full(box) or not self._may_leave("", box):
            return False
        async with self._served():
            booth = Booth(visitor.leg, speech=self._speech, clock=self._clock, language="", keys=None)
            await booth.say("door_leave_message")
            await booth.beep()
            message = Message(
                box=box,
                where=visitor.door.name,
                caller=visitor.door.extension,
                caller_name=visitor.door.display_name,
                wanted=lambda: not visitor.taken(),
                picture=lambda: self.picture_of(visitor.door.name, visitor.ring),
            )
            self._note("", box)
            kept = await self._taking.message(booth, message, seconds=VISITOR_SECONDS)
            if (said := _SAID_AT_DOOR.get(kept)) is not None:
                await booth.say(said)
            return True

    # Listening

    def listen(self, dialled: Dialled) -> Plan:
        """`*100` opens the own box; that of somebody else, or from a phone that is nobody's, asks for their PIN."""
        callee = Party(number=dialled.code, name="Voicemail")
        own = dialled.user
        if not dialled.digits:
            if own is not None:
                return Serve(callee=callee, run=lambda call: self._listen(call, own, dialled.attempt, asks=False))
            return Serve(callee=callee, run=lambda call: self._ask_whose(call, dialled.attempt))
        user = self._user_at(dialled.digits)
        if user is None:
            return self._listen_to_door(dialled, callee) or Refuse(cause=UNALLOCATED)
        asks = own is None or own.name != user.name
        if asks and not self.mailboxes.of(user.name).pin:
            return Refuse(cause=NOT_ALLOWED)
        return Serve(callee=callee, run=lambda call: self._listen(call, user, dialled.attempt, asks=asks))

    def _listen_to_door(self, dialled: Dialled, callee: Party) -> Plan | None:
        """Whoever may see a door hears its visitors; None where the number is no door's."""
        account = self._directory.by_extension(dialled.digits)
        if account is None or account.kind is not AccountKind.DOOR:
            return None
        door, by = account.owner, dialled.user
        if by is None or not self._directory.may(by, "see", door):
            return Refuse(cause=NOT_ALLOWED)

        async def listen(call: Call) -> None:
            async with self._served():
                await self._open(call, self._booth(call, by), None, dialled.attempt, box=DOOR + door)

        return Serve(callee=callee, run=listen)

    async def _listen(self, call: Call, user: User, attempt: Attempt, *, asks: bool) -> None:
        async with self._served():
            booth = self._booth(call, user)
            if not asks or await self._let_in(booth, attempt.caller, user):
                await self._open(call, booth, user, attempt)

    async def _ask_whose(self, call: Call, attempt: Attempt) -> None:
        async with self._served():
            booth = self._booth(call, None)
            user = self._user_at(await booth.line("voicemail_enter_number"))
            if await self._let_in(booth, attempt.caller, user) and user is not None:
                await self._open(call, booth, user, attempt)

    async def _let_in(self, booth: Booth, caller: Party, user: User | None) -> bool:
        """Ask for the PIN; nobody learns whether there is such a box."""
        box = user.name if user is not None else ""
        for _ in range(TRIES):
            if self._guessing.locked(caller, self._clock.time()):
                break
            pin = await booth.line("voicemail_enter_pin")
            if not pin:
                await booth.say("goodbye")
                return False
            await pause(self._clock, self._guessing.pause(caller, box, self._clock.time()))
            own = self.mailboxes.of(box).pin
            right = bool(own) and hmac.compare_digest(own.encode(), pin.encode("utf-8", "replace"))
            self._guessing.note(caller, box, self._clock.time(), right=right)
            if right:
                return True
            await booth.say("voicemail_wrong_pin")
        _LOGGER.info("%s does not know the PIN of a mailbox", caller.shown)
        await booth.say("too_many_pins")
        return False

    async def _open(self, call: Call, booth: Booth, user: User | None, attempt: Attempt, *, box: str = "") -> None:
        """The box of a user, or of a door by its name."""
        whose = user.name if user is not None else box
        opened = BoxCall(
            booth,
            user,
            box=box,
            boxes=self.mailboxes,
            name_of=self._name_of,
            take_greeting=lambda booth: self._taking.sound(booth, whose, seconds=GREETING_SECONDS),
            calls_back=attempt.account is not None,
        )
        try:
            number = await opened.run()
        finally:
            if opened.deleted:
                task = self._tasks.spawn(self._remove(whose, opened.deleted), name="remove messages")
                self._cleaning.add(task)
                task.add_done_callback(self._cleaning.discard)
        seat = next((seat for seat in call.seats if seat.leg is call.origin), None)
        if number and seat is not None:
            call.release(seat)
            self._switchboard.incoming(seat.leg, seat.party, number, account=attempt.account, device=seat.device)

    async def _remove(self, whose: str, messages: set[str]) -> None:
        try:
            await self.mailboxes.remove_all(messages)
        except PbxError as error:
            _LOGGER.warning("Messages of %s are not removed: %s", whose, error)

    # Inside

    def _booth(self, call: Call, user: User | None) -> Booth:
        """The caller is answered now."""
        leg = answered(call)
        keys = Keypad(call, leg, self._clock)
        language = user.language if user is not None else ""
        return Booth(leg, speech=self._speech, clock=self._clock, language=language, keys=keys)

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[None]:
        """For as long as somebody has the ear of a box: `close` ends it, and keeps what was said."""
        task = asyncio.current_task()
        assert task is not None
        self._listening.add(task)
        try:
            yield
        finally:
            self._listening.discard(task)

    def _may_leave(self, caller: str, box: str) -> bool:
        now = self._clock.time()
        return (
            not self._closed
            and len(self._listening) < MOST_AT_ONCE
            and (not caller or self._lately.count(f"from {caller}", now) < MOST_OF_ONE)
            and self._lately.count(f"to {box}", now) < MOST_IN_BOX
        )

    def _note(self, caller: str, box: str) -> None:
        if caller:
            self._lately.note(f"from {caller}", self._clock.time())
        self._lately.note(f"to {box}", self._clock.time())

    def _user_at(self, extension: str) -> User | None:
        account = self._directory.by_extension(extension)
        if account is None or account.kind is not AccountKind.USER:
            return None
        return self._directory.user(account.owner)

    def _name_of(self, mail: Mail) -> Name | None:
        """Who left it, as far as there is a name for them."""
        if (user := self._user_at(mail.caller)) is not None:
            return Name(user.display_name, number=user.extension, user=user.name)
        return Name(mail.caller_name, number=mail.caller) if mail.caller_name else None
