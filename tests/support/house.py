"""A whole PBX on loopback with the people, phones and doors of one home around it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pbx_lite.config import (
    ApiConfig,
    Button,
    Config,
    Door,
    Open,
    OpenDtmf,
    Role,
    RtpConfig,
    Secret,
    SipConfig,
    User,
    Video,
)
from pbx_lite.events import DoorChanged, Event
from pbx_lite.pbx import Pbx
from pbx_lite.sip.address import Address
from tests.support.fake_door import FakeDoor
from tests.support.fake_phone import FakePhone
from tests.support.listen import Record
from tests.support.peer import Peer
from tests.support.ports import free_port

KEYS: tuple[Open, ...] = (OpenDtmf(digits=Secret("00#"), digit_ms=200),)
EXTENSIONS = {"anna": "101", "ben": "102", "carl": "103", "guest": "104"}
FRONT = Door(
    name="front",
    display_name="Front door",
    extension="150",
    password=Secret("secret150"),
    rings=("anna", "ben"),
    buttons=(Button(number="11", name="Anna", rings=("anna",)), Button(number="12", name="Ben", rings=("ben",))),
    ring_seconds=20,
    late_seconds=20,
    video=Video(),
    open=KEYS,
)
"""A generic station with video in its call.  Anna and Ben may see and open it, Carl may see it, the guest neither."""


def home_of(folder: Path, *doors: Door, listen: tuple[str, ...] = ()) -> Config:
    """The configuration of the home, by default with UDP and TCP on ports that stay its own over a restart."""
    listen = listen or (f"udp://127.0.0.1:{free_port()}", f"tcp://127.0.0.1:{free_port()}")
    names = tuple(door.name for door in doors)
    return Config(
        name="Home",
        data=folder,
        sip=SipConfig(listen=listen),
        rtp=RtpConfig(first=30000, last=35000),
        api=ApiConfig(host="127.0.0.1", port=0, token=Secret("token")),
        roles=(
            Role(name="family", see=names, open=names),
            Role(name="lodger", see=names),
            Role(name="nobody"),
        ),
        users=tuple(
            User(
                name=name,
                display_name=name.capitalize(),
                extension=extension,
                password=Secret(f"secret{extension}"),
                roles=({"carl": "lodger", "guest": "nobody"}.get(name, "family"),),
            )
            for name, extension in EXTENSIONS.items()
        ),
        doors=doors,
    )


class Home:
    """What Home Assistant hears."""

    def __init__(self) -> None:
        self.events: Record[Event] = Record("home")

    def hear(self, event: Event) -> None:
        if not isinstance(event, DoorChanged):
            self.events.add(event)

    async def hears[E: Event](
        self, kind: type[E], where: Callable[[E], bool] = lambda _: True, *, within: float = 20.0
    ) -> E:
        """The next event of this kind; what came before it is passed over."""
        event = await self.events.next(lambda each: isinstance(each, kind) and where(each), within=within)
        assert isinstance(event, kind)
        return event

    def heard(self, kind: type[Event]) -> list[Event]:
        """All events of this kind so far."""
        return [event for event in self.events.entries if isinstance(event, kind)]


class House:
    """`async with House(folder) as house:` runs the PBX; `restart()` gives another one on the same data and ports."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.home = Home()
        self.pbx = self._make()
        self._guests = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._guests.__aenter__()
        await self.pbx.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        # The PBX says goodbye to everyone first, which is quicker than waiting for those who are gone.
        try:
            await self.pbx.stop()
        finally:
            await self._guests.aclose()

    async def restart(self) -> None:
        """Stop the PBX and start another one with the same configuration, data and SIP ports."""
        listen = tuple(f"{each.transport}://{each.host}:{each.port}" for each in self.pbx.endpoint.listening)
        await self.pbx.stop()
        self.config = replace(self.config, sip=replace(self.config.sip, listen=listen))
        self.pbx = self._make()
        await self.pbx.start()

    def address(self, transport: str = "udp") -> Address:
        return next(each for each in self.pbx.endpoint.listening if each.transport == transport)

    def user(self, name: str) -> User:
        return next(user for user in self.config.users if user.name == name)

    async def door(self, account: str = "150", *, transport: str = "udp", **fields: Any) -> FakeDoor:
        """A station, registered unless `registers=False`."""
        return await self._enter(FakeDoor(self.address(transport), account, f"secret{account}", **fields))

    async def phone(self, user: str = "anna", *, transport: str = "udp", **fields: Any) -> FakePhone:
        """A phone of this user, registered."""
        extension = EXTENSIONS[user]
        return await self._enter(FakePhone(self.address(transport), extension, f"secret{extension}", **fields))

    async def device(self, account: str, password: str, **fields: Any) -> FakePhone:
        """A phone with an account of its own: a further one of a user, or one that people share."""
        return await self._enter(FakePhone(self.address(), account, password, **fields))

    async def stranger(self, account: str = "999", **fields: Any) -> Peer:
        """Somebody at another address who has no account here."""
        fields = {"host": "127.0.0.66", "registers": False, **fields}
        return await self._enter(Peer(self.address(), account, **fields))

    async def _enter[P: Peer](self, peer: P) -> P:
        await self._guests.enter_async_context(peer)
        return peer

    def _make(self) -> Pbx:
        pbx = Pbx(self.config, clock=asyncio.get_running_loop())
        pbx.bus.listen(self.home.hear)
        return pbx


async def house_of(folder: Path, *doors: Door) -> AsyncIterator[House]:
    """For fixtures: a running house with these doors."""
    async with House(home_of(folder, *(doors or (FRONT,)))) as house:
        yield house
