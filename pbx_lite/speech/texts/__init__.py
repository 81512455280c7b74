"""What the PBX says: one table for each language, key to text.

A new prompt is a line in `en.py` and one of the same key and places in each other table, then `script/prompts`, which
makes the sounds.  What a language has not yet is said in English.

Places are filled by the parts that follow the key: `{name}` by the next Name or Recording, `{number}` by the next
Number, `{digits}` by the next Digits, `{moment}` by the next Moment, so that each language has its own order.
`{number:f}` asks for a form that the language's grammar has.  A text that depends on a number is a table of plural
categories (Unicode CLDR: one, few, other), and the first Number chooses; `one` may do without the place.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

type Text = str | Mapping[str, str]

LANGUAGES = ("en", "de", "fr", "nl", "sr", "bar")
"""`bar` is Bavarian."""


@cache
def texts(language: str) -> Mapping[str, Text]:
    """The table of one of `LANGUAGES`; read when somebody first speaks it."""
    table: Mapping[str, Text] = import_module(f"{__name__}.{language}").TEXTS
    return table
