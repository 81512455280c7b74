"""Texts between phones and the home."""

import asyncio
from typing import Any

import pytest

from pbx_lite.calls.bindings import Binding
from pbx_lite.config import Config, Door, Secret, User
from pbx_lite.directory import Directory
from pbx_lite.errors import Invalid, NotFound, TransactionTimeout, Unavailable
from pbx_lite.events import Event, EventBus, MessageReceived
from pbx_lite.features.messages import LONGEST, Messages
from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Request, Response
from tests.support.clock import FakeClock

CONFIG = Config(
    users=tuple(
        User(name=name, display_name=name.capitalize(), extension=extension, password=Secret("p"))
        for name, extension in (("anna", "101"), ("ben", "102"))
    ),
    doors=(Door(name="front", display_name="Front door", extension="150", password=Secret("p")),),
)
DESK = Binding("102", "sip:102@192.0.2.5", Address("udp", "192.0.2.5", 5060), 1e9, "c", 1)
SOFT = Binding("102", "sip:102@192.0.2.6", Address("udp", "192.0.2.6", 5060), 1e9, "c", 1, path=("<sip:edge;lr>",))


class Phones:
    """An exchange whose phones answer as told: a status, an error, or nothing."""

    def __init__(self) -> None:
        self.endpoint: Any = self
        self.requests: dict[str, Any] = {}
        self.speaker: Any = lambda account: (None, account)
        self.bindings: list[Binding] = [DESK]
        self.answers: dict[str, int | Exception | None] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def devices_of(self, people: Any) -> list[tuple[str, Binding]]:
        return [(user, binding) for user in people for binding in self.bindings if user == "ben"]

    def host_towards(self, peer: Address | None) -> str:
        return "home.example"

    async def request(self, method: str, uri: str, **fields: Any) -> Response:
        self.sent.append((uri, fields))
        answer = self.answers.get(uri, 200)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            await asyncio.get_running_loop().create_future()
        assert answer is not None
        return Response(answer)


class Incoming:
    def __init__(self, number: str, body: bytes, content_type: str) -> None:
        uri = f"sip:{number}@home.example" if number else "sip:home.example"
        self.request = Request("MESSAGE", uri, [("Content-Type", content_type)], body)
        self.answers: list[int] = []

    def respond(self, status: int, **_: Any) -> None:
        self.answers.append(status)


class World:
    def __init__(self) -> None:
        self.directory = Directory(CONFIG)
        self.phones = Phones()
        self.clock = FakeClock()
        self.events: list[Event] = []
        bus = EventBus()
        bus.listen(self.events.append)
        self.messages = Messages(directory=self.directory, exchange=self.phones, bus=bus, clock=self.clock)

    async def text(
        self, number: str, body: bytes = b"Hello", content_type: str = "text/plain", account: str = "101"
    ) -> list[int]:
        incoming = Incoming(number, body, content_type)
        sender = self.directory.by_account(account)
        self.phones.requests["MESSAGE"](incoming, sender)
        for _ in range(20):
            await asyncio.sleep(0)
        return incoming.answers


@pytest.fixture
def world() -> World:
    return World()


async def test_a_text_reaches_every_phone_of_a_person(world: World) -> None:
    world.phones.bindings = [DESK, SOFT]
    assert await world.text("102", "Grüß dich".encode()) == [200]
    assert world.events == [MessageReceived(sender="Anna", sender_user="anna", to="ben", text="Grüß dich")]
    (first, fields), (second, others) = world.phones.sent
    assert (first, second) == (DESK.contact, SOFT.contact)
    assert str(fields["from_"]) == '"Anna" <sip:101@home.example>'
    assert fields["target"] == DESK.source
    assert ("Route", "<sip:edge;lr>") in others["headers"]


@pytest.mark.parametrize("number", ["home", ""])
async def test_a_text_to_the_home_is_an_event(number: str, world: World) -> None:
    assert await world.text(number, account="150") == [200]
    assert world.events == [MessageReceived(sender="Front door", sender_user="", to="home", text="Hello")]
    assert world.phones.sent == []


async def test_one_phone_that_takes_it_is_enough(world: World) -> None:
    world.phones.bindings = [DESK, SOFT]
    world.phones.answers = {DESK.contact: 488}
    assert await world.text("102") == [200]


@pytest.mark.parametrize("answer", [488, TransactionTimeout("No answer.")])
async def test_nobody_there_is_said(answer: int | Exception, world: World) -> None:
    world.phones.answers = {DESK.contact: answer}
    assert await world.text("102") == [480]
    world.phones.bindings = []
    assert await world.text("102") == [480]
    assert world.events == []


async def test_a_phone_that_thinks_for_long_does_not_keep_the_sender(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_lite.features.messages._ENOUGH", 0.0)
    world.phones.answers = {DESK.contact: None}
    assert await world.text("102") == [202]
    await world.messages.close()


@pytest.mark.parametrize(
    ("number", "body", "content_type", "status"),
    [
        ("999", b"Hello", "text/plain", 404),
        ("150", b"Hello", "text/plain", 404),
        ("102", b"Hello", "text/html", 415),
        ("102", b"x" * (LONGEST + 1), "text/plain", 413),
    ],
)
async def test_what_cannot_be_passed_on_is_refused(
    number: str, body: bytes, content_type: str, status: int, world: World
) -> None:
    assert await world.text(number, body, content_type) == [status]
    assert world.phones.sent == []


async def test_a_phone_that_is_being_typed_on_is_no_message(world: World) -> None:
    assert await world.text("102", b"<isComposing/>", "application/im-iscomposing+xml") == [200]
    assert len(world.phones.sent) == 1
    assert world.events == []


async def test_who_is_logged_in_at_a_shared_phone_is_who_writes(world: World) -> None:
    world.phones.speaker = lambda account: (None, world.directory.by_account("102"))
    assert await world.text("home") == [200]
    assert world.events == [MessageReceived(sender="Ben", sender_user="ben", to="home", text="Hello")]


async def test_a_flood_of_texts_is_stopped(world: World) -> None:
    answers = [await world.text("home") for _ in range(25)]
    assert answers.count([200]) == 20
    assert answers[-1] == [480]
    assert await world.text("home", account="102") == [200]
    world.clock.advance(10)
    assert await world.text("home") == [200]


async def test_the_home_writes_to_people(world: World) -> None:
    await world.messages.send("", "ben", "Dinner is ready")
    await world.messages.send("anna", "ben", "Coming?")
    senders = [str(fields["from_"]) for _, fields in world.phones.sent]
    assert senders == ['"Home" <sip:home@home.example>', '"Anna" <sip:101@home.example>']
    with pytest.raises(NotFound):
        await world.messages.send("", "nobody", "x")
    with pytest.raises(Invalid):
        await world.messages.send("", "ben", " ")
    with pytest.raises(Invalid):
        await world.messages.send("", "ben", "x" * (LONGEST + 1))
    world.phones.bindings = []
    with pytest.raises(Unavailable, match="No phone of Ben"):
        await world.messages.send("", "ben", "x")


async def test_the_end_leaves_nothing(world: World) -> None:
    world.phones.answers = {DESK.contact: None}
    await world.text("102")
    await world.messages.close()
    assert world.phones.requests == {}
