"""Where accounts can be reached: the registrar's table, pure bookkeeping (RFC 3261 section 10.3).

Times here are wall-clock seconds, for they outlive a restart.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pbx_lite.errors import Busy, Conflict
from pbx_lite.sip.address import Address

BINDINGS_PER_ACCOUNT = 10


@dataclass(frozen=True, slots=True)
class Binding:
    """One device of an account: its contact, and the address its REGISTER came from.

    Packets go to that address: it passes NAT where the contact would not.
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

    @property
    def key(self) -> str:
        """What makes two registrations one device: its instance where it names one (RFC 5626), else its contact."""
        return self.instance or self.contact

    def row(self) -> dict[str, Any]:
        """As plain JSON values, without the account."""
        row = asdict(self)
        del row["account"]
        return row | {"source": str(self.source)}

    @classmethod
    def from_row(cls, account: str, row: Mapping[str, Any]) -> Binding:
        return cls(account=account, **{**row, "source": Address.parse(row["source"])})


class Bindings:
    def __init__(self, stored: Iterable[Binding] = ()) -> None:
        self._accounts: dict[str, dict[str, Binding]] = {}
        for binding in stored:
            self._accounts.setdefault(binding.account, {})[binding.key] = binding

    def of(self, account: str, now: float) -> list[Binding]:
        """The live bindings of an account, the preferred ones (q) first, then those that last longest.

        A station that came back at another address is found there, not where its old registration still says.
        """
        live = [binding for binding in self._accounts.get(account, {}).values() if binding.expires_at > now]
        return sorted(live, key=lambda binding: (-binding.q, -binding.expires_at))

    def hosts(self) -> Iterator[tuple[str, int]]:
        """Source host and port of every binding."""
        for devices in self._accounts.values():
            for binding in devices.values():
                yield binding.source.host, binding.source.port

    def everything(self) -> list[Binding]:
        return [binding for devices in self._accounts.values() for binding in devices.values()]

    def put(self, binding: Binding, now: float) -> None:
        """Add or refresh.  Raises Conflict for an out-of-order request, Busy when there are too many devices."""
        devices = self._accounts.setdefault(binding.account, {})
        self._check_order(devices.get(binding.key), binding.call_id, binding.cseq)
        if binding.key not in devices and len(self.of(binding.account, now)) >= BINDINGS_PER_ACCOUNT:
            raise Busy(f"{binding.account} has {BINDINGS_PER_ACCOUNT} devices registered already.")
        devices[binding.key] = binding

    def remove(self, account: str, key: str, call_id: str, cseq: int) -> None:
        """Forget one binding; an unknown one is no fault.  Raises Conflict for an out-of-order request."""
        devices = self._accounts.get(account, {})
        self._check_order(devices.get(key), call_id, cseq)
        devices.pop(key, None)

    def clear(self, account: str, call_id: str, cseq: int) -> None:
        """Forget all bindings of an account (`Contact: *`)."""
        for binding in list(self._accounts.get(account, {}).values()):
            self.remove(account, binding.key, call_id, cseq)

    def forget(self, account: str) -> None:
        """The account itself is gone."""
        self._accounts.pop(account, None)

    def sweep(self, now: float) -> set[str]:
        """Drop what expired; the accounts that lost a binding."""
        lost: set[str] = set()
        for account, devices in self._accounts.items():
            for key in [key for key, binding in devices.items() if binding.expires_at <= now]:
                del devices[key]
                lost.add(account)
        return lost

    def next_expiry(self) -> float | None:
        """When `sweep` has something to do again."""
        return min((binding.expires_at for binding in self.everything()), default=None)

    @staticmethod
    def _check_order(known: Binding | None, call_id: str, cseq: int) -> None:
        if known is not None and known.call_id == call_id and cseq <= known.cseq:
            raise Conflict("This REGISTER is older than one already seen.")
