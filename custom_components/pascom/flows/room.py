"""Conference rooms: made, changed and removed, and what is keyed in to enter them."""

import secrets
from collections.abc import Awaitable
from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import section
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
)

from ..wire.errors import PascomError
from ..wire.room_models import Room, RoomPins
from .choices import choice
from .phone import PbxPages

CONF_ROOM = "room"
CONF_DISPLAY_NAME = "display_name"
CONF_EXTENSION = "extension"
CONF_FREE_ENTRY = "free_entry"
CONF_LEADERS = "leaders"
CONF_OPTIONS = "options"
CONF_MAX_MEMBERS = "max_members"

NEW_ROOM = "new"
# As in `choices`: what exists has a prefix.
ROOM_PREFIX = "room:"

# By the PBX's names.
SWITCHED = (
    "announce_join_leave",
    "announce_user_count",
    "record_conference",
    "wait_marked",
    "end_marked",
    "startmuted",
    "quiet",
    "denoise",
)
_PIN_DIGITS = 6
_MOST_MEMBERS = 1000


class RoomPages(PbxPages):
    """The pages about rooms, of the options of an administrator."""

    _room: Room | None = None
    _pins: RoomPins | None = None

    async def async_step_rooms(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        rooms = self._pbx.coordinator.data.rooms
        if user_input is not None:
            self._room = rooms.get(user_input[CONF_ROOM].removeprefix(ROOM_PREFIX))
            return await (self.async_step_room_new() if self._room is None else self.async_step_room())
        options = [
            SelectOptionDict(value=ROOM_PREFIX + room.name, label=f"{room.display_name} ({room.extension})")
            for room in rooms.values()
        ]
        options.append(SelectOptionDict(value=NEW_ROOM, label=NEW_ROOM))
        return self.async_show_form(
            step_id="rooms",
            data_schema=vol.Schema({vol.Required(CONF_ROOM): choice(options, translation_key="room")}),
        )

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        assert self._room is not None
        # What the configuration file has is changed there.
        if self._room.provisioned:
            return await self.async_step_room_pins()
        return self.async_show_menu(
            step_id="room",
            menu_options=["room_pins", "room_edit", "room_new_pins", "room_remove"],
            description_placeholders={"name": self._room.display_name},
        )

    async def async_step_room_new(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        if user_input is not None:
            if error := await self._tried(self._add(self._fields(user_input))):
                return self._room_form("room_new", user_input, error)
            return await self.async_step_room_pins()
        return self._room_form("room_new", {CONF_OPTIONS: {}}, "")

    async def async_step_room_edit(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        assert self._room is not None
        if user_input is not None:
            if error := await self._tried(self._update(**self._fields(user_input))):
                return self._room_form("room_edit", user_input, error)
            return await self.async_step_room_pins()
        room = self._room
        shown = {
            CONF_DISPLAY_NAME: room.display_name,
            CONF_EXTENSION: room.extension,
            CONF_FREE_ENTRY: not room.has_pin,
            CONF_LEADERS: room.has_admin_pin,
            CONF_OPTIONS: {key: room.options[key] for key in (*SWITCHED, CONF_MAX_MEMBERS) if key in room.options},
        }
        return self._room_form("room_edit", shown, "")

    async def async_step_room_new_pins(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Others than those that somebody may have passed on; who is in the room stays."""
        assert self._room is not None
        given: dict[str, Any] = {"pin": None} if self._room.has_pin else {}
        if self._room.has_admin_pin:
            given["admin_pin"] = _new_pin()
        if error := await self._tried(self._update(**given)):
            return self.async_abort(reason="refused", description_placeholders={"error": error})
        return await self.async_step_room_pins()

    async def async_step_room_pins(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """What is dialled and keyed in."""
        assert self._room is not None
        if user_input is not None:
            return self.async_abort(reason="account_shown")
        if error := await self._tried(self._ask_pins(self._room)):
            return self.async_abort(reason="refused", description_placeholders={"error": error})
        assert self._pins is not None
        return self.async_show_form(
            step_id="room_pins",
            data_schema=vol.Schema({}),
            description_placeholders={
                "name": self._room.display_name,
                "extension": self._room.extension,
                "pin": self._pins.pin or "-",
                "admin_pin": self._pins.admin_pin or "-",
            },
            last_step=True,
        )

    async def async_step_room_remove(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        assert self._room is not None
        room, error = self._room, ""
        if user_input is not None and not (error := await self._tried(self._pbx.rooms.remove(None, room.name))):
            return self.async_abort(reason="room_removed")
        return self.async_show_form(
            step_id="room_remove",
            data_schema=vol.Schema({}),
            errors={"base": "refused"} if error else {},
            description_placeholders={"name": room.display_name, "error": error},
        )

    def _room_form(self, step: str, suggested: dict[str, Any], error: str) -> ConfigFlowResult:
        members = NumberSelector(NumberSelectorConfig(min=0, max=_MOST_MEMBERS, step=1, mode=NumberSelectorMode.BOX))
        options: dict[vol.Marker, Any] = {vol.Required(key, default=False): BooleanSelector() for key in SWITCHED}
        options[vol.Required(CONF_MAX_MEMBERS, default=0)] = members
        schema = vol.Schema(
            {
                vol.Required(CONF_DISPLAY_NAME): cv.string,
                vol.Optional(CONF_EXTENSION): cv.string,
                vol.Required(CONF_FREE_ENTRY, default=False): BooleanSelector(),
                vol.Required(CONF_LEADERS, default=False): BooleanSelector(),
                vol.Required(CONF_OPTIONS): section(vol.Schema(options), {"collapsed": True}),
            }
        )
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors={"base": "refused"} if error else {},
            description_placeholders={"error": error},
        )

    def _fields(self, entered: dict[str, Any]) -> dict[str, Any]:
        """As the PBX takes them.  A PIN that there is stays: only what is switched on or off here changes."""
        room, options = self._room, dict(entered[CONF_OPTIONS])
        fields: dict[str, Any] = {
            CONF_DISPLAY_NAME: entered[CONF_DISPLAY_NAME].strip(),
            **options,
            CONF_MAX_MEMBERS: int(options[CONF_MAX_MEMBERS]),
        }
        if extension := entered.get(CONF_EXTENSION, "").strip():
            fields[CONF_EXTENSION] = extension
        if entered[CONF_FREE_ENTRY]:
            fields["pin"] = ""
        elif room is not None and not room.has_pin:
            fields["pin"] = None
        if entered[CONF_LEADERS] and not (room and room.has_admin_pin):
            fields["admin_pin"] = _new_pin()
        elif not entered[CONF_LEADERS] and room and room.has_admin_pin:
            fields["admin_pin"] = ""
        return fields

    # What is asked of the PBX

    async def _add(self, fields: dict[str, Any]) -> None:
        self._room = await self._pbx.rooms.add(None, **fields)

    async def _update(self, **fields: Any) -> None:
        assert self._room is not None
        self._room = await self._pbx.rooms.update(None, self._room.name, **fields)

    async def _ask_pins(self, room: Room) -> None:
        self._pins = await self._pbx.rooms.pins(None, room.name)

    @staticmethod
    async def _tried(asked: Awaitable[None]) -> str:
        """What the PBX has against it, empty for nothing."""
        try:
            await asked
        except PascomError as err:
            return err.message
        return ""


def _new_pin() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(_PIN_DIGITS))
