from pathlib import Path

import pytest

from pbx_lite.store import database as module
from pbx_lite.store.database import Database
from pbx_lite.store.people import PeopleTable
from pbx_lite.store.settings import SettingTable


async def test_settings_and_log_ins_are_kept(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    table = SettingTable(database)
    table.put("anna", {"profile": "weg", "pin": ""})
    table.put("anna", {"profile": "für später"})
    table.put("ben", {})
    table.log_in("desk", "anna")
    table.log_in("desk", "ben")
    table.log_in("sofa", "ben")
    table.log_out("sofa")
    await database.close()

    again = Database.open(tmp_path)
    table = SettingTable(again)
    assert table.load() == {"anna": {"profile": "für später"}, "ben": {}}
    assert table.logins() == {"desk": "ben"}
    table.remove("ben")
    await again.close()
    last = Database.open(tmp_path)
    assert list(SettingTable(last).load()) == ["anna"]
    assert SettingTable(last).logins() == {}
    await last.close()


async def test_an_older_database_keeps_its_records_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tmp_path / "schema"
    steps.mkdir()
    for step in sorted(module._SCHEMA.glob("*.sql")):
        if step.name < "004":
            (steps / step.name).write_bytes(step.read_bytes())
    with monkeypatch.context() as older:
        older.setattr(module, "_SCHEMA", steps)
        database = Database.open(tmp_path / "data")
        for name in ("zoe", "anna"):
            await PeopleTable(database).save("user", name, {"name": name})
        await database.close()

    database = Database.open(tmp_path / "data")
    people = PeopleTable(database)
    assert list(people.records("user")) == ["zoe", "anna"]
    await people.save("device", "zoe", {"devices": []})
    assert people.records("device") == {"zoe": {"devices": []}}
    await database.close()
