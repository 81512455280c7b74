"""A program under test: its own process group, its output kept line by line, gone for certain when it is stopped."""

import asyncio
import contextlib
import os
import re
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from pbx_lite.tasks import spawn


class Child:
    """One running program.  `lines` are the last of what it printed; `log` is where all of it goes."""

    def __init__(self, process: asyncio.subprocess.Process, name: str, log: Path | None) -> None:
        self.process = process
        self.name = name
        self.lines: deque[str] = deque(maxlen=5000)
        self._log = log
        self._heard = asyncio.Event()
        self._reader = spawn(self._read(), name=f"{name} output")

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        stdin: int = asyncio.subprocess.DEVNULL,
    ) -> Self:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=2**20,
        )
        return cls(process, name, log)

    async def wait_for(self, pattern: str, *, timeout: float = 30) -> str:
        """The first line that matches, printed already or to come."""
        search = re.compile(pattern)
        try:
            async with asyncio.timeout(timeout):
                while True:
                    self._heard.clear()
                    for line in self.lines:
                        if search.search(line):
                            return line
                    if self._reader.done():
                        raise AssertionError(f"{self.name} ended before it said {pattern!r}:\n{self.tail()}")
                    await self._heard.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name} did not say {pattern!r} in {timeout} s:\n{self.tail()}") from None

    def tail(self, count: int = 60) -> str:
        return "\n".join(list(self.lines)[-count:])

    def kill(self) -> None:
        """SIGKILL, to this one process: what it started is left to itself."""
        self.process.kill()

    async def wait(self, *, timeout: float = 30) -> int:
        async with asyncio.timeout(timeout):
            return await self.process.wait()

    async def stop(self, *, timeout: float = 30) -> int:
        """SIGTERM, then SIGKILL to its whole group; the exit code."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            async with asyncio.timeout(timeout):
                await self.process.wait()
        except TimeoutError:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        code = await self.process.wait()
        await self._reader
        return code

    async def _read(self) -> None:
        assert self.process.stdout
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(self._log.open("a")) if self._log else None
            while line := await self.process.stdout.readline():
                text = line.decode(errors="replace").rstrip("\n")
                self.lines.append(text)
                if log:
                    log.write(text + "\n")
                    log.flush()
                self._heard.set()
        self._heard.set()
