"""Flows between real phones, as message ladders that SIPp plays on both sides of a real PBX."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.pbx import ApiClient, PbxProcess
from tests.support.sipp import SippPhone

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = {"anna": "101", "ben": "102", "carl": "103"}
TAKES = """
    <- call
    <- BYE
    -> 200
"""


class Phones:
    """SIPp phones of the people, registered when first asked for."""

    def __init__(self, pbx: PbxProcess, folder: Path) -> None:
        self.pbx = pbx
        self._folder = folder
        self._phones: dict[str, SippPhone] = {}

    async def of(self, user: str) -> SippPhone:
        if user not in self._phones:
            number = PEOPLE[user]
            phone = SippPhone(self._folder / user, user=number, password=f"secret{number}", server=self.pbx.server)
            self._phones[user] = await phone.register()
        return self._phones[user]

    async def play(self, **ladders: str) -> None:
        """Everybody plays their ladder to its end; who calls comes last, when the others are where `!!` stands."""
        for user in ladders:
            await self.of(user)
        for user, ladder in ladders.items():
            phone = await self.of(user)
            await phone.climb(ladder)
            for word in re.findall(r"!! (\w+)", ladder):
                await phone.said(word)
        for user in ladders:
            await (await self.of(user)).done()

    async def close(self) -> None:
        for phone in self._phones.values():
            await phone.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def phones(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phones]:
    folder = tmp_path_factory.mktemp("ladders")
    users = [{"name": name, "extension": number, "password": f"secret{number}"} for name, number in PEOPLE.items()]
    async with AsyncExitStack() as stack:
        pbx = PbxProcess(folder / "pbx", users=users)
        stack.push_async_callback(pbx.stop)
        await pbx.start()
        phones = Phones(pbx, folder)
        stack.push_async_callback(phones.close)
        yield phones


@pytest_asyncio.fixture(loop_scope="session")
async def home(phones: Phones) -> AsyncIterator[ApiClient]:
    client = await ApiClient.open(phones.pbx)
    await client.command("subscribe")
    yield client
    await client.close()


async def test_a_call_is_answered_and_the_caller_hangs_up(phones: Phones, home: ApiClient) -> None:
    await phones.play(ben=TAKES, anna="-> call 102\n.. 300\n-> BYE\n<- 200")
    await home.until("call_answered", by="ben")
    await home.until("call_ended", by="anna", cause=16)


async def test_the_callee_hangs_up(phones: Phones, home: ApiClient) -> None:
    await phones.play(ben="<- call\n.. 300\n-> BYE\n<- 200", anna="-> call 102\n<- BYE ~ Q.850;cause=16\n-> 200")
    await home.until("call_ended", by="ben")


@pytest.mark.parametrize(("status", "told"), [(486, 486), (603, 603), (480, 480), (404, 404), (500, 503)])
async def test_a_refusal_reaches_the_caller(phones: Phones, status: int, told: int) -> None:
    await phones.play(
        ben=f"<- INVITE\n-> {status}\n<- ACK",
        anna="-> INVITE 102 | sdp\n<- 100?\n<- 401\n-> ACK\n-> INVITE 102 | sdp auth\n<- 100?\n"
        f"<- {told} ~ Q.850\n-> ACK",
    )


async def test_a_caller_who_gives_up_is_missed(phones: Phones, home: ApiClient) -> None:
    await phones.play(
        ben="<- INVITE\n-> 180\n<- CANCEL\n-> 200\n.. 50",
        anna="""
            -> INVITE 102 | sdp
            <- 100?
            <- 401
            -> ACK
            -> INVITE 102 | sdp auth
            <- 100?
            <- 180
            -> CANCEL
            <- 200
            <- 487
            -> ACK
        """,
    )
    await home.until("call_missed", user="ben")


@pytest.mark.parametrize("held", ["hold", "inactive", "zero"])
async def test_hold_and_resume_by_the_callers_phone(phones: Phones, home: ApiClient, held: str) -> None:
    await phones.play(
        ben=TAKES,
        anna=f"""
            -> call 102
            -> INVITE | {held}
            <- 100?
            <- 200
            -> ACK
            .. 200
            -> INVITE | sdp
            <- 100?
            <- 200
            -> ACK
            -> BYE
            <- 200
        """,
    )
    await home.until("call_held", by="anna")
    await home.until("call_resumed", by="anna")


@pytest.mark.parametrize("body", ["image", "nonsense"])
async def test_an_offer_that_cannot_be_is_refused_and_the_call_goes_on(phones: Phones, body: str) -> None:
    await phones.play(
        ben=TAKES,
        anna=f"-> call 102\n-> INVITE | {body}\n<- 100?\n<- 488\n-> ACK\n.. 100\n-> BYE\n<- 200",
    )


async def test_an_update_is_answered(phones: Phones) -> None:
    await phones.play(ben=TAKES, anna="-> call 102\n-> UPDATE | sdp\n<- 200 ~ a=sendrecv\n-> BYE\n<- 200")


async def test_keys_by_info_are_heard(phones: Phones, home: ApiClient) -> None:
    await phones.play(
        ben=TAKES,
        anna="-> call 102\n-> INFO | key5\n<- 200\n-> BYE\n<- 200",
    )
    await home.until("call_dtmf", digit="5", user="anna")


async def test_a_blind_transfer_is_reported_step_by_step(phones: Phones, home: ApiClient) -> None:
    await phones.play(
        carl="<- call\n.. 200\n-> BYE\n<- 200",
        ben="""
            <- call
            .. 200
            -> REFER | Refer-To: <sip:103@[remote_ip]> ;; Referred-By: <sip:102@[remote_ip]>
            <- 202
            <- NOTIFY ~ SIP/2.0 100
            -> 200
            <- NOTIFY ~ SIP/2.0 180
            -> 200
            <- NOTIFY ~ SIP/2.0 200
            -> 200
            <- BYE
            -> 200
        """,
        anna="-> call 102\n<- BYE\n-> 200",
    )
    await home.until("call_transferred", by="ben", number="103")


async def test_a_session_timer_is_agreed(phones: Phones) -> None:
    await phones.play(
        ben=TAKES,
        anna="""
            -> INVITE 102 | sdp
            <- 100?
            <- 401
            -> ACK
            -> INVITE 102 | sdp auth ;; Supported: timer ;; Session-Expires: 1800;refresher=uac
            <- 100?
            <- 180?
            <- 200 ~ Session-Expires: 1800;refresher=uac
            -> ACK
            -> BYE
            <- 200
        """,
    )


async def test_a_phone_that_leaves_the_offer_to_us_answers_it_in_its_ack(phones: Phones, home: ApiClient) -> None:
    await phones.play(
        ben=TAKES,
        anna="""
            -> INVITE 102
            <- 100?
            <- 401
            -> ACK
            -> INVITE 102 | auth
            <- 100?
            <- 180?
            <- 200 ~ m=audio
            -> ACK | sdp
            .. 200
            -> BYE
            <- 200
        """,
    )
    await home.until("call_answered", by="ben")
    await home.until("call_ended", by="anna", cause=16)


async def test_the_key_for_silence_is_what_clients_set_and_see(phones: Phones, home: ApiClient) -> None:
    phone = await phones.of("anna")
    await phone.climb("""
        -> SUBSCRIBE 101 | Event: as-feature-event
        <- 401
        -> SUBSCRIBE 101 | auth ;; Event: as-feature-event
        <- 200 ~ Expires: 3600
        <- NOTIFY ~ doNotDisturbOn>false
        -> 200
        -> SUBSCRIBE | silence ;; Event: as-feature-event
        <- 200
        <- NOTIFY ~ doNotDisturbOn>true
        -> 200
        !! pressed
        <- NOTIFY ~ doNotDisturbOn>false
        -> 200
        -> SUBSCRIBE | Event: as-feature-event ;; Expires: 0
        <- 200
        <- NOTIFY ~ terminated
        -> 200
    """)
    await phone.said("pressed")
    await home.until("user_changed", user="anna", state={"do_not_disturb": True})
    await home.command("user/set", user="anna", do_not_disturb=False)
    await phone.done()
