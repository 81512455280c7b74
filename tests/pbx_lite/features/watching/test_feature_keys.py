"""The keys of desk phones for do not disturb and forwarding: what they want, and what their lamps show."""

from dataclasses import dataclass, field, replace
from email import message_from_bytes
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pbx_lite.errors import Invalid, NotFound, ParseError
from pbx_lite.events import UserChanged
from pbx_lite.features.watching.feature_keys import LONGEST, TYPE, Forward, Silence, parse
from pbx_lite.sip.message import Request, Response
from tests.pbx_lite.features.watching.test_watching import Home
from tests.support.clock import FakeClock

CSTA = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
EVENT = "as-feature-event"


def silence(on: str = "true") -> bytes:
    """As Yealink writes it."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<SetDoNotDisturb xmlns="{CSTA}">\n<device>101</device>\n'
        f"<doNotDisturbOn>{on}</doNotDisturbOn>\n</SetDoNotDisturb>\n"
    ).encode()


def forward(kind: str = "forwardImmediate", on: str = "true", number: str = "", rings: str = "") -> bytes:
    """As Grandstream writes it."""
    more = f"<ringCount>{rings}</ringCount>" if rings else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><SetForwarding xmlns="{CSTA}"><device/>'
        f"<forwardingType>{kind}</forwardingType><forwardDN>{number}</forwardDN>"
        f"<activateForward>{on}</activateForward>{more}</SetForwarding>"
    ).encode()


@dataclass(frozen=True)
class Forwarding:
    always: str = ""
    busy: str = ""
    no_answer: str = ""
    seconds: float = 20.0


@dataclass(frozen=True)
class Settings:
    do_not_disturb: bool = False
    forwarding: Forwarding = field(default_factory=Forwarding)


class People:
    """The settings of everybody, in memory."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.settings: dict[str, Settings] = {}
        self.fault: Exception | None = None

    def of(self, user: str) -> Settings:
        return self.settings.get(user, Settings())

    def change(self, user: str, **changes: Any) -> Settings:
        if self.fault is not None:
            raise self.fault
        self.settings[user] = replace(self.of(user), **changes)
        self._home.bus.publish(UserChanged(user=user))
        return self.settings[user]

    def forward_now(self, user: str, fields: Any) -> Forwarding:
        forwarding = replace(self.of(user).forwarding, **fields)
        return self.change(user, forwarding=forwarding).forwarding


class Keys:
    """Anna's phone, which watches its own keys."""

    def __init__(self) -> None:
        self.home = Home(FakeClock())
        self.people = People(self.home)
        self.home.watching.keys.owner = self.people
        self._seq = 1

    def subscribe(self, body: bytes = b"", *, content_type: str = TYPE, number: str = "101") -> Any:
        headers = [("Content-Type", content_type)] if body else []
        return self.home.subscribe(number, EVENT, headers=headers, body=body)

    def press(self, body: bytes) -> int:
        """A SUBSCRIBE within the dialog of the last NOTIFY; the status of its answer."""
        notify = self.home.phone.requests("NOTIFY")[-1]
        self._seq += 1
        self.home.phone.request(
            "SUBSCRIBE",
            self.home.pbx,
            headers=[("Event", EVENT), ("Content-Type", TYPE)],
            body=body,
            call_id=notify.call_id,
            seq=self._seq,
            to_tag=notify.from_.tag,
        )
        self.home.clock.advance(0)
        answers = [each for each in self.home.phone.received if isinstance(each, Response)]
        return next(each.status for each in reversed(answers) if each.cseq.number == self._seq)

    def shown(self) -> dict[str, dict[str, str]]:
        """What the last NOTIFY shows, by event and kind of forwarding."""
        return documents(self.home.told())


def documents(notify: Request) -> dict[str, dict[str, str]]:
    head = f"Content-Type: {notify.headers.get('content-type')}\r\n\r\n".encode()
    whole = message_from_bytes(head + notify.body)
    found = {}
    for part in list(whole.walk())[1:]:
        assert part.get_content_type() == TYPE
        root = ET.fromstring(str(part.get_payload()))
        values = {each.tag.rpartition("}")[2]: each.text or "" for each in root}
        assert root.tag.startswith(f"{{{CSTA}}}")
        found[values.pop("forwardingType", root.tag.rpartition("}")[2])] = values
    return found


@pytest.fixture
def keys() -> Keys:
    return Keys()


def test_a_phone_is_shown_what_its_keys_are_at_first(keys: Keys) -> None:
    keys.people.settings["anna"] = Settings(forwarding=Forwarding(busy="102", seconds=15))
    assert keys.subscribe().status == 200
    assert keys.shown() == {
        "DoNotDisturbEvent": {"device": "101", "doNotDisturbOn": "false"},
        "forwardImmediate": {"device": "101", "forwardStatus": "false"},
        "forwardBusy": {"device": "101", "forwardStatus": "true", "forwardTo": "102"},
        "forwardNoAns": {"device": "101", "forwardStatus": "false", "ringCount": "3"},
    }


def test_the_key_for_do_not_disturb_switches_it_on_and_off(keys: Keys) -> None:
    keys.subscribe()
    keys.shown()
    assert keys.press(silence("true")) == 200
    assert keys.people.of("anna").do_not_disturb
    assert keys.shown()["DoNotDisturbEvent"]["doNotDisturbOn"] == "true"
    assert keys.press(silence("false")) == 200
    assert not keys.people.of("anna").do_not_disturb
    assert keys.shown()["DoNotDisturbEvent"]["doNotDisturbOn"] == "false"


