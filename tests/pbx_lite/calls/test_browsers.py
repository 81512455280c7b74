import pytest

from pbx_lite.calls.browser_leg import LOST_SECONDS
from pbx_lite.calls.browsers import MOST_DEVICES, MOST_LEGS, Browsers, News, Rang
from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import Ended, LegEvent, LegState
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt
from pbx_lite.errors import Busy, NotFound, Unavailable
from tests.pbx_lite.calls.test_call import Home
from tests.support.clock import FakeClock
from tests.support.fake_media import FakeMedia

CALLER = Party(number="102", name="Ben", user="ben")


class Pages:
    """Browsers, and what each page was told."""

    def __init__(self) -> None:
        self.changed: list[str] = []
        self.arrived: list[str] = []
        self.clock = FakeClock()
        self.browsers = Browsers(self.clock)
        self.browsers.on_change = self.changed.append
        self.browsers.on_arrival = self.arrived.append
        self.told: list[News] = []
        self.tell = self.told.append

    def attempt(self) -> Attempt:
        call = Call(Home().board, caller=CALLER, number="101")
        return Attempt(call=call, caller=CALLER, number="101")


@pytest.fixture
def pages() -> Pages:
    return Pages()


async def test_a_page_that_is_there_rings_and_says_who_calls(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    (browser,) = pages.browsers.phones_of("anna")
    leg = await browser.ring(attempt := pages.attempt())
    assert pages.told == [
        Rang(leg=pages.browsers.leg("anna", pages.told[0].leg).id, call=attempt.call.id, name="Ben", number="102")
    ]
    assert leg.state is LegState.RINGING
    assert (browser.user, browser.device, browser.account) == ("anna", "browser:tablet", "browser")
    assert pages.arrived == pages.changed == ["anna"]


async def test_a_page_that_does_not_want_to_ring_is_not_rung(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell, rings=False)
    assert pages.browsers.phones_of("anna") == []
    assert pages.browsers.page("anna", "tablet").device == "tablet"


async def test_what_rings_on_a_page_that_closes_stops(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    (browser,) = pages.browsers.phones_of("anna")
    leg = await browser.ring(pages.attempt())
    heard: list[LegEvent] = []
    leg.listener = heard.append
    pages.browsers.gone("anna", "tablet", pages.tell)
    assert isinstance(heard[0], Ended)
    assert pages.browsers.phones_of("anna") == []
    with pytest.raises(Unavailable):
        await browser.ring(pages.attempt())


async def test_who_talks_finds_the_call_again_after_a_new_connection(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    leg = pages.browsers.new_leg(pages.browsers.page("anna", "tablet"))
    leg.answer()
    pages.browsers.gone("anna", "tablet", pages.tell)
    again: list[News] = []
    assert pages.browsers.here("anna", "tablet", again.append) == [leg]


async def test_who_calls_may_reload_the_page_and_finds_the_call_still_ringing(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    leg = pages.browsers.new_leg(pages.browsers.page("anna", "tablet"))
    leg.ring()
    pages.browsers.gone("anna", "tablet", pages.tell)
    await pages.clock.settle(LOST_SECONDS - 1)
    assert pages.browsers.here("anna", "tablet", pages.tell) == [leg]
    media = FakeMedia()
    await leg.connect(media, "offer")
    media.becomes("connected")
    await pages.clock.settle(2)
    assert leg.state is LegState.RINGING


async def test_who_calls_and_stays_away_has_hung_up(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    leg = pages.browsers.new_leg(pages.browsers.page("anna", "tablet"))
    leg.ring()
    pages.browsers.gone("anna", "tablet", pages.tell)
    await pages.clock.settle(LOST_SECONDS + 1)
    assert leg.state is LegState.ENDED


async def test_a_call_that_is_answered_while_the_page_is_away_goes_on_where_it_is_heard(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    leg = pages.browsers.new_leg(pages.browsers.page("anna", "tablet"))
    media = FakeMedia()
    await leg.connect(media, "offer")
    media.becomes("connected")
    pages.browsers.gone("anna", "tablet", pages.tell)
    leg.answer()
    await pages.clock.settle(LOST_SECONDS + 1)
    assert leg.state is LegState.ANSWERED


async def test_a_connection_that_was_replaced_closes_nothing(pages: Pages) -> None:
    other: list[News] = []
    pages.browsers.here("anna", "tablet", pages.tell)
    pages.browsers.here("anna", "tablet", other.append)
    pages.browsers.gone("anna", "tablet", pages.tell)
    assert len(pages.browsers.phones_of("anna")) == 1


async def test_nobody_steers_the_leg_of_another(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    leg = pages.browsers.new_leg(pages.browsers.page("anna", "tablet"))
    with pytest.raises(NotFound):
        pages.browsers.leg("ben", leg.id)


async def test_pages_and_calls_are_limited(pages: Pages) -> None:
    for number in range(MOST_DEVICES):
        pages.browsers.here("anna", f"tab {number}", pages.tell)
    with pytest.raises(Busy):
        pages.browsers.here("anna", "one more", pages.tell)
    page = pages.browsers.page("anna", "tab 0")
    for _ in range(MOST_LEGS):
        pages.browsers.new_leg(page)
    with pytest.raises(Busy):
        pages.browsers.new_leg(page)


async def test_pages_of_a_user_who_was_removed_are_nobodys(pages: Pages) -> None:
    pages.browsers.here("anna", "tablet", pages.tell)
    leg = pages.browsers.new_leg(pages.browsers.page("anna", "tablet"))
    pages.browsers.forget(["anna"])
    assert leg.state is LegState.ENDED
    with pytest.raises(NotFound):
        pages.browsers.page("anna", "tablet")
