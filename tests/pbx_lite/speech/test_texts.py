"""Every language says everything, and has room for the same things."""

import ast
import re
from pathlib import Path

import pytest

import pbx_lite
from pbx_lite.speech.grammar import grammar
from pbx_lite.speech.sentence import places, stored
from pbx_lite.speech.texts import LANGUAGES, texts

ENGLISH, *OTHERS = LANGUAGES
PROMPT = re.compile(r"(room|voicemail|door|mobile)_[a-z_]+")


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_key_of_english_and_no_other(language):
    assert set(texts(language)) == set(texts(ENGLISH))


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_has_the_places_that_it_has_in_english(language):
    differing = {key for key, text in texts(language).items() if places(text) != places(texts(ENGLISH)[key])}
    assert differing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_depends_on_a_number_has_every_plural_of_its_language(language):
    categories = {grammar(language).plural(value) for value in range(200)}
    counted = {key: set(text) for key, text in texts(language).items() if not isinstance(text, str)}
    assert counted
    assert set(map(frozenset, counted.values())) == {frozenset(categories)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_of_one_number_alone_may_leave_the_number_out_and_no_other(language):
    speaks = grammar(language)
    for key, text in texts(language).items():
        for category, form in {} if isinstance(text, str) else text.items():
            several = sum(speaks.plural(value) == category for value in range(200)) > 1
            assert not several or "{number" in form, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_pieces_have_keys_that_name_files_and_texts_that_can_be_spoken(language):
    for key, text in stored(language).items():
        assert re.fullmatch(r"[a-z0-9_.]+", key), key
        assert re.search(r"\w", text), key
        assert not re.search(r"[{}<>\[\]_/]", text), key


def test_every_prompt_that_features_say_has_a_text():
    features = Path(pbx_lite.__file__).parent / "features"
    said = set()
    for path in [*features.glob("conference/*.py"), *features.glob("voicemail/*.py")]:
        tree = ast.parse(path.read_text())
        said |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and PROMPT.fullmatch(node.value)
        }
    known = set(texts(ENGLISH))
    wrong = {key for key in said - known if any(other.rpartition("_")[0] == key.rpartition("_")[0] for other in known)}
    assert wrong == set()
