"""What all grammars have in common: hundreds and thousands are pieces of their own, what is below them differs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

MOST = 9999
"""The highest number that is spoken as one."""
_DAYS_BY_NAME = 7
_SIGNS = {"+": "word_plus", "*": "word_star", "#": "word_hash"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """One language.  `link` is the piece between hundreds and what is below them, empty for none.

    `words` has `number_0` and so on, every number below 100 that is no ten and a one behind each other, `number_100`
    to `number_900`, `number_1000` to `number_9000`; `number_1_f` is a form of one, as places ask for it.  `time` gives
    the pieces of an hour and a minute.  `day` gives those of a day of a month.
    """

    words: Mapping[str, str]
    plural: Callable[[int], str]
    time: Callable[[Grammar, int, int], Iterator[str]]
    day: Callable[[int, int], Iterator[str]]
    link: str = ""

    def number(self, value: int, form: str = "") -> Iterator[str]:
        """Pieces of a number; one that is negative or above `MOST` is said digit by digit."""
        if not 0 <= value <= MOST:
            yield from self.digits(str(value))
            return
        below = value % 100
        if value >= 1000:
            yield f"number_{value // 1000 * 1000}"
        if value % 1000 >= 100:
            yield f"number_{value % 1000 // 100 * 100}"
        if below or not value:
            if self.link and value > below:
                yield self.link
            yield from self._below(below, form)

    def digits(self, text: str) -> Iterator[str]:
        for sign in text:
            if sign in _SIGNS:
                yield _SIGNS[sign]
            elif sign.isascii() and sign.isdigit():
                yield f"number_{sign}"

    def moment(self, when: datetime, now: datetime) -> Iterator[str]:
        """Both in the house's time.  The year is not said."""
        days = (now.date() - when.date()).days
        if days in {0, 1}:
            yield ("word_today", "word_yesterday")[days]
        elif 0 < days < _DAYS_BY_NAME:
            yield f"weekday_{when.weekday()}"
        else:
            yield from self.day(when.day, when.month)
            yield "word_at"
        yield from self.time(self, when.hour, when.minute)

    def _below(self, value: int, form: str) -> Iterator[str]:
        """Below 100: the form (`fa`, else `f`) if there is one, else the piece, else a ten and a one."""
        for key in (f"number_{value}_{form}", f"number_{value}_{form[:1]}", f"number_{value}"):
            if key in self.words:
                yield key
                return
        yield f"number_{value // 10 * 10}"
        yield from self._below(value % 10, form)


def one_or_other(value: int) -> str:
    """The plural of most languages; French too, whose texts for one have the word and no place for a zero."""
    return "one" if value == 1 else "other"


def day_then_month(day: int, month: int) -> Iterator[str]:
    yield f"day_{day}"
    yield f"month_{month}"


def numbered(prefix: str, texts: str, *, first: int = 0, step: int = 1) -> dict[str, str]:
    """Pieces `prefix_first`, … of words that are separated by commas."""
    words = (word.strip() for word in texts.split(","))
    return {f"{prefix}_{first + at * step}": word for at, word in enumerate(words)}
