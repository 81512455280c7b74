"""What is keyed in to enter conference rooms: PINs of the file, of rooms made at runtime, and generated ones."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from pbx_lite.config import Room, Secret

DIGITS = 6


def new_pin(*, but: str = "") -> Secret:
    """Six digits that are not `but`, which is the leader's."""
    while True:
        pin = Secret("".join(secrets.choice("0123456789") for _ in range(DIGITS)))
        if pin != but:
            return pin


class Pins:
    """PINs of rooms that have none of their own; what is `new` has yet to be kept."""

    def __init__(self, rooms: Iterable[Room], kept: Mapping[str, Mapping[str, Any]]) -> None:
        self.new: dict[str, Secret] = {}
        self._made: dict[str, Secret] = {}
        for room in rooms:
            if room.pin is None:
                pin = Secret(kept.get(room.name, {}).get("pin", ""))
                if not pin or pin == room.admin_pin:
                    pin = self.new[room.name] = new_pin(but=room.admin_pin)
                self._made[room.name] = pin

    def of(self, room: Room) -> Secret:
        """Empty for free entry."""
        return self._made[room.name] if room.pin is None else room.pin
