"""Phonebooks as files: which formats there are, and which encoding a file has."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from pbx_lite.features.phonebook import fritzbox, table, vcard
from pbx_lite.features.phonebook.draft import Draft, Faults
from pbx_lite.store.phonebook import Contact

READ: Mapping[str, Callable[[str, Faults], Iterator[Draft | None]]] = {
    "vcard": vcard.read,
    "csv": table.read,
    "fritzbox": fritzbox.read,
}
"""Each gives somebody as soon as they are read, and None after a line or so in which nobody ends."""
WRITTEN: Mapping[str, tuple[str, Callable[[Sequence[Contact]], str]]] = {
    "vcard": ("vcf", vcard.write),
    "csv": ("csv", table.write),
}
"""What names of such files end with, and who writes them."""


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
