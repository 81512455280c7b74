"""What comes in from the network, parsed and handed to the transactions it belongs to."""

import logging

from pbx_lite.clock import Clock
from pbx_lite.errors import ParseError
from pbx_lite.sip.client import ClientTransactions
from pbx_lite.sip.message import Request, parse
from pbx_lite.sip.resolve import Resolver
from pbx_lite.sip.server import Receiver, ServerTransactions
from pbx_lite.sip.transaction import Timers
from pbx_lite.sip.transport import Flow, Network

_LOGGER = logging.getLogger(__name__)


class Layer:
    """All transactions of one endpoint: `clients` are requests of ours, `servers` theirs."""

    def __init__(
        self, network: Network, receiver: Receiver, resolver: Resolver, *, clock: Clock, timers: Timers
    ) -> None:
        self.clients = ClientTransactions(network, resolver, clock=clock, timers=timers)
        self.servers = ServerTransactions(network, receiver, clock=clock, timers=timers)
        network.receive = self.received

    async def close(self) -> None:
        await self.clients.close()
        await self.servers.close()

    def received(self, data: bytes, flow: Flow) -> None:
        """Take a whole message.  Never raises: their faults are answered or dropped, ours are logged."""
        try:
            message = parse(data, stream=flow.remote.is_stream)
            if isinstance(message, Request):
                self.servers.take(message, flow)
            else:
                self.clients.take(message, flow)
        except ParseError as fault:
            _LOGGER.debug("Dropped what %s sent: %s", flow.remote, fault)
        except Exception:
            _LOGGER.exception("Failed on a message of %s", flow.remote)
