"""REGISTER as phones send it: several devices, refresh, removal, limits, expiry and a restart."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from pbx_lite.calls.registrar import Registrar
from pbx_lite.events import AccountRegistered, AccountUnregistered, Event, EventBus
from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Headers, Request
from pbx_lite.sip.uri import SipUri
from tests.support.clock import FakeClock


class Register:
    """An authenticated REGISTER and what came back for it."""

    def __init__(
        self, *contacts: str, cseq: int = 1, call_id: str = "c1", source: str = "udp", hops: int = 1, **headers: str
    ) -> None:
        self.request = Request("REGISTER", "sip:pbx", Headers())
        self.source = Address(source, "192.0.2.1", 5062)
        self.local = Address("udp", "192.0.2.100", 5060)
        for _ in range(hops):
            self.request.headers.add("Via", "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1")
        self.request.headers.add("To", "<sip:101@pbx>")
        self.request.headers.add("Call-ID", call_id)
        self.request.headers.add("CSeq", f"{cseq} REGISTER")
        for contact in contacts:
            self.request.headers.add("Contact", contact)
        for name, value in headers.items():
            self.request.headers.add(name.replace("_", "-"), value)
        self.status = 0
        self.headers: list[tuple[str, str]] = []

    def respond(
        self, status: int, reason: str | None = None, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> None:
        self.status = status
        self.headers = list(headers)

    @property
    def contacts(self) -> list[str]:
        return [value for name, value in self.headers if name == "Contact"]


class Store:
    def __init__(self) -> None:
        self.saves = 0
        self.saved: dict[str, list[dict[str, Any]]] = {}

    def load(self) -> list[tuple[str, dict[str, Any]]]:
        return [(account, row) for account, rows in self.saved.items() for row in rows]

    def save(self, accounts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.saves += 1
        self.saved |= {account: json.loads(json.dumps(rows)) for account, rows in accounts.items()}


class Home:
    """A registrar with everything around it."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = FakeClock()
        self.store = store or Store()
        self.events: list[Event] = []
        bus = EventBus()
        bus.listen(self.events.append)
        self.registrar = Registrar(store=self.store, bus=bus, clock=self.clock, wall=self.clock.time)

    def register(self, *contacts: str, **fields: Any) -> Register:
        request = Register(*contacts, **fields)
        self.registrar.register(request, "101")  # type: ignore[arg-type]
        return request


@pytest.fixture
def home() -> Home:
    return Home()


def test_a_phone_registers_and_hears_how_long_it_may(home: Home) -> None:
    answer = home.register("<sip:101@192.0.2.1:5062>", Expires="600")

    assert answer.status == 200
    assert answer.contacts == ["<sip:101@192.0.2.1:5062>;expires=600;q=1"]
    assert home.events == [AccountRegistered(account="101")]


