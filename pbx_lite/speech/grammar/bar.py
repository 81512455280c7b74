"""Bavarian: as German; a number that counts something (form `a`) is shorter than one that stands alone."""

from collections.abc import Iterator

from pbx_lite.speech.grammar.grammar import Grammar, day_then_month, numbered, one_or_other


def _time(grammar: Grammar, hour: int, minute: int) -> Iterator[str]:
    yield from grammar.number(hour, "a")
    yield "word_hour"
    if minute:
        yield from grammar.number(minute)


def _tens(tens: str, before: str) -> Iterator[str]:
    for ten in tens.split(", "):
        yield ten
        for one in before.split(", "):
            yield one + ten


_ALONE = (
    "null, oans, zwoa, drei, viere, fimfe, sechse, simme, achte, neine, zehne, elfe, zwäife, dreizehne, viazehne, "
    "fuchzehne, sechzehne, sibzehne, achtzehne, neinzehne"
)
_COUNTING = (
    "oa, zwoa, drei, via, fimf, sechs, simm, acht, nein, zehn, elf, zwäif, dreizehn, viazehn, "
    "fuchzehn, sechzehn, sibzehn, achtzehn, neinzehn"
)
_TENS = tuple(
    _tens(
        "zwanzg, dreißg, vierzg, fuchzg, sechzg, sibzg, achtzg, neinzg",
        "oana, zwoara, dreia, viara, fimfa, sechsa, simma, achta, neina",
    )
)
_HUNDREDS = ", ".join(f"{one}hundat" for one in _COUNTING.split(", ")[1:9])
_THOUSANDS = ", ".join(f"{one}dausnd" for one in _COUNTING.split(", ")[1:9])
_ORDINALS = (
    "erstn, zwoatn, drittn, viertn, fimftn, sechstn, siebtn, achtn, neintn, zehntn, elftn, zwäiftn, dreizehntn, "
    "viazehntn, fuchzehntn, sechzehntn, sibzehntn, achtzehntn, neinzehntn"
)

GRAMMAR = Grammar(
    words={
        **numbered("number", _ALONE),
        **numbered("number", ", ".join(_TENS), first=20),
        **numbered("number", f"hundat, {_HUNDREDS}", first=100, step=100),
        **numbered("number", f"dausnd, {_THOUSANDS}", first=1000, step=1000),
        **{f"{key}_a": word for key, word in numbered("number", _COUNTING, first=1).items()},
        **numbered("day", ", ".join(f"am {word}" for word in _ORDINALS.split(", ")), first=1),
        **numbered("day", ", ".join(f"am {word}stn" for word in _TENS[:12]), first=20),
        **numbered("month", "Januar, Februar, März, April, Mai, Juni, Juli, August", first=1),
        **numbered("month", "September, Oktober, November, Dezember", first=9),
        **numbered("weekday", "am Mondog um, am Deanstog um, am Middwoch um, am Donnastog um, am Freidog um"),
        **numbered("weekday", "am Samsdog um, am Sonndog um", first=5),
        "word_today": "heid um",
        "word_yesterday": "gestan um",
        "word_at": "um",
        "word_hour": "Uhr",
        "word_plus": "plus",
        "word_star": "Stern",
        "word_hash": "Raute",
        "word_participant": "Teilnehma",
        "word_room": "Konferenzraum",
    },
    plural=one_or_other,
    time=_time,
    day=day_then_month,
)
