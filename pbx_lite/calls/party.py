"""Who is at one end of a call, as the others are shown it."""

from pbx_lite.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """`number` and `name` are what a display shows; the other fields say what of ours it is, if anything.

    `trunk` is the line that somebody outside is reached by.  Who is `private` is told to nobody (RFC 3323).
    """

    number: str
    name: str = ""
    user: str = ""
    door: str = ""
    room: str = ""
    trunk: str = ""
    private: bool = False

    @property
    def external(self) -> bool:
        return bool(self.trunk)

    @property
    def shown(self) -> str:
        """What people call it: the name, else the number."""
        return "Anonymous" if self.private else self.name or self.number

    def public(self) -> Party:
        """As others may see it: nobody, where it is private."""
        return ANONYMOUS if self.private else self


ANONYMOUS = Party(number="anonymous", name="Anonymous", private=True)
