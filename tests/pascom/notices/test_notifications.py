"""Notifications of the app: a fake PBX on one side, the screens of phones on the other."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange, ConfigEntryState
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import slugify
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pascom.const import CONF_NOTIFICATIONS, DOMAIN
from custom_components.pascom.notices import apps
from custom_components.pascom.preferences import PREFERENCES
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx
from tests.support.push_server import Screens, button, buttons, registration

RINGS = "Somebody is at the door."
type Press = Callable[..., Awaitable[None]]


class Pocket(Screens):
    """The app's integration and its phones.  Those in `dead` take a push and say nothing."""

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__()
        self.dead: set[str] = set()
        self.failing: dict[str, str] = {}
        self._hass = hass
        self._services: dict[str, str] = {}

    def service_of(self, _hass: HomeAssistant, webhook: str) -> str | None:
        return self._services.get(webhook)

    async def add(self, device: str, owner: str, **more: str) -> MockConfigEntry:
        """Somebody logs in to the app on this phone."""
        data = {
            **registration(device, "http://push.example.com"),
            "user_id": f"ha-{owner}",
            "webhook_id": f"hook-{device}",
            **more,
        }
        entry = MockConfigEntry(domain="mobile_app", title=device, data=data)
        entry.mock_state(self._hass, ConfigEntryState.LOADED)
        entry.add_to_hass(self._hass)

        async def notify(call: ServiceCall) -> None:
            self.take({"push_token": device, "title": "", **call.data})
            if device in self.failing:
                raise HomeAssistantError(self.failing[device])
            if device in self.dead:
                await asyncio.Event().wait()

        service = self._services[f"hook-{device}"] = f"mobile_app_{slugify(device)}"
        self._hass.services.async_register("notify", service, notify)
        async_dispatcher_send(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange.ADDED, entry)
        return entry


