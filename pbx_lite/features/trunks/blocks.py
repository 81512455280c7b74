"""Whose number is it: single numbers and blocks of a line, and what they lead to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pbx_lite.features.trunks.numbers import destination, told_by_provider

OWN = "*"
"""As a target: the extension that stands behind the block's stem."""


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers that begin with `stem`.  A single number is its stem; behind that of a block stand digits.

    `first` and `last` are the extensions of `+498912340-99`, both empty where any digits may follow (`+49891234*`).
    """

    stem: str
    target: str
    first: str = ""
    last: str = ""
    open: bool = False
    written: str = field(default="", compare=False)

    def rest(self, number: str) -> str | None:
        """The digits behind the stem, "" for none; None where the number is not of this block."""
        if not number.startswith(self.stem):
            return None
        rest = number.removeprefix(self.stem)
        if self.open:
            return rest if not rest or _is_digits(rest) else None
        if not self.last:
            return None if rest else ""
        if not _is_digits(rest) or len(rest) > len(self.last):
            return None
        if len(self.first) == len(self.last):  # all of one length
            return rest if len(rest) == len(self.last) and self.first <= rest <= self.last else None
        return rest if int(rest) <= int(self.last) else None


@dataclass(frozen=True, slots=True)
class Match:
    """`number` is ours as it was called; `target` a name or an extension, `written` the entry that fits."""

    number: str
    target: str
    written: str = field(default="", compare=False)


def parse_block(written: str, target: str, *, country: str, area: str) -> Block:
    """One entry of a trunk's `numbers`.

    `+498912340-99` are the extensions 0 to 99 behind +49891234, as German blocks are written, and `+4989123400-99`
    those from 00 to 99; otherwise the digits before the dash are the first number's last ones (`+49891210-29`), or the
    dash is but one in a number (`+49891234-0`).
    """
    text, open_ = (written[:-1], True) if written.endswith(OWN) and len(written) > 1 else (written, False)
    first = last = ""
    head, dash, tail = text.rpartition("-")
    if dash and not open_ and 0 < len(tail) < len(head) and _is_digits(tail) and _is_digits(head.removeprefix("+")):
        text, last = head, tail
        width = len(last)
        nines_from_zero = text[-1] == "0" and text[-2:-1] != "0" and set(last) == {"9"}
        width = 1 if nines_from_zero else width
        text, first = text[:-width], text[-width:]
        if len(first) == len(last) and last < first:
            text, first, last = head + tail, "", ""
    stem = _stem(text, country, area) if open_ or last else _single(text, country, area)
    return Block(stem, target, first, last, open_, written)


class OwnNumbers:
    """The numbers of one line."""

    def __init__(self, entries: Iterable[tuple[str, str]], *, country: str, area: str = "") -> None:
        self._country, self._area = country, area
        blocks = [parse_block(written, target, country=country, area=area) for written, target in entries]
        self._blocks = sorted(blocks, key=_precision, reverse=True)

    @property
    def only(self) -> Match | None:
        """What a line of one single number leads to, however the provider calls that number."""
        if len(self._blocks) == 1 and not (self._blocks[0].open or self._blocks[0].last):
            return Match(self._blocks[0].stem, self._blocks[0].target, self._blocks[0].written)
        return None

    def find(self, called: str) -> Match | None:
        """Who is called by this number, in whatever form the provider told it: the longest entry that fits."""
        for candidate in told_by_provider(called, country=self._country, area=self._area):
            for block in self._blocks:
                rest = block.rest(candidate)
                if rest is None:
                    continue
                target = rest if block.target == OWN else block.target
                if target:
                    return Match(candidate, target, block.written)
        return None

    def number_of(self, names: Iterable[str]) -> str:
        """The number that leads to one of these names or extensions: what the other side is shown.  "" for none."""
        wanted = [name for name in names if name]
        for block in self._blocks:
            if block.target in wanted and not (block.open or block.last):
                return block.stem
        for block in self._blocks:
            for name in wanted:
                if block.target == OWN and name.isdigit() and block.rest(block.stem + name) is not None:
                    return block.stem + name
                if block.target == name and block.last:
                    return block.stem + block.first
        return ""


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _precision(block: Block) -> tuple[bool, int, bool]:
    return not (block.open or block.last), len(block.stem), bool(block.last)


def _single(text: str, country: str, area: str) -> str:
    found = destination(text, country=country, area=area)
    return found.number if found is not None and found.global_ else text


def _stem(text: str, country: str, area: str) -> str:
    """A number's beginning is too short to be checked as a number."""
    filler = "0" * max(0, 8 - len(text))
    return _single(text + filler, country, area).removesuffix(filler) if filler else _single(text, country, area)
