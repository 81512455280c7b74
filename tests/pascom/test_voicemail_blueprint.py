"""The blueprint that sends messages by e-mail, with what they say."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from tests.pascom.actions.test_voicemail import Ear, ear, opus  # noqa: F401  (`ear` is a fixture)

from .conftest import Until
from .fake_pbx import FakePbx
from .test_call_blueprints import _blueprints, _set_up  # noqa: F401  (`_blueprints` is a fixture)

LEFT = {"caller": "+4989123456", "caller_name": "Dr. Huber", "seconds": 1.0}


@pytest.fixture
async def media(hass: HomeAssistant, rooms: None, pbx: FakePbx, tmp_path: Path) -> Path:
    hass.config.media_dirs = {"local": str(tmp_path)}
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    sound = base64.b64encode(opus(1.0)).decode()
    pbx.answers["voicemail/sound"] = lambda _: {"content_type": "audio/ogg", "data": sound}
    return tmp_path


@pytest.mark.parametrize("message", ["m41", "1234567890123456", "12e4567890123456"])
async def test_a_message_is_mailed_with_recording_and_text(
    hass: HomeAssistant,
    media: Path,
    loaded: MockConfigEntry,
    ear: Ear,  # noqa: F811
    pbx: FakePbx,
    until: Until,
    message: str,
) -> None:
    mailed = async_mock_service(hass, "smtp", "send_message")
    told = async_mock_service(hass, "test", "told")
    more = [{"action": "test.told", "data": {"text": "{{ caller }}: {{ transcript }} {{ recording.path }}"}}]
    await _set_up(
        hass,
        "voicemail_by_mail",
        mail=["notify.anna"],
        speech_to_text="stt.ear",
        spoken="de",
        afterwards="heard",
        more=more,
    )
    await pbx.tell("voicemail_received", message=message, user="anna", door="", **LEFT)
    await until(lambda: bool(pbx.commands("voicemail/mark")))
    assert pbx.commands("voicemail/mark") == [{"message": message, "heard": True}]
    file = media / "pascom" / f"voicemail_{message}.ogg"
    assert (await asyncio.to_thread(file.read_bytes)).startswith(b"OggS")
    data = mailed[0].data
    assert data["entity_id"] == ["notify.anna"]
    assert data["title"] == "Message of Dr. Huber for Anna Berger"
    assert data["message"].endswith(" 1 s\n\n1.0 seconds")
    [attached] = data["attachments"]
    assert attached["filename"] == file.name
    assert attached["media_source"]["media_content_id"] == f"media-source://media_source/local/pascom/{file.name}"
    assert told[0].data["text"] == f"Dr. Huber: 1.0 seconds {file}"
    assert ear.heard == ["de"]


async def test_a_message_that_nobody_understands_is_sent_all_the_same(
    hass: HomeAssistant, media: Path, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    mailed = async_mock_service(hass, "smtp", "send_message")
    front: Any = loaded.runtime_data.coordinator.devices.of("front")
    await _set_up(
        hass,
        "voicemail_by_mail",
        boxes=[front.id],
        mail=["notify.anna"],
        speech_to_text="stt.gone",
        afterwards="delete",
    )
    await pbx.tell("voicemail_received", message="m1", user="anna", door="", **LEFT)
    await pbx.tell("voicemail_received", message="v1", user="", door="front", **LEFT)
    await until(lambda: bool(pbx.commands("voicemail/remove")))
    assert pbx.commands("voicemail/remove") == [{"message": "v1"}]
    assert mailed[0].data["title"] == "Message of Dr. Huber for Front door"
    assert len(mailed) == 1


async def test_without_mail_and_speech_to_text_the_recording_is_there_for_other_actions(
    hass: HomeAssistant, media: Path, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    told = async_mock_service(hass, "test", "told")
    await _set_up(hass, "voicemail_by_mail", more=[{"action": "test.told", "data": {"file": "{{ recording.path }}"}}])
    await pbx.tell("voicemail_received", message="m1", user="anna", door="", **LEFT)
    await until(lambda: bool(told))
    assert told[0].data["file"] == str(media / "pascom" / "voicemail_m1.ogg")
    assert not pbx.commands("voicemail/mark")
