"""A caller whom nothing but the test hears and moves: prompts are a list, keys a script."""

from pbx_lite.features.voicemail.booth import Booth, Tape
from pbx_lite.media.recording import Recording
from pbx_lite.speech.parts import Digits, Moment, Name, Number, Part


class Gone(Exception):
    """The script is at its end: the caller hangs up."""


class ScriptedBooth(Booth):
    """`script` answers in order: for each prompt the key pressed during it ("" for none), named by the prompt's key.

    `{"voicemail_new": "1"}` presses 1 during that prompt, the first time; a list gives one answer each time.  A prompt
    that is in no script is heard to its end.
    """

    def __init__(self, script: dict[str, list[str]], *, after: int = 400) -> None:
        self.said: list[str] = []
        self.recorded = 0
        self.dead_after = 10_000
        self._script = {prompt: list(keys) for prompt, keys in script.items()}
        self._left = after

    @property
    def gone(self) -> bool:
        return len(self.said) >= self.dead_after

    async def say(self, *parts: Part) -> None:
        self.said.append(_text(parts))

    async def beep(self) -> None:
        self.said.append("beep")

    async def hear(self, *parts: Part) -> str:
        await self.say(*parts)
        return self._next(_text(parts).split(" ")[0])

    async def key(self, seconds: float) -> str:
        self._left -= 1
        if self._left < 0:
            raise Gone
        return self._next("wait")

    async def line(self, *parts: Part, patience: float = 15.0) -> str:
        return await self.hear(*parts)

    async def record(self, tape: Tape, seconds: float) -> None:
        self.recorded += 1

    def _next(self, prompt: str) -> str:
        keys = self._script.get(prompt, [])
        key = keys.pop(0) if keys else ""
        if key == "gone":
            raise Gone
        return key


def _text(parts: tuple[Part, ...]) -> str:
    return " ".join(map(_one, parts))


def _one(part: Part) -> str:
    match part:
        case Recording():
            return f"sound({part.seconds:.0f})"
        case Number(value=value):
            return str(value)
        case Digits(text=text) | Name(text=text):
            return text
        case Moment(when=when):
            return when.strftime("%H:%M")
        case _:
            return part
