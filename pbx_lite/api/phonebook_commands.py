"""What a client may ask of phonebooks: all read the company's, some change it, and everybody has one of their own."""

from typing import Any

from pbx_lite.api import phonebook_schema as schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.payload import SENT_LIMIT, decoded
from pbx_lite.api.phonebook_facade import Phonebook
from pbx_lite.errors import Forbidden, Invalid, NotFound, Unavailable

_ABOUT = frozenset({"book", "contact", "revision"})


@command("phonebook/list", schema.LIST)
async def contacts(ask: Ask) -> dict[str, Any]:
    """A page of the company's book and the asker's own, by id; `next` is the `after` of the following one."""
    asker = ask.asker
    page, after = await there(ask.services.phonebook).contacts(asker, after=ask["after"], limit=ask["limit"])
    return {"contacts": list(page), "next": after}


@command("phonebook/add", schema.ADD)
async def add(ask: Ask) -> dict[str, Any]:
    owner = _to_change(ask, _owner(ask))
    return {"contact": await there(ask.services.phonebook).add(owner, _details(ask))}


@command("phonebook/update", schema.UPDATE)
async def update(ask: Ask) -> dict[str, Any]:
    """Replace what is given; with another `book` the contact moves there."""
    book = await _of_contact(ask)
    owner = _to_change(ask, _owner(ask)) if "book" in ask.fields else None
    return {"contact": await book.update(ask["contact"], ask["revision"], _details(ask), owner=owner)}


@command("phonebook/remove", schema.REMOVE)
async def remove(ask: Ask) -> dict[str, Any]:
    await (await _of_contact(ask)).remove(ask["contact"])
    return {}


@command("phonebook/import", schema.IMPORT)
async def take_in(ask: Ask) -> dict[str, Any]:
    owner = _to_change(ask, _owner(ask))
    data: str | bytes = ask["data"]
    if ask["encoding"] == "base64":
        data = await decoded(ask["data"], schema.FILE_LIMIT) or b""
    elif len(data) > schema.FILE_LIMIT:
        raise Invalid(f"data: a file has up to {schema.FILE_LIMIT // 1024**2} MB")
    done = await there(ask.services.phonebook).take_in(owner, ask["format"], data)
    faults = [{"line": fault.line, "text": fault.text} for fault in done.faults]
    return {"added": done.added, "changed": done.changed, "same": done.same, "faults": faults}


@command("phonebook/export", schema.EXPORT)
async def export(ask: Ask) -> dict[str, Any]:
    text, name = await there(ask.services.phonebook).export(_owner(ask), ask["format"])
    if len(text) > SENT_LIMIT:
        raise Unavailable("This phonebook is too large to be sent.")
    return {"data": text, "name": name}


@command("phonebook/names", schema.NAMES)
async def names(ask: Ask) -> dict[str, Any]:
    """What the asker's phonebooks call these numbers, written or dialled; those that they do not know are left out."""
    asker, book = ask.asker, there(ask.services.phonebook)
    found = {
        number: book.name_of(number, asker) or book.name_of(number, asker, dialled=True) for number in ask["numbers"]
    }
    return {"names": {number: name for number, name in found.items() if name}}


def _details(ask: Ask) -> dict[str, Any]:
    return {key: value for key, value in ask.fields.items() if key not in _ABOUT}


def _owner(ask: Ask) -> str:
    """Whose book the field `book` means.  Raises Forbidden for strangers and Invalid where nobody is there."""
    asker = ask.asker
    if ask["book"] == "company":
        return ""
    if not asker:
        raise Invalid("book: only a user of the PBX has a private phonebook.")
    return asker


def _to_change(ask: Ask, owner: str) -> str:
    """The owner, for who may change that book.  Raises Forbidden."""
    if not owner and not ask.may_all and not ask.services.directory.may_phonebook(ask.by):
        raise Forbidden("You may not change the company's phonebook; put it into your own.")
    return owner


async def _of_contact(ask: Ask) -> Phonebook:
    """The books, for who may change the field `contact`.  Contacts of others do not exist.  Raises PbxError."""
    asker, book = ask.asker, there(ask.services.phonebook)
    owner = await book.owner_of(ask["contact"])
    if owner and owner != asker:
        raise NotFound("There is no such contact.")
    _to_change(ask, owner)
    return book
