"""Who is who: Home Assistant's users, the PBX users they are linked to, and what roles may do."""

from typing import Any

import probatio as vol
from homeassistant.auth.models import User as HassUser
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.helpers.selector import BooleanSelector, SelectOptionDict, SelectSelector

from ..const import CONF_AUTO_LINK, CONF_NEW_ROLES, CONF_NO_ACCESS, CONF_NOTIFICATIONS
from ..coordinator import PascomConfigEntry
from ..wire.errors import PascomError
from ..wire.models import Role, User
from .choices import USER_PREFIX, as_option, choice
from .phone import PhonePages
from .room import ROOM_PREFIX, RoomPages

CONF_PERSON = "person"
CONF_PBX_USER = "pbx_user"
CONF_ROLES = "roles"
CONF_ROLE = "role"
CONF_SEE = "see"
CONF_OPEN = "open"
CONF_DIAL = "dial"
CONF_ROOMS = "rooms"

# Kinds of numbers outside, besides those for emergencies; a prefix may be entered too.
DIAL = ("national", "mobile", "international", "premium")
NEW_ROLE_DIALS = ("national", "mobile")

# As in `choices`: what exists has a prefix.
DOOR_PREFIX = "door:"
NEW_USER = "new"
NO_ACCESS = "none"
EVERY_DOOR = "all"
EVERY_ROOM = "all"


