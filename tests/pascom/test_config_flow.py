"""Every way through the config flow."""

import asyncio
import ipaddress
import ssl
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER, SOURCE_ZEROCONF
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT, CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pascom.config_flow import readable
from custom_components.pascom.const import (
    CONF_API_PORT,
    CONF_FINGERPRINT,
    CONF_MODE,
    CONF_NEW_ROLES,
    CONF_RTP_FIRST,
    CONF_RTP_LAST,
    CONF_SIP_PORT,
    CONF_TLS_PORT,
    DOMAIN,
    MODE_LOCAL,
    MODE_REMOTE,
)
from custom_components.pascom.local.ports import Ports
from custom_components.pascom.local.server import Server, ServerError
from custom_components.pascom.wire.connection import Endpoint

from .fake_pbx import CODE, TOKEN, FakePbx

PORTS = Ports(sip=5060, tls=5061, api=8765, rtp_first=30000, rtp_last=30999)


@pytest.fixture(autouse=True)
def _no_set_up() -> Iterator[None]:
    with (
        patch("custom_components.pascom.async_setup_entry", return_value=True),
        patch("custom_components.pascom.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
def ports(pbx: FakePbx) -> Iterator[Ports]:
    """The fake PBX is what would be started; all ports are free."""
    found = Ports(sip=5060, tls=5061, api=pbx.port, rtp_first=30000, rtp_last=30999)
    with (
        patch("custom_components.pascom.config_flow.find_ports", return_value=found),
        patch("custom_components.pascom.config_flow.is_free", return_value=True),
        patch("custom_components.pascom.config_flow.rtp_free", return_value=True),
        patch("custom_components.pascom.config_flow.new_token", return_value=TOKEN),
        patch.object(Server, "start"),
        patch.object(Server, "stop"),
    ):
        yield found


async def _choose(hass: HomeAssistant, step: str) -> Any:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["local", "remote"]
    return await hass.config_entries.flow.async_configure(result["flow_id"], {"next_step_id": step})


async def _enter(hass: HomeAssistant, result: Any, **fields: Any) -> Any:
    return await hass.config_entries.flow.async_configure(result["flow_id"], fields)


async def _finish_progress(hass: HomeAssistant, result: Any) -> Any:
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(result["flow_id"])


# Here


async def test_the_pbx_runs_here(hass: HomeAssistant, pbx: FakePbx, ports: Ports) -> None:
    pbx.answers["role/list"] = lambda _: {"roles": []}
    result = await _choose(hass, "local")
    assert result["step_id"] == "local"
    result = await _enter(hass, result, name="Villa", sip_port=5060)
    result = await _finish_progress(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Villa"
    assert result["data"] == {
        CONF_MODE: MODE_LOCAL,
        CONF_NAME: "Villa",
        CONF_TOKEN: TOKEN,
        CONF_SIP_PORT: 5060,
        CONF_TLS_PORT: 5061,
        CONF_API_PORT: pbx.port,
        CONF_RTP_FIRST: 30000,
        CONF_RTP_LAST: 30999,
    }
    assert result["options"][CONF_NEW_ROLES] == ["family"]
    assert result["result"].unique_id == pbx.info["instance"]
    assert pbx.commands("role/save") == [{"role": "family", "see": ["*"], "open": ["*"]}]


async def test_a_role_that_exists_is_left_alone(hass: HomeAssistant, pbx: FakePbx, ports: Ports) -> None:
    result = await _choose(hass, "local")
    result = await _finish_progress(hass, await _enter(hass, result, name="Villa", sip_port=5060))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert pbx.commands("role/save") == []


async def test_one_pbx_runs_here(hass: HomeAssistant, ports: Ports) -> None:
    MockConfigEntry(domain=DOMAIN, data={CONF_MODE: MODE_LOCAL}).add_to_hass(hass)
    result = await _choose(hass, "local")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


@pytest.mark.parametrize(("voip", "step"), [(True, "local_voip"), (False, "local_port_taken")])
async def test_a_taken_port_is_explained(hass: HomeAssistant, ports: Ports, voip: bool, step: str) -> None:
    if voip:
        MockConfigEntry(domain="voip", data={}).add_to_hass(hass)
    found = Ports(sip=5062, tls=5061, api=ports.api, rtp_first=30000, rtp_last=30999)
    with patch("custom_components.pascom.config_flow.find_ports", return_value=found):
        result = await _choose(hass, "local")
    assert result["step_id"] == step
    assert result["description_placeholders"]["port"] == "5062"
    result = await _finish_progress(hass, await _enter(hass, result, name="Villa", sip_port=5062))
    assert result["data"][CONF_SIP_PORT] == 5062


async def test_a_port_in_use_is_refused(hass: HomeAssistant, ports: Ports) -> None:
    result = await _choose(hass, "local")
    with patch("custom_components.pascom.config_flow.is_free", return_value=False):
        result = await _enter(hass, result, name="Villa", sip_port=5070)
    assert result["errors"] == {CONF_SIP_PORT: "port_in_use"}
    result = await _enter(hass, result, name="Villa", sip_port=5061)
    assert result["errors"] == {CONF_SIP_PORT: "port_in_use"}
    result = await _finish_progress(hass, await _enter(hass, result, name="Villa", sip_port=5070))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_without_any_free_port_it_ends(hass: HomeAssistant, ports: Ports) -> None:
    with patch("custom_components.pascom.config_flow.find_ports", side_effect=OSError):
        result = await _choose(hass, "local")
    assert result["reason"] == "no_free_port"


async def test_a_pbx_that_does_not_start_says_why_and_may_be_tried_again(hass: HomeAssistant, ports: Ports) -> None:
    result = await _choose(hass, "local")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ServerError("The disk is full.")

    with patch.object(Server, "start", side_effect=fail):
        result = await _finish_progress(hass, await _enter(hass, result, name="Villa", sip_port=5060))
    assert result["step_id"] == "local"
    assert result["errors"] == {"base": "server_failed"}
    assert result["description_placeholders"]["error"] == "The disk is full."
    result = await _finish_progress(hass, await _enter(hass, result, name="Villa", sip_port=5060))
    assert result["type"] is FlowResultType.CREATE_ENTRY


# Elsewhere


async def test_a_pbx_elsewhere_is_paired(hass: HomeAssistant, pbx: FakePbx) -> None:
    result = await _choose(hass, "remote")
    result = await _enter(hass, result, host="127.0.0.1 ", port=pbx.port)
    assert result["step_id"] == "pair"
    assert result["description_placeholders"]["name"] == "Home"
    result = await _enter(hass, result, code="000000")
    assert result["errors"] == {"base": "invalid_code"}
    result = await _enter(hass, result, code="123 456")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Home"
    assert result["data"] == {
        CONF_MODE: MODE_REMOTE,
        CONF_HOST: "127.0.0.1",
        CONF_PORT: pbx.port,
        CONF_TOKEN: "golden-new-token",
        CONF_FINGERPRINT: None,
    }
    assert result["result"].unique_id == pbx.info["instance"]


async def test_its_certificate_is_pinned(
    hass: HomeAssistant, pbx: FakePbx, certificate: tuple[ssl.SSLContext, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.pascom.wire.connection.is_loopback", lambda _: False)
    context, fingerprint = certificate
    await pbx.stop()
    await pbx.start(context)
    result = await _choose(hass, "remote")
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["description_placeholders"]["fingerprint"] == readable(fingerprint)
    result = await _enter(hass, result, code=CODE)
    assert result["data"][CONF_FINGERPRINT] == fingerprint


async def test_nobody_there_is_said(hass: HomeAssistant, pbx: FakePbx) -> None:
    result = await _choose(hass, "remote")
    await pbx.stop()
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["errors"] == {"base": "cannot_connect"}
    await pbx.start()
    pbx.info = {**pbx.info, "api_version": 7}
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["errors"] == {"base": "incompatible"}
    pbx.info = {**pbx.info, "api_version": 1}
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    await pbx.stop()
    result = await _enter(hass, result, code=CODE)
    assert result["errors"] == {"base": "cannot_connect"}
    await pbx.start()
    pbx.info = {**pbx.info, "api_version": 7}
    result = await _enter(hass, result, code=CODE)
    assert result["errors"] == {"base": "unknown"}
    pbx.info = {**pbx.info, "api_version": 1}
    result = await _enter(hass, result, code=CODE)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_known_pbx_is_not_added_twice(hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx) -> None:
    result = await _choose(hass, "remote")
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["reason"] == "already_configured"


def _announcement(pbx: FakePbx, **properties: str) -> ZeroconfServiceInfo:
    address = ipaddress.ip_address("127.0.0.1")
    return ZeroconfServiceInfo(
        ip_address=address,
        ip_addresses=[address],
        port=pbx.port,
        hostname="pbx.local.",
        type="_pascom._tcp.local.",
        name="Home._pascom._tcp.local.",
        properties={"instance": pbx.info["instance"], "name": "Home", "version": "0.1.0", **properties},
    )


async def _discover(hass: HomeAssistant, announcement: ZeroconfServiceInfo) -> Any:
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_ZEROCONF}, data=announcement)


async def test_a_discovered_pbx_is_paired(hass: HomeAssistant, pbx: FakePbx) -> None:
    result = await _discover(hass, _announcement(pbx))
    assert result["step_id"] == "pair"
    result = await _enter(hass, result, code=CODE)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_known_pbx_that_moved_is_followed(hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOST: "192.0.2.1"})
    result = await _discover(hass, _announcement(pbx))
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_HOST] == "127.0.0.1"


async def test_the_pbx_that_runs_here_is_not_discovered(hass: HomeAssistant, pbx: FakePbx) -> None:
    local = MockConfigEntry(domain=DOMAIN, unique_id=pbx.info["instance"], data={CONF_MODE: MODE_LOCAL})
    local.add_to_hass(hass)
    result = await _discover(hass, _announcement(pbx))
    assert result["reason"] == "already_configured"
    assert local.data == {CONF_MODE: MODE_LOCAL}


async def test_what_is_no_pbx_is_not_offered(hass: HomeAssistant, pbx: FakePbx) -> None:
    assert (await _discover(hass, _announcement(pbx, instance="")))["reason"] == "not_a_pbx"
    assert (await _discover(hass, _announcement(pbx, instance="ff")))["reason"] == "not_a_pbx"
    await pbx.stop()
    assert (await _discover(hass, _announcement(pbx)))["reason"] == "cannot_connect"


# Later


async def test_pairing_again_takes_a_new_token(hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx) -> None:
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == "reauth_confirm"
    result = await _enter(hass, result, code="000000")
    assert result["errors"] == {"base": "invalid_code"}
    result = await _enter(hass, result, code=CODE)
    assert result["reason"] == "reauth_successful"
    assert entry.data[CONF_TOKEN] == "golden-new-token"
    await hass.async_block_till_done()


async def test_pairing_again_needs_the_same_pbx(hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx) -> None:
    pbx.info = {**pbx.info, "instance": "ff"}
    assert (await entry.start_reauth_flow(hass))["reason"] == "another_pbx"
    await pbx.stop()
    assert (await entry.start_reauth_flow(hass))["reason"] == "cannot_connect"


@pytest.fixture
def local_entry(hass: HomeAssistant, ports: Ports) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="here",
        data={
            CONF_MODE: MODE_LOCAL,
            CONF_TOKEN: "old",
            CONF_SIP_PORT: 5060,
            CONF_TLS_PORT: 5061,
            CONF_API_PORT: ports.api,
            CONF_RTP_FIRST: 30000,
            CONF_RTP_LAST: 30999,
        },
    )
    entry.add_to_hass(hass)
    return entry


