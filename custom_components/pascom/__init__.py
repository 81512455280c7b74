"""pascom for Home Assistant: the home's doors, through the PBX that rings, shows, talks and opens."""

import probatio as vol
from homeassistant.components.http import current_request
from homeassistant.components.lock import DOMAIN as LOCK_DOMAIN
from homeassistant.components.websocket_api import current_connection
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import service
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from . import panel, preferences, repairs, websocket_api
from .actions import calls as actions
from .actions import voicemail_files
from .const import (
    ATTR_ON_BEHALF_OF,
    CONF_API_PORT,
    CONF_FINGERPRINT,
    CONF_MODE,
    DOMAIN,
    LOGGER,
    MANUFACTURER,
    MODE_LOCAL,
    SERVICE_OPEN_DOOR,
    SUBENTRY_DOOR,
)
from .coordinator import PascomConfigEntry, PascomCoordinator, PascomData
from .devices import room_key
from .entity import PLATFORMS, as_home_assistant_error
from .local.from_entry import LOCALHOST, make_server, ports_of
from .local.lines import lines_of
from .local.ports import with_phones
from .local.server import Server, ServerError
from .lock import PascomLock
from .notices.notifications import Notifications
from .pages import newcomers_api, picture_api, pictures, preferences_api
from .pages.pages import forget_pages, pages_of
from .people import People
from .recording_view import RecordingView
from .wire.client import PascomClient
from .wire.connection import Endpoint
from .wire.errors import PascomError
from .wire.phones import Phones
from .wire.rooms import Rooms
from .wire.voicemail import Mailboxes, Prompts
from .wire.witnesses import Witnesses

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    service.async_register_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_OPEN_DOOR,
        entity_domain=LOCK_DOMAIN,
        schema={vol.Optional(ATTR_ON_BEHALF_OF): vol.Any(None, cv.string)},
        func=_open_door,
        supports_response=SupportsResponse.OPTIONAL,
    )
    actions.register(hass)
    websocket_api.register(hass)
    await preferences.set_up(hass)
    preferences_api.register(hass)
    newcomers_api.register(hass)
    await pictures.set_up(hass)
    picture_api.register(hass)
    hass.http.register_view(RecordingView())
    now = dt_util.utcnow().timestamp()
    hass.async_create_background_task(voicemail_files.tidy(hass, now), f"{DOMAIN} deletes old recordings")
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PascomConfigEntry) -> bool:
    server = await _start_server(hass, entry) if entry.data[CONF_MODE] == MODE_LOCAL else None
    coordinator = PascomCoordinator(hass, entry)
    client = PascomClient(
        session=async_get_clientsession(hass),
        endpoint=endpoint_of(entry),
        token=entry.data[CONF_TOKEN],
        listener=coordinator,
    )
    entry.runtime_data = PascomData(
        client=client,
        coordinator=coordinator,
        people=People(hass, client, lambda: dict(entry.options), lambda: coordinator.data),
        phones=Phones(client.command),
        rooms=Rooms(client.command),
        mailboxes=Mailboxes(client.command),
        prompts=Prompts(client.command),
        server=server,
    )
    pages = pages_of(hass, entry.entry_id)
    entry.runtime_data.notifications = notifications = Notifications(hass, entry)
    client.witness = Witnesses(pages, notifications)
    if server is not None:
        server.on_ready = client.hurry
    entry.async_create_background_task(hass, _run(client), f"{DOMAIN} client {entry.title}")
    try:
        await coordinator.async_config_entry_first_refresh()
    except BaseException:
        if server is not None:
            await server.stop()
        raise
    pages.attach(client.command, entry.runtime_data.people)
    _register_pbx(hass, entry)
    coordinator.devices.remove_stale(coordinator.data)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    _follow_subentries(hass, entry)
    repairs.watch_two_way_audio(hass, entry)
    await panel.show(hass)
    notifications.start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: PascomConfigEntry) -> bool:
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    await entry.runtime_data.notifications.stop()
    await pages_of(hass, entry.entry_id).detach()
    panel.hide_without(hass, entry)
    if (server := entry.runtime_data.server) is not None:
        await server.stop()
    return True


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """The data of a PBX that ran here stays in its folder: people may come back to it."""
    repairs.forget(hass, entry)
    forget_pages(hass, entry.entry_id)
    if not hass.config_entries.async_entries(DOMAIN):
        await hass.data[preferences.PREFERENCES].forget_all()
        await hass.data[pictures.PICTURES].forget_all()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: PascomConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Deleting the device of a door or room removes it from the PBX, unless its configuration file provides it.

    The devices of people and lines stay as long as the PBX has them.
    """
    data = entry.runtime_data
    for room in data.coordinator.data.rooms:
        if data.coordinator.devices.identifier(room_key(room)) in device.identifiers:
            try:
                await data.rooms.remove(None, room)
            except PascomError as err:
                raise as_home_assistant_error(err) from err
            return True
    for door in data.coordinator.data.doors.values():
        if data.coordinator.devices.identifier(door.name) in device.identifiers:
            try:
                await data.client.remove_door(door.name)
            except PascomError as err:
                raise as_home_assistant_error(err) from err
            return True
    return not data.coordinator.devices.identifiers(data.coordinator.data) & device.identifiers


async def _run(client: PascomClient) -> None:
    """What the PBX tells is told in nobody's name: not in that of whoever has just reloaded the integration."""
    current_connection.set(None)
    current_request.set(None)
    await client.run()


