"""Dutch: every number below a hundred is a word of its own, ones before tens; days are counted, not ordered."""

from collections.abc import Iterator

from pbx_lite.speech.grammar.grammar import Grammar, day_then_month, numbered, one_or_other


def _time(grammar: Grammar, hour: int, minute: int) -> Iterator[str]:
    yield from grammar.number(hour)
    yield "word_hour"
    if minute:
        yield from grammar.number(minute)


def _numbers(first: str, tens: str) -> Iterator[str]:
    ones = first.split(", ")
    yield from ones
    for ten in tens.split(", "):
        yield ten
        for one in ("een", *ones[2:10]):
            yield one + ("ën" if one.endswith(("ee", "ie")) else "en") + ten


_NUMBERS = tuple(
    _numbers(
        "nul, één, twee, drie, vier, vijf, zes, zeven, acht, negen, tien, elf, twaalf, dertien, veertien, vijftien, "
        "zestien, zeventien, achttien, negentien",
        "twintig, dertig, veertig, vijftig, zestig, zeventig, tachtig, negentig",
    )
)

GRAMMAR = Grammar(
    words={
        **numbered("number", ",".join(_NUMBERS)),
        **numbered("number", "honderd," + ",".join(f"{one}honderd" for one in _NUMBERS[2:10]), first=100, step=100),
        **numbered("number", "duizend," + ",".join(f"{one}duizend" for one in _NUMBERS[2:10]), first=1000, step=1000),
        **numbered("day", ",".join(f"op {day}" for day in _NUMBERS[1:32]), first=1),
        **numbered("month", "januari, februari, maart, april, mei, juni, juli, augustus", first=1),
        **numbered("month", "september, oktober, november, december", first=9),
        **numbered("weekday", "op maandag om, op dinsdag om, op woensdag om, op donderdag om, op vrijdag om"),
        **numbered("weekday", "op zaterdag om, op zondag om", first=5),
        "word_today": "vandaag om",
        "word_yesterday": "gisteren om",
        "word_at": "om",
        "word_hour": "uur",
        "word_plus": "plus",
        "word_star": "sterretje",
        "word_hash": "hekje",
        "word_participant": "deelnemer",
        "word_room": "vergaderkamer",
    },
    plural=one_or_other,
    time=_time,
    day=day_then_month,
)
