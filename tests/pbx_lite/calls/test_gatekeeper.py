"""Who gets in over SIP, and that a refusal teaches nothing."""

import dataclasses
import itertools
import re

import pytest

from pbx_lite.calls.gatekeeper import Gatekeeper
from pbx_lite.calls.lockout import LockoutRules
from pbx_lite.config import Config, Door, Secret, User
from pbx_lite.directory import Account, Directory
from pbx_lite.events import Event, EventBus, SourceLockedOut
from pbx_lite.sip.address import Address
from pbx_lite.sip.digest import DigestServer, authorize
from pbx_lite.sip.message import Request, response
from tests.support.clock import FakeClock

CONFIG = Config(
    users=(
        User(name="anna", display_name="Anna", extension="101", password=Secret("secret101")),
        User(name="ben", display_name="Ben", extension="102"),
    ),
    doors=(Door(name="gate", display_name="Gate", extension="150", address="udp:192.0.2.50:5060"),),
)


@dataclasses.dataclass
class Incoming:
    request: Request
    source: Address


class Gate:
    """The gatekeeper of a home, and what it said."""

    def __init__(self, challenges: int = 5) -> None:
        self.clock = FakeClock()
        self.events: list[Event] = []
        bus = EventBus()
        bus.listen(self.events.append)
        self.keeper = Gatekeeper(
            directory=Directory(CONFIG),
            digest=DigestServer("pbx", secret=b"s" * 32),
            clock=self.clock,
            bus=bus,
            rules=LockoutRules(failures=3, challenges=challenges, patience=4),
        )
        self.refused: list[tuple[int, list[tuple[str, str]]]] = []

    def ask(self, request: Request, host: str = "192.0.2.1") -> Account | None:
        incoming = Incoming(request, Address("udp", host, 5060))
        return self.keeper.identify(incoming, lambda status, headers: self.refused.append((status, headers)))

    def log_in(self, username: str, password: str, host: str = "192.0.2.1") -> Account | None:
        """Ask, be challenged, and answer the challenge."""
        request = invite()
        self.ask(request, host)
        status, headers = self.refused[-1]
        challenge = response(request, status, headers=headers)
        again = invite()
        authorize(challenge, again, username, password, nonce_counts={})
        return self.ask(again, host)


_branches = itertools.count(1)


def invite(method: str = "INVITE") -> Request:
    return Request(
        method,
        "sip:150@pbx",
        [
            ("Via", f"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{next(_branches)}"),
            ("From", "<sip:101@pbx>;tag=1"),
            ("To", "<sip:150@pbx>"),
            ("Call-ID", "c1"),
            ("CSeq", f"1 {method}"),
        ],
    )


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_whoever_knows_the_password_is_let_in(gate: Gate) -> None:
    account = gate.log_in("101", "secret101")

    assert account is not None
    assert account.owner == "anna"


def test_nobody_comes_in_without_a_password(gate: Gate) -> None:
    assert gate.ask(invite()) is None
    assert gate.refused[0][0] == 401


def test_an_account_without_a_password_lets_nobody_in(gate: Gate) -> None:
    assert gate.log_in("102", "") is None


def test_an_unknown_extension_is_refused_exactly_like_a_wrong_password(gate: Gate) -> None:
    gate.log_in("101", "wrong", "192.0.2.2")
    gate.log_in("999", "wrong", "192.0.2.3")
    shapes = [
        (status, [(name, re.sub(r'nonce="[^"]*"', "nonce", value)) for name, value in headers])
        for status, headers in gate.refused
    ]

    assert shapes.count(shapes[0]) == len(shapes) == 4


def test_guessing_the_password_of_an_account_is_refused_from_there_and_told_once() -> None:
    gate = Gate(challenges=80)
    for _ in range(6):
        gate.log_in("101", "wrong")

    assert [status for status, _ in gate.refused[1::2]] == [401, 401, 401, 403, 403, 403]
    assert gate.events == [SourceLockedOut(source="192.0.2.1", seconds=300)]
    assert gate.log_in("101", "secret101") is None, "or guessing would only have to go on"
    assert gate.log_in("101", "secret101", "192.0.2.2") is not None
    gate.clock.advance(301)
    assert gate.log_in("101", "secret101") is not None


@pytest.mark.parametrize("name", ["101", "999"])
def test_a_name_that_is_refused_looks_the_same_whether_it_exists_or_not(gate: Gate, name: str) -> None:
    for _ in range(4):
        gate.log_in(name, "wrong")

    assert gate.refused[-1] == (403, [("Retry-After", "300")])


def test_guessing_with_many_names_locks_the_address_out() -> None:
    gate = Gate(challenges=80)
    for number in range(7):
        gate.log_in(str(200 + number), "wrong")

    assert gate.events == [SourceLockedOut(source="192.0.2.1", seconds=300)]
    assert not gate.keeper.admit(Address("udp", "192.0.2.1", 5060))
    assert gate.keeper.admit(Address("udp", "192.0.2.2", 5060))


def test_who_goes_on_and_on_with_a_refused_name_is_not_answered_any_more() -> None:
    gate = Gate(challenges=20)
    for _ in range(20):
        gate.log_in("101", "wrong")

    assert not gate.keeper.admit(Address("udp", "192.0.2.1", 5060))


