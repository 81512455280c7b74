"""Checked mappings to records, and back for those that Home Assistant created."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pbx_lite.config.records import (
    ApiConfig,
    Arrival,
    Button,
    Calling,
    Config,
    Device,
    Door,
    Open,
    OpenDtmf,
    OpenEvent,
    OpenHttp,
    Role,
    Room,
    RtpConfig,
    SipConfig,
    Team,
    Trunk,
    User,
    Video,
    Workplace,
)

type Checked = Mapping[str, Any]

ROOM_OPTIONS = (
    "announce_join_leave",
    "announce_user_count",
    "music_on_hold_when_empty",
    "music",
    "wait_marked",
    "end_marked",
    "startmuted",
    "quiet",
    "max_members",
    "minutes",
    "record_conference",
    "denoise",
    "talk_detection_events",
    "dtmf_passthrough",
    "language",
)
"""How people meet in a room: its fields but for what it is called and who may enter."""


def config(checked: Checked, folder: Path) -> Config:
    """`folder` is where the file lies; `data` is relative to it."""
    sip, api, rtp = checked.get("sip", {}), checked.get("api", {}), checked.get("rtp", {})
    return Config(
        name=checked.get("name", "Home"),
        data=_below(folder, checked.get("data", "./data")),
        sip=SipConfig(**(sip | ({"listen": tuple(sip["listen"])} if "listen" in sip else {}))),
        rtp=RtpConfig(first=rtp["ports"][0], last=rtp["ports"][1]) if "ports" in rtp else RtpConfig(),
        api=ApiConfig(
            **({"host": api["listen"][0], "port": api["listen"][1]} if "listen" in api else {}),
            **{key: api[key] for key in ("phones", "token") if key in api},
        ),
        roles=tuple(role(name, item) for name, item in checked.get("roles", {}).items()),
        users=tuple(user(item) for item in checked.get("users", ())),
        doors=tuple(door(item) for item in checked.get("doors", ())),
        rooms=tuple(room(item) for item in checked.get("rooms", ())),
        teams=tuple(team(item) for item in checked.get("teams", ())),
        workplaces=tuple(Workplace(**_displayed(item)) for item in checked.get("workplaces", ())),
        trunks=tuple(
            Trunk(**_displayed(item | {"numbers": tuple(item.get("numbers", {}).items())}))
            for item in checked.get("trunks", ())
        ),
        calling=_calling(checked.get("calling", {})),
        language=checked.get("language", "en"),
        music=tuple((name, _below(folder, where)) for name, where in checked.get("music", {}).items()),
    )


def _below(folder: Path, where: str) -> Path:
    return (folder / Path(where).expanduser()).absolute()


def _calling(checked: Checked) -> Calling:
    fields = _tuples(checked, "emergency", "refused")
    if "codes" in fields:
        fields["codes"] = tuple(fields["codes"].items())
    return Calling(**fields)


def _displayed(checked: Checked) -> dict[str, Any]:
    return {"display_name": checked["name"], **checked}


def _tuples(checked: Checked, *keys: str) -> dict[str, Any]:
    return dict(checked) | {key: tuple(checked[key]) for key in keys if key in checked}


def role(name: str, checked: Checked, *, provisioned: bool = True) -> Role:
    return Role(name=name, **_tuples(checked, "see", "open", "dial", "rooms"), provisioned=provisioned)


def user(checked: Checked, *, provisioned: bool = True) -> User:
    fields = _displayed(_tuples(checked, "roles", "codecs"))
    devices = checked.get("devices", ())
    fields["devices"] = tuple(device(item, checked["extension"], provisioned=provisioned) for item in devices)
    return User(**fields, provisioned=provisioned)


def account_of(device: Checked, extension: str) -> str:
    """A device's account: its own, else its extension, else the user's extension and the device's name."""
    return str(device.get("account") or device.get("extension") or f"{extension}-{device.get('name')}")


def device(checked: Checked, extension: str, *, provisioned: bool = True) -> Device:
    """`extension` is the user's."""
    fields = _tuples(checked, "codecs") | {"account": account_of(checked, extension)}
    return Device(**fields, provisioned=provisioned)


