"""Calls in and out over a provider."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.config import Calling, Secret, Team, Trunk
from pbx_lite.events import CallAnswered, CallEnded, CallStarted, RouteRequested, TollRefused, TrunkChanged
from pbx_lite.features.people.people import People
from pbx_lite.features.trunks.trunks import Trunks
from pbx_lite.media.port import PCMA, PCMU, AudioPacket
from pbx_lite.sip.invite import IncomingInvite
from tests.support.call_end import Received
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import House, home_of
from tests.support.tone import frames, sine

NUMBERS = (("+4989123450", "anna"), ("+4989123451", "ben"), ("+498912346*", "*"), ("+4989123459", "everybody"))


def trunk_to(provider: FakeTrunk, **fields: Any) -> Trunk:
    usual: dict[str, Any] = {
        "name": "line",
        "display_name": "Line",
        "registrar": provider.registrar,
        "username": provider.username,
        "password": Secret(provider.secret),
        "numbers": NUMBERS,
        "caller_number": "+4989123459",
        "area": "89",
    }
    return Trunk(**usual | fields)


@asynccontextmanager
async def house_with(
    folder: Path, *trunks: Trunk, calling: Calling | None = None, dial: tuple[str, ...] | None = None
) -> AsyncIterator[House]:
    config = home_of(folder)
    roles = tuple(role if dial is None else replace(role, dial=dial) for role in config.roles)
    everybody = Team(name="everybody", display_name="Everybody", extension="199", members=("*",))
    rules = calling or Calling(route_seconds=0)
    async with House(replace(config, trunks=trunks, calling=rules, roles=roles, teams=(everybody,))) as house:
        yield house


@pytest.fixture
async def provider() -> AsyncIterator[FakeTrunk]:
    async with FakeTrunk() as provider:
        yield provider


@pytest.fixture
async def house(tmp_path: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    async with house_with(tmp_path, trunk_to(provider)) as house:
        provider.pbx = house.address()
        await provider.registered()
        await house.home.hears(TrunkChanged)
        yield house


def state(house: House, name: str = "line") -> dict[str, Any]:
    return next(each for each in house.pbx.features[Trunks].states() if each["name"] == name)


def said(call: Received, header: str) -> str:
    return call.header(header) or ""


async def until(house: House, wanted: str, name: str = "line") -> None:
    while state(house, name)["state"] != wanted:
        await house.home.hears(TrunkChanged)


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


# Providers that behave badly


async def test_a_200_without_sdp_ends_the_call_and_no_other(house, provider):
    anna, ben = await house.phone("anna"), await house.phone("ben")
    talk = await anna.invite("0030222333")
    await (await provider.rings()).answer()
    assert await talk.final_status() == 200
    provider.serves = lambda invite: invite.accept(b"")
    assert await (await ben.invite("0030444555")).final_status() == 488
    talk.speak(500)
    assert state(house)["in_use"] == 1


async def test_redirections_in_a_loop_come_to_an_end(house, provider):
    def again(invite: IncomingInvite) -> None:
        number = "+4930222333" if "444555" in invite.request.uri else "+4930444555"
        invite.reject(302, headers=[("Contact", f"<sip:{number}@127.0.0.77>")])

    provider.serves = again
    phone = await house.phone("anna")
    assert await (await phone.invite("0030222333")).final_status() == 480
    assert len(provider.invites.entries) == 4


async def test_a_redirection_within_the_provider_is_followed(house, provider):
    def once(invite: IncomingInvite) -> None:
        if "444555" in invite.request.uri:
            provider.take(invite)
        else:
            invite.reject(302, headers=[("Contact", "<sip:+4930444555@127.0.0.77;npdi>")])

    provider.serves = once
    phone = await house.phone("anna")
    call = await phone.invite("0030222333")
    outside = await provider.rings()
    assert "+4930444555" in outside.number
    await outside.answer()
    assert await call.final_status() == 200


@pytest.mark.parametrize(
    "contact",
    [
        "sip:+4930444555@elsewhere.example",
        "sip:101@127.0.0.1",
        "sip:+49900123456@127.0.0.77",
        "tel:+49900123456",
        "sip:127.0.0.77",
    ],
)
async def test_a_redirection_elsewhere_or_to_what_costs_is_not_followed(house, provider, contact):
    provider.serves = lambda invite: invite.reject(302, headers=[("Contact", f"<{contact}>")])
    phone = await house.phone("ben")
    assert await (await phone.invite("0030222333")).final_status() == 480
    assert len(provider.invites.entries) == 1


async def test_all_of_ten_branches_answer_and_the_first_has_the_call(house, provider):
    phone = await house.phone("anna")
    call = await phone.invite("0030222333")
    outside = await provider.rings()
    await outside.answer()
    assert await call.final_status() == 200
    invite = outside.session
    for number in range(9):
        body = b"v=0\r\no=- 1 1 IN IP4 127.0.0.77\r\ns=-\r\nc=IN IP4 127.0.0.77\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"
        answer = invite._agent.response(
            invite.request, 200, tag=f"fork{number}", body=body, contact=f"<{provider.registrar}>"
        )
        invite._transaction.respond(answer)
    outside.speak(440)
    assert await call.hears(440)
    call.speak(600)
    assert await outside.hears(600)
    assert state(house)["in_use"] == 1


async def test_packets_of_ten_milliseconds_are_heard_by_whoever_speaks_another_codec(house, provider):
    provider.speaks(PCMA)
    phone = await house.phone("anna", codecs=(PCMU,))
    call = await phone.invite("0030222333")
    outside = await provider.rings()
    await outside.answer()
    assert await call.final_status() == 200
    payloads = frames(sine(440), law="PCMA")
    sound = b"".join(payloads)
    loop = asyncio.get_running_loop()
    begin = loop.time()

    def send(number: int) -> None:
        at = number * 80 % len(sound)
        outside.media.audio.send(AudioPacket(PCMA, sound[at : at + 80], number * 80, marker=number == 0))
        if number < 200:
            loop.call_at(begin + (number + 1) * 0.01, send, number + 1)

    assert outside.media.audio.codec == PCMA
    send(0)
    assert await call.hears(440)


async def test_one_of_ten_branches_answers(house, provider):
    def fork(invite: IncomingInvite) -> None:
        for number in range(10):
            answer = invite._agent.response(invite.request, 180, tag=f"fork{number}", contact=f"<{provider.registrar}>")
            invite._transaction.respond(answer)
        provider.take(invite)

    provider.serves = fork
    phone = await house.phone("anna")
    call = await phone.invite("0030222333")
    outside = await provider.rings()
    await outside.answer()
    assert await call.final_status() == 200
    outside.speak(440)
    assert await call.hears(440)


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
