"""The files of recordings: they go with their message or after a week, and nothing else goes with them."""

import os
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pascom.actions import voicemail_files
from tests.pascom.actions.test_calls import act
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx

DAY = 24 * 3600.0


@pytest.fixture
def media(hass: HomeAssistant, rooms: None, pbx: FakePbx, tmp_path: Path) -> Path:
    """Ask for it before `loaded`."""
    media = tmp_path / "media"
    (media / "pascom").mkdir(parents=True)
    hass.config.media_dirs = {"local": str(media)}
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    pbx.answers["voicemail/sound"] = lambda _: {"content_type": "audio/ogg", "data": "T2dnUw=="}
    return media


def _old(file: Path, days: float) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"OggS")
    at = dt_util.utcnow().timestamp() - days * DAY
    os.utime(file, (at, at))
    return file


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_recording_goes_with_its_message(
    hass: HomeAssistant, media: Path, loaded: MockConfigEntry, tmp_path: Path
) -> None:
    for message in ("m1", "m2", "m3"):
        await act(hass, "get_voicemail_sound", {"message": message})
    mine = tmp_path / "mine"
    await act(hass, "get_voicemail_sound", {"message": "m1", "folder": str(mine)})
    await act(hass, "delete_voicemail", {"message": ["m1", "m2", "m9"]})
    assert _names(media / "pascom") == ["voicemail_m3.ogg"]
    assert _names(mine) == ["voicemail_m1.ogg"]


async def test_the_recording_of_a_message_that_stays_stays(
    hass: HomeAssistant, media: Path, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    await act(hass, "get_voicemail_sound", {"message": "m1"})
    pbx.refuse("voicemail/remove", "forbidden", "These messages are for Anna Berger alone.")
    with pytest.raises(HomeAssistantError, match="Anna Berger alone"):
        await act(hass, "delete_voicemail", {"message": "m1"})
    assert _names(media / "pascom") == ["voicemail_m1.ogg"]


async def test_a_file_that_cannot_be_deleted_keeps_no_message(
    hass: HomeAssistant, media: Path, loaded: MockConfigEntry, pbx: FakePbx, caplog: pytest.LogCaptureFixture
) -> None:
    (media / "pascom" / "voicemail_m1.ogg").mkdir()
    await act(hass, "delete_voicemail", {"message": ["m1", "m2"]})
    assert [frame["message"] for frame in pbx.commands("voicemail/remove")] == ["m1", "m2"]
    assert "is still there" in caplog.text


async def test_old_recordings_and_nothing_else_are_deleted(hass: HomeAssistant, media: Path) -> None:
    ours = media / "pascom"
    for name in ("voicemail_new.ogg", "voicemail_old.ogg", "song.ogg", "voicemail_old.mp3", "my_voicemail_old.ogg"):
        _old(ours / name, 1 if "new" in name else 8)
    _old(ours / "deeper" / "voicemail_old.ogg", 8)
    _old(media / "voicemail_old.ogg", 8)
    (ours / "voicemail_folder.ogg").mkdir()
    (ours / "voicemail_link.ogg").symlink_to(media / "voicemail_old.ogg")
    await voicemail_files.tidy(hass, dt_util.utcnow().timestamp())
    assert _names(ours) == [
        "deeper",
        "my_voicemail_old.ogg",
        "song.ogg",
        "voicemail_folder.ogg",
        "voicemail_link.ogg",
        "voicemail_new.ogg",
        "voicemail_old.mp3",
    ]
    assert _names(ours / "deeper") == _names(media)[1:] == ["voicemail_old.ogg"]


async def test_old_recordings_are_deleted_at_the_start(
    hass: HomeAssistant, media: Path, entry: MockConfigEntry, until: Until
) -> None:
    old = _old(media / "pascom" / "voicemail_old.ogg", 8)
    new = _old(media / "pascom" / "voicemail_new.ogg", 6)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: not old.exists())
    assert new.exists()


async def test_a_folder_that_cannot_be_read_is_told_once(
    hass: HomeAssistant, media: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(folder: Path, *, before: float) -> int:
        raise OSError("Stale file handle")

    monkeypatch.setattr(voicemail_files, "sweep", broken)
    await voicemail_files.tidy(hass, 0.0)
    assert "Stale file handle" in caplog.text
