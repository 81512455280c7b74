from pathlib import Path

import pytest

from pbx_lite.errors import NotFound, StoreError
from pbx_lite.store import voicemail as module
from pbx_lite.store.database import Database
from pbx_lite.store.voicemail import Mail, MailTable


def mail(name: str, **fields) -> Mail:
    return Mail(**{"id": name, "box": "anna", "at": f"2026-11-21T10:00:{name}.000+00:00", "seconds": 2.5, **fields})


async def kept(table: MailTable, message: Mail, *, picture: bytes | None = None) -> None:
    file = table.unfinished(message.id)
    file.write_bytes(b"sound of " + message.id.encode())
    await table.keep(message, file, picture)


async def test_messages_are_kept_with_sound_and_picture(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    table = MailTable(database)
    assert table.load() == []
    await kept(table, mail("02", caller="102", caller_name="Ben"))
    await kept(table, mail("01", box="door:front", picture=True), picture=b"jpeg")
    await database.close()

    again = Database.open(tmp_path)
    table = MailTable(again)
    assert [each.id for each in table.load()] == ["01", "02"]
    assert table.load()[1] == mail("02", caller="102", caller_name="Ben")
    assert await table.sound("02") == b"sound of 02"
    assert await table.picture("01") == b"jpeg"
    with pytest.raises(NotFound):
        await table.picture("02")
    await table.mark(["01", "02"], heard=True)
    await table.remove(["02"])
    assert [(each.id, each.heard) for each in table.load()] == [("01", True)]
    with pytest.raises(NotFound):
        await table.sound("02")
    await again.close()


async def test_a_start_sweeps_away_what_is_only_half_there(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    table = MailTable(database)
    table.load()
    await kept(table, mail("01"))
    await kept(table, mail("02"), picture=b"jpeg")
    folder = tmp_path / "voicemail"
    (folder / "02.opus").unlink()
    (folder / "03.opus").write_bytes(b"no row")
    table.unfinished("04").write_bytes(b"half")
    assert [each.id for each in table.load()] == ["01"]
    assert sorted(file.name for file in folder.rglob("*.*")) == ["01.opus"]
    assert [each.id for each in table.load()] == ["01"]
    await database.close()


async def test_a_message_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.open(tmp_path)
    table = MailTable(database)
    table.load()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = table.unfinished("01")
    file.write_bytes(b"sound")
    with monkeypatch.context() as patch:
        patch.setattr(module, "_write", full)
        with pytest.raises(StoreError, match="full"):
            await table.keep(mail("01", picture=True), file, b"jpeg")
    assert list((tmp_path / "voicemail").rglob("*.*")) == []
    assert table.load() == []
    await database.close()


async def test_settings_and_greetings_are_kept_until_their_owner_is_gone(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    table = MailTable(database)
    table.load()
    await table.put_settings("anna", {"enabled": True, "pin": "4711"})
    await table.put_settings("anna", {"enabled": False, "pin": "4711"})
    await table.put_greeting("anna", b"hello")
    assert table.settings() == {"anna": {"enabled": False, "pin": "4711"}}
    assert await table.greeting("anna") == b"hello"
    assert await table.greeting("ben") is None
    await table.put_greeting("anna", None)
    assert await table.greeting("anna") is None
    await table.put_greeting("anna", b"again")
    await kept(table, mail("01"))
    await table.forget("anna", ["01"])
    assert (table.settings(), table.load(), await table.greeting("anna")) == ({}, [], None)
    await table.forget("door:front", [])
    await database.close()
