"""SIPp as phones: each registers, then plays one scenario of the folder `sipp` for the call that comes."""

import itertools
from pathlib import Path
from typing import Self

from tests.support.ladder import scenario
from tests.support.ports import free_port
from tests.support.process import Child

SCENARIOS = Path(__file__).with_name("sipp")


class SippPhone:
    """One phone on a port of its own; `messages` is the log of all it sent and received."""

    def __init__(self, folder: Path, *, user: str, password: str, server: str, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._login = ["-s", user, "-au", user, "-ap", password]
        self._server = server
        self._user = user
        self._ladders = itertools.count(1)
        self._child: Child | None = None

    async def register(self, *, seconds: int = 300) -> Self:
        """Register for so long, or go (0).

        SIPp 3.6 gives up at SHA-256, as old phones do, and is offered MD5 alone when it asks again.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        code = 1
        for _ in range(2):
            child = await self._start("register", *self._login, "-key", "seconds", str(seconds))
            if (code := await child.wait(timeout=15)) == 0:
                break
        assert code == 0, f"SIPp could not register ({code}):\n{self.messages()}"
        return self

    async def play(self, scenario: str) -> Self:
        """Wait for one call and play the scenario for it; the registration's port is used again."""
        self._child = await self._start(scenario)
        return self

    def aim(self, server: str) -> None:
        """Send to this server from now on."""
        self._server = server

    async def climb(self, ladder: str) -> Self:
        """Play a message ladder (tests.support.ladder) as the user of this phone, on the registration's port."""
        file = self.folder / f"ladder-{next(self._ladders)}.xml"
        file.write_text(scenario(ladder, user=self._user))
        self._child = await self._start(file.stem, *self._login[2:], folder=self.folder)
        return self

    async def done(self, *, timeout: float = 40) -> None:
        """The scenario went as written."""
        assert self._child
        try:
            code = await self._child.wait(timeout=timeout)
        except TimeoutError:
            raise AssertionError(f"SIPp did not come to the end of its scenario:\n{self.messages()}") from None
        assert code == 0, f"SIPp ended with {code}:\n{self._child.tail(20)}\n{self.messages()}"

    async def said(self, word: str) -> None:
        """The ladder came to its line `!! word`."""
        assert self._child
        await self._child.wait_for(f"^{word}$")

    async def stop(self) -> None:
        if self._child:
            await self._child.stop(timeout=1)

    def messages(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.messages")))

    async def _start(self, scenario: str, *more: str, folder: Path = SCENARIOS) -> Child:
        common = ["-i", "127.0.0.1", "-p", str(self.port), "-mi", "127.0.0.1", "-m", "1", "-nostdin", "-trace_msg"]
        logs = ["-message_file", str(self.folder / f"{scenario}.messages"), "-trace_err"]
        errors = ["-error_file", str(self.folder / f"{scenario}.errors")]
        command = ["sipp", self._server, "-sf", str(folder / f"{scenario}.xml"), *common, *logs, *errors, *more]
        return await Child.start(f"SIPp {scenario}", command, cwd=self.folder, log=self.folder / f"{scenario}.log")