def test_a_wish_in_the_first_subscribe_is_done_too(keys: Keys) -> None:
    assert keys.subscribe(silence()).status == 200
    assert keys.people.of("anna").do_not_disturb
    assert keys.shown()["DoNotDisturbEvent"]["doNotDisturbOn"] == "true"


def test_the_key_for_forwarding_passes_calls_on_and_ends_it(keys: Keys) -> None:
    keys.subscribe()
    keys.shown()
    assert keys.press(forward("forwardNoAns", number="0170 1234", rings="6")) == 200
    assert keys.people.of("anna").forwarding == Forwarding(no_answer="0170 1234", seconds=30)
    assert keys.shown()["forwardNoAns"] == {
        "device": "101",
        "forwardStatus": "true",
        "forwardTo": "0170 1234",
        "ringCount": "6",
    }
    assert keys.press(forward("forwardNoAns", on="false", number="0170 1234", rings="6")) == 200
    assert keys.people.of("anna").forwarding == Forwarding(seconds=30)


def test_as_many_rings_as_there_were_leave_the_seconds_alone(keys: Keys) -> None:
    keys.people.settings["anna"] = Settings(forwarding=Forwarding(seconds=18))
    keys.subscribe()
    keys.shown()
    keys.press(forward("forwardNoAns", number="102", rings="4"))
    assert keys.people.of("anna").forwarding == Forwarding(no_answer="102", seconds=18)


def test_forwarding_without_a_number_is_shown_to_be_as_it_was(keys: Keys) -> None:
    keys.subscribe()
    keys.shown()
    assert keys.press(forward(number="")) == 200
    assert keys.shown()["forwardImmediate"]["forwardStatus"] == "false"
    keys.people.settings["anna"] = Settings(forwarding=Forwarding(always="102"))
    assert keys.press(forward(number="")) == 200
    assert keys.people.of("anna").forwarding.always == "102"


def test_a_change_by_anybody_is_shown_once_and_what_is_no_change_never(keys: Keys) -> None:
    keys.subscribe()
    keys.shown()
    before = len(keys.home.phone.requests("NOTIFY"))
    keys.home.bus.publish(UserChanged(user="anna"))  # such as the begin of a call
    keys.people.change("ben", do_not_disturb=True)
    keys.home.clock.advance(1)
    assert len(keys.home.phone.requests("NOTIFY")) == before
    keys.people.change("anna", do_not_disturb=True)
    assert keys.shown()["DoNotDisturbEvent"]["doNotDisturbOn"] == "true"
    keys.press(silence("false"))
    keys.shown()
    keys.home.clock.advance(1)
    assert len(keys.home.phone.requests("NOTIFY")) == before + 2, "who pressed is told once"


def test_nobody_presses_the_keys_of_others(keys: Keys) -> None:
    assert keys.subscribe(silence(), number="102").status == 403
    assert keys.subscribe(silence(), number="150").status == 403
    keys.home.account = "150"
    assert keys.subscribe(silence(), number="101").status == 403
    assert keys.people.settings == {}


def test_more_presses_than_anybody_makes_are_refused(keys: Keys) -> None:
    keys.subscribe()
    keys.shown()
    statuses = [keys.press(silence("true" if press % 2 else "false")) for press in range(25)]
    assert set(statuses[:20]) == {200}
    assert set(statuses[20:]) == {503}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (silence(), "application/sdp", 415),
        (b"<", TYPE, 400),
        (silence("perhaps"), TYPE, 400),
        (silence().replace(b"SetDoNotDisturb", b"SetAgent"), TYPE, 400),
        (b"<SetDoNotDisturb/>", TYPE, 400),
        (forward("forwardDND", number="1"), TYPE, 400),
        (forward("forwardNoAns", number="1", rings="0"), TYPE, 400),
        (forward("forwardNoAns", number="1", rings="101"), TYPE, 400),
        (forward("forwardNoAns", number="1", rings="9" * 1000), TYPE, 400),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + silence(), TYPE, 400),
        (silence() + b" " * LONGEST, TYPE, 413),
        (b"\xff\xfe" * 50, TYPE, 400),
    ],
)
def test_what_is_no_wish_is_refused(keys: Keys, body: bytes, content_type: str, status: int) -> None:
    assert keys.subscribe(body, content_type=content_type).status == status
    assert keys.people.settings == {}


def test_a_refused_wish_leaves_the_subscription_as_it_was(keys: Keys) -> None:
    keys.subscribe()
    keys.shown()
    assert keys.press(b"<") == 400
    keys.people.change("anna", do_not_disturb=True)
    assert keys.shown()["DoNotDisturbEvent"]["doNotDisturbOn"] == "true"


@pytest.mark.parametrize(("fault", "status"), [(Invalid("No number."), 400), (NotFound("Gone."), 404)])
def test_what_cannot_be_set_is_refused(keys: Keys, fault: Exception, status: int) -> None:
    keys.people.fault = fault
    assert keys.subscribe(silence()).status == status


def test_without_somebody_who_keeps_them_there_is_nothing_to_show(keys: Keys) -> None:
    keys.home.watching.keys.owner = None
    assert keys.subscribe(silence()).status == 200
    assert keys.home.told().body == b""
    keys.home.bus.publish(UserChanged(user="anna"))


def test_a_number_may_come_as_an_address_and_in_any_namespace() -> None:
    plain = forward(number="sip:+49891234@home;user=phone").replace(CSTA.encode(), b"urn:other")
    assert parse(plain) == Forward(kind="always", on=True, number="+49891234")
    assert parse(forward("forwardBusy", number="tel:102;x=y", on="0")) == Forward(kind="busy", on=False, number="102")
    assert parse(silence("1")) == Silence(on=True)
    with pytest.raises(ParseError):
        parse(b"")
