"""Keys heard as tones (ITU-T Q.24), for stations and phones that send them no other way."""

from typing import TYPE_CHECKING, Any

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder
from pbx_lite.media.port import Codec
from pbx_lite.media.tones import COLUMNS, KEYPAD, ROWS

if TYPE_CHECKING:
    import numpy as np

_BLOCK = 0.0255  # seconds: 204 samples at 8 kHz, fine enough to tell 697 from 770 Hz
_QUIETEST = 0.003  # of full scale, each tone: about -42 dBm0
_TWIST = 8.0  # power ratio of the two tones: 9 dB
_PURITY = 0.7  # the two tones' share of all power; speech has less
_CONFIRM = 2  # blocks: 51 ms, more than Q.24's 40 and less than any key


class InbandDetector:
    """Tells each key once, when its tone has been there for 51 ms; a pause of as much ends it."""

    def __init__(self) -> None:
        self._codec: Codec | None = None
        self._decoder: Decoder | None = None
        self._sound = b""
        self._block = 0
        self._probe: np.ndarray[tuple[Any, ...], np.dtype[np.complex128]] | None = None
        self._heard = ""
        self._count = 0
        self._told = ""

    def push(self, codec: Codec, payload: bytes) -> list[str]:
        """The keys that this packet makes certain."""
        if codec != self._codec or self._decoder is None:
            self._tune(codec)
        assert self._decoder is not None
        try:
            self._sound += self._decoder.decode(payload)
        except MediaError:
            return []
        keys = []
        while len(self._sound) >= self._block * 2:
            block, self._sound = self._sound[: self._block * 2], self._sound[self._block * 2 :]
            if key := self._step(self._listen(block)):
                keys.append(key)
        return keys

    def _tune(self, codec: Codec) -> None:
        import numpy as np

        self._codec = codec
        self._decoder = Decoder(codec)
        self._sound = b""
        self._block = int(_BLOCK * codec.sample_rate)
        times: Any = np.arange(self._block) / codec.sample_rate
        tones = np.array((*ROWS, *COLUMNS)).reshape(-1, 1)
        self._probe = np.exp(-2j * np.pi * tones * times).astype(np.complex128) * (2 / self._block)

    def _listen(self, block: bytes) -> str:
        """The key in one block, empty if it holds none."""
        import numpy as np

        assert self._probe is not None
        samples = np.frombuffer(block, dtype=np.int16) / 32768.0
        power = np.abs(self._probe @ samples) ** 2
        rows, columns = power[:4], power[4:]
        row, column = int(rows.argmax()), int(columns.argmax())
        low, high = float(rows[row]), float(columns[column])
        if min(low, high) < _QUIETEST**2 or not 1 / _TWIST < low / high < _TWIST:
            return ""
        total = 2 * float(np.mean(samples**2))
        if low + high < _PURITY * total:
            return ""
        return KEYPAD[row * 4 + column]

    def _step(self, key: str) -> str:
        """Tell a key at its second block in a row, and not again before two blocks without it."""
        self._count = self._count + 1 if key == self._heard else 1
        self._heard = key
        if self._count < _CONFIRM or key == self._told:
            return ""
        self._told = key
        return key
