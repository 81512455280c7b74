"""French: every number below a hundred is a piece, seventy is sixty-ten; hours are pieces too, for the liaison."""

from collections.abc import Iterator

from pbx_lite.speech.grammar.grammar import Grammar, day_then_month, numbered, one_or_other


def _time(grammar: Grammar, hour: int, minute: int) -> Iterator[str]:
    yield f"hour_{hour}"
    if minute:
        yield from grammar.number(minute)


def _numbers() -> Iterator[str]:
    yield from _FIRST
    for ten in ("vingt", "trente", "quarante", "cinquante", "soixante"):
        yield ten
        yield f"{ten} et un"
        for one in _FIRST[2:10]:
            yield f"{ten}-{one}"
    yield "soixante-dix"
    yield "soixante et onze"
    for one in _FIRST[12:]:
        yield f"soixante-{one}"
    yield "quatre-vingts"
    for one in _FIRST[1:]:
        yield f"quatre-vingt-{one}"


_FIRST = tuple(
    numbered(
        "number",
        "zéro, un, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, treize, quatorze, quinze, "
        "seize, dix-sept, dix-huit, dix-neuf",
    ).values()
)
_NUMBERS = tuple(_numbers())
_FEMININE = {at: f"{word}e" for at, word in enumerate(_NUMBERS) if word.endswith((" un", "-un")) or word == "un"}


def _hour(hour: int) -> str:
    return f"{_FEMININE.get(hour, _NUMBERS[hour])} {'heure' if hour < 2 else 'heures'}"


GRAMMAR = Grammar(
    words={
        **numbered("number", ",".join(_NUMBERS)),
        **{f"number_{at}_f": word for at, word in _FEMININE.items()},
        **numbered("number", "cent," + ",".join(f"{one} cent" for one in _FIRST[2:10]), first=100, step=100),
        **numbered("number", "mille," + ",".join(f"{one} mille" for one in _FIRST[2:10]), first=1000, step=1000),
        **numbered("hour", ",".join(map(_hour, range(24)))),
        **numbered("day", "le premier," + ",".join(f"le {day}" for day in _NUMBERS[2:32]), first=1),
        **numbered("month", "janvier, février, mars, avril, mai, juin, juillet, août", first=1),
        **numbered("month", "septembre, octobre, novembre, décembre", first=9),
        **numbered("weekday", "lundi à, mardi à, mercredi à, jeudi à, vendredi à, samedi à, dimanche à"),
        "word_today": "aujourd'hui à",
        "word_yesterday": "hier à",
        "word_at": "à",
        "word_plus": "plus",
        "word_star": "étoile",
        "word_hash": "dièse",
        "word_participant": "participant",
        "word_room": "salle de conférence",
    },
    plural=one_or_other,
    time=_time,
    day=day_then_month,
)
