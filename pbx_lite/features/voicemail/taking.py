"""Recording what a caller or a visitor says, from the tone until it is in the box."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from pbx_lite.errors import NotFound, PbxError
from pbx_lite.events import EventBus, RecordingFailed
from pbx_lite.features.voicemail.booth import Booth, Machine, Tape
from pbx_lite.store.voicemail import Mail
from pbx_lite.tasks import Tasks, spawn

_LOGGER = logging.getLogger(__name__)

MOST_SECONDS = 180.0
LEAST_SECONDS = 1.0
"""Of sound; what is shorter is a hang-up."""


class Kept(Enum):
    """What became of a recording."""

    SAVED = "saved"
    NOTHING = "nothing was said"
    FAILED = "failed"


type Machines = Callable[[Path, float, Callable[[str], None]], Machine]
"""Begins to write a file of so many seconds at most; the last argument hears why it cannot be written."""


class Boxes(Protocol):
    """What `Mailboxes` does."""

    def unfinished(self) -> tuple[str, Path]: ...

    def stamp(self) -> str: ...

    async def keep(self, mail: Mail, sound: Path, picture: bytes | None = None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Whose box it is for, and who leaves it.  `wanted` is asked at the end; `picture` is the visitor's, then."""

    box: str
    where: str
    caller: str = ""
    caller_name: str = ""
    wanted: Callable[[], bool] = lambda: True
    picture: Callable[[], bytes | None] = lambda: None


class Taking:
    """What is being recorded when its party is gone, or the PBX stops, is kept all the same."""

    def __init__(self, boxes: Boxes, *, machines: Machines, bus: EventBus) -> None:
        self._boxes = boxes
        self._machines = machines
        self._bus = bus
        self._finishing: set[asyncio.Task[Kept]] = set()
        self._tasks = Tasks("voicemail")

    async def close(self) -> None:
        """Wait for what is being finished."""
        await asyncio.gather(*self._finishing, return_exceptions=True)
        await self._tasks.close()

    async def message(self, booth: Booth, message: Message, *, seconds: float = MOST_SECONDS) -> Kept:
        """Record one message; cancelled when its party hangs up, it is kept in the background."""
        name, path = self._boxes.unfinished()
        said: list[str] = []
        at = self._boxes.stamp()

        def failed(sentence: str) -> None:
            tape.ended = True
            if not said:
                said.append(sentence)
                self._bus.publish(RecordingFailed(where=message.where, error=sentence))

        async def finish() -> Kept:
            written = await tape.machine.stop(trim=True)
            try:
                if said:
                    return Kept.FAILED
                if written is None or written.seconds < LEAST_SECONDS or not message.wanted():
                    return Kept.NOTHING
                picture = message.picture()
                mail = Mail(
                    id=name,
                    box=message.box,
                    at=at,
                    caller=message.caller,
                    caller_name=message.caller_name,
                    seconds=round(written.seconds, 1),
                    picture=picture is not None,
                )
                await self._boxes.keep(mail, written.path, picture)
            except NotFound:
                return Kept.NOTHING  # the owner was removed meanwhile
            except PbxError as error:
                failed(error.message)
                return Kept.FAILED
            else:
                return Kept.SAVED
            finally:
                await asyncio.to_thread(_unlink, path)

        tape = Tape(self._machines(path, seconds, failed))
        try:
            await booth.record(tape, seconds)
        finally:
            done = self._finish(finish())
        return await asyncio.shield(done)

    async def sound(self, booth: Booth, where: str, *, seconds: float) -> bytes | None:
        """Record a greeting: Ogg Opus, None where nothing was said or it cannot be written."""
        _, path = self._boxes.unfinished()

        def failed(sentence: str) -> None:
            tape.ended = True
            _LOGGER.warning("The greeting of %s cannot be recorded: %s", where, sentence)

        tape = Tape(self._machines(path, seconds, failed))
        try:
            await booth.record(tape, seconds)
        except BaseException:
            self._tasks.spawn(_discard(tape.machine, path), name="discard")
            raise
        written = await tape.machine.stop(trim=True)
        try:
            if written is None or tape.ended or written.seconds < LEAST_SECONDS:
                return None
            return await asyncio.to_thread(written.path.read_bytes)
        except OSError as error:
            _LOGGER.warning("The greeting of %s is lost: %s", where, type(error).__name__)
            return None
        finally:
            await asyncio.to_thread(_unlink, path)

    def _finish(self, work: Coroutine[object, object, Kept]) -> asyncio.Task[Kept]:
        task = spawn(work, name="finish a message")
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)
        return task


async def _discard(machine: Machine, path: Path) -> None:
    await machine.stop()
    await asyncio.to_thread(_unlink, path)


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
