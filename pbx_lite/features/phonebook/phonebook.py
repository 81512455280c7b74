"""The books: kept, changed, told, and asked for the name of everybody who calls."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Protocol

from pbx_lite.directory import Directory
from pbx_lite.errors import Conflict, Invalid, NotFound, PbxError
from pbx_lite.events import DirectoryChanged, Event, EventBus, PhonebookChanged
from pbx_lite.features.phonebook.contact import (
    MOST_CONTACTS,
    checked_fields,
    contact_shown,
    require_somebody,
)
from pbx_lite.features.phonebook.draft import Fault, Faults
from pbx_lite.features.phonebook.files import READ, WRITTEN, text_of
from pbx_lite.features.phonebook.merging import merge
from pbx_lite.features.phonebook.names import Key, Names, keys_of
from pbx_lite.features.phonebook.turns import emptied, in_turns
from pbx_lite.store.phonebook import Contact
from pbx_lite.store.sought import is_name
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
COMPANY = ""
"""The owner of the company's book."""
_NOBODY = Names()


class ContactStore(Protocol):
    """What `store.phonebook.ContactTable` does."""

    def walk(self, visit: Callable[[Contact], None]) -> None: ...

    async def get(self, contact: int) -> Contact | None: ...

    async def page(self, owners: Sequence[str], after: int, limit: int) -> list[Contact]: ...

    async def named(self, owners: Sequence[str], question: str) -> frozenset[int]: ...

    async def book(self, owner: str) -> list[Contact]: ...

    async def put(self, contacts: Iterable[Contact]) -> list[Contact]: ...

    async def remove(self, contact: int) -> None: ...

    async def remove_book(self, owner: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Imported:
    """How many contacts a file has added, changed and brought again, and what of it could not be taken over."""

    added: int
    changed: int
    same: int
    faults: tuple[Fault, ...]


class Phonebook:
    """`written` gives what all ways of writing a number have in common, `dialled` the same for one that was dialled.

    `now` gives seconds, by which long work is cut in turns.  What awaits raises StoreError too.
    """

    def __init__(
        self,
        *,
        store: ContactStore,
        directory: Directory,
        bus: EventBus,
        written: Key,
        dialled: Key | None = None,
        now: Callable[[], float] = perf_counter,
    ) -> None:
        self._store = store
        self._directory = directory
        self._bus = bus
        self._key = written
        self._dialled = dialled or written
        self._now = now
        self._names: dict[str, Names] = {}
        self._changing = asyncio.Lock()
        self._tasks = Tasks("phonebook")
        store.walk(self._learn)
        self._owners = self._all_users()
        self._forget_events = bus.listen(self._heard, DirectoryChanged)

    async def close(self) -> None:
        self._forget_events()
        await self._tasks.close()

    # Whose number it is

    def name_of(self, number: str, user: str = COMPANY, *, dialled: bool = False) -> str:
        """The name that `user` knows this number by: of their own book, else of the company's; "" for none."""
        if not self._names:
            return ""
        key = self._key_of(number, dialled=dialled)
        own = self._names.get(user, _NOBODY).find(key) if user else ""
        return own or self._names.get(COMPANY, _NOBODY).find(key)

    def own_name_of(self, number: str, user: str, *, dialled: bool = False) -> str:
        """The name in the user's own book alone."""
        own = self._names.get(user) if user else None
        return "" if own is None else own.find(self._key_of(number, dialled=dialled))

    def outward(self, number: str, user: str) -> str:
        """A number that stands in a book of the user's or the company's, in international form; "" for all others.

        Extensions are dialled as they are.
        """
        if not self._names or self._directory.by_extension(number) is not None:
            return ""
        return self._key(number) if self._key(number).startswith("+") and self.name_of(number, user) else ""

    def _key_of(self, number: str, *, dialled: bool) -> str:
        return (self._dialled if dialled else self._key)(number)

    # Reading

    async def contacts(
        self, user: str, *, after: int = 0, limit: int = 500
    ) -> tuple[Sequence[Mapping[str, Any]], int | None]:
        """A page of the company's contacts and the user's own, by id, and the `after` of the next one."""
        found = await self._store.page([COMPANY, user] if user else [COMPANY], after, limit + 1)
        page = found[:limit]
        return [contact_shown(contact) for contact in page], page[-1].id if len(found) > limit else None

    async def numbers_of(self, question: str, user: str) -> Collection[str]:
        """What the numbers have in common of those whom a search finds in the company's book and the user's own.

        None where no name is asked for: a number is looked for among numbers.
        """
        owners = [owner for owner in dict.fromkeys((COMPANY, user)) if owner in self._names]
        if not owners or not is_name(question):
            return ()
        ids = await self._store.named(owners, question)
        return [key for owner in owners for key in self._names.get(owner, _NOBODY).keys(ids)]

    async def owner_of(self, contact: int) -> str:
        """In whose book it stands.  Raises NotFound."""
        return (await self._get(contact)).owner

    async def export(self, owner: str, format_: str) -> tuple[str, str]:
        """The whole book in a format of `files.WRITTEN`, and a name for the file."""
        ending, write = WRITTEN[format_]
        contacts = await self._store.book(owner)
        text = await asyncio.to_thread(write, contacts)
        await in_turns(emptied(contacts), self._now)
        return text, f"{'private' if owner else 'company'}.{ending}"

    # Changing

    async def add(self, owner: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Raises Invalid, also where the book is full."""
        async with self._changing:
            contact = require_somebody(Contact(owner=owner, **checked_fields(fields)))
            self._require_space(owner)
            (contact,) = await self._keep([contact], lambda kept: self._tell(*kept))
            return contact_shown(contact)

    async def update(
        self, contact: int, revision: int, fields: Mapping[str, Any], *, owner: str | None = None
    ) -> Mapping[str, Any]:
        """Replace these fields, and move it to the book of `owner` where one is given.

        Raises NotFound, Invalid, and Conflict where it is not `revision` that is to be changed any more.
        """
        async with self._changing:
            before = await self._get(contact)
            if before.revision != revision:
                raise Conflict("Somebody else has changed this contact; look at it again.")
            to = before.owner if owner is None else owner
            changed = replace(before, owner=to, revision=revision + 1, **checked_fields(fields))
            after = require_somebody(changed)
            if to != before.owner:
                self._require_space(to)

            def tell(kept: Sequence[Contact]) -> None:
                if to != before.owner:
                    self._publish(before.owner, contact, None)
                self._tell(*kept)

            await self._keep([after], tell, before=[before])
            return contact_shown(after)

    async def remove(self, contact: int) -> None:
        """Raises NotFound."""
        async with self._changing:
            await self._surely(self._remove(await self._get(contact)))

    async def take_in(self, owner: str, format_: str, data: str | bytes) -> Imported:
        """Import a file in a format of `files.READ`."""
        async with self._changing:
            book, faults = await self._store.book(owner), Faults()
            drafts = READ[format_](text_of(data), faults)
            merged = await in_turns(merge(book, drafts, faults, owner=owner, key=self._key), self._now)
            done = Imported(len(merged.added), len(merged.changed), merged.same, tuple(faults.all()))
            kept: list[Contact] = []
            if merged.added or merged.changed:
                kept = await self._keep(
                    [*merged.added, *(after for _, after in merged.changed)],
                    lambda _: self._publish(owner, 0, None),
                    before=[before for before, _ in merged.changed],
                )
        await in_turns(emptied(book, merged.added, merged.changed, kept), self._now)
        return done

    # Inside

    async def _keep(
        self, contacts: Sequence[Contact], tell: Callable[[Sequence[Contact]], None], before: Sequence[Contact] = ()
    ) -> list[Contact]:
        """Write these, know them in the place of those `before`, and `tell`."""

        async def work() -> list[Contact]:
            kept = await self._store.put(contacts)
            await in_turns(self._relearn({contact.id: contact for contact in before}, kept), self._now)
            tell(kept)
            return kept

        return await self._surely(work())

    async def _remove(self, contact: Contact) -> None:
        await self._store.remove(contact.id)
        self._forget(contact)
        self._publish(contact.owner, contact.id, None)

    async def _surely[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Whole, even where who asked for it has gone meanwhile: what is written has to be known, too."""
        return await asyncio.shield(self._tasks.spawn(work, name="change"))

    async def _get(self, contact: int) -> Contact:
        found = await self._store.get(contact)
        if found is None:
            raise NotFound("There is no such contact.")
        return found

    def _require_space(self, owner: str) -> None:
        if len(self._names.get(owner, _NOBODY)) >= MOST_CONTACTS:
            raise Invalid(f"This phonebook is full: it holds {MOST_CONTACTS} contacts.")

    def _learn(self, contact: Contact) -> None:
        self._names.setdefault(contact.owner, Names()).learn(contact, keys_of(contact, self._key))

    def _relearn(self, before: Mapping[int, Contact], contacts: Iterable[Contact]) -> Generator[None]:
        for contact in contacts:
            if (known := before.get(contact.id)) is not None:
                self._forget(known)
            self._learn(contact)
            yield

    def _forget(self, contact: Contact) -> None:
        if (names := self._names.get(contact.owner)) is not None:
            names.forget(contact, keys_of(contact, self._key))
            if not names:
                del self._names[contact.owner]

    def _tell(self, contact: Contact) -> None:
        self._publish(contact.owner, contact.id, contact_shown(contact))

    def _publish(self, owner: str, contact: int, shown: Mapping[str, Any] | None) -> None:
        book = "private" if owner else "company"
        self._bus.publish(PhonebookChanged(book=book, user=owner, id=contact, contact=shown))

    def _all_users(self) -> frozenset[str]:
        return frozenset(user.name for user in self._directory.users())

    def _heard(self, _: Event) -> None:
        """Whoever is made under the name of somebody who was removed does not read their book."""
        before, self._owners = self._owners, self._all_users()
        for user in sorted(before - self._owners):
            self._names.pop(user, None)
            self._tasks.spawn(self._forget_book(user), name=f"forget the book of {user}")

    async def _forget_book(self, user: str) -> None:
        try:
            async with self._changing:
                await self._store.remove_book(user)
                self._names.pop(user, None)
        except PbxError as error:
            _LOGGER.warning("The phonebook of %s is still on the disk: %s", user, error)
