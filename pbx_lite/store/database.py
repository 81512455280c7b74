"""One SQLite file in one folder, used by one PBX: opened, brought up to date, and written by a thread of its own."""

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from pbx_lite.errors import Conflict, StoreError
from pbx_lite.store.sought import sought

_LOGGER = logging.getLogger(__name__)
_SCHEMA = Path(__file__).parent / "schema"
_CACHE_KIB = 512
_TOGETHER = 0.1  # seconds within which what is posted goes into one transaction: each costs as much as many changes

type Work[T] = Callable[[sqlite3.Connection], T]


class Database:
    """Reading at start is direct; all else runs in order on the writer thread, each work one transaction."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: IO[str]) -> None:
        self.folder = folder
        self._connection = connection
        self._lock = lock
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._trouble = ""
        self._waiting: list[Work[object]] = []
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def open(cls, folder: Path) -> Database:
        """Make the folder and the tables where they are missing.

        Raises Conflict when another PBX uses the folder and StoreError when it cannot be used, both with a way out.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = _take_lock(folder)
        except OSError as error:
            raise StoreError(_sentence(error, folder)) from error
        with ExitStack() as undo:
            undo.callback(lock.close)
            try:
                connection = _connect(folder / "pbx.sqlite3")
                undo.callback(connection.close)
                _prepare(connection)
            except (sqlite3.Error, OSError) as error:
                raise StoreError(_sentence(error, folder)) from error
            undo.pop_all()
        return cls(folder, connection, lock)

    def read[T](self, work: Work[T]) -> T:
        """Run `work` here and now: for start, before the first write."""
        try:
            return work(self._connection)
        except sqlite3.Error as error:
            raise StoreError(_sentence(error, self.folder)) from error

    async def run[T](self, work: Work[T]) -> T:
        """Run `work` after all that was asked before; returns when it is on disk.  Raises StoreError."""
        return await asyncio.wrap_future(self._submit(work))

    async def keep[T](self, work: Work[T]) -> T:
        """As `run`, and when it returns a power failure cannot undo it: the disk itself has it."""
        self._write_waiting()
        return await asyncio.wrap_future(self._writer.submit(self._transact_durably, work))

    def post(self, work: Work[object], *, at_once: bool = False) -> None:
        """Run `work` some time soon, or `at_once` where a tenth of a second may be too late.

        A failure is logged, once until it works again.
        """
        self._waiting.append(work)
        if at_once:
            self._write_waiting()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TOGETHER, self._write_waiting)

    async def close(self) -> None:
        """Finish what was asked, then let go of the folder."""
        self._write_waiting()
        await asyncio.to_thread(self._writer.shutdown)
        self._connection.close()
        self._lock.close()

    def _submit[T](self, work: Work[T]) -> Future[T]:
        self._write_waiting()
        return self._writer.submit(self._transact, work)

    def _write_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            works, self._waiting = self._waiting, []
            self._writer.submit(self._transact_all, works).add_done_callback(self._posted)

    def _transact_all(self, works: list[Work[object]]) -> None:
        """All in one transaction; where that fails each in its own, so that one fault costs one change."""
        try:
            self._transact(lambda connection: [work(connection) for work in works])
        except StoreError:
            if len(works) == 1:
                raise
            failures = []
            for work in works:
                try:
                    self._transact(work)
                except StoreError as error:
                    failures.append(error)
            if failures:
                raise failures[0] from None

    def _transact[T](self, work: Work[T]) -> T:
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(_sentence(error, self.folder)) from error

    def _transact_durably[T](self, work: Work[T]) -> T:
        """Sync the log with this commit; otherwise only checkpoints do, seconds to minutes later."""
        self._connection.execute("PRAGMA synchronous = FULL")
        try:
            return self._transact(work)
        finally:
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def _posted[T](self, done: Future[T]) -> None:
        error = done.exception()
        trouble = str(error) if error is not None else ""
        if trouble and trouble != self._trouble:
            _LOGGER.error("What happens now is not kept: %s", trouble)
        elif self._trouble and not trouble:
            _LOGGER.info("The store works again")
        self._trouble = trouble


def _take_lock(folder: Path) -> IO[str]:
    """The kernel frees the lock when its owner ends, however that comes about."""
    lock = (folder / "pbx.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip()
        lock.close()
        which = f" (process {owner})" if owner.isdigit() else ""
        raise Conflict(
            f"Another PBX{which} uses {folder} already; stop that one, or give this one a data folder of its own."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _connect(file: Path) -> sqlite3.Connection:
    """Passwords of phones are in there, so that the file is its owner's alone."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    return sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=5)


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"cache_size = -{_CACHE_KIB}",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("sought", -1, sought, deterministic=True)
    _update(connection)


def _update(connection: sqlite3.Connection) -> None:
    """Apply the steps of `schema/` that this file has not seen; `user_version` counts them.  Raises StoreError too."""
    steps = sorted(_SCHEMA.glob("*.sql"))
    seen = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if seen > len(steps):
        raise StoreError("The data was written by a newer version of the PBX; install that version again.")
    for number, step in enumerate(steps[seen:], start=seen + 1):
        script = step.read_text(encoding="utf-8")
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def _sentence(error: Exception, folder: Path) -> str:
    """What went wrong and what to do about it."""
    text = str(error).lower()
    number = error.errno if isinstance(error, OSError) else None
    if "disk is full" in text or number in {28, 122}:  # ENOSPC, EDQUOT
        return f"The disk that holds {folder} is full; free some space."
    if number in {1, 13, 30} or "readonly" in text or "unable to open" in text:  # EPERM, EACCES, EROFS
        return f"The data folder {folder} cannot be written; give the PBX the right to, or choose another folder."
    if number in {17, 20}:  # EEXIST, ENOTDIR
        return f"{folder} is not a folder; choose another data folder."
    if "malformed" in text or "not a database" in text:
        file = folder / "pbx.sqlite3"
        return f"{file} is damaged; restore it from a backup, or move it away to begin anew."
    if "disk i/o error" in text:
        return f"The disk that holds {folder} fails or is full; check it."
    if "locked" in text:
        return f"{folder / 'pbx.sqlite3'} is locked by another program; close that one."
    return f"The data folder {folder} cannot be used: {error}"
