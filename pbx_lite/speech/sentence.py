"""From parts to pieces: which texts, numbers and names are to be heard one after the other.  Does no I/O."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pbx_lite.media.recording import Recording
from pbx_lite.speech.grammar import grammar
from pbx_lite.speech.parts import Digits, Moment, Name, Number, Part
from pbx_lite.speech.texts import LANGUAGES, Text, texts

_PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
_KINDS: Mapping[str, tuple[type, ...]] = {
    "name": (Name, Recording),
    "number": (Number,),
    "digits": (Digits,),
    "moment": (Moment,),
}
_ALWAYS = ""
"""The plural category of a text that has none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One stored sound, by its key."""

    language: str
    key: str


@dataclass(frozen=True, slots=True)
class Called:
    """A name, spoken in a language; what it sounds like is found out when it is due."""

    language: str
    name: Name


@dataclass(frozen=True, slots=True)
class Pause:
    """Between two sentences."""


type Spoken = Piece | Called | Pause | Recording


@dataclass(frozen=True, slots=True)
class Words:
    """What a text says between two places.  Before a place the text ends in a comma: the voice is not to fall."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    kind: str
    form: str


def sentence(parts: Sequence[Part], language: str, now: datetime) -> tuple[Spoken, ...]:
    """What to play, one after the other; `now` is in the house's time.

    What the language has no text for is said in English.  Raises KeyError for a key that English has not either.
    """
    return tuple(_sentence(list(parts), language, now))


def stored(language: str) -> dict[str, str]:
    """Every piece that is spoken in a language, key to text; numbers and days as what stands within a sentence."""
    pieces = {key: f"{word}," for key, word in grammar(language).words.items()}
    for forms in _table(language).values():
        pieces.update((each.key, each.text) for form in forms.values() for each in form if isinstance(each, Words))
    return pieces


def places(text: Text) -> set[str]:
    """The kinds of places in a text, in any of its forms."""
    forms = [text] if isinstance(text, str) else text.values()
    return {match[1] for form in forms for match in _PLACE.finditer(form)}


def _sentence(parts: list[Part], language: str, now: datetime) -> Iterator[Spoken]:
    begun = False
    while parts:
        part = parts.pop(0)
        if isinstance(part, str):
            if begun:
                yield Pause()
            speaks = language if part in _table(language) else LANGUAGES[0]
            yield from _prompt(_table(speaks)[part], parts, speaks, now)
        else:
            yield from _value(part, "", language, now)
        begun = True


def _prompt(
    forms: Mapping[str, tuple[Words | Place, ...]], parts: list[Part], language: str, now: datetime
) -> Iterator[Spoken]:
    """One text; takes from `parts` what fills its places, and leaves the rest."""
    count = len(parts)
    given = parts[: next((at for at in range(count) if isinstance(parts[at], str)), count)]
    category = _ALWAYS
    if _ALWAYS not in forms:
        value = next((part.value for part in given if isinstance(part, Number)), 0)
        category = grammar(language).plural(value)
        if not any(isinstance(each, Place) and each.kind == "number" for each in forms[category]):
            _take("number", given, parts)
    for each in forms[category]:
        if isinstance(each, Words):
            yield Piece(language, each.key)
        elif (part := _take(each.kind, given, parts)) is not None:
            yield from _value(part, each.form, language, now)


def _take(kind: str, given: list[Part], parts: list[Part]) -> Part | None:
    found = next((part for part in given if isinstance(part, _KINDS[kind])), None)
    if found is not None:
        given.remove(found)
        parts.remove(found)
    return found


def _value(part: Part, form: str, language: str, now: datetime) -> Iterator[Spoken]:
    speaks = grammar(language)
    match part:
        case Number(value):
            keys = speaks.number(value, form)
        case Digits(text):
            keys = speaks.digits(text)
        case Moment(when):
            keys = speaks.moment(when, now)
        case Name():
            yield Called(language, part)
            return
        case Recording():
            yield part
            return
        case _:
            return
    for key in keys:
        yield Piece(language, key)


@cache
def _table(language: str) -> Mapping[str, Mapping[str, tuple[Words | Place, ...]]]:
    """Key to plural category to what is to be said."""
    return {
        key: {
            category: tuple(_split(f"{key}.{category}" if category else key, form))
            for category, form in ({_ALWAYS: text} if isinstance(text, str) else text).items()
        }
        for key, text in texts(language).items()
    }


def _split(key: str, text: str) -> Iterator[Words | Place]:
    """`key` where the text has no places, else `key.1` and so on."""
    at, count = 0, 0
    for match in _PLACE.finditer(text):
        if words := text[at : match.start()].strip(" ,.:"):
            count += 1
            yield Words(f"{key}.{count}", words + ",")
        yield Place(match[1], match[2] or "")
        at = match.end()
    if words := text[at:].lstrip(" ,.:").strip():
        yield Words(f"{key}.{count + 1}" if at else key, words)
