"""A door station: sends a tone and moving pictures as soon as media may flow, and answers whoever calls it."""

from collections.abc import Iterable

from pbx_lite.media.port import PCMA, PCMU, Codec
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.tasks import Tasks
from tests.support.call_end import CallEnd, Made
from tests.support.peer import Peer


class FakeDoor(Peer):
    """`press = await door.press()` rings the bell; `tone` is the frequency in hertz that the visitor speaks at."""

    def __init__(
        self,
        pbx: Address,
        account: str,
        password: str = "",
        *,
        host: str = "127.0.0.1",
        codecs: Iterable[Codec] = (PCMU, PCMA),
        video: bool = True,
        registers: bool = True,
        tone: float = 440.0,
    ) -> None:
        super().__init__(pbx, account, password, host=host, codecs=codecs, video=video, registers=registers)
        self.tone = tone
        self._tasks = Tasks(f"fake door {account}")

    async def press(self, number: str = "100") -> Made:
        """Press the button that dials `number`."""
        return await self.invite(number)

    async def stop(self) -> None:
        await self._tasks.close()
        await super().stop()

    def on_invite(self, invite: IncomingInvite) -> None:
        super().on_invite(invite)
        self._tasks.spawn(self.calls.entries[-1].answer(), name="answer")

    def _begins(self, call: CallEnd) -> None:
        super()._begins(call)
        call.on_media = self._performs

    def _performs(self, call: CallEnd) -> None:
        call.speak(self.tone)
        if call.media.video is not None:
            call.show()
