"""What calls outside may cost, which line they take, and who decides where calls from outside go."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.config import Calling
from pbx_lite.events import CallEnded, RouteRequested, TollRefused
from pbx_lite.features.people.people import People
from pbx_lite.features.trunks.trunks import Trunks
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import House
from tests.support.lines import house_with, lined_house, said, state, trunk_to, until


@pytest.fixture
async def house(tmp_path: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    async for house in lined_house(tmp_path, provider):
        yield house


# Money


@pytest.mark.parametrize(
    ("dialled", "reason"),
    [
        ("00900123456", "Anna may not call +49900123456: premium-rate numbers are not allowed."),
        ("00049900123456", "Anna may not call +49900123456: premium-rate numbers are not allowed."),
        ("011833", "Anna may not call 11833: premium-rate numbers are not allowed."),
        ("0001876123456", "Anna may not call +1876123456: it is a known destination of telephone fraud."),
        ("00043151551", "Anna may not call +43151551: numbers abroad are not allowed."),
    ],
)
async def test_what_costs_is_refused_and_told(house, provider, dialled, reason):
    phone = await house.phone("anna")
    call = await phone.invite(dialled)
    assert await call.final_status() == 403
    refused = await house.home.hears(TollRefused)
    assert (refused.user, refused.reason) == ("anna", reason)
    assert len(house.home.heard(TollRefused)) == 1
    assert not provider.invites.entries


async def test_so_many_calls_an_hour(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider), calling=Calling(hourly=2, route_seconds=0)) as house:
        await provider.registered()
        await until(house, "registered")
        phone = await house.phone("anna")
        for _ in range(2):
            call = await phone.invite("0030222333")
            (await provider.rings()).reject(486)
            assert await call.final_status() == 486
        assert await (await phone.invite("0030222333")).final_status() == 403
        assert "2 calls to the outside" in (await house.home.hears(TollRefused)).reason


async def test_so_many_minutes_an_hour_end_a_call_that_runs_with_a_tone_before(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider), calling=Calling(minutes=1, route_seconds=0)) as house:
        await provider.registered()
        await until(house, "registered")
        phone = await house.phone("anna")
        limits, now = house.pbx.features[Trunks]._dialling.limits, asyncio.get_running_loop().time()
        limits.began("anna", "earlier", now - 58)
        limits.answered("earlier", now - 58)
        limits.ended("earlier", now)
        call = await phone.invite("0030222333")
        outside = await provider.rings()
        urgent = await phone.invite("112")
        helper = await provider.rings()
        await helper.answer()
        await outside.answer()
        assert await urgent.final_status() == await call.final_status() == 200
        assert await outside.hears(1400)
        assert await call.hears(1400)
        assert "cause=57" in await call.ended()
        assert "cause=57" in await outside.ended()
        assert (await house.home.hears(CallEnded)).cause == 57
        told = await house.home.hears(TollRefused)
        assert (told.user, told.number) == ("anna", "+4930222333")
        assert told.reason == (
            "Anna's call to +4930222333 was ended: 1 minutes were spoken to the outside within an hour."
        )
        assert await (await phone.invite("0030222333")).final_status() == 403
        urgent.speak(440)
        assert await helper.hears(440), "emergency calls go on"


async def test_a_forwarding_outside_needs_the_forwarders_right(house, provider):
    people = house.pbx.features[People]
    await people.forward("anna", {"always": "+4930222333"})
    await people.forward("ben", {"always": "+49900123456"})
    call = await provider.call("+4989123450")
    outside = await provider.rings()
    assert said(outside, "From").startswith("<sip:+4989123450@")
    assert said(outside, "Diversion").startswith("<sip:+4989123450@")
    outside.reject(486)
    assert await call.final_status() == 486
    call = await provider.call("+4989123451")
    assert await call.final_status() == 403
    assert (await house.home.hears(TollRefused)).user == "ben"


async def test_a_transfer_outside_needs_the_right_of_whoever_gives_the_call_away(house, provider):
    phone = await house.phone("anna")
    call = await provider.call("+4989123450")
    ringing = await phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    await ringing.refer(phone.uri("00900123456"))
    assert await ringing.hears_of_transfer(100, 403)
    assert (await house.home.hears(TollRefused)).user == "anna"
    ringing.speak(440)
    assert await call.hears(440)
    await ringing.refer(phone.uri("0030222333"))
    outside = await provider.rings()
    assert said(outside, "From").startswith("<sip:+4989123450@")
    await outside.answer()
    await ringing.ended()
    outside.speak(600)
    assert await call.hears(600)
    assert state(house)["in_use"] == 2


async def test_a_caller_from_outside_transfers_nobody(house, provider):
    phone = await house.phone("anna")
    call = await provider.call("+4989123450")
    ringing = await phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    await call.refer("sip:0030222333@127.0.0.1")
    assert await call.hears_of_transfer(100, 403)
    assert not provider.invites.entries


# A second line


async def test_the_next_line_is_tried_where_one_fails(tmp_path, provider):
    async with FakeTrunk(host="127.0.0.78", username="other") as second:
        trunks = trunk_to(provider), trunk_to(second, name="second", numbers=(), caller_number="+4940555")
        async with house_with(tmp_path, *trunks) as house:
            await asyncio.gather(provider.registered(), second.registered())
            await until(house, "registered")
            await until(house, "registered", "second")
            provider.serves = lambda invite: invite.reject(500)
            phone = await house.phone("anna")
            call = await phone.invite("0030222333")
            outside = await second.rings()
            assert said(outside, "From").startswith("<sip:+4940555@127.0.0.78>")
            await outside.answer()
            assert await call.final_status() == 200


async def test_a_provider_that_says_nothing_holds_up_nobody(tmp_path, provider, monkeypatch):
    monkeypatch.setattr("pbx_lite.features.trunks.outgoing.PATIENCE", 0.3)
    async with (
        FakeTrunk(host="127.0.0.78", username="other") as second,
        house_with(tmp_path, trunk_to(provider), trunk_to(second, name="second")) as house,
    ):
        await until(house, "registered")
        await until(house, "registered", "second")
        await provider.stop()
        phone = await house.phone("anna")
        call = await phone.invite("112")
        await (await second.rings()).answer()
        assert await call.final_status() == 200


async def test_a_line_that_is_not_registered_is_passed_over(tmp_path, provider):
    provider.refuses = (403, [])
    async with (
        FakeTrunk(host="127.0.0.78", username="other") as second,
        house_with(tmp_path, trunk_to(provider), trunk_to(second, name="second")) as house,
    ):
        await until(house, "failed")
        await until(house, "registered", "second")
        phone = await house.phone("anna")
        await phone.invite("0030222333")
        await second.rings()
        assert not provider.invites.entries


async def test_without_any_line_there_is_no_way_out(tmp_path, provider):
    provider.refuses = (403, [])
    async with house_with(tmp_path, trunk_to(provider)) as house:
        await until(house, "failed")
        phone = await house.phone("anna")
        assert await (await phone.invite("0030222333")).final_status() == 503


# Home Assistant decides


async def test_an_automation_may_say_where_a_call_goes(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider), calling=Calling(route_seconds=5)) as house:
        provider.pbx = house.address()
        await provider.registered()
        trunks = house.pbx.features[Trunks]
        trunks.routes.listening = lambda: True
        ben = await house.phone("ben")
        await provider.call("+4989123450", name="Otto")
        asked = await house.home.hears(RouteRequested)
        assert (asked.trunk, asked.number, asked.caller, asked.caller_name, asked.default) == (
            "line",
            "+4989123450",
            "+4930111",
            "Otto",
            "anna",
        )
        trunks.answer_route(asked.request, number="102")
        await ben.rings()

        await provider.call("+4989123450")
        trunks.answer_route((await house.home.hears(RouteRequested)).request, ring=("ben",))
        await ben.rings()

        call = await provider.call("+4989123450")
        trunks.answer_route((await house.home.hears(RouteRequested)).request, refuse=True)
        assert await call.final_status() == 603

        call = await provider.call("+4989123450")
        trunks.answer_route((await house.home.hears(RouteRequested)).request, number="+4930999")
        assert await call.final_status() == 403


async def test_the_default_holds_where_nobody_answers_in_time(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider), calling=Calling(route_seconds=0.2)) as house:
        provider.pbx = house.address()
        await provider.registered()
        house.pbx.features[Trunks].routes.listening = lambda: True
        anna = await house.phone("anna")
        await provider.call("+4989123450")
        await house.home.hears(RouteRequested)
        await anna.rings()


# FRITZ!Box


async def test_a_fritzbox_needs_its_account_alone(tmp_path):
    async with FakeTrunk(username="620") as box:
        trunk = trunk_to(
            box, profile="fritzbox", numbers=(("620", "anna"),), caller_number="", channels=0, display_name="FRITZ!Box"
        )
        async with house_with(tmp_path, trunk) as house:
            box.pbx = house.address()
            request = await box.registered()
            assert request.uri == "sip:127.0.0.77"
            await until(house, "registered")
            assert state(house)["channels"] == 2
            phone = await house.phone("anna")

            call = await box.call("620", "0301234567", name="Otto Müller")
            ringing = await phone.rings()
            assert said(ringing, "From").startswith('"Otto Müller" <sip:+49301234567@')
            call.give_up()
            await ringing.cancelled()

            call = await phone.invite("0030222333")
            outside = await box.rings()
            assert outside.number == "sip:030222333@127.0.0.77"
            assert said(outside, "From").startswith("<sip:620@127.0.0.77>")
            assert outside.header("P-Asserted-Identity") is None
            outside.reject(486)
            await call.final_status()

            call = await phone.invite("0**610")
            outside = await box.rings()
            assert outside.number == "sip:**610@127.0.0.77"
            outside.reject(486)
            await call.final_status()

            await phone.invite("0030222333", headers=[("Privacy", "id")])
            assert (await box.rings()).number == "sip:*31%23030222333@127.0.0.77"

            for code in ("0*121#0900123456", "0**701", "0*21*0900123456#"):
                assert await (await phone.invite(code)).final_status() == 484


async def test_two_accounts_at_one_fritzbox_are_told_apart(tmp_path):
    async with FakeTrunk(username="620") as box, FakeTrunk(username="621", host="127.0.0.78") as other:
        fields: dict[str, Any] = {"profile": "fritzbox", "numbers": (), "caller_number": ""}
        other.registrations = box.registrations
        lines = (
            trunk_to(box, name="private", default="anna", **fields),
            trunk_to(box, name="work", default="ben", **fields | {"username": "621"}),
        )
        async with house_with(tmp_path, *lines) as house:
            box.pbx = house.address()
            await box.registered()
            phone = await house.phone("ben")
            here = house.address()
            box.contact = f"sip:621@{here.host}:{here.port}"
            await box.call("621", "0301234567")
            await phone.rings()
