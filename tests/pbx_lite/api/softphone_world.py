"""The telephone in a browser of tests/wire/: a fake that answers at once and keeps what it was asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pbx_lite.calls.browser_leg import Told
from pbx_lite.calls.browsers import News, Rang
from pbx_lite.directory import User
from pbx_lite.errors import Conflict, NotFound


class FakeSoftphone:
    """Anna's leg `l1` talks, `l2` rings; `l3` is what she dials."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.pages: dict[tuple[str, str], Callable[[News], None]] = {}

    def here(
        self, user: User, device: str, tell: Callable[[News], None], *, rings: bool
    ) -> Sequence[Mapping[str, Any]]:
        self.pages[user.name, device] = tell
        return [{"leg": "l1", "call": "c1", "state": "answered"}]

    def gone(self, user: str, device: str, tell: Callable[[News], None]) -> None:
        if self.pages.get((user, device)) is tell:
            del self.pages[user, device]

    async def dial(
        self,
        user: User,
        device: str,
        number: str,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[Mapping[str, Any]],
    ) -> tuple[str, str, str]:
        self.asked.append(("dial", user.name, device, number, session, offer, list(ice_servers)))
        return "l3", "c3", "v=0\r\no=spoken"

    async def take(
        self,
        user: User,
        device: str,
        call: str,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[Mapping[str, Any]],
    ) -> tuple[str, str]:
        if call != "c1":
            raise NotFound("This call is over.")
        self.asked.append(("take", user.name, device, call, session, offer, list(ice_servers)))
        return "l4", "v=0\r\no=spoken"

    async def connect(
        self, user: User, leg: str, *, session: str, offer: str, ice_servers: Sequence[Mapping[str, Any]]
    ) -> str:
        self._of(user, leg)
        self.asked.append(("connect", leg, session, offer, list(ice_servers)))
        return "v=0\r\no=spoken"

    def answer(self, user: User, leg: str) -> None:
        self._of(user, leg)
        self.asked.append(("answer", leg))

    def reject(self, user: User, leg: str, *, busy: bool = False) -> None:
        self._of(user, leg)
        if leg == "l1":
            raise Conflict("This call does not ring any more.")
        self.asked.append(("reject", leg, busy))

    def hang_up(self, user: User, leg: str) -> None:
        self._of(user, leg)
        self.asked.append(("hang_up", leg))

    def press(self, user: User, leg: str, digits: str) -> None:
        self._of(user, leg)
        self.asked.append(("press", leg, digits))

    def film(self, user: User, leg: str, *, shown: bool) -> None:
        self._of(user, leg)
        self.asked.append(("film", leg, shown))

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        self.asked.append(("candidate", session, candidate))

    async def close_session(self, session: str) -> None:
        self.asked.append(("close", session))

    def happens(self, shown: Mapping[str, Any]) -> None:
        """Tell a page what a golden message says."""
        fields = {key: value for key, value in shown.items() if key not in {"kind", "user", "device", "at"}}
        news: News = Rang(**fields) if shown["kind"] == "phone_rang" else Told(**fields)
        self.pages[shown["user"], shown["device"]](news)

    def _of(self, user: User, leg: str) -> None:
        if user.name != "anna" or leg not in {"l1", "l2", "l3"}:
            raise NotFound("This call is over.")
