"""Keys as packets and messages: telephone-event (RFC 4733) and the bodies of SIP INFO; tones are `tones`, `inband`."""

from collections.abc import Iterator
from struct import Struct

KEYS = "0123456789*#ABCD"
_EVENT = Struct("!BBH")
_END = 0x80
_VOLUME = 10  # -10 dBm0
_END_REPEATS = 3


def is_key(digit: str) -> bool:
    return len(digit) == 1 and digit.upper() in KEYS


def events(digit: str, duration: int, step: int) -> Iterator[bytes]:
    """The payloads of one key press: one each `step` ticks while it lasts `duration`, then the end three times."""
    number = KEYS.index(digit.upper())
    for elapsed in range(step, max(duration, step), step):
        yield _EVENT.pack(number, _VOLUME, min(elapsed, 0xFFFF))
    for _ in range(_END_REPEATS):
        yield _EVENT.pack(number, _VOLUME | _END, min(max(duration, step), 0xFFFF))


class EventReceiver:
    """Tells each key once, at its first packet, whatever a station does to markers, ends and timestamps."""

    def __init__(self) -> None:
        self._event: int | None = None
        self._timestamp = 0
        self._duration = 0
        self._ended = False

    def reset(self) -> None:
        self._event = None

    def push(self, payload: bytes, timestamp: int) -> str | None:
        """The key that this packet begins, None for the rest of a key known already."""
        if len(payload) < 4:
            return None
        event, flags, duration = _EVENT.unpack_from(payload)
        if event >= len(KEYS):
            return None
        ended = bool(flags & _END)
        ahead = (timestamp - self._timestamp) & 0xFFFFFFFF
        known = self._event is not None and (
            ahead == 0 or ahead >= 0x80000000 or self._goes_on(event, duration, ahead, ended=ended)
        )
        if known and ahead >= 0x80000000:  # a late packet of a key before this one
            return None
        self._event, self._timestamp, self._duration = event, timestamp, duration
        self._ended = ended or (known and self._ended and ahead == 0)
        return None if known else KEYS[event]

    def _goes_on(self, event: int, duration: int, ahead: int, *, ended: bool) -> bool:
        """Whether a new timestamp is no new key: segments of long presses, and stations that count it on."""
        if event != self._event:
            return False
        if self._ended:
            return ended and duration == self._duration and ahead < 1000
        return duration > self._duration or ahead in {self._duration, 0xFFFF}


def info_body(digit: str, duration_ms: int) -> bytes:
    """The body of an INFO with `application/dtmf-relay`."""
    return f"Signal={digit.upper()}\r\nDuration={duration_ms}\r\n".encode()


def parse_info(content_type: str, body: bytes) -> str | None:
    """The key in the body of an INFO, None if it is about something else or makes no sense."""
    kind = content_type.partition(";")[0].strip().lower()
    text = body[:200].decode("ascii", "replace")
    if kind == "application/dtmf":
        key = text.strip()
    elif kind == "application/dtmf-relay":
        fields = (line.replace(":", "=", 1).partition("=") for line in text.splitlines())
        key = next((value.strip() for name, _, value in fields if name.strip().lower() == "signal"), "")
    else:
        return None
    key = {"10": "*", "11": "#", "star": "*", "pound": "#"}.get(key.lower(), key)
    return key.upper() if is_key(key) else None
