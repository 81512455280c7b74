"""What helps to find a fault, without a secret in it."""

from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .const import CONF_FINGERPRINT, CONF_NO_ACCESS
from .coordinator import PascomConfigEntry
from .wire.phone_models import Call
from .wire.room_models import Room

TO_REDACT = {
    "admin_pin",
    CONF_FINGERPRINT,
    CONF_HOST,
    CONF_NO_ACCESS,
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_USERNAME,
    "availability_text",
    "caller_number",
    "ha_user",
    "instance",
    "pin",
    "unique_id",
}


# Who speaks with whom is nobody's business who looks for a fault.
OF_CALLS = {"name", "number"}
OF_PARTICIPANTS = {*OF_CALLS, "user"}


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: PascomConfigEntry) -> dict[str, Any]:
    data = entry.runtime_data
    server = data.server
    return async_redact_data(
        {
            "entry": dict(entry.data),
            "options": dict(entry.options),
            "added_here": [dict(subentry.data) for subentry in entry.subentries.values()],
            "connected": data.client.connected,
            "available": data.coordinator.last_update_success,
            "last_error": str(data.coordinator.last_exception) if data.coordinator.last_exception else None,
            "server": None
            if server is None
            else {
                "running": server.running,
                "restarts": server.restarts,
                "ports": asdict(server.ports),
                # Each line was redacted when it was read.
                "log": list(server.log),
            },
            "notifications": data.notifications.state(),
            "snapshot": {
                **asdict(data.coordinator.data),
                "calls": [_call(call) for call in data.coordinator.data.calls.values()],
                "rooms": [_room(room) for room in data.coordinator.data.rooms.values()],
            },
        },
        TO_REDACT,
    )


def _call(call: Call) -> dict[str, Any]:
    parties = [asdict(party) for party in call.parties]
    return async_redact_data({**asdict(call), "parties": parties}, OF_CALLS)


def _room(room: Room) -> dict[str, Any]:
    participants = [async_redact_data(asdict(each), OF_PARTICIPANTS) for each in room.participants]
    return {**asdict(room), "participants": participants}
