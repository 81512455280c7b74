"""Calls in and out over a provider."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pbx_lite.config import Calling, Secret
from pbx_lite.events import CallAnswered, CallEnded, CallStarted, TollRefused
from pbx_lite.features.journal import CallJournal
from pbx_lite.sip.invite_events import Accepted
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import House
from tests.support.lines import house_with, lined_house, said, state, trunk_to, until


@pytest.fixture
async def house(tmp_path: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    async for house in lined_house(tmp_path, provider):
        yield house


# Registering


async def test_a_line_registers_by_its_bare_registrar_and_takes_itself_back(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider)) as house:
        request = await provider.registered()
        assert request.uri == "sip:127.0.0.77"
        assert request.to.uri == "sip:pbx@127.0.0.77"
        await until(house, "registered")
        assert state(house) == {
            "name": "line",
            "display_name": "Line",
            "state": "registered",
            "reason": "",
            "channels": 0,
            "in_use": 0,
        }
    await provider.registrations.first(type(request), lambda each: each.expires == 0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((403, []), "The registrar answered 403 Forbidden."),
        ((503, [("Retry-After", "100")]), "The registrar answered 503 Service Unavailable."),
    ],
)
async def test_a_line_that_is_refused_says_so(tmp_path, provider, answer, reason):
    provider.refuses = answer
    async with house_with(tmp_path, trunk_to(provider)) as house:
        await until(house, "failed")
        assert state(house)["reason"] == reason


async def test_a_wrong_password_is_said(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider, password=Secret("wrong"))) as house:
        await until(house, "failed")
        assert state(house)["reason"] == "The registrar answered 401 Unauthorized."


async def test_a_provider_that_wants_more_time_between_registrations_gets_it(tmp_path, provider):
    provider.refuses = (423, [("Min-Expires", "1800")])
    async with house_with(tmp_path, trunk_to(provider)):
        await provider.refused.next()
        provider.refuses = None
        assert (await provider.registered()).expires == 1800


# Calls in


async def test_a_call_from_outside_rings_whose_number_it_is(house, provider):
    phone = await house.phone("anna")
    call = await provider.call("+4989123450", "+4930111", name="Otto")
    ringing = await phone.rings()
    assert said(ringing, "From").startswith('"Otto" <sip:+4930111@')
    await ringing.answer()
    assert await call.final_status() == 200
    ringing.speak(440)
    assert await call.hears(440)
    call.speak(700)
    assert await ringing.hears(700)
    started = await house.home.hears(CallStarted)
    assert (started.direction, started.trunk, started.number, started.caller) == (
        "inbound",
        "line",
        "+4989123450",
        "+4930111",
    )
    assert state(house)["in_use"] == 1
    call.hang_up()
    await ringing.ended()
    await house.home.hears(CallEnded)
    assert state(house)["in_use"] == 0


@pytest.mark.parametrize(
    "called", ["+498912346101", "498912346101", "0498912346101".replace("0", "00", 1), "08912346101"]
)
async def test_an_extension_behind_the_stem_is_reached_in_whatever_form_it_is_called(house, provider, called):
    phone = await house.phone("anna")
    await provider.call(called)
    await phone.rings()


async def test_a_number_in_the_request_uri_counts_as_one_in_to(house, provider):
    phone = await house.phone("ben")
    await provider.call("+4989123451", to_account=False)
    await phone.rings()


async def test_a_team_rings_as_a_whole(house, provider):
    phones = [await house.phone("anna"), await house.phone("ben")]
    await provider.call("+4989123459")
    for phone in phones:
        await phone.rings()


async def test_a_number_that_nobody_has_is_not_found(house, provider):
    call = await provider.call("+4989123499")
    assert await call.final_status() == 404


async def test_a_number_that_nobody_has_goes_to_the_default(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider, default="anna")) as house:
        provider.pbx = house.address()
        await provider.registered()
        phone = await house.phone("anna")
        await provider.call("+4989123499")
        await phone.rings()


async def test_who_calls_without_showing_their_number_is_anonymous(house, provider):
    phone = await house.phone("anna")
    headers = [("P-Asserted-Identity", "<sip:+4930111@x>"), ("Privacy", "id")]
    await provider.call("+4989123450", "anonymous", headers=headers)
    ringing = await phone.rings()
    assert "anonymous.invalid" in said(ringing, "From")
    started = await house.home.hears(CallStarted)
    assert (started.caller, started.caller_name) == ("anonymous", "Anonymous")


async def test_what_the_provider_asserts_goes_before_from(house, provider):
    phone = await house.phone("anna")
    await provider.call("+4989123450", "+4900", headers=[("P-Asserted-Identity", '"Zoë" <tel:+49-30-222>')])
    assert said(await phone.rings(), "From").startswith('"Zoë" <sip:+4930222@')


@pytest.mark.parametrize("host", ["127.0.0.66", "127.0.0.1"])
async def test_a_stranger_who_claims_to_be_the_provider_is_nobody(house, provider, host):
    async with FakeTrunk(host=host) as liar:
        liar.pbx, liar.contact = house.address(), provider.contact
        call = await liar.call(
            "+4989123450", "+4930111", headers=[("P-Asserted-Identity", "<sip:+4930111@127.0.0.77>")]
        )
        assert await call.final_status() == 401


async def test_a_call_from_outside_reaches_no_feature_and_no_number_outside(house, provider):
    for number in ("*100", "0171123456", "00171123456", "110", "+49171123456"):
        call = await provider.call(number, to_account=False)
        assert await call.final_status() in {401, 404}
        call = await provider.call(number)
        assert await call.final_status() == 404
    assert not provider.invites.entries


async def test_a_line_by_address_is_known_by_its_address(tmp_path, provider):
    address = f"udp:{provider.host}:{provider.address.port}"
    async with house_with(tmp_path, trunk_to(provider, registrar="", address=address, username="")) as house:
        provider.pbx = house.address()
        assert state(house)["state"] == "address"
        phone = await house.phone("anna")
        await provider.call("+4989123450", to_account=False)
        await phone.rings()
        assert not provider.registrations.entries


# Calls out


async def test_a_call_out_shows_the_callers_own_number(house, provider):
    phone = await house.phone("anna")
    call = await phone.invite("0030222333")
    outside = await provider.rings()
    assert outside.number == "sip:+4930222333@127.0.0.77"
    assert said(outside, "From").startswith("<sip:+4989123450@127.0.0.77>")
    assert outside.header("P-Asserted-Identity") == "<sip:+4989123450@127.0.0.77>"
    assert (await call.progress(180)).status == 180
    await outside.answer()
    assert await call.final_status() == 200
    outside.speak(440)
    assert await call.hears(440)
    started = await house.home.hears(CallStarted)
    assert (started.direction, started.trunk, started.caller_user) == ("outbound", "line", "anna")
    assert (await house.home.hears(CallAnswered)).number == "+4930222333"
    assert state(house)["in_use"] == 1
    call.hang_up()
    await outside.ended()


@pytest.mark.parametrize(("user", "number"), [("ben", "+4989123451"), ("carl", "+498912346103")])
async def test_everybody_shows_a_number_that_leads_back_to_them(house, provider, user, number):
    phone = await house.phone(user)
    await phone.invite("0030222333")
    assert number in said(await provider.rings(), "From")


async def test_who_hides_their_number_is_shown_to_the_provider_alone(house, provider):
    phone = await house.phone("anna")
    await phone.invite("0030222333", headers=[("Privacy", "id")])
    outside = await provider.rings()
    assert "anonymous.invalid" in said(outside, "From")
    assert outside.header("Privacy") == "id"
    assert "+4989123450" in said(outside, "P-Asserted-Identity")


async def test_a_provider_may_be_reached_by_tcp(tmp_path):
    async with (
        FakeTrunk(transport="tcp") as provider,
        house_with(tmp_path, trunk_to(provider, transport="tcp")) as house,
    ):
        assert "transport=tcp" in str((await provider.registered()).contact)
        await until(house, "registered")
        phone = await house.phone("anna")
        await phone.invite("0030222333")
        assert (await provider.rings()).session.source.transport == "tcp"
        await provider.call("+4989123450")
        await phone.rings()


async def test_a_call_in_international_form_needs_no_prefix(house, provider):
    phone = await house.phone("anna")
    await phone.invite("+4930222333")
    assert (await provider.rings()).number == "sip:+4930222333@127.0.0.77"


async def test_nobody_answers_outside_and_the_reason_is_passed_on(house, provider):
    phone = await house.phone("anna")
    call = await phone.invite("0030222333")
    (await provider.rings()).reject(486)
    assert await call.final_status() == 486


async def test_giving_up_cancels_outside(house, provider):
    phone = await house.phone("anna")
    call = await phone.invite("0030222333")
    outside = await provider.rings()
    await call.progress(180)
    call.give_up()
    await outside.cancelled()


async def test_a_number_of_ones_own_home_is_not_called_over_the_provider(house, provider):
    anna, ben = await house.phone("anna"), await house.phone("ben")
    await anna.invite("0089123451")
    await ben.rings()
    assert not provider.invites.entries


# Emergency


@pytest.mark.parametrize("dialled", ["112", "0112", "110"])
@pytest.mark.parametrize("user", ["anna", "guest"])
async def test_emergency_calls_pass_from_any_phone(tmp_path, provider, dialled, user):
    async with house_with(tmp_path, trunk_to(provider), dial=(), calling=Calling(hourly=1, minutes=1)) as house:
        await provider.registered()
        await until(house, "registered")
        phone = await house.phone(user)
        for _ in range(2):
            call = await phone.invite(dialled, headers=[("Privacy", "id")])
            outside = await provider.rings()
            assert outside.number == f"sip:{dialled[-3:]}@127.0.0.77"
            assert "anonymous" not in said(outside, "From")
            await outside.answer()
            assert await call.final_status() == 200
        assert not house.home.heard(TollRefused)


async def test_an_emergency_call_gets_its_channel(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider, channels=1)) as house:
        await provider.registered()
        await until(house, "registered")
        anna, ben = await house.phone("anna"), await house.phone("ben")
        talk = await anna.invite("0030222333")
        outside = await provider.rings()
        await outside.answer()
        await talk.final_status()
        emergency = await ben.invite("112")
        await outside.ended()
        await talk.ended()
        await (await provider.rings()).answer()
        assert await emergency.final_status() == 200


async def test_an_emergency_call_is_tried_without_a_registration(tmp_path, provider):
    provider.refuses = (503, [])
    async with house_with(tmp_path, trunk_to(provider)) as house:
        await until(house, "failed")
        phone = await house.phone("anna")
        await phone.invite("112")
        await provider.rings()


# Channels


async def test_more_calls_than_channels_are_refused_in_both_directions(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider, channels=2)) as house:
        provider.pbx = house.address()
        await provider.registered()
        await until(house, "registered")
        phones = [await house.phone(name) for name in ("anna", "ben", "carl")]
        for phone, called in zip(phones, ("+4989123450", "+4989123451"), strict=False):
            call = await provider.call(called)
            await (await phone.rings()).answer()
            assert await call.final_status() == 200
        assert state(house)["in_use"] == 2
        assert await (await provider.call("+498912346103")).final_status() == 486
        assert await (await phones[2].invite("0030222333")).final_status() == 503
        assert not provider.invites.entries


async def test_a_call_from_outside_that_is_picked_up_is_no_call_to_the_outside(house, provider):
    phone, colleague = await house.phone("anna"), await house.phone("ben")
    outside = await provider.call("+4989123450", name="Grandma")
    await phone.rings()
    await outside.progress(180)
    taken = await colleague.invite("*8")
    assert await outside.final_status() == 200
    assert "Grandma" in ((await taken.events.first(Accepted)).headers.get("P-Asserted-Identity") or "")
    taken.hang_up()
    await outside.ended()
    entries, _ = await house.pbx.features[CallJournal].entries()
    told = {(entry["number"], entry["direction"], entry["trunk"], entry["outcome"]) for entry in entries}
    assert told == {("*8", "internal", "", "answered"), ("+4989123450", "inbound", "line", "answered")}
