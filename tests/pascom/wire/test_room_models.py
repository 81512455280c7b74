"""The commands about rooms, mailboxes and prompts, as the golden conversations have them."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.pascom.wire.models import Actor, Picture, Snapshot
from custom_components.pascom.wire.room_models import RoomPins, RoomRecording, Sound, VoiceMessage
from custom_components.pascom.wire.rooms import Rooms
from custom_components.pascom.wire.voicemail import Mailboxes, Prompts, box_of
from tests.pascom.fake_pbx import golden

ANNA = Actor(ha_user="ha-anna", name="Anna")
BEN = Actor(ha_user="ha-ben", name="Ben")
OWNER = Actor(ha_user="ha-owner", name="Owner", admin=True)
EVENING = datetime(2026, 11, 20, 18, 31, tzinfo=UTC)
OGG = Sound(content_type="audio/ogg", data=b"OggS")
JPEG = Picture(content_type="image/jpeg", data=b"\xff\xd8\xff\xd9")

type Ask = Callable[[Rooms, Mailboxes, Prompts], Coroutine[Any, Any, Any]]


@pytest.mark.parametrize(
    ("name", "number", "ask", "answer"),
    [
        ("room_mute", 0, lambda r, m, p: r.mute(ANNA, "table", "p2", muted=False), None),
        ("room_drop", 0, lambda r, m, p: r.drop(ANNA, "table", "p2"), None),
        ("room_lock", 0, lambda r, m, p: r.lock(ANNA, "table", locked=True), None),
        ("room_record", 0, lambda r, m, p: r.record(ANNA, "table", on=True), None),
        ("room_invite", 0, lambda r, m, p: r.invite(ANNA, "table", "+491701234567"), None),
        ("room_play", 0, lambda r, m, p: r.play(None, "table", "http://192.0.2.5/tea.mp3"), None),
        (
            "room_watch",
            0,
            lambda r, m, p: r.watch("table", "s1", "v=0\r\no=offer", [{"urls": ["stun:stun.example:3478"]}], ANNA),
            "v=0\r\no=room",
        ),
        ("room_image", 0, lambda r, m, p: r.image("table", ANNA), JPEG),
        (
            "room_recordings",
            0,
            lambda r, m, p: r.recordings(ANNA, "table"),
            [
                RoomRecording(id="rec2", at=datetime(2026, 11, 21, 9, 40, tzinfo=UTC), seconds=1200.5),
                RoomRecording(id="rec1", at=EVENING, seconds=61.0),
            ],
        ),
        ("room_recording", 0, lambda r, m, p: r.recording(ANNA, "table", "rec2"), OGG),
        ("room_forget_recording", 0, lambda r, m, p: r.forget(ANNA, "table", "rec1"), None),
        ("room_remove", 0, lambda r, m, p: r.remove(None, "office"), None),
        ("room_pin", 0, lambda r, m, p: r.pins(OWNER, "club"), RoomPins(pin="271828")),
        ("room_pin", 1, lambda r, m, p: r.pins(None, "office"), RoomPins(admin_pin="9999")),
        (
            "voicemail_list",
            1,
            lambda r, m, p: m.messages(BEN, box_of("", "front")),
            [VoiceMessage(id="v1", caller_name="Front door", at=EVENING, seconds=12.5, picture=True)],
        ),
        ("voicemail_list", 2, lambda r, m, p: m.messages(None, box_of("ben", "")), []),
        ("voicemail_sound", 0, lambda r, m, p: m.sound(ANNA, "m2"), OGG),
        ("voicemail_picture", 0, lambda r, m, p: m.picture(ANNA, "v1"), JPEG),
        ("voicemail_picture", 1, lambda r, m, p: m.picture(ANNA, "m2"), None),
        ("voicemail_mark", 0, lambda r, m, p: m.mark(ANNA, "m2", heard=True), None),
        ("voicemail_remove", 0, lambda r, m, p: m.remove(ANNA, "m1"), None),
        ("voicemail_set", 1, lambda r, m, p: m.set(OWNER, "anna", seconds=30, pin=""), None),
        ("voicemail_set_greeting", 1, lambda r, m, p: m.set_greeting(None, "ben", b"OggS"), None),
        (
            "prompt_wanted",
            0,
            lambda r, m, p: p.wanted(None, "de"),
            {"room_enter_pin": "Bitte geben Sie die PIN ein.", "name_anna": "Anna Berger"},
        ),
        ("prompt_replace", 0, lambda r, m, p: p.replace(None, "de", "name_anna", b"OggS"), None),
        ("prompt_replace", 1, lambda r, m, p: p.replace(None, "de", "room_enter_pin", None), None),
        ("prompt_list", 1, lambda r, m, p: p.replaced(None, "de"), ["room_enter_pin"]),
    ],
)
async def test_a_command_is_sent_as_in_the_golden_conversation(
    name: str, number: int, ask: Ask, answer: object
) -> None:
    frames = golden(name)
    asked = [frame for frame in frames if frame["type"] != "result"][number]
    answered = next(frame for frame in frames if frame["type"] == "result" and frame["id"] == asked["id"])

    async def command(kind: str, *, actor: Actor | None = None, timeout: float = 1.0, **fields: Any) -> Any:
        who = {"as": actor.to_wire()} if actor else {}
        assert {"id": asked["id"], "type": kind, **fields, **who} == asked
        return answered["result"]

    assert await ask(Rooms(command), Mailboxes(command), Prompts(command)) == answer


async def test_a_room_is_made_and_changed_as_in_the_golden_conversation() -> None:
    async def command(kind: str, *, actor: Actor | None = None, timeout: float = 1.0, **fields: Any) -> Any:
        [asked, answered] = golden(kind.replace("/", "_"))[:2]
        assert {"id": asked["id"], "type": kind, **fields} == asked
        return answered["result"]

    rooms = Rooms(command)
    made = await rooms.add(None, display_name="Garden talk", announcement=True, max_members=5)
    assert (made.name, made.extension, made.has_pin, made.options["max_members"]) == ("garden-talk", "803", True, 5)
    changed = await rooms.update(None, "office", display_name="Big office", wait_marked=True)
    assert changed.options["wait_marked"]


def test_the_rooms_of_a_golden_snapshot_are_understood() -> None:
    snapshot = Snapshot.from_wire(golden("subscribe_rooms")[-1]["result"])
    table, office = snapshot.rooms["table"], snapshot.rooms["office"]
    assert (table.display_name, table.extension, table.active, table.recording) == ("Kitchen table", "800", True, True)
    anna, huber = table.participants
    assert (anna.title, anna.user, anna.leader, anna.talking) == ("Anna Berger", "anna", True, True)
    assert (huber.number, huber.muted) == ("+4989123456", True)
    assert (office.provisioned, office.has_pin, office.has_admin_pin) == (False, False, True)
    assert not office.participants
