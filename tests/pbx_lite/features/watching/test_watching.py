"""Phones that watch: who may, what they are told and when."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pbx_lite.calls.bindings import Binding
from pbx_lite.config import Config, Door, Role, Secret, User
from pbx_lite.directory import Account, Directory
from pbx_lite.events import (
    AccountRegistered,
    CallAnswered,
    CallEnded,
    CallRinging,
    CallStarted,
    DoorRang,
    EventBus,
    UserChanged,
)
from pbx_lite.features.watching.dialog_info import Tags
from pbx_lite.features.watching.watching import MOST_EACH, Watching
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.message import Request, Response
from tests.pbx_lite.features.watching.test_presence import LINPHONE
from tests.pbx_lite.sip.doubles import Party, Puppet, Wire
from tests.support.clock import FakeClock

CONFIG = Config(
    roles=(Role(name="family", see=("front",)), Role(name="lodger", pickup=False)),
    users=tuple(
        User(name=name, display_name=name.capitalize(), extension=extension, password=Secret("p"), roles=(role,))
        for name, extension, role in (("anna", "101", "family"), ("ben", "102", "family"), ("carl", "103", "lodger"))
    ),
    doors=(Door(name="front", display_name="Front door", extension="150", password=Secret("p")),),
)
DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"
PHONE = Binding("102", "sip:102@192.0.2.5", Address("udp", "192.0.2.5", 5060), 1e9, "c", 1)


class Registrar:
    def __init__(self) -> None:
        self.on_change: list[Any] = []
        self.bindings: dict[str, list[Binding]] = {}

    def bindings_of(self, account: str) -> list[Binding]:
        return self.bindings.get(account, [])

    def registered(self, account: str) -> bool:
        return bool(self.bindings_of(account))


class Home:
    """`account` is who the phone says it is."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        wire = Wire(clock)
        self.pbx = Party(wire, "udp:192.0.2.1:5060")
        self.phone = Puppet(wire, "udp:192.0.2.9:5060")
        self.bus = EventBus()
        self.directory = Directory(CONFIG)
        self.registrar = Registrar()
        self.exchange: Any = SimpleNamespace(requests={}, speaker=lambda account: (None, account))
        self.watching = Watching(
            directory=self.directory, exchange=self.exchange, registrar=self.registrar, bus=self.bus, clock=clock
        )
        self.account = "101"
        self.pbx.handler.serve = self._serve
        self._calls = 0

    def _serve(self, incoming: IncomingRequest) -> None:
        account = self.directory.by_account(self.account)
        assert isinstance(account, Account)
        self.exchange.requests[incoming.request.method](incoming, account)

    def send(
        self, method: str, number: str, event: str, headers: Iterable[tuple[str, str]] = (), **fields: Any
    ) -> Response:
        """The answer to a request of the phone."""
        self._calls += 1
        target: Any = SimpleNamespace(uri=f"sip:{number}@home.example", address=self.pbx.address)
        self.phone.request(
            method,
            target,
            headers=[("Event", event), *headers],
            call_id=f"call-{self._calls}",
            **fields,
        )
        self.clock.advance(0)
        answers = [
            message
            for message in self.phone.received
            if isinstance(message, Response) and message.call_id == f"call-{self._calls}"
        ]
        return answers[-1]

    def subscribe(self, number: str, event: str = "dialog", **fields: Any) -> Response:
        return self.send("SUBSCRIBE", number, event, **fields)

    def told(self) -> Request:
        """The last NOTIFY, now answered."""
        self.clock.advance(0.05)
        notify = self.phone.requests("NOTIFY")[-1]
        self.phone.respond(notify, 200, self.pbx, tag=None)
        self.clock.advance(0)
        return notify

    def lamp(self) -> list[tuple[str, str | None, str | None, str | None]]:
        """State, direction, and the other side's URI and name, of each dialog in the last NOTIFY."""
        root = ET.fromstring(self.told().body)
        found = []
        for dialog in root.iter(f"{DIALOG}dialog"):
            remote = dialog.find(f"{DIALOG}remote/{DIALOG}identity")
            uri, name = (remote.text, remote.get("display")) if remote is not None else (None, None)
            found.append((dialog.findtext(f"{DIALOG}state") or "", dialog.get("direction"), uri, name))
        return found

    def call(self, caller: str = "103", name: str = "Carl", user: str = "carl") -> None:
        """Somebody calls Ben, whose phone rings."""
        self.bus.publish(CallStarted(call="c1", caller=caller, caller_name=name, caller_user=user, number="102"))
        self.bus.publish(CallRinging(call="c1", user="ben"))


