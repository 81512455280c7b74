"""Which follow-me profile of a person is in force, and what they say of themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import PascomUserEntity, add_user_entities, as_home_assistant_error
from .wire.errors import PascomError
from .wire.models import User

PARALLEL_UPDATES = 0

DO_NOT_DISTURB = "do_not_disturb"
AVAILABILITIES = ["available", "busy", "away", DO_NOT_DISTURB]


@dataclass(frozen=True, kw_only=True)
class PascomSelectDescription(SelectEntityDescription):
    """`current` is None where nothing is chosen; `fields` is what the PBX is asked to set for an option.

    `worth` says whether it is switched on from the start.
    """

    choices: Callable[[User], Sequence[str]]
    current: Callable[[User], str | None]
    fields: Callable[[str], Mapping[str, Any]]
    worth: Callable[[User], bool] = lambda _user: True


def _availability(user: User) -> str:
    """As others are shown it."""
    if user.do_not_disturb:
        return DO_NOT_DISTURB
    return "away" if user.idle and user.availability == "available" else user.availability


def _to_be(option: str) -> dict[str, Any]:
    if option == DO_NOT_DISTURB:
        return {"do_not_disturb": True}
    # Who is said to be available is so although nobody touches a screen.
    return {"do_not_disturb": False, "availability": option, **({"idle": False} if option == "available" else {})}


USERS: tuple[PascomSelectDescription, ...] = (
    PascomSelectDescription(
        key="profile",
        translation_key="profile",
        choices=lambda user: user.profiles,
        current=lambda user: user.profile or None,
        fields=lambda option: {"profile": option},
        # Nothing to choose from: whoever makes a second profile may switch it on.
        worth=lambda user: len(user.profiles) > 1,
    ),
    PascomSelectDescription(
        key="availability",
        translation_key="availability",
        choices=lambda _user: AVAILABILITIES,
        current=_availability,
        fields=_to_be,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_user_entities(
        entry, async_add_entities, lambda user: [PascomSelect(entry, user, description) for description in USERS]
    )


class PascomSelect(PascomUserEntity, SelectEntity):
    entity_description: PascomSelectDescription

    def __init__(self, entry: PascomConfigEntry, user: User, description: PascomSelectDescription) -> None:
        super().__init__(entry, user, description.key)
        self.entity_description = description
        self._attr_entity_registry_enabled_default = description.worth(user)

    @property
    def options(self) -> list[str]:
        """Home Assistant asks for them once more of a user who has just gone."""
        return list(self.entity_description.choices(self.user)) if self.available else []

    @property
    def current_option(self) -> str | None:
        return self.entity_description.current(self.user)

    async def async_select_option(self, option: str) -> None:
        actor = await self._actor()
        try:
            await self._data.phones.set_user(actor, self._user_name, **self.entity_description.fields(option))
        except PascomError as err:
            raise as_home_assistant_error(err) from err
