"""Looking up: who and what there is, by name, number, account and address, and who may what."""

from collections.abc import Iterable
from typing import Literal

from pbx_lite.config import EVERYONE, Arrival, Config, Door, Role, Team, User
from pbx_lite.directory.accounts import Account, Accounts, plain_host
from pbx_lite.directory.provisioned import Provisioned, found
from pbx_lite.errors import Forbidden

type Right = Literal["see", "talk", "open"]

_LINK_FIRST = (
    "This Home Assistant user is not linked to a PBX user; an administrator links it in the integration's options."
)


class Known(Provisioned):
    """What is known this moment.  Changing it is `Directory`'s."""

    _accounts: Accounts

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._users = {user.name: user for user in config.users}
        self._doors = {door.name: door for door in config.doors}
        self._roles = {role.name: role for role in config.roles}
        self._links: dict[str, str] = {}
        self._arrivals: dict[str, tuple[Arrival, ...]] = {}

    # By name, number, account and address

    def users(self) -> list[User]:
        return list(self._users.values())

    def doors(self) -> list[Door]:
        return list(self._doors.values())

    def roles(self) -> list[Role]:
        return list(self._roles.values())

    def user(self, name: str) -> User:
        """Raises NotFound."""
        return found(self._users, name, "user")

    def door(self, name: str) -> Door:
        """Raises NotFound."""
        return found(self._doors, name, "door")

    def by_account(self, account: str) -> Account | None:
        """Who registers under this name.  Nobody without a password is found here."""
        return self._accounts.by_account.get(account)

    def by_extension(self, extension: str) -> Account | None:
        """Who is dialled by this number."""
        return self._accounts.by_extension.get(extension)

    def by_address(self, host: str) -> Account | None:
        """The door whose fixed address this is."""
        return self._accounts.by_host.get(plain_host(host))

    def accounts_of(self, user: str) -> list[str]:
        """The account names of a user's phones."""
        return list(self._accounts.of_user.get(user, ()))

    def people_of(self, names: Iterable[str], door: str) -> list[User]:
        """The users that `rings` means; `*` stands for everyone who may see `door`."""
        chosen: dict[str, User] = {}
        for name in names:
            if name == EVERYONE:
                chosen.update((user.name, user) for user in self._users.values() if self.may(user, "see", door))
            elif name in self._users:
                chosen[name] = self._users[name]
        return list(chosen.values())

    def members_of(self, team: Team) -> list[User]:
        """The users that a team's number rings, each once."""
        if EVERYONE in team.members:
            return self.users()
        return [self._users[name] for name in dict.fromkeys(team.members) if name in self._users]

    def teams_of(self, user: str) -> list[Team]:
        return [team for team in self.teams() if user in team.members or EVERYONE in team.members]

    def arrivals_of(self, trunk: str) -> tuple[Arrival, ...]:
        """Where calls over this line go as far as somebody said so while the PBX runs."""
        return self._arrivals.get(trunk, ())

    def home_user(self, ha_user: str) -> User | None:
        """The PBX user that a Home Assistant user is linked to."""
        return self._users.get(self._links.get(ha_user, ""))

    def ha_user_of(self, user: str) -> str | None:
        return next((ha_user for ha_user, linked in self._links.items() if linked == user), None)

    # Rights

    def may(self, user: User | None, right: Right, door: str) -> bool:
        """Whether `user` may see (watch, be shown), talk to or open `door`.  None is the system, which may all."""
        if user is None:
            return True
        for name in user.roles:
            if (role := self._roles.get(name)) is not None:
                doors = role.open if right == "open" else role.see
                if door in doors or EVERYONE in doors:
                    return True
        return False

    def require(self, user: User | None, right: Right, door: str) -> None:
        """Raises Forbidden with a sentence, and NotFound for a door that does not exist."""
        record = self.door(door)
        if user is not None and not self.may(user, right, door):
            act = "talk to" if right == "talk" else right
            raise Forbidden(f"{user.display_name} may not {act} {record.display_name}.")

    def may_pickup(self, user: User | None) -> bool:
        """Whether `user` may take a call that rings at somebody else.  None is the system, which may all."""
        if user is None:
            return True
        return any(role.pickup for name in user.roles if (role := self._roles.get(name)) is not None)

    def may_phonebook(self, user: User | None) -> bool:
        """Whether `user` may change the company's phonebook.  None is the system, which may all."""
        if user is None:
            return True
        return any(role.phonebook for name in user.roles if (role := self._roles.get(name)) is not None)

    def may_room(self, user: User | None, room: str) -> bool:
        """Whether `user` may look into, join and steer `room` from a client.  None is the system, which may all."""
        if user is None:
            return True
        roles = [self._roles[name] for name in user.roles if name in self._roles]
        return any(room in role.rooms or EVERYONE in role.rooms for role in roles)

    def require_room(self, user: User | None, room: str) -> None:
        """Raises Forbidden with a sentence, and NotFound for a room that does not exist."""
        record = self.room(room)
        if not self.may_room(user, room):
            who = user.display_name if user is not None else "The system"
            raise Forbidden(f"{who} may not use {record.display_name}.")

    def acting(self, ha_user: str) -> User:
        """The PBX user behind a Home Assistant user.  Raises Forbidden for one who is not linked."""
        user = self.home_user(ha_user)
        if user is None:
            raise Forbidden(_LINK_FIRST)
        return user
