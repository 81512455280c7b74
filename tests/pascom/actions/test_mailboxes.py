"""How a mailbox is set up by actions: its greeting, its time and its PIN; and the sounds that greetings are made of."""

import base64
import logging
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.pascom.actions import fetched
from custom_components.pascom.actions import voicemail as voicemail_actions
from tests.pascom.actions.test_calls import act, refused
from tests.pascom.fake_pbx import FakePbx

ANNA = {"extension": "101"}
WEB = "http://192.0.2.9/hello.mp3"


@pytest.fixture(autouse=True)
def boxes(rooms: None) -> None:
    """Mailboxes are there."""


def greetings(pbx: FakePbx) -> dict[str, bytes | None]:
    return {
        frame["user"]: frame["data"] and base64.b64decode(frame["data"])
        for frame in pbx.commands("voicemail/set_greeting")
    }


# The greeting


async def test_a_text_becomes_a_greeting(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    tts: Any,
) -> None:
    said = {"message": "Back on Monday", "language": "en-US", "tts_entity_id": "tts.home"}
    await act(hass, "set_greeting", {"entity_id": "sensor.anna_berger_voicemail", **said})
    assert greetings(pbx) == {"anna": b"media-source://tts/en-US/usual/Back on Monday"}
    hoarse = {**said, "message": "broken"}
    assert await refused(hass, "set_greeting", {**ANNA, **hoarse}) == "not_fetched"
    assert await refused(hass, "set_greeting", {**ANNA, **said, "message": "silent"}) == "not_fetched"
    assert await refused(hass, "set_greeting", {**ANNA, **said, "language": "sr"}) == "media_unusable"
    assert len(pbx.commands("voicemail/set_greeting")) == 1


async def test_a_media_file_becomes_the_greeting_of_several(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, tmp_path: Path
) -> None:
    (tmp_path / "hello.mp3").write_bytes(b"ID3 hello")
    hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(hass, "media_source", {})
    media = {"media_content_id": "media-source://media_source/local/hello.mp3", "media_content_type": "audio/mpeg"}
    await act(hass, "set_greeting", {"extension": ["101", "102"], "media": media})
    assert greetings(pbx) == {"anna": b"ID3 hello", "ben": b"ID3 hello"}
    gone = {"media_content_id": "media-source://media_source/local/gone.mp3"}
    assert await refused(hass, "set_greeting", {**ANNA, **gone}) == "not_fetched"


async def test_the_standard_words_come_back(hass: HomeAssistant, pbx: FakePbx, anna: Context) -> None:
    await act(hass, "set_greeting", {"reset": True}, anna)
    [frame] = pbx.commands("voicemail/set_greeting")
    assert (frame["user"], frame["data"], frame["as"]["ha_user"]) == ("anna", None, anna.user_id)


async def test_a_greeting_needs_somebody_and_something(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    assert await refused(hass, "set_greeting", {"reset": True}) == "whose_extension"
    assert await refused(hass, "set_greeting", ANNA) == "nothing_to_say"
    assert await refused(hass, "set_greeting", {**ANNA, "message": "Hello"}) == "no_tts"
    pbx.refuse("voicemail/set_greeting", "invalid", "There is nothing to be heard in this sound.")
    with pytest.raises(HomeAssistantError, match="nothing to be heard"):
        await act(hass, "set_greeting", {**ANNA, "reset": True})


async def test_a_greeting_is_fetched_from_an_address(hass: HomeAssistant, aioclient_mock: AiohttpClientMocker) -> None:
    aioclient_mock.get(WEB, content=b"ID3 web")
    assert await fetched.sound_of(hass, WEB) == b"ID3 web"


@pytest.mark.parametrize(
    ("media", "answer", "said"),
    [
        (WEB, {"status": 404}, "HTTP 404"),
        (WEB, {"exc": ClientError("No route to 192.0.2.9")}, "No route to 192.0.2.9"),
        (WEB, {"exc": TimeoutError()}, "TimeoutError"),
        (WEB, {"content": bytes(11)}, "It is larger than 0 MB."),
        ("media-source://nowhere/gone", {}, ""),
    ],
)
async def test_what_cannot_be_fetched_says_why(
    hass: HomeAssistant,
    aioclient_mock: AiohttpClientMocker,
    monkeypatch: pytest.MonkeyPatch,
    media: str,
    answer: dict[str, Any],
    said: str,
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    monkeypatch.setattr(fetched, "MOST_BYTES", 10)
    aioclient_mock.get(WEB, **answer)
    with pytest.raises(ServiceValidationError) as error:
        await fetched.sound_of(hass, media)
    assert error.value.translation_key == "not_fetched"
    assert said in (error.value.translation_placeholders or {})["error"]


# Its time and its PIN


async def test_a_mailbox_takes_calls_later_and_gets_a_pin(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    await act(hass, "set_mailbox", {"extension": ["101", "ben"], "seconds": 30})
    await act(hass, "set_mailbox", {**ANNA, "pin": 2718})
    await act(hass, "set_mailbox", {**ANNA, "pin": "0123", "seconds": "12.5"})
    await act(hass, "set_mailbox", {"extension": ["101", "102"], "pin": ""})
    assert pbx.commands("voicemail/set") == [
        {"user": "anna", "seconds": 30.0},
        {"user": "ben", "seconds": 30.0},
        {"user": "anna", "pin": "2718"},
        {"user": "anna", "seconds": 12.5, "pin": "0123"},
        {"user": "anna", "pin": ""},
        {"user": "ben", "pin": ""},
    ]


async def test_a_mailbox_is_not_set_up_by_half_or_for_many(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert await refused(hass, "set_mailbox", ANNA) == "nothing_to_set"
    assert await refused(hass, "set_mailbox", {"extension": ["101", "102"], "pin": "2718"}) == "one_extension"
    assert await refused(hass, "set_mailbox", {"seconds": 20}) == "whose_extension"


@pytest.mark.parametrize("pin", ["271", "27182818284", "27a18", "27\n18", 314, True, None, ["2718"], "٢٧١٨"])
async def test_what_is_no_pin_is_not_repeated(hass: HomeAssistant, loaded: MockConfigEntry, pin: object) -> None:
    with pytest.raises(Exception, match="4 to 10 digits") as error:
        await act(hass, "set_mailbox", {**ANNA, "pin": pin})
    assert not isinstance(pin, str) or pin not in str(error.value)


async def test_a_pin_is_in_no_log_of_ours(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger(voicemail_actions.__name__.rpartition(".")[0]).setLevel(logging.DEBUG)
    await act(hass, "set_mailbox", {**ANNA, "pin": "271828"})
    pbx.refuse("voicemail/set", "forbidden", "Only an administrator may do this for Anna Berger.")
    with pytest.raises(HomeAssistantError, match="Only an administrator"):
        await act(hass, "set_mailbox", {**ANNA, "pin": "271828"})
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("homeassistant")]
    assert not [line for line in ours if "271828" in line]
