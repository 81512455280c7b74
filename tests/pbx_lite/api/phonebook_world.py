"""The phonebooks of tests/wire/: the feature itself, over contacts that stay in memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pbx_lite.directory import Directory
from pbx_lite.events import EventBus
from pbx_lite.features.phonebook.phonebook import Phonebook
from pbx_lite.features.trunks.numbers import key_of
from pbx_lite.store.phonebook import Contact

SURGERY = Contact(
    id=1,
    revision=3,
    first="Dr. Eva",
    last="Huber",
    company="Praxis am Markt",
    numbers=(("work", "(089) 12 34 56"), ("mobile", "+49 170 1234567")),
    email="praxis@example.org",
    note="Closed on Wednesdays",
)
PLUMBER = Contact(id=2, company="Rohr & Söhne", numbers=(("work", "+43 1 5550123"),))
GRANDMA = Contact(id=3, owner="anna", first="Oma", numbers=(("home", "08024 4711"),))
OF_BEN = Contact(id=4, owner="ben", first="Frau", last="Doktor", numbers=(("work", "0049 89 123456"),))


class ContactsInMemory:
    """What `store.phonebook.ContactTable` does, without a disk."""

    def __init__(self, *contacts: Contact) -> None:
        self.contacts = {contact.id: contact for contact in contacts}
        self.last = max(self.contacts, default=0)

    def walk(self, visit: Callable[[Contact], None]) -> None:
        for contact in self.contacts.values():
            visit(contact)

    async def get(self, contact: int) -> Contact | None:
        return self.contacts.get(contact)

    async def page(self, owners: Sequence[str], after: int, limit: int) -> list[Contact]:
        found = sorted(self.contacts.values(), key=lambda each: each.id)
        return [each for each in found if each.owner in owners and each.id > after][:limit]

    async def named(self, owners: Sequence[str], question: str) -> frozenset[int]:
        found = await self.page(owners, 0, len(self.contacts))
        return frozenset(each.id for each in found if question.lower() in f"{each.first} {each.last}".lower())

    async def book(self, owner: str) -> list[Contact]:
        return await self.page([owner], 0, len(self.contacts))

    async def put(self, contacts: Iterable[Contact]) -> list[Contact]:
        kept = []
        for contact in contacts:
            self.last += not contact.id
            kept.append(contact if contact.id else replace(contact, id=self.last))
        self.contacts |= {contact.id: contact for contact in kept}
        return kept

    async def remove(self, contact: int) -> None:
        del self.contacts[contact]

    async def remove_book(self, owner: str) -> None:
        self.contacts = {key: each for key, each in self.contacts.items() if each.owner != owner}


def phonebook(directory: Directory, bus: EventBus) -> Phonebook:
    """The company's surgery and plumber; Anna's grandmother; and the surgery again, as Ben calls it."""
    store = ContactsInMemory(SURGERY, PLUMBER, GRANDMA, OF_BEN)
    return Phonebook(store=store, directory=directory, bus=bus, written=lambda number: key_of(number, country="49"))
