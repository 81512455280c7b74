"""German: every number below a hundred is a word of its own, the clock has twenty-four hours."""

from collections.abc import Iterator

from pbx_lite.speech.grammar.grammar import Grammar, day_then_month, numbered, one_or_other


def _time(grammar: Grammar, hour: int, minute: int) -> Iterator[str]:
    yield from grammar.number(hour, "m")
    yield "word_hour"
    if minute:
        yield from grammar.number(minute)


def _numbers(first: str, tens: str) -> Iterator[str]:
    ones = first.split(", ")
    yield from ones
    for ten in tens.split(", "):
        yield ten
        for one in ("ein", *ones[2:10]):
            yield f"{one}und{ten}"


_NUMBERS = tuple(
    _numbers(
        "null, eins, zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn, elf, zwölf, dreizehn, vierzehn, "
        "fünfzehn, sechzehn, siebzehn, achtzehn, neunzehn",
        "zwanzig, dreißig, vierzig, fünfzig, sechzig, siebzig, achtzig, neunzig",
    )
)
_ONES = ("ein", *_NUMBERS[2:10])


def _ordinals() -> Iterator[str]:
    special = {1: "ersten", 3: "dritten", 7: "siebten", 8: "achten"}
    for day in range(1, 32):
        yield "am " + (special.get(day) or _NUMBERS[day] + ("ten" if day < 20 else "sten"))


GRAMMAR = Grammar(
    words={
        **numbered("number", ",".join(_NUMBERS)),
        **numbered("number", "hundert," + ",".join(f"{one}hundert" for one in _ONES[1:]), first=100, step=100),
        **numbered("number", "tausend," + ",".join(f"{one}tausend" for one in _ONES[1:]), first=1000, step=1000),
        "number_1_m": "ein",
        "number_1_f": "eine",
        **numbered("day", ",".join(_ordinals()), first=1),
        **numbered("month", "Januar, Februar, März, April, Mai, Juni, Juli, August", first=1),
        **numbered("month", "September, Oktober, November, Dezember", first=9),
        **numbered("weekday", "am Montag um, am Dienstag um, am Mittwoch um, am Donnerstag um, am Freitag um"),
        **numbered("weekday", "am Samstag um, am Sonntag um", first=5),
        "word_today": "heute um",
        "word_yesterday": "gestern um",
        "word_at": "um",
        "word_hour": "Uhr",
        "word_plus": "plus",
        "word_star": "Stern",
        "word_hash": "Raute",
        "word_participant": "Teilnehmer",
        "word_room": "Konferenzraum",
    },
    plural=one_or_other,
    time=_time,
    day=day_then_month,
)
