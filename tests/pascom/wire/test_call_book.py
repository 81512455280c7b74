"""What the PBX's call events mean to people and automations, without Home Assistant."""

from typing import Any

import pytest

from custom_components.pascom.wire.call_book import CallBook, Happening, News, ringing_now
from custom_components.pascom.wire.models import Event, Snapshot
from custom_components.pascom.wire.phone_models import Call
from tests.pascom.fake_pbx import golden


@pytest.fixture
def snapshot() -> Snapshot:
    return Snapshot.from_wire(golden("subscribe")[1]["result"])


@pytest.fixture
def book(snapshot: Snapshot) -> CallBook:
    """Anna holds c1 with Dr. Huber and speaks in c2 with Ben; c3 rings at Carla's."""
    made = CallBook()
    made.begin(snapshot)
    return made


def hear(book: CallBook, kind: str, **fields: Any) -> tuple[list[Happening], list[News]]:
    return book.hear(Event(kind=kind, data={"kind": kind, **fields}))


def seen(happenings: list[Happening]) -> list[tuple[str, str, str]]:
    return [(each.user, each.kind, each.data["name"]) for each in happenings]


def test_who_answers_outside_is_known_by_number(book: CallBook) -> None:
    dialled = {"caller": "102", "caller_name": "Ben Berger", "caller_user": "ben", "number": "+4930555"}
    hear(book, "call_started", call="c9", **dialled, direction="outbound", trunk="provider")
    happenings, [news] = hear(book, "call_answered", call="c9", by="", number="+4930555", device="")
    assert [(each.user, each.kind, each.data["number"]) for each in happenings] == [("ben", "answered", "+4930555")]
    assert happenings[0].data["direction"] == "outgoing"
    assert news.data["by"] == "+4930555"
    happenings, [news] = hear(book, "call_ended", call="c9", seconds=1.6, reason="", answered=True, cause=16, by="ben")
    assert seen(happenings) == [("ben", "ended", "")]
    assert happenings[0].data["seconds"] == 2
    assert news.data["by"] == "Ben Berger"


def test_who_gives_a_call_away_is_through_with_it(book: CallBook) -> None:
    happenings, news = hear(book, "call_transferred", call="c2", by="anna", number="103", attended=False)
    assert seen(happenings) == [("anna", "ended", "Ben Berger")]
    assert happenings[0].data["reason"] == "transferred"
    assert news == []
    assert hear(book, "call_transferred", call="c2", by="carla", number="103") == ([], [])
    hear(book, "call_answered", call="c2", by="carla", number="103", device="103")
    happenings, [ended] = hear(book, "call_ended", call="c2", seconds=60, reason="", answered=True, cause=16, by="")
    assert sorted(each.user for each in happenings) == ["ben", "carla"]
    assert {"ben", "carla"} <= ended.users


def test_everybody_who_speaks_hears_a_key(book: CallBook) -> None:
    happenings, [news] = hear(book, "call_dtmf", call="c2", digit="5", user="ben", number="")
    assert seen(happenings) == [("anna", "dtmf", "Ben Berger"), ("ben", "dtmf", "Anna Berger")]
    assert {each.data["by"] for each in happenings} == {"102"}
    assert news.users == {"anna", "ben"}
    assert news.data["by"] == "Ben Berger"


def test_what_nobody_knows_of_means_nothing(book: CallBook) -> None:
    assert hear(book, "call_ended", call="c99") == ([], [])
    assert hear(book, "call_held", call="c2", by="anna") == ([], [])
    assert hear(book, "call_ringing", call="c3", user="") == ([], [])
    book.begin(Snapshot(name="", instance="", version="", users={}, doors={}))
    assert hear(book, "call_ended", call="c2") == ([], [])


def test_a_start_that_is_told_late_changes_nothing(book: CallBook) -> None:
    again = {"caller": "9", "caller_name": "", "caller_user": "", "number": "102"}
    _, [news] = hear(book, "call_started", call="c2", **again)
    assert news.data["caller_name"] == "Anna Berger"


def test_what_rings_at_this_moment_can_be_told_again(book: CallBook, snapshot: Snapshot) -> None:
    [event] = ringing_now(snapshot.calls.values())
    assert event.data["user"] == "carla"
    assert seen(book.hear(event)[0]) == [("carla", "incoming", "Anonymous")]


def test_a_call_without_a_caller_is_one_all_the_same() -> None:
    call = Call(id="c1", number="102")
    assert call.caller is None
    assert call.peer_of("anna").number == "102"
