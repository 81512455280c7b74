"""Which follow-me profile of a person is in force."""

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .client import PascomError
from .coordinator import PascomConfigEntry
from .entity import PascomUserEntity, add_user_entities, as_home_assistant_error
from .models import User

PARALLEL_UPDATES = 0

PROFILE = SelectEntityDescription(key="profile", translation_key="profile")


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_user_entities(entry, async_add_entities, lambda user: [PascomProfile(entry, user)])


class PascomProfile(PascomUserEntity, SelectEntity):
    entity_description = PROFILE

    def __init__(self, entry: PascomConfigEntry, user: User) -> None:
        super().__init__(entry, user, PROFILE.key)
        # Nothing to choose from: whoever makes a second profile may switch it on.
        self._attr_entity_registry_enabled_default = len(user.profiles) > 1

    @property
    def options(self) -> list[str]:
        return list(self.user.profiles)

    @property
    def current_option(self) -> str | None:
        return self.user.profile or None

    async def async_select_option(self, option: str) -> None:
        actor = await self._actor()
        try:
            await self._data.phones.set_user(actor, self._user_name, profile=option)
        except PascomError as err:
            raise as_home_assistant_error(err) from err
