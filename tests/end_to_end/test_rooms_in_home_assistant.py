"""A conference room made, seen, steered and heard in Home Assistant, and a message played in its media browser."""

import asyncio
import base64
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home, NewPhone
from tests.end_to_end.test_ring import hears_beeps
from tests.support.baresip import Baresip, make_voice
from tests.support.browser import logged_in
from tests.support.home_assistant import Account, Socket
from tests.support.pascom import Person, RoomAccess, add_person, add_room

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLE = "Kitchen table"
PARTICIPANTS = "sensor.kitchen_table_participants"
CONFERENCE = "event.kitchen_table_conference"
CAMERA = "camera.kitchen_table"
TARGET = {"entity_id": PARTICIPANTS}


@dataclass(frozen=True, slots=True)
class Meeting:
    room: RoomAccess
    clara: Person
    david: Person
    tokens: dict[str, Any]
    """David's, who is no administrator."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def meeting(started_home: Home) -> Meeting:
    """A room, and two people of Home Assistant with an extension each."""
    home = started_home.assistant
    changes = await home.changes()
    room = await add_room(home, started_home.entry, TABLE)
    await changes.until(PARTICIPANTS, state="0")
    user, _ = await home.new_user(Account("Clara", "clara", "password"))
    clara = await add_person(home, started_home.entry, user, "Clara")
    user, tokens = await home.new_user(Account("David", "david", "password"))
    return Meeting(room, clara, await add_person(home, started_home.entry, user, "David"), tokens)


async def enter(phone: Baresip, room: RoomAccess) -> None:
    await phone.press_bell(room.extension)
    await phone.until("CALL_ESTABLISHED")
    for digit in room.pin:
        await phone.command("sndcode", digit)


async def test_people_meet_in_a_room_that_home_assistant_steers(
    home: Home,
    meeting: Meeting,
    new_phone: NewPhone,
) -> None:
    assistant = home.assistant
    changes = await assistant.changes()
    clara, david = await new_phone(meeting.clara), await new_phone(meeting.david)
    await enter(clara, meeting.room)
    await changes.until(CONFERENCE, event_type="joined", name="Clara", number=meeting.clara.username)
    alone = await changes.until(PARTICIPANTS, state="1")
    assert alone["attributes"]["names"] == ["Clara"]
    await changes.until("binary_sensor.kitchen_table_active", state="on")

    # Somebody is fetched, and comes by a key.
    await assistant.call("pascom.invite", target=TARGET, number=["david"])
    await david.until("CALL_ESTABLISHED")
    await david.command("sndcode", "1")
    await changes.until(CONFERENCE, event_type="joined", name="David")
    await changes.until(PARTICIPANTS, state="2")
    await changes.until(CONFERENCE, event_type="talking")

    # Both speak all the time; while they are muted the gong alone is heard.
    await assistant.call("pascom.mute", target=TARGET)
    await changes.until("switch.kitchen_table_everybody_muted", state="on")
    make_voice(home.assistant.config / "www/room_gong.wav", hertz=1500, seconds=3)
    await assistant.call("pascom.play", target=TARGET, media_content_id="/local/room_gong.wav")
    await heard(clara, hertz=1500)
    await assistant.call("pascom.mute", target=TARGET, muted=False)
    await changes.until("switch.kitchen_table_everybody_muted", state="off")

    # What is recorded is in the media browser.
    await assistant.call("switch.turn_on", target={"entity_id": "switch.kitchen_table_recording"})
    await changes.until("switch.kitchen_table_recording", state="on")
    await changes.until(CAMERA, state="recording")
    await speaks(clara, seconds=2)
    await assistant.call("switch.turn_off", target={"entity_id": "switch.kitchen_table_recording"})
    done = await changes.until(CONFERENCE, event_type="recorded")
    shelf = f"media-source://pascom/{home.entry}/recordings/kitchen-table"
    listed = await assistant.command("media_source/browse_media", media_content_id=shelf)
    media = f"{shelf}/{done['attributes']['recording']}"
    assert media in [child["media_content_id"] for child in listed["children"]]
    played = await assistant.command("media_source/resolve_media", media_content_id=media)
    assert (await assistant.get(played["url"])).startswith(b"OggS")
    recording = done["attributes"]["recording"]
    kept = (await answered(home, "get_recordings", TARGET))["recordings"]
    assert (recording, "kitchen-table") in [(each["recording"], each["room"]) for each in kept]
    await assistant.call("pascom.delete_recording", target=TARGET, recording=recording)
    kept = (await answered(home, "get_recordings", {}))["recordings"]
    assert recording not in [each["recording"] for each in kept]

    await assistant.call("pascom.remove", target=TARGET, participant=["David"])
    await david.until("CALL_CLOSED")
    await changes.until(CONFERENCE, event_type="left", name="David", reason="removed")
    await assistant.call("switch.turn_on", target={"entity_id": "switch.kitchen_table_locked"})
    await changes.until("switch.kitchen_table_locked", state="on")
    await clara.hang_up()
    await changes.until("binary_sensor.kitchen_table_active", state="off")


async def test_who_looks_into_a_room_sees_who_is_in_it_and_may_speak(
    home: Home,
    meeting: Meeting,
    new_phone: NewPhone,
    browser: Browser,
) -> None:
    changes = await home.assistant.changes()
    clara = await new_phone(meeting.clara)
    await enter(clara, meeting.room)
    await changes.until(PARTICIPANTS, state="1")
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await page.more_info(CAMERA)
        picture = await page.until_picture(frames=1)
        assert (picture["width"], picture["height"]) == (1280, 720)
        before = len(clara.sound())
        await page.button("Start talking").click()
        await changes.until(PARTICIPANTS, state="2")
        gone = await home.assistant.changes()
        await hears_beeps(clara, after=before)
        await page.until_sound()
        assert (await home.assistant.get(f"/api/camera_proxy/{CAMERA}")).startswith(b"\xff\xd8")
    await gone.until(PARTICIPANTS, state="1")
    await clara.hang_up()
    await gone.until(PARTICIPANTS, state="0")


async def test_a_message_is_heard_by_its_owner_alone(
    home: Home,
    meeting: Meeting,
    new_phone: NewPhone,
) -> None:
    assistant = home.assistant
    changes = await assistant.changes()
    await assistant.call("switch.turn_on", target={"entity_id": "switch.david_voicemail"})
    await changes.until("switch.david_voicemail", state="on")
    triggered = await assistant.subscribe(
        "subscribe_trigger",
        trigger={"trigger": "pascom.voicemail_received", "options": {"device_id": [meeting.david.device]}},
    )
    clara = await new_phone(meeting.clara)
    await clara.press_bell(meeting.david.username)
    await clara.until("CALL_ESTABLISHED", timeout=90)
    await clara.command("sndcode", "#")  # not the whole greeting
    await speaks(clara, seconds=6)
    await clara.hang_up()
    await changes.until("sensor.david_voicemail", state="1")
    async with asyncio.timeout(30):
        trigger = (await triggered.get())["variables"]["trigger"]
    assert (trigger["name"], trigger["caller_name"], trigger["box"]) == ("David", "Clara", "david")

    david = await assistant.socket_of(meeting.tokens)
    try:
        await listens(home, david, trigger["message"])
    finally:
        await david.close()
    box = f"media-source://pascom/{home.entry}/messages/david"
    played = await assistant.command("media_source/resolve_media", media_content_id=f"{box}/{trigger['message']}")
    with pytest.raises(AssertionError, match="403"):
        await assistant.get(played["url"])
    await assistant.call("pascom.mark_voicemail", message=[trigger["message"]])
    await changes.until("sensor.david_voicemail", state="0")


async def test_actions_set_up_a_mailbox(home: Home, meeting: Meeting) -> None:
    assistant = home.assistant
    box = {"entity_id": "sensor.david_voicemail"}
    whose = {"user": "david"}

    async def greeting() -> Any:
        return await assistant.command("pascom/ask", command="voicemail/greeting", fields=whose)

    assert await greeting() is None
    await assistant.call("pascom.set_greeting", target=box, message="I am on holiday until Monday.")
    assert base64.b64decode((await greeting())["data"]).startswith(b"OggS")
    await assistant.call("pascom.set_greeting", target=box, reset=True)
    assert await greeting() is None
    await assistant.call("pascom.set_mailbox", target=box, seconds=31, pin="2718")
    settings = await assistant.command("pascom/ask", command="voicemail/settings", fields=whose)
    assert (settings["seconds"], settings["pin"]) == (31, True)
    await assistant.call("pascom.set_mailbox", target=box, seconds=25, pin="")
    settings = await assistant.command("pascom/ask", command="voicemail/settings", fields=whose)
    assert (settings["seconds"], settings["pin"]) == (25, False)


async def test_home_assistants_voice_speaks_everything_that_the_pbx_says(home: Home, meeting: Meeting) -> None:
    assistant = home.assistant
    answer = await answered(home, "make_prompts", {"language": "en"})
    assert answer["failed"] == {}
    assert answer["made"] > 100
    notes = await assistant.subscribe("persistent_notification/subscribe")
    async with asyncio.timeout(30):
        shown = (await notes.get())["notifications"]
    [note] = [note for key, note in shown.items() if key.startswith("pascom_prompts")]
    assert f"{answer['made']} of {answer['made']}" in note["message"]
    assert (await answered(home, "make_prompts", {"language": "en", "reset": True}))["reset"] == answer["made"]


async def answered(home: Home, action: str, data: dict[str, Any]) -> Any:
    """By HTTP: hundreds of sentences may take longer than a command of the WebSocket may here."""
    answer = await home.assistant.post(f"/api/services/pascom/{action}?return_response", data)
    return answer["service_response"]


async def listens(home: Home, david: Socket, message: str) -> None:
    """David finds the message in the media browser, has it written down, keeps it as a file, and plays it."""
    root = await david.command("media_source/browse_media", media_content_id="media-source://pascom")
    box = next(child for child in root["children"] if child["title"] == "David (1)")
    listed = await david.command("media_source/browse_media", media_content_id=box["media_content_id"])
    [found] = listed["children"]
    assert found["media_content_id"].endswith(f"/{message}")
    assert "Clara" in found["title"]
    played = await david.command("media_source/resolve_media", media_content_id=found["media_content_id"])
    assert played["mime_type"] == "audio/ogg"
    action = {"domain": "pascom", "service_data": {"message": message}, "return_response": True}
    written = await david.command("call_service", service="transcribe_voicemail", **action)
    assert written["response"]["text"] in {f"{seconds} seconds" for seconds in range(3, 9)}
    kept = (await david.command("call_service", service="get_voicemail_sound", **action))["response"]
    attached = await david.command("media_source/resolve_media", media_content_id=kept["media_content_id"])
    assert attached["mime_type"] == "audio/ogg"
    # As a player fetches it: the address alone says for whom it is.
    async with aiohttp.ClientSession() as http, http.get(home.assistant.url + played["url"]) as answer:
        assert answer.status == 200
        assert (await answer.read()).startswith(b"OggS")


async def speaks(phone: Baresip, *, seconds: float) -> None:
    """Wait until the phone has sent this much more of its tone."""

    def sent() -> int:
        return sum(path.stat().st_size for path in phone.folder.glob("dump-*-enc*"))

    before = sent()
    await until(lambda: sent() > before + seconds * 8000 * 2)


async def until(true: Any, *, timeout: float = 60) -> None:
    """Wait until another program has come so far."""
    async with asyncio.timeout(timeout):
        while not true():  # noqa: ASYNC110  (another program's file grows)
            await asyncio.sleep(0.1)


async def heard(phone: Baresip, *, hertz: float) -> None:
    """Wait until a second of what the phone heard was this tone."""
    await until(lambda: purest(phone.sound(), hertz=hertz) > 0.5)


def purest(samples: NDArray[np.int16], *, hertz: float, rate: int = 8000) -> float:
    """How much of any second, other than a silent one, is this tone: 1 is all of it."""
    best = 0.0
    for start in range(0, len(samples) - rate, rate // 4):
        second = samples[start : start + rate].astype(float)
        power = np.abs(np.fft.rfft(second)) ** 2
        at = round(hertz)
        if float(np.abs(second).mean()) > 100:
            best = max(best, float(power[at - 3 : at + 4].sum() / power.sum()))
    return best
