from pathlib import Path

from pbx_lite.store.database import Database
from pbx_lite.store.phonebook import Contact, ContactTable

EVA = Contact(first="Eva", last="Huber", numbers=(("work", "089 1"), ("fax", "089 2")), note="a\nb")
OMA = Contact(owner="anna", first="Oma")


def walked(table: ContactTable) -> list[Contact]:
    found: list[Contact] = []
    table.walk(found.append)
    return found


async def test_contacts_outlive_a_restart(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    kept = await ContactTable(database).put([EVA, OMA])
    assert [contact.id for contact in kept] == [1, 2]
    await database.close()

    again = Database.open(tmp_path)
    table = ContactTable(again)
    assert walked(table) == kept
    assert kept[0] == Contact(id=1, first="Eva", last="Huber", numbers=EVA.numbers, note="a\nb")
    assert await table.get(2) == kept[1]
    assert await table.get(3) is None
    await again.close()


async def test_pages_are_of_the_books_that_are_asked_for(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    table = ContactTable(database)
    await table.put([EVA, OMA, Contact(owner="ben", first="Tante"), EVA])
    assert [contact.id for contact in await table.page(["", "anna"], 0, 10)] == [1, 2, 4]
    assert [contact.id for contact in await table.page(["", "anna"], 1, 1)] == [2]
    assert [contact.id for contact in await table.book("ben")] == [3]
    await database.close()


async def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    table = ContactTable(database)
    (eva,) = await table.put([EVA])
    await table.remove(eva.id)
    (again,) = await table.put([OMA])
    assert again.id == 2
    await table.remove_book("anna")
    assert walked(table) == []
    await database.close()
