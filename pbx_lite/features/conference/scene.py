"""What a room's picture shows, as values: nothing here draws."""

from collections.abc import Sequence

from pbx_lite.values import dataclass

MOST_SHOWN = 12
"""Cards; where more people are there, the last card says how many."""

_WORDS = {
    "en": ("Nobody is here", "and {} more"),
    "de": ("Niemand ist da", "und {} weitere"),
    "fr": ("Personne n'est là", "et {} autres"),
    "nl": ("Er is niemand", "en nog {}"),
    "sr": ("Nema nikoga", "i još {}"),
    "bar": ("Koana is do", "und no {}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in the room, as the others may see them."""

    name: str
    number: str = ""
    leader: bool = False
    talking: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`listening` are those who only listen, `minutes` how long somebody has been there."""

    title: str
    extension: str = ""
    people: tuple[Person, ...] = ()
    listening: int = 0
    minutes: int = 0
    locked: bool = False
    recording: bool = False
    muted: bool = False
    language: str = "en"

    @property
    def nobody(self) -> str:
        return _words(self.language)[0]

    @property
    def shown(self) -> Sequence[Person]:
        """Those who have a card: in their order, but who talks is always one of them."""
        people = self.people
        if len(people) <= MOST_SHOWN:
            return people
        first, others = list(people[: MOST_SHOWN - 1]), people[MOST_SHOWN - 1 :]
        places = [at for at, person in enumerate(first) if not person.talking]
        for person in others:
            if person.talking and places:
                first[places.pop()] = person
        return first

    @property
    def more(self) -> str:
        """How many have none, in words; empty where all have."""
        hidden = len(self.people) - len(self.shown)
        return _words(self.language)[1].format(hidden) if hidden else ""

    @property
    def time(self) -> str:
        """Nothing before the first minute is over."""
        hours, minutes = divmod(self.minutes, 60)
        return f"{hours} h {minutes:02} min" if hours else f"{minutes} min" if minutes else ""


def initials(name: str) -> str:
    """Of the first and the last word that begin with a letter; empty where there is no letter."""
    letters = [word[0] for word in name.replace("-", " ").split() if word[0].isalpha()]
    return "".join(letters if len(letters) < 2 else (letters[0], letters[-1])).upper()


def _words(language: str) -> tuple[str, str]:
    return _WORDS.get(language, _WORDS["en"])
