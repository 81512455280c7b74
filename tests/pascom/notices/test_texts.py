"""What notifications say, in six languages, and what their buttons are worth."""

import re

import pytest

from custom_components.pascom.notices.apps import App
from custom_components.pascom.notices.offers import LIFETIME, MOST, Offers
from custom_components.pascom.notices.texts import TEXTS, texts_in

_PLACEHOLDER = re.compile(r"{(\w+)}")


def test_every_language_says_the_same() -> None:
    assert list(TEXTS) == ["en", "de", "fr", "nl", "sr", "bar"]
    for language, texts in TEXTS.items():
        assert list(texts) == list(TEXTS["en"]), language
        for key, text in texts.items():
            assert text == text.strip() != "", (language, key)
            assert set(_PLACEHOLDER.findall(text)) == set(_PLACEHOLDER.findall(TEXTS["en"][key])), (language, key)
            # Three buttons stand side by side on a phone.
            assert key not in {"answer", "decline", "open"} or len(text) <= 10, (language, key)


def test_the_nearest_language_is_spoken() -> None:
    assert texts_in(["sr-Latn"]) is TEXTS["sr"]
    assert texts_in(["xx", "fr"]) is TEXTS["fr"]
    assert texts_in(["xx"]) is texts_in([]) is TEXTS["en"]


async def _nothing() -> None: ...


def test_a_button_works_once_for_its_owner_while_it_is_offered() -> None:
    now = 100.0
    offers = Offers("abc", lambda: now)
    app = App(user="ha-anna", webhook="w1", name="phone")
    token = offers.make(app, "r1", "open", _nothing)
    assert offers.make(app, "r1", "open", _nothing) == token
    assert offers.make(app, "r2", "open", _nothing) != token
    assert offers.is_mine(token)
    assert not Offers("def", lambda: now).is_mine(token)
    with pytest.raises(PermissionError):
        offers.take(token, None, {})
    assert offers.take(token, "ha-anna", {}) is not None
    with pytest.raises(KeyError):
        offers.take(token, "ha-anna", {})
    later = offers.make(app, "r3", "open", _nothing)
    now += LIFETIME
    assert offers.take(later, "ha-anna", {}) is None


def test_no_more_buttons_are_remembered_than_make_sense() -> None:
    offers = Offers("abc", lambda: 0.0)
    app = App(user="ha-anna", webhook="w1", name="phone")
    first, *_ = [offers.make(app, f"r{number}", "open", _nothing) for number in range(MOST + 1)]
    assert offers.take(first, "ha-anna", {}) is None
