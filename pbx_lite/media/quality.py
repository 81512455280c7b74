"""What a line was like, as its reports and counters tell."""

from pbx_lite.values import dataclass


@dataclass(frozen=True, slots=True)
class LineQuality:
    """Packets received and lost, `jitter` and `round_trip` in seconds (None where the peer never reported)."""

    received: int = 0
    lost: int = 0
    jitter: float = 0.0
    round_trip: float | None = None
    codec: str = ""