def test_a_phone_that_was_removed_takes_nobody_at_its_address_with_it(caplog: pytest.LogCaptureFixture) -> None:
    """Asked every ten seconds, for an hour; another one there begins to register only then."""
    gate = Gate(challenges=80)
    for _ in range(360):
        gate.log_in("104", "of the one that is gone")
        gate.clock.advance(10)

    assert gate.keeper.admit(Address("udp", "192.0.2.1", 5070))
    assert gate.log_in("101", "secret101") is not None
    assert "104 is refused for 300 seconds at 192.0.2.1" in caplog.text


def test_a_phone_with_an_old_password_is_no_guesser_where_it_was_let_in_before() -> None:
    gate = Gate(challenges=80)
    gate.log_in("101", "secret101")
    for name in ("104", "105"):
        gate.log_in(name, "removed")
    for _ in range(4):
        gate.log_in("101", "the old one")

    assert gate.refused[-1][0] == 403
    assert gate.events == []
    assert gate.keeper.admit(Address("udp", "192.0.2.1", 5060))


def test_a_registered_phone_is_not_refused_for_what_others_try_with_its_name() -> None:
    gate = Gate(challenges=80)
    for _ in range(4):
        gate.log_in("101", "wrong")
    gate.keeper.trusted = lambda _: True

    assert gate.log_in("101", "secret101") is not None


def test_the_first_wrong_password_is_told_in_a_line_that_helps_and_the_next_ones_are_not(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.log_in("101", "wrong")
    gate.log_in("101", "wrong")

    assert [record.getMessage() for record in caplog.records] == [
        "192.0.2.1 gave a wrong password or name for 101: check the SIP account entered in that device"
    ]


def test_a_scanner_that_never_answers_challenges_is_locked_out_too(gate: Gate) -> None:
    for _ in range(5):
        gate.ask(invite())

    assert not gate.keeper.admit(Address("udp", "192.0.2.1", 5060))


def test_a_registered_phone_cannot_be_locked_out_by_others_in_its_name(gate: Gate) -> None:
    gate.keeper.trusted = lambda source: source.port == 5062
    for _ in range(5):
        gate.ask(invite())

    assert gate.keeper.admit(Address("udp", "192.0.2.1", 5062))
    assert not gate.keeper.admit(Address("udp", "192.0.2.1", 5060))


def test_a_hundred_calls_that_come_before_the_first_answer_lock_nobody_out(gate: Gate) -> None:
    assert gate.log_in("101", "secret101") is not None
    for _ in range(100):
        assert gate.keeper.challenge(invite(), Address("udp", "192.0.2.1", 5060)) is not None
    gate.clock.advance(3)

    assert gate.log_in("101", "secret101") is not None
    assert gate.keeper.admit(Address("udp", "192.0.2.1", 5060))


def test_a_door_at_its_fixed_address_needs_no_password_to_ring(gate: Gate) -> None:
    account = gate.ask(invite(), "192.0.2.50")

    assert account is not None
    assert account.owner == "gate"


def test_a_fixed_address_may_not_register_for_others(gate: Gate) -> None:
    assert gate.ask(invite("REGISTER"), "192.0.2.50") is None


def offered(gate: Gate) -> list[str]:
    """The algorithms of the last challenge."""
    return [found[1] for _, value in gate.refused[-1][1] if (found := re.search(r"algorithm=([\w-]+)", value))]


def test_a_device_that_gives_up_at_sha_256_is_offered_md5_alone_when_it_asks_anew(gate: Gate) -> None:
    gate.ask(invite())
    assert offered(gate) == ["SHA-256", "MD5"]
    gate.ask(invite())
    assert offered(gate) == ["MD5"]
    assert gate.log_in("101", "secret101") is not None
    gate.ask(invite())
    assert offered(gate) == ["MD5"], "it did not learn more since"


def test_a_request_that_is_only_repeated_is_challenged_as_before(gate: Gate) -> None:
    request = invite()
    for _ in range(2):
        gate.ask(request)
        assert offered(gate) == ["SHA-256", "MD5"]


def test_a_request_without_a_password_is_challenged_before_anything_is_made_of_it(gate: Gate) -> None:
    phone, door = Address("udp", "192.0.2.1", 5060), Address("udp", "192.0.2.50", 5060)

    assert [name for name, _ in gate.keeper.challenge(invite(), phone) or ()] == ["WWW-Authenticate"] * 2
    assert gate.keeper.challenge(invite(), door) is None
    assert gate.keeper.challenge(invite("REGISTER"), door) is not None


def test_a_device_that_answers_is_offered_sha_256_every_time(gate: Gate) -> None:
    for _ in range(3):
        assert gate.log_in("101", "secret101") is not None
        assert offered(gate) == ["SHA-256", "MD5"]


def test_old_baresip_is_known_by_its_name(gate: Gate) -> None:
    request = invite()
    request.headers.set("User-Agent", "baresip v1.0.0 (x86_64/linux)")
    gate.ask(request)
    assert offered(gate) == ["MD5"]


def test_a_test_rig_is_known_by_how_it_spells_its_transactions(gate: Gate) -> None:
    request = invite()
    request.headers.set("Via", "SIP/2.0/UDP 10.0.0.5:5061;branch=z9hG4bK-4711-1-0")
    gate.ask(request)
    assert offered(gate) == ["MD5"]
