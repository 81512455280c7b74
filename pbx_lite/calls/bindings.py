"""Where accounts can be reached: the registrar's table, pure bookkeeping (RFC 3261 section 10.3).

Times here are wall-clock seconds, for they outlive a restart.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from pbx_lite.errors import Busy, Conflict, ParseError
from pbx_lite.sip.address import Address
from pbx_lite.sip.uri import SipUri

BINDINGS_PER_ACCOUNT = 10
_OVERTAKEN_WITHIN = 40.0  # seconds in which a request may still be under way


@dataclass(frozen=True, slots=True)
class Binding:
    """One device of an account: its contact, and the address its REGISTER came from.

    Packets go to that address: it passes NAT where the contact would not.  `path` are the Route values on the way
    there (RFC 3327); `reg_id` numbers the flows of one instance (RFC 5626), 0 for devices that keep none; `at` is when
    it was registered last.
    """

    account: str
    contact: str
    source: Address
    expires_at: float
    call_id: str
    cseq: int
    q: float = 1.0
    instance: str = ""
    user_agent: str = ""
    path: tuple[str, ...] = ()
    reg_id: int = 0
    at: float = 0.0

    @property
    def key(self) -> str:
        """What makes two registrations one device: its instance where it names one (RFC 5626), else its contact."""
        return f"{self.instance};{self.reg_id}" if self.reg_id else self.instance or self.contact

    @property
    def behind_nat(self) -> bool:
        """Whether a router stands between: the contact is not where the packets come from."""
        try:
            contact = SipUri.parse(self.contact)
        except ParseError:
            return False
        return (contact.host, contact.port or 5060) != (self.source.host, self.source.port)

    def row(self) -> dict[str, Any]:
        """As plain JSON values, without the account."""
        return {name: getattr(self, name) for name in _KEPT} | {"source": str(self.source)}

    @classmethod
    def from_row(cls, account: str, row: Mapping[str, Any]) -> Binding:
        """What a newer version wrote besides is left out, so that an older one starts with it."""
        known = {name: row[name] for name in _KEPT if name in row}
        changed = {"source": Address.parse(row["source"]), "path": tuple(row.get("path", ()))}
        return cls(account=account, **{**known, **changed})


_KEPT = tuple(field.name for field in fields(Binding) if field.name not in {"account", "source"})


class Bindings:
    """All bindings; looking up and changing one costs the same however many there are."""

    def __init__(self, stored: Iterable[Binding] = ()) -> None:
        self._accounts: dict[str, dict[str, Binding]] = {}
        self._count = 0
        self._sources: dict[tuple[str, int], set[tuple[str, str]]] = {}
        self._expiries: list[tuple[float, str, str]] = []  # a heap; entries of bindings that changed are stale
        for binding in stored:
            self._keep(binding)

    def of(self, account: str, now: float) -> list[Binding]:
        """The live devices of an account, the preferred ones (q) first, then those that last longest.

        A station that came back at another address is found there, not where its old registration still says.  Of
        several flows to one instance the newest counts (RFC 5626 section 6).
        """
        live = [binding for binding in self._accounts.get(account, {}).values() if binding.expires_at > now]
        if len(live) < 2:
            return live
        live.sort(key=lambda binding: (-binding.q, -binding.expires_at))
        devices = {binding.instance if binding.reg_id else binding.key: binding for binding in reversed(live)}
        return [binding for binding in live if binding in devices.values()]

    def flows(self, account: str, now: float) -> list[Binding]:
        """Every live binding of an account, several flows to one device too, in no order."""
        return [binding for binding in self._accounts.get(account, {}).values() if binding.expires_at > now]

    def known(self, source: Address) -> bool:
        """Whether a binding came from exactly this host and port."""
        return (source.host, source.port) in self._sources

    def everything(self) -> list[Binding]:
        return [binding for devices in self._accounts.values() for binding in devices.values()]

    def accounts(self) -> list[str]:
        return list(self._accounts)

    def put(self, binding: Binding, now: float) -> None:
        """Add or refresh.  Raises Conflict for an out-of-order request, Busy when there are too many devices."""
        devices = self._accounts.get(binding.account, {})
        old = devices.get(binding.key)
        _check_order(old, binding.call_id, binding.cseq, now)
        if old is None and len(self.flows(binding.account, now)) >= BINDINGS_PER_ACCOUNT:
            raise Busy(f"{binding.account} has {BINDINGS_PER_ACCOUNT} devices registered already.")
        self._keep(binding)

    def remove(self, account: str, key: str, call_id: str, cseq: int, now: float) -> None:
        """Forget one binding; an unknown one is no fault.  Raises Conflict for an out-of-order request."""
        known = self._accounts.get(account, {}).get(key)
        _check_order(known, call_id, cseq, now)
        if known is not None:
            self._drop(known)

    def clear(self, account: str, call_id: str, cseq: int, now: float) -> None:
        """Forget all bindings of an account (`Contact: *`)."""
        for binding in list(self._accounts.get(account, {}).values()):
            self.remove(account, binding.key, call_id, cseq, now)

    def forget(self, account: str) -> None:
        """The account itself is gone."""
        for binding in list(self._accounts.get(account, {}).values()):
            self._drop(binding)

    def lose(self, source: Address) -> set[str]:
        """A connection ended: forget the flows that were kept in it; the accounts that lost one."""
        found = self._sources.get((source.host, source.port), set())
        gone = [binding for account, key in found if (binding := self._accounts[account][key]).reg_id]
        for binding in gone:
            self._drop(binding)
        return {binding.account for binding in gone}

    def sweep(self, now: float) -> set[str]:
        """Drop what expired; the accounts that lost a binding."""
        lost: set[str] = set()
        while (expiry := self.next_expiry()) is not None and expiry <= now:
            _, account, key = heapq.heappop(self._expiries)
            self._drop(self._accounts[account][key])
            lost.add(account)
        return lost

    def next_expiry(self) -> float | None:
        """When `sweep` has something to do again."""
        while self._expiries:
            expires_at, account, key = self._expiries[0]
            binding = self._accounts.get(account, {}).get(key)
            if binding is not None and binding.expires_at == expires_at:
                return expires_at
            heapq.heappop(self._expiries)
        return None

    def _keep(self, binding: Binding) -> None:
        account, key = binding.account, binding.key
        old = self._accounts.setdefault(account, {}).get(key)
        if old is not None:
            self._drop(old)
        self._accounts.setdefault(account, {})[key] = binding
        self._sources.setdefault((binding.source.host, binding.source.port), set()).add((account, key))
        self._count += 1
        heapq.heappush(self._expiries, (binding.expires_at, account, key))
        if len(self._expiries) > 64 + 4 * self._count:  # refreshes leave stale entries behind
            self._expiries = [(each.expires_at, each.account, each.key) for each in self.everything()]
            heapq.heapify(self._expiries)

    def _drop(self, binding: Binding) -> None:
        account, key = binding.account, binding.key
        del self._accounts[account][key]
        if not self._accounts[account]:
            del self._accounts[account]
        source = (binding.source.host, binding.source.port)
        self._sources[source].discard((account, key))
        if not self._sources[source]:
            del self._sources[source]
        self._count -= 1


def _check_order(known: Binding | None, call_id: str, cseq: int, now: float) -> None:
    """Raises Conflict for a REGISTER that was overtaken.

    One that comes long after is no such: the device began anew and keeps its Call-ID, as small ones do.
    """
    if known is not None and known.call_id == call_id and cseq <= known.cseq and now - known.at < _OVERTAKEN_WITHIN:
        raise Conflict("This REGISTER is older than one already seen.")