def test_two_phones_of_one_person_both_ring(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>;q=0.2")
    home.register("<sip:101@192.0.2.2>;q=0.9", call_id="c2")

    assert [binding.contact for binding in home.registrar.bindings_of("101")] == [
        "sip:101@192.0.2.2",
        "sip:101@192.0.2.1",
    ]
    assert len(home.events) == 1


def test_a_device_that_came_back_at_another_address_is_sought_there_first(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>")
    home.clock.advance(60)
    home.register("<sip:101@192.0.2.2>", call_id="c2")

    assert home.registrar.bindings_of("101")[0].contact == "sip:101@192.0.2.2"


def test_a_phone_that_listens_on_another_port_than_it_sends_from_is_rung_there(home: Home) -> None:
    home.register("<sip:101@192.0.2.1:5090>")
    assert home.registrar.bindings_of("101")[0].source == Address("udp", "192.0.2.1", 5090)


@pytest.mark.parametrize(
    ("contact", "more"),
    [
        ("<sip:101@10.0.0.2:5090>", {}),
        ("<sip:101@192.0.2.1:5090>", {"source": "tcp"}),
        ("<sip:101@192.0.2.1:5090>", {"Path": "<sip:192.0.2.1:5062;lr>", "Supported": "path"}),
    ],
)
def test_a_phone_behind_a_router_or_a_proxy_is_rung_where_it_sent_from(
    home: Home, contact: str, more: dict[str, str]
) -> None:
    home.register(contact, **more)
    assert home.registrar.bindings_of("101")[0].source.port == 5062


def test_the_contacts_own_expiry_comes_before_the_header(home: Home) -> None:
    assert ";expires=120;" in home.register("<sip:101@192.0.2.1>;expires=120", Expires="600").contacts[0]


def test_too_short_an_expiry_is_refused_with_the_least_allowed(home: Home) -> None:
    answer = home.register("<sip:101@192.0.2.1>;expires=5")

    assert answer.status == 423
    assert ("Min-Expires", "60") in answer.headers


def test_expires_zero_removes_the_binding(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>")
    answer = home.register("<sip:101@192.0.2.1>;expires=0", cseq=2)

    assert answer.contacts == []
    assert home.events[-1] == AccountUnregistered(account="101")


def test_the_star_removes_all_and_stands_alone(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>")

    assert home.register("*", cseq=2, Expires="600").status == 400
    assert home.register("*", cseq=3, Expires="0").status == 200
    assert not home.registrar.registered("101")


def test_a_query_without_contact_lists_the_bindings_and_changes_nothing(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>")

    assert len(home.register(cseq=2).contacts) == 1
    assert len(home.events) == 1


def test_a_register_that_was_overtaken_is_refused(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>", cseq=7)

    assert home.register("<sip:101@192.0.2.1>;expires=0", cseq=6).status == 500
    assert home.registrar.registered("101")


def test_a_binding_that_is_not_refreshed_is_noticed_at_its_end(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>;expires=60")
    home.clock.advance(61)

    assert home.events[-1] == AccountUnregistered(account="101")
    assert home.store.saved["101"] == []


def test_an_account_that_was_removed_is_not_reached_any_more(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>")
    home.registrar.forget_strangers(lambda account: account != "101")

    assert not home.registrar.registered("101")
    assert home.events[-1] == AccountUnregistered(account="101")
    home.registrar.close()
    assert home.store.saved["101"] == []


def test_a_restart_forgets_nobody(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>", Path="<sip:edge.example;lr>")
    home.registrar.close()
    after = Home(home.store)

    assert after.registrar.registered("101")
    assert after.registrar.bindings_of("101") == home.registrar.bindings_of("101")
    assert after.registrar.bindings_of("101")[0].source == Address("udp", "192.0.2.1", 5062)
    assert after.registrar.knows(Address("udp", "192.0.2.1", 5062))


def test_what_an_older_version_kept_is_understood(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>")
    home.registrar.close()
    for row in home.store.saved["101"]:
        del row["path"], row["reg_id"]

    assert Home(home.store).registrar.registered("101")


def test_many_changes_are_kept_in_one_go(home: Home) -> None:
    for number in range(9):
        home.register(f"<sip:101@192.0.2.{number}>", call_id=f"c{number}")
    assert home.store.saves == 0
    home.clock.advance(0.2)

    assert home.store.saves == 1
    assert len(home.store.saved["101"]) == 9


def test_setting_the_clock_ends_no_registration() -> None:
    clock, wall = FakeClock(), [1_000_000.0]
    registrar = Registrar(store=Store(), bus=EventBus(), clock=clock, wall=lambda: wall[0])
    registrar.register(Register("<sip:101@192.0.2.1>;expires=600"), "101")  # type: ignore[arg-type]
    wall[0] += 5 * 365 * 86400
    clock.advance(590)
    assert registrar.registered("101")
    clock.advance(11)
    assert not registrar.registered("101")


def test_a_clock_that_was_wrong_before_the_restart_lends_nobody_years(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>;expires=7200")
    home.registrar.close()
    home.store.saved["101"][0]["expires_at"] += 10**9
    after = Home(home.store)
    after.clock.advance(7201)

    assert not after.registrar.registered("101")


# RFC 3327


def test_the_way_through_proxies_is_kept_with_the_binding_and_told(home: Home) -> None:
    answer = home.register(
        "<sip:101@10.0.0.1>", Supported="path", Path="<sip:edge.example;lr>, <sip:inner.example;lr>", hops=3
    )

    assert home.registrar.bindings_of("101")[0].path == ("<sip:edge.example;lr>", "<sip:inner.example;lr>")
    assert [value for name, value in answer.headers if name == "Path"] == [
        "<sip:edge.example;lr>",
        "<sip:inner.example;lr>",
    ]


# RFC 5626

FLOW = '<sip:101@10.0.0.1>;+sip.instance="<urn:uuid:1>";reg-id={}'


def test_a_phone_that_keeps_a_flow_is_told_how_often_to_show_itself(home: Home) -> None:
    expected: list[tuple[Address, float]] = []
    home.registrar.expects = lambda source, seconds: expected.append((source, seconds))
    answer = home.register(FLOW.format(1), Supported="outbound, path", source="tcp")

    assert {("Require", "outbound"), ("Flow-Timer", "120")} <= set(answer.headers)
    assert answer.contacts[0].endswith(';reg-id=1;+sip.instance="<urn:uuid:1>"')
    assert expected == [(Address("tcp", "192.0.2.1", 5062), 120)]


def test_a_phone_that_does_not_ask_for_outbound_gets_none(home: Home) -> None:
    answer = home.register(FLOW.format(1))

    assert "Flow-Timer" not in dict(answer.headers)
    assert home.registrar.bindings_of("101")[0].reg_id == 0


def test_two_flows_of_one_phone_are_one_device_the_newest_counts(home: Home) -> None:
    home.register(FLOW.format(1), Supported="outbound")
    home.clock.advance(10)
    answer = home.register(FLOW.format(2), Supported="outbound", call_id="c2")

    assert len(answer.contacts) == 2
    assert [binding.reg_id for binding in home.registrar.bindings_of("101")] == [2]


def test_a_flow_ends_with_its_connection(home: Home) -> None:
    home.register(FLOW.format(1), Supported="outbound", source="tcp")
    home.register("<sip:101@10.0.0.2>", call_id="c2", source="tcp")
    home.registrar.lost(Address("tcp", "192.0.2.1", 5062))

    assert [binding.contact for binding in home.registrar.bindings_of("101")] == ["sip:101@10.0.0.2"]
    home.registrar.lost(Address("tcp", "192.0.2.99", 5062))


def test_flows_over_connections_end_with_a_restart(home: Home) -> None:
    home.register(FLOW.format(1), Supported="outbound", source="tcp")
    home.register(FLOW.format(2), Supported="outbound", source="udp", call_id="c2")
    home.registrar.close()

    assert [binding.reg_id for binding in Home(home.store).registrar.bindings_of("101")] == [2]


def test_a_proxy_that_keeps_no_flow_is_said(home: Home) -> None:
    assert home.register(FLOW.format(1), Supported="outbound", hops=2).status == 439
    assert home.register(FLOW.format(1), Supported="outbound", hops=2, Path="<sip:e.example;lr>").status == 439
    assert home.register(FLOW.format(1), Supported="outbound", hops=2, Path="<sip:e.example;lr;ob>").status == 200


# RFC 5627


def test_a_phone_that_asks_gets_an_address_of_its_own(home: Home) -> None:
    contact = '<sip:101@192.0.2.1>;+sip.instance="<urn:uuid:1>"'
    assert "gruu" not in home.register(contact).contacts[0]
    answer = home.register(contact, '<sip:101@192.0.2.2>;+sip.instance="<urn:uuid:2>"', Supported="gruu", cseq=2)

    assert all("pub-gruu=" in shown for shown in answer.contacts)
    gruu = 'pub-gruu="sip:101@pbx;gr=urn:uuid:1"'
    assert any(shown.endswith(gruu) for shown in answer.contacts)
    reached = home.registrar.addressed("101", SipUri.parse("sip:101@pbx;gr=urn:uuid:1"))
    assert [binding.contact for binding in reached] == ["sip:101@192.0.2.1"]
    assert len(home.registrar.addressed("101", SipUri.parse("sip:101@pbx"))) == 2
    assert home.registrar.addressed("101", SipUri.parse("sip:101@pbx;gr=urn:uuid:3")) == []


def test_whoever_wants_to_know_hears_of_every_change(home: Home) -> None:
    heard: list[str] = []
    home.registrar.on_change.append(heard.append)
    home.register("<sip:101@192.0.2.1>")
    home.register("<sip:101@192.0.2.1>", cseq=2)
    home.register(cseq=3)

    assert heard == ["101", "101"]


@pytest.mark.parametrize("contact", ["<sip:101@[::1", "nonsense", "<sip:>", "<<>>"])
def test_a_contact_that_cannot_be_read_is_a_bad_request(home: Home, contact: str) -> None:
    assert home.register(contact).status == 400
    assert not home.registrar.registered("101")


def test_a_device_whose_connection_is_gone_is_found_by_its_contact_or_else_by_its_user(home: Home) -> None:
    lost = Address("tcp", "192.0.2.1", 40001)
    nowhere = home.registrar.locate("sip:101@10.0.0.9:1111", lost)
    home.register("<sip:101@10.0.0.9:5060;transport=tcp>", Expires="60")
    by_contact = home.registrar.locate("sip:101@10.0.0.9:5060;transport=tcp", lost)
    by_user = home.registrar.locate("sip:101@10.0.0.9:1111;transport=tcp", lost)
    other_user = home.registrar.locate("sip:102@10.0.0.9:1111", lost)
    home.register("<sip:101@10.0.0.8:5060>", Expires="60", call_id="c2")
    of_two = home.registrar.locate("sip:101@10.0.0.9:1111", lost)

    assert by_contact == by_user == Address("udp", "192.0.2.1", 5062)
    assert (nowhere, other_user, of_two) == (None, None, None)
    assert home.registrar.locate("nonsense", lost) is None
