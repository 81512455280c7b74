"""Faults between entries: names twice, extensions twice, names that lead nowhere.

Works on the file as it is, so that these faults are told together with those of single values.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import voluptuous as vol

from pbx_lite.config import fields as f
from pbx_lite.config.build import account_of
from pbx_lite.config.codes import ALONE, DEFAULT_CODES, FOLLOWED
from pbx_lite.config.faults import Path, fault, path_text
from pbx_lite.config.records import EVERYONE, Calling
from pbx_lite.config.yaml_file import Number
from pbx_lite.errors import ConfigError

DEFAULT_ROLE = "family"
"""The role that exists while no roles are configured: it sees and opens everything, and everyone has it."""


def faults(document: Any, models: Collection[str] | None, profiles: Collection[str] | None = None) -> list[ConfigError]:
    if not isinstance(document, Mapping):
        return []
    return [
        *_names_twice(document),
        *_accounts_twice(document),
        *_emergency_extensions(document),
        *_addresses_twice(document),
        *_unknown_names(document),
        *_unknown_playlists(document),
        *_unknown_models(document, models),
        *_unknown_profiles(document, profiles),
        *_no_account(document),
        *_no_line(document),
        *_codes_twice(document),
        *_ports_in_use(document),
    ]


def _names_twice(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    for kind in ("users", "doors", "rooms", "teams", "workplaces", "trunks"):
        yield from _twice(((*path, "name"), entry.get("name")) for path, entry in _entries(document, kind))
    for path, user in _entries(document, "users"):
        yield from _twice(((*path, *below, "name"), device.get("name")) for below, device in _entries(user, "devices"))
    for path, door in _entries(document, "doors"):
        for key in ("number", "name"):
            yield from _twice(((*path, *below, key), button.get(key)) for below, button in _entries(door, "buttons"))


def _accounts_twice(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    """A phone registers with its extension or account and is dialled by extension: both must lead to one owner."""
    taken: dict[str, str] = {}

    def take(path: Path, value: Any) -> Iterator[ConfigError]:
        account = _text(value)
        if account in taken:
            yield fault(path, f"{account} is used by {taken[account]} already")
        elif account:
            taken[account] = path_text(path[:-1])

    for kind in ("users", "doors", "rooms", "teams"):
        for path, entry in _entries(document, kind):
            yield from take((*path, "extension"), entry.get("extension"))
    for path, user in _entries(document, "users"):
        for below, device in _entries(user, "devices"):
            known_as = account_of(device, _text(user.get("extension")))
            yield from take((*path, *below, "account"), known_as)
            extension = _text(device.get("extension"))
            if extension != known_as:
                yield from take((*path, *below, "extension"), extension)
    for path, workplace in _entries(document, "workplaces"):
        yield from take((*path, "account"), workplace.get("account"))


def _emergency_extensions(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    """Emergency numbers always go outside, so nobody could be reached by one."""
    calling = document.get("calling")
    configured = calling.get("emergency") if isinstance(calling, Mapping) else None
    numbers = {_text(number) for number in configured} if isinstance(configured, list) else set(Calling().emergency)
    for kind in ("users", "doors", "rooms", "teams"):
        for path, entry in _entries(document, kind):
            if (number := _text(entry.get("extension"))) in numbers and number:
                yield fault((*path, "extension"), f"{number} is an emergency number; choose another extension")


def _addresses_twice(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    """A call from a fixed address is told by that address alone, so no two doors or trunks can share one."""
    found: dict[str, str] = {}
    for kind, check in (("doors", f.address), ("trunks", f.peer_address)):
        for path, entry in _entries(document, kind):
            try:
                address = check(entry.get("address") or "")
            except vol.Invalid:
                continue
            if address and address in found:
                yield fault((*path, "address"), f"{address} is the address of {found[address]} already")
            elif address:
                found[address] = path_text(path)


def _unknown_names(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    users = {_text(user.get("name")) for _, user in _entries(document, "users")}
    doors = {_text(door.get("name")) for _, door in _entries(document, "doors")}
    rooms = {_text(room.get("name")) for _, room in _entries(document, "rooms")}
    teams = {_text(team.get("name")) for _, team in _entries(document, "teams")}
    configured = document.get("roles")
    roles = {str(role) for role in configured} if isinstance(configured, Mapping) and configured else {DEFAULT_ROLE}
    if isinstance(configured, Mapping):
        for name, role in configured.items():
            for key in ("see", "open"):
                yield from _unknown(role, ("roles", str(name)), key, doors | {EVERYONE}, "door")
            yield from _unknown(role, ("roles", str(name)), "rooms", rooms | {EVERYONE}, "room")
    for path, user in _entries(document, "users"):
        yield from _unknown(user, path, "roles", roles, "role")
    for path, door in _entries(document, "doors"):
        yield from _unknown(door, path, "rings", users | {EVERYONE}, "user")
        for below, button in _entries(door, "buttons"):
            yield from _unknown(button, (*path, *below), "rings", users | {EVERYONE}, "user")
    for path, team in _entries(document, "teams"):
        yield from _unknown(team, path, "members", users | {EVERYONE}, "user")
    targets = users | doors | rooms | teams | set(_extensions(document)) | {EVERYONE}  # there: whose extension it is
    for path, trunk in _entries(document, "trunks"):
        numbers = trunk.get("numbers")
        wanted = [
            *(((*path, "numbers", str(n)), to) for n, to in (numbers.items() if isinstance(numbers, Mapping) else ())),
            ((*path, "default"), trunk.get("default")),
        ]
        for below, to in wanted:
            if (target := _text(to)) and target not in targets:
                yield fault(below, f"there is no user, team, room, door or extension {target}")


def _extensions(document: Mapping[str, Any]) -> Iterator[str]:
    for kind in ("users", "doors", "rooms", "teams"):
        for _, entry in _entries(document, kind):
            yield _text(entry.get("extension"))
            for _, device in _entries(entry, "devices"):
                yield _text(device.get("extension"))


def _unknown_playlists(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    music = document.get("music")
    playlists = {_text(name) for name in music} if isinstance(music, Mapping) else set()
    for path, room in _entries(document, "rooms"):
        if (name := _text(room.get("music"))) and name not in playlists:
            yield fault((*path, "music"), unknown_playlist(name))


def unknown_playlist(name: str) -> str:
    return f"there is no playlist named {name} below music"


def _unknown_models(document: Mapping[str, Any], models: Collection[str] | None) -> Iterator[ConfigError]:
    if models is None:
        return
    for path, door in _entries(document, "doors"):
        model = door.get("model", "generic")
        model = _text(model)
        if model and model not in models:
            yield fault((*path, "model"), unknown_model(model, models))


def unknown_model(model: str, models: Collection[str]) -> str:
    return f"there is no door-station model {model}; known are {', '.join(sorted(models))}"


def _unknown_profiles(document: Mapping[str, Any], profiles: Collection[str] | None) -> Iterator[ConfigError]:
    for path, trunk in _entries(document, "trunks"):
        profile = _text(trunk.get("profile"))
        if profiles is not None and profile and profile not in profiles:
            yield fault(
                (*path, "profile"), f"there is no trunk profile {profile}; known are {', '.join(sorted(profiles))}"
            )


def _no_line(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    """A profile may know the registrar."""
    for path, trunk in _entries(document, "trunks"):
        if not any(trunk.get(key) for key in ("registrar", "address", "profile")):
            yield fault((*path, "registrar"), "a trunk needs a registrar, an address, or a profile that knows it")
        elif trunk.get("registrar") and trunk.get("address"):
            yield fault((*path, "address"), "a trunk has either a registrar or an address")


def _codes_twice(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    calling = document.get("calling")
    codes = calling.get("codes") if isinstance(calling, Mapping) else None
    if not isinstance(codes, Mapping):
        return
    written = {str(feature): _text(code) for feature, code in codes.items()}
    owners: dict[tuple[str, bool], str] = {}
    for feature, code in (DEFAULT_CODES | written).items():
        if not code:
            continue
        uses = [(code, followed) for followed, kind in ((True, FOLLOWED), (False, ALONE)) if feature in kind]
        others = {other for use in uses if (other := owners.setdefault(use, feature)) != feature}
        if others:
            other = min(others)
            here, there = (feature, other) if feature in written else (other, feature)
            yield fault(("calling", "codes", here), f"{code} is the code of {there} already")


def _no_account(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    for path, door in _entries(document, "doors"):
        if not door.get("password") and not door.get("address"):
            yield fault(
                (*path, "password"), "a door needs a password to register with, or a fixed address to call from"
            )


def _ports_in_use(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    """RTP takes any port of its range, so nothing else may listen on UDP in there."""
    rtp, sip = document.get("rtp"), document.get("sip")
    if not isinstance(sip, Mapping) or not isinstance(sip.get("listen"), list):
        return
    try:
        first, last = f.port_range(rtp["ports"]) if isinstance(rtp, Mapping) and "ports" in rtp else (30000, 35000)
    except vol.Invalid:
        return
    for index, listen in enumerate(sip["listen"]):
        try:
            transport, _, rest = f.listen(listen).partition("://")
        except vol.Invalid:
            continue
        if transport == "udp" and first <= int(rest.rpartition(":")[2]) <= last:
            yield fault(("sip", "listen", index), f"the port lies within rtp.ports, {first}-{last}")


def _entries(mapping: Any, key: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The mappings in the list at `key`, whatever else is wrong with it."""
    items = mapping.get(key) if isinstance(mapping, Mapping) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping):
            yield (key, index), item


def _twice(values: Iterator[tuple[Path, Any]]) -> Iterator[ConfigError]:
    found: dict[str, str] = {}
    for path, value in values:
        text = _text(value)
        if text and text in found:
            yield fault(path, f"{text} is there twice, see {found[text]}")
        elif text:
            found[text] = path_text(path[:-1])


def _unknown(entry: Any, path: Path, key: str, known: Collection[str], kind: str) -> Iterator[ConfigError]:
    names = entry.get(key) if isinstance(entry, Mapping) else None
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in known:
            yield fault((*path, key, index), f"there is no {kind} named {name}")


def _text(value: Any) -> str:
    if isinstance(value, Number):
        return value.text
    return str(value) if isinstance(value, str | int) else ""
