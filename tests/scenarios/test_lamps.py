"""Lamp keys on desk phones, as ladders between the phone that watches, the PBX and those it watches."""

from xml.etree import ElementTree as ET

from pbx_lite.events import UserChanged
from pbx_lite.features.people.people import People
from tests.support.house import House
from tests.support.watcher import Watcher


async def test_a_lamp_blinks_while_it_rings_and_burns_while_they_speak(house: House) -> None:
    ben = await house.phone("ben")
    carl = await house.phone("carl")
    async with Watcher(house.address(), "101", "secret101") as anna:
        assert (await anna.subscribe("102")).status == 200
        await anna.sees("<state>terminated</state>")
        call = await carl.invite("102")
        ringing = await ben.rings()
        early = await anna.sees("<state>early</state>")
        assert b'display="Carl"' in early.body
        assert b"call-id=" in early.body, "the lamp key can take the call"
        await ringing.answer()
        await anna.sees("<state>confirmed</state>")
        call.hang_up()
        await anna.sees("<state>terminated</state>")


async def test_the_key_beside_a_blinking_lamp_takes_the_call(house: House) -> None:
    ben = await house.phone("ben")
    carl = await house.phone("carl")
    async with Watcher(house.address(), "101", "secret101") as anna:
        await anna.subscribe("102")
        call = await carl.invite("102")
        ringing = await ben.rings()
        dialog = ET.fromstring((await anna.sees("call-id=")).body)[0]
        replaces = f"{dialog.get('call-id')};to-tag={dialog.get('local-tag')};from-tag={dialog.get('remote-tag')}"
        taken = await anna.invite("102", headers=[("Replaces", f"{replaces};early-only")])
        assert await taken.final_status() == 200
        assert await call.final_status() == 200
        await ringing.ended()


async def test_presence_follows_registration_and_do_not_disturb(house: House) -> None:
    async with Watcher(house.address(), "101", "secret101") as anna:
        assert (await anna.subscribe("102", "presence")).status == 200
        await anna.sees("<basic>closed</basic>")
        await house.phone("ben")
        await anna.sees("<basic>open</basic>")


async def test_a_stranger_watches_nobody(house: House) -> None:
    async with Watcher(house.address(), "101", "wrong", registers=False) as stranger:
        assert (await stranger.subscribe("102")).status == 401
        assert stranger.told.entries == []


async def test_the_end_of_the_pbx_asks_watchers_to_come_again(house: House) -> None:
    async with Watcher(house.address(), "101", "secret101") as anna:
        await anna.subscribe("102")
        await anna.sees("terminated")
        await house.restart()
        last = await anna.told.next()
        assert last.headers.get("subscription-state") == "terminated;reason=probation;retry-after=5"
        assert (await anna.subscribe("102")).status == 200


async def test_the_keys_for_silence_and_forwarding_are_those_of_the_person_everywhere(house: House) -> None:
    people = house.pbx.features[People]
    ben = await house.phone("ben")
    carl = await house.phone("carl")
    async with Watcher(house.address(), "101", "secret101") as anna:
        # The key of the phone: the PBX knows, Home Assistant hears of it, and callers find her busy.
        wish = b"<SetDoNotDisturb><device>101</device><doNotDisturbOn>true</doNotDisturbOn></SetDoNotDisturb>"
        assert (await anna.press(wish)).status == 200
        await anna.sees("<doNotDisturbOn>true<")
        await house.home.hears(UserChanged, lambda event: event.user == "anna")
        assert people.state("anna")["do_not_disturb"] is True
        assert await (await ben.invite("101")).final_status() == 486
        # A client, such as the switch in Home Assistant: the lamp of the phone follows.
        await people.set("anna", do_not_disturb=False)
        await anna.sees("<doNotDisturbOn>false<")
        # A code dialled from the phone: that too.
        assert await (await anna.invite("*76103")).final_status() == 200
        await anna.sees(">forwardNoAns</forwardingType><forwardStatus>true</forwardStatus><forwardTo>103<")
        # The key for forwarding: callers get through to somebody else.
        wish = (
            b"<SetForwarding><forwardingType>forwardImmediate</forwardingType><forwardDN>103</forwardDN>"
            b"<activateForward>true</activateForward></SetForwarding>"
        )
        assert (await anna.press(wish)).status == 200
        await anna.sees("<forwardingType>forwardImmediate</forwardingType><forwardStatus>true<")
        call = await ben.invite("101")
        (await carl.rings()).reject(486)
        assert await call.final_status() == 486
        assert (await anna.press(wish.replace(b"true", b"false"))).status == 200
        await anna.sees("<forwardingType>forwardImmediate</forwardingType><forwardStatus>false<")
        forward = people.settings("anna")["forward"]
        assert (forward["always"], forward["no_answer"]) == ("", "103")
