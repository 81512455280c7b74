"""Real softphones of two people: Linphone and baresip."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from tests.end_to_end.conftest import Films
from tests.support.baresip import Baresip, make_voice
from tests.support.linphone import Linphone
from tests.support.pbx import ApiClient, PbxProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def home(pbx: PbxProcess) -> AsyncIterator[ApiClient]:
    client = await ApiClient.open(pbx)
    await client.command("subscribe")
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bens(pbx: PbxProcess, films: Films, logs: Path) -> AsyncIterator[Baresip]:
    """Ben's baresip, which answers by itself and says 440 Hz."""
    phone = Baresip(logs / "ben", user="102", password="secret102", server=pbx.server)
    await phone.start(film=None, voice=films.voice)
    await phone.registered()
    yield phone
    await phone.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def annas(pbx: PbxProcess, logs: Path) -> AsyncIterator[Linphone]:
    """Anna's Linphone, which says 700 Hz."""
    phone = Linphone(logs / "anna", user="101")
    await phone.start(voice=make_voice(logs / "700.wav", hertz=700))
    await phone.register("secret101", pbx.server)
    assert pbx.child
    await pbx.child.wait_for("101 registered")
    yield phone
    await phone.stop()


async def test_linphone_calls_baresip_and_they_hear_each_other(
    pbx: PbxProcess, annas: Linphone, bens: Baresip, home: ApiClient
) -> None:
    await annas.type(f"call sip:102@{pbx.server}")
    await home.until("call_answered", by="ben")
    await hears(bens.sound, 700)
    await hears(annas.heard, 440)
    await annas.type("terminate")
    await home.until("call_ended", by="anna")
    await bens.until("CALL_CLOSED")


async def test_baresip_calls_linphone_which_answers_holds_and_hangs_up(
    pbx: PbxProcess, annas: Linphone, bens: Baresip, home: ApiClient
) -> None:
    await bens.press_bell("101")
    await annas.wait_for("Receiving new incoming call|is contacting you")
    await annas.type("answer")
    await home.until("call_answered", by="anna")
    await hears(bens.sound, 700)
    await annas.type("pause")
    await home.until("call_held", by="anna")
    await annas.wait_for("is now paused")
    await annas.type("resume")
    await home.until("call_resumed", by="anna")
    await bens.hang_up()
    await home.until("call_ended", by="ben")


async def hears(sound: object, hertz: int, *, timeout: float = 40) -> None:
    """Wait until the last half second of it is this tone."""
    assert callable(sound)
    share = 0.0
    try:
        async with asyncio.timeout(timeout):
            while share < 0.5:
                last = sound()[-4000:].astype(np.float64)
                share = tone_share(last, hertz) if len(last) == 4000 else 0.0
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"no {hertz} Hz in {len(sound()) / 8000:.1f} s of sound, at most {share:.2f}") from None


def tone_share(sound: np.ndarray, hertz: int) -> float:
    """How much of the energy lies within 20 Hz of this tone, at 8 kHz."""
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / 8000)
    total = spectrum[1:].sum()
    near = spectrum[np.abs(frequencies - hertz) < 20].sum()
    return float(near / total) if total > 1e6 else 0.0
