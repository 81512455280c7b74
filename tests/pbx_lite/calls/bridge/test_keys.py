"""Keys that are passed on one after the other, and what becomes of those that cannot be."""

from pbx_lite.calls.bridge.keys import KeySender
from pbx_lite.errors import MediaError
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg


class Deaf(FakeLeg):
    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        raise MediaError("The keys cannot be sent.")


class Slow(FakeLeg):
    """Takes a second for each key."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        await super().send_dtmf(digits, how, digit_ms)
        await self.clock.sleep(1)


async def test_keys_go_out_one_after_the_other():
    clock = FakeClock()
    leg = Slow(clock)
    sender = KeySender(leg)
    sender.press("1")
    sender.press("2")
    await clock.settle()
    assert leg.told == ["dtmf 1 rfc4733 200"]
    await clock.settle(1)
    assert leg.told[1:] == ["dtmf 2 rfc4733 200"]
    await clock.settle(1)
    sender.press("3")
    await clock.settle(1)
    assert len(leg.told) == 3


async def test_a_flood_of_keys_is_cut():
    clock = FakeClock()
    leg = Slow(clock)
    sender = KeySender(leg)
    for _ in range(1000):
        sender.press("1")
    await clock.settle(100)
    assert len(leg.told) == 32


async def test_keys_that_cannot_be_sent_are_left_out():
    sender = KeySender(Deaf())
    sender.press("1")
    await FakeClock().settle()
    sender.press("2")
    await FakeClock().settle()


async def test_what_waits_is_forgotten_at_the_end():
    clock = FakeClock()
    leg = Slow(clock)
    sender = KeySender(leg)
    sender.press("1")
    sender.press("2")
    await clock.settle()
    sender.close()
    await clock.settle(5)
    assert len(leg.told) == 1
