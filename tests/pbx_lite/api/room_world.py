"""The rooms, mailboxes and spoken words of tests/wire/: fakes that answer at once and keep what they were asked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pbx_lite.config import Room
from pbx_lite.directory import User
from pbx_lite.errors import Invalid, NotFound, Unavailable

type OnEnd = Callable[[str, str], None]

BEGAN = datetime(2026, 11, 21, 9, 40, tzinfo=UTC)
CAME = datetime(2026, 11, 21, 9, 41, 30, tzinfo=UTC)
LEFT = datetime(2026, 11, 20, 18, 31, tzinfo=UTC)
OGG = b"OggS"
PICTURE = b"\xff\xd8\xff\xd9"

ROOMS = (
    Room(name="table", display_name="Kitchen table", extension="800", announce_join_leave=True),
    Room(name="club", display_name="Book club", extension="801", pin=None, language="de", max_members=12),
)
KEPT_ROOMS = {
    "office": {"name": "office", "display_name": "Office", "extension": "802", "pin": "", "admin_pin": "9999"},
}


def _in_the_room() -> dict[str, Any]:
    """Anna leads and speaks; Dr. Huber was muted."""
    anna = {"id": "p1", "name": "Anna Berger", "number": "101", "user": "anna", "leader": True}
    surgery = {"id": "p2", "name": "Dr. Huber", "number": "+4989123456", "user": "", "leader": False}
    return {
        "active": True,
        "locked": False,
        "muted": False,
        "recording": True,
        "since": BEGAN,
        "participants": [
            {**anna, "talking": True, "muted": False, "since": BEGAN},
            {**surgery, "talking": False, "muted": True, "since": CAME},
        ],
    }


class FakeRooms:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.on_end: dict[str, OnEnd] = {}
        self.states: dict[str, dict[str, Any]] = {"table": _in_the_room()}
        self.kept = [{"id": "rec2", "at": BEGAN, "seconds": 1200.5}, {"id": "rec1", "at": LEFT, "seconds": 61.0}]

    def state(self, room: str) -> Mapping[str, Any]:
        empty = {"active": False, "locked": False, "muted": False, "recording": False, "since": None}
        return self.states.get(room, {**empty, "participants": []})

    def mute(self, room: str, participant: str, *, muted: bool) -> None:
        self._in(room, participant)
        self.asked.append(("mute", room, participant, muted))

    def mute_all(self, room: str, *, muted: bool) -> None:
        self.asked.append(("mute_all", room, muted))

    def set_volume(self, room: str, participant: str, volume: float) -> None:
        self._in(room, participant)
        self.asked.append(("set_volume", room, participant, volume))

    def drop(self, room: str, participant: str) -> None:
        self._in(room, participant)
        self.asked.append(("drop", room, participant))

    def lock(self, room: str, *, locked: bool) -> None:
        self.asked.append(("lock", room, locked))

    def record(self, room: str, *, on: bool) -> None:
        if room == "club":
            raise Unavailable("The disk is full; free some space.")
        self.asked.append(("record", room, on))

    def expect(self, room: str, call: str, by: User | None) -> None:
        self.asked.append(("expect", room, call, by and by.name))

    async def invite(self, room: str, number: str, by: User | None) -> None:
        if number == "103":
            raise Unavailable("No phone of Carla is registered.")
        self.asked.append(("invite", room, number, by and by.name))

    async def play(self, room: str, url: str) -> None:
        if url.startswith("ftp:"):
            raise Invalid("url: only http, https and files of the data folder can be played")
        self.asked.append(("play", room, url))

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
        self.asked.append(("watch", room, by and by.name, session, offer, list(ice_servers)))
        self.on_end[session] = on_end
        return "v=0\r\no=room"

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        self.asked.append(("candidate", session, candidate, sdp_mid, sdp_m_line_index))

    async def close_session(self, session: str) -> None:
        self.asked.append(("close", session))

    async def image(self, room: str, by: User | None) -> bytes:
        self.asked.append(("image", room, by and by.name))
        return PICTURE

    async def recordings(self, room: str) -> Sequence[Mapping[str, Any]]:
        return self.kept if room == "table" else []

    async def recording(self, room: str, recording: str) -> bytes:
        self._kept(room, recording)
        return OGG

    async def forget_recording(self, room: str, recording: str) -> None:
        self._kept(room, recording)
        self.kept = [each for each in self.kept if each["id"] != recording]

    def _kept(self, room: str, recording: str) -> None:
        if room != "table" or recording not in [each["id"] for each in self.kept]:
            raise NotFound("There is no such recording.")

    def _in(self, room: str, participant: str) -> None:
        if participant not in [each["id"] for each in self.state(room)["participants"]]:
            raise NotFound("This participant is not in the room.")


def _message(name: str, *, caller: str = "", caller_name: str = "", heard: bool = False) -> dict[str, Any]:
    who = {"caller": caller, "caller_name": caller_name}
    return {"id": name, **who, "at": LEFT, "seconds": 12.5, "heard": heard, "picture": not caller}


class FakeMailboxes:
    def __init__(self) -> None:
        self.boxes: dict[str, list[dict[str, Any]]] = {
            "anna": [
                _message("m2", caller="+4989123456", caller_name="Dr. Huber"),
                _message("m1", caller="102", caller_name="Ben Berger", heard=True),
            ],
            "door:front": [_message("v1", caller_name="Front door")],
        }
        self.greetings: dict[str, bytes] = {"anna": OGG}
        self.set_up: dict[str, dict[str, Any]] = {"anna": {"enabled": True, "seconds": 20.0, "pin": True}}

    def count(self, box: str) -> tuple[int, int]:
        found = self.boxes.get(box, [])
        heard = sum(message["heard"] for message in found)
        return len(found) - heard, heard

    async def messages(self, box: str) -> Sequence[Mapping[str, Any]]:
        return self.boxes.get(box, [])

    def box_of(self, message: str) -> str:
        for box, messages in self.boxes.items():
            if message in [each["id"] for each in messages]:
                return box
        raise NotFound("There is no such message.")

    async def sound(self, message: str) -> bytes:
        return OGG

    async def picture(self, message: str) -> bytes | None:
        return PICTURE if message == "v1" else None

    async def mark(self, message: str, *, heard: bool) -> None:
        for each in self.boxes[self.box_of(message)]:
            if each["id"] == message:
                each["heard"] = heard

    async def remove(self, message: str) -> None:
        box = self.box_of(message)
        self.boxes[box] = [each for each in self.boxes[box] if each["id"] != message]

    async def greeting(self, user: str) -> bytes | None:
        return self.greetings.get(user)

    async def set_greeting(self, user: str, sound: bytes | None) -> None:
        if sound is None:
            self.greetings.pop(user, None)
        elif not sound.startswith(OGG):
            raise Invalid("This is not a sound that can be read.")
        else:
            self.greetings[user] = sound

    def settings(self, user: str) -> Mapping[str, Any]:
        return self.set_up.get(user, {"enabled": False, "seconds": 25.0, "pin": False})

    async def set(self, user: str, **fields: Any) -> None:
        if "pin" in fields:
            fields["pin"] = bool(fields["pin"])
        self.set_up[user] = {**self.settings(user), **fields}


class FakePrompts:
    def __init__(self) -> None:
        self.voices: dict[str, dict[str, datetime]] = {"de": {"room_enter_pin": LEFT}}

    def wanted(self, language: str) -> Mapping[str, str]:
        self._check(language)
        return {"room_enter_pin": "Bitte geben Sie die PIN ein.", "name_anna": "Anna Berger"}

    async def replace(self, language: str, key: str, sound: bytes | None) -> None:
        self._check(language)
        if key not in self.wanted(language):
            raise NotFound(f"There is no prompt named {key}.")
        voices = self.voices.setdefault(language, {})
        if sound is None:
            voices.pop(key, None)
        else:
            voices[key] = BEGAN

    def languages(self) -> Sequence[str]:
        return ["en", "de", "fr", "nl", "sr", "bar"]

    def replaced(self, language: str) -> Mapping[str, datetime]:
        self._check(language)
        return self.voices.get(language, {})

    def _check(self, language: str) -> None:
        if language not in self.languages():
            raise NotFound(f"There are no texts in {language}.")
