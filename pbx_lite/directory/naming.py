"""Names, extensions and passwords for what is created at runtime."""

import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable
from itertools import count

from pbx_lite.config import Secret

_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"})
_LEGIBLE = "abcdefghijkmnpqrstuvwxyz23456789"
"""Typed off a screen into a station's keypad: nothing that looks like something else."""


def name_for(display_name: str, taken: Collection[str], *, fallback: str) -> str:
    """A short name in ASCII: `Side door` becomes `side-door`, the second one `side-door-2`."""
    spelt = display_name.lower().translate(_SPELT_OUT)
    ascii_only = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:48] or fallback
    return next(each for number in count(1) if (each := name if number == 1 else f"{name}-{number}") not in taken)


def next_extension(siblings: Iterable[str], taken: Collection[str], *, first: int) -> str:
    """The lowest free one, from the lowest of `siblings` on or from `first` where there are none."""
    start = min((int(extension) for extension in siblings if not extension.startswith("0")), default=first)
    return next(str(number) for number in count(start) if str(number) not in taken)


def new_password() -> Secret:
    """80 bits, lower case letters and digits."""
    return Secret("".join(secrets.choice(_LEGIBLE) for _ in range(16)))
