"""Pages that ring, answer and call, on a switchboard whose other phones are played by hand."""

from collections.abc import Sequence

import pytest

from pbx_lite.calls.browser_leg import LOST_SECONDS, Told
from pbx_lite.calls.browsers import Browsers, News, Rang
from pbx_lite.calls.call import CallState
from pbx_lite.calls.leg import BUSY, REJECTED, LegState
from pbx_lite.calls.plan import Ring, Rung
from pbx_lite.clock import Clock
from pbx_lite.directory import User
from pbx_lite.errors import Conflict, Invalid, MediaError, NotFound
from pbx_lite.events import CallAnswered, CallEnded, UserChanged
from pbx_lite.features.softphone import Softphone
from pbx_lite.media.port import Codec
from tests.pbx_lite.calls.test_call import DIRECTORY, Home
from tests.support.fake_media import FakeMedia

ANNA, BEN = DIRECTORY.user("anna"), DIRECTORY.user("ben")


class House(Home):
    """The home, where Anna's page is open; a call to her rings it."""

    def __init__(self) -> None:
        super().__init__()
        self.browsers = Browsers(self.clock)
        self.media: list[FakeMedia] = []
        self.told: list[News] = []
        self.softphone = Softphone(
            browsers=self.browsers,
            switchboard=self.board,
            directory=DIRECTORY,
            bus=self.board.bus,
            clock=self.clock,
            make_media=self._make_media,
        )
        self.tell = self.told.append
        assert self.softphone.here(ANNA, "tab", self.tell, rings=True) == []

    def _make_media(self, _: Clock, codecs: Sequence[Codec]) -> FakeMedia:
        self.media.append(FakeMedia(codecs))
        return self.media[-1]

    async def rings(self) -> str:
        """Ben calls Anna; the leg of her page."""
        party = self.board.party_of("anna")
        assert party is not None
        rungs = tuple(Rung(target=page) for page in self.browsers.phones_of("anna"))
        self.plans["101"] = Ring(callee=party, rungs=rungs, seconds=30)
        self.dial("ben", "101")
        await self.clock.settle()
        return next(news.leg for news in self.told if isinstance(news, Rang))

    async def connect(self, leg: str, user: User = ANNA) -> str:
        return await self.softphone.connect(user, leg, session="s1", offer="offer", ice_servers=())

    def states(self) -> list[str]:
        return [news.state for news in self.told if isinstance(news, Told)]


@pytest.fixture
def house() -> House:
    return House()


async def test_a_call_is_taken_in_the_browser(house: House) -> None:
    leg = await house.rings()
    assert await house.connect(leg) == "answer to offer"
    house.softphone.answer(ANNA, leg)
    await house.clock.settle()
    (answered,) = house.heard(CallAnswered)
    assert (answered.by, answered.device) == ("anna", "browser:tab")
    house.softphone.hang_up(ANNA, leg)
    (ended,) = house.heard(CallEnded)
    assert (ended.by, ended.answered) == ("anna", True)


@pytest.mark.parametrize(("busy", "cause"), [(False, REJECTED), (True, BUSY)])
async def test_a_call_is_rejected_in_the_browser(house: House, busy: bool, cause: object) -> None:
    leg = await house.rings()
    house.softphone.reject(ANNA, leg, busy=busy)
    await house.clock.settle()
    (ended,) = house.heard(CallEnded)
    assert ended.cause == getattr(cause, "q850", None)


async def test_what_talks_is_hung_up_and_not_rejected(house: House) -> None:
    leg = await house.rings()
    await house.connect(leg)
    house.softphone.answer(ANNA, leg)
    with pytest.raises(Conflict):
        house.softphone.reject(ANNA, leg)


async def test_a_page_calls_and_hears_how_it_goes(house: House) -> None:
    leg, call, answer = await house.softphone.dial(ANNA, "tab", "tel:1 02", session="s1", offer="offer", ice_servers=())
    await house.clock.settle()
    house.legs["ben"].answers()
    await house.clock.settle()
    assert answer == "answer to offer"
    assert house.states() == ["answered"]
    assert house.board.calls[call].state is CallState.UP
    assert house.board.calls[call].seats[0].device == "browser:tab"
    house.legs["ben"].hangs_up()
    assert house.states()[-1] == "ended"
    with pytest.raises(NotFound):
        house.softphone.hang_up(ANNA, leg)


