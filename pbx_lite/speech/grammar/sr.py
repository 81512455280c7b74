"""Serbian: one and two have genders (`f`, and `fa` for what is received), three plurals, the day in the genitive."""

from collections.abc import Iterator

from pbx_lite.speech.grammar.grammar import Grammar, day_then_month, numbered


def _plural(value: int) -> str:
    ones, tens = value % 10, value % 100
    if ones == 1 and tens != 11:
        return "one"
    return "few" if 2 <= ones <= 4 and not 12 <= tens <= 14 else "other"


def _time(grammar: Grammar, hour: int, minute: int) -> Iterator[str]:
    yield from grammar.number(hour)
    yield f"word_hour_{_plural(hour)}"
    if minute:
        yield "word_and"
        yield from grammar.number(minute)
        yield "word_minute_one" if _plural(minute) == "one" else "word_minute_other"


_ORDINALS = (
    "prvog, drugog, trećeg, četvrtog, petog, šestog, sedmog, osmog, devetog, desetog, jedanaestog, dvanaestog, "
    "trinaestog, četrnaestog, petnaestog, šesnaestog, sedamnaestog, osamnaestog, devetnaestog, dvadesetog"
)
_TWENTIES = ", ".join(f"dvadeset {word}" for word in _ORDINALS.split(", ")[:9])

GRAMMAR = Grammar(
    words={
        **numbered("number", "nula, jedan, dva, tri, četiri, pet, šest, sedam, osam, devet, deset, jedanaest"),
        **numbered("number", "dvanaest, trinaest, četrnaest, petnaest, šesnaest, sedamnaest, osamnaest", first=12),
        **numbered("number", "devetnaest, dvadeset", first=19),
        **numbered("number", "trideset, četrdeset, pedeset, šezdeset, sedamdeset", first=30, step=10),
        **numbered("number", "osamdeset, devedeset", first=80, step=10),
        **numbered("number", "sto, dvesta, trista, četiristo, petsto, šeststo", first=100, step=100),
        **numbered("number", "sedamsto, osamsto, devetsto", first=700, step=100),
        **numbered("number", "hiljadu, dve hiljade, tri hiljade, četiri hiljade, pet hiljada", first=1000, step=1000),
        **numbered("number", "šest hiljada, sedam hiljada, osam hiljada, devet hiljada", first=6000, step=1000),
        "number_1_f": "jedna",
        "number_1_fa": "jednu",
        "number_2_f": "dve",
        **numbered("day", f"{_ORDINALS}, {_TWENTIES}, tridesetog, trideset prvog", first=1),
        **numbered("month", "januara, februara, marta, aprila, maja, juna, jula, avgusta", first=1),
        **numbered("month", "septembra, oktobra, novembra, decembra", first=9),
        **numbered(
            "weekday", "u ponedeljak u, u utorak u, u sredu u, u četvrtak u, u petak u, u subotu u, u nedelju u"
        ),
        "word_today": "danas u",
        "word_yesterday": "juče u",
        "word_at": "u",
        "word_and": "i",
        "word_hour_one": "sat",
        "word_hour_few": "sata",
        "word_hour_other": "sati",
        "word_minute_one": "minut",
        "word_minute_other": "minuta",
        "word_plus": "plus",
        "word_star": "zvezdica",
        "word_hash": "taraba",
        "word_participant": "učesnik",
        "word_room": "konferencijska soba",
    },
    plural=_plural,
    time=_time,
    day=day_then_month,
)
