"""What happens when somebody dials a code."""

from pathlib import Path
from typing import Any

import pytest

from pbx_lite.calls.attendant import BEEP, DIAL, DONE, REFUSED
from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.leg import BUSY, Answered, Dtmf, Leg, LegState, Ringing
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Refuse
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.config import Calling, Config, Role, Secret, Team, User, Workplace
from pbx_lite.directory import Directory
from pbx_lite.events import CallAnswered, CallDtmf, CallEnded, CallStarted, Event, EventBus
from pbx_lite.features.people.codes import Codes, Dialled
from pbx_lite.features.people.people import People
from pbx_lite.features.people.settings import Forwarding, Settings
from pbx_lite.features.people.teams import Teams
from pbx_lite.media.port import PCMU, AudioPort
from pbx_lite.media.tones import frames
from pbx_lite.store.database import Database
from pbx_lite.store.settings import SettingTable
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

USERS = tuple(
    User(name=name, display_name=name.capitalize(), extension=extension, password=Secret("p"), roles=("family",))
    for name, extension in (("anna", "101"), ("ben", "102"), ("carl", "103"))
)
SHY = User(name="shy", display_name="Shy", extension="104", password=Secret("p"), roles=("guests",))
FAMILY = Team(name="family", display_name="Family", extension="200", members=("anna", "ben"))
DESK = Workplace(name="desk", display_name="Desk", account="desk-1", password=Secret("d"))


class Phone:
    """A registered phone of the house; its legs are kept, the newest last."""

    def __init__(self, house: House, user: str, account: str) -> None:
        self.user, self.account = user, account
        self._house = house

    @property
    def device(self) -> str:
        return self.account

    async def ring(self, attempt: Attempt) -> Leg:
        leg = FakeLeg()
        self._house.legs.setdefault(self.account, []).append(leg)
        return leg


class FakeMusic:
    """Who hears it."""

    def __init__(self) -> None:
        self.heard_by: list[AudioPort] = []

    def play(self, port: AudioPort) -> None:
        if port not in self.heard_by:
            self.heard_by.append(port)

    def stop(self, port: AudioPort) -> None:
        if port in self.heard_by:
            self.heard_by.remove(port)


class House:
    """A switchboard with people, codes and phones, and a clock that stands still."""

    def __init__(self, folder: Path, *, calling: Calling | None = None, teams: tuple[Team, ...] = ()) -> None:
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.legs: dict[str, list[FakeLeg]] = {}
        bus = EventBus()
        bus.listen(self.events.append)
        config = Config(
            roles=(Role(name="family"), Role(name="guests", pickup=False)),
            users=(*USERS, SHY),
            teams=teams,
            workplaces=(DESK,),
            calling=calling or Calling(),
        )
        self.directory = Directory(config)
        self.board = Switchboard(directory=self.directory, bus=bus, clock=self.clock)
        self.database = Database.open(folder)
        self.people = People(
            directory=self.directory,
            phones=self,
            talks=self.board,
            bus=bus,
            clock=self.clock,
            store=SettingTable(self.database),
        )
        self.codes = Codes(directory=self.directory, people=self.people, switchboard=self.board, clock=self.clock)
        self.people.is_code = self.codes.is_code
        self.music = FakeMusic()
        self.teams = Teams(people=self.people, directory=self.directory, bus=bus, clock=self.clock, music=self.music)
        self.board.planners += [self.codes.plan, self.people.plan, self.teams.plan]

    @property
    def registrar(self) -> House:
        return self

    def bindings_of(self, account: str) -> list[Any]:
        return []

    def phones_of(self, user: str, account: str | None = None) -> list[Phone]:
        return [Phone(self, user, account)] if account is not None else []

    async def dial(self, account: str, number: str) -> tuple[Call, FakeLeg]:
        """The phone of this account dials; comes back when nothing more happens by itself."""
        found = self.directory.by_account(account)
        assert found is not None
        party, acting = self.people.speaker(found)
        leg = FakeLeg()
        call = self.board.incoming(leg, party, number, account=acting, device=account)
        await self.clock.settle()
        return call, leg

    async def rings(self, account: str) -> FakeLeg:
        leg = self.legs[account][-1]
        leg.happens(Ringing())
        await self.clock.settle()
        return leg

    async def answers(self, account: str) -> FakeLeg:
        leg = await self.rings(account)
        leg.state = LegState.ANSWERED
        leg.happens(Answered())
        await self.clock.settle()
        return leg

    async def press(self, leg: FakeLeg, keys: str) -> None:
        for key in keys:
            leg.happens(Dtmf(key))
            await self.clock.settle(0.2)

    async def result(self, leg: FakeLeg) -> str:
        """`done` or `refused`, as the tones say before the PBX hangs up."""
        await self.clock.settle(30)
        assert leg.state is LegState.ENDED
        assert "answer" in leg.told
        return "done" if len(leg.audio.heard) < 60 else "refused"

    async def stop(self) -> None:
        await self.board.close()
        await self.teams.close()
        await self.people.close()
        await self.codes.close()
        await self.database.close()


