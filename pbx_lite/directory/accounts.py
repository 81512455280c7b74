"""What registers and what can be dialled: an index over users, doors, rooms, teams and workplaces."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from pbx_lite.config import Door, Room, Secret, Team, User, Workplace


class AccountKind(Enum):
    USER = "user"
    DOOR = "door"
    ROOM = "room"
    TEAM = "team"
    WORKPLACE = "workplace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`name` is what REGISTER and digest call it, `owner` the name of the user, door, room, team or workplace.

    `device` names a user's further phone.  Whoever has no password cannot register, but can be dialled.
    """

    kind: AccountKind
    owner: str
    name: str
    display_name: str = ""
    extension: str = ""
    password: Secret = Secret()  # noqa: RUF009 - immutable
    device: str = ""


class Accounts:
    """Looked up by account name, extension and address."""

    def __init__(
        self,
        users: Iterable[User],
        doors: Iterable[Door],
        rooms: Iterable[Room],
        teams: Iterable[Team] = (),
        workplaces: Iterable[Workplace] = (),
    ) -> None:
        self.by_account: dict[str, Account] = {}
        self.by_extension: dict[str, Account] = {}
        self.by_host: dict[str, Account] = {}
        self.of_user: dict[str, list[str]] = {}
        self.taken: dict[str, str] = {}
        """Every extension and account name, and the display name of whose it is."""
        for user in users:
            for account in _of_user(user):
                self._add(account)
        for door in doors:
            account = _of_door(door)
            self._add(account)
            if door.address:
                self.by_host[host_of(door.address)] = account
        for room in rooms:
            self._add(_dialled_only(AccountKind.ROOM, room))
        for team in teams:
            self._add(_dialled_only(AccountKind.TEAM, team))
        for workplace in workplaces:
            self._add(
                Account(
                    kind=AccountKind.WORKPLACE,
                    owner=workplace.name,
                    name=workplace.account,
                    display_name=workplace.display_name,
                    password=workplace.password,
                )
            )

    def _add(self, account: Account) -> None:
        for number in filter(None, (account.name, account.extension)):
            self.taken.setdefault(number, account.display_name)
        if account.extension:
            self.by_extension.setdefault(account.extension, account)
        if account.password:
            self.by_account.setdefault(account.name, account)
            if account.kind is AccountKind.USER:
                self.of_user.setdefault(account.owner, []).append(account.name)


def numbers_of(record: User | Door | Room | Team) -> set[str]:
    """The extensions and account names that a record takes for itself."""
    match record:
        case User():
            accounts = list(_of_user(record))
        case Door():
            accounts = [_of_door(record)]
        case Room() | Team():
            accounts = [_dialled_only(AccountKind.ROOM, record)]
    return {number for account in accounts for number in (account.name, account.extension) if number}


def host_of(address: str) -> str:
    """The IP address of `udp:192.0.2.9:5060`, as `plain_host` writes it."""
    return plain_host(address.partition(":")[2].rpartition(":")[0])


@lru_cache(1024)
def plain_host(host: str) -> str:
    """One spelling per address: no brackets, no zone, IPv4 in IPv6 as IPv4."""
    try:
        parsed = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return host
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)


def _of_user(user: User) -> Iterator[Account]:
    first = Account(
        kind=AccountKind.USER,
        owner=user.name,
        name=user.extension,
        display_name=user.display_name,
        extension=user.extension,
        password=user.password,
    )
    yield first
    for device in user.devices:
        yield Account(
            kind=AccountKind.USER,
            owner=user.name,
            name=device.account,
            display_name=user.display_name,
            extension=device.extension,
            password=device.password,
            device=device.name,
        )


def _dialled_only(kind: AccountKind, record: Room | Team) -> Account:
    return Account(
        kind=kind,
        owner=record.name,
        name=record.extension,
        display_name=record.display_name,
        extension=record.extension,
    )


def _of_door(door: Door) -> Account:
    return Account(
        kind=AccountKind.DOOR,
        owner=door.name,
        name=door.extension,
        display_name=door.display_name,
        extension=door.extension,
        password=door.password,
    )
