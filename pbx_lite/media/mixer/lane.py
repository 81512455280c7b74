"""The parties of a room that are mixed at one sample rate."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media import g711
from pbx_lite.media.codecs import Encoder, is_g711
from pbx_lite.media.g711 import Samples
from pbx_lite.media.mixer.intake import Intake
from pbx_lite.media.mixer.member import Member
from pbx_lite.media.mixer.sounds import Programme
from pbx_lite.media.mixer.voices import Slots, Voices
from pbx_lite.media.port import Codec
from pbx_lite.media.resample import Sum, limited

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
        self.audiences: dict[Codec, list[Member]] = {}
        self._voices = voices
        self._intake = Intake(rate)
        self._farewells: list[Sum] = []
        self._rows: dict[Member, int] = {}
        self._present: list[Member] = []
        self._slots: Slots = np.zeros(0, dtype=np.intp)
        self._gains = np.zeros(0)
        self._heard: Slots = self._slots
        self._plain = False
        self._added = np.zeros((0, self.size), dtype=np.int32)
        self._recent: deque[Sum] = deque([np.zeros(self.size, dtype=np.int32)] * _WARM_UP, maxlen=_WARM_UP)
        self._shared: dict[tuple[Codec, Programme], Encoder] = {}
        self._programmes: dict[Member, Programme] = {}
        self._more: dict[Programme, Sum] = {}

    def join(self, member: Member) -> None:
        self.members.append(member)
        self.sort()

    def leave(self, member: Member) -> None:
        if (sound := self._intake.last(member)) is not None:
            self._farewells.append(self._voices.farewell(member.slot, sound))
        self._intake.forget(member)
        self.members.remove(member)
        self._rows.pop(member, None)
        self.sort()

    def sort(self) -> None:
        """Somebody came, went, or wants another codec."""
        self.audiences = {}
        for member in self.members:
            if member.codec is not None:
                self.audiences.setdefault(member.codec, []).append(member)

    # What came

    def gather(self) -> Sum | None:
        """The sum of all who speak, None if nobody does."""
        members, sound, silent = self._intake.collect(self.members)
        if silent:
            self._voices.silence(np.array([member.slot for member in silent]))
        self._rows = {}
        total: Sum | None = None
        told = [member for member in silent if member.talking]
        if members:
            slots = self._slots if members == self._present else np.array([member.slot for member in members])
            wanted = np.array([member.wanted for member in members])
            speech, changed = self._voices.listen(slots, sound, wanted)
            told += [members[at] for at in changed]
            self._contribute(members, slots, sound, wanted * speech)
            if len(self._added):
                total = self._added.sum(axis=0, dtype=np.int32)
        else:
            self._present = []
        for farewell in self._farewells:
            total = farewell if total is None else total + farewell
        self._farewells.clear()
        for member in told:
            member.talking = not member.talking
            if member.on_talking is not None:
                member.on_talking(member.talking)
        return total

    def _contribute(self, members: list[Member], slots: Slots, sound: Samples, gains: NDArray[np.float64]) -> None:
        """What each adds.  As long as the same parties speak, at their own volume, that is what they say."""
        if slots is self._slots and self._plain and np.array_equal(gains, self._gains):
            heard = self._heard
            self._added = (sound if len(heard) == len(sound) else sound[heard]).astype(np.int32)
        else:
            heard, self._added = self._voices.contribute(slots, sound, gains)
            self._plain = bool(((gains == 0.0) | (gains == 1.0)).all())
            self._heard = gains.nonzero()[0]
        self._present, self._slots, self._gains = members, slots, gains
        if len(heard) == len(members):
            self._rows = {member: row for row, member in enumerate(members)}
        else:
            self._rows = {members[at]: row for row, at in enumerate(heard)}

    # What goes out

    def render(
        self, total: Sum | None, programmes: dict[Member, Programme], more: dict[Programme, Sum]
    ) -> tuple[dict[Codec, bytes], dict[Member, bytes]]:
        """Payloads: one for each codec, for those who say nothing, and one of their own for the others.

        `programmes` says who hears more than the room, and `more` how that sounds.
        """
        self._programmes, self._more = programmes, more
        whole = np.zeros(self.size, dtype=np.int32) if total is None else total
        shared: dict[Codec, bytes] = {}
        own: dict[Member, bytes] = {}
        used: set[tuple[Codec, Programme]] = set()
        for codec, audience in self.audiences.items():
            special = [member for member in audience if member in self._rows or member.loudness != 1.0]
            if is_g711(codec):
                if programmes:
                    special = [member for member in audience if member in special or member in programmes]
                if len(special) < len(audience):
                    shared[codec] = g711.encode(codec, limited(whole))
                if special:
                    codes = g711.encode(codec, self._minus(whole, special))
                    for at, member in enumerate(special):
                        own[member] = codes[at * self.size : (at + 1) * self.size]
                continue
            payloads = self._encode(codec, whole, special, audience)
            if programmes:
                payloads.update(self._encode_programmes(codec, whole, audience, payloads, used))
            own.update(payloads)
            if len(payloads) < len(audience):
                shared[codec] = self._encode_shared(codec, (), limited(whole).tobytes())
                used.add((codec, ()))
        if self._shared and len(used) < len(self._shared):
            self._shared = {key: encoder for key, encoder in self._shared.items() if key in used}
        self._recent.append(whole)
        return shared, own

    def _minus(self, whole: Sum, members: list[Member]) -> Samples:
        """The sum without what each of these says, and with what it hears besides."""
        rows = [self._rows.get(member, -1) for member in members]
        if -1 not in rows:
            mixes = whole - (self._added if rows == list(range(len(self._added))) else self._added[rows])
        else:
            mixes = np.tile(whole, (len(members), 1))
            for at, member in enumerate(members):
                if member in self._rows:
                    mixes[at] -= self._added[self._rows[member]]
        if self._programmes:
            for at, member in enumerate(members):
                if (programme := self._programmes.get(member)) is not None:
                    mixes[at] += self._more[programme]
        if any(member.loudness != 1.0 for member in members):
            loudness = np.array([member.loudness for member in members])
            mixes = np.rint(mixes * loudness[:, None]).astype(np.int32)
        return limited(mixes)

    def _encode_programmes(
        self,
        codec: Codec,
        whole: Sum,
        audience: list[Member],
        made: dict[Member, bytes],
        used: set[tuple[Codec, Programme]],
    ) -> dict[Member, bytes]:
        """For those who say nothing and hear more than the room: once for all who hear the same."""
        payloads: dict[Programme, bytes] = {}
        found: dict[Member, bytes] = {}
        for member in audience:
            programme = self._programmes.get(member)
            if programme is None or member in made:
                continue
            if programme not in payloads:
                sound = limited(whole + self._more[programme])
                payloads[programme] = self._encode_shared(codec, programme, sound.tobytes())
                used.add((codec, programme))
            found[member] = payloads[programme]
        return found

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

    def _encode_shared(self, codec: Codec, programme: Programme, pcm: bytes) -> bytes:
        encoder = self._shared.get((codec, programme))
        if encoder is None:
            encoder = self._shared[codec, programme] = self._warm(codec)
        return encoder.encode(pcm)

    def _warm(self, codec: Codec) -> Encoder:
        encoder = Encoder(codec)
        for sound in self._recent:
            encoder.encode(limited(sound).tobytes())
        return encoder
