"""Keys heard as tones (ITU-T Q.24), for stations and phones that send them no other way."""

from functools import cache
from typing import TYPE_CHECKING, Any

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder, decoded_samples, is_g711
from pbx_lite.media.port import Codec
from pbx_lite.media.tones import COLUMNS, KEYPAD, ROWS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 0.0255  # seconds: 204 samples at 8 kHz, fine enough to tell 697 from 770 Hz
_QUIETEST = 0.003  # of full scale, each tone: about -42 dBm0
_TWIST = 8.0  # power ratio of the two tones: 9 dB
_PURITY = 0.7  # the two tones' share of all power; speech has less
_CONFIRM = 2  # blocks: 51 ms, more than Q.24's 40 and less than any key


_TOGETHER = 3  # blocks that are looked at in one go: numpy takes hardly longer than for one
_FULL = 32768.0


class InbandDetector:
    """Tells each key once, at most 128 ms after it began if that lasts for 51; a pause of as much ends it."""

    def __init__(self) -> None:
        self._codec: Codec | None = None
        self._decoder: Decoder | None = None
        self._sound = b""
        self._block = 0
        self._enough = 0
        self._table: NDArray[np.float32] | None = None
        self._probe: NDArray[np.float32] | None = None
        self._heard = ""
        self._count = 0
        self._told = ""

    def push(self, codec: Codec, payload: bytes) -> list[str]:
        """The keys that this packet makes certain."""
        if codec is not self._codec:
            self._tune(codec)
        if self._decoder is not None:
            try:
                payload = self._decoder.decode(payload)
            except MediaError:
                return []
        self._sound += payload
        keys: list[str] = []
        while len(self._sound) >= self._enough:
            sound, self._sound = self._sound[: self._enough], self._sound[self._enough :]
            keys += [told for heard in self._listen(sound) if (told := self._step(heard))]
        return keys

    def _tune(self, codec: Codec) -> None:
        self._codec = codec
        self._sound = b""
        self._block = int(_BLOCK * codec.sample_rate)
        self._enough = self._block * _TOGETHER
        self._probe = _probe(codec.sample_rate)
        if is_g711(codec):
            self._decoder, self._table = None, _table(codec)
        else:
            self._decoder, self._table = Decoder(codec), None
            self._enough *= 2

    def _listen(self, sound: bytes) -> list[str]:
        """The key in each block, empty where there is none."""
        import numpy as np

        assert self._probe is not None
        if self._table is not None:
            samples = self._table.take(np.frombuffer(sound, np.uint8))
        else:
            samples = np.frombuffer(sound, np.int16).astype(np.float32) / np.float32(_FULL)
        if samples.dot(samples) < self._block * _QUIETEST**2:
            return [""] * _TOGETHER
        blocks = samples.reshape(_TOGETHER, self._block)
        parts = blocks.dot(self._probe)
        parts *= parts
        powers = (parts[:, :8] + parts[:, 8:]).tolist()
        return [self._key(power, block) for power, block in zip(powers, blocks, strict=True)]

    def _key(self, power: list[float], block: NDArray[np.float32]) -> str:
        low, high = max(power[:4]), max(power[4:])
        if min(low, high) < _QUIETEST**2 or not 1 / _TWIST < low / high < _TWIST:
            return ""
        if low + high < _PURITY * 2 * float(block.dot(block)) / self._block:
            return ""
        return KEYPAD[power.index(low) * 4 + power.index(high, 4) - 4]

    def _step(self, key: str) -> str:
        """Tell a key at its second block in a row, and not again before two blocks without it."""
        self._count = self._count + 1 if key == self._heard else 1
        self._heard = key
        if self._count < _CONFIRM or key == self._told:
            return ""
        self._told = key
        return key


@cache
def _table(codec: Codec) -> NDArray[np.float32]:
    """What each byte of G.711 is, full scale being 1."""
    import numpy as np

    return np.array(decoded_samples(codec), dtype=np.float32) / np.float32(_FULL)


@cache
def _probe(rate: int) -> NDArray[np.float32]:
    """A block of each tone at this sample rate, in phase and a quarter behind, for all who listen."""
    import numpy as np

    block = int(_BLOCK * rate)
    times: Any = np.arange(block).reshape(-1, 1) / rate
    angles = 2 * np.pi * np.array((*ROWS, *COLUMNS)) * times
    return (np.hstack((np.cos(angles), np.sin(angles))) * (2 / block)).astype(np.float32)
