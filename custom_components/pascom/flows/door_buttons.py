"""The bell buttons of a station: which number each dials, its name, and whom it rings."""

from collections.abc import Iterable, Mapping
from typing import Any

import probatio as vol
from homeassistant.const import CONF_NAME
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import SelectOptionDict

from .choices import choice

CONF_NUMBER = "number"
CONF_RINGS = "rings"


def form(people: list[SelectOptionDict], numbers: Iterable[str]) -> vol.Schema:
    """One button: the numbers known already may be chosen, a new one typed."""
    known = [SelectOptionDict(value=number, label=number) for number in numbers]
    return vol.Schema(
        {
            vol.Required(CONF_NUMBER): choice(known, custom=True),
            vol.Optional(CONF_NAME, default=""): cv.string,
            vol.Optional(CONF_RINGS): choice(people, multiple=True, translation_key="rings"),
        }
    )


def changed(buttons: Iterable[Mapping[str, Any]], *, number: str, name: str, rings: list[str]) -> list[dict[str, Any]]:
    """The buttons with this one added, replaced, or removed where its name is empty."""
    others = [dict(button) for button in buttons if button[CONF_NUMBER] != number]
    if not name:
        return others
    ours: dict[str, Any] = {CONF_NUMBER: number, CONF_NAME: name}
    if rings:
        ours[CONF_RINGS] = rings
    return [*others, ours]
