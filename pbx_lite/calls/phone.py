"""A registered phone that can be rung."""

from collections.abc import Callable, Iterable
from typing import Protocol

from pbx_lite.calls.auto_answer import auto_answer
from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.identity import introduce
from pbx_lite.calls.leg import Leg
from pbx_lite.calls.outgoing_leg import Callee, OutgoingLeg
from pbx_lite.calls.plan import Attempt
from pbx_lite.media.port import Codec
from pbx_lite.sip.address import Address
from pbx_lite.sip.headers import NameAddr


class Caller(Protocol):
    """What a phone needs of the exchange."""

    async def outgoing_leg(
        self, peer: Address, *, video: bool, first: Codec | None = None, codecs: Iterable[str] = ()
    ) -> OutgoingLeg: ...

    def invite(
        self, leg: OutgoingLeg, callee: Callee, caller: NameAddr, headers: Iterable[tuple[str, str]]
    ) -> None: ...

    def host_towards(self, peer: Address | None) -> str: ...


class Phone:
    """One binding of an account.  `codecs` is the order its owner wants, empty for the PBX's own."""

    def __init__(
        self,
        exchange: Caller,
        binding: Binding,
        *,
        user: str,
        codecs: tuple[str, ...] = (),
        callee: Callable[[Binding], Callee],
    ) -> None:
        self.binding = binding
        self.user = user
        self._exchange = exchange
        self._codecs = codecs
        self._callee = callee

    @property
    def account(self) -> str:
        return self.binding.account

    @property
    def device(self) -> str:
        return self.binding.account

    async def ring(self, attempt: Attempt) -> Leg:
        """Raises MediaError where no ports are left, SipError where the phone's address leads nowhere."""
        origin = attempt.leg
        peer = self.binding.source
        first = origin.audio.codec if origin is not None else None
        leg = await self._exchange.outgoing_leg(
            peer, video=origin is not None and origin.video is not None, first=first, codecs=self._codecs
        )
        leg.patient = True
        said = introduce(
            attempt.caller, self._exchange.host_towards(peer), diverted=attempt.diverted, target=attempt.number
        )
        headers = (*said.headers, *(auto_answer(self.binding.user_agent) if attempt.auto_answer else ()))
        try:
            self._exchange.invite(leg, self._callee(self.binding), said.from_, headers)
        except BaseException:
            leg.hangup()
            raise
        return leg
