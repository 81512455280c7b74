"""Choices in dialogs."""

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..wire.models import User

# Values of a choice: what exists has a prefix, so that it never looks like one of the special ones.
USER_PREFIX = "user:"


def as_option(user: User) -> SelectOptionDict:
    return SelectOptionDict(value=USER_PREFIX + user.name, label=f"{user.display_name} ({user.extension})")


def choice(
    options: list[SelectOptionDict], *, multiple: bool = False, custom: bool = False, translation_key: str | None = None
) -> SelectSelector:
    config = SelectSelectorConfig(
        options=options, multiple=multiple, custom_value=custom, mode=SelectSelectorMode.DROPDOWN
    )
    if translation_key is not None:
        config["translation_key"] = translation_key
    return SelectSelector(config)
