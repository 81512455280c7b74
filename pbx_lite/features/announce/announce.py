"""Announcements: one piece of sound, spoken to many phones at the same time."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import NO_ANSWER, NORMAL, Answered, Ended, Leg, LegEvent
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Reachable
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock, Timer
from pbx_lite.directory import AccountKind, Directory, User
from pbx_lite.errors import Busy, Invalid, MediaError, NotFound, PbxError, Unavailable
from pbx_lite.media.recording import Playback, Recording
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

ANSWER_SECONDS = 6.0
"""A phone that rings longer does not answer by itself."""
TOGETHER_SECONDS = 2.0
"""How long those who are there wait for the others, so that a house hears one voice."""
MOST_SECONDS = 300.0
MOST_PHONES = 100
MOST_AT_ONCE = 4
"""Announcements under way, each with its sound in memory."""
_CALLER = Party(number="announcement", name="Announcement")


class Device(Protocol):
    """One phone of somebody, or a shared one at which they are logged in."""

    @property
    def account(self) -> str: ...


class People(Protocol):
    """Who wants to be left alone, and whose phones are where."""

    def state(self, user: str) -> Mapping[str, object]:
        """`do_not_disturb` is looked at."""
        ...

    def devices(self, user: User) -> Sequence[Device]: ...


class Phones(Protocol):
    def phones_of(self, user: str, account: str | None = None) -> Sequence[Reachable]: ...


class Sounds(Protocol):
    async def fetch(self, url: str) -> bytes:
        """Raises Invalid and Unavailable."""
        ...


class Announcer:
    """What `api.call_facade.Announcer` says.  Nobody who speaks, or who wants not to be disturbed, is spoken to."""

    def __init__(
        self,
        *,
        switchboard: Switchboard,
        phones: Phones,
        people: People,
        directory: Directory,
        sounds: Sounds,
        clock: Clock,
    ) -> None:
        self._switchboard = switchboard
        self._phones = phones
        self._people = people
        self._directory = directory
        self._sounds = sounds
        self._clock = clock
        self._playback = Playback(clock)
        self._tasks = Tasks("announcement")
        self._running = 0

    async def close(self) -> None:
        await self._tasks.close()

    async def announce(self, targets: Sequence[str], url: str) -> tuple[Sequence[str], Mapping[str, str]]:
        """Whom it reached, and a sentence for each target whom it did not; returns once it is to be heard.

        A target is a user or the extension of a user, one of their phones, a shared phone, or a team.  Raises Invalid
        and Unavailable where there is nothing to play, Busy where too much is played already.
        """
        if self._running >= MOST_AT_ONCE:
            raise Busy("Too many announcements are under way; wait until one is over.")
        phones, failed = self._resolve(targets)
        if not phones:
            return [], failed
        self._running += 1
        try:
            recording = await self._recording(url)
        except BaseException:
            self._running -= 1
            raise
        begun = {phone: _future() for each in phones.values() for phone in each}
        self._tasks.spawn(self._speak(recording, begun), name="speak")
        await asyncio.wait(begun.values())
        for target, each in phones.items():
            said = [begun[phone].result() for phone in each]
            if all(said):
                failed[target] = said[0]
        return [target for target in phones if target not in failed], failed

    # Whom

    def _resolve(self, targets: Sequence[str]) -> tuple[dict[str, list[Reachable]], dict[str, str]]:
        """The phones of each target, and the sentences for those who have none to speak to."""
        known: dict[str, list[Reachable]] = {}
        phones: dict[str, list[Reachable]] = {}
        failed: dict[str, str] = {}
        for target in dict.fromkeys(targets):
            try:
                phones[target] = self._phones_of(target, known)
            except PbxError as error:
                failed[target] = error.message
        if sum(map(len, known.values())) > MOST_PHONES:
            raise Invalid(f"targets: an announcement speaks to up to {MOST_PHONES} phones")
        return phones, failed

    def _phones_of(self, target: str, known: dict[str, list[Reachable]]) -> list[Reachable]:
        account = self._directory.by_extension(target)
        if account is not None and account.kind is AccountKind.TEAM:
            members = self._directory.members_of(self._directory.team(account.owner))
            return self._of_team(account.display_name, members, known)
        if account is not None and account.kind is AccountKind.USER:
            return self._of_user(self._directory.user(account.owner), account.name if account.device else None, known)
        if account is not None:
            raise NotFound(f"{account.display_name or target} is no phone of a user.")
        for place in self._directory.workplaces():
            if place.name == target:
                return self._registered(f"No phone at {place.display_name}", "", [place.account], known)
        return self._of_user(self._directory.user(target), None, known)

    def _of_team(self, name: str, members: Sequence[User], known: dict[str, list[Reachable]]) -> list[Reachable]:
        found: list[Reachable] = []
        for member in members:
            try:
                found += self._of_user(member, None, known)
            except Unavailable as error:
                _LOGGER.debug("An announcement passes %s over: %s", member.name, error.message)
        if not found:
            raise Unavailable(f"Nobody of {name} can be spoken to now.")
        return found

    def _of_user(self, user: User, account: str | None, known: dict[str, list[Reachable]]) -> list[Reachable]:
        """Every phone once, however often its owner is named."""
        name = user.display_name
        if self._people.state(user.name).get("do_not_disturb"):
            raise Unavailable(f"{name} does not want to be disturbed.")
        if self._switchboard.busy(user.name):
            raise Unavailable(f"{name} is in a call.")
        accounts = [account] if account is not None else [device.account for device in self._people.devices(user)]
        return self._registered(f"No phone of {name}", user.name, accounts, known)

    def _registered(
        self, nobody: str, user: str, accounts: Sequence[str], known: dict[str, list[Reachable]]
    ) -> list[Reachable]:
        for account in accounts:
            if account not in known:
                known[account] = list(self._phones.phones_of(user, account))
        found = [phone for account in accounts for phone in known[account]]
        if not found:
            raise Unavailable(f"{nobody} is registered.")
        return found

    # What

    async def _recording(self, url: str) -> Recording:
        data = await self._sounds.fetch(url)
        try:
            return await asyncio.to_thread(Recording.decode, data, most_seconds=MOST_SECONDS)
        except MediaError as error:
            raise Unavailable(error.message) from None

    async def _speak(self, recording: Recording, begun: Mapping[Reachable, asyncio.Future[str]]) -> None:
        """Until all have heard it; each future gets an empty sentence as it begins, or else why it does not."""
        choir = _Choir(self._clock, len(begun))
        try:
            await asyncio.gather(*(self._speak_to(phone, recording, choir, told) for phone, told in begun.items()))
        finally:
            self._running -= 1

    async def _speak_to(self, phone: Reachable, recording: Recording, choir: _Choir, told: asyncio.Future[str]) -> None:
        try:
            await self._ring(phone, recording, choir, told)
        except PbxError as error:
            _settle(told, f"{phone.device} cannot be reached: {error.message}")
        finally:
            choir.absent()
            _settle(told, f"{phone.device} was not spoken to.")

    async def _ring(self, phone: Reachable, recording: Recording, choir: _Choir, told: asyncio.Future[str]) -> None:
        call = Call(self._switchboard, caller=_CALLER, number=_CALLER.number)
        attempt = Attempt(call=call, caller=_CALLER, number=phone.device, direct=True, auto_answer=True)
        leg = await phone.ring(attempt)
        line = _Line(leg, self._clock)
        try:
            if not await line.answered(ANSWER_SECONDS):
                by_itself = f"{phone.device} does not answer by itself; allow that in the phone's settings."
                _settle(told, line.why or by_itself)
                return
            codec = leg.audio.codec
            if codec is None:
                raise MediaError("it takes no sound.")
            frames = await asyncio.to_thread(recording.frames, codec)
            await choir.begins()
            if line.over.done():
                _settle(told, f"{phone.device} hung up.")
                return
            _settle(told, "")
            self._playback.play(leg.audio, codec, frames, lambda: _settle(line.over, ""))
            await line.over
        finally:
            self._playback.stop(leg.audio)
            leg.listener = None
            leg.hangup(NORMAL if line.taken else NO_ANSWER)


class _Line:
    """One phone, from its ring to its end."""

    def __init__(self, leg: Leg, clock: Clock) -> None:
        self.taken = False
        self.why = ""
        self.over = _future()
        self._decided = _future()
        self._clock = clock
        leg.listener = self._happened

    async def answered(self, seconds: float) -> bool:
        timer = self._clock.call_later(seconds, lambda: _settle(self._decided))
        try:
            await self._decided
        finally:
            timer.cancel()
        return self.taken and not self.over.done()

    def _happened(self, event: LegEvent) -> None:
        match event:
            case Answered():
                self.taken = True
                _settle(self._decided)
            case Ended(cause=cause):
                self.why = "" if self.taken else f"The phone refused: {cause.text}."
                _settle(self._decided)
                _settle(self.over)
            case _:
                pass


class _Choir:
    """Those who are there begin together: when all are, or after a moment."""

    def __init__(self, clock: Clock, size: int) -> None:
        self._clock = clock
        self._size = size
        self._here = self._gone = 0
        self._begun = _future()
        self._patience: Timer | None = None

    def absent(self) -> None:
        """One does not come, or has gone."""
        self._gone += 1
        self._look()

    async def begins(self) -> None:
        """One is here and waits for the others."""
        self._here += 1
        if self._patience is None:
            self._patience = self._clock.call_later(TOGETHER_SECONDS, self._begin)
        self._look()
        await asyncio.shield(self._begun)

    def _look(self) -> None:
        if self._here + self._gone >= self._size:
            self._begin()

    def _begin(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        _settle(self._begun)


def _future() -> asyncio.Future[str]:
    return asyncio.get_running_loop().create_future()


def _settle(future: asyncio.Future[str], result: str = "") -> None:
    if not future.done():
        future.set_result(result)
