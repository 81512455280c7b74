import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pbx_lite.log_book import HIDDEN, MOST_CHARACTERS, LogBook

LOGGER = logging.getLogger("pbx_lite.features.doorbell.door_call")


@pytest.fixture
def book() -> Iterator[LogBook]:
    book = LogBook(lambda: {"abcdef123456", "with space", "0815"}, most=5)
    book.open()
    level, LOGGER.level = LOGGER.level, logging.DEBUG
    yield book
    LOGGER.setLevel(level)
    book.close()


def texts(book: LogBook, **wanted: Any) -> list[str]:
    return [line.text for line in book.read(**wanted)]


def test_lines_are_found_by_level_part_and_words_in_any_order(book: LogBook) -> None:
    LOGGER.debug("a detail")
    LOGGER.info("The front door rings")
    LOGGER.warning("No picture from the front door")
    logging.getLogger("pbx_lite.calls.registrar").warning("101 is gone")
    assert texts(book) == ["The front door rings", "No picture from the front door", "101 is gone"]
    assert texts(book, level="debug")[0] == "a detail"
    assert texts(book, level="error") == []
    assert texts(book, part="calls") == ["101 is gone"]
    assert texts(book, text="DOOR fro") == ["The front door rings", "No picture from the front door"]
    assert texts(book, limit=1) == ["101 is gone"]
    assert book.parts() == ["calls", "doorbell"]


def test_only_the_newest_lines_are_kept_and_numbers_go_on(book: LogBook) -> None:
    for number in range(8):
        LOGGER.info("line %d", number)
    lines = book.read()
    assert [line.text for line in lines] == [f"line {number}" for number in range(3, 8)]
    assert [line.text for line in book.read(after=lines[-2].id)] == ["line 7"]
    assert book.read(after=book.last) == []


def test_numbers_from_before_a_restart_mean_everything(book: LogBook) -> None:
    LOGGER.info("started")
    assert texts(book, after=4711) == ["started"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("password=hunter22, all well", f"password={HIDDEN}, all well"),
        ('"token": "xyz"', f'"token": {HIDDEN}'),
        ("Authorization: Digest username=101, response=abc", f"Authorization: {HIDDEN}"),
        ("from rtsp://admin:secret@192.0.2.9/live", f"from rtsp://{HIDDEN}@192.0.2.9/live"),
        ("GET /provision/q1w2e3/snom.xml", f"GET /provision/{HIDDEN}/snom.xml"),
        ("http://192.0.2.9/do?user=x&pwd=12&door=1", f"http://192.0.2.9/do?user=x&pwd={HIDDEN}&door=1"),
        ("it said abcdef123456.", f"it said {HIDDEN}."),
        ("it said 'abcdef123456'", f"it said '{HIDDEN}'"),
        ("it said with space twice", f"it said {HIDDEN} twice"),
        ("room 0815 is empty", "room 0815 is empty"),
    ],
)
def test_secrets_are_hidden(book: LogBook, said: str, shown: str) -> None:
    LOGGER.info("%s", said)
    assert texts(book) == [shown]


def test_nobody_finds_out_a_secret_by_looking_for_it(book: LogBook) -> None:
    LOGGER.info("password=hunter22")
    assert texts(book, text="hunter22") == []


def test_a_line_that_fits_its_own_sentence_badly_is_kept_and_a_long_one_cut(book: LogBook) -> None:
    book.emit(logging.LogRecord("pbx_lite.sip.endpoint", logging.ERROR, "", 0, "%d calls", ("many",), None))
    LOGGER.info("x" * 2 * MOST_CHARACTERS)
    first, second = book.read()
    assert (first.text, first.level, first.part) == ("%d calls", "error", "sip")
    assert len(second.text) == MOST_CHARACTERS


async def test_who_waits_is_told_of_the_next_line_from_whatever_thread(book: LogBook) -> None:
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(book.more(60))
        await asyncio.sleep(0)
        thread = threading.Thread(target=LOGGER.info, args=["from afar"])
        thread.start()
        await waiting
    thread.join()
    assert texts(book) == ["from afar"]


async def test_who_waits_in_vain_is_let_go(book: LogBook) -> None:
    await book.more(0.01)
    assert book.read() == []


def test_a_closed_book_keeps_nothing(book: LogBook) -> None:
    book.close()
    LOGGER.warning("nobody hears")
    assert book.read() == []
