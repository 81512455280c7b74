"""How numbers are dialled and what they cost, country by country: tables, with a plain fallback for all others.

Prefixes are national ones without the trunk zero; the longest that fits counts.  The rows hold what is
generally known of the national plans; the regulators' own lists were not at hand and have the last word.
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What sort of number it is for the one who pays."""

    EMERGENCY = "emergency"
    INTERNAL = "internal"
    """A telephone at the FRITZ!Box that the line is of."""
    LOCAL = "local"
    NATIONAL = "national"
    MOBILE = "mobile"
    INTERNATIONAL = "international"
    PREMIUM = "premium"
    FRAUD = "fraud"
    """Where stolen accounts are made to call: allowed by naming its prefix alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """`trunk` is what a national number begins with, `international` what one abroad begins with.

    `short` are whole numbers or beginnings of numbers that are dialled without any prefix; a `*` ends a beginning.
    """

    code: str
    trunk: str = "0"
    international: str = "00"
    emergency: tuple[str, ...] = ("112",)
    short: tuple[tuple[str, Kind], ...] = ()
    kinds: tuple[tuple[str, Kind], ...] = ()


def _kinds(**prefixes: str) -> tuple[tuple[str, Kind], ...]:
    return tuple((prefix, Kind(kind)) for kind, text in prefixes.items() for prefix in text.split())


GERMANY = Country(
    code="49",
    emergency=("110", "112"),
    short=_kinds(national="115 116*", premium="118* 010*"),
    kinds=_kinds(
        mobile="15 160 162 163 17",
        # Call-by-call, innovative services, voting, 0180, online services, directory enquiries, premium rate.
        premium="10 12 13 164 168 169 180 19 118 700 900",
        national="32 800",
    ),
)
AUSTRIA = Country(
    code="43",
    emergency=("112", "122", "128", "133", "140", "141", "142", "144", "147"),
    short=_kinds(national="116*", premium="118*"),
    kinds=_kinds(
        mobile="650 651 652 653 655 657 659 660 661 663 664 665 666 667 668 669 67 68 69",
        premium="118 82 90 93 939",
        national="720 780 800 810 116 50 517 57 59",
    ),
)
SWITZERLAND = Country(
    code="41",
    emergency=("112", "117", "118", "143", "144", "145", "147", "1414", "1415"),
    short=_kinds(national="116* 140 161 162 163 164 166 187", premium="18*"),
    kinds=_kinds(mobile="74 75 76 77 78 79", premium="90 18", national="800 84 58 51"),
)
_OTHERS = {
    **{code: Country(code=code, trunk="") for code in ("30", "34", "39", "45", "47", "48", "351", "352", "356", "371",
       "372", "376", "377", "378", "420", "423")},
    "1": Country(code="1", trunk="1", international="011", emergency=("911", "112"),
                 kinds=_kinds(premium="900 976", national="800 833 844 855 866 877 888")),
    "7": Country(code="7", trunk="8", international="810"),
    "36": Country(code="36", trunk="06"),
    "44": Country(code="44", emergency=("999", "112"), kinds=_kinds(premium="9 70 76 84 87", mobile="7")),
}  # fmt: skip
_COUNTRIES = {each.code: each for each in (GERMANY, AUSTRIA, SWITZERLAND)} | _OTHERS

_ABROAD = _kinds(
    # Satellites, networks of no country, international premium rate and shared cost.
    premium="870 881 882 883 979 808 888 878 1900 1976",
    fraud=(
        # Islands of the North American plan that look like a call to the USA.
        "1242 1246 1264 1268 1284 1340 1345 1441 1473 1649 1658 1664 1721 1758 1767 1784 1809 1829 1849 1868 1869 1876 "
        "220 224 231 232 235 238 239 240 245 246 247 248 252 253 257 261 263 265 266 269 290 291 297 "
        "500 509 53 592 597 599 670 672 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 "
        "850 960 967"
    ),
    international="800",
)
"""Numbers in international form without the plus.  What is fraud here are destinations whose revenue is shared with
whoever makes the calls: small countries and islands, as is widely reported; nobody at home dials them by
accident, and who has friends there names the prefix."""


def country_of(code: str) -> Country:
    """The country's own table, else the usual way: 0 for the country, 00 for abroad, 112 for help."""
    return _COUNTRIES.get(code) or Country(code=code)


def own_country(digits: str) -> Country | None:
    """The country of the table that an international number, without its plus, belongs to."""
    return next((_COUNTRIES[digits[:size]] for size in (3, 2, 1) if digits[:size] in _COUNTRIES), None)


def kind_abroad(digits: str) -> Kind:
    """What a number in international form costs, seen from another country."""
    found = _longest(digits, _ABROAD)
    if found is not None:
        return found
    country = own_country(digits)
    if country is not None and kind_at_home(digits.removeprefix(country.code), country) is Kind.PREMIUM:
        return Kind.PREMIUM
    return Kind.INTERNATIONAL


def kind_at_home(national: str, country: Country) -> Kind:
    """What a national number without its trunk prefix costs in its own country."""
    return _longest(national, country.kinds) or Kind.NATIONAL


def kind_of_short(dialled: str, country: Country) -> Kind | None:
    """What a short number of the country costs; None where it is none."""
    if dialled in country.emergency:
        return Kind.EMERGENCY
    for number, kind in country.short:
        if dialled == number or (number[-1] == "*" and dialled.startswith(number[:-1])):
            return kind
    return None


def _longest(digits: str, table: tuple[tuple[str, Kind], ...]) -> Kind | None:
    fitting = [(prefix, kind) for prefix, kind in table if digits.startswith(prefix)]
    return max(fitting, key=lambda pair: len(pair[0]))[1] if fitting else None