@pytest.fixture(scope="module", autouse=True)
def made() -> None:
    """Tones are there at once, so that no thread decides how many packets the clock lets pass."""
    for tone in (DONE, REFUSED, DIAL, BEEP):
        frames(tone, PCMU)


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    house = House(tmp_path)
    yield house
    await house.stop()


@pytest.mark.parametrize(
    ("number", "settings"),
    [
        ("*78", {"do_not_disturb": True}),
        ("*43", {"call_waiting": False}),
        ("*74103", {"forwarding": Forwarding(always="103")}),
        ("*74101#103", {"forwarding": Forwarding(always="103")}),
        ("*75103", {"forwarding": Forwarding(busy="103")}),
        ("*760171555777", {"forwarding": Forwarding(no_answer="0171555777")}),
        ("*451", {"profile": "away"}),
    ],
)
async def test_a_code_sets_and_is_confirmed(house: House, number: str, settings: dict[str, Any]) -> None:
    await house.people.set_follow_me("anna", "away", {})
    _, leg = await house.dial("101", number)
    assert await house.result(leg) == "done"
    now = house.people.of("anna")
    assert {key: getattr(now, key) for key in settings} == settings


@pytest.mark.parametrize(
    ("number", "settings"),
    [
        ("*79", {"do_not_disturb": False}),
        ("*42", {"call_waiting": True}),
        ("*75", {"forwarding": Forwarding(always="103", no_answer="103")}),
        ("*71", {"forwarding": Forwarding()}),
        ("*71101", {"forwarding": Forwarding()}),
        ("*45", {"profile": "default"}),
        ("*450", {"profile": "default"}),
    ],
)
async def test_a_code_takes_it_back(house: House, number: str, settings: dict[str, Any]) -> None:
    await house.people.set_follow_me("anna", "away", {})
    await house.people.set("anna", do_not_disturb=True, call_waiting=False, profile="away")
    await house.people.forward("anna", dict.fromkeys(("always", "busy", "no_answer"), "103"))
    _, leg = await house.dial("101", number)
    assert await house.result(leg) == "done"
    now = house.people.of("anna")
    assert {key: getattr(now, key) for key in settings} == settings


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("*74102#103", 403),
        ("*70102", 403),
        ("*71102", 403),
        ("*74101", 484),
        ("*74*78", 484),
        ("*457", 484),
        ("*45x", 484),
        ("*44102", 403),
        ("*44", 403),
        ("*8102", 480),
        ("*8", 480),
        ("*66", 480),
        ("*100", 404),
        ("*99", 404),
    ],
)
async def test_what_cannot_be_is_refused_without_an_answer(house: House, number: str, status: int) -> None:
    _, leg = await house.dial("101", number)
    assert leg.cause is not None
    assert (leg.cause.status, "answer" in leg.told) == (status, False)
    assert house.people.of("anna").forwarding == Forwarding()


async def test_nonsense_as_a_number_is_refused_by_tones(house: House) -> None:
    _, leg = await house.dial("101", "*74abc")
    assert await house.result(leg) == "refused"


async def test_strangers_cannot_dial_codes(house: House) -> None:
    leg = FakeLeg()
    house.board.incoming(leg, Party(number="+4930123", trunk="line"), "*78")
    await house.clock.settle()
    assert leg.cause is not None
    assert leg.cause.status == 404


async def test_codes_can_be_chosen_and_switched_off(tmp_path: Path) -> None:
    house = House(tmp_path, calling=Calling(codes=(("do_not_disturb", "#5"), ("own_number", ""))))
    assert [house.codes.is_code(number) for number in ("#5", "*78", "*65", "*79")] == [True, False, False, True]
    _, leg = await house.dial("101", "#5")
    assert await house.result(leg) == "done"
    assert house.people.of("anna").do_not_disturb
    await house.stop()


