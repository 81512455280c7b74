"""What Home Assistant does besides when an administrator changes the PBX from the panel.

Doors, people and roles live in the PBX, whoever made them.  Home Assistant's own dialogs keep a little of their own: a
subentry for each door that was added here, and who shall have no extension.  What the panel does is followed there, so
that everything is as if one of those dialogs had done it.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_DOOR, CONF_NO_ACCESS, SUBENTRY_DOOR
from ..coordinator import PascomConfigEntry
from ..flows.choices import USER_PREFIX
from ..flows.door import CONF_BUTTONS, CONF_LEAVE_MESSAGE, CONF_MODEL, CONF_RINGS, EVERYONE

type Json = Mapping[str, Any]
type Run = Callable[[], Awaitable[dict[str, Any]]]

# What the dialogs show of a door before they ask.
_KEPT_AS_IT_IS = (CONF_BUTTONS, CONF_LEAVE_MESSAGE, CONF_MODEL)


class Administration:
    def __init__(self, hass: HomeAssistant, entry: PascomConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    async def carry_out(self, name: str, fields: Json, run: Run) -> Any:
        """Ask the PBX by `run` and follow what it did.  Raises PascomError."""
        if name == "door/add":
            return await self._add_door(fields, run)
        linked = self._ha_user_of(fields) if name == "user/remove" else None
        result = await run()
        match name:
            case "door/update":
                self._change_door(fields)
            case "door/remove":
                self._remove_door(fields)
            case "user/link":
                self.let_in(fields["ha_user"])
            case "user/unlink":
                self._keep_out(fields["ha_user"])
            case "user/remove" if linked is not None:
                self._keep_out(linked)
        return result

    # Doors

    async def _add_door(self, fields: Json, run: Run) -> Any:
        """The door gets its entities when its subentry is there, as with the dialog."""
        coordinator = self._entry.runtime_data.coordinator
        with coordinator.adding() as added:
            result = await run()
            name = str(result["door"]["name"])
            added(name)
        try:
            self._hass.config_entries.async_add_subentry(
                self._entry,
                ConfigSubentry(
                    data=MappingProxyType(
                        {
                            CONF_DOOR: name,
                            CONF_MODEL: result["door"]["model"],
                            CONF_RINGS: _chosen(fields.get("rings", ["*"])),
                        }
                    ),
                    subentry_type=SUBENTRY_DOOR,
                    title=str(result["door"]["display_name"]),
                    unique_id=name,
                ),
            )
        finally:
            coordinator.end_adding(name)
        return result

    @callback
    def _change_door(self, fields: Json) -> None:
        if (subentry := self._subentry(fields)) is None:
            return
        data = dict(subentry.data) | {key: fields[key] for key in _KEPT_AS_IT_IS if key in fields}
        if "rings" in fields:
            data[CONF_RINGS] = _chosen(fields["rings"])
        self._hass.config_entries.async_update_subentry(
            self._entry, subentry, data=data, title=str(fields.get("display_name", subentry.title))
        )

    @callback
    def _remove_door(self, fields: Json) -> None:
        if (subentry := self._subentry(fields)) is not None:
            self._hass.config_entries.async_remove_subentry(self._entry, subentry.subentry_id)

    def _subentry(self, fields: Json) -> ConfigSubentry | None:
        found = self._entry.runtime_data.coordinator.subentry_of(str(fields["door"]))
        return self._entry.subentries[found] if found is not None else None

    # People

    def _ha_user_of(self, fields: Json) -> str | None:
        users = self._entry.runtime_data.coordinator.data.users
        user = users.get(str(fields.get("user")))
        return user.ha_user if user is not None else None

    @callback
    def let_in(self, ha_user: str) -> None:
        self._set_no_access([each for each in self._no_access if each != ha_user])

    @callback
    def _keep_out(self, ha_user: str) -> None:
        """Nobody gets an extension again, at their next visit, that was just taken from them."""
        self._entry.runtime_data.people.forget(ha_user)
        self._set_no_access([*(each for each in self._no_access if each != ha_user), ha_user])

    @property
    def _no_access(self) -> list[str]:
        return list(self._entry.options.get(CONF_NO_ACCESS, []))

    @callback
    def _set_no_access(self, users: list[str]) -> None:
        if users != self._no_access:
            self._hass.config_entries.async_update_entry(
                self._entry, options={**self._entry.options, CONF_NO_ACCESS: users}
            )


def _chosen(rings: object) -> list[str]:
    """Whom a door rings, as the dialogs have it."""
    names = rings if isinstance(rings, list) else []
    return [EVERYONE] if "*" in names else [USER_PREFIX + str(name) for name in names]
