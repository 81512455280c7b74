"""Notifications about calls: somebody calls, somebody called, somebody left a message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later

from ..const import LOGGER
from ..wire.errors import PascomError
from ..wire.models import Event
from .app_phones import DEVICE
from .apps import App, Note, clearing
from .notes import Action, Look, area_link, box_link, does, goes_to, phone_link
from .readers import Reader
from .unread import Unread
from .writing_desk import Desk

# Seconds to hear who took a call that another phone took.
WHO_TIMEOUT = 2.0
_NOBODY = frozenset({"", "anonymous"})


@dataclass(slots=True)
class _Call:
    """A call that rings at one person's app.  `reader` is None until it is known, and for who wants none."""

    id: str
    user: str
    leg: str
    name: str
    number: str
    rings: bool = True
    declined: bool = False
    reader: Reader | None = None
    wait: CALLBACK_TYPE | None = field(default=None, repr=False)

    @property
    def tag(self) -> str:
        return f"pascom-{self.id}"

    def forget_wait(self) -> None:
        if self.wait is not None:
            self.wait()
            self.wait = None


class CallNotes:
    """Hears every event of the PBX, and that it is away."""

    def __init__(self, desk: Desk, unread: Unread) -> None:
        self._desk = desk
        self._unread = unread
        self._calls: list[_Call] = []

    @callback
    def on_event(self, event: Event) -> None:
        if (hear := _HEARD.get(event.kind)) is not None:
            hear(self, event)

    @callback
    def close(self) -> None:
        """The PBX is away, or we are: nothing that rings can be answered any more."""
        for call in tuple(self._calls):
            self._silence(call)
            self._calls.remove(call)

    # What happens

    def _rang(self, event: Event) -> None:
        data = event.data
        if data.get("device") != DEVICE or data.get("door"):
            return
        user, leg = str(data["user"]), str(data["leg"])
        if data.get("auto_answer"):
            # What speaks by itself speaks on phones that are there.
            self._desk.later(self._desk.phones.busy(user, leg), f"lets other phones of {user} pick up")
            return
        call = _Call(event.call, user, leg, str(data.get("name", "")), str(data.get("number", "")))
        self._calls.append(call)
        if not self._is_own(call):
            self._desk.later(self._ring(call), f"rings at the app of {user}")

    async def _ring(self, call: _Call) -> None:
        reader = await self._desk.reader(call.user)
        if reader is None or not reader.wants.call or not call.rings:
            return
        call.reader = reader
        self._show_ringing(call, reader)

    def _changed(self, event: Event) -> None:
        """Of the app's own leg: it shows another name, or rings no more."""
        data = event.data
        call = next((each for each in self._calls if each.leg == data.get("leg")), None)
        if call is None or data.get("device") != DEVICE or not call.rings:
            return
        if data.get("state") == "ended":
            if data.get("elsewhere"):
                call.forget_wait()
                call.wait = async_call_later(self._desk.hass, WHO_TIMEOUT, lambda _now: self._silence(call))
            else:
                self._silence(call)
        elif (name := str(data.get("name", ""))) and name != call.name:
            call.name, call.number = name, str(data.get("number", ""))
            if call.reader is not None:
                self._show_ringing(call, call.reader, again=True)

    def _call_changed(self, event: Event) -> None:
        """The PBX may say only now that it is the person who calls, and whose own phones ring first."""
        for call in self._of(event):
            if call.rings and self._is_own(call):
                self._silence(call)

    def _answered(self, event: Event) -> None:
        by = str(event.data.get("by", ""))
        for call in self._of(event):
            reader, rang = call.reader, call.rings
            self._silence(call)
            if reader is not None and rang and by and by != call.user:
                words = reader.say("answered_by", by=self._desk.coordinator.display_name_of(by))
                look = self._look(call.tag, reader, "channel_quiet", "mdi:phone-check", area_link("journal"))
                self._desk.show_all(reader, look.quiet(self._name(reader, call.name, call.number), words, stays=False))

    def _missed(self, event: Event) -> None:
        user = str(event.data.get("user", ""))
        call = next((each for each in self._of(event) if each.user == user), None)
        if call is not None and call.declined:
            return
        self._desk.later(self._tell_missed(event, user, call), f"tells {user} of a missed call")

    async def _tell_missed(self, event: Event, user: str, call: _Call | None) -> None:
        reader = await self._desk.reader(user)
        if reader is None or not reader.wants.missed:
            return
        number = str(event.data.get("caller", ""))
        # The reader's own name for them goes to the reader's own devices.
        name = str(event.data.get("known_as") or event.data.get("caller_name", ""))
        name = self._name(reader, name, number)
        look = self._look(f"pascom-{event.call}", reader, "channel_quiet", "mdi:phone-missed", area_link("journal"))
        actions = [] if number in _NOBODY else [goes_to(reader.say("call_back"), phone_link(number=number))]
        words = name if number in {name, *_NOBODY} else f"{name}, {number}"
        rang = call is not None and call.reader is not None
        write = look.quiet if rang else look.plain
        unread = await self._unread.count(reader, call=event.call)
        self._desk.show_all(reader, write(reader.say("call_missed"), words, actions, unread=unread))

    def _ended(self, event: Event) -> None:
        for call in self._of(event):
            self._silence(call)
            self._calls.remove(call)

    def _message(self, event: Event) -> None:
        if user := str(event.data.get("user", "")):
            self._desk.later(self._tell_message(event, user), f"tells {user} of a message")

    async def _tell_message(self, event: Event, user: str) -> None:
        reader = await self._desk.reader(user)
        if reader is None or not reader.wants.voicemail:
            return
        number, seconds = str(event.data.get("caller", "")), round(float(event.data.get("seconds", 0)))
        name = self._name(reader, str(event.data.get("caller_name", "")), number)
        tag = f"pascom-message-{event.data['message']}"
        look = self._look(tag, reader, "channel_quiet", "mdi:voicemail", box_link(""))
        words = reader.say("voicemail", name=name, seconds=seconds)
        unread = await self._unread.count(reader)
        self._desk.show_all(reader, look.plain(reader.say("voicemail_title"), words, unread=unread))

    # What is shown

    def _show_ringing(self, call: _Call, reader: Reader, *, again: bool = False) -> None:
        link = phone_link(answer=call.id)
        look = self._look(call.tag, reader, "channel_call", "mdi:phone-ring", phone_link())

        def note(app: App) -> Note:
            token = self._desk.offers.make(app, call.tag + call.user, "decline", partial(self._decline, call, reader))
            actions: list[Action] = [goes_to(reader.say("answer"), link), does(reader.say("decline"), token)]
            name = self._name(reader, call.name, call.number)
            return look.loud(name, reader.say("call"), actions, again=again)

        self._desk.show(reader, note)

    def _silence(self, call: _Call) -> None:
        call.forget_wait()
        if not call.rings:
            return
        call.rings = False
        self._desk.offers.withdraw(call.tag + call.user)
        if call.reader is not None:
            self._desk.show_all(call.reader, clearing(call.tag))

    @staticmethod
    def _look(tag: str, reader: Reader, channel: str, icon: str, link: str) -> Look:
        return Look(tag=tag, link=link, channel=reader.say(channel), icon=icon)

    @staticmethod
    def _name(reader: Reader, name: str, number: str) -> str:
        return reader.say("anonymous") if number in _NOBODY and name.lower() in _NOBODY else name or number

    # What people press

    async def _decline(self, call: _Call, reader: Reader) -> None:
        """For this person, on all their phones; whoever else is rung goes on ringing."""
        call.declined = True
        self._silence(call)
        try:
            await self._desk.ask(reader, "call/hang_up", call=call.id)
        except PascomError as err:
            LOGGER.debug("A call was over before it was declined: %s", err.message)

    # Private

    def _of(self, event: Event) -> list[_Call]:
        return [call for call in self._calls if call.id == event.call]

    def _is_own(self, call: _Call) -> bool:
        """Whether it rings because the person dials from another place."""
        known = self._desk.snapshot.calls.get(call.id)
        caller = known.caller if known else None
        return caller is not None and caller.user == call.user


_HEARD: dict[str, Callable[[CallNotes, Event], None]] = {
    "phone_rang": CallNotes._rang,
    "phone_changed": CallNotes._changed,
    "call_changed": CallNotes._call_changed,
    "call_answered": CallNotes._answered,
    "call_missed": CallNotes._missed,
    "call_ended": CallNotes._ended,
    "voicemail_received": CallNotes._message,
}