async def test_other_features_answer_to_their_codes(house: House) -> None:
    seen: list[Dialled] = []

    def voicemail(dialled: Dialled) -> Plan:
        seen.append(dialled)
        return Refuse(cause=BUSY)

    house.codes.services["voicemail"] = voicemail
    _, leg = await house.dial("101", "*100")
    assert [(dialled.code, dialled.user) for dialled in seen] == [("*100", USERS[0])]
    assert leg.cause is BUSY


@pytest.mark.parametrize(
    "number", ["*4\u00b2", "*44#", "*44##", "*74#", "*74##", "*8*8", "*45\u0663", "*70x", "*" * 64]
)
async def test_odd_numbers_end_like_any_other(house: House, number: str) -> None:
    for account in ("101", "desk-1"):
        _, leg = await house.dial(account, number)
        await house.clock.settle(60)
        assert leg.state is LegState.ENDED
    assert house.people.of("anna") == Settings(last_dialled=house.people.of("anna").last_dialled)


# Forwarding by keypad


async def test_the_number_for_forwarding_is_asked_for(house: House) -> None:
    call, leg = await house.dial("101", "*70")
    assert (call.state, leg.listens) == (CallState.UP, True)
    await house.clock.settle(1)
    await house.press(leg, "103#")
    await house.clock.settle(30)
    assert house.people.of("anna").forwarding == Forwarding(always="103")
    assert leg.state is LegState.ENDED
    assert not any(isinstance(event, CallDtmf) for event in house.events)


@pytest.mark.parametrize("keys", ["", "#", "101#", "*79#", "A"])
async def test_without_a_number_nothing_is_forwarded(house: House, keys: str) -> None:
    _, leg = await house.dial("101", "*70101")
    await house.press(leg, keys)
    await house.clock.settle(60)
    assert house.people.of("anna").forwarding == Forwarding()
    assert leg.state is LegState.ENDED


# Calls and sounds


async def test_the_last_number_is_called_again_and_written_down_as_such(house: House) -> None:
    first, leg = await house.dial("101", "102")
    leg.hangs_up()
    await house.dial("101", "*78")
    again, leg = await house.dial("101", "*66")
    assert (again.number, len(house.legs["102"])) == ("102", 2)
    started = [event.number for event in house.events if isinstance(event, CallStarted)]
    assert started == ["102", "*78", "102"]
    assert first.over


async def test_what_is_said_comes_back_until_a_key(house: House) -> None:
    call, leg = await house.dial("101", "*80")
    await house.clock.settle(1)
    heard = len(leg.audio.heard)
    leg.audio.say(b"hello" * 32)
    assert leg.audio.heard[heard].payload == b"hello" * 32
    await house.press(leg, "1")
    assert not call.over
    await house.press(leg, "#")
    assert leg.state is LegState.ENDED
    assert leg.audio.sink is None


async def test_a_forgotten_echo_test_ends(house: House) -> None:
    _, leg = await house.dial("101", "*80")
    await house.clock.settle(700)
    assert leg.state is LegState.ENDED


async def test_the_own_number_is_counted_out(house: House) -> None:
    _, leg = await house.dial("101", "*65")
    await house.clock.settle(30)
    seconds = len(leg.audio.heard) / 50
    assert 3.4 < seconds < 4.2  # 1, 10 and 1 beeps of 0.3 s
    assert leg.state is LegState.ENDED


# Pickup


async def test_a_call_is_picked_up_from_another_phone(house: House) -> None:
    call, caller = await house.dial("101", "102")
    rung = await house.rings("102")
    code, taker = await house.dial("103", "*8102")
    assert rung.cause is not None
    assert rung.cause.elsewhere
    assert (call.state, code.over, caller.state, taker.state) == (
        CallState.UP,
        True,
        LegState.ANSWERED,
        LegState.ANSWERED,
    )
    assert [(seat.user, seat.device) for seat in call.seats] == [("anna", "101"), ("carl", "103")]
    assert [event.by for event in house.events if isinstance(event, CallAnswered)] == ["carl"]
    caller.hangs_up()
    assert taker.state is LegState.ENDED
    assert sum(isinstance(event, CallEnded) for event in house.events) == 2