def door(checked: Checked, *, provisioned: bool = True) -> Door:
    fields = _displayed(checked)
    if "rings" in checked:
        fields["rings"] = tuple(checked["rings"])
    fields["buttons"] = tuple(
        Button(**(item | {"rings": tuple(item.get("rings", ()))})) for item in checked.get("buttons", ())
    )
    fields["video"] = Video(**checked.get("video", {}))
    fields["open"] = tuple(_open(item) for item in checked.get("open", ()))
    return Door(**fields, provisioned=provisioned)


def room(checked: Checked, *, provisioned: bool = True) -> Room:
    return Room(**_displayed(checked), provisioned=provisioned)


def team(checked: Checked, *, provisioned: bool = True) -> Team:
    return Team(**_displayed(_tuples(checked, "members")), provisioned=provisioned)


def arrival(checked: Checked) -> Arrival:
    return Arrival(**_tuples(checked, "rings"))


def _open(checked: Checked) -> Open:
    fields = dict(checked)
    if "dtmf" in fields:
        return OpenDtmf(digits=fields.pop("dtmf"), **fields)
    if "http" in fields:
        return OpenHttp(url=fields.pop("http"), **fields)
    return OpenEvent()


def role_mapping(record: Role) -> dict[str, Any]:
    """What `role()` makes a role of, as plain JSON values."""
    lists = {key: list(getattr(record, key)) for key in ("see", "open", "dial", "rooms")}
    return {**lists, "pickup": record.pickup, "phonebook": record.phonebook}


def user_mapping(record: User) -> dict[str, Any]:
    """What `user()` makes a user of, as plain JSON values."""
    mapping = _plain(record, "name", "display_name", "extension", "password", "mobile", "language", "voicemail")
    mapping["roles"] = list(record.roles)
    mapping["codecs"] = list(record.codecs)
    mapping["devices"] = [device_mapping(each) for each in record.devices]
    return mapping


def device_mapping(record: Device) -> dict[str, Any]:
    """What `device()` makes a device of, as plain JSON values."""
    mapping = _without_empty(_plain(record, "name", "account", "password", "extension"))
    return mapping | ({"codecs": list(record.codecs)} if record.codecs else {})


def door_mapping(record: Door) -> dict[str, Any]:
    """What `door()` makes a door of, as plain JSON values."""
    plain = ("name", "display_name", "extension", "password", "address", "model", "ring_seconds", "late_seconds")
    mapping = _plain(record, *plain, "leave_message")
    mapping["rings"] = list(record.rings)
    mapping["buttons"] = [_plain(each, "number", "name") | {"rings": list(each.rings)} for each in record.buttons]
    mapping["video"] = _plain(record.video, *Video.__slots__)
    mapping["open"] = [_open_mapping(each) for each in record.open]
    return mapping


def room_mapping(record: Room) -> dict[str, Any]:
    """What `room()` makes a room of, as plain JSON values."""
    mapping = _plain(record, "name", "display_name", "extension", "admin_pin", *ROOM_OPTIONS)
    return mapping | ({"pin": str(record.pin)} if record.pin is not None else {})


def team_mapping(record: Team) -> dict[str, Any]:
    """What `team()` makes a team of, as plain JSON values."""
    mapping = _plain(record, "name", "display_name", "extension", "ring_seconds")
    return mapping | {"members": list(record.members)}


def arrival_mapping(record: Arrival) -> dict[str, Any]:
    """What `arrival()` makes one of, as plain JSON values."""
    return {"number": record.number, "rings": list(record.rings), "mailbox": record.mailbox}


def _open_mapping(record: Open) -> dict[str, Any]:
    match record:
        case OpenDtmf():
            return {"dtmf": str(record.digits), **_plain(record, "how", "digit_ms")}
        case OpenHttp():
            return {"http": record.url, **_plain(record, "method", "body", "username", "password", "fingerprint")}
        case OpenEvent():
            return {"event": True}


def _plain(record: object, *fields: str) -> dict[str, Any]:
    values = ((field, getattr(record, field)) for field in fields)
    return {field: str(value) if isinstance(value, str) else value for field, value in values}


def _without_empty(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value != ""}
