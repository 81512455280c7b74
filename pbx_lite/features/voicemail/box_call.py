"""Somebody listens to their mailbox: says what the menu's table decides, and does it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Protocol

from pbx_lite.directory import User
from pbx_lite.errors import PbxError
from pbx_lite.features.voicemail.booth import PATIENCE, Booth
from pbx_lite.features.voicemail.mailboxes import is_pin
from pbx_lite.features.voicemail.menu import Action, State, decide, told
from pbx_lite.media.recording import Recording
from pbx_lite.speech.parts import Digits, Moment, Name, Number, Part
from pbx_lite.store.voicemail import Mail

_LOGGER = logging.getLogger(__name__)

LONGEST = 3600.0
"""Seconds of a message that can be played."""
GREETING_SECONDS = 60.0
MOST_SILENT = 3
"""How often the main menu is said to somebody who presses nothing."""


class Boxes(Protocol):
    """What `Mailboxes` does."""

    def mails(self, box: str) -> list[Mail]: ...

    async def sound(self, message: str) -> bytes: ...

    async def mark(self, message: str, *, heard: bool) -> None: ...

    async def greeting(self, user: str) -> bytes | None: ...

    async def set_greeting(self, user: str, sound: bytes | None) -> None: ...

    async def set(self, user: str, **fields: object) -> None: ...


type TakeGreeting = Callable[[Booth], Coroutine[object, object, bytes | None]]


class BoxCall:
    """`user` is whose box it is, None for the `box` of a door.

    `run()` gives the number to call back, empty for none; `deleted` are the messages to remove once it is over.

    Only with `calls_back` is anybody called: who comes from outside by a PIN alone makes no calls at the house's cost.
    """

    def __init__(
        self,
        booth: Booth,
        user: User | None,
        *,
        box: str = "",
        boxes: Boxes,
        name_of: Callable[[Mail], Name | None],
        take_greeting: TakeGreeting,
        calls_back: bool,
    ) -> None:
        self.deleted: set[str] = set()
        self._booth = booth
        self._owner = user
        self._box = user.name if user is not None else box
        self._boxes = boxes
        self._name_of = name_of
        self._take_greeting = take_greeting
        self._calls_back = calls_back
        self._main = State.MAIN if user is not None else State.HOUSE
        self._state = self._main
        self._list: list[Mail] = []
        self._at = 0
        self._number = ""
        self._does: Mapping[Action, Callable[[], Coroutine[object, object, str]]] = {
            Action.HELP: self._help,
            Action.REFUSE: lambda: self._tell("refused"),
            Action.FIRST: self._first,
            Action.AGAIN: self._play,
            Action.PREVIOUS: lambda: self._go(-1),
            Action.NEXT: lambda: self._go(+1),
            Action.DELETE: self._delete,
            Action.KEEP_NEW: self._keep_new,
            Action.CALL_BACK: self._call_back,
            Action.CHANGE_PIN: self._change_pin,
            Action.HEAR_GREETING: self._hear_greeting,
            Action.RECORD_GREETING: self._record_greeting,
            Action.STANDARD_GREETING: self._standard_greeting,
        }

    async def run(self) -> str:
        """Until they hang up, end it or press nothing any more."""
        key = await self._count()
        if not key and any(not mail.heard for mail in self._mails()):
            self._state, key = State.MESSAGE, await self._first()
        silent = 0
        while silent < MOST_SILENT and not self._number and not self._booth.gone:
            before = self._state
            key = key or await self._wait()
            if not key:
                silent += self._state is before is self._main
                continue
            silent = 0
            action, self._state = decide(self._state, key, main=self._main)
            if action is Action.END:
                break
            key = await self._does[action]() if action in self._does else ""
        if not self._number:
            await self._booth.say("goodbye")
        return self._number

    # What is heard without a key

    async def _count(self) -> str:
        mails = self._mails()
        new = sum(not mail.heard for mail in mails)
        if not mails:
            return await self._tell("voicemail_none")
        key = await self._tell("voicemail_new", Number(new)) if new else ""
        old = len(mails) - new
        return key or (await self._tell("voicemail_old", Number(old)) if old else "")

    async def _wait(self) -> str:
        """A key; where none comes for a while, what the keys do, and then the next message."""
        key = await self._booth.key(PATIENCE / 2) or await self._help()
        key = key or await self._booth.key(PATIENCE)
        if key or self._state is self._main:
            return key
        if self._state is State.MESSAGE:
            return await self._go(+1)
        self._state = self._main
        return ""

    async def _help(self) -> str:
        for prompt, digit in told(self._state):
            if key := await self._tell(prompt, Digits(digit)):
                return key
        return ""

    async def _tell(self, *parts: Part) -> str:
        return await self._booth.hear(*parts)

    # Messages

    def _mails(self) -> list[Mail]:
        """What is there still: somebody may take messages away meanwhile."""
        return [mail for mail in self._boxes.mails(self._box) if mail.id not in self.deleted]

    async def _first(self) -> str:
        """The new ones come first, each kind with its newest last."""
        mails = self._mails()
        self._list, self._at = sorted(mails, key=lambda mail: mail.heard), 0
        if not mails:
            self._state = self._main
            return await self._tell("voicemail_none")
        return await self._tell("voicemail_first_message") or await self._play()

    async def _go(self, step: int) -> str:
        if not 0 <= self._at + step < len(self._list):
            if step > 0:
                self._state = self._main
            return await self._tell("voicemail_no_more")
        self._at += step
        return await self._tell("voicemail_next_message") or await self._play() if step > 0 else await self._play()

    async def _play(self) -> str:
        mail = self._list[self._at]
        if key := await self._tell(*self._about(mail)):
            return key
        try:
            recording = await self._decoded(await self._boxes.sound(mail.id))
        except PbxError as error:
            _LOGGER.info("A message of %s cannot be played: %s", self._box, error)
            return await self._tell("refused")
        await self._mark(mail, heard=True)
        return await self._tell(recording)

    def _about(self, mail: Mail) -> tuple[Part, ...]:
        moment = Moment(datetime.fromisoformat(mail.at))
        if (name := self._name_of(mail)) is not None:
            return "voicemail_received_name", moment, name
        if any(map(str.isdigit, mail.caller)):
            return "voicemail_received_number", moment, Digits(mail.caller)
        return "voicemail_received", moment

    async def _delete(self) -> str:
        mail = self._list[self._at]
        if mail.id in self.deleted:
            self.deleted.remove(mail.id)
            return await self._tell("voicemail_restored")
        self.deleted.add(mail.id)
        return await self._tell("voicemail_deleted")

    async def _keep_new(self) -> str:
        mail = self._list[self._at]
        self.deleted.discard(mail.id)
        await self._mark(mail, heard=False)
        return await self._tell("voicemail_saved")

    async def _call_back(self) -> str:
        number = self._list[self._at].caller
        if not self._calls_back:
            return await self._tell("refused")
        if not any(map(str.isdigit, number)):
            return await self._tell("voicemail_no_number")
        self._number = number
        await self._booth.say("voicemail_calling_back")
        return ""

    async def _mark(self, mail: Mail, *, heard: bool) -> None:
        try:
            await self._boxes.mark(mail.id, heard=heard)
        except PbxError as error:
            _LOGGER.debug("A message is not marked: %s", error)

    # The greeting and the PIN

    @property
    def _user(self) -> User:
        assert self._owner is not None, "nothing in the menu of a door leads here"
        return self._owner

    async def _hear_greeting(self) -> str:
        sound = await self._boxes.greeting(self._user.name)
        if sound is None:
            return await self._tell(*standard_greeting(self._user))
        return await self._tell(await self._decoded(sound))

    async def _record_greeting(self) -> str:
        await self._booth.say("voicemail_record_greeting")
        await self._booth.beep()
        sound = await self._take_greeting(self._booth)
        return await self._set_greeting(sound, "voicemail_greeting_saved") if sound else await self._tell("refused")

    async def _standard_greeting(self) -> str:
        return await self._set_greeting(None, "voicemail_greeting_is_standard")

    async def _set_greeting(self, sound: bytes | None, done: str) -> str:
        try:
            await self._boxes.set_greeting(self._user.name, sound)
        except PbxError as error:
            _LOGGER.info("The greeting of %s stays as it is: %s", self._user.name, error)
            return await self._tell("refused")
        return await self._tell(done)

    async def _change_pin(self) -> str:
        pin = await self._booth.line("voicemail_new_pin")
        if not is_pin(pin):
            return await self._tell("voicemail_pin_bad")
        if await self._booth.line("voicemail_pin_again") != pin:
            return await self._tell("voicemail_pin_differs")
        try:
            await self._boxes.set(self._user.name, pin=pin)
        except PbxError:
            return await self._tell("refused")
        return await self._tell("voicemail_pin_changed")

    @staticmethod
    async def _decoded(sound: bytes) -> Recording:
        return await asyncio.to_thread(Recording.decode, sound, most_seconds=LONGEST)


def standard_greeting(user: User) -> tuple[Part, ...]:
    return "voicemail_greeting_name", Name(user.display_name, number=user.extension, user=user.name)
