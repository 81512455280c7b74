"""What a client may ask of mailboxes: each is its user's; a door's is theirs who see the door."""

from collections.abc import Mapping
from typing import Any

from pbx_lite.api import room_schema as schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.payload import decoded, jpeg, sound
from pbx_lite.api.presentation import stamp
from pbx_lite.api.room_facade import DOOR_BOX, Mailboxes
from pbx_lite.errors import Forbidden, Invalid


@command("voicemail/list", schema.BOX)
async def messages(ask: Ask) -> dict[str, Any]:
    """Of the box that is named, else of one's own."""
    box = ask.fields.get("box") or ask.asker
    if not box:
        raise Invalid("box: say whose")
    boxes = _may(ask, box)
    return {"messages": [_shown(ask, each) for each in await boxes.messages(box)]}


@command("voicemail/sound", schema.MESSAGE)
async def message_sound(ask: Ask) -> dict[str, Any]:
    return await sound(await _of_message(ask, heard=True).sound(ask["message"]))


@command("voicemail/picture", schema.MESSAGE)
async def picture(ask: Ask) -> dict[str, Any] | None:
    found = await _of_message(ask, heard=True).picture(ask["message"])
    return None if found is None else jpeg(found)


@command("voicemail/mark", schema.MARK)
async def mark(ask: Ask) -> dict[str, Any]:
    await _of_message(ask).mark(ask["message"], heard=ask["heard"])
    return {}


@command("voicemail/remove", schema.MESSAGE)
async def remove(ask: Ask) -> dict[str, Any]:
    await _of_message(ask).remove(ask["message"])
    return {}


@command("voicemail/greeting", schema.MAILBOX)
async def greeting(ask: Ask) -> dict[str, Any] | None:
    """What every caller may hear; None where these are the standard words."""
    found = await there(ask.services.mailboxes).greeting(ask.somebody())
    return None if found is None else await sound(found)


@command("voicemail/set_greeting", schema.GREETING)
async def set_greeting(ask: Ask) -> dict[str, Any]:
    boxes, user = there(ask.services.mailboxes), ask.somebody()
    await boxes.set_greeting(user, await decoded(ask["data"], schema.SOUND_LIMIT))
    return {}


@command("voicemail/settings", schema.MAILBOX)
async def settings(ask: Ask) -> dict[str, Any]:
    return dict(there(ask.services.mailboxes).settings(ask.somebody()))


@command("voicemail/set", schema.SET_MAILBOX)
async def change(ask: Ask) -> dict[str, Any]:
    boxes, user = there(ask.services.mailboxes), ask.somebody()
    await boxes.set(user, **{key: value for key, value in ask.fields.items() if key != "user"})
    return dict(boxes.settings(user))


def _shown(ask: Ask, message: Mapping[str, Any]) -> dict[str, Any]:
    """Callers have the names of the asker's own phonebook."""
    book = ask.services.phonebook
    own = book.own_name_of(message["caller"], ask.asker) if book is not None else ""
    return {**message, "caller_name": own or message["caller_name"], "at": stamp(message["at"])}


def _of_message(ask: Ask, *, heard: bool = False) -> Mailboxes:
    """Raises NotFound, and Forbidden as `_may` does."""
    return _may(ask, there(ask.services.mailboxes).box_of(ask["message"]), heard=heard)


def _may(ask: Ask, box: str, *, heard: bool = False) -> Mailboxes:
    """The mailboxes, for those to whom this one belongs.

    Administrators may look after every box, but what was said (`heard`) is its owner's.  Raises Forbidden, NotFound.
    """
    directory, boxes = ask.services.directory, there(ask.services.mailboxes)
    looks_after = ask.may_all and (ask.actor is None or not heard)
    if box.startswith(DOOR_BOX):
        door = directory.door(box.removeprefix(DOOR_BOX))
        if not looks_after:
            directory.require(ask.by, "see", door.name)
        return boxes
    owner = directory.user(box)
    if not looks_after and ask.asker != owner.name:
        raise Forbidden(f"These messages are for {owner.display_name} alone.")
    return boxes
