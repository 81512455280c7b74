"""Calls to one device of somebody, by the address that its registration was given (GRUU, RFC 5627)."""

from collections.abc import Sequence
from typing import Protocol

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.incoming_leg import IncomingLeg
from pbx_lite.calls.leg import UNREACHABLE
from pbx_lite.calls.phone import Phone
from pbx_lite.calls.plan import Attempt, Plan, Refuse, Ring, Rung
from pbx_lite.calls.switchboard import party_of_account
from pbx_lite.directory import AccountKind, Directory
from pbx_lite.errors import ParseError
from pbx_lite.sip.uri import SipUri


class Addresses(Protocol):
    def addressed(self, account: str, uri: SipUri) -> list[Binding]: ...


class Phones(Protocol):
    def phones_of(self, user: str, account: str | None = None) -> Sequence[Phone]: ...


class OnePhone:
    """The planner of such calls: that phone rings, and none of its owner's others."""

    def __init__(self, *, directory: Directory, registrar: Addresses, phones: Phones) -> None:
        self._directory = directory
        self._registrar = registrar
        self._phones = phones

    async def close(self) -> None:
        """Nothing is held."""

    def plan(self, attempt: Attempt) -> Plan | None:
        leg = attempt.leg
        if attempt.diverted or not isinstance(leg, IncomingLeg):
            return None
        uri = _wanted(leg)
        if uri is None or uri.user != attempt.number:
            return None
        account = self._directory.by_account(uri.user)
        if account is None or account.kind is not AccountKind.USER:
            return None
        named = {binding.key for binding in self._registrar.addressed(account.name, uri)}
        found = [phone for phone in self._phones.phones_of(account.owner, account.name) if phone.binding.key in named]
        if not found:
            return Refuse(cause=UNREACHABLE)
        return Ring(callee=party_of_account(account), rungs=tuple(Rung(target=phone) for phone in found))


def _wanted(leg: IncomingLeg) -> SipUri | None:
    """The Request-URI of a call, where it names one device."""
    uri = leg.session.request.uri
    if ";gr=" not in uri:
        return None
    try:
        return SipUri.parse(uri)
    except ParseError:
        return None
