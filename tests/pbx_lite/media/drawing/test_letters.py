"""Letters that need no font of the machine."""

import numpy as np
import pytest

from pbx_lite.media.drawing.canvas import Box, Canvas, shortened
from pbx_lite.media.drawing.letters import MISSING, icon, line, readable, width_of


@pytest.mark.parametrize(
    "name",
    [
        "Jürgen Groß",
        "Željko Đorđević",
        "Geneviève Lefèbvre",
        "Дарья Щукина",
        "Ћирилица Љубе",
        "Łukasz Żółć",
        "Ștefan Ţăran",
    ],
)
def test_names_of_europe_are_written_as_they_are(name):
    assert readable(name) == name
    assert width_of(name, 32) > 100
    assert line(name, 32, "Medium")[0].max() > 0.9


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Nguyễn", "Nguyen"),
        ("Otto 😀", "Otto"),
        ("Anna\n\tMüller\x00 ", "Anna Müller"),
        ("Mu\N{COMBINING DIAERESIS}ller", "Mu\N{COMBINING DIAERESIS}ller".replace("u\N{COMBINING DIAERESIS}", "ü")),
        ("王伟", MISSING * 2),
        ("", ""),
    ],
)
def test_what_has_no_letter_is_left_out_or_a_box(name, written):
    assert readable(name) == written


def test_every_letter_has_its_own_shape():
    shapes = {line(letter, 40, "Regular")[0].tobytes() for letter in "AÄBČDĐEЖЦИ12"}
    assert len(shapes) == 12


def test_letters_are_as_large_as_asked_for_and_may_be_larger_than_they_were_drawn():
    for size in (12, 32, 64, 80):
        shades, _, above = line("H", size, "Regular")
        rows = np.flatnonzero(shades.max(axis=1) > 0.5)
        assert abs(rows[-1] + 1 - above) <= 1  # stands on the base line
        assert len(rows) == pytest.approx(size * 0.711, abs=2)


def test_pairs_are_nearer_where_that_looks_better():
    assert width_of("AV", 64) < width_of("A", 64) + width_of("V", 64)


def test_words_that_are_too_long_end_in_dots():
    assert shortened("Anna", 32, "Regular", 500) == "Anna"
    short = shortened("Carl-Friedrich von Weizsäcker", 32, "Regular", 200)
    assert short.startswith("Carl-")
    assert short.endswith("…")
    assert width_of(short, 32) <= 200
    assert shortened("Anna", 32, "Regular", 0) == "…"


def test_signs_fill_their_square():
    assert icon("lock", 48).shape == (48, 48)
    assert 0.2 < icon("lock", 48).mean() < 0.8


def test_shapes_have_smooth_edges_and_stay_in_the_picture():
    canvas = Canvas(64, 64, (0, 0, 0))
    canvas.circle(32, 32, 16, (200, 100, 0))
    assert tuple(canvas.pixels[32, 32]) == (200, 100, 0)
    assert 0 < canvas.pixels[20, 21:44, 0].min() < 200
    canvas.box(Box(-20, 50, 200, 200), (0, 0, 255))
    canvas.text(-30, 10, "Words that are longer than the picture", 20, (255, 255, 255))
    canvas.icon(200, 200, "lock", 20, (255, 255, 255))
    assert tuple(canvas.pixels[63, 0]) == (0, 0, 255)
    canvas.frame(Box(8, 8, 40, 30), (0, 255, 0), radius=5, thickness=2)
    assert tuple(canvas.pixels[20, 8]) == (0, 255, 0)
    assert tuple(canvas.pixels[20, 12]) != (0, 255, 0)
