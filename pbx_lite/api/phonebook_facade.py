"""What the API needs of the phonebooks."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol


class Fault(Protocol):
    """What could not be taken over from a file, and the line where that stands, from 1 on."""

    @property
    def line(self) -> int: ...

    @property
    def text(self) -> str: ...


class Imported(Protocol):
    """How many contacts a file has added, changed and brought again."""

    @property
    def added(self) -> int: ...

    @property
    def changed(self) -> int: ...

    @property
    def same(self) -> int: ...

    @property
    def faults(self) -> Sequence[Fault]: ...


class Phonebook(Protocol):
    """The books.  `owner` is a user for their own, "" for the company's; contacts are as the wire has them."""

    def name_of(self, number: str, user: str = "", *, dialled: bool = False) -> str:
        """The name by which `user` knows a number, "" for none: of their own book, else of the company's.

        A number that was `dialled` may begin with the prefix of a line.
        """
        ...

    def own_name_of(self, number: str, user: str, *, dialled: bool = False) -> str:
        """The name in the user's own book alone."""
        ...

    def outward(self, number: str, user: str) -> str:
        """A number that stands in a book of the user's or the company's, in international form; "" for all others."""
        ...

    async def numbers_of(self, question: str, user: str) -> Collection[str]:
        """The numbers of those whom a search by name finds in the user's book and the company's, as the journal keeps
        them.
        """
        ...

    async def contacts(
        self, user: str, *, after: int = 0, limit: int = 500
    ) -> tuple[Sequence[Mapping[str, Any]], int | None]:
        """A page of the company's contacts and the user's own, by id, and the `after` of the next one."""
        ...

    async def owner_of(self, contact: int) -> str:
        """Raises NotFound."""
        ...

    async def add(self, owner: str, fields: Mapping[str, Any]) -> Mapping[str, Any]: ...

    async def update(
        self, contact: int, revision: int, fields: Mapping[str, Any], *, owner: str | None = None
    ) -> Mapping[str, Any]:
        """Raises Conflict where it is not `revision` that is changed; with `owner` it moves to their book."""
        ...

    async def remove(self, contact: int) -> None: ...

    async def take_in(self, owner: str, format_: str, data: str | bytes) -> Imported: ...

    async def export(self, owner: str, format_: str) -> tuple[str, str]:
        """The file's text and name."""
        ...
