"""What notifications look like on Android and on Apple's devices: what both understand stands side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from ..const import DOMAIN
from .apps import Note

PANEL = f"/{DOMAIN}"
# Seconds after which Android takes a ringing notification away by itself, should its end never reach the phone.
_RINGS_AT_MOST = 180
# The same for what only says who answered.
_READ_WITHIN = 600
_VIBRATION = "0, 600, 300, 600, 300, 600, 1200, 600, 300, 600, 300, 600"

type Texts = Mapping[str, str]
type Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Of one notification: what it replaces, where a tap leads, its kind's name in the phone's settings, its symbol."""

    tag: str
    link: str
    channel: str
    icon: str
    picture: str = ""

    def loud(self, title: str, message: str, actions: Sequence[Action], *, again: bool = False) -> Note:
        """It rings at once, through a focus that lets urgent things pass.  `again` for more of the same, silently."""
        sound: dict[str, Any] = {"sound": "none"} if again else {"sound": "default"}
        level = "active" if again else "time-sensitive"
        return self._note(
            title,
            message,
            actions=list(actions),
            ttl=0,
            priority="high",
            importance="high",
            vibrationPattern=_VIBRATION,
            timeout=_RINGS_AT_MOST,
            alert_once=again,
            push={**sound, "interruption-level": level},
        )

    def plain(self, title: str, message: str, actions: Sequence[Action] = ()) -> Note:
        """Something new that nobody has to run for."""
        return self._note(title, message, actions=list(actions), ttl=0, priority="high", push={"sound": "default"})

    def quiet(self, title: str, message: str, actions: Sequence[Action] = (), *, stays: bool = True) -> Note:
        """What became of what rang."""
        more: dict[str, Any] = {} if stays else {"timeout": _READ_WITHIN}
        return self._note(
            title,
            message,
            actions=list(actions),
            ttl=0,
            priority="high",
            importance="low",
            alert_once=True,
            push={"sound": "none", "interruption-level": "passive"},
            **more,
        )

    def _note(self, title: str, message: str, **more: Any) -> Note:
        data: dict[str, Any] = {
            "tag": self.tag,
            "group": "pascom",
            "url": self.link,
            "clickAction": self.link,
            "channel": self.channel,
            "notification_icon": self.icon,
            **more,
        }
        if self.picture:
            data["image"] = self.picture
        return Note(title=title, message=message, data=data)


def door_link(door: str, *, answer: str = "") -> str:
    """The door's picture; with the id of a ring the panel answers that."""
    url = URL(PANEL) / "door" / door
    return str(url.with_query(answer=answer) if answer else url)


def phone_link(*, answer: str = "", number: str = "") -> str:
    """The telephone: answers this call, or has this number in its field."""
    query = {key: value for key, value in {"answer": answer, "number": number}.items() if value}
    return str((URL(PANEL) / "phone").with_query(query))


def area_link(area: str) -> str:
    return str(URL(PANEL) / area)


def box_link(box: str) -> str:
    """A mailbox: one's own, or with its name that of a door."""
    return str(URL(PANEL) / "voicemail" / box) if box else area_link("voicemail")


def goes_to(title: str, link: str) -> Action:
    """A button that opens the app."""
    return {"action": "URI", "title": title, "uri": link}


def does(title: str, token: str, *, guarded: bool = False) -> Action:
    """A button that asks us; a guarded one works on unlocked phones alone (Android 12 and later), and is red on iOS."""
    action = {"action": token, "title": title}
    return {**action, "authenticationRequired": True, "destructive": True} if guarded else action
