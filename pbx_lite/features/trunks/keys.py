"""Which number is meant, by the lines that there are: what people write down, and what they dial."""

from collections.abc import Sequence

from pbx_lite.config import Trunk
from pbx_lite.features.trunks.numbers import key_of


class Keys:
    """Numbers are written as at home, in the country and area of the first line."""

    def __init__(self, trunks: Sequence[Trunk]) -> None:
        self._trunks = trunks
        self._home = trunks[0] if trunks else Trunk(name="")

    def written(self, number: str) -> str:
        """What all ways of writing a number have in common, "" for what is none (see `numbers.key_of`)."""
        return key_of(number, country=self._home.country, area=self._home.area)

    def dialled(self, number: str) -> str:
        """The same for a number as it was dialled, with the prefix of a line or without one."""
        if number.startswith("+"):
            return self.written(number)
        fitting = [each for each in self._trunks if number.startswith(each.prefix) and number != each.prefix]
        line = max(fitting, key=lambda each: len(each.prefix), default=None)
        if line is None:
            return self.written(number)
        return key_of(number.removeprefix(line.prefix), country=line.country, area=line.area)
