"""The door opener: a lock that is locked by itself again as soon as it was opened."""

from datetime import datetime
from typing import Any

from homeassistant.components.lock import LockEntity, LockEntityFeature
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .coordinator import PascomConfigEntry
from .entity import PascomDoorEntity, add_door_entities, as_home_assistant_error
from .wire.errors import PascomError
from .wire.models import Actor, Door, Event

PARALLEL_UPDATES = 0

# The PBX does not know how long the station's relay holds; three seconds is what most are set to.
OPEN_SECONDS = 3.0


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(
        entry, async_add_entities, lambda door: [PascomLock(entry, door)] if door.opening != "none" else []
    )


class PascomLock(PascomDoorEntity, LockEntity):
    _attr_translation_key = "opener"
    _attr_supported_features = LockEntityFeature.OPEN
    _attr_is_locked = True

    def __init__(self, entry: PascomConfigEntry, door: Door) -> None:
        super().__init__(entry, door, "opener")
        self._relock: CALLBACK_TYPE | None = None

    @property
    def available(self) -> bool:
        return super().available and self.door.opening != "none"

    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.listen_to_door(self._door_name, self._hear))
        self.async_on_remove(self._cancel_relock)

    async def async_open(self, **kwargs: Any) -> None:
        await self._open(await self._actor())

    async def async_unlock(self, **kwargs: Any) -> None:
        """The same: a momentary opener knows no difference between unlocked and open."""
        await self._open(await self._actor())

    async def async_lock(self, **kwargs: Any) -> None:
        """Nothing to do: the station locks by itself."""

    async def async_open_on_behalf(self, user_id: str | None) -> dict[str, str]:
        """The action `pascom.open_door`.  Only an automation or an administrator may say who asks."""
        caller = await self._actor()
        if user_id:
            if caller is not None and not caller.admin and caller.ha_user != user_id:
                raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_on_behalf")
            try:
                caller = await self._data.people.actor_by_id(user_id)
            except PascomError as err:
                raise as_home_assistant_error(err) from err
        return {"how": await self._open(caller)}

    async def _open(self, actor: Actor | None) -> str:
        self._attr_is_opening = True
        self.async_write_ha_state()
        try:
            return await self._data.client.open_door(self._door_name, actor)
        except PascomError as err:
            error: HomeAssistantError = as_home_assistant_error(err)
            raise error from err
        finally:
            self._attr_is_opening = False
            self.async_write_ha_state()

    @callback
    def _hear(self, event: Event) -> None:
        if event.kind != "door_opened":
            return
        self._attr_is_open = True
        self._attr_changed_by = self.coordinator.display_name_of(str(event.data.get("by", "")))
        self._cancel_relock()
        self._relock = async_call_later(self.hass, OPEN_SECONDS, self._locked_again)
        self.async_write_ha_state()

    @callback
    def _locked_again(self, _now: datetime) -> None:
        self._relock = None
        self._attr_is_open = False
        self.async_write_ha_state()

    @callback
    def _cancel_relock(self) -> None:
        if self._relock is not None:
            self._relock()
            self._relock = None
