"""Waiting for what happens, without sleeping."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Record[T]:
    """Everything that happened, in order, and a way to wait for what has not happened yet.

    `first` looks at the past too; `next` gives each entry once, so that a test reads like a ladder.
    """

    def __init__(self, name: str) -> None:
        self.entries: list[T] = []
        self._name = name
        self._read = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, entry: T) -> None:
        self.entries.append(entry)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    async def first[S](self, kind: type[S], where: Callable[[S], bool] = lambda _: True, *, within: float = 20.0) -> S:
        """The first entry of this kind that fits, past or future."""
        at = 0
        async with self._patience(within, kind.__name__):
            while True:
                while at < len(self.entries):
                    entry = self.entries[at]
                    at += 1
                    if isinstance(entry, kind) and where(entry):
                        return entry
                await self._more()
        raise AssertionError

    async def next(self, where: Callable[[T], bool] = lambda _: True, *, within: float = 20.0) -> T:
        """The next entry not read yet that fits; those before it count as read."""
        async with self._patience(within, "next"):
            while True:
                while self._read < len(self.entries):
                    entry = self.entries[self._read]
                    self._read += 1
                    if where(entry):
                        return entry
                await self._more()
        raise AssertionError

    async def until(self, true: Callable[[list[T]], bool], *, within: float = 20.0) -> None:
        """Wait until the entries as a whole satisfy `true`."""
        async with self._patience(within, "until"):
            while not true(self.entries):
                await self._more()

    @asynccontextmanager
    async def _patience(self, within: float, what: str) -> AsyncIterator[None]:
        """`asyncio.timeout` that fails the test with what did happen."""
        try:
            async with asyncio.timeout(within):
                yield
        except TimeoutError:
            happened = ", ".join(f"{entry!r:.120}" for entry in self.entries[-12:])
            raise AssertionError(f"{self._name}: waited {within:g} s for {what}; happened: {happened}") from None

    async def _more(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)
