"""All media of one SIP leg: its ports, its offers and answers, its sound and its picture."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media import negotiation, sdp
from pbx_lite.media import srtp as keying
from pbx_lite.media.audio_stream import AudioStream
from pbx_lite.media.port import G722, PCMA, PCMU, Codec
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.quality import LineQuality
from pbx_lite.media.video_stream import VideoStream
from pbx_lite.media.waiting import pause

_REPORT_INTERVAL = 5.0
_random = random.SystemRandom()

type Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]


class MediaSession:
    """`await open()` first, `close()` last; between them offers and answers in any order RFC 3264 allows.

    `host` is the address to bind, `advertised` the one that SDP names if it differs.  `peer`, the host that the
    signalling comes from, is believed like the SDP's own address.  Packets flow as soon as an answer is made or
    accepted, whether or not the call is answered.
    """

    def __init__(
        self,
        pool: PortPool,
        host: str,
        *,
        clock: Clock,
        codecs: Sequence[Codec] = (PCMU, PCMA, G722),
        video: bool = False,
        dtmf: Literal["rfc4733", "inband"] = "rfc4733",
        advertised: str = "",
        peer: str = "",
        srtp: negotiation.Srtp = "accept",
    ) -> None:
        self.audio = AudioStream(clock)
        self._video = VideoStream(clock) if video else None
        self._video_refused = False
        self._video_added = False
        self.video_way: Direction = "sendrecv"
        """Which way pictures go by our offers and answers, as far as nothing else is said."""
        self._pool = pool
        self._host = host
        self._advertised = advertised or host
        self._clock = clock
        self._codecs = tuple(codecs)
        self._first: Codec | None = None
        self._inband = dtmf == "inband"
        self._srtp: negotiation.Srtp = srtp
        self._own_keys: dict[tuple[str, str], bytes] = {}
        self._numbers = negotiation.Numbers()
        self._session_id = _random.getrandbits(31)
        self._version = self._session_id
        self._local: sdp.Description | None = None
        self._offered: sdp.Description | None = None
        self._timer: Timer | None = None
        self.peer = peer
        if self._inband:
            self.audio.listen_inband()

    # Life

    async def open(self) -> None:
        """Bind the ports.  Raises MediaError with a sentence if there are none left."""
        try:
            self.audio.open(self._pool, self._host, video=False)
            if self._video is not None:
                self._video.open(self._pool, self._host, video=True)
        except MediaError:
            self.close()
            raise
        self._timer = self._clock.call_later(_REPORT_INTERVAL, self._report)

    def close(self) -> None:
        """Give everything back at once; may be called again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for stream in self._streams():
            stream.close()

    @property
    def peer(self) -> str:
        return self.audio.peer

    @peer.setter
    def peer(self, host: str) -> None:
        for stream in self._streams():
            stream.peer = host

    # What flows

    @property
    def video(self) -> VideoStream | None:
        """The picture: there from the start if asked for, None again once the peer has refused it."""
        return None if self._video_refused else self._video

    @property
    def on_info_key_frame(self) -> Callable[[], None] | None:
        """Called when a key frame should be asked for by SIP INFO (RFC 5168)."""
        return self._video.on_info_key_frame if self._video is not None else None

    @on_info_key_frame.setter
    def on_info_key_frame(self, ask: Callable[[], None] | None) -> None:
        if self._video is not None:
            self._video.on_info_key_frame = ask

    @property
    def last_received(self) -> float | None:
        """When the last packet that counts came, in the clock's seconds; None if none ever did."""
        return max((at for stream in self._streams() if (at := stream.last_received) is not None), default=None)

    def quality(self) -> LineQuality:
        """What the peer's sound was like until now."""
        seen = self.audio.statistics
        codec = self.audio.codec
        return LineQuality(seen.received, seen.lost, seen.jitter, seen.round_trip, codec.name if codec else "")

    async def send_dtmf(
        self, digits: str, *, inband: bool | None = None, duration_ms: int = 100, gap_ms: int = 400
    ) -> None:
        """Press keys, each `duration_ms` long and followed by `gap_ms`."""
        tones = self._inband if inband is None else inband
        await self.audio.send_dtmf(digits, duration_ms=duration_ms, gap_ms=gap_ms, inband=tones)

    async def pause(self, seconds: float) -> None:
        await pause(self._clock, seconds)

    def relay(self, other: MediaSession) -> Callable[[], None]:
        """Pass sound between two sessions with rewritten headers alone, until the returned function is called.

        Packets in a codec that the other side does not take go to the sinks, as if there were no relay; keys go to
        `on_dtmf` and are not passed on.
        """
        return self.audio.join(other.audio)

    # Offer and answer

    def prefer(self, first: Codec | None) -> None:
        """From the next offer or answer on this codec comes before the others, if the peer has it at all."""
        self._first = first
        if first in self._codecs:
            self._codecs = (first, *(codec for codec in self._codecs if codec != first))

    def insist(self) -> bool:
        """Offer nothing but encrypted sound from now on; False where that was not to be offered, or is already."""
        if self._srtp != "offer" or self._local is not None:
            return False
        self._srtp = "require"
        return True

    def add_video(self) -> None:
        """Offer and take pictures from now on, also where they were refused.  Raises MediaError without ports."""
        self._need_ports()
        if self._video is None:
            stream = VideoStream(self._clock)
            stream.peer = self.peer
            stream.open(self._pool, self._host, video=True)
            self._video, self._video_refused = stream, True
        self._video_added = True

    def withdraw(self) -> None:
        """The peer refused our offer in a dialog: what was agreed before holds."""
        self._offered = None

    def offer(self, *, audio: Direction = "sendrecv", video: Direction | None = None) -> bytes:
        """An offer of everything this session can do; within a dialog on the same ports and lines."""
        self._need_ports()
        sound = negotiation.audio_offer(self.audio.port, self._codecs, self._numbers, audio)
        picture = None
        if self._video is not None:
            picture = negotiation.video_offer(self._video.port, self._numbers, video or self.video_way)
        lines: list[sdp.Media] = []
        if self._local is None:
            lines = [self._secured(line) for line in (sound, picture) if line is not None]
        else:
            fresh = {"audio": sound, "video": picture}
            for line in self._local.media:
                again = (
                    line.kind == "video" and self._video_added
                )  # RFC 3264 section 8.2: a refused line may be used anew
                ours = fresh.pop(line.kind, None) if line.port or again else None
                if ours is None:
                    lines.append(line)
                else:
                    lines.append(_like(ours, line) if line.port else self._secured_as_sound(ours))
            if self._video_added and (added := fresh.get("video")) is not None:
                lines.append(self._secured_as_sound(added))
            self._version += 1
        self._offered = sdp.Description(tuple(lines), self._advertised, self._session_id, self._version)
        self._expect(self._offered)
        return self._offered.encode()

    def answer(self, offer: bytes, *, audio: Direction = "sendrecv", video: Direction | None = None) -> bytes:
        """Our answer to an offer; from now on it holds.  Raises NoCommonCodec or MediaError and changes nothing."""
        self._need_ports()
        remote = sdp.parse(offer)
        lines: list[sdp.Media] = []
        streams: dict[str, tuple[sdp.Media, sdp.Media]] = {}
        wanted = negotiation.wanted(remote.media, self._srtp)
        for line in remote.media:
            ours = None
            if line.kind not in streams and line in wanted and self._reaches(remote, line):
                ours = self._answer_line(line, audio, video or self.video_way)
            lines.append(line.refused() if ours is None else ours)
            if ours is not None:
                streams[line.kind] = (ours, line)
        if not streams:
            raise NoCommonCodec("The offer holds no sound and no picture that this side understands")
        for _, line in streams.values():
            self._numbers.learn(line)
        local = sdp.Description(tuple(lines), self._advertised, self._session_id, self._version)
        if self._local is not None and self._local != local:
            self._version += 1
            local = replace(local, version=self._version)
        self._local, self._offered = local, None
        self._agree(streams, remote)
        return local.encode()

    def accept(self, answer: bytes) -> None:
        """Take the peer's answer to our offer; a later one (the 200 after a 183, another fork) replaces it.

        Raises NoCommonCodec or MediaError and changes nothing.
        """
        local = self._offered or self._local
        if local is None:
            raise MediaError("There is no offer that this could answer")
        remote = sdp.parse(answer)
        streams: dict[str, tuple[sdp.Media, sdp.Media]] = {}
        for ours, line in _pairs(local, remote):
            if _fit(ours, line) and negotiation.wanted((line,), self._srtp) and self._reaches(remote, line):
                streams.setdefault(ours.kind, (ours, line))
        if not self._agree(streams, remote):
            raise NoCommonCodec("The answer leaves no sound and no picture")
        agreed = {id(ours): line for ours, line in streams.values()}
        lines = tuple(_keyed(line, agreed[id(line)]) if id(line) in agreed else line.refused() for line in local.media)
        self._local = local if lines == local.media else replace(local, media=lines)

    def _answer_line(self, line: sdp.Media, audio: Direction, video: Direction) -> sdp.Media | None:
        ours: sdp.Media | None = None
        if line.kind == "audio":
            ours = negotiation.audio_answer(line, self.audio.port, self._codecs, audio, self._first)
        elif line.kind == "video" and self._video is not None:
            ours = negotiation.video_answer(line, self._video.port, video)
        crypto = negotiation.chosen_crypto(line, self._srtp)
        if ours is None or crypto is None:
            return ours
        return replace(ours, crypto=(self._own_key(line.kind, crypto.tag, crypto.suite),))

    def _agree(self, streams: dict[str, tuple[sdp.Media, sdp.Media]], remote: sdp.Description) -> bool:
        """Put into effect what these pairs of lines say; False, and nothing done, if that is nothing."""
        sound = picture = None
        if "audio" in streams:
            ours, line = streams["audio"]
            sound = negotiation.agree_audio(ours, line, remote.host_of(line), self._codecs)
        if "video" in streams:
            ours, line = streams["video"]
            picture = negotiation.agree_video(ours, line, remote.host_of(line))
        if sound is None and picture is None:
            return False
        for kind, stream in (("audio", self.audio), ("video", self._video)):
            if stream is not None:
                stream.seal(keying.agree(*(line.crypto for line in streams[kind])) if kind in streams else None)
        self.audio.agree(sound)
        if self._video is not None:
            self._video.agree(picture)
            self._video_refused = picture is None
        for stream in self._streams():
            stream.report()  # opens a peer's firewall and shows who we are
        return True

    def _expect(self, offered: sdp.Description) -> None:
        for line in offered.media:
            if line.crypto:  # before the answer nobody knows the peer's key
                continue
            if line.kind == "audio" and line.port:
                known = ((form, negotiation.codec_of(form, self._codecs)) for form in line.formats)
                codecs = {form.payload_type: codec for form, codec in known if codec is not None}
                events = frozenset(form.payload_type for form in line.formats if form.payload_type not in codecs)
                self.audio.expect(codecs, events)
            elif line.kind == "video" and line.port and self._video is not None:
                self._video.expect(frozenset(form.payload_type for form in line.formats))

    def _secured(self, line: sdp.Media) -> sdp.Media:
        if self._srtp in {"off", "accept"}:
            return line
        keys = (self._own_key(line.kind, number, suite) for number, suite in enumerate(keying.SUITES, 1))
        return negotiation.secured(line, self._srtp, tuple(keys))

    def _secured_as_sound(self, line: sdp.Media) -> sdp.Media:
        """A line that comes later is as safe as the sound is."""
        sound = next((each for each in self._local.media if each.kind == "audio"), None) if self._local else None
        if sound is None or sound.protocol not in sdp.SECURE_PROFILES:
            return self._secured(line)
        keys = (self._own_key(line.kind, number, suite) for number, suite in enumerate(keying.SUITES, 1))
        return negotiation.secured(line, "require", tuple(keys))

    def _own_key(self, kind: str, tag: int, suite: str) -> keying.Crypto:
        """Our key of one m-line; the same for as long as the dialog lives."""
        crypto = keying.fresh(tag, suite)
        return replace(crypto, key=self._own_keys.setdefault((kind, suite), crypto.key))

    def _reaches(self, remote: sdp.Description, line: sdp.Media) -> bool:
        return negotiation.same_family(self._host, remote.host_of(line))

    def _need_ports(self) -> None:
        if not self.audio.port:
            raise MediaError("The media session is not open")

    def _streams(self) -> list[AudioStream | VideoStream]:
        return [self.audio] if self._video is None else [self.audio, self._video]

    def _report(self) -> None:
        for stream in self._streams():
            stream.report()
        self._timer = self._clock.call_later(_REPORT_INTERVAL, self._report)


