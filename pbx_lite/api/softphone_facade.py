"""What the API needs of the telephone in a browser, as a Protocol.  All raise PbxError."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from pbx_lite.calls.browsers import News
from pbx_lite.directory import User

type Tell = Callable[[News], None]


class Softphone(Protocol):
    """Pages of users as phones.  `session` names a WebRTC session among all that clients have."""

    def here(self, user: User, device: str, tell: Tell, *, rings: bool) -> Sequence[Mapping[str, Any]]:
        """The page may be rung, and hears by `tell`; its calls, each with `leg`, `call` and `state`."""
        ...

    def gone(self, user: str, device: str, tell: Tell) -> None: ...

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
        """Leg, call and SDP answer."""
        ...

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
        """The user's call goes on at this page instead of the device that has it; leg and SDP answer."""
        ...

    async def connect(
        self, user: User, leg: str, *, session: str, offer: str, ice_servers: Sequence[Mapping[str, Any]]
    ) -> str:
        """Media for a leg that rings, or anew for one that talks; the SDP answer."""
        ...

    def answer(self, user: User, leg: str) -> None: ...

    def reject(self, user: User, leg: str, *, busy: bool = False) -> None: ...

    def hang_up(self, user: User, leg: str) -> None: ...

    def press(self, user: User, leg: str, digits: str) -> None: ...

    def film(self, user: User, leg: str, *, shown: bool) -> None:
        """The page's camera is on, or no more: a phone at the other end is offered its picture."""
        ...

    async def candidate(
        self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None: ...

    async def close_session(self, session: str) -> None: ...
