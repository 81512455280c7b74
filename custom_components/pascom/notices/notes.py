"""What notifications look like on Android and on Apple's devices: what both understand stands side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from yarl import URL

from ..const import DOMAIN
from .apps import Note

PANEL = f"/{DOMAIN}"
# In links, where there are several: the config entry of the one that is meant.
PBX = "pbx"
# Seconds after which Android takes a ringing notification away by itself, should its end never reach the phone.
_RINGS_AT_MOST = 180
# The same for what only says who answered.
_READ_WITHIN = 600
_VIBRATION = "0, 600, 300, 600, 300, 600, 1200, 600, 300, 600, 300, 600"

# The app's name for what Android plays as loud as an alarm.
_ALARM = "alarm_stream"
# How Apple's devices tell of what rings.
_LEVELS: Mapping[str, Mapping[str, Any]] = {
    "again": {"sound": "none", "interruption-level": "active"},
    "urgent": {"sound": "default", "interruption-level": "time-sensitive"},
    "critical": {"sound": {"name": "default", "critical": 1, "volume": 1.0}, "interruption-level": "critical"},
}

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

    def loud(
        self, title: str, message: str, actions: Sequence[Action], *, again: bool = False, critical: bool = False
    ) -> Note:
        """It rings at once, through a focus that lets urgent things pass.  `again` for more of the same, silently.

        What is `critical` is heard on a phone that is silent, too: Android plays it as an alarm.
        """
        urgency = "again" if again else "critical" if critical else "urgent"
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
            push=_LEVELS[urgency],
            **({"channel": _ALARM} if critical else {}),
        )

    def plain(self, title: str, message: str, actions: Sequence[Action] = (), *, unread: int | None = None) -> Note:
        """Something new that nobody has to run for; `unread` is how much of its kind there is."""
        push = {"sound": "default", **_badge(unread)}
        return self._note(title, message, actions=list(actions), ttl=0, priority="high", push=push)

    def quiet(
        self,
        title: str,
        message: str,
        actions: Sequence[Action] = (),
        *,
        stays: bool = True,
        unread: int | None = None,
    ) -> Note:
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
            push={"sound": "none", "interruption-level": "passive", **_badge(unread)},
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


def _badge(unread: int | None) -> dict[str, int]:
    return {} if unread is None else {"badge": unread}


def at_pbx(note: Note, entry_id: str) -> Note:
    """With links that lead to this one of several PBXs."""
    data = dict(note.data)
    for key in {"url", "clickAction"} & set(data):
        data[key] = _at(data[key], entry_id)
    if "actions" in data:
        data["actions"] = [
            {**action, "uri": _at(action["uri"], entry_id)} if "uri" in action else action for action in data["actions"]
        ]
    return replace(note, data=data)


def _at(link: str, entry_id: str) -> str:
    return str(URL(link).update_query({PBX: entry_id}))


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
