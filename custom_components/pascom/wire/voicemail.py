"""What may be asked of the PBX about mailboxes and the words it speaks: typed commands.

Knows nothing of Home Assistant.
"""

import base64
from typing import Any

from .models import Actor, Picture
from .phones import Command
from .room_models import Sound, VoiceMessage
from .rooms import SLOW_TIMEOUT, as_sound

DOOR_BOX = "door:"


def box_of(user: str, door: str) -> str:
    """The name of a mailbox: that of its user, or `door:` and the door for one of the house."""
    return user or DOOR_BOX + door


class Mailboxes:
    """Each method asks on behalf of `actor`, None for the system, and raises PascomError."""

    def __init__(self, command: Command) -> None:
        self._command = command

    async def messages(self, actor: Actor | None, box: str) -> list[VoiceMessage]:
        """Newest first."""
        result = await self._command("voicemail/list", actor=actor, box=box)
        return [VoiceMessage.from_wire(each) for each in result["messages"]]

    async def sound(self, actor: Actor | None, message: str) -> Sound:
        return as_sound(await self._command("voicemail/sound", actor=actor, timeout=SLOW_TIMEOUT, message=message))

    async def picture(self, actor: Actor | None, message: str) -> Picture | None:
        """The visitor, None where there is no picture."""
        result = await self._command("voicemail/picture", actor=actor, message=message)
        if not result:
            return None
        return Picture(content_type=result["content_type"], data=base64.b64decode(result["data"]))

    async def mark(self, actor: Actor | None, message: str, *, heard: bool) -> None:
        await self._command("voicemail/mark", actor=actor, message=message, heard=heard)

    async def remove(self, actor: Actor | None, message: str) -> None:
        await self._command("voicemail/remove", actor=actor, message=message)

    async def set_greeting(self, actor: Actor | None, user: str, sound: bytes | None) -> None:
        """What callers hear; None goes back to the standard words."""
        data = None if sound is None else base64.b64encode(sound).decode()
        await self._command("voicemail/set_greeting", actor=actor, timeout=SLOW_TIMEOUT, user=user, data=data)

    async def set(self, actor: Actor | None, user: str, **fields: Any) -> None:
        """`enabled`, `seconds` before the box takes a call, `pin` (empty for none)."""
        await self._command("voicemail/set", actor=actor, user=user, **fields)


class Prompts:
    """The words that the PBX speaks; each method asks as Mailboxes' do."""

    def __init__(self, command: Command) -> None:
        self._command = command

    async def wanted(self, actor: Actor | None, language: str) -> dict[str, str]:
        """Everything that is to be spoken in this language: key to text."""
        result = await self._command("prompt/wanted", actor=actor, language=language)
        return {str(key): str(text) for key, text in result["prompts"].items()}

    async def replace(self, actor: Actor | None, language: str, key: str, sound: bytes | None) -> None:
        """Another voice for one prompt; None goes back to the one that came with the PBX."""
        data = None if sound is None else base64.b64encode(sound).decode()
        await self._command("prompt/replace", actor=actor, timeout=SLOW_TIMEOUT, language=language, key=key, data=data)

    async def replaced(self, actor: Actor | None, language: str) -> list[str]:
        """The keys of those that have another voice."""
        result = await self._command("prompt/list", actor=actor, language=language)
        return [str(key) for key in result["replaced"]]
