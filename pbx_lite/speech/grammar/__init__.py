"""How each language says numbers, days and times out of stored pieces of sound.

A piece is named by its key (`number_21`, `month_5`); a grammar's `words` has the text of each, which is what
`script/prompts` has spoken.  Nothing here knows how a piece sounds.
"""

from functools import cache
from importlib import import_module

from pbx_lite.speech.grammar.grammar import Grammar


@cache
def grammar(language: str) -> Grammar:
    """That of one of `texts.LANGUAGES`; read when somebody first speaks it."""
    found: Grammar = import_module(f"{__name__}.{language}").GRAMMAR
    return found
