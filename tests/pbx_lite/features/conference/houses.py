"""A house with one room, whose callers and devices are played by hand."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import Dtmf, Leg, LegState
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Ring, Rung
from pbx_lite.calls.switchboard import Switchboard, party_of_account
from pbx_lite.config import Config, Role, Room, Secret, User
from pbx_lite.directory import Account, Directory
from pbx_lite.errors import NotFound
from pbx_lite.events import DirectoryChanged
from pbx_lite.features.conference.rooms import Rooms
from pbx_lite.media.port import AudioPort
from pbx_lite.media.recording import Recording
from tests.pbx_lite.features.conference.doubles import Venue
from tests.support.fake_leg import FakeLeg
from tests.support.sound_file import wav

PEOPLE = (("anna", "101"), ("ben", "102"), ("carl", "103"))
OTTO = Party(number="+49301", name="Otto", trunk="line")


class Take:
    def __init__(self, spoken: Recording | None) -> None:
        self.spoken = spoken

    async def stop(self) -> Recording | None:
        return self.spoken


class Somebody:
    """A device that can be rung; its leg is the last of `legs`."""

    def __init__(self, user: str = "ben") -> None:
        self.user = self.device = user
        self.legs: list[FakeLeg] = []

    async def ring(self, attempt: Attempt) -> Leg:
        self.attempt = attempt
        self.legs.append(FakeLeg())
        return self.legs[-1]


class Books:
    """The directory; `records` are its rooms."""

    def __init__(self, record: Room) -> None:
        self.records = {record.name: record}
        users = tuple(
            User(
                name=name,
                display_name=name.capitalize(),
                extension=extension,
                password=Secret("p"),
                roles=("guests",) if name == "carl" else ("family",),
                language="de" if name == "ben" else "",
            )
            for name, extension in PEOPLE
        )
        roles = (Role(name="family"), Role(name="guests"))
        self.files = Directory(Config(roles=roles, users=users, rooms=(record,)))

    def room(self, name: str) -> Room:
        if name not in self.records:
            raise NotFound(f"There is no room named {name}.")
        return self.records[name]

    def user(self, name: str) -> User:
        return self.files.user(name)

    def by_extension(self, extension: str) -> Account | None:
        return self.files.by_extension(extension)

    def pin_of(self, room: str) -> str:
        return self.room(room).pin or ""

    def may_room(self, user: User | None, room: str) -> bool:
        return user is None or "family" in user.roles


class House:
    """A switchboard with one room, free to enter, and people who call it."""

    def __init__(self, folder: Path, *, pin: str = "", admin_pin: str = "", **options: Any) -> None:
        self.venue = Venue(folder, pin=Secret(pin), admin_pin=Secret(admin_pin), **options)
        self.clock, self.settle, self.until = self.venue.clock, self.venue.settle, self.venue.until
        self.said, self.told = self.venue.speech.said, self.venue.told
        self.books = Books(self.venue.record)
        self.spoken: Recording | None = None
        self.named = 0
        self.sound = wav(600, 0.5)
        self.phone = Somebody()
        self.planned: Plan | None = None
        self.calls: dict[FakeLeg, Call] = {}
        self.board = Switchboard(directory=self.books.files, bus=self.venue.bus, clock=self.clock)
        self.rooms = Rooms(
            directory=self.books,
            switchboard=self.board,
            fittings=self.venue.fittings,
            record_name=self._record_name,
            fetch=self._fetch,
        )
        self.board.planners += [self.rooms.plan, self._plan_others]

    async def _record_name(self, port: AudioPort) -> Take:
        self.named += 1
        return Take(self.spoken)

    async def _fetch(self, url: str) -> bytes:
        return self.sound

    def _plan_others(self, attempt: Attempt) -> Plan | None:
        return self.planned or Ring(callee=Party(number="102", user="ben"), rungs=(Rung(target=self.phone),))

    async def dials(self, who: str | Party = "anna") -> FakeLeg:
        """Comes back when the PBX has answered and, in a room without PIN, they are in."""
        leg = FakeLeg()
        if isinstance(who, Party):
            call = self.board.incoming(leg, who, "800")
        else:
            account = self.books.by_extension(dict(PEOPLE)[who])
            assert account is not None
            call = self.board.incoming(leg, party_of_account(account), "800", account=account, device=account.name)
        self.calls[leg] = call
        await self.until(lambda: leg.state is not LegState.NEW)
        await self.until(lambda: call.on_key is not None or call.over)
        await self.settle(0.1)
        return leg

    async def presses(self, leg: FakeLeg, keys: str) -> None:
        for key in keys:
            leg.happens(Dtmf(key))
        await self.settle(0.1)

    @property
    def inside(self) -> list[dict[str, Any]]:
        return list(self.rooms.state("table")["participants"])

    @property
    def names(self) -> list[str]:
        return [each["name"] for each in self.inside]

    def changes(self, **options: Any) -> None:
        """The room's options, in the directory."""
        self.books.records["table"] = replace(self.books.records["table"], **options)
        self.venue.bus.publish(DirectoryChanged())

    async def close(self) -> None:
        closing = asyncio.gather(self.rooms.close(), self.venue.room.close())
        await self.until(closing.done)
        await self.board.close()
