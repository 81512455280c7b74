"""SIPp calls SIPp through the PBX: 101 dials 102, as often and as fast as wanted."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.pbx import PbxProcess
from tests.support.ports import free_port
from tests.support.process import Child
from tests.support.sipp import SippPhone

_CALLER = Path(__file__).with_name("caller.xml")
_HOLD_MS = 100
_PORTS = "22000-30000"
_PLAIN = {"TERM": "dumb"}


@dataclass(slots=True)
class Crowd:
    """`failed` counts all calls so far that did not end as they should."""

    pbx: PbxProcess
    folder: Path
    failed: int = 0

    async def call(self, count: int, rate: int = 100) -> None:
        """So many authenticated calls, begun at this rate a second."""
        command = ["sipp", self.pbx.server, "-sf", str(_CALLER), "-i", "127.0.0.1", "-p", str(free_port()), "-nostdin"]
        login = ["-au", "101", "-ap", "secret101", "-s", "102"]
        pace = ["-m", str(count), "-r", str(rate), "-l", str(count), "-d", str(_HOLD_MS), "-timeout", "600"]
        work = [*command, *login, *pace]
        child = await Child.start("SIPp", work, cwd=self.folder, log=self.folder / "calls.log", env=_PLAIN)
        await child.wait_for("Test Terminated", timeout=600)
        found = re.findall(r"Failed call\s*\|\s*\d+\s*\|\s*(\d+)", "\n".join(child.lines))
        assert found, child.tail()
        self.failed += int(found[-1])


@asynccontextmanager
async def crowd(pbx: PbxProcess, folder: Path) -> AsyncIterator[Crowd]:
    """The PBX is started; 102 is registered and answers."""
    pbx.configuration["rtp"] = {"ports": _PORTS}
    await pbx.start()
    phone = SippPhone(folder, user="102", password="secret102", server=pbx.server)
    await phone.register()
    command = ["sipp", pbx.server, "-sn", "uas", "-i", "127.0.0.1", "-p", str(phone.port), "-nostdin"]
    answering = await Child.start("SIPp answers", command, cwd=folder, log=folder / "answers.log", env=_PLAIN)
    try:
        yield Crowd(pbx, folder)
    finally:
        await answering.stop(timeout=1)
