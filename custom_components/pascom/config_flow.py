"""How a PBX comes to Home Assistant: it runs here, or it is joined with a pairing code."""

import asyncio
from collections.abc import Mapping
from typing import Any

import probatio as vol
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_CODE, CONF_HOST, CONF_NAME, CONF_PORT, CONF_TOKEN
from homeassistant.core import callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import (
    CONF_AUTO_LINK,
    CONF_FINGERPRINT,
    CONF_MODE,
    CONF_NEW_ROLES,
    CONF_RTP_FIRST,
    CONF_RTP_LAST,
    CONF_SIP_PORT,
    DEFAULT_API_PORT,
    DEFAULT_NAME,
    DEFAULT_ROLE,
    DEFAULT_SIP_PORT,
    DOMAIN,
    MODE_LOCAL,
    MODE_REMOTE,
    SUBENTRY_DOOR,
    SUBENTRY_LINE,
)
from .flows.door import DoorSubentryFlow
from .flows.line import LineSubentryFlow
from .flows.options import PascomOptionsFlow
from .local.from_entry import LOCALHOST, as_entry_data, make_server, ports_of, voip_uses
from .local.ports import Ports, find_ports, is_free, rtp_free
from .local.server import ServerError, new_token
from .wire.connection import Endpoint, connect
from .wire.errors import CannotConnect, Incompatible, PascomError, Unauthorized
from .wire.models import Role, ServerInfo

_PORT = vol.All(vol.Coerce(int), vol.Range(min=1024, max=65535))
_REMOTE = vol.Schema({vol.Required(CONF_HOST): cv.string, vol.Required(CONF_PORT, default=DEFAULT_API_PORT): cv.port})
_PAIR = vol.Schema({vol.Required(CONF_CODE): cv.string})


