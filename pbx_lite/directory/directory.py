"""The directory, whole: what is known, and the records that Home Assistant creates, changes and removes."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pbx_lite.config import EVERYONE, Arrival, Config, Device, Door, Role, Room, Secret, Team, User
from pbx_lite.config.references import DEFAULT_ROLE, unknown_model, unknown_playlist
from pbx_lite.config.runtime import (
    arrival_mapping,
    device_mapping,
    door_mapping,
    parse_arrivals,
    parse_device,
    parse_door,
    parse_language,
    parse_role,
    parse_room,
    parse_team,
    parse_user,
    role_mapping,
    room_mapping,
    team_mapping,
    user_mapping,
)
from pbx_lite.directory.accounts import Accounts, host_of, numbers_of
from pbx_lite.directory.keeping import Kept, Kind, PeopleStore
from pbx_lite.directory.known import Known
from pbx_lite.directory.naming import name_for, new_password, next_extension
from pbx_lite.directory.pins import Pins, new_pin
from pbx_lite.directory.provisioned import found
from pbx_lite.directory.revisions import Revisions
from pbx_lite.errors import ConfigError, Conflict, Invalid, NotFound, StoreError

_LOGGER = logging.getLogger(__name__)

_FIRST = {"user": 101, "door": 150, "team": 600, "room": 800}
"""The extension of the first one that is made at runtime."""
_TAKEN = {"system", "everyone"}
"""Names of the PBX's own, and of the team that Home Assistant writes into the file where there is a line."""


