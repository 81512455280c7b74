"""What pages of the panel hear, as phones and of the house, over Home Assistant's WebSocket."""

import asyncio

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.pascom.browser import Browse
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import NOW, FakePbx

RANG = {"leg": "l2", "call": "c2", "name": "Front door", "number": "150", "door": "front", "auto_answer": False}


# The first thing a page hears


async def test_a_page_is_told_who_it_is_for_and_what_that_person_may_see(
    rooms: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.unseen = {"garden", "office"}
    browser = await browse("ben")
    told = await browser.begun(await browser.subscribe())
    assert told["connected"] is True
    assert told["me"] == {
        "user": "ben",
        "display_name": "Ben Berger",
        "extension": "102",
        "linked": True,
        "admin": False,
    }
    snapshot = told["snapshot"]
    assert [door["name"] for door in snapshot["doors"]] == ["front"]
    assert [room["name"] for room in snapshot["rooms"]] == ["family"]
    assert snapshot["doors"] == [pbx.door("front")]
    assert snapshot["teams"] == pbx.snapshot["teams"]
    assert snapshot["trunks"] == []
    assert pbx.commands("phone/here") == [
        {"device": "tablet", "rings": True, "as": {"ha_user": "ha-ben", "name": "Ben"}}
    ]


async def test_of_others_a_page_shows_whether_they_can_be_called_and_nothing_of_their_calls(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    snapshot = (await browser.begun(await browser.subscribe()))["snapshot"]
    assert [call["id"] for call in snapshot["calls"]] == ["c2"]
    users = {user["name"]: user for user in snapshot["users"]}
    assert users["anna"]["in_call"] is True
    assert users["carla"]["ringing"] is True
    assert users["anna"]["devices"] == []
    assert users["anna"]["roles"] == ["family"]
    assert users["ben"] == pbx.user("ben")


async def test_who_waits_for_a_team_is_shown_to_its_members_alone(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    (team,) = pbx.snapshot["teams"]
    assert "carla" not in team["members"]
    pbx.user("carla")["ha_user"] = "ha-dora"
    await pbx.change_directory()
    browser, stranger = await browse("ben"), await browse("dora")
    page, other = await browser.subscribe(), await stranger.subscribe()
    await browser.begun(page)
    begun = await stranger.begun(other)
    assert begun["snapshot"]["teams"] == [{**team, "waiting": []}]
    await pbx.tell("team_changed", team="family", state={**team, "duties": {}})
    assert (await browser.event(page))["state"] == {**team, "duties": {}}
    assert (await stranger.event(other))["state"] == {**team, "duties": {}, "waiting": []}


async def test_who_is_not_linked_is_told_so_and_nothing_else(
    no_links: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("dora")
    page = await browser.subscribe()
    assert await browser.message(page) == {
        "type": "snapshot",
        "snapshot": None,
        "me": {"user": "", "display_name": "Dora", "extension": "", "linked": False, "admin": False},
        "connected": True,
        "pictures": {},
    }
    await pbx.change_door("front", state="ringing")
    await pbx.change_user("ben", in_call=False)
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    pbx.user("carla")["ha_user"] = "ha-dora"
    await pbx.change_directory()
    told = await browser.message(page)
    assert told["me"]["user"] == "carla"
    assert told["snapshot"]["doors"]
    assert pbx.commands("phone/here")[0]["as"]["ha_user"] == "ha-dora"
    assert (await browser.message(page)) == {"type": "legs", "legs": []}


async def test_who_loses_their_link_is_a_phone_no_more(
    no_links: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    pbx.user("ben")["ha_user"] = None
    await pbx.change_directory()
    told = await browser.message(page)
    assert (told["snapshot"], told["me"]["linked"]) == (None, False)
    assert pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}]


async def test_who_comes_new_is_made_a_user_where_the_owner_wants_that(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("dora")
    told = await browser.begun(await browser.subscribe())
    assert pbx.commands("user/link")[0]["ha_user"] == "ha-dora"
    assert told["me"]["user"] == "dora"


# What it hears then


async def test_a_page_hears_of_the_doors_and_rooms_of_its_user(
    rooms: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.unseen = {"garden", "office"}
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await pbx.change_door("garden", state="ringing")
    await pbx.tell("door_rang", door="garden", ring="r1", button="", rings=["ben"])
    await pbx.tell("door_open_requested", door="front", ring="", by="anna")
    await pbx.change_room("office", active=True)
    await pbx.tell("room_joined", room="office", participant="p9", name="", number="", user="anna", leader=False)
    await pbx.change_trunk("provider", in_use=3)
    await pbx.tell("voicemail_received", message="m1", user="anna", door="", caller="", caller_name="", seconds=1.0)
    await pbx.tell("voicemail_received", message="m2", user="", door="garden", caller="", caller_name="", seconds=1.0)
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    assert (await browser.event(page))["kind"] == "door_opened"
    await pbx.change_room("family", locked=True)
    assert (await browser.event(page))["state"]["locked"] is True
    await pbx.tell("voicemail_received", message="m3", user="ben", door="", caller="", caller_name="", seconds=1.0)
    assert (await browser.event(page))["message"] == "m3"
    await pbx.tell("voicemail_received", message="m4", user="", door="front", caller="", caller_name="", seconds=1.0)
    assert (await browser.event(page))["message"] == "m4"


async def test_a_page_hears_of_the_companys_phonebook_and_of_its_users_own(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    for book, user, contact in (
        ("private", "anna", 3),
        ("company", "", 1),
        ("private", "carla", 0),
        ("private", "ben", 4),
    ):
        await pbx.tell("phonebook_changed", book=book, user=user, id=contact, contact=None)
    assert [(await browser.event(page))["id"] for _ in range(2)] == [1, 4]


async def test_an_own_name_for_a_caller_is_told_to_nobody_else(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await pbx.tell("call_ringing", call="c2", user="anna", device="101", known_as="Mama")
    await pbx.tell("call_ringing", call="c2", user="ben", device="102", known_as="Schwiegermama")
    assert [(await browser.event(page))["known_as"] for _ in range(2)] == ["", "Schwiegermama"]


async def test_of_another_user_a_page_hears_no_more_than_it_shows(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await pbx.change_user("anna", voicemail=4, do_not_disturb=True)
    state = (await browser.event(page))["state"]
    assert (state["voicemail"], state["devices"], state["do_not_disturb"]) == (0, [], True)
    await pbx.change_user("ben", voicemail=4)
    assert (await browser.event(page))["state"]["voicemail"] == 4


async def test_a_page_hears_of_the_calls_of_its_user_from_beginning_to_end(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    call = next(call for call in (await browser.begun(page))["snapshot"]["calls"] if call["id"] == "c2")
    foreign = next(call for call in pbx.snapshot["calls"] if call["id"] == "c1")
    await pbx.change_call("c1", foreign)
    await pbx.tell("call_held", call="c1", by="anna")
    await pbx.tell("call_dtmf", call="c2", digit="1", user="anna", number="101")
    await pbx.tell("call_missed", call="c3", user="carla", caller="", caller_name="")
    await pbx.tell("call_held", call="c2", by="anna")
    assert (await browser.event(page))["kind"] == "call_held"
    await pbx.change_call("c2", None)
    assert (await browser.event(page)) == {"kind": "call_changed", "call": "c2", "state": None, "at": NOW}
    await pbx.tell("call_ended", call="c1", cause=16, reason="", by="anna", seconds=1.0, answered=True, quality=[])
    await pbx.tell("call_ended", call="c2", cause=16, reason="", by="anna", seconds=1.0, answered=True, quality=[])
    assert (await browser.event(page))["call"] == "c2"
    await pbx.tell("call_missed", call="c4", user="ben", caller="", caller_name="")
    assert (await browser.event(page))["call"] == "c4"
    # One that goes on without them is over for them.
    await pbx.change_call("c5", {**call, "id": "c5"})
    assert (await browser.event(page))["state"]["id"] == "c5"
    await pbx.change_call("c5", {**call, "id": "c5", "parties": [each for each in call["parties"] if not each["user"]]})
    assert (await browser.event(page))["state"] is None
    await pbx.tell("call_ended", call="c5", cause=16, reason="", by="anna", seconds=1.0, answered=True, quality=[])
    await pbx.tell("call_missed", call="c6", user="ben", caller="", caller_name="")
    assert (await browser.event(page))["call"] == "c6"


async def test_what_happens_while_rights_are_found_out_is_told_after_the_snapshot(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    pbx.hold["user/rights"] = asyncio.Event()
    await pbx.change_directory()
    await until(lambda: len(pbx.commands("user/rights")) == 2)
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    await pbx.tell("door_opened", door="garden", ring="", by="anna", how="dtmf")
    pbx.unseen = {"garden"}
    pbx.hold.pop("user/rights").set()
    assert [door["name"] for door in (await browser.message(page))["snapshot"]["doors"]] == ["front"]
    assert (await browser.event(page))["door"] == "front"
    await pbx.tell("door_opened", door="front", ring="r2", by="anna", how="dtmf")
    assert (await browser.event(page))["ring"] == "r2"
    # It is a phone still, and need not say so again.
    assert len(pbx.commands("phone/here")) == 1


# A page as a phone


async def test_a_page_rings_by_itself(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse) -> None:
    tablet, kitchen, anna = await browse("ben"), await browse("ben"), await browse("anna")
    pages = [(tablet, await tablet.subscribe("tablet")), (kitchen, await kitchen.subscribe("kitchen"))]
    pages.append((anna, await anna.subscribe("tablet")))
    for browser, page in pages:
        await browser.begun(page)
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    assert (await tablet.event(pages[0][1])) == {
        "kind": "phone_rang",
        "user": "ben",
        "device": "tablet",
        **RANG,
        "at": NOW,
    }
    assert [(await browser.event(page))["kind"] for browser, page in pages] == ["door_opened"] * 3


async def test_a_page_is_told_of_the_calls_that_it_is_in_still(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.answers["phone/here"] = lambda _: {"legs": [{"leg": "l1", "call": "c1", "state": "answered"}]}
    browser = await browse("ben")
    page = await browser.subscribe(rings=False)
    assert (await browser.message(page))["type"] == "snapshot"
    assert await browser.message(page) == {
        "type": "legs",
        "legs": [{"leg": "l1", "call": "c1", "state": "answered"}],
    }
    assert pbx.commands("phone/here")[0]["rings"] is False


async def test_a_page_that_may_not_ring_shows_the_house_nevertheless(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.refuse("phone/here", "busy", "Too many of your browsers are open; close some.")
    browser = await browse("ben")
    page = await browser.subscribe()
    assert (await browser.message(page))["snapshot"]["doors"]
    assert await browser.message(page) == {
        "type": "legs",
        "legs": [],
        "error": {"code": "busy", "message": "Too many of your browsers are open; close some."},
    }


async def test_a_page_that_is_left_is_gone(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await browser.unsubscribe(page)
    await until(lambda: pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}])
    await browser.begun(await browser.subscribe("other"))
    await browser.socket.close()
    await until(lambda: {"user": "ben", "device": "other"} in pbx.commands("phone/gone"))


async def test_of_two_tabs_with_the_same_name_the_last_one_is_gone(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    first, second = await browse("ben"), await browse("ben")
    one, two = await first.subscribe(), await second.subscribe(rings=False)
    await first.begun(one)
    await second.begun(two)
    assert [here["rings"] for here in pbx.commands("phone/here")] == [True, True]
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    assert (await first.event(one))["leg"] == (await second.event(two))["leg"] == "l2"
    await first.socket.close()
    # The other one stays, and does not want to ring.
    await until(lambda: [here["rings"] for here in pbx.commands("phone/here")] == [True, True, False])
    assert pbx.commands("phone/gone") == []
    await second.socket.close()
    await until(lambda: pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}])


async def test_a_page_that_is_left_while_it_arrives_is_gone_too(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    browser = await browse("ben")
    pbx.hold["phone/here"] = asyncio.Event()
    page = await browser.subscribe()
    await until(lambda: bool(pbx.commands("phone/here")))
    await browser.unsubscribe(page)
    pbx.hold.pop("phone/here").set()
    await until(lambda: bool(pbx.commands("phone/gone")))


# The PBX comes and goes


async def test_a_page_hears_that_the_pbx_is_away_and_is_a_phone_again_when_it_is_back(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await pbx.stop()
    assert await browser.message(page) == {"type": "connected", "connected": False}
    pbx.door("front")["state"] = "ringing"
    pbx.answers["phone/here"] = lambda _: {"legs": [{"leg": "l1", "call": "c1", "state": "answered"}]}
    await pbx.start()
    assert await browser.message(page) == {"type": "connected", "connected": True}
    told = await browser.message(page)
    assert [door["state"] for door in told["snapshot"]["doors"] if door["name"] == "front"] == ["ringing"]
    assert told["connected"] is True
    assert (await browser.message(page))["legs"][0]["leg"] == "l1"
    assert len(pbx.commands("phone/here")) == 2
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    assert (await browser.event(page))["leg"] == "l2"


async def test_a_page_that_is_opened_while_the_pbx_is_away_waits_for_it(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    client = loaded.runtime_data.client
    await pbx.stop()
    await until(lambda: not client.connected)
    browser = await browse("ben")
    page = await browser.subscribe()
    told = await browser.message(page)
    assert (told["connected"], told["me"]["user"], told["me"]["linked"]) == (False, "ben", True)
    # What they may see nobody can say now.
    assert (told["snapshot"]["doors"], told["snapshot"]["calls"]) == ([], [])
    assert (await browser.ask("door/open", {"door": "front"}))["error"]["code"] == "unavailable"
    await pbx.start()
    assert await browser.message(page) == {"type": "connected", "connected": True}
    assert (await browser.begun(page))["snapshot"]["doors"]


async def test_a_page_outlives_a_reload_of_the_integration(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}]
    assert await browser.message(page) == {"type": "connected", "connected": False}
    assert (await browser.ask("door/open", {"door": "front"}))["error"]["code"] == "unavailable"
    assert await hass.config_entries.async_setup(loaded.entry_id)
    assert await browser.message(page) == {"type": "connected", "connected": True}
    assert (await browser.begun(page))["me"]["user"] == "ben"


async def test_pages_of_a_pbx_that_is_removed_are_left_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await hass.config_entries.async_remove(loaded.entry_id)
    assert await browser.message(page) == {"type": "connected", "connected": False}
    await browser.unsubscribe(page)
    assert (await browser.ask("call/list"))["error"]["code"] == "not_found"


# Who is there


async def test_who_has_left_all_their_pages_is_away_until_they_touch_one_again(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    desk, tablet = await browse("ben"), await browse("ben")
    await desk.begun(await desk.subscribe("desk"))
    page = await tablet.subscribe("tablet")
    await tablet.begun(page)
    await desk.result(await desk.send("pascom/idle", idle=True))
    await tablet.result(await tablet.send("pascom/idle", idle=True))
    assert (await tablet.event(page))["state"]["idle"] is True
    await desk.result(await desk.send("pascom/idle", idle=False))
    assert (await tablet.event(page))["state"]["idle"] is False
    assert [asked["idle"] for asked in pbx.commands("user/set")] == [True, False]

    await tablet.result(await tablet.send("pascom/idle", idle=False))
    await desk.result(await desk.send("pascom/idle", idle=True))
    await tablet.unsubscribe(page)
    await until(lambda: [asked["idle"] for asked in pbx.commands("user/set")] == [True, False, True])
