"""Do not disturb, mailboxes, and what can be switched in a conference room."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry, PascomData
from .entity import (
    PascomEntity,
    PascomRoomEntity,
    PascomUserEntity,
    add_room_entities,
    add_user_entities,
    as_home_assistant_error,
)
from .wire.errors import PascomError
from .wire.models import Actor, User
from .wire.room_models import Room

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PascomSwitchDescription[T](SwitchEntityDescription):
    """`is_on` is None where there is nothing to switch; `switch` asks the PBX, for this name."""

    is_on: Callable[[T], bool | None]
    switch: Callable[[PascomData, Actor | None, str, bool], Awaitable[None]]


USERS: tuple[PascomSwitchDescription[User], ...] = (
    PascomSwitchDescription(
        key="do_not_disturb",
        translation_key="do_not_disturb",
        is_on=lambda user: user.do_not_disturb,
        switch=lambda data, actor, user, on: data.phones.set_user(actor, user, do_not_disturb=on),
    ),
    PascomSwitchDescription(
        key="voicemail",
        translation_key="voicemail",
        entity_category=EntityCategory.CONFIG,
        is_on=lambda user: user.voicemail_enabled,
        switch=lambda data, actor, user, on: data.mailboxes.set(actor, user, enabled=on),
    ),
)

ROOMS: tuple[PascomSwitchDescription[Room], ...] = (
    PascomSwitchDescription(
        key="locked",
        translation_key="locked",
        is_on=lambda room: room.locked,
        switch=lambda data, actor, room, on: data.rooms.lock(actor, room, locked=on),
    ),
    PascomSwitchDescription(
        key="muted",
        translation_key="muted",
        is_on=lambda room: room.muted,
        switch=lambda data, actor, room, on: data.rooms.mute_all(actor, room, muted=on),
    ),
    PascomSwitchDescription(
        key="recording",
        translation_key="recording",
        is_on=lambda room: room.recording,
        switch=lambda data, actor, room, on: data.rooms.record(actor, room, on=on),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_user_entities(
        entry,
        async_add_entities,
        lambda user: [
            UserSwitch(entry, user, description) for description in USERS if description.is_on(user) is not None
        ],
    )
    add_room_entities(
        entry, async_add_entities, lambda room: [RoomSwitch(entry, room, description) for description in ROOMS]
    )


class PascomSwitch(PascomEntity, SwitchEntity):
    """Whoever switches is who asks; the PBX tells of the change to everybody, to us too."""

    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._set(on=True)

    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._set(on=False)

    async def _set(self, *, on: bool) -> None:
        actor = await self._actor()
        try:
            await self._switch(actor, on=on)
        except PascomError as err:
            raise as_home_assistant_error(err) from err

    @abstractmethod
    async def _switch(self, actor: Actor | None, *, on: bool) -> None:
        """Ask the PBX on behalf of `actor`."""


class UserSwitch(PascomUserEntity, PascomSwitch):
    entity_description: PascomSwitchDescription[User]

    def __init__(self, entry: PascomConfigEntry, user: User, description: PascomSwitchDescription[User]) -> None:
        super().__init__(entry, user, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool | None:
        return self.entity_description.is_on(self.user)

    async def _switch(self, actor: Actor | None, *, on: bool) -> None:
        await self.entity_description.switch(self._data, actor, self._user_name, on)


class RoomSwitch(PascomRoomEntity, PascomSwitch):
    entity_description: PascomSwitchDescription[Room]

    def __init__(self, entry: PascomConfigEntry, room: Room, description: PascomSwitchDescription[Room]) -> None:
        super().__init__(entry, room, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool | None:
        return self.entity_description.is_on(self.room)

    async def _switch(self, actor: Actor | None, *, on: bool) -> None:
        await self.entity_description.switch(self._data, actor, self._room_name, on)
