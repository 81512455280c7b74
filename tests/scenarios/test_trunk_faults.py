"""Providers that behave badly."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pbx_lite.features.trunks.trunks import Trunks
from pbx_lite.media.port import PCMA, PCMU, AudioPacket
from pbx_lite.sip.invite import IncomingInvite
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import House
from tests.support.lines import house_with, lined_house, state, trunk_to
from tests.support.name_server import FakeNameServer
from tests.support.tone import frames, sine


@pytest.fixture
async def house(tmp_path: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    async for house in lined_house(tmp_path, provider):
        yield house


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


async def test_a_provider_that_changes_its_address_is_followed(tmp_path, monkeypatch):
    monkeypatch.setattr("pbx_lite.sip.names._SHORTEST", 0.0)
    async with (
        FakeTrunk() as old,
        FakeTrunk(host="127.0.0.78") as new,
        FakeNameServer(*_zone(old)) as names,
        house_with(tmp_path, trunk_to(old, registrar="sip:provider.example"), nameserver=names.address) as house,
    ):
        old.pbx = new.pbx = house.address()
        await old.registered()
        phone = await house.phone("anna")
        names.learn(*_zone(new))
        await old.stop()
        new.contact = old.contact
        assert await (await new.call("+4989123450")).final_status() == 401
        (line,) = house.pbx.features[Trunks].lines
        assert line.registration is not None
        line.registration.refresh()
        await new.registered()
        await phone.invite("0030222333")
        await new.rings()
        await new.call("+4989123450")
        await phone.rings()


def _zone(provider: FakeTrunk) -> tuple[str, ...]:
    port = provider.address.port
    return (
        f"_sip._udp.provider.example. 0 IN SRV 10 10 {port} host.provider.example.",
        f"host.provider.example. 0 IN A {provider.host}",
    )
