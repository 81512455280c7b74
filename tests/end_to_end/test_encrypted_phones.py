"""A phone that encrypts, made by others, and one that does not."""

from pathlib import Path

import pytest

from pbx_lite.media.audio_stream import AudioStream
from tests.support.baresip import Baresip, make_voice
from tests.support.house import FRONT, House, home_of


def secure(house: House, *, caller: bool) -> bool:
    """Whether the caller's or the callee's sound is encrypted, in the only call there is."""
    (call,) = house.pbx.switchboard.calls.values()
    (leg,) = [seat.leg for seat in call.seats if seat.caller == caller]
    return isinstance(leg.audio, AudioStream) and leg.audio.secure


@pytest.mark.parametrize("encryption", ["srtp", "srtp-mand"])
async def test_a_phone_that_encrypts_calls_and_is_called(tmp_path: Path, encryption: str) -> None:
    listen = ("udp://127.0.0.1:0", "tls://127.0.0.1:0")
    async with House(home_of(tmp_path / "house", FRONT, listen=listen)) as house:
        sealed, plain = house.address("tls"), await house.phone("anna")
        phone = Baresip(
            tmp_path / "ben",
            user="102",
            password="secret102",
            server=f"{sealed.host}:{sealed.port}",
            transport="tls",
            encryption=encryption,
        )
        try:
            await phone.start(film=None, voice=make_voice(tmp_path / "voice.wav"))
            await phone.registered()

            call = await plain.invite("102")
            assert await call.final_status() == 200
            assert await call.hears(440)
            assert secure(house, caller=False)
            call.hang_up()

            phone.forget()
            await phone.press_bell("101")
            ringing = await plain.rings()
            await ringing.answer()
            assert await ringing.hears(440)
            assert secure(house, caller=True)
            ringing.hang_up()
        finally:
            await phone.stop()
