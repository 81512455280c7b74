"""Numbers as people and templates write them.  Knows nothing of Home Assistant."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

# What stands between digits for the eye.
_FOR_THE_EYE = re.compile(r"[\s()/.-]")
# The longest extension that may stand in YAML, or come out of a template, as a number.
_LONGEST_INTEGER = 999_999


def as_number(value: object) -> str:
    """What is dialled for this.  Raises ValueError for nothing, and for what may have lost its plus sign.

    A template that renders "+4989123456" hands over the integer 4989123456; `tel:` before it keeps it a text.
    """
    if isinstance(value, int) and not 0 <= value <= _LONGEST_INTEGER:
        raise ValueError(
            f"{value} may have lost its plus sign: put a long number in quotes, and tel: before a template"
        )
    is_written = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
    number = str(value).strip().removeprefix("tel:").strip() if is_written else ""
    if not number:
        raise ValueError("expected a number to dial")
    return number


def matches(patterns: Iterable[str], numbers: Iterable[str]) -> bool:
    """Whether one of the numbers is like one of the patterns: `*` stands for any digits, spaces count for nothing.

    Without a pattern every number is.
    """
    wanted = [_FOR_THE_EYE.sub("", pattern) for pattern in patterns]
    if not wanted:
        return True
    given = [_FOR_THE_EYE.sub("", number) for number in numbers]
    return any(fnmatchcase(number, pattern) for number in given for pattern in wanted)
