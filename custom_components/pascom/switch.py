"""Do not disturb."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .client import PascomError
from .coordinator import PascomConfigEntry
from .entity import PascomUserEntity, add_user_entities, as_home_assistant_error
from .models import User

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PascomSwitchDescription(SwitchEntityDescription):
    """`field` is what `user/set` calls it."""

    field: str
    is_on: Callable[[User], bool]


USERS = (
    PascomSwitchDescription(
        key="do_not_disturb",
        translation_key="do_not_disturb",
        field="do_not_disturb",
        is_on=lambda user: user.do_not_disturb,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_user_entities(
        entry, async_add_entities, lambda user: [PascomSwitch(entry, user, description) for description in USERS]
    )


class PascomSwitch(PascomUserEntity, SwitchEntity):
    entity_description: PascomSwitchDescription

    def __init__(self, entry: PascomConfigEntry, user: User, description: PascomSwitchDescription) -> None:
        super().__init__(entry, user, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool:
        return self.entity_description.is_on(self.user)

    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._set(on=True)

    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._set(on=False)

    async def _set(self, *, on: bool) -> None:
        """The PBX tells of the change to everybody, to us too."""
        actor = await self._actor()
        try:
            await self._data.phones.set_user(actor, self._user_name, **{self.entity_description.field: on})
        except PascomError as err:
            raise as_home_assistant_error(err) from err
