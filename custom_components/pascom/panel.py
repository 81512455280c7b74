"""The panel in Home Assistant's sidebar: for everybody, as long as there is a PBX.

Its frontend is built by `script/build`; without that there is no panel, and everything else works.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import StaticPathConfig
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER

BUILT = Path(__file__).parent / "frontend" / "dist"
MODULE = "panel.js"
# On every page of Home Assistant, so that it rings there, too.
EVERYWHERE = "everywhere.js"
ELEMENT = "pascom-panel"
TITLE = "pascom"
ICON = "mdi:phone-in-talk"
# Below it the build has its own folder, so that browsers may keep what they have for ever.
SERVED = "/pascom_panel"

# While an entry is in one of these, its PBX is there or about to be.
_THERE = {ConfigEntryState.LOADED, ConfigEntryState.SETUP_IN_PROGRESS, ConfigEntryState.SETUP_RETRY}


@dataclass(slots=True)
class _Panel:
    """What Home Assistant has of it: the addresses that it serves, which it cannot forget, and what is shown now."""

    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    served: set[str] = field(default_factory=set)
    shown: tuple[str, dict[str, Any]] | None = None
    missed: bool = False


_PANEL: HassKey[_Panel] = HassKey(f"{DOMAIN}_panel")


async def show(hass: HomeAssistant) -> None:
    """Have the panel in the sidebar, with all PBXs that there are; one log line says if it is not built."""
    if frontend.DOMAIN not in hass.config.components:
        return
    panel = hass.data.setdefault(_PANEL, _Panel())
    async with panel.changing:
        build = await hass.async_add_executor_job(_build)
        if build is None:
            if not panel.missed:
                LOGGER.warning("The panel is not built, so the sidebar has none: run script/build and restart")
            panel.missed = True
            return
        url = f"{SERVED}/{build}"
        if url not in panel.served:
            await hass.http.async_register_static_paths([StaticPathConfig(url, str(BUILT), True)])
            panel.served.add(url)
        integration = await async_get_integration(hass, DOMAIN)
        config = {"entry_ids": _entry_ids(hass), "version": str(integration.version)}
        wanted = (f"{url}/{MODULE}", config)
        if panel.shown == wanted:
            return
        _remove(hass, panel)
        await panel_custom.async_register_panel(
            hass,
            frontend_url_path=DOMAIN,
            webcomponent_name=ELEMENT,
            sidebar_title=TITLE,
            sidebar_icon=ICON,
            module_url=wanted[0],
            config=config,
            require_admin=False,
            handle_safe_area=True,
        )
        frontend.add_extra_js_url(hass, f"{url}/{EVERYWHERE}")
        panel.shown = wanted


@callback
def hide_without(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take the panel away once this entry is unloaded, if it was the last; one that is loaded again keeps it."""

    async def hide() -> None:
        async with entry.setup_lock:
            # Held until a reload is over.
            pass
        panel = hass.data.get(_PANEL)
        if panel is None or any(each.state in _THERE for each in hass.config_entries.async_entries(DOMAIN)):
            return
        async with panel.changing:
            _remove(hass, panel)

    hass.async_create_task(hide(), f"{DOMAIN} hides its panel", eager_start=False)


def _remove(hass: HomeAssistant, panel: _Panel) -> None:
    if panel.shown is not None:
        frontend.async_remove_panel(hass, DOMAIN, warn_if_unknown=False)
        frontend.remove_extra_js_url(hass, panel.shown[0].removesuffix(MODULE) + EVERYWHERE)
        panel.shown = None


def _build() -> str | None:
    """What distinguishes this build, None where there is none.  The pieces that it loads have names of their own."""
    try:
        built = b"".join((BUILT / name).read_bytes() for name in (MODULE, EVERYWHERE))
        return hashlib.sha256(built).hexdigest()[:12]
    except OSError:
        return None


def _entry_ids(hass: HomeAssistant) -> list[str]:
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False)
    return [entry.entry_id for entry in entries]
