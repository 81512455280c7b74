"""How many packets a source may send: a bucket per host that fills steadily, so that one flooder costs only itself."""

from collections import OrderedDict

from pbx_lite.values import dataclass

PER_SECOND = 1500.0
"""Far above any phone, and above a benchmark that sets up 200 calls a second."""
BURST = 3000.0
SOURCES = 4096


@dataclass(slots=True)
class _Bucket:
    """What was left in it `since` then."""

    left: float
    since: float


class RateLimit:
    """Memory is bounded: the source heard of longest ago is forgotten first."""

    def __init__(self, *, per_second: float = PER_SECOND, burst: float = BURST, sources: int = SOURCES) -> None:
        self._per_second = per_second
        self._burst = burst
        self._sources = sources
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def admits(self, source: str, now: float) -> bool:
        """Count one packet; False where the bucket is empty."""
        bucket = self._buckets.get(source)
        if bucket is None:
            bucket = self._buckets[source] = _Bucket(self._burst, now)
            if len(self._buckets) > self._sources:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(source)
        left = min(self._burst, bucket.left + (now - bucket.since) * self._per_second)
        admitted = left >= 1.0
        bucket.left = left - 1.0 if admitted else left
        bucket.since = now
        return admitted
