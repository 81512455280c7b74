"""Minutes of packets from a phone whose clock is wrong, over a network that is not even."""

import random
from dataclasses import dataclass, field

import pytest

from pbx_lite.media.playout import Playout

_PACKETS = 5 * 60 * 50


@dataclass
class Heard:
    """`holes` are ticks without sound, `delays` the seconds between a packet's making and its playing."""

    holes: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    dropped: int = 0
    deepest: int = 0
    late: int = 0


def listen(*, ppm: float = 0.0, jitter: float = 0.0, loss: float = 0.0, spikes: float = 0.0) -> Heard:
    """Five minutes; `jitter` in seconds, `spikes` is how many of the packets come 100 ms later than that."""
    dice = random.Random(4)
    period = 0.02 * (1 + ppm * 1e-6)
    arrivals = []
    for number in range(_PACKETS):
        lost, spike = dice.random() < loss, dice.random() < spikes
        if not lost:
            arrivals.append((number * period + 0.003 + dice.random() * jitter + 0.1 * spike, number))
    arrivals.sort(reverse=True)
    buffer, heard, tick = Playout(160), Heard(), 0
    while arrivals:
        now = tick * 0.02
        while arrivals and arrivals[-1][0] <= now:
            number = arrivals.pop()[1]
            buffer.push(number * 160, number.to_bytes(4) * 40)
            if buffer.dropped is not None:
                heard.dropped, buffer.dropped = heard.dropped + 1, None
        sound = buffer.pull()
        if sound is None:
            heard.holes.append(tick)
        else:
            number = int.from_bytes(sound[:4])
            heard.numbers.append(number)
            heard.delays.append(now - number * period)
        heard.deepest = max(heard.deepest, buffer.depth)
        tick += 1
    heard.late = buffer.late
    return heard


@pytest.mark.parametrize("ppm", [-200, -50, 0, 50, 200])
@pytest.mark.parametrize("jitter", [0.0, 0.001, 0.012])
def test_a_clock_that_drifts_makes_no_delay_grow_and_no_regular_gaps(ppm, jitter):
    heard = listen(ppm=ppm, jitter=jitter)
    drifted = 300 * abs(ppm) * 1e-6 / 0.02  # steps that are too many or too few in all
    assert len([tick for tick in heard.holes if tick > 3]) <= drifted + 1
    assert heard.dropped <= drifted + 1
    assert heard.numbers == sorted(set(heard.numbers))
    assert heard.late == 0
    assert heard.deepest <= 2
    assert max(heard.delays[50:]) < 0.07


@pytest.mark.parametrize("jitter", [0.02, 0.04, 0.06])
def test_jitter_is_learned_and_costs_no_more_than_it_needs(jitter):
    heard = listen(jitter=jitter)
    assert len(heard.holes) < 8
    assert max(heard.delays[50:]) < jitter + 0.06


@pytest.mark.parametrize("ppm", [-200, 200])
def test_what_is_lost_on_the_way_is_lost_and_nothing_else(ppm):
    heard = listen(ppm=ppm, jitter=0.01, loss=0.02)
    assert len(heard.numbers) > 0.975 * _PACKETS
    assert max(heard.delays[50:]) < 0.08


def test_single_packets_that_are_very_late_do_not_make_the_room_late():
    heard = listen(jitter=0.004, spikes=0.001)
    assert heard.deepest <= 2
    assert max(heard.delays[50:]) < 0.07


def test_a_delay_that_jumps_up_is_followed_and_given_up_again():
    buffer, delays = Playout(160), []
    tick = 0
    for number in range(1500):
        # For a second in the middle everything is 200 ms late.
        shift = 10 if 300 <= number < 350 else 0
        while tick < number + shift:
            if (sound := buffer.pull()) is not None:
                delays.append(tick - int.from_bytes(sound[:4]))
            tick += 1
        buffer.push(number * 160, number.to_bytes(4) * 40)
    assert max(delays) >= 10
    assert delays[-1] <= 3
