"""Phonebooks as files: which formats there are, and which encoding a file has."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pbx_lite.features.phonebook import table, vcard
from pbx_lite.features.phonebook.draft import Draft, Faults
from pbx_lite.store.phonebook import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """`ending` is what names of such files end with."""

    ending: str
    read: Callable[[str, Faults], Iterator[Draft]]
    write: Callable[[Sequence[Contact]], str]


FORMATS: Mapping[str, Format] = {
    "vcard": Format(ending="vcf", read=vcard.read, write=vcard.write),
    "csv": Format(ending="csv", read=table.read, write=table.write),
}


def text_of(data: str | bytes) -> str:
    """The text of a file; one that is not UTF-8 is from an older Windows."""
    if isinstance(data, str):
        return data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
