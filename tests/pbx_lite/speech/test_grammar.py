"""Numbers, days and times, as each language says them."""

from datetime import datetime

import pytest

from pbx_lite.speech.grammar import grammar
from pbx_lite.speech.parts import Digits, Moment, Number, Part
from pbx_lite.speech.sentence import Piece, sentence, stored
from pbx_lite.speech.texts import LANGUAGES

NOW = datetime(2026, 11, 21, 14, 0)  # noqa: DTZ001 - the house's own time
"""A Saturday."""


def words(language: str, *parts: Part) -> str:
    texts = stored(language)
    pieces = sentence(parts, language, NOW)
    return " ".join(texts[each.key].strip(",") for each in pieces if isinstance(each, Piece))


def at(day: int, hour: int, minute: int, month: int = 11) -> Moment:
    return Moment(datetime(2026, month, day, hour, minute))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("en", 0, "zero"),
        ("en", 1, "one"),
        ("en", 21, "twenty one"),
        ("en", 100, "one hundred"),
        ("en", 105, "one hundred and five"),
        ("en", 1002, "one thousand and two"),
        ("en", 9999, "nine thousand nine hundred and ninety nine"),
        ("en", 10000, "one zero zero zero zero"),
        ("de", 0, "null"),
        ("de", 16, "sechzehn"),
        ("de", 21, "einundzwanzig"),
        ("de", 30, "dreißig"),
        ("de", 101, "hundert eins"),
        ("de", 777, "siebenhundert siebenundsiebzig"),
        ("de", 2026, "zweitausend sechsundzwanzig"),
        ("fr", 21, "vingt et un"),
        ("fr", 70, "soixante-dix"),
        ("fr", 71, "soixante et onze"),
        ("fr", 77, "soixante-dix-sept"),
        ("fr", 80, "quatre-vingts"),
        ("fr", 81, "quatre-vingt-un"),
        ("fr", 91, "quatre-vingt-onze"),
        ("fr", 99, "quatre-vingt-dix-neuf"),
        ("fr", 1999, "mille neuf cent quatre-vingt-dix-neuf"),
        ("nl", 14, "veertien"),
        ("nl", 21, "eenentwintig"),
        ("nl", 22, "tweeëntwintig"),
        ("nl", 83, "drieëntachtig"),
        ("nl", 99, "negenennegentig"),
        ("nl", 210, "tweehonderd tien"),
        ("sr", 11, "jedanaest"),
        ("sr", 21, "dvadeset jedan"),
        ("sr", 99, "devedeset devet"),
        ("sr", 600, "šeststo"),
        ("sr", 2345, "dve hiljade trista četrdeset pet"),
        ("bar", 2, "zwoa"),
        ("bar", 15, "fuchzehne"),
        ("bar", 21, "oanazwanzg"),
        ("bar", 99, "neinaneinzg"),
        ("bar", 1300, "dausnd dreihundat"),
    ],
)
def test_a_number_is_said_as_the_language_says_it(language, value, said):
    assert words(language, Number(value)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_up_to_9999_is_said_with_pieces_that_there_are(language):
    texts = stored(language)
    said = set()
    for value in range(10_000):
        spoken = tuple(grammar(language).number(value))
        assert all(key in texts for key in spoken), value
        said.add(spoken)
    assert len(said) == 10_000


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("en", 1, "You have one new message."),
        ("en", 2, "You have two new messages."),
        ("de", 1, "Sie haben eine neue Nachricht."),
        ("de", 12, "Sie haben zwölf neue Nachrichten."),
        ("fr", 1, "Vous avez un nouveau message."),
        ("fr", 91, "Vous avez quatre-vingt-onze nouveaux messages."),
        ("nl", 1, "U hebt één nieuw bericht."),
        ("nl", 3, "U hebt drie nieuwe berichten."),
        ("sr", 1, "Imate jednu novu poruku."),
        ("sr", 2, "Imate dve nove poruke."),
        ("sr", 5, "Imate pet novih poruka."),
        ("sr", 11, "Imate jedanaest novih poruka."),
        ("sr", 21, "Imate dvadeset jednu novu poruku."),
        ("sr", 22, "Imate dvadeset dve nove poruke."),
        ("sr", 112, "Imate sto dvanaest novih poruka."),
        ("bar", 1, "Sie ham oa neie Nachricht."),
        ("bar", 4, "Sie ham via neie Nachrichtn."),
    ],
)
def test_messages_are_counted_with_their_plural_and_gender(language, value, said):
    assert words(language, "voicemail_new", Number(value)) == said


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("fr", 21, "Il y a vingt et une personnes dans cette salle."),
        ("sr", 1, "U ovoj sobi je jedna osoba."),
        ("sr", 3, "U ovoj sobi su tri osobe."),
        ("sr", 8, "U ovoj sobi je osam osoba."),
        ("bar", 2, "In dem Raum san zwoa Leit."),
    ],
)
def test_people_are_counted_with_their_plural_and_gender(language, value, said):
    assert words(language, "room_count", Number(value)) == said


