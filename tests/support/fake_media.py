"""A WebRTC session without any network: what is sent to it and what it says are plain lists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pbx_lite.calls.webrtc.session import State
from pbx_lite.errors import MediaError
from pbx_lite.media.port import PCMU, Codec
from tests.support.fake_leg import FakeAudio, FakeVideo


class FakeMedia:
    """What `calls.browser_leg.Media` says.  An offer of `garbage` makes no sense to it."""

    def __init__(self, codecs: Sequence[Codec] = (PCMU,), *, video: bool = False) -> None:
        self.audio: Any = FakeAudio(codecs[0])
        self.video: Any = FakeVideo()
        self.has_video = video
        self.on_state: Callable[[State], None] | None = None
        self.state: State = "new"
        self.candidates: list[str] = []

    async def answer(self, offer_sdp: str, ice_servers: Iterable[Mapping[str, Any]] = ()) -> str:
        if offer_sdp == "garbage":
            raise MediaError("This is no offer.")
        self.state = "connecting"
        return f"answer to {offer_sdp}"

    async def add_candidate(
        self, candidate: str, sdp_mid: str | None = None, sdp_m_line_index: int | None = None
    ) -> None:
        self.candidates.append(candidate)

    async def close(self) -> None:
        self.becomes("closed")

    def becomes(self, state: State) -> None:
        if self.state != state:
            self.state = state
            if self.on_state is not None:
                self.on_state(state)
