"""The registrar's table: several devices, order, expiry and limits."""

from dataclasses import replace

import pytest

from pbx_lite.calls.bindings import BINDINGS_PER_ACCOUNT, Binding, Bindings
from pbx_lite.errors import Busy, Conflict
from pbx_lite.sip.address import Address

PHONE = Binding(
    account="101",
    contact="sip:101@192.0.2.1:5060",
    source=Address("udp", "192.0.2.1", 5060),
    expires_at=100,
    call_id="a",
    cseq=1,
)
TABLET = replace(PHONE, contact="sip:101@192.0.2.2:5060", source=Address("udp", "192.0.2.2", 5060), call_id="b", q=0.5)


def test_an_account_has_several_devices_the_preferred_first() -> None:
    bindings = Bindings()
    bindings.put(TABLET, 0)
    bindings.put(PHONE, 0)

    assert bindings.of("101", 0) == [PHONE, TABLET]


def test_a_binding_ends_when_it_expires() -> None:
    bindings = Bindings([PHONE])

    assert bindings.of("101", 100) == []
    assert bindings.sweep(100) == {"101"}
    assert bindings.everything() == []


def test_a_refresh_replaces_the_same_contact() -> None:
    bindings = Bindings([PHONE])
    later = replace(PHONE, cseq=2, expires_at=200)
    bindings.put(later, 50)

    assert bindings.of("101", 50) == [later]


def test_a_phone_with_an_instance_keeps_one_binding_when_its_address_changes() -> None:
    bindings = Bindings()
    bindings.put(replace(PHONE, instance="<urn:uuid:1>"), 0)
    moved = replace(PHONE, instance="<urn:uuid:1>", contact="sip:101@192.0.2.99", call_id="new")
    bindings.put(moved, 1)

    assert bindings.of("101", 1) == [moved]


def test_an_older_register_of_the_same_call_changes_nothing() -> None:
    bindings = Bindings([replace(PHONE, cseq=5)])

    with pytest.raises(Conflict):
        bindings.put(replace(PHONE, cseq=4, expires_at=999), 0)
    with pytest.raises(Conflict):
        bindings.clear("101", "a", 5, 0)
    assert bindings.of("101", 0)[0].expires_at == 100


def test_a_phone_that_restarted_begins_a_new_order() -> None:
    bindings = Bindings([replace(PHONE, cseq=500)])
    bindings.put(replace(PHONE, call_id="after restart", cseq=1), 0)

    assert bindings.of("101", 0)[0].cseq == 1


def test_a_small_device_that_restarted_and_keeps_its_call_is_no_old_request() -> None:
    bindings = Bindings([replace(PHONE, cseq=500, at=10)])
    with pytest.raises(Conflict):
        bindings.put(replace(PHONE, cseq=1, at=20), 20)
    bindings.put(replace(PHONE, cseq=1, at=60), 60)

    assert bindings.of("101", 60)[0].cseq == 1


def test_an_account_cannot_fill_the_memory_with_devices() -> None:
    bindings = Bindings()
    for number in range(BINDINGS_PER_ACCOUNT):
        bindings.put(replace(PHONE, contact=f"sip:101@192.0.2.{number}"), 0)

    with pytest.raises(Busy):
        bindings.put(replace(PHONE, contact="sip:101@198.51.100.1"), 0)


def test_the_star_removes_every_device() -> None:
    bindings = Bindings([PHONE, TABLET])
    bindings.clear("101", "another call", 1, 0)

    assert bindings.of("101", 0) == []


def test_the_next_expiry_is_the_earliest() -> None:
    assert Bindings([PHONE, replace(TABLET, expires_at=50)]).next_expiry() == 50
    assert Bindings().next_expiry() is None


def test_refreshes_for_ever_take_no_memory() -> None:
    bindings = Bindings()
    for number in range(1000):
        bindings.put(replace(PHONE, cseq=number + 2, expires_at=100 + number), number)

    assert bindings.next_expiry() == 1099
    assert len(bindings._expiries) < 200
    assert bindings.sweep(1099) == {"101"}
    assert bindings.everything() == []
    assert not bindings.known(PHONE.source)


def test_a_source_is_known_as_long_as_somebody_is_registered_from_there() -> None:
    bindings = Bindings([PHONE, replace(TABLET, source=PHONE.source)])
    bindings.remove("101", PHONE.key, "x", 1, 0)
    assert bindings.known(PHONE.source)
    bindings.forget("101")
    assert not bindings.known(PHONE.source)


@pytest.mark.parametrize(
    ("contact", "behind"),
    [("sip:101@192.0.2.1:5060", False), ("sip:101@192.0.2.1", False), ("sip:101@10.0.0.1", True), ("tel:1", True)],
)
def test_a_contact_that_is_not_the_source_is_behind_a_router(contact: str, behind: bool) -> None:
    assert replace(PHONE, contact=contact).behind_nat is behind


def test_what_a_newer_version_kept_besides_does_not_keep_an_older_one_from_starting() -> None:
    kept = Binding(
        account="101",
        contact="sip:101@192.0.2.1",
        source=Address("udp", "192.0.2.1", 5060),
        expires_at=60.0,
        call_id="a",
        cseq=1,
        path=("<sip:proxy;lr>",),
    )
    assert Binding.from_row("101", {**kept.row(), "mood": "good"}) == kept
