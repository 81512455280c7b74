"""A browser as a party, its session played by hand."""

import pytest

from pbx_lite.calls.browser_leg import LOST_SECONDS, BrowserLeg, Told
from pbx_lite.calls.leg import ELSEWHERE, Answered, Dtmf, Ended, LegEvent, LegState, MediaChanged, Ringing
from pbx_lite.errors import Conflict, MediaError
from pbx_lite.media.port import G722, PCMA, PCMU, AudioPacket
from tests.support.clock import FakeClock
from tests.support.fake_media import FakeMedia


class Page:
    """One leg of a page, with what the page was told and what the call heard."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.told: list[Told] = []
        self.heard: list[LegEvent] = []
        self.leg = BrowserLeg(clock=self.clock, tell=self.told.append, first=PCMA)
        self.leg.listener = self.heard.append

    async def connect(self, media: FakeMedia | None = None) -> FakeMedia:
        media = media or FakeMedia(self.leg.codecs)
        assert await self.leg.connect(media, "offer") == "answer to offer"
        return media


@pytest.fixture
def page() -> Page:
    return Page()


async def test_a_page_that_rings_is_heard_to_ring_and_to_answer(page: Page) -> None:
    page.leg.rings()
    await page.clock.settle()
    await page.connect()
    page.leg.take()
    assert page.heard[:2] == [Ringing(), Answered()]
    assert page.leg.state is LegState.ANSWERED


async def test_what_rings_cannot_be_answered_before_it_can_be_heard(page: Page) -> None:
    page.leg.rings()
    with pytest.raises(Conflict):
        page.leg.take()


async def test_the_codec_of_the_other_party_comes_first(page: Page) -> None:
    assert page.leg.codecs[0] == PCMA
    page.leg.prefer(G722)
    assert page.leg.codecs[:2] == (G722, PCMU)


async def test_sound_passes_both_ways_once_there_is_a_session(page: Page) -> None:
    heard: list[AudioPacket] = []
    page.leg.audio.sink = heard.append
    packet = AudioPacket(PCMA, bytes(160), 0)
    page.leg.audio.send(packet)
    assert page.leg.audio.codec is None
    media = await page.connect()
    page.leg.audio.send(packet)
    media.audio.say(codec=PCMA)
    assert media.audio.heard == [packet]
    assert len(heard) == 1
    assert page.leg.audio.codec == PCMA


async def test_a_caller_in_a_browser_hears_how_the_call_goes(page: Page) -> None:
    page.leg.ring()
    page.leg.early_media()
    page.leg.answer()
    page.leg.hangup(ELSEWHERE)
    assert [told.state for told in page.told] == ["ringing", "early", "answered", "ended"]
    assert page.told[-1].elsewhere
    assert page.heard[-1] == Ended(ELSEWHERE)


async def test_a_reload_is_another_session_of_the_same_party(page: Page) -> None:
    first = await page.connect()
    page.leg.answer()
    first.becomes("failed")
    second = await page.connect()
    await page.clock.settle(LOST_SECONDS * 2)
    assert page.leg.state is LegState.ANSWERED
    assert page.heard[-1] == MediaChanged(held=None)
    page.leg.audio.send(AudioPacket(PCMA, bytes(160), 0))
    assert (len(first.audio.heard), len(second.audio.heard)) == (0, 1)


async def test_another_network_changes_the_session_without_a_hole(page: Page) -> None:
    packet = AudioPacket(PCMA, bytes(160), 0)
    first = await page.connect()
    first.becomes("connected")
    page.leg.answer()
    second = await page.connect()
    page.leg.audio.send(packet)
    assert (len(first.audio.heard), len(second.audio.heard)) == (1, 0)
    second.becomes("connected")
    page.leg.audio.send(packet)
    assert (len(first.audio.heard), len(second.audio.heard)) == (1, 1)
    await page.clock.settle()
    assert first.state == "closed"


async def test_a_new_session_that_never_works_leaves_the_old_one(page: Page) -> None:
    first = await page.connect()
    first.becomes("connected")
    page.leg.answer()
    (await page.connect()).becomes("failed")
    page.leg.audio.send(AudioPacket(PCMA, bytes(160), 0))
    assert len(first.audio.heard) == 1
    assert page.leg.media is first


async def test_an_old_session_that_dies_gives_way_to_the_new_one_at_once(page: Page) -> None:
    first = await page.connect()
    first.becomes("connected")
    page.leg.answer()
    second = await page.connect()
    first.becomes("closed")
    assert page.leg.media is second


async def test_a_party_whose_way_is_lost_for_long_has_left(page: Page) -> None:
    media = await page.connect()
    page.leg.answer()
    media.becomes("failed")
    await page.clock.settle(LOST_SECONDS + 1)
    assert page.leg.state is LegState.ENDED
    assert isinstance(page.heard[-1], Ended)


async def test_an_offer_that_makes_no_sense_changes_nothing(page: Page) -> None:
    first = await page.connect()
    page.leg.answer()
    with pytest.raises(MediaError):
        await page.leg.connect(FakeMedia(), "garbage")
    assert page.leg.media is first
    assert page.leg.state is LegState.ANSWERED


async def test_a_session_that_comes_after_the_end_is_closed(page: Page) -> None:
    page.leg.hangup()
    media = FakeMedia()
    with pytest.raises(Conflict):
        await page.leg.connect(media, "offer")
    assert media.state == "closed"


async def test_keys_of_the_page_are_keys_of_the_party(page: Page) -> None:
    page.leg.press("12#")
    assert page.heard == [Dtmf("1"), Dtmf("2"), Dtmf("#")]


async def test_pictures_are_shown_where_the_page_wants_them(page: Page) -> None:
    assert page.leg.video is None
    media = await page.connect(FakeMedia(video=True))
    assert page.leg.video is None, "a call that rings is of sound"
    page.leg.answer()
    assert page.heard[-1] == MediaChanged(held=None)
    wanted: list[bool] = []
    video = page.leg.video
    assert video is not None
    video.on_key_frame_wanted = lambda: wanted.append(True)
    media.video.loses_a_picture()
    assert wanted == [True]


async def test_whoever_is_there_now_is_shown(page: Page) -> None:
    page.leg.answer()
    page.leg.show("Ben", "102")
    assert page.told[-1] == Told(leg=page.leg.id, state="answered", name="Ben", number="102")
