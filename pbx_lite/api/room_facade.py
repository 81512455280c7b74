"""What the API needs of conference rooms, mailboxes and spoken words, as Protocols; `facade` has the rest.

`by` is the person who asks, None for the system; who may do what is decided by the commands.  All raise PbxError.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from pbx_lite.directory import User

type OnEnd = Callable[[str, str], None]

DOOR_BOX = "door:"
"""What the name of a door's mailbox begins with."""


class Rooms(Protocol):
    """The conference rooms that are in the directory, and who is in them."""

    def state(self, room: str) -> Mapping[str, Any]:
        """The room's moving parts as the wire shows them.

        `active`, `locked`, `muted`, `recording`, `since` (a datetime, None while empty) and `participants`, each with
        `id`, `name`, `number`, `user`, `leader`, `talking`, `muted`, `since` (a datetime).
        """
        ...

    def mute(self, room: str, participant: str, *, muted: bool) -> None: ...

    def mute_all(self, room: str, *, muted: bool) -> None:
        """Everybody but leaders, and whoever enters later."""
        ...

    def set_volume(self, room: str, participant: str, volume: float) -> None:
        """How loud the others hear this one; 1 is as it comes."""
        ...

    def drop(self, room: str, participant: str) -> None:
        """Send this one out."""
        ...

    def lock(self, room: str, *, locked: bool) -> None:
        """Nobody else may enter, leaders aside."""
        ...

    def record(self, room: str, *, on: bool) -> None:
        """Raises Unavailable where nothing can be written."""
        ...

    def expect(self, room: str, call: str, by: User | None) -> None:
        """Let those of a call of `by` in without a PIN, for a moment."""
        ...

    async def invite(self, room: str, number: str, by: User | None) -> None:
        """Call this number with the rights of `by` and add who confirms with a key.  Returns once it rings."""
        ...

    async def play(self, room: str, url: str) -> None:
        """Let everybody in the room hear this sound."""
        ...

    async def watch(
        self,
        room: str,
        by: User | None,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[dict[str, Any]],
        on_end: OnEnd,
    ) -> str:
        """Take part by a browser: the SDP answer.  Who only listens is none of the participants; who speaks is."""
        ...

    async def candidate(
        self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None: ...

    async def close_session(self, session: str) -> None: ...

    async def image(self, room: str, by: User | None) -> bytes:
        """A JPEG of who is in it."""
        ...

    async def recordings(self, room: str) -> Sequence[Mapping[str, Any]]:
        """Newest first: `id`, `at` (a datetime), `seconds`."""
        ...

    async def recording(self, room: str, recording: str) -> bytes:
        """Ogg Opus."""
        ...

    async def forget_recording(self, room: str, recording: str) -> None: ...


class Mailboxes(Protocol):
    """Messages that callers left: in the box of a user, or in that of a door, which belongs to the house.

    A box is named `<user>`, or `door:<door>`.
    """

    def count(self, box: str) -> tuple[int, int]:
        """New messages, and those that were heard."""
        ...

    async def messages(self, box: str) -> Sequence[Mapping[str, Any]]:
        """Newest first: `id`, `caller`, `caller_name`, `at` (a datetime), `seconds`, `heard`, `picture` (a bool)."""
        ...

    def box_of(self, message: str) -> str:
        """Raises NotFound."""
        ...

    async def sound(self, message: str) -> bytes:
        """Ogg Opus."""
        ...

    async def picture(self, message: str) -> bytes | None:
        """The JPEG of a visitor, None where there is none."""
        ...

    async def mark(self, message: str, *, heard: bool) -> None: ...

    async def remove(self, message: str) -> None: ...

    async def greeting(self, user: str) -> bytes | None:
        """The user's own words as Ogg Opus, None where callers hear the standard ones."""
        ...

    async def set_greeting(self, user: str, sound: bytes | None) -> None:
        """Any usual sound file, at most a minute; None goes back to the standard words.  Raises Invalid."""
        ...

    def settings(self, user: str) -> Mapping[str, Any]:
        """`enabled`, `seconds` (before the box takes a call), `pin` (whether one is set)."""
        ...

    async def set(self, user: str, **fields: Any) -> None:
        """`enabled`, `seconds` and `pin` (text, empty for none), as far as given."""
        ...


class Prompts(Protocol):
    """The words that the PBX speaks."""

    def wanted(self, language: str) -> Mapping[str, str]:
        """Everything that is to be spoken in this language, names of people and rooms too: key to text.

        Raises NotFound for a language that there are no texts for.
        """
        ...

    async def replace(self, language: str, key: str, sound: bytes | None) -> None:
        """Another voice for one prompt, any usual sound file; None goes back to the one that came with the PBX."""
        ...

    def languages(self) -> Sequence[str]: ...

    def replaced(self, language: str) -> Mapping[str, datetime]:
        """Which prompts have another voice, and since when."""
        ...