@pytest.fixture
def pocket(hass: HomeAssistant, people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> Pocket:
    pocket = Pocket(hass)
    module: Any = ModuleType("homeassistant.components.mobile_app.util")
    module.get_notify_service = pocket.service_of
    for name in ("mobile_app", "mobile_app.util"):
        monkeypatch.setitem(sys.modules, f"homeassistant.components.{name}", module)
    hass.config.components.add("mobile_app")
    hass.data["mobile_app"] = {"notify": object()}
    return pocket


@pytest.fixture
async def phones(pocket: Pocket, loaded: MockConfigEntry, pbx: FakePbx, until: Until) -> None:
    """Anna has a phone and a tablet, Ben a phone; Dora's is nobody's to the PBX."""
    pbx.user("ben")["do_not_disturb"] = False
    for device in ("anna-phone", "anna-tablet", "ben-phone", "dora-phone"):
        await pocket.add(device, device.partition("-")[0])
    await until(lambda: len(pbx.commands("phone/here")) == 2)


@pytest.fixture
def press(hass: HomeAssistant) -> Press:
    async def press(push: dict[str, Any], title: str, *, by: str = "ha-anna", **said: Any) -> None:
        data = {"action": button(push, title)["action"], "tag": push["data"]["tag"], **said}
        hass.bus.async_fire("mobile_app_notification_action", data, context=Context(user_id=by))
        await hass.async_block_till_done()

    return press


async def ring(pbx: FakePbx, *users: str, button: str = "", ring: str = "r7") -> None:
    await pbx.tell("door_rang", door="front", ring=ring, button=button, rings=list(users or ("anna", "ben")))


# Doors


async def test_a_door_rings_at_every_phone_of_those_whom_it_rings(
    hass: HomeAssistant, phones: None, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    await ring(pbx, "anna", "ben", "carla", button="Anna")
    push = await pocket.shows("anna-phone", "Somebody is ringing at Anna.")
    await pocket.shows("anna-tablet", "Somebody is ringing at Anna.")
    await pocket.shows("ben-phone", "Somebody is ringing at Anna.")
    assert push["title"] == "Front door"
    data = push["data"]
    assert (data["ttl"], data["priority"], data["channel"]) == (0, "high", "Doorbell")
    assert data["push"] == {"sound": "default", "interruption-level": "time-sensitive"}
    assert data["url"] == data["clickAction"] == "/pascom/door/front"
    assert "image" not in data
    assert buttons(push) == ["Answer", "Open", "Decline"]
    assert button(push, "Answer") == {"action": "URI", "title": "Answer", "uri": "/pascom/door/front?answer=r7"}
    assert button(push, "Open")["authenticationRequired"]
    assert button(push, "Open")["destructive"]
    assert pocket.pushes("dora-phone") == []

    # Once the visitor is photographed their picture is added, silently; the buttons stay the same.
    door = pbx.door("front")
    last = {**door["last_ring"], "id": "r7", "outcome": "ringing", "picture": True}
    await pbx.change_door("front", last_ring=last)
    shown = await pocket.until("anna-phone", lambda screen: any("image" in push["data"] for push in screen.values()))
    (again,) = shown.values()
    assert again["data"]["image"] == "/api/image_proxy/image.front_door_last_visitor?ring=r7"
    assert again["data"]["alert_once"]
    assert again["data"]["push"]["sound"] == "none"
    assert again["data"]["actions"] == data["actions"]


async def test_who_answers_loses_the_notification_and_others_read_who_it_was(
    phones: None, pbx: FakePbx, pocket: Pocket
) -> None:
    await ring(pbx)
    await pocket.shows("ben-phone", RINGS)
    await pocket.shows("anna-tablet", RINGS)
    await pbx.tell("door_answered", door="front", ring="r7", by="anna", device="browser", button="")
    push = await pocket.shows("ben-phone", "Anna Berger answered.")
    assert buttons(push) == []
    assert push["data"]["push"] == {"sound": "none", "interruption-level": "passive"}
    assert push["data"]["alert_once"]
    assert push["data"]["tag"] == "pascom-r7"
    await pocket.shows_nothing("anna-phone")
    await pocket.shows_nothing("anna-tablet")


async def test_doors_ring_on_silent_phones_of_who_wants_that(
    hass: HomeAssistant, phones: None, pbx: FakePbx, pocket: Pocket
) -> None:
    await pocket.add("anna-apple", "anna", manufacturer="Apple")
    hass.data[PREFERENCES].change("ha-anna", {"notifications": {"critical": True}})
    await ring(pbx)
    android = (await pocket.shows("anna-phone", RINGS))["data"]
    apple = (await pocket.shows("anna-apple", RINGS))["data"]
    assert (android["channel"], android["importance"]) == ("alarm_stream", "high")
    assert apple["push"]["sound"] == {"name": "default", "critical": 1, "volume": 1.0}
    assert apple["push"]["interruption-level"] == "critical"
    assert (await pocket.shows("ben-phone", RINGS))["data"]["push"]["sound"] == "default"

    # Apple lets nothing take the place of what is critical: it is shown once, and taken away before what comes after.
    last = {**pbx.door("front")["last_ring"], "id": "r7", "outcome": "ringing", "picture": True}
    await pbx.change_door("front", last_ring=last)
    await pocket.until("anna-phone", lambda screen: any("image" in push["data"] for push in screen.values()))
    await pbx.tell("door_answered", door="front", ring="r7", by="ben", device="browser", button="")
    shown = await pocket.until("anna-apple", lambda screen: set(screen) == {"pascom-r7-over"})
    assert shown["pascom-r7-over"]["message"] == "Ben Berger answered."
    assert [push["message"] for push in pocket.pushes("anna-apple")].count(RINGS) == 1
    await pocket.until("anna-phone", lambda screen: set(screen) == {"pascom-r7"})


async def test_of_several_pbxs_a_notification_leads_to_its_own(
    hass: HomeAssistant, loaded: MockConfigEntry, phones: None, pbx: FakePbx, pocket: Pocket
) -> None:
    MockConfigEntry(domain=DOMAIN, title="Office", data=dict(loaded.data)).add_to_hass(hass)
    await ring(pbx)
    push = await pocket.shows("anna-phone", RINGS)
    assert push["data"]["url"] == push["data"]["clickAction"] == f"/pascom/door/front?pbx={loaded.entry_id}"
    assert button(push, "Answer")["uri"] == f"/pascom/door/front?answer=r7&pbx={loaded.entry_id}"


async def test_what_nobody_answered_stays_as_missed(phones: None, pbx: FakePbx, pocket: Pocket) -> None:
    await ring(pbx)
    await pocket.shows("anna-phone", RINGS)
    await pbx.tell("door_missed", door="front", ring="r7", button="")
    await pbx.tell("door_ended", door="front", ring="r7", by="door", button="")
    push = await pocket.shows("anna-phone", "Somebody was at the door.")
    assert push["data"]["push"]["sound"] == "none"
    assert "timeout" not in push["data"]


async def test_opening_happens_in_the_name_of_whose_phone_it_is(
    phones: None, pbx: FakePbx, pocket: Pocket, press: Press, until: Until
) -> None:
    await ring(pbx)
    push = await pocket.shows("anna-phone", RINGS)
    await press(push, "Open", webhook_id="hook-anna-phone")
    await until(lambda: bool(pbx.commands("door/open")))
    assert pbx.commands("door/open") == [{"door": "front", "as": {"ha_user": "ha-anna", "name": "Anna"}}]
    await press(push, "Open")
    assert len(pbx.commands("door/open")) == 1
    await pbx.tell("door_opened", door="front", ring="r7", by="anna", how="dtmf")
    await pocket.shows("anna-phone", "The door is open.")
    await pocket.shows("ben-phone", "Anna Berger opened the door.")
    await pbx.tell("door_missed", door="front", ring="r7", button="")
    await press(push, "Decline")
    await pocket.shows("anna-phone", "This is over. Nothing was done.")
    assert not any(push["message"] == "Somebody was at the door." for push in pocket.received)


async def test_a_button_is_for_the_phone_that_shows_it_and_for_its_owner(
    hass: HomeAssistant,
    phones: None,
    pbx: FakePbx,
    pocket: Pocket,
    press: Press,
    caplog: pytest.LogCaptureFixture,
    until: Until,
) -> None:
    await ring(pbx)
    push = await pocket.shows("anna-phone", RINGS)
    tablet = await pocket.shows("anna-tablet", RINGS)
    assert button(push, "Open")["action"] != button(tablet, "Open")["action"]
    await press(push, "Open", by="ha-ben")
    await press(push, "Open", webhook_id="hook-ben-phone")
    assert "pressed by somebody else" in caplog.text
    for action in ("PASCOM_OPEN", None, 7, "PASCOM_" + "X" * 500):
        hass.bus.async_fire("mobile_app_notification_action", {"action": action}, context=Context(user_id="ha-anna"))
    await hass.async_block_till_done()
    await press(push, "Open")
    await until(lambda: bool(pbx.commands("door/open")))
    assert [each["as"]["name"] for each in pbx.commands("door/open")] == ["Anna"]


@pytest.mark.parametrize(
    ("code", "said", "read"),
    [
        ("forbidden", "Anna may not open Front door.", "The door was not opened. You may not open this door."),
        ("unavailable", "The relay does not answer.", "The door was not opened. The relay does not answer."),
    ],
)
async def test_a_refused_opening_is_answered_in_words(
    phones: None, pbx: FakePbx, pocket: Pocket, press: Press, code: str, said: str, read: str
) -> None:
    pbx.refuse("door/open", code, said)
    await ring(pbx)
    await press(await pocket.shows("anna-phone", RINGS), "Open")
    await pocket.shows("anna-phone", read)
    assert all(push["message"] != read for push in pocket.pushes("anna-tablet"))


async def test_buttons_are_over_with_the_ring(phones: None, pbx: FakePbx, pocket: Pocket, press: Press) -> None:
    await ring(pbx)
    push = await pocket.shows("anna-phone", RINGS)
    await pbx.tell("door_ended", door="front", ring="r7", by="door", button="")
    await pocket.shows_nothing("anna-phone")
    await press(push, "Open", webhook_id="hook-anna-phone")
    await pocket.shows("anna-phone", "This is over. Nothing was done.")
    assert pbx.commands("door/open") == []


async def test_who_declines_is_rung_no_more_and_others_are(
    phones: None, pbx: FakePbx, pocket: Pocket, press: Press
) -> None:
    await ring(pbx)
    await pocket.shows("anna-tablet", RINGS)
    await press(await pocket.shows("anna-phone", RINGS), "Decline")
    await pocket.shows_nothing("anna-phone")
    await pocket.shows_nothing("anna-tablet")
    assert await pocket.shows("ben-phone", RINGS)
    await pbx.tell("door_missed", door="front", ring="r7", button="")
    await pocket.shows("ben-phone", "Somebody was at the door.")
    assert pocket.screen("anna-phone") == {}


async def test_rights_of_the_pbx_decide_what_is_offered(
    phones: None, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    def rights(frame: dict[str, Any]) -> dict[str, Any]:
        anna = frame["as"]["ha_user"] == "ha-anna"
        return {"user": "?", "doors": {"front": {"see": anna, "talk": False, "open": False}}, "rooms": []}

    pbx.answers["user/rights"] = rights
    await ring(pbx)
    assert buttons(await pocket.shows("anna-phone", RINGS)) == ["Decline"]
    await until(lambda: len(pbx.commands("user/rights")) == 2)
    assert pocket.pushes("ben-phone") == []


async def test_a_phone_that_cannot_be_reached_keeps_no_other_waiting(
    loaded: MockConfigEntry,
    phones: None,
    pbx: FakePbx,
    pocket: Pocket,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    until: Until,
) -> None:
    monkeypatch.setattr(apps, "SEND_TIMEOUT", 0.05)
    await pocket.add("anna-watch", "anna")
    pocket.dead.add("anna-watch")
    pocket.failing["anna-tablet"] = "hook-anna-tablet not connected"
    await ring(pbx)
    await pocket.shows("anna-phone", RINGS)
    await until(lambda: "did not reach anna-watch: it was not reached within" in caplog.text)
    assert "did not reach anna-tablet: … not connected" in caplog.text
    await ring(pbx, ring="r8")
    await pocket.until("anna-phone", lambda screen: set(screen) == {"pascom-r8"})
    await until(lambda: any(push["data"]["tag"] == "pascom-r8" for push in pocket.pushes("anna-watch")))
    pocket.failing.clear()
    pocket.dead.clear()
    state = loaded.runtime_data.notifications.state()
    slow = "it was not reached within 0 seconds"
    assert state == {
        "enabled": True,
        "people_with_app": 2,
        "people_whose_app_rings": 2,
        "not_reached": [slow, "… not connected"],
    }
    await pbx.tell("door_ended", door="front", ring="r8", by="door", button="")
    for phone in ("anna-phone", "anna-tablet", "anna-watch"):
        await pocket.shows_nothing(phone)
    await until(lambda: "reach anna-watch again" in caplog.text)
    assert caplog.text.count("did not reach anna-watch") == caplog.text.count("did not reach anna-tablet") == 1


async def test_what_is_over_before_it_is_sent_is_never_shown(
    hass: HomeAssistant, phones: None, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    """A phone that is slow to take one push gets the newest of the next ones."""
    sender = apps.Apps(hass)
    (app, _) = sender.of("ha-anna")
    notes = [apps.Note(message=words, data={"tag": "t"}) for words in ("first", "second", "third")]
    for note in notes:
        sender.show(app, note)
    sender.show(app, apps.Note(message="other", data={"tag": "u"}))
    await until(lambda: len(pocket.pushes("anna-phone")) == 2)
    assert {push["message"] for push in pocket.pushes("anna-phone")} == {"third", "other"}
    await sender.close(1.0)


async def test_after_a_loss_rings_that_are_over_go_and_new_ones_come(
    hass: HomeAssistant, phones: None, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    await ring(pbx)
    await pocket.shows("anna-phone", RINGS)
    await pbx.stop()
    since = "2026-11-21T10:00:00.000+00:00"
    now = {"id": "r9", "button": "", "since": since, "answered_by": "", "rings": ["anna"]}
    pbx.door("garden").update(state="ringing", ring=now)
    await pbx.start()
    shown = await pocket.until("anna-phone", lambda screen: set(screen) == {"pascom-r9"})
    assert shown["pascom-r9"]["title"] == "Garden gate"
    await until(lambda: len(pbx.commands("phone/here")) == 4)


# Calls


async def rang(pbx: FakePbx, user: str = "anna", **fields: Any) -> None:
    told = {"leg": "l1", "call": "c9", "name": "Dr. Huber", "number": "+4989123456", "door": "", "auto_answer": False}
    await pbx.tell("phone_rang", user=user, device="app", **{**told, **fields})


async def ended(pbx: FakePbx, *, elsewhere: bool) -> None:
    told = {"name": "", "number": "", "cause": 26 if elsewhere else 16, "reason": "", "elsewhere": elsewhere}
    await pbx.tell("phone_changed", user="anna", device="app", leg="l1", state="ended", **told)


async def test_the_app_is_a_phone_of_its_owner_and_rings_for_calls(
    phones: None, pbx: FakePbx, pocket: Pocket, press: Press, until: Until
) -> None:
    assert {"device": "app", "rings": True, "as": {"ha_user": "ha-anna", "name": "Anna"}} in pbx.commands("phone/here")
    await rang(pbx)
    push = await pocket.shows("anna-phone", "Incoming call")
    assert push["title"] == "Dr. Huber"
    assert buttons(push) == ["Answer", "Decline"]
    assert button(push, "Answer")["uri"] == "/pascom/phone?answer=c9"
    assert pocket.pushes("ben-phone") == []
    await press(push, "Decline")
    await until(lambda: bool(pbx.commands("call/hang_up")))
    assert pbx.commands("call/hang_up") == [{"call": "c9", "as": {"ha_user": "ha-anna", "name": "Anna"}}]
    await pocket.shows_nothing("anna-tablet")
    await pbx.tell("call_missed", call="c9", user="anna", caller="+4989123456", caller_name="Dr. Huber")
    await pbx.tell("call_ended", call="c9", cause=21, reason="", by="", seconds=0.0, answered=False, quality=[])
    await rang(pbx, call="c10", leg="l2")
    await pocket.shows("anna-tablet", "Incoming call")
    assert not any(push["title"] == "Missed call" for push in pocket.received if "title" in push)


async def test_a_call_that_somebody_else_took_says_who(phones: None, pbx: FakePbx, pocket: Pocket) -> None:
    await rang(pbx)
    await pocket.shows("anna-phone", "Incoming call")
    await ended(pbx, elsewhere=True)
    await pbx.tell("call_answered", call="c9", by="ben", number="102", device="102")
    push = await pocket.shows("anna-phone", "Ben Berger answered.")
    assert push["title"] == "Dr. Huber"
    await pbx.tell("call_ended", call="c9", cause=16, reason="", by="", seconds=9.0, answered=True, quality=[])


async def test_a_call_that_one_took_oneself_is_gone(phones: None, pbx: FakePbx, pocket: Pocket) -> None:
    await rang(pbx)
    await pocket.shows("anna-tablet", "Incoming call")
    await pbx.tell("call_answered", call="c9", by="anna", number="101", device="101")
    await pocket.shows_nothing("anna-phone")
    await pocket.shows_nothing("anna-tablet")


async def test_a_missed_call_stays_with_a_way_to_call_back(phones: None, pbx: FakePbx, pocket: Pocket) -> None:
    await rang(pbx)
    await pocket.shows("anna-phone", "Incoming call")
    await ended(pbx, elsewhere=False)
    await pbx.tell("call_missed", call="c9", user="anna", caller="+4989123456", caller_name="Dr. Huber")
    push = await pocket.shows("anna-phone", "Dr. Huber, +4989123456")
    assert push["title"] == "Missed call"
    assert button(push, "Call back")["uri"] == "/pascom/phone?number=%2B4989123456"
    assert push["data"]["url"] == "/pascom/journal"
    assert push["data"]["push"]["sound"] == "none"
    await pbx.tell("call_missed", call="c11", user="ben", caller="anonymous", caller_name="Anonymous")
    push = await pocket.shows("ben-phone", "Anonymous")
    assert buttons(push) == []
    assert push["data"]["push"]["sound"] == "default"
    own = {"caller": "+4930111", "caller_name": "Frau Berger", "known_as": "Mama"}
    await pbx.tell("call_missed", call="c13", user="ben", **own)
    await pocket.shows("ben-phone", "Mama, +4930111")


async def test_calls_that_one_begins_and_announcements_do_not_ring_at_the_app(
    phones: None, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    own = {**pbx.snapshot["calls"][1], "id": "c12"}
    await pbx.change_call("c12", own)
    await rang(pbx, call="c12", leg="l2")
    await rang(pbx, call="c13", leg="l3", auto_answer=True)
    await until(lambda: [each["leg"] for each in pbx.commands("phone/reject")] == ["l3"])
    assert pbx.commands("phone/reject")[0]["busy"]
    await rang(pbx, call="c14", leg="l4")
    await pbx.tell(
        "phone_rang",
        user="anna",
        device="app",
        leg="l5",
        call="d1",
        name="",
        number="",
        door="front",
        auto_answer=False,
    )
    shown = await pocket.until("anna-phone", bool)
    assert set(shown) == {"pascom-c14"}


async def test_calls_go_with_the_pbx(phones: None, pbx: FakePbx, pocket: Pocket) -> None:
    await rang(pbx)
    await pocket.shows("anna-phone", "Incoming call")
    await pbx.stop()
    await pocket.shows_nothing("anna-phone")
    await pbx.start()


# Messages


async def test_messages_are_told_to_whom_they_are_for(phones: None, pbx: FakePbx, pocket: Pocket) -> None:
    pbx.unseen = set()
    message = {"caller": "+4989123456", "caller_name": "Dr. Huber", "seconds": 12.5}
    await pbx.tell("voicemail_received", message="m2", user="anna", door="", **message)
    push = await pocket.shows("anna-phone", "New message: Dr. Huber (12 s)")
    assert push["title"] == "Voicemail"
    await pbx.tell("voicemail_received", message="m3", user="", door="front", **message)
    push = await pocket.shows("ben-phone", "A visitor left a message (12 s).")
    assert push["title"] == "Front door"
    assert push["data"]["image"].startswith("/api/pascom/")
    assert push["data"]["url"] == "/pascom/voicemail/door:front"
    assert all("New message" not in push["message"] for push in pocket.pushes("ben-phone"))


async def test_apples_symbol_counts_what_is_not_seen_yet(
    hass: HomeAssistant, phones: None, pbx: FakePbx, pocket: Pocket
) -> None:
    await pocket.add("anna-apple", "anna", manufacturer="Apple")
    hass.data[PREFERENCES].change("ha-anna", {"seen": "2026-11-21T10:00:00+00:00"})
    missed = [{"call": f"c{hour}", "at": f"2026-11-21T{hour:02}:30:00.000+00:00"} for hour in (11, 10, 9)]
    pbx.answers["journal/list"] = lambda frame: {"entries": missed, "next": None} if frame["user"] == "anna" else None
    pbx.user("anna")["voicemail"] = 0
    # One of two is written down already, and the one before was seen.
    await pbx.tell("call_missed", call="c12", user="anna", caller="1", caller_name="")
    push = await pocket.shows("anna-apple", "1")
    assert push["data"]["push"]["badge"] == 3

    hass.data[PREFERENCES].look_at_journal("ha-anna")
    shown = await pocket.until("anna-apple", lambda screen: "pascom-unread" in screen)
    push = shown["pascom-unread"]
    assert (push["message"], push["data"]["push"]) == ("delete_alert", {"badge": 0})
    await pbx.change_user("anna", voicemail=2)
    await pocket.until("anna-apple", lambda screen: screen["pascom-unread"]["data"]["push"] == {"badge": 2})
    assert all("pascom-unread" not in pocket.screen(phone) for phone in ("anna-phone", "anna-tablet"))


# Who wants what


async def test_everybody_chooses_what_they_hear_of(
    hass: HomeAssistant, phones: None, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    nothing = dict.fromkeys(("door", "call", "missed", "voicemail"), False)
    hass.data[PREFERENCES].change("ha-anna", {"notifications": nothing})
    await until(lambda: pbx.commands("phone/gone") == [{"user": "anna", "device": "app"}])
    await ring(pbx)
    await pbx.tell("call_missed", call="c9", user="anna", caller="1", caller_name="")
    await pbx.tell("voicemail_received", message="m2", user="anna", door="", caller="1", caller_name="", seconds=1.0)
    await pocket.shows("ben-phone", RINGS)
    await pbx.tell("door_missed", door="front", ring="r7", button="")
    await pocket.shows("ben-phone", "Somebody was at the door.")
    assert pocket.pushes("anna-phone") == []


async def test_the_whole_can_be_switched_off(
    hass: HomeAssistant, loaded: MockConfigEntry, phones: None, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    await ring(pbx)
    await pocket.shows("anna-phone", RINGS)
    hass.config_entries.async_update_entry(loaded, options={**loaded.options, CONF_NOTIFICATIONS: False})
    await pocket.shows_nothing("anna-phone")
    await until(lambda: len(pbx.commands("phone/gone")) == 2)
    before = len(pocket.received)
    await ring(pbx, ring="r8")
    await pbx.tell("call_missed", call="c9", user="anna", caller="1", caller_name="")
    await pbx.change_door("front", viewers=7)
    await until(lambda: loaded.runtime_data.coordinator.data.doors["front"].viewers == 7)
    hass.config_entries.async_update_entry(loaded, options={**loaded.options, CONF_NOTIFICATIONS: True})
    await until(lambda: len(pbx.commands("phone/here")) == 4)
    assert {push["data"]["tag"] for push in pocket.received[before:]} <= {"pascom-r7"}


async def test_phones_that_come_and_go_ring_and_do_not(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, pocket: Pocket, until: Until
) -> None:
    assert pbx.commands("phone/here") == []
    phone = await pocket.add("ben-phone", "ben")
    await until(lambda: [each["as"]["ha_user"] for each in pbx.commands("phone/here")] == ["ha-ben"])
    await hass.config_entries.async_remove(phone.entry_id)
    await until(lambda: pbx.commands("phone/gone") == [{"user": "ben", "device": "app"}])
    await hass.config_entries.async_unload(loaded.entry_id)


async def test_who_becomes_somebody_else_in_home_assistant_is_rung_as_that(
    phones: None, pbx: FakePbx, until: Until
) -> None:
    await pbx.change_user("carla", in_call=True)
    await pbx.change_user("ben", ha_user="ha-dora")
    await until(lambda: len(pbx.commands("phone/here")) == 3)
    assert pbx.commands("phone/gone") == [{"user": "ben", "device": "app"}]
    assert pbx.commands("phone/here")[-1]["as"]["ha_user"] == "ha-dora"


async def test_why_an_app_may_not_ring_is_said_once(
    loaded: MockConfigEntry, pbx: FakePbx, pocket: Pocket, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    pbx.refuse("phone/here", "busy", "Too many of your browsers are open; close some.")
    await pocket.add("ben-phone", "ben")
    await until(lambda: "The app of ben does not ring for calls: Too many" in caplog.text)
    asked = len(pbx.commands("phone/here"))
    await pocket.add("ben-tablet", "ben")
    await until(lambda: len(pbx.commands("phone/here")) > asked)
    pbx.answers["phone/here"] = lambda _: {"legs": []}
    await pocket.add("anna-phone", "anna")
    await until(lambda: any(each["as"]["ha_user"] == "ha-anna" for each in pbx.commands("phone/here")))
    assert caplog.text.count("does not ring for calls") == 1


async def test_unloading_takes_what_rings_from_the_phones(
    hass: HomeAssistant, loaded: MockConfigEntry, phones: None, pbx: FakePbx, pocket: Pocket
) -> None:
    await ring(pbx)
    await pocket.shows("anna-phone", RINGS)
    await hass.config_entries.async_unload(loaded.entry_id)
    await pocket.shows_nothing("anna-phone")


async def test_everybody_reads_their_own_language(
    hass: HomeAssistant, phones: None, pbx: FakePbx, pocket: Pocket
) -> None:
    hass.config.components.add("frontend")
    await (await async_user_store(hass, "ha-anna")).async_set_item("language", {"language": "de-CH"})
    hass.config.language = "nl"
    await ring(pbx)
    assert buttons(await pocket.shows("anna-phone", "Jemand steht vor der Tür.")) == ["Annehmen", "Öffnen", "Ablehnen"]
    await pocket.shows("ben-phone", "Er staat iemand voor de deur.")
