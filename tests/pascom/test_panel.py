"""The panel in the sidebar: there with a PBX, gone with the last, and only where its frontend is built."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components import frontend
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.pascom import panel
from custom_components.pascom.const import CONF_FINGERPRINT, CONF_MODE, DOMAIN, MODE_REMOTE

from .fake_pbx import TOKEN, FakePbx


@pytest.fixture(autouse=True)
def with_frontend(hass: HomeAssistant) -> None:
    """Home Assistant's own frontend is not installed for these tests; that it is there is enough."""
    hass.config.components.add("frontend")
    hass.data[frontend.DATA_EXTRA_MODULE_URL] = frontend.UrlManager(lambda *_: None, [])


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built frontend."""
    (tmp_path / "panel.js").write_text("export const panel = 1;")
    (tmp_path / "everywhere.js").write_text("export const everywhere = 1;")
    monkeypatch.setattr(panel, "BUILT", tmp_path)
    return tmp_path


@pytest.fixture
def not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "BUILT", tmp_path / "dist")


@pytest.fixture
async def second(hass: HomeAssistant) -> AsyncIterator[MockConfigEntry]:
    """Another PBX."""
    other = FakePbx()
    other.info["instance"] = "11" * 16
    await other.start()
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Office",
        unique_id="11" * 16,
        data={
            CONF_MODE: MODE_REMOTE,
            CONF_HOST: "127.0.0.1",
            CONF_PORT: other.port,
            CONF_TOKEN: TOKEN,
            CONF_FINGERPRINT: None,
        },
    )
    entry.add_to_hass(hass)
    yield entry
    await other.stop()


def everywhere(hass: HomeAssistant) -> list[str]:
    """What every page of Home Assistant loads besides."""
    return sorted(hass.data[frontend.DATA_EXTRA_MODULE_URL].urls)


def shown(hass: HomeAssistant) -> dict[str, Any] | None:
    """What the sidebar knows of the panel."""
    found = hass.data.get(frontend.DATA_PANELS, {}).get(DOMAIN)
    return dict(found.to_response()) if found is not None else None


async def test_everybody_has_the_panel_in_the_sidebar(
    hass: HomeAssistant, built: Path, loaded: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    found = shown(hass)
    assert found is not None
    assert (found["title"], found["icon"], found["url_path"]) == ("pascom", "mdi:phone-in-talk", "pascom")
    assert found["require_admin"] is False
    config = found["config"]
    assert config["entry_ids"] == [loaded.entry_id]
    assert config["version"]
    custom = config["_panel_custom"]
    assert (custom["name"], custom["embed_iframe"]) == ("pascom-panel", False)
    browser = await hass_client()
    answer = await browser.get(custom["module_url"])
    assert answer.status == HTTPStatus.OK
    assert await answer.text() == "export const panel = 1;"
    assert "max-age" in answer.headers["Cache-Control"]


async def test_another_build_has_another_address(hass: HomeAssistant, built: Path, loaded: MockConfigEntry) -> None:
    before = shown(hass)
    (built / "panel.js").write_text("export const panel = 2;")
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    after = shown(hass)
    assert before is not None
    assert after is not None
    urls = {each["config"]["_panel_custom"]["module_url"] for each in (before, after)}
    assert len(urls) == 2
    assert everywhere(hass) == [after["config"]["_panel_custom"]["module_url"].replace("panel.js", "everywhere.js")]


async def test_a_reload_keeps_the_panel(hass: HomeAssistant, built: Path, loaded: MockConfigEntry) -> None:
    seen: list[Any] = []
    hass.bus.async_listen(frontend.EVENT_PANELS_UPDATED, seen.append)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) is not None
    assert not seen


async def test_the_panel_goes_with_the_last_pbx(
    hass: HomeAssistant, built: Path, loaded: MockConfigEntry, second: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(second.entry_id)
    await hass.async_block_till_done()
    found = shown(hass)
    assert found is not None
    assert found["config"]["entry_ids"] == [loaded.entry_id, second.entry_id]
    await hass.config_entries.async_unload(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) is not None
    await hass.config_entries.async_unload(second.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) is None


async def test_a_pbx_that_is_removed_takes_the_panel_with_it(
    hass: HomeAssistant, built: Path, loaded: MockConfigEntry
) -> None:
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) is None
    assert everywhere(hass) == []


async def test_without_a_build_there_is_no_panel_and_the_log_says_how_to_make_it(
    hass: HomeAssistant, not_built: None, loaded: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    assert shown(hass) is None
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    records = [*caplog.get_records("setup"), *caplog.records]
    told = [record for record in records if "script/build" in record.message]
    assert len(told) == 1


async def test_without_a_frontend_there_is_nothing_to_show(
    hass: HomeAssistant, built: Path, entry: MockConfigEntry
) -> None:
    hass.config.components.remove("frontend")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) is None
