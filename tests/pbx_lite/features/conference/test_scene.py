"""What a room's picture shows."""

from typing import Any

import numpy as np
import pytest

from pbx_lite.features.conference.card import HEIGHT, WIDTH, draw
from pbx_lite.features.conference.scene import MOST_SHOWN, Person, Scene, initials
from pbx_lite.media.drawing.letters import MISSING
from pbx_lite.speech.texts import LANGUAGES

NAMES = ("Anna Müller", "Željko Đorđević", "Дарья Козлова", "王伟", "Otto", "+49 89 1234567", "")


def people(count: int) -> tuple[Person, ...]:
    return tuple(Person(name=f"Guest {number}", number=str(100 + number)) for number in range(count))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anna Müller", "AM"),
        ("otto", "O"),
        ("Carl-Friedrich von Weizsäcker", "CW"),
        ("Дарья Козлова", "ДК"),
        ("+49 89 1234", ""),
        ("Anna (mobile) 2", "A"),
        (f"{MISSING} Wei", "W"),
        ("", ""),
    ],
)
def test_circles_have_initials(name, letters):
    assert initials(name) == letters


def test_everybody_is_shown_as_far_as_there_is_room():
    scene = Scene(title="Table", people=people(MOST_SHOWN))
    assert (len(scene.shown), scene.more) == (12, "")
    scene = Scene(title="Table", people=people(MOST_SHOWN + 7))
    assert (len(scene.shown), scene.more) == (11, "and 8 more")


def test_who_talks_is_always_shown():
    crowd = [*people(20), Person(name="Anna", talking=True), Person(name="Ben", talking=True)]
    shown = Scene(title="Table", people=tuple(crowd)).shown
    assert [person.name for person in shown[-2:]] == ["Ben", "Anna"]
    everybody = tuple(Person(name=str(number), talking=True) for number in range(30))
    assert Scene(title="Table", people=everybody).shown == list(everybody[:11])


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, ""), (1, "1 min"), (59, "59 min"), (60, "1 h 00 min"), (605, "10 h 05 min")]
)
def test_how_long_somebody_has_been_there(minutes, words):
    assert Scene(title="Table", minutes=minutes).time == words


def test_words_are_in_the_languages_that_the_pbx_speaks():
    said = {Scene(title="Table", language=language).nobody for language in LANGUAGES}
    assert len(said) == len(LANGUAGES)
    assert Scene(title="Table", language="de", people=people(20)).more == "und 9 weitere"
    assert Scene(title="Table", language="tlh").nobody == "Nobody is here"


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13, 200])
def test_every_number_of_people_makes_a_picture(count):
    pixels = draw(Scene(title="Table", extension="800", people=people(count), minutes=5))
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.max() > 220


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Desk"}, {"extension": "801"}, {"listening": 1}, {"minutes": 6}, {"locked": True}, {"muted": True},
        {"recording": True}, {"people": (Person(name="Ben"),)}, {"people": (Person(name="Anna", talking=True),)},
        {"people": (Person(name="Anna", muted=True),)}, {"people": (Person(name="Anna", leader=True),)},
        {"people": (Person(name="Anna", number="101"),)}, {"people": ()},
    ],
)  # fmt: skip
def test_everything_that_changes_can_be_seen(changed):
    before: dict[str, Any] = {"title": "Table", "extension": "800", "people": (Person(name="Anna"),), "minutes": 5}
    assert (draw(Scene(**before)) != draw(Scene(**before | changed))).sum() > 100


def test_any_name_can_be_drawn():
    crowd = tuple(
        Person(name=name, number="101", talking=True, muted=True, leader=True) for name in (*NAMES, "x" * 500)
    )
    for scene in (
        Scene(
            title="y" * 500,
            extension="800",
            people=crowd,
            listening=3,
            minutes=90,
            locked=True,
            recording=True,
            muted=True,
        ),
        Scene(title="王伟"),
        Scene(title=""),
    ):
        assert draw(scene).shape == (HEIGHT, WIDTH, 3)


def test_a_name_without_letters_of_ours_is_shown_by_its_number():
    one, other = (draw(Scene(title="Table", people=(Person(name=name, number="104"),))) for name in ("王伟", "李娜"))
    below = np.s_[505:590]  # the circle
    assert (one[below] == other[below]).all()
    assert one[below].max() > 200
