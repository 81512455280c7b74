"""What somebody has not seen yet: the number at the app's symbol on Apple's devices; Android counts by itself.

The app takes the number away when it is opened.  Where somebody looks elsewhere first it follows.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..preferences import PREFERENCES
from ..wire.errors import PascomError
from .apps import Note
from .readers import Reader
from .writing_desk import Desk

# What the app takes as: change the number and show nothing.
_SILENTLY = "delete_alert"
_TAG = "pascom-unread"
# More are not told apart.
_MOST = 100


class Unread:
    """Of all people with the app, as they were last told."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: dict[str, int] = {}

    async def count(self, reader: Reader, *, call: str = "") -> int | None:
        """Missed calls and new messages, to be shown; None where the PBX does not say.

        `call` was missed just now, and may not be written down yet.
        """
        try:
            missed = await self._missed(reader, call)
        except PascomError as err:
            LOGGER.debug("Nobody knows what %s missed: %s", reader.user, err.message)
            return None
        user = self._desk.snapshot.users.get(reader.user)
        count = self._told[reader.user] = missed + (user.voicemail if user is not None else 0)
        return count

    @callback
    def look(self, user: str) -> None:
        """Something may have been seen: where a number is shown it follows."""
        if user in self._told:
            self._desk.later(self._follow(user), f"counts what {user} has not seen")

    async def _follow(self, user: str) -> None:
        before = self._told[user]
        reader = await self._desk.reader(user)
        if reader is None or (count := await self.count(reader)) is None or count == before:
            return
        note = Note(message=_SILENTLY, data={"tag": _TAG, "push": {"badge": count}})
        for app in reader.apps:
            if app.apple:
                self._desk.apps.show(app, note)

    async def _missed(self, reader: Reader, call: str) -> int:
        """Since they looked at the journal last; who never did is told of nothing old."""
        seen = dt_util.parse_datetime(self._desk.hass.data[PREFERENCES].of(reader.ha_user).seen)
        if seen is None:
            return 1 if call else 0
        asked: Mapping[str, Any] = {"user": reader.user, "way": "missed", "limit": _MOST}
        entries = (await self._desk.ask(reader, "journal/list", **asked))["entries"]
        times = {str(entry["call"]): dt_util.parse_datetime(str(entry["at"])) for entry in entries}
        late = bool(call) and call not in times
        return late + sum(at is not None and at > seen for at in times.values())