@pytest.fixture
def home() -> Home:
    return Home(FakeClock())


def test_a_lamp_follows_a_call_from_ringing_to_its_end(home: Home) -> None:
    assert home.subscribe("102").status == 200
    assert home.lamp() == [("terminated", None, None, None)]
    home.call()
    assert home.lamp() == [("early", "recipient", "sip:103@home.example", "Carl")]
    home.bus.publish(CallAnswered(call="c1", by="ben"))
    assert home.lamp() == [("confirmed", "recipient", "sip:103@home.example", "Carl")]
    home.bus.publish(CallEnded(call="c1", cause=16))
    assert home.lamp() == [("terminated", "recipient", None, None)]


def test_the_versions_of_a_lamp_count_up(home: Home) -> None:
    home.subscribe("102")
    first = ET.fromstring(home.told().body)
    home.call()
    second = ET.fromstring(home.told().body)
    assert (first.get("version"), second.get("version")) == ("0", "1")
    assert first.get("entity") == "sip:102@home.example"
    assert first.get("state") == "full"


def test_a_private_caller_is_nobody_on_every_lamp(home: Home) -> None:
    home.subscribe("102")
    home.told()
    home.call(caller="anonymous", name="Anonymous", user="")
    assert home.lamp() == [("early", "recipient", "sip:anonymous@anonymous.invalid", None)]


def test_who_may_not_take_calls_is_not_told_who_calls(home: Home) -> None:
    home.account = "103"
    home.subscribe("102")
    home.told()
    home.call()
    assert home.lamp() == [("early", "recipient", None, None)]
    home.subscribe("103")
    assert home.lamp()[0][2:] == ("sip:102@home.example", None), "of one's own calls one is told all"


def test_a_ringing_call_names_the_dialog_to_take_it_by(home: Home) -> None:
    home.watching.tags = lambda call, user: Tags(f"{call}<{user}", "ours", "theirs")
    home.subscribe("102")
    home.told()
    home.call()
    dialog = ET.fromstring(home.told().body).find(f"{DIALOG}dialog")
    assert dialog is not None
    assert (dialog.get("call-id"), dialog.get("local-tag"), dialog.get("remote-tag")) == ("c1<ben", "ours", "theirs")


def test_a_door_has_a_lamp_for_those_who_may_see_it(home: Home) -> None:
    assert home.subscribe("150").status == 200
    home.told()
    home.bus.publish(DoorRang(door="front", ring="r", button="11", rings=("anna",)))
    assert home.lamp()[0][:2] == ("early", "initiator")
    home.account = "103"
    assert home.subscribe("150").status == 403


@pytest.mark.parametrize(
    ("number", "event", "more", "status", "hint"),
    [
        ("102", "conference", {}, 489, ("Allow-Events", "dialog, presence, message-summary, as-feature-event, reg")),
        ("999", "dialog", {}, 404, None),
        ("102", "dialog", {"headers": [("Expires", "5")]}, 423, ("Min-Expires", "60")),
        ("102", "dialog", {"headers": [("Accept", "text/plain")]}, 406, ("Accept", "application/dialog-info+xml")),
        ("102", "message-summary", {}, 403, None),
        ("102", "reg", {}, 403, None),
        ("101", "dialog", {"to_tag": "of-yesterday"}, 481, None),
    ],
)
def test_what_cannot_be_watched_is_refused(
    number: str, event: str, more: dict[str, Any], status: int, hint: tuple[str, str] | None, home: Home
) -> None:
    refused = home.subscribe(number, event, **more)
    assert refused.status == status
    assert hint is None or hint in list(refused.headers)
    assert home.phone.requests("NOTIFY") == []


def test_a_station_watches_nobody(home: Home) -> None:
    home.account = "150"
    assert home.subscribe("101").status == 403


