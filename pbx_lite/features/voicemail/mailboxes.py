"""The boxes: which messages are in them, what their owners set, and who is told when that changes."""

import logging
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import voluptuous as vol

from pbx_lite.config import Secret, User
from pbx_lite.config import fields as f
from pbx_lite.config.faults import from_voluptuous
from pbx_lite.config.records import NO_SECRET
from pbx_lite.directory import Directory
from pbx_lite.errors import Invalid, NotFound, PbxError
from pbx_lite.events import (
    DirectoryChanged,
    DoorChanged,
    Event,
    EventBus,
    UserChanged,
    VoicemailChanged,
    VoicemailReceived,
)
from pbx_lite.features.voicemail.greeting import make_greeting
from pbx_lite.store.voicemail import Mail
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

MOST_MESSAGES = 100
"""In one box; then it is full."""
SECONDS = 25.0
DOOR = "door:"


class MailStore(Protocol):
    """What `store.voicemail.MailTable` does."""

    def load(self) -> Sequence[Mail]: ...

    def settings(self) -> Mapping[str, Mapping[str, Any]]: ...

    def unfinished(self, name: str) -> Path: ...

    async def keep(self, mail: Mail, sound: Path, picture: bytes | None = None) -> None: ...

    async def mark(self, ids: Collection[str], *, heard: bool) -> None: ...

    async def remove(self, ids: Collection[str]) -> None: ...

    async def sound(self, name: str) -> bytes: ...

    async def picture(self, name: str) -> bytes: ...

    async def put_settings(self, user: str, record: Mapping[str, Any]) -> None: ...

    async def greeting(self, user: str) -> bytes | None: ...

    async def put_greeting(self, user: str, sound: bytes | None) -> None: ...

    async def forget(self, box: str, ids: Collection[str]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSettings:
    """`enabled` is None where it is as the directory says.  Without a `pin` the box opens on the own phone alone."""

    enabled: bool | None = None
    seconds: float = SECONDS
    pin: Secret = NO_SECRET


def _pin(value: object) -> Secret:
    pin = f.text(value)
    if pin and not is_pin(pin):
        raise vol.Invalid("a PIN has 4 to 10 digits")
    return Secret(pin)


def is_pin(text: str) -> bool:
    return text.isascii() and text.isdigit() and 4 <= len(text) <= 10


_SET = vol.Schema(
    {
        vol.Optional("enabled"): f.yes_or_no,
        vol.Optional("seconds"): f.seconds(1, 300),
        vol.Optional("pin"): _pin,
    }
)


def _now() -> datetime:
    return datetime.now(UTC)


class Mailboxes:
    """What `api.room_facade.Mailboxes` says.  `wall` gives UTC; `on_count(user)` hears that a lamp has to change."""

    def __init__(
        self, *, directory: Directory, bus: EventBus, store: MailStore, wall: Callable[[], datetime] = _now
    ) -> None:
        self.on_count: Callable[[str], None] = lambda _user: None
        self._directory = directory
        self._bus = bus
        self._store = store
        self._wall = wall
        self._mails = {mail.id: mail for mail in store.load()}
        self._settings = {user: _parse(record) for user, record in store.settings().items()}
        self._greetings: dict[str, bytes | None] = {}
        self._tasks = Tasks("mailboxes")
        self._owners = self._all_owners()
        self._forget = bus.listen(self._heard, DirectoryChanged)

    async def close(self) -> None:
        self._forget()
        await self._tasks.close()

    # Messages

    def mails(self, box: str) -> list[Mail]:
        """The oldest first."""
        return [mail for mail in self._mails.values() if mail.box == box]

    def count(self, box: str) -> tuple[int, int]:
        found = self.mails(box)
        new = sum(not mail.heard for mail in found)
        return new, len(found) - new

    def full(self, box: str) -> bool:
        return len(self.mails(box)) >= MOST_MESSAGES

    async def messages(self, box: str) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "id": mail.id,
                "caller": mail.caller,
                "caller_name": mail.caller_name,
                "at": datetime.fromisoformat(mail.at),
                "seconds": mail.seconds,
                "heard": mail.heard,
                "picture": mail.picture,
            }
            for mail in reversed(self.mails(box))
        ]

    def box_of(self, message: str) -> str:
        return self._mail(message).box

    async def sound(self, message: str) -> bytes:
        return await self._store.sound(self._mail(message).id)

    async def picture(self, message: str) -> bytes | None:
        mail = self._mail(message)
        return await self._store.picture(mail.id) if mail.picture else None

    async def mark(self, message: str, *, heard: bool) -> None:
        await self.mark_all([message], heard=heard)

    async def mark_all(self, messages: Collection[str], *, heard: bool) -> None:
        """Those that are gone meanwhile are passed over, unless it is the only one.  Raises NotFound, StoreError."""
        known = self._known(messages)
        changing = [mail for mail in known if mail.heard is not heard]
        if not changing:
            return
        await self._store.mark([mail.id for mail in changing], heard=heard)
        for mail in changing:
            if mail.id in self._mails:
                self._mails[mail.id] = replace(self._mails[mail.id], heard=heard)
        self._changed({mail.box for mail in changing})

    async def remove(self, message: str) -> None:
        await self.remove_all([message])

    async def remove_all(self, messages: Collection[str]) -> None:
        """As `mark_all`."""
        going = self._known(messages)
        if not going:
            return
        await self._store.remove([mail.id for mail in going])
        for mail in going:
            self._mails.pop(mail.id, None)
        self._changed({mail.box for mail in going})

    def unfinished(self) -> tuple[str, Path]:
        """The id of a message to come, and where its sound may be written."""
        name = secrets.token_hex(8)
        return name, self._store.unfinished(name)

    async def keep(self, mail: Mail, sound: Path, picture: bytes | None = None) -> None:
        """A message is complete.  Raises NotFound where its owner is gone, StoreError."""
        if mail.box not in self._owners:
            raise NotFound("The mailbox is gone.")
        await self._store.keep(mail, sound, picture)
        self._mails[mail.id] = mail
        user, door = owner_of(mail.box)
        self._bus.publish(
            VoicemailReceived(
                message=mail.id,
                user=user,
                door=door,
                caller=mail.caller,
                caller_name=mail.caller_name,
                seconds=mail.seconds,
            )
        )
        self._changed({mail.box})

    def stamp(self) -> str:
        """Now, as messages have it."""
        return self._wall().astimezone(UTC).isoformat(timespec="milliseconds")

    # What people set

    def of(self, user: str) -> BoxSettings:
        return self._settings.get(user, _UNTOUCHED)

    def enabled(self, user: User) -> bool:
        own = self.of(user.name).enabled
        return user.voicemail if own is None else own

    def settings(self, user: str) -> Mapping[str, Any]:
        record, own = self._directory.user(user), self.of(user)
        return {"enabled": self.enabled(record), "seconds": own.seconds, "pin": bool(own.pin)}

    async def set(self, user: str, **fields: Any) -> None:
        """Raises NotFound, Invalid, StoreError."""
        name = self._directory.user(user).name
        try:
            checked = _SET(fields)
        except vol.Invalid as error:
            raise Invalid("; ".join(fault.message for fault in from_voluptuous(error))) from None
        after = replace(self.of(name), **checked)
        if after != self.of(name):
            await self._store.put_settings(name, _mapping(after))
            self._settings[name] = after
            self._bus.publish(UserChanged(user=name))

    async def greeting(self, user: str) -> bytes | None:
        name = self._directory.user(user).name
        if name not in self._greetings:
            self._greetings[name] = await self._store.greeting(name)
        return self._greetings[name]

    async def set_greeting(self, user: str, sound: bytes | None) -> None:
        name = self._directory.user(user).name
        made = await make_greeting(sound) if sound is not None else None
        await self._store.put_greeting(name, made)
        self._greetings[name] = made
        self._bus.publish(UserChanged(user=name))

    # Inside

    def _mail(self, message: str) -> Mail:
        if (mail := self._mails.get(message)) is None:
            raise NotFound("There is no such message.")
        return mail

    def _known(self, messages: Collection[str]) -> list[Mail]:
        if len(messages) == 1:
            return [self._mail(message) for message in messages]
        return [self._mails[message] for message in messages if message in self._mails]

    def _changed(self, boxes: Collection[str]) -> None:
        for box in sorted(boxes):
            user, door = owner_of(box)
            self._bus.publish(VoicemailChanged(user=user, door=door))
            if door:
                self._bus.publish(DoorChanged(door=door))
            else:
                self.on_count(user)
                self._bus.publish(UserChanged(user=user))

    def _all_owners(self) -> frozenset[str]:
        doors = {DOOR + door.name for door in self._directory.doors()}
        return frozenset(user.name for user in self._directory.users()) | doors

    def _heard(self, event: Event) -> None:
        """Whoever is made under the name of somebody who was removed does not hear their messages."""
        if not isinstance(event, DirectoryChanged):
            return
        before, self._owners = self._owners, self._all_owners()
        for box in sorted(before - self._owners):
            gone = [mail.id for mail in self.mails(box)]
            for name in gone:
                del self._mails[name]
            self._settings.pop(box, None)
            self._greetings.pop(box, None)
            self._tasks.spawn(self._forget_box(box, gone), name=f"forget {box}")

    async def _forget_box(self, box: str, gone: Collection[str]) -> None:
        try:
            await self._store.forget(box, gone)
        except PbxError as error:
            _LOGGER.warning("The mailbox of %s is still on the disk: %s", box, error)


def owner_of(box: str) -> tuple[str, str]:
    """The user and the door, one of them empty."""
    return ("", box.removeprefix(DOOR)) if box.startswith(DOOR) else (box, "")


def _parse(record: Mapping[str, Any]) -> BoxSettings:
    """What the store kept, by this version or an older one."""
    return BoxSettings(
        enabled=record.get("enabled"), seconds=record.get("seconds", SECONDS), pin=Secret(record.get("pin", ""))
    )


def _mapping(settings: BoxSettings) -> dict[str, Any]:
    return {"enabled": settings.enabled, "seconds": settings.seconds, "pin": str(settings.pin)}


_UNTOUCHED = BoxSettings()