class Directory(Known):
    """What the file provisions is read-only; what is created here is kept in `store` and told by `on_change`.

    Raises ConfigError where the file claims an extension that a created record has.
    """

    def __init__(
        self,
        config: Config,
        *,
        kept: Kept | None = None,
        store: PeopleStore | None = None,
        models: Collection[str] | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self.on_change = on_change
        self.revisions = Revisions()
        self._config = config
        self._store = store
        self._models = models
        self._changing = asyncio.Lock()
        self._users = {name: self._with_default_role(user) for name, user in self._users.items()}
        self._pins = Pins(config.rooms, (kept or Kept()).pins)
        if not config.roles:
            self._roles[DEFAULT_ROLE] = Role(name=DEFAULT_ROLE, see=(EVERYONE,), open=(EVERYONE,), provisioned=False)
        self._restore(kept or Kept())
        self._accounts = self._index()

    # Doors made at runtime

    async def add_door(self, fields: Mapping[str, Any]) -> Door:
        """`fields` are keys of a door in `pbx.yaml`; name, extension and password are made up where they are missing.

        Raises Invalid or Conflict.
        """
        async with self._changing:
            complete = self._complete(fields, self._doors, "door")
            door = parse_door(complete)
            if door.name in self._doors:
                raise Conflict(f"There is a door named {door.name} already.")
            await self._keep_door(door)
        return door

    async def update_door(self, name: str, fields: Mapping[str, Any], *, revision: str | None = None) -> Door:
        """Replace these keys.  Raises NotFound, Conflict for a provisioned door or another `revision`, or Invalid."""
        async with self._changing:
            old = _changeable(self.door(name))
            self.revisions.require(old, revision)
            door = parse_door(door_mapping(old) | dict(fields) | {"name": name})
            await self._keep_door(door, instead_of=old)
        return door

    async def remove_door(self, name: str) -> None:
        """Roles made at runtime forget it too."""
        async with self._changing:
            _changeable(self.door(name))
            await self._remove("door", name)
            del self._doors[name]
            await self._rings_no_more()
            for role in self.roles():
                if not role.provisioned and name in role.see + role.open:
                    left = replace(role, see=_without(role.see, name), open=_without(role.open, name))
                    await self._save("role", left.name, role_mapping(left))
                    self._roles[left.name] = left
            self._changed()

    # Rooms, those made at runtime included

    def pin_of(self, room: str) -> Secret:
        """What lets into this room, empty for free entry.  Raises NotFound."""
        return self._pins.of(self.room(room))

    def admin_pin_of(self, room: str) -> Secret:
        """What makes a leader, empty where there is none.  Raises NotFound."""
        return self.room(room).admin_pin

    async def keep_pins(self) -> None:
        """Let the rooms of the file have the same PINs after the next start.  To be called once, at start."""
        while self._pins.new:
            name, pin = self._pins.new.popitem()
            try:
                await self._save("pin", name, {"pin": str(pin)})
            except StoreError as error:
                _LOGGER.warning("The room %s has a PIN until the PBX stops, another one then: %s", name, error)

    async def add_room(self, fields: Mapping[str, Any]) -> Room:
        """As `add_door`, for rooms.  Without `pin`, or with None, one is generated; empty is free entry."""
        async with self._changing:
            room = parse_room(self._complete(_with_pin(fields), self._rooms, "room"))
            if room.name in self._rooms:
                raise Conflict(f"There is a room named {room.name} already.")
            await self._keep_room(room)
        return room

    async def update_room(self, name: str, fields: Mapping[str, Any], *, revision: str | None = None) -> Room:
        """As `update_door`.  None for `pin` makes a new one."""
        async with self._changing:
            old = _changeable(self.room(name))
            self.revisions.require(old, revision)
            room = parse_room(_with_pin(room_mapping(old) | dict(fields)) | {"name": name})
            await self._keep_room(room, instead_of=old)
        return room

    async def remove_room(self, name: str) -> None:
        """Roles made at runtime forget it too; whoever is in it has to be sent home."""
        async with self._changing:
            _changeable(self.room(name))
            await self._remove("room", name)
            del self._rooms[name]
            await self._rings_no_more()
            for role in self.roles():
                if not role.provisioned and name in role.rooms:
                    left = replace(role, rooms=_without(role.rooms, name))
                    await self._save("role", left.name, role_mapping(left))
                    self._roles[left.name] = left
            self._changed()

    # Teams made at runtime

    async def add_team(self, fields: Mapping[str, Any]) -> Team:
        """As `add_door`, for teams."""
        async with self._changing:
            team = parse_team(self._complete(fields, self._teams, "team"))
            if team.name in self._teams:
                raise Conflict(f"There is a team named {team.name} already.")
            await self._keep_team(team)
        return team

    async def update_team(self, name: str, fields: Mapping[str, Any], *, revision: str | None = None) -> Team:
        """As `update_door`."""
        async with self._changing:
            old = _changeable(self.team(name))
            self.revisions.require(old, revision)
            team = parse_team(team_mapping(old) | dict(fields) | {"name": name})
            await self._keep_team(team, instead_of=old)
        return team

    async def remove_team(self, name: str) -> None:
        """Lines no longer ring it."""
        async with self._changing:
            _changeable(self.team(name))
            await self._remove("team", name)
            del self._teams[name]
            await self._rings_no_more()
            self._changed()

    # Where lines ring

    async def set_arrivals(
        self, trunk: str, arrivals: Sequence[Mapping[str, Any]], *, revision: str | None = None
    ) -> tuple[Arrival, ...]:
        """Where calls over the line `trunk` go, each number once; may be said before the line is there.

        Raises Invalid, or Conflict for another `revision`.
        """
        async with self._changing:
            self.revisions.require(self.arrivals_of(trunk), revision)
            parsed = parse_arrivals(arrivals)
            together = {*self._users, *self._teams, EVERYONE}
            for each in parsed:
                if not each.rings and not each.mailbox:
                    raise Invalid("arrivals: say who rings, or whose mailbox takes the call")
                self._check_names((each.rings, self._rung(), "user, team, room or door"))
                self._check_names(([each.mailbox] if each.mailbox else [], self._users, "user"))
                if (len(each.rings) > 1 or each.mailbox) and not together.issuperset(each.rings):
                    raise Invalid("arrivals: a room or a door takes calls alone")
            await self._keep_arrivals(trunk, parsed)
            self._changed()
        return parsed

    # Users made at runtime, and whom Home Assistant's users are

    async def add_user(self, fields: Mapping[str, Any]) -> User:
        """As `add_door`, for users.  Without `roles` a new user gets the default role where no roles are configured."""
        async with self._changing:
            user = await self._new_user(fields)
            self._changed()
        return user

    async def update_user(self, name: str, fields: Mapping[str, Any], *, revision: str | None = None) -> User:
        """As `update_door`."""
        async with self._changing:
            old = _changeable(self.user(name))
            self.revisions.require(old, revision)
            user = parse_user(user_mapping(old) | dict(fields) | {"name": name})
            await self._keep_user(user, instead_of=old)
            self._changed()
        return user

    async def remove_user(self, name: str) -> None:
        """Their link goes; doors and lines no longer ring them, and no team that was made at runtime."""
        async with self._changing:
            _changeable(self.user(name))
            if (ha_user := self.ha_user_of(name)) is not None:
                await self._unlink(ha_user)
            await self._remove("user", name)
            del self._users[name]
            for door in self.doors():
                left = _without_person(door, name)
                if not door.provisioned and left != door:
                    await self._save("door", left.name, door_mapping(left))
                    self._doors[left.name] = left
            for team in self.teams():
                if not team.provisioned and name in team.members:
                    fewer = replace(team, members=_without(team.members, name))
                    await self._save("team", fewer.name, team_mapping(fewer))
                    self._teams[fewer.name] = fewer
            await self._rings_no_more()
            self._changed()

    async def set_language(self, name: str, language: object) -> User:
        """What any user is spoken to in; empty for what the file or else the PBX has.  Raises NotFound or Invalid."""
        async with self._changing:
            old, wished = self.user(name), parse_language(language)
            if not old.provisioned:
                await self._save("user", name, user_mapping(replace(old, language=wished)))
            elif wished:
                await self._save("language", name, {"language": wished})
            else:
                await self._remove("language", name)
                wished = next(user.language for user in self._config.users if user.name == name)
            user = self._users[name] = replace(old, language=wished)
            self._changed()
        return user

    # Phones made at runtime, for any user

    async def add_device(self, user: str, name: str, fields: Mapping[str, Any] | None = None) -> Device:
        """One more phone with an account of its own, for Home Assistant's panel or a phone that is set up by itself.

        `fields` are further keys of a device in `pbx.yaml`; account and password are made up where they are missing.
        Raises NotFound, Invalid, or Conflict where the user has a device of that name.
        """
        async with self._changing:
            old = self.user(user)
            if any(device.name == name for device in old.devices):
                raise Conflict(f"{old.display_name} has a device named {name} already.")
            device = parse_device({"password": new_password(), **(fields or {}), "name": name}, old.extension)
            self._check_free(number for number in (device.account, device.extension) if number)
            await self._keep_devices(replace(old, devices=(*old.devices, device)))
        return device

    async def remove_device(self, user: str, name: str) -> None:
        """Raises NotFound, and Conflict for a device of the file."""
        async with self._changing:
            old = self.user(user)
            device = found({each.name: each for each in old.devices}, name, "device")
            if device.provisioned:
                raise Conflict(f"{name} comes from the configuration file; change it there.")
            await self._keep_devices(replace(old, devices=tuple(each for each in old.devices if each != device)))

    async def link(
        self, ha_user: str, display_name: str, user: str | None, roles: Collection[str] | None = None
    ) -> User:
        """Make a Home Assistant user act as `user`, or as a new one (None).

        Raises Conflict where that PBX user is another Home Assistant user's.
        """
        async with self._changing:
            if user is None and (linked := self.home_user(ha_user)) is not None:
                return linked
            if user is not None:
                record = self.user(user)
                if self.ha_user_of(user) not in {None, ha_user}:
                    raise Conflict(
                        f"{record.display_name} is linked to another Home Assistant user; unlink that one first."
                    )
            else:
                named = {"display_name": display_name} if display_name.strip() else {}
                record = await self._new_user(named if roles is None else {**named, "roles": list(roles)})
            if self._store is not None:
                await self._store.link(ha_user, record.name)
            self._links[ha_user] = record.name
            self._changed()
        return record

    async def unlink(self, ha_user: str) -> None:
        """Raises NotFound."""
        async with self._changing:
            if ha_user not in self._links:
                raise NotFound("This Home Assistant user is not linked.")
            await self._unlink(ha_user)
            self._changed()

    # Roles made at runtime

    async def save_role(self, name: str, fields: Mapping[str, Any], *, revision: str | None = None) -> Role:
        """Make a role or change these keys of it.  Raises Conflict for a provisioned one or another `revision`."""
        async with self._changing:
            if name in self._roles:
                self.revisions.require(_changeable(self._roles[name]), revision)
            before = role_mapping(self._roles[name]) if name in self._roles else {}
            role = parse_role(name, before | dict(fields))
            self._check_names(((*role.see, *role.open), self._doors, "door"))
            self._check_names((role.rooms, self._rooms, "room"))
            await self._save("role", name, role_mapping(role))
            self._roles[name] = role
            self._changed()
        return role

    async def remove_role(self, name: str) -> None:
        """Users made at runtime lose it."""
        async with self._changing:
            _changeable(found(self._roles, name, "role"))
            if name == DEFAULT_ROLE and not self._config.roles:
                raise Conflict(f"The role {name} is there as long as the configuration file has no roles.")
            await self._remove("role", name)
            del self._roles[name]
            for user in self.users():
                if not user.provisioned and name in user.roles:
                    left = replace(user, roles=_without(user.roles, name))
                    await self._save("user", left.name, user_mapping(left))
                    self._users[left.name] = left
            self._changed()

    # Bookkeeping

    def _with_default_role(self, user: User) -> User:
        return user if self._config.roles or user.roles else replace(user, roles=(DEFAULT_ROLE,))

    def _restore(self, kept: Kept) -> None:
        for name, fields in kept.roles.items():
            if name not in self._roles or not self._roles[name].provisioned:
                self._roles[name] = parse_role(name, fields)
        for name, fields in kept.users.items():
            self._restore_one(self._users, parse_user(fields), "users", name)
        for name, fields in kept.doors.items():
            self._restore_one(self._doors, parse_door(fields), "doors", name)
        for name, fields in kept.rooms.items():
            self._restore_one(self._rooms, parse_room(fields), "rooms", name)
        for name, fields in kept.teams.items():
            self._restore_one(self._teams, parse_team(fields), "teams", name)
        for name, fields in kept.arrivals.items():
            arrivals = (self._still_there(each) for each in parse_arrivals(fields["arrivals"]))
            self._arrivals[name] = tuple(each for each in arrivals if each.rings or each.mailbox)
        for name, fields in kept.devices.items():
            self._restore_devices(name, fields)
        for name, fields in kept.languages.items():
            if name in self._users and self._users[name].provisioned:
                self._users[name] = replace(self._users[name], language=parse_language(fields["language"]))
        self._links = {ha_user: user for ha_user, user in kept.links.items() if user in self._users}

    def _restore_one[T: (User, Door, Room, Team)](self, records: dict[str, T], record: T, kind: str, name: str) -> None:
        """The file wins over a created record of the same name; an extension in both would ring the wrong one."""
        if name in records:
            _LOGGER.warning("%s is in the configuration file now, which replaces the one made at runtime", name)
            return
        clash = numbers_of(record) & self._index().taken.keys()
        if clash:
            raise ConfigError(kind, f"{min(clash)} is used by {record.display_name} already, which was made at runtime")
        records[name] = record

    def _restore_devices(self, name: str, fields: Mapping[str, Any]) -> None:
        """Those of a user of the file; a device or an account that the file has by now is its own."""
        user = self._users.get(name)
        if user is None or not user.provisioned:
            return
        taken = self._index().taken
        for mapping in fields.get("devices", ()):
            device = parse_device(mapping, user.extension)
            known = {each.name for each in user.devices}
            if device.name in known or {device.account, device.extension} & taken.keys():
                _LOGGER.warning("The device %s of %s was made at runtime and gives way to the file", device.name, name)
            else:
                user = replace(user, devices=(*user.devices, device))
        self._users[name] = user

    def _index(self) -> Accounts:
        return Accounts(self._users.values(), self._doors.values(), self.rooms(), self.teams(), self.workplaces())

    def _complete(
        self, fields: Mapping[str, Any], siblings: Mapping[str, User | Door | Room | Team], kind: str
    ) -> dict[str, Any]:
        complete = dict(fields)
        if "name" not in complete:
            wished = complete.get("display_name")
            taken = self._users.keys() | self._doors.keys() | self._rooms.keys() | self._teams.keys() | _TAKEN
            complete["name"] = name_for(wished if isinstance(wished, str) else "", taken, fallback=kind)
        if "extension" not in complete:
            numbers = [record.extension for record in siblings.values()]
            taken = self._accounts.taken.keys() | set(self.calling.emergency)
            complete["extension"] = next_extension(numbers, taken, first=_FIRST[kind])
        if kind not in {"room", "team"}:
            complete.setdefault("password", new_password())
        return complete

    async def _new_user(self, fields: Mapping[str, Any]) -> User:
        complete = self._complete(fields, self._users, "user")
        complete.setdefault("roles", [] if self._config.roles else [DEFAULT_ROLE])
        user = parse_user(complete)
        if user.name in self._users:
            raise Conflict(f"There is a user named {user.name} already.")
        await self._keep_user(user)
        return user

    async def _keep_user(self, user: User, instead_of: User | None = None) -> None:
        self._check_names((user.roles, self._roles, "role"))
        self._check_numbers(user, instead_of)
        await self._save("user", user.name, user_mapping(user))
        self._users[user.name] = user
        self._accounts = self._index()

    async def _keep_devices(self, user: User) -> None:
        if user.provisioned:
            made = [device_mapping(device) for device in user.devices if not device.provisioned]
            await self._save("device", user.name, {"devices": made})
        else:
            await self._save("user", user.name, user_mapping(user))
        self._users[user.name] = user
        self._changed()

    async def _keep_door(self, door: Door, instead_of: Door | None = None) -> None:
        if self._models is not None and door.model not in self._models:
            raise Invalid(f"model: {unknown_model(door.model, self._models)}")
        rung = (*door.rings, *(name for button in door.buttons for name in button.rings))
        self._check_names((rung, self._users, "user"))
        self._check_numbers(door, instead_of)
        owner = self._accounts.by_host.get(host_of(door.address)) if door.address else None
        if owner is not None and owner.owner != door.name:
            raise Conflict(f"{host_of(door.address)} is the address of {owner.display_name} already.")
        await self._save("door", door.name, door_mapping(door))
        self._doors[door.name] = door
        self._changed()

    async def _keep_room(self, room: Room, instead_of: Room | None = None) -> None:
        if room.music and not self._has_playlist(room.music):
            raise Invalid(f"music: {unknown_playlist(room.music)}")
        self._check_numbers(room, instead_of)
        await self._save("room", room.name, room_mapping(room))
        self._rooms[room.name] = room
        self._changed()

    async def _keep_team(self, team: Team, instead_of: Team | None = None) -> None:
        self._check_names((team.members, self._users, "user"))
        self._check_numbers(team, instead_of)
        await self._save("team", team.name, team_mapping(team))
        self._teams[team.name] = team
        self._changed()

    async def _keep_arrivals(self, trunk: str, arrivals: tuple[Arrival, ...]) -> None:
        if arrivals:
            await self._save("arrival", trunk, {"arrivals": [arrival_mapping(each) for each in arrivals]})
            self._arrivals[trunk] = arrivals
        elif self._arrivals.pop(trunk, None) is not None:
            await self._remove("arrival", trunk)

    def _rung(self) -> Mapping[str, object]:
        """What a line may ring."""
        return {**self._doors, **self._rooms, **self._teams, **self._users}

    def _still_there(self, arrival: Arrival) -> Arrival:
        rings = tuple(name for name in arrival.rings if name == EVERYONE or name in self._rung())
        return replace(arrival, rings=rings, mailbox=arrival.mailbox if arrival.mailbox in self._users else "")

    async def _rings_no_more(self) -> None:
        """Lines forget somebody who is gone; a number that leads nowhere then goes where all others go."""
        for trunk, arrivals in tuple(self._arrivals.items()):
            left = tuple(each for each in map(self._still_there, arrivals) if each.rings or each.mailbox)
            if left != arrivals:
                await self._keep_arrivals(trunk, left)

    def _has_playlist(self, name: str) -> bool:
        """Of the file, or a folder in the data folder's music."""
        own = self._config.data / "music" / name
        return name in dict(self._config.music) or (not name.startswith(".") and own.is_dir())

    def _check_names(self, wanted: tuple[Iterable[str], Mapping[str, object], str]) -> None:
        names, known, kind = wanted
        for name in names:
            if name != EVERYONE and name not in known:
                raise Invalid(f"There is no {kind} named {name}.")

    def _check_numbers(self, record: User | Door | Room | Team, instead_of: User | Door | Room | Team | None) -> None:
        own = numbers_of(instead_of) if instead_of is not None else set()
        self._check_free(sorted(numbers_of(record) - own))

    def _check_free(self, numbers: Iterable[str]) -> None:
        for number in numbers:
            if number in self._accounts.taken:
                raise Conflict(f"{number} is used by {self._accounts.taken[number]} already.")

    async def _save(self, kind: Kind, name: str, record: Mapping[str, Any]) -> None:
        if self._store is not None:
            await self._store.save(kind, name, record)

    async def _remove(self, kind: Kind, name: str) -> None:
        if self._store is not None:
            await self._store.remove(kind, name)

    async def _unlink(self, ha_user: str) -> None:
        if self._store is not None:
            await self._store.unlink(ha_user)
        del self._links[ha_user]

    def _changed(self) -> None:
        self._accounts = self._index()
        self.on_change()


def _changeable[T: (User, Door, Role, Room, Team)](record: T) -> T:
    if record.provisioned:
        raise Conflict(f"{record.name} comes from the configuration file; change it there.")
    return record


def _with_pin(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A new PIN in place of None."""
    if fields.get("pin") is not None:
        return dict(fields)
    leader = fields.get("admin_pin")
    return {**fields, "pin": new_pin(but=leader if isinstance(leader, str) else "")}


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)


def _without_person(door: Door, name: str) -> Door:
    buttons = tuple(replace(button, rings=_without(button.rings, name)) for button in door.buttons)
    return replace(door, rings=_without(door.rings, name), buttons=buttons)
