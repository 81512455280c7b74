"""What people dial and what providers want: one form inside, E.164 with its plus."""

import re
from dataclasses import dataclass
from typing import Literal

from pbx_lite.features.trunks.countries import Country, Kind, country_of, kind_abroad, kind_at_home, kind_of_short

type Form = Literal["e164", "plain", "international", "national"]
"""`+49891`, `49891`, `0049891`, or `0891` at home and `0049891` from abroad."""

LONGEST = 15
"""Digits of a telephone number (ITU-T E.164)."""
_TRUNK_ZERO = re.compile(r"\(0\)")
_SEPARATORS = str.maketrans("", "", " -./()\u00a0\u2011\u2013")
_PLUS = re.compile(r"\+[1-9][0-9]{2,14}")
_DIGITS = re.compile(r"[0-9]{2,20}")
_BEYOND = re.compile(r"[A-Za-z,;]")
_NO_KEY = re.compile(r"[^0-9*#]")
_LONGEST_SHORT = 6
_FRITZBOX = re.compile(r"\*\*(?:[1-39]|5[0-9]|6[0-2][0-9])")
"""Telephones, answering machines (`**600`) and the call to all (`**9`); speed dial (`**7…`) leads outside: not here."""


@dataclass(frozen=True, slots=True)
class Destination:
    """`number` is E.164 with its plus; short numbers and those of unknown area stand as they were dialled."""

    number: str
    kind: Kind

    @property
    def global_(self) -> bool:
        return self.number.startswith("+")


def destination(dialled: str, *, country: str, area: str = "", star_codes: bool = False) -> Destination | None:
    """What a number means that is dialled in `country` and `area`; None for what is no number at all.

    `star_codes` lets the internal numbers of a FRITZ!Box through.
    """
    home = country_of(country)
    text = _TRUNK_ZERO.sub("", dialled).translate(_SEPARATORS)
    if star_codes and _FRITZBOX.fullmatch(text):
        return Destination(text, Kind.INTERNAL)
    if not text.startswith("+"):
        if not _DIGITS.fullmatch(text):
            return None
        if (kind := kind_of_short(text, home)) is not None:
            return Destination(text, kind)
        if text.startswith(home.international):
            text = "+" + text.removeprefix(home.international)
        elif text.startswith(home.trunk):
            text = f"+{home.code}{text.removeprefix(home.trunk)}"
        elif area:
            text = f"+{home.code}{area}{text}"
        else:
            return Destination(text, Kind.LOCAL) if len(text) <= LONGEST else None
    text = _without_zero(text, home)
    if not _PLUS.fullmatch(text):
        return None
    return Destination(text, _kind(text, home, area))


def present(number: str, form: Form, *, country: str) -> str:
    """A number of the inside as a provider wants it; what is not E.164 stays as it is."""
    if not number.startswith("+") or form == "e164":
        return number
    home, digits = country_of(country), number[1:]
    match form:
        case "plain":
            return digits
        case "national" if digits.startswith(home.code):
            return home.trunk + digits.removeprefix(home.code)
        case _:
            return home.international + digits


def told_by_provider(number: str, *, country: str, area: str = "") -> list[str]:
    """What a number may mean that a provider told, best guess first: providers leave the plus or the zeros out."""
    candidates = [number]
    digits = number.translate(_SEPARATORS)
    if _DIGITS.fullmatch(digits) and digits.startswith(country) and len(digits) > len(country) + 5:
        candidates.append(f"+{digits}")
    if (found := destination(number, country=country, area=area)) is not None:
        candidates.append(found.number)
    return list(dict.fromkeys(candidates))


def caller_number(number: str, *, country: str) -> str:
    """The number of somebody who calls, in the inside's form as far as that is certain."""
    home = country_of(country)
    digits = number.translate(_SEPARATORS)
    if not digits.startswith(("+", home.international)) and not (home.trunk and digits.startswith(home.trunk)):
        certain = digits.startswith(home.code) and len(digits) >= 11 and _DIGITS.fullmatch(digits)
        return f"+{digits}" if certain else number
    found = destination(number, country=country)
    return found.number if found is not None else number


def key_of(number: str, *, country: str, area: str = "") -> str:
    """What all ways of writing one number have in common, "" for what is no number.

    That is E.164 with its plus as far as it is certain, else the digits: `(089) 12 34`, `0049 89 1234` and `+49 (0)89
    1234-x5` are `+49891234` in country 49.  What follows a letter, comma or semicolon is pressed later, if ever.
    """
    home = country_of(country)
    text = _BEYOND.split(_TRUNK_ZERO.sub("", number.removeprefix("tel:")), maxsplit=1)[0]
    plus, digits = "+" in text, _NO_KEY.sub("", text)
    if not digits or not (digits.isascii() and digits.isdigit()):
        return digits
    whole = digits if plus else _with_country(digits, home, area)
    return _without_zero(f"+{whole}", home) if whole else digits


def _with_country(digits: str, home: Country, area: str) -> str:
    """E.164's digits of a number written at home, "" where they are not certain."""
    national = len(digits) > _LONGEST_SHORT
    if not national and kind_of_short(digits, home) is not None:
        return ""
    if digits.startswith(home.international):
        return digits.removeprefix(home.international)
    if home.trunk and digits.startswith(home.trunk):
        return home.code + digits.removeprefix(home.trunk)
    if digits.startswith(home.code) and len(digits) >= 11:
        return digits
    if national and (not home.trunk or (home.code == "1" and len(digits) == 10)):
        return home.code + digits
    return f"{home.code}{area}{digits}" if area else ""


def _without_zero(text: str, home: Country) -> str:
    """`+490900…` would be no premium number to a table but one to a provider: the trunk zero has no place there."""
    start = f"+{home.code}{home.trunk}"
    while home.trunk and text.startswith(start) and home.code != "1":
        text = f"+{home.code}{text[len(start) :]}"
    return text


def _kind(number: str, home: Country, area: str) -> Kind:
    digits = number[1:]
    if not digits.startswith(home.code):
        return kind_abroad(digits)
    if home.code == "1" and (abroad := kind_abroad(digits)) in {Kind.FRAUD, Kind.PREMIUM}:
        return abroad
    national = digits.removeprefix(home.code)
    kind = kind_at_home(national, home)
    return Kind.LOCAL if kind is Kind.NATIONAL and area and national.startswith(area) else kind