class PascomConfigFlow(ConfigFlow, domain=DOMAIN):
    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        self._ports: Ports | None = None
        self._data: dict[str, Any] = {}
        self._instance = ""
        self._fault = ""
        self._trial: asyncio.Task[None] | None = None
        self._endpoint: Endpoint | None = None
        self._info: ServerInfo | None = None

    @staticmethod
    @callback
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return PascomOptionsFlow()

    @classmethod
    @callback
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        lines: dict[str, type[ConfigSubentryFlow]] = {SUBENTRY_LINE: LineSubentryFlow}
        # A PBX elsewhere has a configuration file of its own.
        return {SUBENTRY_DOOR: DoorSubentryFlow, **(lines if config_entry.data[CONF_MODE] == MODE_LOCAL else {})}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        return self.async_show_menu(step_id="user", menu_options=["local", "remote"])

    # The PBX runs here

    async def async_step_local(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Name and port.  The step's other names explain why it is not the customary port."""
        self._async_abort_entries_match({CONF_MODE: MODE_LOCAL})
        if self._ports is None:
            try:
                self._ports = await self.hass.async_add_executor_job(find_ports)
            except OSError:
                return self.async_abort(reason="no_free_port")
        errors: dict[str, str] = {}
        if user_input is not None:
            port = user_input[CONF_SIP_PORT]
            ports = Ports(
                sip=port,
                tls=self._ports.tls,
                api=self._ports.api,
                rtp_first=self._ports.rtp_first,
                rtp_last=self._ports.rtp_last,
            )
            if port in {ports.tls, ports.api} or not await self.hass.async_add_executor_job(is_free, port):
                errors[CONF_SIP_PORT] = "port_in_use"
            else:
                self._data = {
                    CONF_MODE: MODE_LOCAL,
                    CONF_NAME: user_input[CONF_NAME],
                    CONF_TOKEN: new_token(),
                    **as_entry_data(ports),
                }
                return await self.async_step_start()
        elif self._fault:
            errors["base"] = "server_failed"
        return self._local_form(errors, user_input)

    # One form with three explanations
    async_step_local_port_taken = async_step_local
    async_step_local_voip = async_step_local

    def _local_form(self, errors: dict[str, str], user_input: dict[str, Any] | None) -> ConfigFlowResult:
        assert self._ports is not None
        step_id = "local"
        if self._ports.sip != DEFAULT_SIP_PORT:
            step_id = "local_voip" if voip_uses(self.hass, DEFAULT_SIP_PORT) else "local_port_taken"
        suggested = user_input or {
            CONF_NAME: self._data.get(CONF_NAME) or self.hass.config.location_name or DEFAULT_NAME,
            CONF_SIP_PORT: self._ports.sip,
        }
        schema = vol.Schema({vol.Required(CONF_NAME): cv.string, vol.Required(CONF_SIP_PORT): _PORT})
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders={
                "port": str(self._ports.sip),
                "customary": str(DEFAULT_SIP_PORT),
                "error": self._fault,
            },
        )

    async def async_step_start(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Start it once, to see that it can, and to learn who it is."""
        if self._trial is None:
            self._fault = ""
            self._trial = self.hass.async_create_task(self._try_server(), f"{DOMAIN} tries the PBX")
        if not self._trial.done():
            return self.async_show_progress(step_id="start", progress_action="start_pbx", progress_task=self._trial)
        trial, self._trial = self._trial, None
        try:
            trial.result()
        except (ServerError, PascomError) as err:
            self._fault = str(err)
            return self.async_show_progress_done(next_step_id="start_failed")
        return self.async_show_progress_done(next_step_id="started")

    async def async_step_start_failed(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        return await self.async_step_local()

    async def async_step_started(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        await self.async_set_unique_id(self._instance)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(
            title=self._data[CONF_NAME],
            data=self._data,
            options={CONF_AUTO_LINK: True, CONF_NEW_ROLES: [DEFAULT_ROLE]},
        )

    async def _try_server(self) -> None:
        server = make_server(self.hass, self._data)
        await server.start()
        try:
            endpoint = Endpoint(host=LOCALHOST, port=server.ports.api)
            async with connect(async_get_clientsession(self.hass), endpoint) as pbx:
                await pbx.authenticate(self._data[CONF_TOKEN])
                self._data |= as_entry_data(server.ports)
                self._instance = pbx.info.instance
                # The people of this home may see and open every door until somebody says otherwise.
                roles = [Role.from_wire(role) for role in (await pbx.command("role/list"))["roles"]]
                if DEFAULT_ROLE not in {role.name for role in roles}:
                    await pbx.command("role/save", role=DEFAULT_ROLE, see=["*"], open=["*"])
        finally:
            await server.stop()

    # The PBX is elsewhere

    async def async_step_remote(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            endpoint = Endpoint(host=user_input[CONF_HOST].strip(), port=user_input[CONF_PORT])
            if error := await self._look_at(endpoint):
                errors["base"] = error
            else:
                self._abort_if_unique_id_configured()
                return await self.async_step_pair()
        return self.async_show_form(
            step_id="remote",
            data_schema=self.add_suggested_values_to_schema(_REMOTE, user_input),
            errors=errors,
            description_placeholders={"command": "pbx-lite pair"},
        )

    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        instance = discovery_info.properties.get("instance")
        port = discovery_info.port
        if not instance or port is None:
            return self.async_abort(reason="not_a_pbx")
        known = await self.async_set_unique_id(instance)
        if known is not None:
            if known.data[CONF_MODE] == MODE_REMOTE:
                self._abort_if_unique_id_configured({CONF_HOST: discovery_info.host, CONF_PORT: port})
            return self.async_abort(reason="already_configured")
        if error := await self._look_at(Endpoint(host=discovery_info.host, port=port)):
            return self.async_abort(reason=error)
        assert self._info is not None
        if self._info.instance != instance:
            return self.async_abort(reason="not_a_pbx")
        self.context["title_placeholders"] = {"name": self._info.name}
        return await self.async_step_pair()

    async def async_step_pair(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            token, error = await self._pair(user_input[CONF_CODE])
            if token:
                assert self._info is not None
                return self.async_create_entry(
                    title=self._info.name,
                    data={CONF_MODE: MODE_REMOTE, CONF_TOKEN: token, **self._endpoint_data()},
                    options={CONF_AUTO_LINK: True, CONF_NEW_ROLES: []},
                )
            errors["base"] = error
        return self._pair_form("pair", errors)

    async def _look_at(self, endpoint: Endpoint) -> str:
        """Learn who listens there, and its certificate.  Returns what went wrong as a key of `errors`."""
        try:
            async with connect(async_get_clientsession(self.hass), endpoint, trust=True) as pbx:
                self._info = pbx.info
                self._endpoint = Endpoint(host=endpoint.host, port=endpoint.port, fingerprint=pbx.fingerprint)
        except (CannotConnect, Incompatible) as err:
            return err.code
        await self.async_set_unique_id(self._info.instance, raise_on_progress=False)
        return ""

    async def _pair(self, code: str) -> tuple[str, str]:
        """The token, or why there is none."""
        assert self._endpoint is not None
        client = f"Home Assistant {self.hass.config.location_name}".strip()
        try:
            async with connect(async_get_clientsession(self.hass), self._endpoint) as pbx:
                return await pbx.pair(code.replace(" ", "").replace("-", ""), client), ""
        except Unauthorized:
            return "", "invalid_code"
        except PascomError as err:
            return "", err.code if isinstance(err, CannotConnect) else "unknown"

    def _pair_form(self, step_id: str, errors: dict[str, str]) -> ConfigFlowResult:
        assert self._endpoint is not None
        assert self._info is not None
        return self.async_show_form(
            step_id=step_id,
            data_schema=_PAIR,
            errors=errors,
            description_placeholders={
                "name": self._info.name,
                "host": self._endpoint.host,
                "command": "pbx-lite pair",
                "fingerprint": readable(self._endpoint.fingerprint),
            },
        )

    def _endpoint_data(self) -> dict[str, Any]:
        assert self._endpoint is not None
        return {
            CONF_HOST: self._endpoint.host,
            CONF_PORT: self._endpoint.port,
            CONF_FINGERPRINT: self._endpoint.fingerprint,
        }

    # Later

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """The token was refused, or the certificate is another one: pair again."""
        entry = self._get_reauth_entry()
        if entry.data[CONF_MODE] == MODE_LOCAL:
            return self.async_update_reload_and_abort(entry, data_updates={CONF_TOKEN: new_token()})
        if user_input is None or self._endpoint is None:
            endpoint = Endpoint(host=entry.data[CONF_HOST], port=entry.data[CONF_PORT])
            if error := await self._look_at(endpoint):
                return self.async_abort(reason=error)
            self._abort_if_unique_id_mismatch(reason="another_pbx")
        errors: dict[str, str] = {}
        if user_input is not None:
            token, error = await self._pair(user_input[CONF_CODE])
            if token:
                return self.async_update_reload_and_abort(
                    entry, data_updates={CONF_TOKEN: token, **self._endpoint_data()}
                )
            errors["base"] = error
        return self._pair_form("reauth_confirm", errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        if self._get_reconfigure_entry().data[CONF_MODE] == MODE_LOCAL:
            return await self.async_step_reconfigure_local(user_input)
        return await self.async_step_reconfigure_remote(user_input)

    async def async_step_reconfigure_local(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._check_ports(ports_of(entry.data), user_input)
            if not errors:
                return self.async_update_reload_and_abort(entry, data_updates=user_input)
        schema = vol.Schema(
            {vol.Required(key): _PORT for key in (CONF_SIP_PORT, CONF_RTP_FIRST, CONF_RTP_LAST)},
        )
        return self.async_show_form(
            step_id="reconfigure_local",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or entry.data),
            errors=errors,
        )

    async def _check_ports(self, now: Ports, wanted: dict[str, Any]) -> dict[str, str]:
        """Ports that the running PBX has itself count as free."""
        errors: dict[str, str] = {}
        sip, first, last = wanted[CONF_SIP_PORT], wanted[CONF_RTP_FIRST], wanted[CONF_RTP_LAST]
        if sip in {now.tls, now.api} or (sip != now.sip and not await self.hass.async_add_executor_job(is_free, sip)):
            errors[CONF_SIP_PORT] = "port_in_use"
        if last - first < 19:
            errors[CONF_RTP_LAST] = "range_too_small"
        elif (first, last) != (now.rtp_first, now.rtp_last) and not (now.rtp_first <= first and last <= now.rtp_last):
            free = await self.hass.async_add_executor_job(rtp_free, first, last)
            if not free and (last < now.rtp_first or first > now.rtp_last):
                errors[CONF_RTP_FIRST] = "port_in_use"
        return errors

    async def async_step_reconfigure_remote(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            endpoint = Endpoint(host=user_input[CONF_HOST].strip(), port=user_input[CONF_PORT])
            if error := await self._look_at(endpoint):
                errors["base"] = error
            else:
                self._abort_if_unique_id_mismatch(reason="another_pbx")
                # The certificate is the PBX's identity: moved or not, it must show the same one.
                if self._endpoint_data()[CONF_FINGERPRINT] == entry.data.get(CONF_FINGERPRINT):
                    return self.async_update_reload_and_abort(entry, data_updates=self._endpoint_data())
                errors["base"] = "certificate_changed"
        return self.async_show_form(
            step_id="reconfigure_remote",
            data_schema=self.add_suggested_values_to_schema(_REMOTE, user_input or entry.data),
            errors=errors,
        )


def readable(fingerprint: str | None) -> str:
    """A fingerprint as people compare it, in groups of four."""
    if fingerprint is None:
        return "-"
    return " ".join(fingerprint[index : index + 4] for index in range(0, len(fingerprint), 4))