@pytest.mark.parametrize(
    ("language", "moment", "said"),
    [
        ("en", at(21, 14, 5), "today at two oh five p.m."),
        ("en", at(20, 0, 30), "yesterday at twelve thirty a.m."),
        ("en", at(16, 9, 0), "on Monday at nine a.m."),
        ("en", at(3, 12, 15, 5), "on May third at twelve fifteen p.m."),
        ("de", at(21, 14, 5), "heute um vierzehn Uhr fünf"),
        ("de", at(20, 1, 0), "gestern um ein Uhr"),
        ("de", at(15, 21, 21), "am Sonntag um einundzwanzig Uhr einundzwanzig"),
        ("de", at(7, 0, 1), "am siebten November um null Uhr eins"),
        ("fr", at(21, 14, 5), "aujourd'hui à quatorze heures cinq"),
        ("fr", at(20, 1, 0), "hier à une heure"),
        ("fr", at(1, 21, 30, 3), "le premier mars à vingt et une heures trente"),
        ("nl", at(21, 14, 5), "vandaag om veertien uur vijf"),
        ("nl", at(17, 8, 0), "op dinsdag om acht uur"),
        ("nl", at(22, 8, 0, 2), "op tweeëntwintig februari om acht uur"),
        ("sr", at(21, 14, 5), "danas u četrnaest sati i pet minuta"),
        ("sr", at(20, 1, 1), "juče u jedan sat i jedan minut"),
        ("sr", at(18, 22, 0), "u sredu u dvadeset dva sata"),
        ("sr", at(21, 0, 21, 5), "dvadeset prvog maja u nula sati i dvadeset jedan minut"),
        ("bar", at(21, 14, 5), "heid um viazehn Uhr fimfe"),
        ("bar", at(2, 4, 0, 8), "am zwoatn August um via Uhr"),
    ],
)
def test_a_moment_is_said_as_people_of_that_language_say_it(language, moment, said):
    assert words(language, moment) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_hour_and_minute_is_said_with_pieces_that_there_are(language):
    texts = stored(language)
    for month in range(1, 13):
        for day in range(1, 29):
            moment = datetime(2025, month, day, day % 24, day * 2)  # noqa: DTZ001
            assert all(key in texts for key in grammar(language).moment(moment, NOW))
    for day in range(29, 32):
        assert f"day_{day}" in texts
    for minute in range(24 * 60):
        assert all(key in texts for key in grammar(language).time(grammar(language), *divmod(minute, 60)))


def test_a_message_from_tomorrow_by_a_clock_that_was_wrong_has_its_date():
    assert words("en", Moment(datetime(2026, 11, 22, 9, 0))) == "on November twenty-second at nine a.m."  # noqa: DTZ001


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "+49 (89) 12*#", "plus four nine eight nine one two star hash"),
        ("de", "1002", "eins null null zwei"),
        ("fr", "*1", "étoile un"),
        ("nl", "#7", "hekje zeven"),
        ("sr", "012", "nula jedan dva"),
        ("bar", "45", "viere fimfe"),
        ("en", "²٣x", ""),
    ],
)
def test_digits_are_said_one_by_one_and_all_else_is_passed_over(language, text, said):
    assert words(language, Digits(text)) == said


@pytest.mark.parametrize("value", [-1, 10_000, 123_456])
def test_a_number_beyond_the_words_is_said_digit_by_digit(value):
    assert words("de", Number(value)) == words("de", Digits(str(abs(value))))


def test_a_number_of_ones_and_twos_has_its_gender_in_compounds_too():
    assert list(grammar("sr").number(1032, "f")) == ["number_1000", "number_30", "number_2_f"]
    assert list(grammar("fr").number(141, "f")) == ["number_100", "number_41_f"]
    assert list(grammar("de").number(1, "m")) == ["number_1_m"]
