"""Several who hear what the PBX tells as it crosses the wire, one after the other."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from .client import Witness
from .models import Event

_LOGGER = logging.getLogger(__name__)


class Witnesses:
    """As `client.Witness` says; one that fails does not keep the others from hearing."""

    def __init__(self, *witnesses: Witness) -> None:
        self._witnesses = witnesses

    def on_snapshot(self, snapshot: Mapping[str, Any]) -> None:
        self._tell(lambda witness: witness.on_snapshot(snapshot))

    def on_event(self, event: Event) -> None:
        self._tell(lambda witness: witness.on_event(event))

    def on_disconnected(self) -> None:
        self._tell(lambda witness: witness.on_disconnected())

    def _tell(self, tell: Callable[[Witness], None]) -> None:
        for witness in self._witnesses:
            try:
                tell(witness)
            except Exception:
                _LOGGER.exception("Something that the PBX told was not understood")
