"""Lines to the outside of a PBX that runs here: the dialog, and what the PBX is told of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pascom.config_flow import PascomConfigFlow
from custom_components.pascom.const import CONF_MODE, MODE_LOCAL, SUBENTRY_DOOR, SUBENTRY_LINE
from custom_components.pascom.local.lines import as_environment, as_yaml
from custom_components.pascom.local.ports import Ports
from custom_components.pascom.local.server import Server, ServerError
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx

ENTERED = {
    "display_name": "FRITZ!Box",
    "profile": "fritzbox",
    "username": "pbx",
    "password": "geheim123",
    "numbers": {"prefix": "0", "country": "49", "area": "89", "caller_number": ""},
}
LINE = {
    "name": "fritzbox",
    "display_name": "FRITZ!Box",
    "profile": "fritzbox",
    "username": "pbx",
    "password": "geheim123",
    "prefix": "0",
    "country": "49",
    "area": "89",
}


def test_lines_are_told_without_their_passwords() -> None:
    assert as_yaml([]) == []
    lines = [LINE, {"name": "other", "display_name": "Ö", "username": "u", "prefix": ""}]
    text = "\n".join(as_yaml(lines))
    assert "geheim123" not in text
    assert "!env PBX_LITE_LINE_1" in text
    assert as_environment(lines) == {"PBX_LITE_LINE_1": "geheim123"}
    told = yaml.safe_load(text.replace("!env ", ""))
    assert told["teams"] == [{"name": "everyone", "display_name": "Everyone", "members": ["*"], "extension": "600"}]
    assert '"extension": "601"' in as_yaml([{**LINE, "team_extension": "601"}])[0]
    assert told["trunks"] == [
        {**LINE, "password": "PBX_LITE_LINE_1", "default": "everyone"},
        {"name": "other", "display_name": "Ö", "username": "u", "prefix": "", "default": "everyone"},
    ]


@pytest.fixture
def local(hass: HomeAssistant, loaded: MockConfigEntry, tmp_path: Path) -> MockConfigEntry:
    """The entry as that of a PBX that runs here, which can be asked about its configuration."""
    hass.config_entries.async_update_entry(loaded, data={**loaded.data, CONF_MODE: MODE_LOCAL})
    ports = Ports(sip=5060, tls=5061, api=8765, rtp_first=30000, rtp_last=30999, phones=8766)
    loaded.runtime_data.server = Server(hass=hass, directory=tmp_path, ports=ports, token="token")
    return loaded


@pytest.fixture
def reloads(hass: HomeAssistant) -> Iterator[Any]:
    with patch.object(hass.config_entries, "async_schedule_reload") as schedule:
        yield schedule


@pytest.fixture(autouse=True)
def _no_server_to_stop() -> Iterator[None]:
    """What stands for the PBX was never started."""
    with patch.object(Server, "stop"):
        yield


async def _add(hass: HomeAssistant, entry: MockConfigEntry, **changed: Any) -> Any:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_LINE), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    return await hass.config_entries.subentries.async_configure(result["flow_id"], {**ENTERED, **changed})


def test_a_pbx_elsewhere_has_a_file_for_its_lines(entry: MockConfigEntry) -> None:
    assert set(PascomConfigFlow.async_get_supported_subentry_types(entry)) == {SUBENTRY_DOOR}


async def test_a_line_is_added_and_the_pbx_starts_again(
    hass: HomeAssistant, local: MockConfigEntry, reloads: Any, pbx: FakePbx, until: Until
) -> None:
    pbx.user("carla")["extension"] = "600"
    await pbx.change_directory()
    await until(lambda: local.runtime_data.coordinator.data.user_at("600") is not None)
    assert set(PascomConfigFlow.async_get_supported_subentry_types(local)) == {SUBENTRY_DOOR, SUBENTRY_LINE}
    result = await _add(hass, local)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    [subentry] = local.subentries.values()
    # The PBX has a line of this name already: that of the golden messages.
    assert subentry.unique_id == "fritz-box"
    assert dict(subentry.data) == {**LINE, "name": "fritz-box", "team_extension": "601"}
    reloads.assert_called_once_with(local.entry_id)


async def test_what_the_pbx_would_not_start_with_is_refused(
    hass: HomeAssistant, local: MockConfigEntry, reloads: Any
) -> None:
    result: Any = await _add(hass, local, registrar="no server!")
    assert result["errors"] == {"base": "refused"}
    assert "registrar" in result["description_placeholders"]["error"]
    assert "geheim123" not in result["description_placeholders"]["error"]
    with patch.object(Server, "check", side_effect=ServerError("It cannot be asked.")):
        result = await hass.config_entries.subentries.async_configure(result["flow_id"], ENTERED)
    assert result["description_placeholders"]["error"] == "It cannot be asked."
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], ENTERED)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_file_that_a_person_took_over_is_theirs(hass: HomeAssistant, local: MockConfigEntry) -> None:
    (local.runtime_data.server.directory / "pbx.yaml").write_text("name: mine\n")
    assert "edited by hand" in (await _add(hass, local))["description_placeholders"]["error"]


async def test_a_line_is_changed_and_keeps_its_password(
    hass: HomeAssistant, local: MockConfigEntry, reloads: Any
) -> None:
    await _add(hass, local)
    await hass.async_block_till_done()
    [subentry] = local.subentries.values()
    result: Any = await local.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    assert result["step_id"] == "reconfigure"
    without = {key: value for key, value in ENTERED.items() if key != "password"}
    changed = {**without, "display_name": "Box", "profile": "generic", "registrar": "192.0.2.1"}
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], changed)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    [subentry] = local.subentries.values()
    assert subentry.title == "Box"
    assert subentry.data["password"] == "geheim123"
    assert subentry.data["registrar"] == "192.0.2.1"
    assert subentry.data["team_extension"] == "600"
    assert reloads.call_count == 2


async def test_who_rings_is_said_to_the_pbx_and_single_numbers_stay(
    hass: HomeAssistant, local: MockConfigEntry, reloads: Any, pbx: FakePbx
) -> None:
    told: list[dict[str, Any]] = []

    def hears(frame: dict[str, Any]) -> dict[str, Any]:
        told.append(frame)
        return {}

    kept: dict[str, Any] = {"number": "+4989123450", "rings": ["carla"], "mailbox": ""}
    pbx.answers["trunk/set_arrivals"] = hears
    assert (await _add(hass, local, rings=["user:anna", "team:family"], mailbox="none"))["type"] is (
        FlowResultType.CREATE_ENTRY
    )
    await hass.async_block_till_done()
    assert told[-1]["trunk"] == "fritz-box"
    assert told[-1]["arrivals"] == [{"number": "", "rings": ["anna", "family"], "mailbox": ""}]
    [subentry] = local.subentries.values()
    assert "rings" not in subentry.data

    rest = {"number": "", "rings": ["anna", "family"], "mailbox": ""}
    pbx.answers["trunk/arrivals"] = lambda _: {"settings": {"arrivals": [rest, kept]}, "revision": "seen"}
    result: Any = await local.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    fields = {str(each): each.description for each in result["data_schema"].schema}
    assert fields["rings"] == {"suggested_value": ["user:anna", "team:family"]}
    without = {key: value for key, value in ENTERED.items() if key != "password"}
    pbx.refuse("trunk/set_arrivals", "conflict", "Where this line rings was changed by somebody else meanwhile.")
    entered = {**without, "rings": ["everyone", "user:anna"], "mailbox": "none"}
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], entered)
    assert "somebody else" in result["description_placeholders"]["error"]
    pbx.answers["trunk/set_arrivals"] = hears
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], entered)
    assert result["reason"] == "reconfigure_successful"
    assert told[-1]["revision"] == "seen"
    assert told[-1]["arrivals"] == [{"number": "", "rings": ["*"], "mailbox": ""}, kept]
    await hass.async_block_till_done()


async def test_without_the_pbx_no_line_is_added(hass: HomeAssistant, local: MockConfigEntry) -> None:
    assert await hass.config_entries.async_unload(local.entry_id)
    result = await hass.config_entries.subentries.async_init(
        (local.entry_id, SUBENTRY_LINE), context={"source": SOURCE_USER}
    )
    assert result["reason"] == "not_connected"
