"""REGISTER as phones send it: several devices, refresh, removal, limits, expiry and a restart."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from pbx_lite.calls.registrar import Registrar
from pbx_lite.events import AccountRegistered, AccountUnregistered, Event, EventBus
from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Headers, Request
from tests.support.clock import FakeClock


class Register:
    """An authenticated REGISTER and what came back for it."""

    def __init__(self, *contacts: str, cseq: int = 1, call_id: str = "c1", **headers: str) -> None:
        self.request = Request("REGISTER", "sip:pbx", Headers())
        self.source = Address("udp", "192.0.2.1", 5062)
        self.local = Address("udp", "192.0.2.100", 5060)
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
        self.saved: dict[str, list[dict[str, Any]]] = {}

    def load(self) -> list[tuple[str, dict[str, Any]]]:
        return [(account, row) for account, rows in self.saved.items() for row in rows]

    def save(self, account: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self.saved[account] = [dict(row) for row in rows]


class Home:
    """A registrar with everything around it."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = FakeClock()
        self.store = store or Store()
        self.events: list[Event] = []
        bus = EventBus()
        bus.listen(self.events.append)
        self.registrar = Registrar(store=self.store, bus=bus, clock=self.clock, wall=self.clock.time)

    def register(self, *contacts: str, cseq: int = 1, call_id: str = "c1", **headers: str) -> Register:
        request = Register(*contacts, cseq=cseq, call_id=call_id, **headers)
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
    assert home.store.saved["101"] == []


def test_a_restart_forgets_nobody(home: Home) -> None:
    home.register("<sip:101@192.0.2.1>")
    after = Home(home.store)

    assert after.registrar.registered("101")
    assert after.registrar.bindings_of("101")[0].source == Address("udp", "192.0.2.1", 5062)


@pytest.mark.parametrize("contact", ["<sip:101@[::1", "nonsense", "<sip:>", "<<>>"])
def test_a_contact_that_cannot_be_read_is_a_bad_request(home: Home, contact: str) -> None:
    assert home.register(contact).status == 400
    assert not home.registrar.registered("101")