def _like(ours: sdp.Media, before: sdp.Media) -> sdp.Media:
    """Our m-line as it was agreed on before: what an m-line is carried by does not change in a dialog."""
    return replace(ours, protocol=before.protocol, rtcp_mux=before.rtcp_mux, crypto=before.crypto)


def _fit(ours: sdp.Media, theirs: sdp.Media) -> bool:
    """Whether an answer's m-line goes with the offer's: SRTP needs a key of both."""
    secure = {ours.protocol, theirs.protocol} & sdp.SECURE_PROFILES
    return negotiation.usable(ours) and (not secure or keying.agree(ours.crypto, theirs.crypto) is not None)


def _keyed(ours: sdp.Media, theirs: sdp.Media) -> sdp.Media:
    """Our m-line with the key that both sides use, of those that we offered."""
    if not ours.crypto:
        return ours
    keys = keying.agree(ours.crypto, theirs.crypto)
    return replace(ours, crypto=() if keys is None else (keys.ours,))


def _pairs(local: sdp.Description, remote: sdp.Description) -> list[tuple[sdp.Media, sdp.Media]]:
    """Line by line; by kind where a peer leaves refused lines out or turns them round."""
    pairs = list(zip(local.media, remote.media, strict=False))
    if len(local.media) == len(remote.media) and all(ours.kind == theirs.kind for ours, theirs in pairs):
        return pairs
    theirs = {line.kind: line for line in reversed(remote.media)}
    return [(line, theirs[line.kind]) for line in local.media if line.kind in theirs]
