"""Sound of one rate to another by a whole factor, block by block without a seam (numpy; load it in a thread)."""

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media.g711 import Samples

_TAPS = 24  # for each sample of the lower rate: 60 dB down outside the band
_EDGE = 0.92  # of the lower rate's half: where the band ends

type Sum = NDArray[np.int32]


def limited(sound: Sum) -> Samples:
    """Too much is cut off; `np.clip` would take twice as long."""
    cut: Sum = np.minimum(sound, 32767)
    return np.maximum(cut, -32768, out=cut).astype(np.int16)


class Rates:
    """From `source` to `target` samples a second, one of which is a multiple of the other.

    What comes out is later by half of `_TAPS` samples of the lower rate: 1.5 ms between 8 and 16 kHz.
    """

    def __init__(self, source: int, target: int) -> None:
        self._up = max(1, target // source)
        self._down = max(1, source // target)
        if source * self._up != target * self._down:
            raise ValueError(f"{source} and {target} are not multiples of each other")
        factor = max(self._up, self._down)
        length = _TAPS * factor
        time = (np.arange(length) - (length - 1) / 2) / factor
        taps = np.sinc(time * _EDGE) * np.kaiser(length, 6.0)
        taps *= self._up / taps.sum()
        # Column k makes the k-th of the samples that each incoming one becomes; newest sample last.
        self._matrix = np.ascontiguousarray(taps.reshape(-1, self._up)[::-1], dtype=np.float32)
        self._before = np.zeros(len(self._matrix) - self._down, dtype=np.float32)

    @property
    def idle(self) -> bool:
        """Whether nothing of what came before is still to be heard."""
        return not self._before.any()

    def convert(self, block: Sum | Samples) -> Sum:
        """What a block of any length makes; a rest that is less than a sample waits for the next one."""
        sound = np.concatenate((self._before, block), dtype=np.float32)
        window, step = len(self._matrix), self._down
        count = max(0, (len(sound) - window) // step + 1)
        self._before = sound[count * step :]
        # The same memory seen as overlapping rows; numpy's sliding_window_view takes twenty times as long.
        windows: NDArray[np.float32] = np.ndarray((count, window), np.float32, sound, 0, (4 * step, 4))
        if step > 1:
            windows = windows.copy()  # long rows that overlap are slower to multiply than to copy
        converted: Sum = np.rint(windows @ self._matrix).astype(np.int32)
        return converted.ravel()
