"""What those without an account can do: nothing, and learn nothing."""

import pytest

from pbx_lite.events import AccountRegistered, DoorRang, SourceLockedOut
from pbx_lite.sip.endpoint import Credentials
from pbx_lite.sip.headers import NameAddr
from tests.support.raw import RawUdp, shape


@pytest.mark.parametrize("number", ["150", "101", "100", "999", "00491234567"])
async def test_a_stranger_neither_rings_nor_calls(house, door, phone, home, number):
    stranger = await house.stranger()
    call = await stranger.invite(number)
    assert await call.final_status() == 401
    assert not phone.calls.entries
    assert not door.calls.entries
    assert not home.heard(DoorRang)


async def test_a_stranger_who_claims_to_be_the_door_does_not_ring(house, door, phone, home):
    stranger = await house.stranger("150")
    call = await stranger.invite("100")
    assert await call.final_status() == 401
    assert not home.heard(DoorRang)


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
async def test_an_unknown_extension_looks_like_a_known_one(house, method):
    # Each asks twice: who was challenged before may be challenged otherwise.
    async with RawUdp(house.address()) as scanner, RawUdp(house.address()) as other:
        known = "".join([await scanner.ask(method, "101") for _ in range(2)])
        unknown = "".join([await other.ask(method, "999") for _ in range(2)])
    assert known.startswith("SIP/2.0 401 ")
    assert shape(known) == shape(unknown)


async def test_a_wrong_password_looks_like_an_unknown_user(house):
    known = await house.stranger("101", password="wrong", host="127.0.0.66")
    unknown = await house.stranger("999", password="wrong", host="127.0.0.67")
    answers = [await known.register(), await unknown.register()]
    assert [answer.status for answer in answers] == [401, 401]
    assert shape(answers[0].encode().decode()) == shape(answers[1].encode().decode())


async def test_options_tell_a_stranger_nothing_about_extensions(house):
    async with RawUdp(house.address()) as scanner:
        assert shape(await scanner.ask("OPTIONS", "101")) == shape(await scanner.ask("OPTIONS", "999"))


async def test_a_guessed_account_is_refused_from_there_and_everybody_else_is_not(house, home, caplog):
    guesser = await house.stranger("101", password="wrong")
    while not home.heard(SourceLockedOut):
        assert (await guesser.register()).status == 401
    assert (await guesser.register()).status == 403
    knowing = await house.stranger("101", password="secret101")
    assert (await knowing.register()).status == 403
    phone = await house.phone("anna")
    assert (await phone.register()).status == 200
    other = await house.stranger("102", password="secret102")
    assert (await other.register()).status == 200
    lines = [record for record in caplog.records if "is refused for" in record.message]
    assert len(lines) == 1


async def test_a_removed_phone_that_keeps_registering_harms_nobody_behind_its_router(house, home):
    gone = await house.stranger("carl-kitchen", password="of yesterday")
    for _ in range(30):
        assert (await gone.register()).status in {401, 403}
    neighbour = await house.stranger("103", password="secret103")
    assert (await neighbour.register()).status == 200
    assert home.heard(SourceLockedOut), "somebody may want to know"


async def test_wrong_passwords_of_many_accounts_are_locked_out_and_others_are_not(house, home, caplog):
    guessers = [await house.stranger(str(number), password="wrong") for number in range(101, 106)]
    while not home.heard(SourceLockedOut):
        for guesser in guessers:
            if not home.heard(SourceLockedOut):
                assert (await guesser.register()).status == 401
    locked = await home.hears(SourceLockedOut)
    assert (locked.source, locked.seconds > 30) == ("127.0.0.66", True)
    async with RawUdp(house.address()) as again, RawUdp(house.address(), host="127.0.0.67") as other:
        again.request("REGISTER", "101")
        assert (await other.ask("REGISTER", "101")).startswith("SIP/2.0 401")
        assert not again.answers.entries, "a locked-out source hears nothing"
    phone = await house.phone("anna")
    assert (await phone.register()).status == 200
    lines = [record for record in caplog.records if "locked out" in record.message]
    assert len(lines) == 1


async def test_a_walk_through_the_extensions_is_locked_out_too(house, home):
    async with RawUdp(house.address()) as scanner, RawUdp(house.address(), host="127.0.0.67") as other:
        for extension in range(100, 200):
            scanner.request("REGISTER" if extension % 2 else "INVITE", str(extension))
        assert (await home.hears(SourceLockedOut)).source == "127.0.0.66"
        assert (await other.ask("OPTIONS", "101")).startswith("SIP/2.0 ")
        challenges = [shape(answer) for answer in scanner.answers.entries if answer.startswith("SIP/2.0 401")]
        # The first challenge may differ from the later ones, and those of the two methods from each other.
        assert len(set(challenges[1:])) <= 2
        assert len(scanner.answers.entries) < 100


@pytest.mark.parametrize("user", ["10 2", "101@102", "<101>", "%zz", ""])
async def test_an_invite_to_an_address_that_is_none_is_answered_400(house, user):
    async with RawUdp(house.address()) as phone:
        answer = await phone.ask("INVITE", user)
    assert answer.startswith("SIP/2.0 400 ")


async def test_a_phone_cannot_register_as_somebody_else(house, home):
    thief = await house.stranger("102", password="secret102")
    thief.account = "101"
    answer = await thief.endpoint.request(
        "REGISTER",
        f"sip:{thief.pbx.host}:{thief.pbx.port}",
        target=thief.pbx,
        from_=NameAddr("", thief.uri("101")),
        to=NameAddr("", thief.uri("101")),
        headers=[("Contact", f"<sip:101@{thief.address.host}:{thief.address.port}>")],
        credentials=Credentials("102", "secret102"),
    )
    assert answer.status == 403
    assert not home.heard(AccountRegistered)


async def test_a_stranger_cannot_end_somebody_elses_call(house, door, phone):
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await press.final_status()
    async with RawUdp(house.address()) as stranger:
        call_id = press.session.call_id
        stranger.request("BYE", "150", call_id=call_id)
        assert (await stranger.answer_to(call_id)).startswith(("SIP/2.0 481", "SIP/2.0 403"))
    assert await ringing.hears(door.tone)