async def test_without_teams_any_ringing_call_is_picked_up_the_oldest_first(house: House) -> None:
    old, _ = await house.dial("101", "102")
    await house.rings("102")
    await house.clock.settle(3)
    new, _ = await house.dial("104", "101")
    await house.rings("101")
    await house.dial("103", "*8")
    assert (old.state, new.state) == (CallState.UP, CallState.RINGING)


async def test_a_team_picks_up_among_themselves(tmp_path: Path) -> None:
    house = House(tmp_path, teams=(FAMILY,))
    call, _ = await house.dial("103", "102")
    await house.rings("102")
    _, stranger = await house.dial("desk-1", "*8")
    assert stranger.state is LegState.ENDED
    other, _ = await house.dial("102", "103")
    await house.rings("103")
    await house.dial("101", "*8")
    assert (call.state, other.state) == (CallState.UP, CallState.RINGING)
    await house.stop()


async def test_a_teams_call_is_picked_up_by_the_teams_number(tmp_path: Path) -> None:
    house = House(tmp_path, teams=(FAMILY,))
    call, _ = await house.dial("104", "200")
    await house.rings("102")
    await house.dial("103", "*8200")
    assert call.state is CallState.UP
    await house.stop()


async def test_who_may_not_pick_up_is_refused(house: House) -> None:
    call, _ = await house.dial("101", "102")
    await house.rings("102")
    for account in ("104", "desk-1"):
        _, leg = await house.dial(account, "*8102")
        assert leg.cause is not None
        assert leg.cause.status == 403
    assert call.state is CallState.RINGING


async def test_nobody_picks_up_their_own_outgoing_call(house: House) -> None:
    await house.dial("101", "102")
    await house.rings("102")
    _, leg = await house.dial("101", "*8102")
    assert leg.cause is not None
    assert leg.cause.status == 480


# Shared phones


async def test_somebody_logs_in_at_a_shared_phone_with_their_pin(house: House) -> None:
    await house.people.set("ben", pin="1234")
    call, leg = await house.dial("desk-1", "*44102#1234")
    assert call.number == "*44102"
    assert await house.result(leg) == "done"
    assert house.people.workplaces()[0]["user"] == "ben"
    _, leg = await house.dial("desk-1", "101")
    started = [event for event in house.events if isinstance(event, CallStarted)]
    assert (started[-1].caller, started[-1].caller_user) == ("102", "ben")
    assert not any("1234" in repr(event) for event in house.events)
    _, leg = await house.dial("desk-1", "*44")
    assert await house.result(leg) == "done"
    assert house.people.workplaces()[0]["user"] is None


async def test_the_pin_is_asked_for(house: House) -> None:
    await house.people.set("ben", pin="1234")
    _, leg = await house.dial("desk-1", "*44102")
    await house.press(leg, "1234#")
    await house.clock.settle(5)
    assert house.people.workplaces()[0]["user"] == "ben"
    assert not any(isinstance(event, CallDtmf) for event in house.events)


@pytest.mark.parametrize("number", ["*44102#4321", "*44103#1234", "*44999#1234", "*44200#1234", "*44#1234"])
async def test_without_the_right_pin_nobody_logs_in(house: House, number: str) -> None:
    await house.people.set("ben", pin="1234")
    _, leg = await house.dial("desk-1", number)
    assert await house.result(leg) == "refused"
    assert house.people.workplaces()[0]["user"] is None


async def test_guessing_a_pin_ends_soon(house: House) -> None:
    await house.people.set("ben", pin="1234")
    for _ in range(5):
        _, leg = await house.dial("desk-1", "*44102#0000")
        await house.clock.settle(3)
    _, leg = await house.dial("desk-1", "*44102#1234")
    assert await house.result(leg) == "refused"
    await house.clock.settle(300)
    _, leg = await house.dial("desk-1", "*44102#1234")
    assert await house.result(leg) == "done"


async def test_a_caller_who_hangs_up_in_the_middle_leaves_nothing_running(house: House) -> None:
    for number in ("*70", "*80", "*65", "*78"):
        _, leg = await house.dial("101", number)
        await house.clock.settle(0.1)
        leg.hangs_up()
        await house.clock.settle()
    assert house.board.calls == {}
    assert house.clock.pending == []
