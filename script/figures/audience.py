"""Browsers of one door, in a process of their own: aiortc that takes everything and decodes nothing."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Self

from tests.support.home_assistant import ROOT
from tests.support.pbx import PbxProcess
from tests.support.process import Child


class Audience:
    """`async with Audience(pbx, "door150", folder) as audience:` then `await audience.grow_to(6)`."""

    def __init__(self, pbx: PbxProcess, door: str, folder: Path) -> None:
        self._pbx = pbx
        self._door = door
        self._log = folder / "audience.log"
        self._child: Child | None = None
        self._said = 0

    async def __aenter__(self) -> Self:
        command: list[str | Path] = [sys.executable, "-m", "script.figures.viewer", str(self._pbx.api_port), self._door]
        environment = {"PBX_TOKEN": self._pbx.token}
        self._child = await Child.start(
            "audience", command, cwd=ROOT, env=environment, log=self._log, stdin=asyncio.subprocess.PIPE
        )
        await self._child.wait_for("^ready$")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._child
        await self._child.stop(timeout=5)

    async def grow_to(self, count: int) -> None:
        """Wait until so many see a moving picture."""
        await self._ask(str(count))

    async def received(self) -> list[dict[str, float]]:
        """Since the last time, for each viewer: pictures a second, and Mbit/s of picture."""
        answer: list[dict[str, float]] = await self._ask("received")
        return answer

    async def _ask(self, what: str) -> Any:
        assert self._child
        assert self._child.process.stdin
        self._said += 1
        self._child.process.stdin.write(f"{what}\n".encode())
        line = await self._child.wait_for(f"^{self._said} ", timeout=60)
        return json.loads(line.partition(" ")[2])
