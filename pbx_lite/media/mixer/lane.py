"""The parties of a room that are mixed at one sample rate."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media import g711
from pbx_lite.media.codecs import Encoder, is_g711
from pbx_lite.media.g711 import Samples
from pbx_lite.media.mixer.member import Member
from pbx_lite.media.mixer.voices import Voices
from pbx_lite.media.port import PCMA, PCMU, Codec

type Sum = NDArray[np.int32]

_WARM_UP = (
    5  # steps that a new encoder is fed with before its first packet, so that it is where the listener's decoder is
)
_OWN = 100  # ticks after the last word that a party keeps an encoder of its own


class Lane:
    """`gather` takes 20 ms of everybody, `render` gives everybody theirs."""

    def __init__(self, rate: int, voices: Voices) -> None:
        self.rate = rate
        self.size = rate // 50
        self.members: list[Member] = []
        self._voices = voices
        self._before = np.zeros((0, self.size), dtype=np.int16)
        self._rows: dict[Member, int] = {}
        self._added = np.zeros((0, self.size), dtype=np.int32)
        self._recent: deque[Samples] = deque([np.zeros(self.size, dtype=np.int16)] * _WARM_UP, maxlen=_WARM_UP)
        self._shared: dict[Codec, Encoder] = {}

    # What came

    def gather(self) -> Sum | None:
        """The sum of all who speak, None if nobody does."""
        members, sound = self._collect()
        self._rows = {}
        if not members:
            self._before = sound
            return None
        slots = np.fromiter((member.slot for member in members), np.intp, len(members))
        speech = self._voices.listen(slots, sound)
        wanted = np.fromiter((0.0 if member.muted else member.volume for member in members), float, len(members))
        heard, self._added = self._voices.contribute(slots, sound, wanted * speech)
        self._before = sound
        self._rows = {members[at]: row for row, at in enumerate(heard)}
        self._tell(members, speech & (wanted > 0))
        return self._added.sum(axis=0, dtype=np.int32) if len(heard) else None

    def _collect(self) -> tuple[list[Member], Samples]:
        """Everybody of whom there is sound, and a row for each."""
        found: dict[Codec | None, list[tuple[Member, bytes]]] = {PCMU: [], PCMA: [], None: []}
        lost: list[Member] = []
        silent: list[int] = []
        for member in self.members:
            sound = member.pull()
            if sound is not None:
                found[member.law].append((member, sound))
            elif member.concealable:
                lost.append(member)
            else:
                silent.append(member.slot)
                self._quiet(member)
        parts = [g711.decode(law, [sound for _, sound in found[law]], self.size) for law in (PCMU, PCMA) if found[law]]
        if linear := found[None]:
            joined = b"".join(sound for _, sound in linear)
            parts.append(np.frombuffer(joined, np.int16).reshape(len(linear), self.size))
        if lost:  # played backwards and more quietly: it goes on where the last step ended
            parts.append(self._before[[member.row for member in lost], ::-1] // 2)
        if silent:
            self._voices.silence(np.array(silent, dtype=np.intp))
        members = [member for law in (PCMU, PCMA, None) for member, _ in found[law]] + lost
        for row, member in enumerate(members):
            member.row = row
        if not parts:
            return members, np.zeros((0, self.size), dtype=np.int16)
        return members, parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _quiet(self, member: Member) -> None:
        member.row = -1
        if member.talking:
            _tell(member, talking=False)

    def _tell(self, members: list[Member], speech: NDArray[np.bool_]) -> None:
        for member, talking in zip(members, speech.tolist(), strict=True):
            if talking != member.talking:
                _tell(member, talking=talking)

    # What goes out

    def render(self, total: Sum | None) -> tuple[dict[Codec, bytes], dict[Member, bytes]]:
        """Payloads: one for each codec, for those who say nothing, and one of their own for the others."""
        whole = np.zeros(self.size, dtype=np.int32) if total is None else total
        common = _limit(whole)
        shared: dict[Codec, bytes] = {}
        own: dict[Member, bytes] = {}
        for codec, audience in self._audiences().items():
            special = [member for member in audience if member in self._rows or member.loudness != 1.0]
            if is_g711(codec):
                if len(special) < len(audience):
                    shared[codec] = g711.encode(codec, common)
                if special:
                    codes = g711.encode(codec, self._minus(whole, special))
                    for at, member in enumerate(special):
                        own[member] = codes[at * self.size : (at + 1) * self.size]
                continue
            payloads = self._encode(codec, whole, special, audience)
            own.update(payloads)
            if len(payloads) < len(audience):
                shared[codec] = self._encode_shared(codec, common.tobytes())
            else:
                self._shared.pop(codec, None)
        self._recent.append(common)
        return shared, own

    def _audiences(self) -> dict[Codec, list[Member]]:
        audiences: dict[Codec, list[Member]] = {}
        for member in self.members:
            if member.codec is not None:
                audiences.setdefault(member.codec, []).append(member)
        return audiences

    def _minus(self, whole: Sum, members: list[Member]) -> Samples:
        """The sum without what each of these says."""
        if all(member in self._rows for member in members):
            mixes = whole - self._added[[self._rows[member] for member in members]]
        else:
            mixes = np.tile(whole, (len(members), 1))
            for at, member in enumerate(members):
                if member in self._rows:
                    mixes[at] -= self._added[self._rows[member]]
        if any(member.loudness != 1.0 for member in members):
            loudness = np.array([member.loudness for member in members])
            mixes = np.rint(mixes * loudness[:, None]).astype(np.int32)
        return _limit(mixes)

    def _encode(self, codec: Codec, whole: Sum, special: list[Member], audience: list[Member]) -> dict[Member, bytes]:
        """By an encoder of the member's own; one who has just stopped speaking keeps it for a while."""
        for member in audience:
            member.spoke += 1
            if member.spoke > _OWN:
                member.encoder = None
        for member in special:
            member.spoke = 0
            if member.encoder is None:
                member.encoder = self._warm(codec)
        members = [member for member in audience if member.encoder is not None]
        if not members:
            return {}
        mixes = self._minus(whole, members)
        return {
            member: member.encoder.encode(mix.tobytes())
            for member, mix in zip(members, mixes, strict=True)
            if member.encoder is not None
        }

    def _encode_shared(self, codec: Codec, pcm: bytes) -> bytes:
        if codec not in self._shared:
            self._shared[codec] = self._warm(codec)
        return self._shared[codec].encode(pcm)

    def _warm(self, codec: Codec) -> Encoder:
        encoder = Encoder(codec)
        for sound in self._recent:
            encoder.encode(sound.tobytes())
        return encoder


def _limit(sound: Sum) -> Samples:
    return np.clip(sound, -32768, 32767).astype(np.int16)


def _tell(member: Member, *, talking: bool) -> None:
    member.talking = talking
    if member.on_talking is not None:
        member.on_talking(talking)
