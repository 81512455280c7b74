"""The parties of a room that are mixed at one sample rate."""

from collections import deque

import numpy as np

from pbx_lite.media import g711
from pbx_lite.media.codecs import Encoder, is_g711
from pbx_lite.media.g711 import Samples
from pbx_lite.media.mixer.member import LAWS, LINEAR, Member
from pbx_lite.media.mixer.sounds import Programme
from pbx_lite.media.mixer.voices import Voices
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
        self._present: list[Member] = []
        self._before = np.zeros((0, self.size), dtype=np.int16)
        self._rows: dict[Member, int] = {}
        self._added = np.zeros((0, self.size), dtype=np.int32)
        self._recent: deque[Samples] = deque([np.zeros(self.size, dtype=np.int16)] * _WARM_UP, maxlen=_WARM_UP)
        self._shared: dict[tuple[Codec, Programme], Encoder] = {}
        self._programmes: dict[Member, Programme] = {}
        self._more: dict[Programme, Sum] = {}

    def join(self, member: Member) -> None:
        self.members.append(member)
        self.sort()

    def leave(self, member: Member) -> None:
        self.members.remove(member)
        self._rows.pop(member, None)
        self.sort()

    def sort(self) -> None:
        self.audiences = {}
        for member in self.members:
            if member.codec is not None:
                self.audiences.setdefault(member.codec, []).append(member)

    # What came

    def gather(self) -> Sum | None:
        """The sum of all who speak, None if nobody does."""
        members, sound = self._collect()
        self._present, self._before = members, sound
        self._rows = {}
        if not members:
            return None
        slots = np.array([member.slot for member in members])
        wanted = np.array([member.wanted for member in members])
        speech, changed = self._voices.listen(slots, sound, wanted)
        heard, self._added = self._voices.contribute(slots, sound, wanted * speech)
        if len(heard) == len(members):
            self._rows = {member: row for row, member in enumerate(members)}
        else:
            self._rows = {members[at]: row for row, at in enumerate(heard)}
        for at in changed:
            _tell(members[at], talking=bool(speech[at]))
        return self._added.sum(axis=0, dtype=np.int32) if len(heard) else None

    def _collect(self) -> tuple[list[Member], Samples]:
        """Everybody of whom there is sound, and a row for each."""
        members: tuple[list[Member], ...] = ([], [], [])
        sounds: tuple[list[bytes], ...] = ([], [], [])
        missing: list[Member] = []
        for member in self.members:
            if (sound := member.pull()) is None:
                missing.append(member)
            else:
                members[member.kind].append(member)
                sounds[member.kind].append(sound)
        parts = [g711.decode(law, sounds[kind], self.size) for kind, law in LAWS if sounds[kind]]
        if sounds[LINEAR]:
            parts.append(np.frombuffer(b"".join(sounds[LINEAR]), np.int16).reshape(-1, self.size))
        present = members[0] + members[1] + members[2]
        if missing and (lost := self._bridgeable(missing)):
            present += lost
            # Played backwards and more quietly: it goes on where the last step ended.
            parts.append(self._before[[self._present.index(member) for member in lost], ::-1] // 2)
        if not parts:
            return present, np.zeros((0, self.size), dtype=np.int16)
        return present, parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _bridgeable(self, missing: list[Member]) -> list[Member]:
        """Those whose sound was there a moment ago; the others are silent."""
        lost = [member for member in missing if member.concealable and member in self._present]
        silent = [member for member in missing if member not in lost]
        if silent:
            self._voices.silence(np.array([member.slot for member in silent]))
        for member in silent:
            if member.talking:
                _tell(member, talking=False)
        return lost

    # What goes out

    def render(
        self, total: Sum | None, programmes: dict[Member, Programme], more: dict[Programme, Sum]
    ) -> tuple[dict[Codec, bytes], dict[Member, bytes]]:
        """Payloads: one for each codec, for those who say nothing, and one of their own for the others.

        `programmes` says who hears more than the room, and `more` how that sounds.
        """
        self._programmes, self._more = programmes, more
        whole = np.zeros(self.size, dtype=np.int32) if total is None else total
        common = limited(whole)
        shared: dict[Codec, bytes] = {}
        own: dict[Member, bytes] = {}
        used: set[tuple[Codec, Programme]] = set()
        for codec, audience in self.audiences.items():
            special = [member for member in audience if member in self._rows or member.loudness != 1.0]
            if is_g711(codec):
                if programmes:
                    special = [member for member in audience if member in special or member in programmes]
                if len(special) < len(audience):
                    shared[codec] = g711.encode(codec, common)
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
                shared[codec] = self._encode_shared(codec, (), common.tobytes())
                used.add((codec, ()))
        if self._shared and len(used) < len(self._shared):
            self._shared = {key: encoder for key, encoder in self._shared.items() if key in used}
        self._recent.append(common)
        return shared, own

    def _minus(self, whole: Sum, members: list[Member]) -> Samples:
        """The sum without what each of these says, and with what it hears besides."""
        if all(member in self._rows for member in members):
            mixes = whole - self._added[[self._rows[member] for member in members]]
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
            encoder.encode(sound.tobytes())
        return encoder


def _tell(member: Member, *, talking: bool) -> None:
    member.talking = talking
    if member.on_talking is not None:
        member.on_talking(talking)
