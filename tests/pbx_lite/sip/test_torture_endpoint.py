"""The torture messages sent to a whole endpoint: what comes back, and what reaches those who serve requests."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import Endpoint, IncomingRequest
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.transport import Admit, Flow, Receive
from tests.support.clock import FakeClock

from .torture import MESSAGES, Torture


class Wire:
    """A network of one UDP socket, carried by hand; it is its own only flow, and `sent` holds what went out."""

    def __init__(self) -> None:
        self.receive: Receive = lambda data, flow: None
        self.admit: Admit = lambda source: True
        self.sent: list[bytes] = []
        self.remote = Address("udp", "192.0.2.99", 5060)
        self.here = Address("udp", "192.0.2.1", 5060)
        self.listening = [self.here]
        self.closed = False

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def start(self, listen: Sequence[str]) -> None: ...

    async def stop(self) -> None: ...

    def flow(self, remote: Address) -> Flow:
        return _Way(self, remote)

    async def connect(self, remote: Address, *, within: float, name: str = "") -> Flow:
        return _Way(self, remote)

    def local(self, remote: Address) -> Address:
        return self.here

    def keep_alive(self, remote: Address, *, strict: bool = False) -> None: ...

    def expect(self, remote: Address, seconds: float) -> None: ...

    def on_lost(self, listener: Callable[[Flow], None]) -> None: ...


class _Way:
    def __init__(self, wire: Wire, remote: Address) -> None:
        self.remote = remote
        self.local = wire.here
        self.closed = False
        self.send = wire.send


class Server:
    """Serves everything and refuses what it serves with 480, which no endpoint does by itself."""

    def on_request(self, incoming: IncomingRequest) -> None:
        incoming.respond(480)

    def on_invite(self, invite: IncomingInvite) -> None:
        invite.reject(480)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def endpoint(wire: Wire) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint(clock=FakeClock(), handler=Server(), user_agent="tests", network=wire)
    yield endpoint
    await endpoint.stop(grace=0)


def expected(case: Torture) -> set[int]:
    if case.outcome == "dropped" or case.element == "dropped":
        return set()
    answer = next(status for status in (case.element, case.outcome, 480) if status not in {None, "accepted"})
    assert isinstance(answer, int)
    return {answer}


@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
async def test_the_endpoint_answers_as_the_rfc_says(case: Torture, wire: Wire) -> None:
    wire.receive(case.data, _Way(wire, wire.remote))
    # What is faulty in a request is so in its answer too, that is why this does not parse it.
    statuses = {int(data.removeprefix(b"SIP/2.0 ")[:3]) for data in wire.sent}
    assert statuses - {100} == expected(case)
