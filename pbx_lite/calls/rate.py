"""How many packets a source may send: a bucket per host that fills steadily, so that one flooder costs only itself."""

from collections import OrderedDict

PER_SECOND = 1500.0
"""Far above any phone, and above a benchmark that sets up 200 calls a second."""
BURST = 3000.0
SOURCES = 4096


class RateLimit:
    """Memory is bounded: the source heard of longest ago is forgotten first."""

    def __init__(self, *, per_second: float = PER_SECOND, burst: float = BURST, sources: int = SOURCES) -> None:
        self._per_second = per_second
        self._burst = burst
        self._sources = sources
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, source: str, now: float) -> bool:
        """Count one packet; False where the bucket is empty."""
        left, since = self._buckets.get(source, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        admitted = left >= 1.0
        self._buckets[source] = (left - 1.0 if admitted else left, now)
        self._buckets.move_to_end(source)
        if len(self._buckets) > self._sources:
            self._buckets.popitem(last=False)
        return admitted
