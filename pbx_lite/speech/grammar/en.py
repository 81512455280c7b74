"""English: tens and ones behind each other, "and" after hundreds, the clock of twelve hours."""

from collections.abc import Iterator

from pbx_lite.speech.grammar.grammar import Grammar, numbered, one_or_other


def _time(grammar: Grammar, hour: int, minute: int) -> Iterator[str]:
    yield from grammar.number(hour % 12 or 12)
    if 0 < minute < 10:
        yield "word_oh"
    if minute:
        yield from grammar.number(minute)
    yield "word_am" if hour < 12 else "word_pm"


def _day(day: int, month: int) -> Iterator[str]:
    yield f"month_{month}"
    yield f"day_{day}"


_ONES = "one, two, three, four, five, six, seven, eight, nine"

GRAMMAR = Grammar(
    words={
        **numbered("number", "zero, " + _ONES),
        **numbered("number", "ten, eleven, twelve, thirteen, fourteen, fifteen", first=10),
        **numbered("number", "sixteen, seventeen, eighteen, nineteen", first=16),
        **numbered("number", "twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety", first=20, step=10),
        **numbered("number", ", ".join(f"{one} hundred" for one in _ONES.split(", ")), first=100, step=100),
        **numbered("number", ", ".join(f"{one} thousand" for one in _ONES.split(", ")), first=1000, step=1000),
        **numbered("day", "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth", first=1),
        **numbered("day", "eleventh, twelfth, thirteenth, fourteenth, fifteenth, sixteenth, seventeenth", first=11),
        **numbered("day", "eighteenth, nineteenth, twentieth, twenty-first, twenty-second, twenty-third", first=18),
        **numbered("day", "twenty-fourth, twenty-fifth, twenty-sixth, twenty-seventh, twenty-eighth", first=24),
        **numbered("day", "twenty-ninth, thirtieth, thirty-first", first=29),
        **numbered("month", "on January, on February, on March, on April, on May, on June, on July", first=1),
        **numbered("month", "on August, on September, on October, on November, on December", first=8),
        **numbered("weekday", "on Monday at, on Tuesday at, on Wednesday at, on Thursday at, on Friday at"),
        **numbered("weekday", "on Saturday at, on Sunday at", first=5),
        "word_and": "and",
        "word_today": "today at",
        "word_yesterday": "yesterday at",
        "word_at": "at",
        "word_oh": "oh",
        "word_am": "a.m.",
        "word_pm": "p.m.",
        "word_plus": "plus",
        "word_star": "star",
        "word_hash": "hash",
        "word_participant": "participant",
        "word_room": "conference room",
    },
    plural=one_or_other,
    time=_time,
    day=_day,
    link="word_and",
)
