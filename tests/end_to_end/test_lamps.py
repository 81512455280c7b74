"""Lamp keys of a real SIP stack: SIPp watches while SIPp calls SIPp, over a real PBX."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.end_to_end.test_ladders import PEOPLE, TAKES, Phones
from tests.support.pbx import PbxProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

WATCH = """
    -> SUBSCRIBE 102 | Event: {event};; Expires: 600
    <- 401
    -> SUBSCRIBE 102 | auth;; Event: {event};; Expires: 600
    <- 200 ~ Expires: 600
    <- NOTIFY ~ {idle}
    -> 200
    !! watching
"""
FOLLOWS = """
    <- NOTIFY ~ early
    -> 200
    <- NOTIFY ~ confirmed
    -> 200
    <- NOTIFY ~ terminated
    -> 200
"""
CALLS = "-> call 102\n.. 500\n-> BYE\n<- 200"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def phones(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phones]:
    folder = tmp_path_factory.mktemp("lamps")
    users = [{"name": name, "extension": number, "password": f"secret{number}"} for name, number in PEOPLE.items()]
    pbx = await PbxProcess(folder / "pbx", users=users).start()
    phones = Phones(pbx, folder)
    await phones.of("ben")
    yield phones
    await phones.close()
    await pbx.stop()


async def test_a_lamp_follows_a_call(phones: Phones) -> None:
    lamp = WATCH.format(event="dialog", idle="state.terminated") + FOLLOWS
    await phones.play(anna=lamp, ben=TAKES, carl=CALLS)


async def test_presence_follows_a_call(phones: Phones) -> None:
    follows = "<- NOTIFY\n-> 200\n<- NOTIFY ~ on-the-phone\n-> 200\n<- NOTIFY ~ basic.open\n-> 200"
    await phones.play(anna=WATCH.format(event="presence", idle="basic.open") + follows, ben=TAKES, carl=CALLS)


async def test_what_cannot_be_watched_is_refused(phones: Phones) -> None:
    await phones.play(
        anna="""
        -> SUBSCRIBE 102 | Event: weather
        <- 401
        -> SUBSCRIBE 102 | auth;; Event: weather
        <- 489 ~ Allow-Events: dialog
        """
    )
