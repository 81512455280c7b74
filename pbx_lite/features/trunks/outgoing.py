"""A call out over one line: the INVITE as its provider wants it, and where a 3xx may lead."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from pbx_lite.calls.identity import introduce, number_of
from pbx_lite.calls.leg import NO_RESPONSE, Leg, LegState
from pbx_lite.calls.outgoing_leg import Callee, OutgoingLeg
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt
from pbx_lite.errors import Busy, ParseError, PbxError
from pbx_lite.features.trunks.line import Line
from pbx_lite.features.trunks.numbers import Destination, present
from pbx_lite.media.port import Codec
from pbx_lite.sip.address import Address
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.uri import SipUri

_LOGGER = logging.getLogger(__name__)
MOST_REDIRECTS = 3
PATIENCE = 6.0
"""Seconds in which a provider has to say something, if only that it tries, before another line is tried."""


class Dialler(Protocol):
    """What a line needs of the exchange."""

    async def outgoing_leg(
        self, peer: Address, *, video: bool, first: Codec | None = None, codecs: Iterable[str] = ()
    ) -> OutgoingLeg: ...

    def invite(
        self, leg: OutgoingLeg, callee: Callee, caller: NameAddr, headers: Iterable[tuple[str, str]]
    ) -> None: ...


class TrunkLine:
    """Somebody outside who can be rung over `line` (a `Reachable`).

    `number` is ours that they are shown.  `allowed(number)` says whether a redirection to another number may be
    followed, `spent(call, leg)` counts the call, and `make_room` frees a channel for an emergency call, None for all
    others.
    """

    def __init__(
        self,
        exchange: Dialler,
        line: Line,
        destination: Destination,
        *,
        number: str,
        user: str = "",
        device: str = "",
        allowed: Callable[[str], bool] = lambda _: False,
        spent: Callable[[str, Leg], None] = lambda _call, _leg: None,
        make_room: Callable[[Line], None] | None = None,
    ) -> None:
        self.user = user
        self.device = device
        self.line = line
        self.impatient = False
        """Whether another line waits, so that one that is silent is given up early."""
        self._leg: OutgoingLeg | None = None
        self._exchange = exchange
        self.destination = destination
        self.number = number
        self._allowed = allowed
        self._spent = spent
        self._make_room = make_room

    @property
    def rang(self) -> bool:
        """Whether the other end rang or spoke: then no other line is tried."""
        return self._leg is not None and self._leg.rang

    async def ring(self, attempt: Attempt) -> Leg:
        """Raises Busy where every channel is in use, MediaError and SipError as a phone does."""
        line = self.line
        if not line.free and self._make_room is not None:
            self._make_room(line)
        elif not line.free:
            raise Busy(f"All {line.channels} channels of {line.title} are in use.")
        line.reserve()
        try:
            leg = await self._dial(attempt)
        except BaseException:
            line.release()
            raise
        if self.impatient:
            line.clock.call_later(PATIENCE, lambda: _give_up_silent(leg))
        line.carry(leg, attempt.call, urgent=self._make_room is not None)
        self._spent(attempt.call.id, leg)
        return leg

    async def _dial(self, attempt: Attempt) -> OutgoingLeg:
        origin = attempt.leg
        self._leg = leg = await self._exchange.outgoing_leg(
            self.line.peer,
            video=False,
            first=origin.audio.codec if origin is not None else None,
            codecs=self.line.profile.codecs,
        )
        leg.outside = True
        try:
            from_, headers = self._introduction(attempt)
            left = MOST_REDIRECTS

            def again(redirects: tuple[str, ...]) -> bool:
                nonlocal left
                uri = self._follow(redirects) if left else ""
                left -= 1
                if not uri:
                    return False
                try:
                    self._exchange.invite(leg, self._callee(uri), from_, headers)
                except PbxError as error:
                    _LOGGER.info("A redirection of %s leads nowhere: %s", self.line.name, error)
                    return False
                return True

            leg.on_redirect = again
            self._exchange.invite(leg, self._callee(self._uri(attempt)), from_, headers)
        except BaseException:
            leg.hangup()
            raise
        return leg

    def _callee(self, uri: str) -> Callee:
        return Callee(uri, self.line.hop, self.line.credentials if self.line.trunk.username else None)

    def _uri(self, attempt: Attempt) -> str:
        profile, trunk = self.line.profile, self.line.trunk
        number = present(self.destination.number, profile.callee, country=trunk.country)
        if self._hides(attempt) and self.destination.global_:
            number = profile.hide + number
        return str(SipUri(user=number, host=self.line.domain))

    def _hides(self, attempt: Attempt) -> bool:
        """Emergency services are always told who calls."""
        return attempt.caller.private and self._make_room is None

    def _introduction(self, attempt: Attempt) -> tuple[NameAddr, tuple[tuple[str, str], ...]]:
        line = self.line
        profile, country = line.profile, line.trunk.country
        hidden = self._hides(attempt)
        ours = present(self.number, profile.caller, country=country) or line.trunk.username
        told = introduce(
            Party(number=ours, private=hidden and not profile.hide),
            line.domain,
            profile.manner,
            diverted=[ours] if attempt.diverted else (),
            target=present(self.destination.number, profile.callee, country=country),
        )
        from_ = NameAddr("", line.account) if profile.says == "account" and line.trunk.username else told.from_
        return from_, (*(("Route", route) for route in line.routes), *told.headers)

    def _follow(self, redirects: tuple[str, ...]) -> str:
        """The first redirection that stays with the provider and leads to a number that may be called."""
        for uri in redirects:
            try:
                parsed = SipUri.parse(uri)
            except ParseError:
                continue
            number = number_of(NameAddr("", uri))
            if parsed.scheme == "tel":
                parsed = SipUri(user=number, host=self.line.domain)
            if number and self.line.belongs(parsed.host) and self._allowed(number):
                return str(replace(parsed, scheme="sip", headers=()))
            _LOGGER.info("A redirection of %s to %s is not followed", self.line.name, uri[:80])
        return ""


def _give_up_silent(leg: OutgoingLeg) -> None:
    session = leg.session
    if leg.state is LegState.NEW and session is not None and not session.heard:
        leg.hangup(NO_RESPONSE)
