"""One browser as a party: its offer answered, its sound and picture as ports, its coming and going as states."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from pbx_lite.calls.webrtc.ports import BrowserAudio, BrowserVideo
from pbx_lite.clock import Clock
from pbx_lite.errors import MediaError
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec
from pbx_lite.tasks import Tasks, spawn

if TYPE_CHECKING:
    from pbx_lite.calls.webrtc.connection import BrowserConnection
    from pbx_lite.calls.webrtc.offer import Offer

_LOGGER = logging.getLogger(__name__)

CONNECT_SECONDS = 20.0
GATHER_SECONDS = 0.6
TRICKLE_SECONDS = 0.03
CLOSE_SECONDS = 2.0
MAX_EARLY_CANDIDATES = 64

type State = Literal["new", "connecting", "connected", "failed", "closed"]


async def prepare() -> None:
    """Load what the first session needs: about a second of work, done in a thread, once."""
    if not _load.cache_info().currsize:
        await asyncio.get_running_loop().run_in_executor(None, _load)


@cache
def _load() -> None:
    from pbx_lite.calls.webrtc import connection, transport  # noqa: F401 - aiortc costs some 40 MB

    transport.shared_certificate()


class WebRtcSession:
    """A browser that watches, listens and perhaps talks.

    `audio` and `video` are there from the start: sinks and callbacks may be set, and pictures sent, before `answer`.
    `on_state` hears `connecting`, `connected`, then `failed` (never connected, or the path was lost) or `closed`
    (by either side), each once; after the last one the session releases everything by itself.  `on_candidate`, where
    somebody listens, hears what STUN and TURN servers find, and the answer does not wait for it.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        audio_codecs: Iterable[Codec] = (PCMU, PCMA, G722, OPUS),
        host_addresses: Sequence[str] | None = None,
        gather_seconds: float = GATHER_SECONDS,
        films: bool = False,
    ) -> None:
        """`audio_codecs` in order of preference; `host_addresses` are the local addresses to offer instead of all.

        The browser's camera is taken where it `films`.
        """
        self.on_state: Callable[[State], None] | None = None
        self.on_candidate: Callable[[str, str, int], None] | None = None  # (candidate, mid, m-line index)
        self.has_microphone = False
        self.has_video = False
        clock = clock or asyncio.get_running_loop()
        self.audio = BrowserAudio(clock)
        self.video = BrowserVideo(clock)
        self._state: State = "new"
        self._clock = clock
        self._audio_codecs = tuple(audio_codecs)
        self._host_addresses = host_addresses
        self._gather_seconds = gather_seconds
        self._films = films
        self._tasks = Tasks("WebRTC")
        self._connection: BrowserConnection | None = None
        self._early_candidates: list[str] = []
        self._released: asyncio.Task[None] | None = None

    @property
    def state(self) -> State:
        return self._state

    async def answer(self, offer_sdp: str, ice_servers: Iterable[Mapping[str, Any]] = ()) -> str:
        """Answer a browser's offer and start connecting.

        Raises MediaError for an offer that makes no sense and NoCommonCodec for one that has nothing to share.
        """
        if self._state != "new":
            raise MediaError("This session has been answered or closed already")
        self._set_state("connecting")
        try:
            await prepare()
            return await self._answer(offer_sdp, ice_servers)
        except BaseException:
            await self.close()
            raise

    async def add_candidate(
        self,
        candidate: str,
        sdp_mid: str | None = None,
        sdp_m_line_index: int | None = None,
    ) -> None:
        """A candidate that the browser found after its offer; an empty one, the end of them, changes nothing."""
        if self._connection is not None:
            await self._connection.add_candidate(candidate)
        elif candidate and len(self._early_candidates) < MAX_EARLY_CANDIDATES:
            self._early_candidates.append(candidate)

    async def close(self) -> None:
        """End the session and wait until nothing of it is left, save a TURN server that is slow to say goodbye."""
        self._finish("closed")
        if self._released is not None:
            await asyncio.wait({self._released}, timeout=CLOSE_SECONDS)

    async def _answer(self, offer_sdp: str, ice_servers: Iterable[Mapping[str, Any]]) -> str:
        from pbx_lite.calls.webrtc.connection import BrowserConnection
        from pbx_lite.calls.webrtc.offer import read_offer

        offer = read_offer(offer_sdp, self._audio_codecs, films=self._films)
        self._describe(offer)
        connection = BrowserConnection(
            offer,
            self.audio,
            self.video,
            clock=self._clock,
            ice_servers=ice_servers,
            addresses=self._host_addresses,
        )
        connection.on_lost = self._lost
        self._connection = connection
        for line in self._early_candidates:
            await connection.add_candidate(line)
        trickles = self.on_candidate is not None
        seconds = min(TRICKLE_SECONDS, self._gather_seconds) if trickles else self._gather_seconds
        answer = await connection.answer(seconds, self._candidate_found)
        if self._state != "connecting":
            raise MediaError("The session was closed while it was being answered")
        self._tasks.spawn(self._connect(connection), name="connect")
        return answer

    def _describe(self, offer: Offer) -> None:
        audio, video = offer.section("audio"), offer.section("video")
        self.has_microphone = audio is not None and audio.receives
        self.has_video = video is not None and video.sends

    async def _connect(self, connection: BrowserConnection) -> None:
        if not await connection.connect(CONNECT_SECONDS):
            self._finish("failed")
            return
        self._set_state("connected")
        if self._state == "connected":  # the listener may have closed it
            connection.start()

    def _candidate_found(self, candidate: str, mid: str, index: int) -> None:
        if self.on_candidate is not None:
            self.on_candidate(candidate, mid, index)

    def _lost(self, goodbye: bool) -> None:
        self._finish("closed" if goodbye and self._state == "connected" else "failed")

    def _finish(self, state: State) -> None:
        if self._state in {"failed", "closed"}:
            return
        self.audio.attach(None)
        self.video.attach(None)
        self._released = spawn(self._release(), name="WebRTC: release")
        self._set_state(state)

    async def _release(self) -> None:
        await self._tasks.close()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _set_state(self, state: State) -> None:
        self._state = state
        if self.on_state is not None:
            try:
                self.on_state(state)
            except Exception:
                _LOGGER.exception("A listener failed on the state %s of a WebRTC session", state)