async def test_the_pbx_that_runs_here_gets_a_new_token_by_itself(
    hass: HomeAssistant, local_entry: MockConfigEntry
) -> None:
    result = await local_entry.start_reauth_flow(hass)
    assert result["reason"] == "reauth_successful"
    assert local_entry.data[CONF_TOKEN] == TOKEN
    await hass.async_block_till_done()


async def test_the_ports_can_be_changed(hass: HomeAssistant, local_entry: MockConfigEntry) -> None:
    result = await local_entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "reconfigure_local"
    result = await _enter(hass, result, sip_port=5061, rtp_first=30000, rtp_last=30010)
    assert result["errors"] == {CONF_SIP_PORT: "port_in_use", CONF_RTP_LAST: "range_too_small"}
    with (
        patch("custom_components.pascom.config_flow.is_free", return_value=False),
        patch("custom_components.pascom.config_flow.rtp_free", return_value=False),
    ):
        result = await _enter(hass, result, sip_port=5070, rtp_first=40000, rtp_last=40100)
    assert result["errors"] == {CONF_SIP_PORT: "port_in_use", CONF_RTP_FIRST: "port_in_use"}
    result = await _enter(hass, result, sip_port=5070, rtp_first=40000, rtp_last=40100)
    assert result["reason"] == "reconfigure_successful"
    assert local_entry.data[CONF_SIP_PORT] == 5070
    assert local_entry.data[CONF_RTP_LAST] == 40100
    await hass.async_block_till_done()


