"""A SIP phone that the test plays by hand."""

from tests.support.call_end import Received
from tests.support.peer import Peer


class FakePhone(Peer):
    """`ringing = await phone.rings()`, then `answer()`, `early()`, `reject()`, or `cancelled()`."""

    async def rings(self, *, within: float = 20.0) -> Received:
        """The next call, and the phone rings."""
        call = await self.next_call(within=within)
        call.ring()
        return call