@pytest.mark.parametrize(
    ("number", "offer", "error"), [("", "offer", Invalid), ("a b<", "offer", Invalid), ("102", "garbage", MediaError)]
)
async def test_what_cannot_be_dialled_leaves_nothing(
    house: House, number: str, offer: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await house.softphone.dial(ANNA, "tab", number, session="s1", offer=offer, ice_servers=())
    assert house.board.calls == {}
    assert house.browsers.page("anna", "tab").legs == {}
    await house.softphone.dial(ANNA, "tab", "102", session="s1", offer="offer", ice_servers=())


async def test_only_a_page_that_is_there_calls(house: House) -> None:
    with pytest.raises(NotFound):
        await house.softphone.dial(BEN, "tab", "101", session="s1", offer="offer", ice_servers=())


async def test_nobody_answers_for_another(house: House) -> None:
    leg = await house.rings()
    with pytest.raises(NotFound):
        await house.connect(leg, BEN)
    with pytest.raises(NotFound):
        house.softphone.answer(BEN, leg)


async def test_candidates_reach_their_session_and_late_ones_do_no_harm(house: House) -> None:
    leg = await house.rings()
    await house.connect(leg)
    await house.softphone.candidate("s1", "candidate:1", "0", 0)
    await house.softphone.close_session("s1")
    await house.softphone.candidate("s1", "candidate:2", "0", 0)
    assert house.media[0].candidates == ["candidate:1"]


async def test_a_page_that_comes_back_is_told_of_the_call_it_is_in(house: House) -> None:
    leg, call, _ = await house.softphone.dial(ANNA, "tab", "102", session="s1", offer="offer", ice_servers=())
    await house.clock.settle()
    house.legs["ben"].answers()
    await house.clock.settle()
    house.softphone.gone("anna", "tab", house.tell)
    again: list[News] = []
    assert house.softphone.here(ANNA, "tab", again.append, rings=True) == [
        {"leg": leg, "state": LegState.ANSWERED.value, "call": call}
    ]


async def test_a_call_goes_on_at_another_page_once_it_is_heard_there(house: House) -> None:
    leg, call, _ = await house.softphone.dial(ANNA, "tab", "102", session="s1", offer="offer", ice_servers=())
    await house.clock.settle()
    house.legs["ben"].answers()
    await house.clock.settle()
    told: list[News] = []
    house.softphone.here(ANNA, "tablet", told.append, rings=True)
    taken, answer = await house.softphone.take(ANNA, "tablet", call, session="s2", offer="offer", ice_servers=())
    assert answer == "answer to offer"
    assert [seat.device for seat in house.board.calls[call].seats] == ["browser:tab", "ben's phone"]
    house.media[1].becomes("connected")
    assert {seat.device for seat in house.board.calls[call].seats} == {"browser:tablet", "ben's phone"}
    assert house.told[-1] == Told(leg=leg, state="ended", cause=26, reason="Call completed elsewhere", elsewhere=True)
    assert [(news.leg, news.state) for news in told if isinstance(news, Told)][-1][0] == taken
    assert "answered" in [news.state for news in told if isinstance(news, Told)]
    with pytest.raises(Conflict):
        await house.softphone.take(ANNA, "tablet", call, session="s3", offer="offer", ice_servers=())
    house.softphone.hang_up(ANNA, taken)
    assert house.board.calls == {}


async def test_a_page_that_is_never_heard_takes_nothing(house: House) -> None:
    _, call, _ = await house.softphone.dial(ANNA, "tab", "102", session="s1", offer="offer", ice_servers=())
    await house.clock.settle()
    house.softphone.here(ANNA, "tablet", lambda _: None, rings=True)
    with pytest.raises(Conflict):
        await house.softphone.take(ANNA, "tablet", call, session="s2", offer="offer", ice_servers=())
    house.legs["ben"].answers()
    await house.clock.settle()
    await house.softphone.take(ANNA, "tablet", call, session="s3", offer="offer", ice_servers=())
    house.media[-1].becomes("failed")
    await house.clock.settle(LOST_SECONDS + 1)
    assert house.browsers.page("anna", "tablet").legs == {}
    assert house.board.calls[call].state is CallState.UP
    with pytest.raises(NotFound):
        await house.softphone.take(BEN, "tab", call, session="s4", offer="offer", ice_servers=())


async def test_everybody_is_told_whose_browsers_come_and_go(house: House) -> None:
    house.events.clear()
    house.softphone.gone("anna", "tab", house.tell)
    assert house.heard(UserChanged) == [UserChanged(user="anna")]


async def test_nothing_is_left_when_it_closes(house: House) -> None:
    leg = await house.rings()
    await house.connect(leg)
    house.softphone.answer(ANNA, leg)
    await house.softphone.close()
    await house.clock.settle()
    assert house.board.calls == {}
    assert house.media[0].state == "closed"