async def test_the_address_can_be_changed(hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOST: "192.0.2.1"})
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "reconfigure_remote"
    await pbx.stop()
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["errors"] == {"base": "cannot_connect"}
    await pbx.start()
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_FINGERPRINT: "ab" * 32})
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["errors"] == {"base": "certificate_changed"}
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_FINGERPRINT: None})
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_HOST] == "127.0.0.1"
    await hass.async_block_till_done()


async def test_another_pbx_at_the_new_address_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx
) -> None:
    pbx.info = {**pbx.info, "instance": "ff"}
    result = await entry.start_reconfigure_flow(hass)
    result = await _enter(hass, result, host="127.0.0.1", port=pbx.port)
    assert result["reason"] == "another_pbx"


def test_an_endpoint_beyond_loopback_is_tls() -> None:
    assert Endpoint(host="127.0.0.1", port=1).url == "ws://127.0.0.1:1/"
    assert Endpoint(host="localhost", port=1).url == "ws://localhost:1/"
    assert Endpoint(host="::1", port=1).url == "ws://[::1]:1/"
    assert Endpoint(host="pbx.example", port=1).url == "wss://pbx.example:1/"
    assert Endpoint(host="192.0.2.1", port=1).url == "wss://192.0.2.1:1/"
    assert readable(None) == "-"
