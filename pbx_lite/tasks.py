"""The one place that makes asyncio tasks: named, kept alive, their errors logged."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_LOGGER = logging.getLogger(__name__)
_running: set[asyncio.Task[Any]] = set()


def spawn[T](work: Coroutine[Any, Any, T], *, name: str, eager: bool = False) -> asyncio.Task[T]:
    """Run `work` on its own; an exception nobody waits for is logged with the task's name.

    `eager` work has run up to its first wait when this returns.
    """
    task = asyncio.get_running_loop().create_task(work, name=name, eager_start=eager)
    _running.add(task)
    task.add_done_callback(_finished)
    return task


class Tasks:
    """The tasks of one owner: `close()` cancels what still runs and waits for it."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn[T](self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        task = spawn(work, name=f"{self._owner}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Cancel and wait; the task that calls this is left to end by itself."""
        current = asyncio.current_task()
        pending = [task for task in self._tasks if task is not current]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if task.cancelled():
        return
    if (error := task.exception()) is not None:
        _LOGGER.error("Task %s failed", task.get_name(), exc_info=error)
