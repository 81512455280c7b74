"""A party of a call without any network: what it was told and what it sends are plain lists."""

from collections.abc import Callable
from typing import Literal

from pbx_lite.calls.leg import NORMAL, Answered, Cause, EarlyMedia, Ended, LegEvent, LegState, Sight
from pbx_lite.media.port import PCMU, AccessUnit, AudioPacket, AudioSink, Codec, VideoSink
from pbx_lite.media.quality import LineQuality


class FakeAudio:
    """`heard` is what was sent to the party; `say` lets it speak."""

    def __init__(self, codec: Codec | None = PCMU) -> None:
        self.one_way = False
        self.codec = codec
        self.sink: AudioSink | None = None
        self.on_dtmf: Callable[[str], None] | None = None
        self.heard: list[AudioPacket] = []

    def send(self, packet: AudioPacket) -> None:
        self.heard.append(packet)

    def say(self, payload: bytes = bytes(160), codec: Codec = PCMU) -> None:
        if self.sink is not None:
            self.sink(AudioPacket(codec, payload, 0))


class FakeVideo:
    def __init__(self) -> None:
        self.sink: VideoSink | None = None
        self.on_key_frame_wanted: Callable[[], None] | None = None
        self.seen: list[AccessUnit] = []
        self.wanted = 0

    def send(self, unit: AccessUnit) -> None:
        self.seen.append(unit)

    def want_key_frame(self) -> None:
        self.wanted += 1

    def show(self, unit: AccessUnit) -> None:
        if self.sink is not None:
            self.sink(unit)

    def loses_a_picture(self) -> None:
        if self.on_key_frame_wanted is not None:
            self.on_key_frame_wanted()


class FakeLeg:
    """A `calls.leg.Leg` that the test plays by hand."""

    def __init__(self, *, video: bool = True) -> None:
        self.listener: Callable[[LegEvent], None] | None = None
        self.state = LegState.NEW
        self.audio = FakeAudio()
        self.video: FakeVideo | None = FakeVideo() if video else None
        self.filming = False
        self.sights: list[Sight] = []
        self.told: list[str] = []
        self.cause: Cause | None = None
        self.silent_since: float | None = None
        self.unheard_since: float | None = None
        self.there = True
        self.listens = False
        self.keys: Literal["rfc4733", "info", "inband"] = "rfc4733"

    def see(self, sight: Sight) -> None:
        self.sights.append(sight)

    def ring(self) -> None:
        self.told.append("ring")

    def early_media(self) -> None:
        self.told.append("early media")

    def answer(self) -> None:
        self.told.append("answer")
        self.state = LegState.ANSWERED

    def hangup(self, cause: Cause = NORMAL) -> None:
        if self.state is not LegState.ENDED:
            self.state = LegState.ENDED
            self.cause = cause
            self.happens(Ended(cause))

    def prefer(self, codec: Codec | None) -> None:
        if codec is not None and self.state is LegState.NEW:
            self.audio.codec = codec

    def show(self, name: str, number: str) -> None:
        self.told.append(f"show {name} {number}")

    def quality(self) -> LineQuality | None:
        return None

    def listen_for_keys(self) -> None:
        self.listens = True

    def silent_for(self, now: float) -> float:
        return 0.0 if self.silent_since is None else now - self.silent_since

    def unheard_for(self, now: float) -> float:
        return 0.0 if self.unheard_since is None else now - self.unheard_since

    async def is_there(self) -> bool:
        self.told.append("is there?")
        return self.there

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        self.told.append(f"dtmf {digits} {how} {digit_ms}")

    def happens(self, event: LegEvent) -> None:
        if self.listener is not None:
            self.listener(event)

    def answers(self) -> None:
        self.state = LegState.ANSWERED
        self.happens(Answered())

    def gives_early_media(self) -> None:
        self.state = LegState.EARLY
        self.happens(EarlyMedia())

    def hangs_up(self) -> None:
        self.hangup(NORMAL)
