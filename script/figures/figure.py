"""One measured figure, as a line of JSON."""

import json
import os
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`goal` is what `value` should stay under; `detail` is what else was seen on the way."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.value < self.goal

    def line(self) -> str:
        shown = {"name": self.name, "value": round(self.value, 3), "unit": self.unit, "goal": self.goal}
        load = round(os.getloadavg()[0], 1)  # how busy the machine was: its waiting times grow with it
        return json.dumps({**shown, "met": self.met, **self.detail, "load": load})


def rounded(values: list[float], digits: int = 1) -> list[float]:
    return [round(value, digits) for value in values]