class PascomOptionsFlow(PhonePages, RoomPages):
    def __init__(self) -> None:
        super().__init__()
        self._person: HassUser | None = None
        self._role = Role(name="")
        self._calls = False
        self._confers = False

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        if self._entry.state is not ConfigEntryState.LOADED or not self._pbx.coordinator.last_update_success:
            return self.async_abort(reason="not_connected")
        return self.async_show_menu(
            step_id="init", menu_options=["people", "phones", "rooms", "newcomers", "role", "notifications"]
        )

    @property
    def _entry(self) -> PascomConfigEntry:
        return self.config_entry

    # One person's link

    async def async_step_people(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        people = {user.id: user for user in await self.hass.auth.async_get_users() if is_person(user)}
        if user_input is not None:
            self._person = people[user_input[CONF_PERSON]]
            return await self.async_step_person()
        options = [SelectOptionDict(value=user.id, label=self._described(user)) for user in people.values()]
        return self.async_show_form(
            step_id="people", data_schema=vol.Schema({vol.Required(CONF_PERSON): choice(options)})
        )

    async def async_step_person(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        assert self._person is not None
        snapshot = self._pbx.coordinator.data
        linked = snapshot.user_of(self._person.id)
        error = ""
        if user_input is not None:
            try:
                await self._link(self._person, linked, user_input[CONF_PBX_USER], user_input.get(CONF_ROLES, []))
            except PascomError as err:
                error = err.message
            else:
                return self._done(no_access=user_input[CONF_PBX_USER] == NO_ACCESS)
        free = [user for user in snapshot.users.values() if user.ha_user in {None, self._person.id}]
        options = [
            *map(as_option, free),
            *(SelectOptionDict(value=special, label=special) for special in (NEW_USER, NO_ACCESS)),
        ]
        schema = vol.Schema(
            {
                vol.Required(CONF_PBX_USER): choice(options, translation_key="pbx_user"),
                vol.Optional(CONF_ROLES): await self._role_choice(),
            }
        )
        suggested = user_input or {
            CONF_PBX_USER: USER_PREFIX + linked.name if linked else NO_ACCESS,
            CONF_ROLES: list(linked.roles) if linked else self._entry.options.get(CONF_NEW_ROLES, []),
        }
        return self.async_show_form(
            step_id="person",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors={"base": "refused"} if error else {},
            description_placeholders={"name": self._person.name or "?", "error": error},
        )

    async def _link(self, person: HassUser, linked: User | None, wanted: str, roles: list[str]) -> None:
        people = self._pbx.people
        user = wanted.removeprefix(USER_PREFIX) if wanted.startswith(USER_PREFIX) else None
        if linked is not None and user != linked.name:
            await people.unlink(person)
        if wanted != NO_ACCESS:
            await people.link(person, user, roles)

    def _done(self, *, no_access: bool) -> ConfigFlowResult:
        assert self._person is not None
        excluded = [user for user in self._entry.options.get(CONF_NO_ACCESS, []) if user != self._person.id]
        if no_access:
            excluded.append(self._person.id)
        return self.async_create_entry(data={**self._entry.options, CONF_NO_ACCESS: excluded})

    def _described(self, user: HassUser) -> str:
        linked = self._pbx.coordinator.data.user_of(user.id)
        return f"{user.name} → {linked.display_name} ({linked.extension})" if linked else f"{user.name}"

    # Who comes new

    async def async_step_newcomers(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        if user_input is not None:
            return self.async_create_entry(data={**self._entry.options, CONF_NEW_ROLES: [], **user_input})
        schema = vol.Schema(
            {
                vol.Required(CONF_AUTO_LINK, default=True): BooleanSelector(),
                vol.Optional(CONF_NEW_ROLES): await self._role_choice(),
            }
        )
        return self.async_show_form(
            step_id="newcomers", data_schema=self.add_suggested_values_to_schema(schema, self._entry.options)
        )

    # Notifications of the app

    async def async_step_notifications(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        if user_input is not None:
            return self.async_create_entry(data={**self._entry.options, **user_input})
        schema = vol.Schema({vol.Required(CONF_NOTIFICATIONS, default=True): BooleanSelector()})
        return self.async_show_form(
            step_id="notifications", data_schema=self.add_suggested_values_to_schema(schema, self._entry.options)
        )

    # What a role may do

    async def async_step_role(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        known = await self._roles()
        self._calls = any(role.dial is not None for role in known)
        self._confers = any(role.rooms is not None for role in known)
        roles = {role.name: role for role in known if not role.provisioned}
        if user_input is not None:
            name = user_input[CONF_ROLE].strip()
            self._role = roles.get(name, Role(name=name, dial=NEW_ROLE_DIALS))
            return await self.async_step_rights()
        options = [SelectOptionDict(value=name, label=name) for name in roles]
        return self.async_show_form(
            step_id="role", data_schema=vol.Schema({vol.Required(CONF_ROLE): choice(options, custom=True)})
        )

    async def async_step_rights(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        error = ""
        if user_input is not None:
            try:
                await self._pbx.client.save_role(
                    self._role.name,
                    _named(user_input.get(CONF_SEE, []), DOOR_PREFIX),
                    _named(user_input.get(CONF_OPEN, []), DOOR_PREFIX),
                    # Emergency numbers are everybody's.
                    ["emergency", *user_input.get(CONF_DIAL, [])] if self._calls else None,
                    _named(user_input.get(CONF_ROOMS, []), ROOM_PREFIX) if self._confers else None,
                )
            except PascomError as err:
                error = err.message
            else:
                return self.async_create_entry(data=dict(self._entry.options))
        doors = [
            SelectOptionDict(value=EVERY_DOOR, label=EVERY_DOOR),
            *(
                SelectOptionDict(value=DOOR_PREFIX + door.name, label=door.display_name)
                for door in self._pbx.coordinator.data.doors.values()
            ),
        ]
        fields: dict[vol.Marker, Any] = {
            vol.Optional(CONF_SEE): choice(doors, multiple=True, translation_key="doors"),
            vol.Optional(CONF_OPEN): choice(doors, multiple=True, translation_key="doors"),
        }
        if self._calls:
            kinds = [SelectOptionDict(value=kind, label=kind) for kind in DIAL]
            fields[vol.Optional(CONF_DIAL)] = choice(kinds, multiple=True, custom=True, translation_key="dial")
        if self._confers:
            rooms = [
                SelectOptionDict(value=EVERY_ROOM, label=EVERY_ROOM),
                *(
                    SelectOptionDict(value=ROOM_PREFIX + room.name, label=room.display_name)
                    for room in self._pbx.coordinator.data.rooms.values()
                ),
            ]
            fields[vol.Optional(CONF_ROOMS)] = choice(rooms, multiple=True, translation_key="rooms")
        schema = vol.Schema(fields)
        suggested = user_input or {
            CONF_SEE: _choices(self._role.see, DOOR_PREFIX),
            CONF_OPEN: _choices(self._role.open, DOOR_PREFIX),
            CONF_ROOMS: _choices(self._role.rooms or (), ROOM_PREFIX),
            CONF_DIAL: [kind for kind in self._role.dial or () if kind != "emergency"],
        }
        return self.async_show_form(
            step_id="rights",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors={"base": "refused"} if error else {},
            description_placeholders={"role": self._role.name, "error": error},
        )

    async def _roles(self) -> list[Role]:
        try:
            return await self._pbx.client.roles()
        except PascomError:
            return []

    async def _role_choice(self) -> SelectSelector:
        options = [SelectOptionDict(value=role.name, label=role.name) for role in await self._roles()]
        return choice(options, multiple=True)


def is_person(user: HassUser) -> bool:
    return user.is_active and not user.system_generated


def _named(choices: list[str], prefix: str) -> list[str]:
    """Names of doors or rooms as the PBX takes them."""
    return ["*" if choice in {EVERY_DOOR, EVERY_ROOM} else choice.removeprefix(prefix) for choice in choices]


def _choices(names: tuple[str, ...], prefix: str) -> list[str]:
    return [EVERY_DOOR if name == "*" else prefix + name for name in names]
