"""What may be asked of the PBX about conference rooms: typed commands.  Knows nothing of Home Assistant."""

import base64
from collections.abc import Mapping
from typing import Any

from .models import Actor, Picture
from .phones import Command
from .room_models import Room, RoomPins, RoomRecording, Sound

# Somebody's phone has to ring first; a sound may have to be spoken before it is played.
SLOW_TIMEOUT = 60.0


class Rooms:
    """Each method asks on behalf of `actor`, None for the system, and raises PascomError."""

    def __init__(self, command: Command) -> None:
        self._command = command

    # Who is in it, and how

    async def mute(self, actor: Actor | None, room: str, participant: str, *, muted: bool) -> None:
        await self._command("room/mute", actor=actor, room=room, participant=participant, muted=muted)

    async def mute_all(self, actor: Actor | None, room: str, *, muted: bool) -> None:
        """Everybody but leaders, and whoever enters later."""
        await self._command("room/mute_all", actor=actor, room=room, muted=muted)

    async def drop(self, actor: Actor | None, room: str, participant: str) -> None:
        """Send this one out."""
        await self._command("room/drop", actor=actor, room=room, participant=participant)

    async def lock(self, actor: Actor | None, room: str, *, locked: bool) -> None:
        await self._command("room/lock", actor=actor, room=room, locked=locked)

    async def record(self, actor: Actor | None, room: str, *, on: bool) -> None:
        await self._command("room/record", actor=actor, room=room, on=on)

    async def invite(self, actor: Actor | None, room: str, number: str) -> None:
        """Call this number; who confirms with a key is in."""
        await self._command("room/invite", actor=actor, timeout=SLOW_TIMEOUT, room=room, number=number)

    async def play(self, actor: Actor | None, room: str, url: str) -> None:
        """Let everybody in the room hear this sound."""
        await self._command("room/play", actor=actor, timeout=SLOW_TIMEOUT, room=room, url=url)

    # To see and hear

    async def watch(
        self, room: str, session: str, offer: str, ice_servers: list[dict[str, Any]], actor: Actor | None
    ) -> str:
        """Take part by WebRTC: the answer's SDP, all candidates in it."""
        result = await self._command(
            "room/watch",
            actor=actor,
            timeout=SLOW_TIMEOUT,
            room=room,
            session=session,
            offer=offer,
            ice_servers=ice_servers,
        )
        return str(result["answer"])

    async def image(self, room: str, actor: Actor | None = None) -> Picture:
        """A picture of who is in it."""
        result = await self._command("room/image", actor=actor, room=room)
        return Picture(content_type=result["content_type"], data=base64.b64decode(result["data"]))

    async def recordings(self, actor: Actor | None, room: str) -> list[RoomRecording]:
        """Newest first."""
        result = await self._command("room/recordings", actor=actor, room=room)
        return [RoomRecording.from_wire(each) for each in result["recordings"]]

    async def recording(self, actor: Actor | None, room: str, recording: str) -> Sound:
        result = await self._command(
            "room/recording", actor=actor, timeout=SLOW_TIMEOUT, room=room, recording=recording
        )
        return as_sound(result)

    async def forget(self, actor: Actor | None, room: str, recording: str) -> None:
        await self._command("room/forget_recording", actor=actor, room=room, recording=recording)

    # Rooms that come and go

    async def add(self, actor: Actor | None, **fields: Any) -> Room:
        return Room.from_wire((await self._command("room/add", actor=actor, **fields))["room"])

    async def update(self, actor: Actor | None, room: str, **fields: Any) -> Room:
        return Room.from_wire((await self._command("room/update", actor=actor, room=room, **fields))["room"])

    async def remove(self, actor: Actor | None, room: str) -> None:
        """Whoever is in it is told, and sent home."""
        await self._command("room/remove", actor=actor, room=room)

    async def pins(self, actor: Actor | None, room: str) -> RoomPins:
        return RoomPins.from_wire(await self._command("room/pin", actor=actor, room=room))


def as_sound(result: Mapping[str, Any]) -> Sound:
    return Sound(content_type=result["content_type"], data=base64.b64decode(result["data"]))
