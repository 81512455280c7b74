"""A browser as a party of a call: it rings by a message to its page, and speaks by WebRTC."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pbx_lite.calls.leg import (
    NORMAL,
    OUT_OF_ORDER,
    Answered,
    Cause,
    Dtmf,
    Ended,
    LegEvent,
    LegState,
    MediaChanged,
    Ringing,
    Sight,
)
from pbx_lite.calls.webrtc.ports import BrowserAudio, BrowserVideo
from pbx_lite.calls.webrtc.session import State
from pbx_lite.calls.webrtc.steady import SteadyAudio, SteadyVideo
from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import Conflict
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec
from pbx_lite.media.quality import LineQuality
from pbx_lite.tasks import spawn

LOST_SECONDS = 15.0
"""How long a party may be without a path: a reload, or a way from Wi-Fi to mobile, takes less."""
_CODECS = (PCMU, PCMA, G722, OPUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a page is told of one of its legs.  `state` is `ringing`, `early`, `answered` or `ended`.

    `name` and `number` are who is at the other end, as a display shows it; `cause`, `reason` and `elsewhere` come
    with `ended` (Q.850's number, its words, and whether another device took the call).
    """

    leg: str
    state: str
    name: str = ""
    number: str = ""
    cause: int = 0
    reason: str = ""
    elsewhere: bool = False


class Media(Protocol):
    """One WebRTC session, as `calls.webrtc_leg.WebRtcSession`."""

    on_state: Callable[[State], None] | None
    has_video: bool

    @property
    def state(self) -> State: ...

    @property
    def audio(self) -> BrowserAudio: ...

    @property
    def video(self) -> BrowserVideo: ...

    async def answer(self, offer_sdp: str, ice_servers: Iterable[Mapping[str, Any]] = ()) -> str: ...

    async def add_candidate(
        self, candidate: str, sdp_mid: str | None = None, sdp_m_line_index: int | None = None
    ) -> None: ...

    async def close(self) -> None: ...


