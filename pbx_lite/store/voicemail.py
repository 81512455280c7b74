"""Messages that callers left, and what people set for their mailbox: rows, and the sound in files beside the database.

A file is complete, and on the disk, before its row is written; a row is gone before its file is.  What a power failure
left of either is swept away at the next start.
"""

import asyncio
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pbx_lite.errors import NotFound
from pbx_lite.store.database import Database

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message.  `at` is UTC in ISO 8601, `box` a user or `door:` and a door."""

    id: str
    box: str
    at: str
    caller: str = ""
    caller_name: str = ""
    seconds: float
    heard: bool = False
    picture: bool = False


_COLUMNS = tuple(field.name for field in fields(Mail))
# Only column names of our own stand in these statements; values are always bound.
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM voicemail ORDER BY at, id"
_INSERT = f"INSERT INTO voicemail ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


class MailTable:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = database.folder / "voicemail"
        self._unfinished = self._folder / "unfinished"
        self._greetings = self._folder / "greetings"

    # At start

    def load(self) -> list[Mail]:
        """All messages, the oldest first, once what is only half there has been taken away."""
        with suppress(OSError):  # a disk that is full keeps nobody from starting: recording will say so
            for folder in (self._unfinished, self._greetings):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        rows = self._database.read(lambda connection: connection.execute(_SELECT).fetchall())
        mails = [_mail(row) for row in rows]
        whole = [mail for mail in mails if self._sound(mail.id).is_file()]
        lost = [mail.id for mail in mails if mail not in whole]
        if lost:
            _LOGGER.warning("The sound of %d messages is gone, and so are they", len(lost))
            self._database.read(lambda connection: _delete(connection, lost))
        self._sweep({mail.id for mail in whole})
        return whole

    def settings(self) -> dict[str, dict[str, Any]]:
        """The record of every user that has one."""
        rows = self._database.read(lambda connection: connection.execute("SELECT user, record FROM mailbox").fetchall())
        return {user: json.loads(record) for user, record in rows}

    def _sweep(self, known: set[str]) -> None:
        """Files that belong to no row, and recordings that were never finished."""
        with suppress(OSError):
            shutil.rmtree(self._unfinished, ignore_errors=True)
            self._unfinished.mkdir(mode=0o700)
            for file in [*self._folder.glob("*.opus"), *self._folder.glob("*.jpg")]:
                if file.stem not in known:
                    file.unlink(missing_ok=True)
            for file in self._greetings.glob("*.part"):
                file.unlink(missing_ok=True)

    # Messages

    def unfinished(self, name: str) -> Path:
        """Where a recording may be written until it is kept."""
        return self._unfinished / f"{name}.opus"

    async def keep(self, mail: Mail, sound: Path, picture: bytes | None = None) -> None:
        """Take over the finished file `sound`; returns once no power failure can undo it.  Raises StoreError."""

        def work(connection: sqlite3.Connection) -> None:
            kept = self._sound(mail.id)
            try:
                _sync(sound)
                sound.replace(kept)
                if picture is not None:
                    _write(self._picture(mail.id), picture)
                _sync(self._folder)
                connection.execute(_INSERT, tuple(getattr(mail, column) for column in _COLUMNS))
            except BaseException:
                for file in (sound, kept, self._picture(mail.id)):
                    file.unlink(missing_ok=True)
                raise

        await self._database.keep(work)

    async def mark(self, ids: Iterable[str], *, heard: bool) -> None:
        """Raises StoreError."""
        rows = [(heard, each) for each in ids]
        await self._database.run(
            lambda connection: connection.executemany("UPDATE voicemail SET heard = ? WHERE id = ?", rows)
        )

    async def remove(self, ids: Iterable[str]) -> None:
        """Raises StoreError."""
        gone = list(ids)
        await self._database.keep(lambda connection: _delete(connection, gone))
        await asyncio.to_thread(self._unlink, gone)

    async def sound(self, name: str) -> bytes:
        """Ogg Opus.  Raises NotFound."""
        return await asyncio.to_thread(_read, self._sound(name))

    async def picture(self, name: str) -> bytes:
        """A JPEG.  Raises NotFound."""
        return await asyncio.to_thread(_read, self._picture(name))

    # Mailboxes

    async def put_settings(self, user: str, record: Mapping[str, Any]) -> None:
        """Raises StoreError."""
        row = (user, json.dumps(record, ensure_ascii=False))
        await self._database.run(
            lambda connection: connection.execute("INSERT OR REPLACE INTO mailbox (user, record) VALUES (?, ?)", row)
        )

    async def greeting(self, user: str) -> bytes | None:
        """Ogg Opus, None where there is none."""
        try:
            return await asyncio.to_thread(_read, self._greeting(user))
        except NotFound:
            return None

    async def put_greeting(self, user: str, sound: bytes | None) -> None:
        """None takes it away.  Raises StoreError."""
        file = self._greeting(user)

        def work(_: sqlite3.Connection) -> None:
            if sound is None:
                file.unlink(missing_ok=True)
            else:
                _write(file, sound)

        await self._database.run(work)

    async def forget(self, box: str, ids: Iterable[str]) -> None:
        """The owner was removed: their messages, settings and greeting go.  Raises StoreError."""
        await self._database.run(lambda connection: connection.execute("DELETE FROM mailbox WHERE user = ?", (box,)))
        await self.remove(ids)
        if not box.startswith("door:"):
            await self.put_greeting(box, None)

    def _unlink(self, names: Iterable[str]) -> None:
        for name in names:
            for file in (self._sound(name), self._picture(name)):
                with suppress(OSError):
                    file.unlink(missing_ok=True)

    def _sound(self, name: str) -> Path:
        return self._folder / f"{name}.opus"

    def _picture(self, name: str) -> Path:
        return self._folder / f"{name}.jpg"

    def _greeting(self, user: str) -> Path:
        return self._greetings / f"{user}.opus"


def _mail(row: tuple[object, ...]) -> Mail:
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    heard, picture = bool(values.pop("heard")), bool(values.pop("picture"))
    return Mail(**values, heard=heard, picture=picture)


def _delete(connection: sqlite3.Connection, names: list[str]) -> None:
    connection.executemany("DELETE FROM voicemail WHERE id = ?", [(name,) for name in names])


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise NotFound("This sound or picture is gone.") from None


def _write(file: Path, data: bytes) -> None:
    unfinished = file.with_suffix(".part")
    unfinished.write_bytes(data)
    _sync(unfinished)
    unfinished.replace(file)


def _sync(path: Path) -> None:
    """Have the disk itself hold a file, or which files a folder has."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
