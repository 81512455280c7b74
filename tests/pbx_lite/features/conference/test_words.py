"""Rooms say nothing that the PBX has no words for."""

import re
from pathlib import Path

import pytest

import pbx_lite.features.conference
from pbx_lite.speech.texts import LANGUAGES, texts

CODE = "".join(path.read_text() for path in Path(pbx_lite.features.conference.__path__[0]).glob("*.py"))
SAID = set(re.findall(r'"(room_[a-z_]+)"', CODE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_rooms_say_has_words(language):
    assert len(SAID) > 20
    assert texts(language).keys() >= SAID


def test_nothing_is_kept_that_no_room_says():
    assert {key for key in texts("en") if key.startswith("room_")} <= SAID
