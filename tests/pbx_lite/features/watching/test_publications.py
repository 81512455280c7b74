"""RFC 3903: what is published lasts as long as it is refreshed."""

import pytest

from pbx_lite.errors import ParseError
from pbx_lite.features.watching.presence import Presence
from pbx_lite.features.watching.publications import Publications
from tests.support.clock import FakeClock

AWAY = Presence(open=True, activities=("away",))
HOME = Presence(open=True)


class Board:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.changed: list[str] = []
        self.kept = Publications(self.clock, self.changed.append)


@pytest.fixture
def board() -> Board:
    return Board()


def test_it_is_published_changed_refreshed_and_ended(board: Board) -> None:
    first = board.kept.put("anna", "", AWAY, 100)
    assert board.kept.of("anna") == [AWAY]
    second = board.kept.put("anna", first, HOME, 100)
    assert board.kept.of("anna") == [HOME]
    board.clock.advance(90)
    third = board.kept.put("anna", second, None, 100)
    board.clock.advance(90)
    assert board.kept.of("anna") == [HOME]
    board.kept.put("anna", third, None, 0)
    assert board.kept.of("anna") == []
    assert board.changed == ["anna"] * 3, "a refresh changes nothing"


def test_it_ends_by_itself(board: Board) -> None:
    board.kept.put("anna", "", AWAY, 100)
    board.kept.put("ben", "", AWAY, 200)
    board.clock.advance(101)
    assert board.kept.of("anna") == []
    assert board.kept.of("ben") == [AWAY]
    assert board.changed == ["anna", "ben", "anna"]
    board.clock.advance(100)
    assert board.clock.pending == []


def test_two_phones_of_one_person_publish_beside_each_other(board: Board) -> None:
    board.kept.put("anna", "", AWAY, 100)
    board.kept.put("anna", "", HOME, 100)
    assert board.kept.of("anna") == [AWAY, HOME]


@pytest.mark.parametrize(("tag", "presence", "status"), [("nonsense", AWAY, 412), ("", None, 400)])
def test_what_cannot_be_is_refused(tag: str, presence: Presence | None, status: int, board: Board) -> None:
    with pytest.raises(ParseError) as refused:
        board.kept.put("anna", tag, presence, 100)
    assert refused.value.status == status


def test_nobody_changes_what_another_published(board: Board) -> None:
    tag = board.kept.put("anna", "", AWAY, 100)
    with pytest.raises(ParseError) as refused:
        board.kept.put("ben", tag, HOME, 0)
    assert refused.value.status == 412


def test_nobody_fills_the_memory(board: Board) -> None:
    for _ in range(10):
        board.kept.put("anna", "", AWAY, 100)
    with pytest.raises(ParseError) as refused:
        board.kept.put("anna", "", AWAY, 100)
    assert refused.value.status == 503
    board.kept.close()
    assert board.clock.pending == []
