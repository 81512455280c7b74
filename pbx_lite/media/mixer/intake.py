"""What the parties of one sample rate say, a row for each: decoded, holes covered up, seams smoothed, noise removed."""

from collections import deque

import numpy as np

from pbx_lite.media import g711
from pbx_lite.media.g711 import Samples
from pbx_lite.media.mixer.concealment import STEPS, Patch, blend
from pbx_lite.media.mixer.denoise import Denoiser
from pbx_lite.media.mixer.member import LAWS, LINEAR, Member


class Intake:
    """`collect` takes 20 ms of everybody."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._size = rate // 50
        self._history: deque[tuple[list[Member], Samples]] = deque(maxlen=STEPS)
        self._patches: dict[Member, Patch] = {}
        self._denoised: set[Member] = set()
        self._denoiser: Denoiser | None = None

    def collect(self, members: list[Member]) -> tuple[list[Member], Samples, list[Member]]:
        """Everybody of whom there is sound, a row for each, and those of whom there is none."""
        sorts: tuple[list[Member], ...] = ([], [], [])
        sounds: tuple[list[bytes], ...] = ([], [], [])
        missing: list[Member] = []
        for member in members:
            if (sound := member.pull()) is None:
                missing.append(member)
            else:
                sorts[member.kind].append(member)
                sounds[member.kind].append(sound)
        parts = [g711.decode(law, sounds[kind], self._size) for kind, law in LAWS if sounds[kind]]
        if sounds[LINEAR]:
            linear = np.frombuffer(b"".join(sounds[LINEAR]), np.int16).reshape(-1, self._size)
            parts.append(linear if parts else linear.copy())
        present = sorts[0] + sorts[1] + sorts[2]
        silent: list[Member] = []
        for member in missing:
            patch = self._patch(member)
            if patch is None:
                silent.append(member)
                self._pause(member)
            else:
                present.append(member)
                parts.append(patch.step()[None])
        if not parts:
            rows: Samples = np.zeros((0, self._size), dtype=np.int16)
        else:
            rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
        heard = len(members) - len(missing)
        if self._patches:
            self._rejoin(present, rows, heard)
        for row in range(heard):
            if (dropped := present[row].dropped) is not None:
                blend(dropped, rows[row])
        self._history.append((present, rows))
        return present, self._denoise(present, rows), silent

    def last(self, member: Member) -> Samples | None:
        """How this one would have gone on, who says no more; None if nothing was heard of it just now."""
        sound = member.next()
        if sound is not None and self._history and member in self._history[-1][0]:
            return sound
        past = self._past(member)
        return None if past is None else Patch(past, self._rate).step()

    def forget(self, member: Member) -> None:
        """It takes part no more."""
        self._patches.pop(member, None)
        self._denoised.discard(member)
        if self._denoiser is not None:
            self._denoiser.forget(member.slot)

    def _patch(self, member: Member) -> Patch | None:
        if not member.concealable:
            self._patches.pop(member, None)
            return None
        patch = self._patches.get(member)
        if patch is None and member.talking and (past := self._past(member)) is not None:
            patch = self._patches[member] = Patch(past, self._rate)
        return patch

    def _past(self, member: Member) -> Samples | None:
        """The last 60 ms of it, with silence where there was nothing; None if it is silent now."""
        if not self._history or member not in self._history[-1][0]:
            return None
        past = np.zeros((STEPS, self._size), dtype=np.int16)
        for at, (present, rows) in enumerate(self._history, STEPS - len(self._history)):
            if member in present:
                past[at] = rows[present.index(member)]
        return past.ravel()

    def _rejoin(self, present: list[Member], rows: Samples, heard: int) -> None:
        """Let those who speak again come up where their patches go out."""
        for row in range(heard):
            if (patch := self._patches.pop(present[row], None)) is not None:
                patch.join(rows[row])

    def _pause(self, member: Member) -> None:
        if self._denoiser is not None and member in self._denoised:
            self._denoiser.pause(member.slot)

    def _denoise(self, present: list[Member], rows: Samples) -> Samples:
        noisy = [at for at, member in enumerate(present) if member.denoise or member in self._denoised]
        if not noisy:
            return rows
        if self._denoiser is None:
            self._denoiser = Denoiser(self._rate)
        cleaned = self._denoiser.clean([present[at].slot for at in noisy], rows[noisy])
        made = rows.copy()
        for sound, at in zip(cleaned, noisy, strict=True):
            member = present[at]
            if not member.denoise:
                blend(sound, made[at])
                self._denoised.discard(member)
                self._denoiser.forget(member.slot)
                continue
            if member not in self._denoised:
                blend(rows[at], sound)
                self._denoised.add(member)
            made[at] = sound
        return made
