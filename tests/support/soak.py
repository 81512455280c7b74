"""Random calls between fake phones, the same for the same seed, and a census of what is left afterwards."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pbx_lite.errors import PbxError
from pbx_lite.media.session import Direction
from pbx_lite.sip import invite_events as told
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.tasks import Tasks
from tests.support.call_end import CallEnd, Made, Received
from tests.support.fake_phone import FakePhone
from tests.support.house import EXTENSIONS, House

NUMBERS = (*EXTENSIONS.values(), "150", "4711", "800")
_PATIENCE = 3.0
_HOLDS: tuple[Direction, ...] = ("sendonly", "sendrecv", "inactive", "sendrecv")
type Act = Callable[["Soak", CallEnd], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Census:
    """What a PBX at rest has: `files` of the process, `ports` that are free, and nothing of calls."""

    calls: int
    sessions: int
    ports: int
    files: int
    tasks: frozenset[str]


def census(house: House) -> Census:
    return Census(
        calls=len(house.pbx.switchboard.calls),
        sessions=len(house.pbx.endpoint._agent.sessions),
        ports=house.pbx.exchange._pool.free,
        files=len(list(Path("/proc/self/fd").iterdir())),
        tasks=frozenset(task.get_name() for task in asyncio.all_tasks() if "call " in task.get_name()),
    )


class SoakPhone(FakePhone):
    """A phone whose owner does anything with a call that comes."""

    soak: Soak

    def on_invite(self, invite: IncomingInvite) -> None:
        super().on_invite(invite)
        self.soak.tasks.spawn(self.soak.taken(self.calls.entries[-1]), name=f"{self.account} is called")


class Soak:
    """`await run(seconds, callers=…)`; `done` counts what happened by name, `faults` are what must never happen."""

    def __init__(self, house: House, *, seed: int) -> None:
        self.house = house
        self.done: Counter[str] = Counter()
        self.tasks = Tasks("soak")
        self.chance = random.Random(seed)
        self._phones: list[SoakPhone] = []
        self._over = False

    async def run(self, seconds: float, *, callers: int = 6, answers: int = 0) -> None:
        """Call for so long and until so many were answered, then let every call come to its end."""
        loop = asyncio.get_running_loop()
        for user in ("anna", "anna", "ben", "carl", "guest"):
            phone = SoakPhone(self.house.address(), EXTENSIONS[user], f"secret{EXTENSIONS[user]}")
            phone.soak = self
            self._phones.append(await self.house._enter(phone))
        end = loop.time() + seconds
        await asyncio.gather(*(self._calls_until(end, answers) for _ in range(callers)))
        self._over = True
        await self.settled()
        await self.tasks.close()
        for phone in self._phones:
            await phone.stop()

    async def settled(self, *, within: float = 20.0) -> None:
        """Wait until the PBX has no call any more."""
        calls, changed = self.house.pbx.switchboard.calls, asyncio.Event()
        forget = self.house.pbx.bus.listen(lambda _: changed.set())
        try:
            async with asyncio.timeout(within):
                while calls:
                    changed.clear()
                    await changed.wait()
        finally:
            forget()

    async def _calls_until(self, end: float, answers: int) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < end or self.done["answers"] < answers:
            phone = self.chance.choice(self._phones)
            call = await phone.invite(self.chance.choice(NUMBERS))
            name, act = self._pick(_CALLER)
            self.done[name] += 1
            try:
                async with asyncio.timeout(_PATIENCE):
                    await act(self, call)
            except AssertionError, TimeoutError, PbxError:
                self.done["not as planned"] += 1
            finally:
                self._leave(call)

    async def taken(self, call: Received) -> None:
        """Somebody is called."""
        name, act = self._pick(_CALLEE)
        self.done[name] += 1
        try:
            async with asyncio.timeout(_PATIENCE):
                await act(self, call)
        except AssertionError, TimeoutError, PbxError:
            self.done["not as planned"] += 1
        finally:
            self._leave(call)

    def pause(self, longest: float = 0.3) -> Awaitable[None]:
        return asyncio.sleep(self.chance.uniform(0, longest))

    def number(self) -> str:
        return self.chance.choice(NUMBERS)

    def _pick(self, table: dict[str, tuple[int, Act]]) -> tuple[str, Act]:
        (name,) = self.chance.choices(list(table), weights=[weight for weight, _ in table.values()])
        return name, table[name][1]

    @staticmethod
    def _leave(call: CallEnd) -> None:
        with suppress(PbxError):
            if isinstance(call, Made) and not call.session.confirmed:
                call.session.cancel()
            else:
                call.session.bye()
        call.close()


# What callers do


async def _talk(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Made)
    if await call.final_status() == 200:
        call.speak(440)
        await soak.pause()


async def _give_up(soak: Soak, call: CallEnd) -> None:
    await soak.pause(0.1)


async def _hold(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Made)
    if await call.final_status() == 200:
        for direction in _HOLDS:
            await _reoffer(call, call.media.offer(audio=direction))
            await soak.pause(0.1)


async def _press(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Made)
    if await call.final_status() == 200:
        await call.press("12#", how=soak.chance.choice(("rfc4733", "info")))


async def _flood(_: Soak, call: CallEnd) -> None:
    assert isinstance(call, Made)
    if await call.final_status() == 200:
        await asyncio.gather(*(call.session.info("text/plain", b"x" * 50) for _ in range(50)))


async def _garbage(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Made)
    if await call.final_status() == 200:
        await call.session.reinvite(soak.chance.randbytes(40))
        await soak.pause()


async def _refer(soak: Soak, call: CallEnd) -> None:
    """Blind transfer; whoever is left hangs up some time."""
    await call.events.first(told.Accepted)
    target = f"<sip:{soak.number()}@{soak.house.address().host}>"
    await call.session.send("REFER", (("Refer-To", target), ("Referred-By", "<sip:x@pbx>")))
    await soak.pause(1.0)


async def _hang_up_twice(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Made)
    if await call.final_status() == 200:
        sending = [call.session.send("BYE") for _ in range(2)]
        await asyncio.gather(*sending, return_exceptions=True)
    await soak.pause(0.1)


async def _wait(_: Soak, call: CallEnd) -> None:
    await call.ended()


# What callees do


async def _answer(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Received)
    call.ring()
    await soak.pause()
    await call.answer()
    await soak.pause(1.0)


async def _answer_at_once(_: Soak, call: CallEnd) -> None:
    assert isinstance(call, Received)
    await call.answer()
    await call.ended()


async def _early(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Received)
    await call.early()
    call.speak(600)
    await soak.pause()
    await call.answer()
    await soak.pause()


async def _refuse(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Received)
    call.ring()
    await soak.pause()
    call.reject(soak.chance.choice((486, 603, 480, 500, 404)))


async def _redirect(soak: Soak, call: CallEnd) -> None:
    call.session.reject(302, headers=(("Contact", f"<sip:{soak.number()}@127.0.0.1>"),))  # type: ignore[union-attr]


async def _ignore(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Received)
    call.ring()
    await call.cancelled()


async def _answer_and_refer(soak: Soak, call: CallEnd) -> None:
    assert isinstance(call, Received)
    call.ring()
    await call.answer()
    await _refer(soak, call)


async def _reoffer(call: CallEnd, body: bytes) -> None:
    answer = await call.session.reinvite(body)
    if answer.status == 200 and answer.body:
        call.media.accept(answer.body)


_CALLER: dict[str, tuple[int, Act]] = {
    "talks": (6, _talk),
    "waits": (3, _wait),
    "gives up": (4, _give_up),
    "holds": (3, _hold),
    "presses keys": (2, _press),
    "floods": (1, _flood),
    "sends garbage": (1, _garbage),
    "transfers": (3, _refer),
    "hangs up twice": (1, _hang_up_twice),
}
_CALLEE: dict[str, tuple[int, Act]] = {
    "answers": (6, _answer),
    "answers at once": (3, _answer_at_once),
    "gives early media": (2, _early),
    "refuses": (3, _refuse),
    "redirects": (1, _redirect),
    "lets it ring": (2, _ignore),
    "answers and transfers": (2, _answer_and_refer),
}
