"""Session timers (RFC 4028): how long a call lives without a sign of life, and who gives it.

What the headers say are pure functions; the clock is an argument.  Seconds throughout.
"""

from collections.abc import Callable

from pbx_lite.clock import Clock, Timer
from pbx_lite.sip.agent import Fields
from pbx_lite.sip.header_map import Headers
from pbx_lite.sip.message import Request, Response
from pbx_lite.values import dataclass

INTERVAL = 1800
SHORTEST = 90
"""Our Min-SE and the default of section 5, below which an interval is refused with 422."""

_FLOOR = 30  # an interval shorter than this, which no 2xx may name, is taken for this
_CEILING = 86400  # a Min-SE longer than this is not granted
_MARGIN = 32  # before the end of the interval, or a third of it, the call is given up (section 10)
_TRY_AGAIN = 10  # at least so long after a refresh that failed
_JUMPED = 10  # a timer that rings later than this says that the clock has jumped, not that the other side is silent
_UAC, _UAS = "uac", "uas"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The session ends after `interval` unless it is refreshed, by us where it is `ours`."""

    interval: int
    ours: bool


def asked(current: Agreement | None) -> Fields:
    """The fields of an INVITE or UPDATE of ours (section 7.1); in a dialog everyone keeps their role (section 7.4).

    Ours is the Min-SE that goes without saying.
    """
    if current is None:
        return (("Session-Expires", str(INTERVAL)),)
    return (("Session-Expires", f"{current.interval};refresher={_UAC if current.ours else _UAS}"),)


def outcome(answer: Response) -> Agreement | None:
    """What a 2xx to a request of ours says (section 7.2); None where the other side knows no timers."""
    told = _expires(answer.headers)
    if told is None:
        return None
    seconds, refresher = told
    return Agreement(max(seconds, _FLOOR), refresher != _UAS)


def lengthen(request: Request, answer: Response) -> bool:
    """Change a request that got 422 as its answer asks (section 7.3); False where that cannot be."""
    least = _min_se(answer.headers)
    told = _expires(request.headers)
    if told is None or not told[0] < least <= _CEILING:
        return False
    refresher = f";refresher={told[1]}" if told[1] else ""
    request.headers.set("Session-Expires", f"{least}{refresher}")
    request.headers.set("Min-SE", least)
    return True


def too_short(request: Request) -> Fields | None:
    """The fields of a 422 for an INVITE or UPDATE of theirs, None where there is no need of one (section 9)."""
    if "session-expires" not in request.headers:
        return None
    told = _expires(request.headers)
    if told is None or told[0] >= SHORTEST or not _knows_timers(request):
        return None
    return (("Min-SE", str(SHORTEST)),)


def granted(request: Request, current: Agreement | None = None) -> tuple[Fields, Agreement | None]:
    """The fields of our 2xx to an INVITE or UPDATE, and what they say (section 9); nothing is forced on anybody."""
    known = _knows_timers(request)
    told = _expires(request.headers)
    if told is None and not known:
        return (), current if current is not None and current.ours else None
    seconds, refresher = told or (current.interval if current is not None else INTERVAL, "")
    seconds = max(min(seconds, INTERVAL), SHORTEST, min(_min_se(request.headers), _CEILING))
    if not known:
        refresher = _UAS  # a proxy has asked; the phone itself refreshes nothing
    elif not refresher:
        refresher = _UAC if current is not None and not current.ours else _UAS
    fields = [("Session-Expires", f"{seconds};refresher={refresher}")]
    if refresher == _UAC:
        fields.append(("Require", "timer"))
    return fields, Agreement(seconds, refresher == _UAS)


class SessionTimer:
    """Calls `refresh` when it is our turn, until `agree` says that it worked or `retry` that it did not.

    Calls `expire`, once, when nobody has refreshed the session in time.
    """

    __slots__ = ("_clock", "_due_at", "_expire", "_last", "_refresh", "_timer", "_tried", "agreement")

    def __init__(self, clock: Clock, *, refresh: Callable[[], None], expire: Callable[[], None]) -> None:
        self.agreement: Agreement | None = None
        self._clock = clock
        self._refresh = refresh
        self._expire = expire
        self._timer: Timer | None = None
        self._due_at = 0.0
        self._last = 0.0
        self._tried = False

    def agree(self, agreement: Agreement | None) -> None:
        """The session is fresh; from now on this holds, None: it lasts until somebody hangs up."""
        self.stop()
        self.agreement = agreement
        if agreement is None:
            return
        interval = agreement.interval
        self._tried = False
        self._last = self._clock.time() + interval - min(_MARGIN, interval / 3)
        self._arm(self._clock.time() + interval / 2 if agreement.ours else self._last)

    def retry(self) -> None:
        """A refresh of ours failed: another one follows while there is time."""
        if self.agreement is None:
            return
        now = self._clock.time()
        left = self._last - now
        if left <= 0:
            self._give_up()
        else:
            self._arm(now + min(left, max(left / 2, _TRY_AGAIN)))

    def end(self) -> None:
        """Stop for good, and keep nothing of whom it called."""
        self.stop()
        self._refresh = self._expire = _nobody

    def stop(self) -> None:
        self.agreement = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, when: float) -> None:
        self._due_at = when
        self._timer = self._clock.call_at(when, self._due)

    def _due(self) -> None:
        self._timer = None
        now = self._clock.time()
        if self.agreement is None:
            return
        if self.agreement.ours:
            if now < self._last or not self._tried:
                self._tried = True
                self._refresh()
            else:
                self._give_up()
        elif now - self._due_at > _JUMPED:
            self._arm(now + _MARGIN)
        else:
            self._give_up()

    def _give_up(self) -> None:
        self.stop()
        self._expire()


def _knows_timers(request: Request) -> bool:
    return "timer" in request.tokens("supported") or "timer" in request.tokens("require")


def _expires(headers: Headers) -> tuple[int, str] | None:
    """Seconds and refresher ("" where none is named); None also for what cannot be read."""
    value = headers.get("session-expires")
    if value is None:
        return None
    number, _, params = value.partition(";")
    number = number.strip(" \t")
    if not _is_number(number):
        return None
    params = params.replace(" ", "").lower()
    return int(number), next((who for who in (_UAC, _UAS) if f"refresher={who}" in params), "")


def _min_se(headers: Headers) -> int:
    number = (headers.get("min-se") or "").partition(";")[0].strip(" \t")
    return int(number) if _is_number(number) else 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10


def _nobody() -> None:
    """Whoever wanted to hear is gone."""