def test_who_is_logged_in_at_a_shared_phone_watches(home: Home) -> None:
    home.exchange.speaker = lambda account: (None, home.directory.by_account("102"))
    assert home.subscribe("102", "message-summary").status == 200
    assert home.subscribe("101", "message-summary").status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Expires", "soon")], 200),
        ([("Accept", "")], 200),
        ([("Accept", "application/*")], 200),
        ([("Contact", "<sip:elsewhere@192.0.2.66>")], 200),
        ([("Contact", "<tel:123>")], 200),
    ],
)
def test_odd_subscriptions_are_no_trouble(
    headers: list[tuple[str, str]], status: int, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    assert home.subscribe("102", headers=headers).status == status
    home.clock.advance(5000)
    assert home.clock.pending == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_nobody_fills_the_memory_with_subscriptions(home: Home) -> None:
    for _ in range(MOST_EACH):
        assert home.subscribe("102").status == 200
        home.told()
    assert home.subscribe("102").status == 503
    home.account = "102"
    assert home.subscribe("102").status == 200
    home.account = "101"
    home.clock.advance(4000)
    assert not home.watching._watchers
    assert not home.watching._count
    assert home.subscribe("102").status == 200


def test_presence_follows_what_is_known(home: Home) -> None:
    home.subscribe("102", "presence")
    assert b"<basic>closed</basic>" in home.told().body
    home.registrar.bindings["102"] = [PHONE]
    home.bus.publish(AccountRegistered(account="102"))
    assert b"<basic>open</basic>" in home.told().body
    home.call()
    home.bus.publish(CallAnswered(call="c1", by="ben"))
    assert b"<rpid:on-the-phone/>" in home.told().body
    home.bus.publish(CallEnded(call="c1", cause=16))
    home.told()
    home.watching.do_not_disturb = lambda user: user == "ben"
    home.bus.publish(UserChanged(user="ben"))
    said = home.told()
    assert b"<basic>closed</basic>" in said.body
    assert b"<rpid:busy/>" in said.body
    assert said.content_type == "application/pidf+xml"


def test_what_a_phone_publishes_its_watchers_see(home: Home) -> None:
    home.registrar.bindings["102"] = [PHONE]
    home.subscribe("102", "presence")
    home.told()
    home.account = "102"
    pidf = [("Content-Type", "application/pidf+xml")]
    published = home.send("PUBLISH", "102", "presence", [*pidf, ("Expires", "600")], body=LINPHONE)
    assert (published.status, published.headers.get("expires")) == (200, "600")
    tag = published.headers.get("sip-etag") or ""
    assert b"At lunch &amp; back soon" in home.told().body
    assert home.send("PUBLISH", "102", "presence", [("SIP-If-Match", tag)]).headers.get("sip-etag") != tag
    assert home.send("PUBLISH", "102", "presence", [("SIP-If-Match", tag)]).status == 412
    assert home.send("PUBLISH", "101", "presence", pidf, body=LINPHONE).status == 403
    assert home.send("PUBLISH", "102", "dialog", pidf, body=LINPHONE).status == 489
    assert home.send("PUBLISH", "102", "presence", [("Content-Type", "text/plain")], body=b"x").status == 415
    assert home.send("PUBLISH", "102", "presence").status == 400


def test_waiting_messages_are_counted_for_their_owner(home: Home) -> None:
    home.subscribe("101", "message-summary")
    assert b"Messages-Waiting: no\r\n" in home.told().body
    home.watching.waiting = lambda _: (2, 3)
    home.watching.messages_changed("anna")
    said = home.told()
    assert b"Messages-Waiting: yes\r\n" in said.body
    assert b"Voice-Message: 2/3 (0/0)\r\n" in said.body
    assert said.content_type == "application/simple-message-summary"


def test_an_account_watches_where_it_is_registered(home: Home) -> None:
    home.account = "102"
    home.subscribe("102", "reg")
    assert b'state="init"' in home.told().body
    home.registrar.bindings["102"] = [PHONE]
    for listener in home.registrar.on_change:
        listener("102")
    said = home.told().body
    assert b'version="1"' in said
    assert b"<uri>sip:102@192.0.2.5</uri>" in said


async def test_the_end_tells_watchers_to_come_again_and_leaves_nothing(home: Home) -> None:
    home.subscribe("102")
    home.told()
    home.call()
    await home.watching.close()
    notify = home.told()
    assert notify.headers.get("subscription-state") == "terminated;reason=probation;retry-after=5"
    assert home.exchange.requests == {}
    assert home.registrar.on_change == []
    home.clock.advance(100)
    assert home.clock.pending == []
