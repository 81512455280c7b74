"""One flooder costs only itself."""

from pbx_lite.calls.rate import RateLimit


def test_a_burst_passes_and_what_follows_is_held_to_the_rate() -> None:
    limit = RateLimit(per_second=10, burst=20)
    at_once = sum(limit.admits("192.0.2.1", 0.0) for _ in range(100))
    a_second_later = sum(limit.admits("192.0.2.1", 1.0) for _ in range(100))

    assert (at_once, a_second_later) == (20, 10)


def test_others_are_not_held_back() -> None:
    limit = RateLimit(per_second=10, burst=20)
    for _ in range(100):
        limit.admits("192.0.2.1", 0.0)

    assert limit.admits("192.0.2.2", 0.0)


def test_spoofed_sources_do_not_fill_the_memory() -> None:
    limit = RateLimit(sources=10)
    for number in range(1000):
        limit.admits(f"source {number}", 0.0)

    assert len(limit._buckets) == 10
