"""The actions about mailboxes, what speech-to-text makes of a message, and the voice of the PBX."""

import asyncio
import base64
import io
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from homeassistant.components import stt
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from tests.pascom.actions.test_calls import act, refused
from tests.pascom.fake_pbx import FakePbx, Refused

AT = "2026-11-21T09:30:00.000+00:00"
HEARD = {"id": "m1", "caller": "102", "caller_name": "Ben Berger", "at": AT, "seconds": 4.0, "heard": True}
NEW = {"id": "m2", "caller": "+4989123456", "caller_name": "", "at": AT, "seconds": 7.5, "heard": False}


def opus(seconds: float) -> bytes:
    """A tone, as the PBX records."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48000, layout="mono")
        samples = np.sin(np.arange(int(48000 * seconds)) * 2 * np.pi * 440 / 48000) * 8000
        frame = av.AudioFrame.from_ndarray(samples.astype(np.int16).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()


def _sound(data: bytes) -> dict[str, str]:
    return {"content_type": "audio/ogg", "data": base64.b64encode(data).decode()}


@pytest.fixture(autouse=True)
def boxes(pbx: FakePbx, rooms: None) -> None:
    pbx.answers["voicemail/list"] = lambda frame: {"messages": [NEW, HEARD] if frame["box"] == "anna" else [NEW]}
    pbx.answers["voicemail/sound"] = lambda _: _sound(b"OggS")


# Lists


async def test_messages_are_listed_for_people_and_doors(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    told = await act(hass, "get_voicemail", {"extension": "101"})
    assert [message["message"] for message in told["messages"]] == ["m2", "m1"]
    assert told["messages"][1] == {
        "message": "m1",
        "box": "anna",
        "caller": "102",
        "caller_name": "Ben Berger",
        "at": "2026-11-21T09:30:00+00:00",
        "seconds": 4.0,
        "heard": True,
        "picture": False,
    }
    told = await act(
        hass, "get_voicemail", {"entity_id": ["lock.front_door_opener", "sensor.anna_berger_call"], "only_new": True}
    )
    assert [(message["box"], message["message"]) for message in told["messages"]] == [
        ("anna", "m2"),
        ("door:front", "m2"),
    ]
    assert [frame["box"] for frame in pbx.commands("voicemail/list")] == ["anna", "anna", "door:front"]


async def test_who_asks_gets_their_own(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    assert await refused(hass, "get_voicemail", {}) == "whose_extension"
    pbx.user("anna")["ha_user"] = hass_admin_user.id
    await pbx.change_directory()
    await hass.async_block_till_done()
    await act(hass, "get_voicemail", {}, Context(user_id=hass_admin_user.id))
    assert pbx.commands("voicemail/list")[0]["as"]["ha_user"] == hass_admin_user.id


async def test_messages_are_marked_and_deleted(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    await act(hass, "mark_voicemail", {"message": ["m1", "m2"]})
    await act(hass, "mark_voicemail", {"message": "m1", "heard": False})
    await act(hass, "delete_voicemail", {"message": 7})
    assert pbx.commands("voicemail/mark") == [
        {"message": "m1", "heard": True},
        {"message": "m2", "heard": True},
        {"message": "m1", "heard": False},
    ]
    assert pbx.commands("voicemail/remove") == [{"message": "7"}]


# Their sound


async def test_a_recording_is_written_where_a_mail_may_attach_it(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    hass.config.media_dirs = {"local": str(media)}
    hass.config.allowlist_external_dirs = {str(media)}
    told = await act(hass, "get_voicemail_sound", {"message": "../m 2"})
    file = Path(told["path"])
    assert told["content_type"] == "audio/ogg"
    assert told["media_content_id"] == "media-source://media_source/local/pascom/voicemail_m_2.ogg"
    assert file.parent == media / "pascom"
    assert file.name == "voicemail_m_2.ogg"
    assert await asyncio.to_thread(file.read_bytes) == b"OggS"
    assert (
        await refused(hass, "get_voicemail_sound", {"message": "m2", "folder": str(tmp_path)}) == "folder_not_allowed"
    )
    elsewhere = tmp_path / "elsewhere"
    hass.config.allowlist_external_dirs.add(str(elsewhere))
    told = await act(hass, "get_voicemail_sound", {"message": "m2", "folder": str(elsewhere)})
    assert told["media_content_id"] is None
    (media / "taken").write_bytes(b"")
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, "get_voicemail_sound", {"message": "m2", "folder": str(media / "taken")})
    assert error.value.translation_key == "not_written"


class Ear(stt.SpeechToTextEntity):
    """Understands how long something was."""

    _attr_name = "Ear"
    supported_languages = property(lambda self: ["de", "en-US"])
    supported_formats = property(lambda self: [stt.AudioFormats.WAV])
    supported_codecs = property(lambda self: [stt.AudioCodecs.PCM])
    supported_bit_rates = property(lambda self: [stt.AudioBitRates.BITRATE_16])
    supported_sample_rates = property(lambda self: [stt.AudioSampleRates.SAMPLERATE_16000])
    supported_channels = property(lambda self: [stt.AudioChannels.CHANNEL_MONO])

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.result = stt.SpeechResultState.SUCCESS
        self.fault: Exception | None = None

    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        if self.fault is not None:
            raise self.fault
        self.heard.append(metadata.language)
        sizes = [len(chunk) async for chunk in stream]
        assert max(sizes) == 640
        return stt.SpeechResult(f" {sum(sizes) / 32000:.1f} seconds ", self.result)


@pytest.fixture
async def ear(hass: HomeAssistant) -> Ear:
    assert await async_setup_component(hass, "stt", {})
    ear = Ear()
    await hass.data[stt.DATA_COMPONENT].async_add_entities([ear])
    return ear


async def test_a_message_is_written_down(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, ear: Ear) -> None:
    sound = opus(1.0)
    pbx.answers["voicemail/sound"] = lambda _: _sound(sound)
    assert await act(hass, "transcribe_voicemail", {"message": "m2"}) == {"text": "1.0 seconds"}
    data = {"message": "m2", "stt_entity_id": "stt.ear", "language": "de-DE"}
    assert await act(hass, "transcribe_voicemail", data) == {"text": "1.0 seconds"}
    assert ear.heard == ["en-US", "de"]


async def test_what_cannot_be_written_down_says_why(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, ear: Ear
) -> None:
    async def why(**more: str) -> str:
        with pytest.raises(HomeAssistantError) as error:
            await act(hass, "transcribe_voicemail", {"message": "m2", **more})
        assert error.value.translation_key == "not_understood"
        return str((error.value.translation_placeholders or {})["error"])

    assert "End of file" in await why()
    pbx.answers["voicemail/sound"] = lambda _: _sound(b"nonsense" * 100)
    assert "Invalid data" in await why()
    sound = opus(0.2)
    pbx.answers["voicemail/sound"] = lambda _: _sound(sound)
    assert await why(language="fr") == "The engine does not take fr at 16 kHz."
    ear.result = stt.SpeechResultState.ERROR
    assert await why() == "The engine understood nothing."
    ear.fault = ValueError("out of memory")
    assert await why() == "out of memory"
    ear.fault = HomeAssistantError("Not your day.")
    with pytest.raises(HomeAssistantError, match="Not your day"):
        await act(hass, "transcribe_voicemail", {"message": "m2"})
    assert await refused(hass, "transcribe_voicemail", {"message": "m2", "stt_entity_id": "stt.other"}) == "no_stt"


async def test_without_speech_to_text_it_says_so(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert await refused(hass, "transcribe_voicemail", {"message": "m2"}) == "no_stt"


# The voice of the PBX


def _wants(pbx: FakePbx, texts: dict[str, str]) -> None:
    pbx.answers["prompt/wanted"] = lambda _: {"prompts": texts}


async def test_a_voice_speaks_every_sentence_and_what_fails_is_told(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, tts: Any
) -> None:
    texts = {f"number_{number}": str(number) for number in range(12)}
    _wants(pbx, {"one": "broken", "two": "silent", **texts, "last": "Guten Tag"})
    made = await act(hass, "make_prompts", {"language": "de", "voice": "anna"})
    assert made == {
        "made": 13,
        "reset": 0,
        "failed": {"one": "The voice is hoarse.", "two": "The voice said nothing."},
    }
    replaced = {frame["key"]: base64.b64decode(frame["data"]) for frame in pbx.commands("prompt/replace")}
    assert replaced["last"] == b"media-source://tts/de-DE/anna/Guten Tag"
    assert len(replaced) == 13
    [note] = hass.data["persistent_notification"].values()
    assert note["message"].startswith("13 of 15 sentences in de have their new voice. 2 failed, the first (one)")


async def test_how_far_it_is_is_told_in_the_language_of_home_assistant(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, tts: Any
) -> None:
    hass.config.language = "de"
    _wants(pbx, {"one": "Eins", "two": "silent"})
    await act(hass, "make_prompts", {"language": "de"})
    [note] = hass.data["persistent_notification"].values()
    assert note["title"] == "Die Stimme von Home"
    assert note["message"] == (
        "1 von 2 Sätzen (de) haben ihre neue Stimme. 1 sind misslungen, der erste (two): The voice said nothing."
    )


async def test_a_voice_that_never_speaks_is_given_up(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, tts: Any
) -> None:
    _wants(pbx, {f"key_{number}": "broken" for number in range(50)})
    assert await refused(hass, "make_prompts", {"language": "en"}) == "voice_fails"
    assert await refused(hass, "make_prompts", {"language": "sr"}) == "media_unusable"
    assert pbx.commands("prompt/replace") == []


async def test_a_sentence_that_the_pbx_does_not_take_is_one_that_failed(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, tts: Any
) -> None:
    def replace(frame: dict[str, Any]) -> Any:
        if frame["key"] == "b":
            raise Refused("invalid", "This is no sound.")
        return {}

    pbx.answers["prompt/replace"] = replace
    _wants(pbx, {"a": "A", "b": "B"})
    made = await act(hass, "make_prompts", {"language": "bar", "voice_language": "de"})
    assert (made["made"], made["failed"]) == (1, {"b": "This is no sound."})


async def test_the_voice_that_came_with_the_pbx_comes_back(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    pbx.answers["prompt/list"] = lambda _: {"replaced": ["a", "b"]}
    assert (await act(hass, "make_prompts", {"language": "de", "reset": True}))["reset"] == 2
    assert pbx.commands("prompt/replace") == [
        {"language": "de", "key": "a", "data": None},
        {"language": "de", "key": "b", "data": None},
    ]


async def test_without_a_voice_no_prompt_is_made(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    _wants(pbx, {"a": "A"})
    assert await refused(hass, "make_prompts", {"language": "de"}) == "no_tts"
    pbx.refuse("prompt/wanted", "not_found", "There are no texts in xx.")
    assert await refused(hass, "make_prompts", {"language": "xx"}) == "refused"
