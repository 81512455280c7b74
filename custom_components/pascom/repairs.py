"""What an owner should know and can put right: a taken port, a PBX that keeps ending, the microphone that is off."""

from typing import Any

from homeassistant.components import camera, labs
from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import PascomConfigEntry
from .local.from_entry import ports_of, voip_uses
from .local.ports import is_free

PORT_IN_USE = "port_in_use"
PORT_USED_BY_VOIP = "port_used_by_voip"
TLS_PORT_IN_USE = "tls_port_in_use"
PBX_FAILS = "pbx_fails"
TWO_WAY_AUDIO = "two_way_audio"

_CAMERA, _LABS = "camera", "labs"
# Home Assistant 2026.11 and newer have this switch among their Labs.
_LABS_FEATURE = "two_way_audio"
_LABS_HAVE_IT = hasattr(camera, "CameraEntityCapabilities")


async def check_ports(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Whether the SIP port is free; if not, an issue says who has it and what to do."""
    port = ports_of(entry.data).sip
    free = await hass.async_add_executor_job(is_free, port)
    by_voip = not free and voip_uses(hass, port)
    for kind, true in ((PORT_USED_BY_VOIP, by_voip), (PORT_IN_USE, not free and not by_voip)):
        if true:
            _create(hass, entry, kind, ir.IssueSeverity.ERROR, {"port": str(port)})
        else:
            ir.async_delete_issue(hass, DOMAIN, _id(entry, kind))
    return free


@callback
def tell_tls_port(hass: HomeAssistant, entry: ConfigEntry, port: int) -> None:
    """The PBX that runs here serves encrypted phones at `port`; an issue says so where it is not the usual one."""
    usual = ports_of(entry.data).tls
    if port == usual:
        ir.async_delete_issue(hass, DOMAIN, _id(entry, TLS_PORT_IN_USE))
    else:
        placeholders = {"port": str(usual), "other": str(port)}
        _create(hass, entry, TLS_PORT_IN_USE, ir.IssueSeverity.WARNING, placeholders)


@callback
def tell_trouble(hass: HomeAssistant, entry: ConfigEntry, fault: str | None) -> None:
    """The PBX that runs here keeps ending with `fault`, or (None) runs again."""
    if fault is None:
        ir.async_delete_issue(hass, DOMAIN, _id(entry, PBX_FAILS))
    else:
        _create(hass, entry, PBX_FAILS, ir.IssueSeverity.ERROR, {"error": fault})


@callback
def watch_two_way_audio(hass: HomeAssistant, entry: PascomConfigEntry) -> None:
    """As long as a door or room could talk but Home Assistant's Labs have two-way audio off, a hint says so."""
    if not _LABS_HAVE_IT or _LABS not in hass.config.components:
        return
    coordinator = entry.runtime_data.coordinator

    @callback
    def update() -> None:
        talks = coordinator.data.rooms or any(door.two_way for door in coordinator.data.doors.values())
        if talks and not labs.async_is_preview_feature_enabled(hass, _CAMERA, _LABS_FEATURE):
            _create(hass, entry, TWO_WAY_AUDIO, ir.IssueSeverity.WARNING, {}, fixable=True)
        else:
            ir.async_delete_issue(hass, DOMAIN, _id(entry, TWO_WAY_AUDIO))

    async def labs_changed(_data: Any) -> None:
        update()

    update()
    entry.async_on_unload(coordinator.async_add_listener(update))
    entry.async_on_unload(labs.async_subscribe_preview_feature(hass, _CAMERA, _LABS_FEATURE, labs_changed))


@callback
def forget(hass: HomeAssistant, entry: ConfigEntry) -> None:
    for kind in (PORT_IN_USE, PORT_USED_BY_VOIP, TLS_PORT_IN_USE, PBX_FAILS, TWO_WAY_AUDIO):
        ir.async_delete_issue(hass, DOMAIN, _id(entry, kind))


class TwoWayAudioFlow(ConfirmRepairFlow):
    """Switches two-way audio on in the Labs."""

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        if user_input is not None:
            await labs.async_update_preview_feature(self.hass, _CAMERA, _LABS_FEATURE, enabled=True)
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    return TwoWayAudioFlow()


def _id(entry: ConfigEntry, kind: str) -> str:
    return f"{kind}_{entry.entry_id}"


def _create(
    hass: HomeAssistant,
    entry: ConfigEntry,
    kind: str,
    severity: ir.IssueSeverity,
    placeholders: dict[str, str],
    *,
    fixable: bool = False,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        _id(entry, kind),
        is_fixable=fixable,
        severity=severity,
        translation_key=kind,
        translation_placeholders={"name": entry.title, **placeholders},
    )