def endpoint_of(entry: ConfigEntry) -> Endpoint:
    """Where the entry's PBX is."""
    if entry.data[CONF_MODE] == MODE_LOCAL:
        return Endpoint(host=LOCALHOST, port=ports_of(entry.data).api)
    return Endpoint(
        host=entry.data[CONF_HOST], port=entry.data[CONF_PORT], fingerprint=entry.data.get(CONF_FINGERPRINT)
    )


async def _start_server(hass: HomeAssistant, entry: PascomConfigEntry) -> Server:
    server = make_server(hass, entry.data, on_trouble=lambda fault: repairs.tell_trouble(hass, entry, fault))
    await server.end_leftover()
    if not await repairs.check_ports(hass, entry):
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="port_in_use",
            translation_placeholders={"port": str(server.ports.sip)},
        )
    server.lines = lines_of(entry)
    server.ports = await hass.async_add_executor_job(with_phones, server.ports)
    try:
        await server.start()
    except ServerError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="server_failed", translation_placeholders={"error": str(err)}
        ) from err
    # Phones know the port for TLS, so the next start tries it again; that of the API is between us and the PBX.
    repairs.tell_tls_port(hass, entry, server.ports.tls)
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_API_PORT: server.ports.api})

    async def stop(_event: Event) -> None:
        await server.stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    return server


def _register_pbx(hass: HomeAssistant, entry: PascomConfigEntry) -> None:
    coordinator = entry.runtime_data.coordinator
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={coordinator.devices.identifier()},
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="pbx_lite",
        sw_version=coordinator.data.version,
        entry_type=dr.DeviceEntryType.SERVICE,
    )


def _follow_subentries(hass: HomeAssistant, entry: PascomConfigEntry) -> None:
    """A door whose subentry is deleted leaves the PBX; one whose subentry is new gets its entities there.

    Lines come and go with a restart of the PBX.
    """
    data = entry.runtime_data
    known = _doors_of_subentries(entry)
    lines = lines_of(entry)

    async def remove(door: str) -> None:
        try:
            await data.client.remove_door(door)
        except PascomError as err:
            if err.code != "not_found":
                LOGGER.warning("The PBX still has the door %s: %s", door, err.message)

    @callback
    def changed(change: ConfigEntryChange, changed_entry: ConfigEntry) -> None:
        nonlocal known
        if changed_entry.entry_id != entry.entry_id or change is not ConfigEntryChange.UPDATED:
            return
        if lines_of(entry) != lines:
            # The PBX reads them when it starts.
            hass.config_entries.async_schedule_reload(entry.entry_id)
        now = _doors_of_subentries(entry)
        for door in known - now:
            hass.async_create_task(remove(door), f"{DOMAIN} removes the door {door}")
        known = now

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed))


def _doors_of_subentries(entry: ConfigEntry) -> set[str]:
    return {
        subentry.unique_id
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_DOOR and subentry.unique_id
    }


async def _open_door(entity: PascomLock, call: ServiceCall) -> dict[str, str]:
    return await entity.async_open_on_behalf(call.data.get(ATTR_ON_BEHALF_OF))