class BrowserLeg:
    """What `calls.leg.Leg` says.  `connect`, `take`, `press` and `leave` are what the page does."""

    keys: Literal["rfc4733", "info", "inband"] = "rfc4733"

    def __init__(self, *, clock: Clock, tell: Callable[[Told], None], first: Codec | None = None) -> None:
        """`first` is the codec that the other party speaks: with it nothing has to be converted."""
        self.id = secrets.token_hex(8)
        self.listener: Callable[[LegEvent], None] | None = None
        self.state = LegState.NEW
        self.audio = SteadyAudio()
        self.media: Media | None = None
        self.on_end: Callable[[], None] | None = None
        self.on_heard: Callable[[], None] | None = None
        """Called once, when the page's sound has found its way."""
        self.filming = False
        self.rung = False
        """Whether the page was rung; else it calls."""
        self._clock = clock
        self._tell = tell
        self._first = first
        self._video = SteadyVideo()
        self._lost: Timer | None = None
        self._next: Media | None = None

    @property
    def video(self) -> SteadyVideo | None:
        """Once somebody talks: phones that are called by a browser are not asked for pictures that nobody wants."""
        talks = self.state is LegState.ANSWERED
        return self._video if talks and self.media is not None and self.media.has_video else None

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """What a session of this leg is to agree on, best first."""
        return _CODECS if self._first is None else tuple(dict.fromkeys((self._first, *_CODECS)))

    # What the page does

    def rings(self) -> None:
        """The page was told that it rings; the call hears of it once it listens."""
        self.rung = True
        self.state = LegState.RINGING
        asyncio.get_running_loop().call_soon(self._rang)

    async def connect(self, media: Media, offer: str, ice_servers: Iterable[Mapping[str, Any]] = ()) -> str:
        """Speak by this session from now on; one that works already is heard until this one is connected.

        Returns the SDP answer.  Raises MediaError, and Conflict where the leg is over.
        """
        try:
            answer = await media.answer(offer, ice_servers)
        except BaseException:
            await media.close()
            raise
        if self.state is LegState.ENDED:
            await media.close()
            raise Conflict("This call is over.")
        if self._next is not None:
            self._drop(self._next)
        self._next = media
        if self.media is not None and self.media.state == "connected" and media.state == "connecting":
            media.on_state = self._next_path
        else:
            self._take_next()
        return answer

    def take(self) -> None:
        """Answer it.  Raises Conflict where it does not ring, or nothing could be heard."""
        if self.state is not LegState.RINGING:
            raise Conflict("This call does not ring any more.")
        if self.media is None:
            raise Conflict("There is no sound yet: connect first.")
        self.state = LegState.ANSWERED
        self._tell(Told(leg=self.id, state="answered"))
        self._happens(Answered())
        self._happens(MediaChanged(held=None))

    def film(self, shown: bool) -> None:
        """The page's camera was switched on or off."""
        if shown != self.filming and self.state is not LegState.ENDED:
            self.filming = shown
            self._happens(MediaChanged(held=None))

    def press(self, digits: str) -> None:
        for digit in digits:
            self._happens(Dtmf(digit))

    def leave(self, cause: Cause = NORMAL) -> None:
        """The page hangs up or rejects."""
        self.hangup(cause)

    def away(self) -> None:
        """The page has gone: who calls may come back by a reload and finds the call still ringing.

        Who talks does so as long as their sound comes, whatever becomes of the page's client; a page says again
        that it films.
        """
        self.film(False)
        if self.state is not LegState.ANSWERED:
            self._miss()

    def back(self) -> None:
        """The page is there again; where its sound is lost it has to bring another session."""
        if self.media is not None and self.media.state == "connected":
            self._found()

    # What the call does

    def see(self, sight: Sight) -> None:
        """Browsers take pictures whenever there are some."""

    def ring(self) -> None:
        if self.state is LegState.NEW:
            self.state = LegState.RINGING
            self._tell(Told(leg=self.id, state="ringing"))

    def early_media(self) -> None:
        if self.state in {LegState.NEW, LegState.RINGING}:
            self.state = LegState.EARLY
            self._tell(Told(leg=self.id, state="early"))

    def answer(self) -> None:
        if self.state not in {LegState.ANSWERED, LegState.ENDED}:
            self.state = LegState.ANSWERED
            self._tell(Told(leg=self.id, state="answered"))
            self._happens(MediaChanged(held=None))

    def hangup(self, cause: Cause = NORMAL) -> None:
        if self.state is LegState.ENDED:
            return
        self.state = LegState.ENDED
        self.on_heard = None
        self._found()
        self.audio.attach(None)
        self._video.attach(None)
        for media in (self.media, self._next):
            if media is not None:
                self._drop(media)
        self.media = self._next = None
        self._tell(
            Told(leg=self.id, state="ended", cause=cause.q850, reason=cause.text, elsewhere=cause.elsewhere),
        )
        self._happens(Ended(cause))
        if self.on_end is not None:
            self.on_end()

    def prefer(self, codec: Codec | None) -> None:
        if codec is not None and self.media is None:
            self._first = codec

    def show(self, name: str, number: str) -> None:
        if self.state is not LegState.ENDED:
            self._tell(Told(leg=self.id, state=self.state.value, name=name, number=number))

    def quality(self) -> LineQuality | None:
        return None

    def listen_for_keys(self) -> None:
        """Keys come as messages of the page, never as tones."""

    def silent_for(self, now: float) -> float:
        """A session that hears nothing any more ends by itself; silence alone says nothing."""
        return 0.0

    def unheard_for(self, now: float) -> float:
        """As little as silence."""
        return 0.0

    async def is_there(self) -> bool:
        return self.state is not LegState.ENDED

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        """A browser has nothing that keys could steer."""

    # Inside

    def _rang(self) -> None:
        if self.state is LegState.RINGING:
            self._happens(Ringing())

    def _take_next(self) -> None:
        """The session that was on trial is the one that is spoken by."""
        old, media = self.media, self._next
        if media is None:
            return
        self.media, self._next = media, None
        if old is not None:
            self._drop(old)
        self._found()
        media.on_state = self._path
        self.audio.attach(media.audio)
        self._video.attach(media.video)
        if self.state in {LegState.EARLY, LegState.ANSWERED}:
            self._happens(MediaChanged(held=None))

    def _drop(self, media: Media) -> None:
        media.on_state = None
        spawn(media.close(), name="close the session of a browser")

    def _next_path(self, state: State) -> None:
        """The new session works, or it never will: then the old one stays."""
        if state == "connected":
            self._take_next()
        elif state in {"failed", "closed"}:
            self._next = None

    def _path(self, state: State) -> None:
        """The session's way through the network: one that is lost may be followed by another."""
        if state in {"failed", "closed"} and self._next is not None:
            self._take_next()
        elif state in {"failed", "closed"}:
            self._miss()
        elif state == "connected" and self.on_heard is not None:
            heard, self.on_heard = self.on_heard, None
            heard()

    def _miss(self) -> None:
        if self.state is not LegState.ENDED and self._lost is None:
            self._lost = self._clock.call_later(LOST_SECONDS, self._gone)

    def _gone(self) -> None:
        """Answered meanwhile, and heard: the client will say in time that the page is there."""
        self._lost = None
        if self.state is not LegState.ANSWERED or self.media is None or self.media.state != "connected":
            self.hangup(OUT_OF_ORDER)

    def _found(self) -> None:
        if self._lost is not None:
            self._lost.cancel()
            self._lost = None

    def _happens(self, event: LegEvent) -> None:
        if self.listener is not None:
            self.listener(event)
