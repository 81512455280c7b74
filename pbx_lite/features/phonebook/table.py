"""Phonebooks as tables: CSV (RFC 4180) as spreadsheets, Google and Outlook write it, in English or German.

The first line names the columns; what separates them is seen there.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from pbx_lite.features.phonebook.contact import one_line
from pbx_lite.features.phonebook.draft import Draft, Faults, split_name
from pbx_lite.features.phonebook.labels import label_of
from pbx_lite.store.phonebook import Contact

_SEPARATORS = ",;\t"
_MOST_COLUMNS = 500
_SEVERAL = " ::: "
"""What Google puts between the values of one field."""
_TEXTS = {
    "name": ("name", "full name", "display name", "file as", "anzeigename", "vollständiger name", "kontakt"),
    "prefix": ("name prefix", "namenspräfix"),
    "first": ("first name", "first", "given name", "forename", "vorname"),
    "middle": ("middle name", "additional name", "weitere vornamen", "zweiter vorname"),
    "last": ("last name", "last", "family name", "surname", "nachname", "familienname"),
    "suffix": ("suffix", "name suffix", "namenssuffix"),
    "company": ("company", "organization", "organisation", "firma", "unternehmen", "organization name"),
    "email": ("email", "e-mail", "mail", "e-mail address", "email address", "primary email", "e-mail-adresse"),
    "note": ("note", "notes", "comment", "notiz", "notizen", "bemerkung", "bemerkungen", "anmerkung"),
}
_COLUMNS = {title: field for field, titles in _TEXTS.items() for title in titles}
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"organi[sz]ation 1 - name"), "company"),
    (re.compile(r"e-?mail (?:address )?1(?: - (?:value|wert))?"), "email"),
)
_NUMBERED = re.compile(r"(?:phone|telefon|number|nummer|tel\.?) ?(\d{1,2})(?: - (?:value|wert|nummer))?")
_LABELLED = re.compile(
    r"(?:phone|telefon|number|nummer|tel\.?) ?(\d{1,2})(?: -)? (?:type|label|typ|art|bezeichnung|beschriftung)"
)
_NUMBER = re.compile(
    r".*(?:phone|telefon|mobil|handy|fax|rufnummer|\btel\b|\bcell).*"
    r"|number|nummer|home|work|other|privat|geschäftlich|callback|rückmeldung|isdn|pager"
)
_NO_NUMBER = re.compile(r".*(?:type|label|typ\b|provider|tty|telex).*")
_TITLES = ("First name", "Last name", "Company", "Email", "Note")

type _Take = Callable[[Draft, dict[str, str], str], None]
"""Puts a cell where its column belongs; the dictionary holds what is only part of something."""


def read(text: str, faults: Faults) -> Iterator[Draft | None]:
    """Everybody in a table; empty lines are nobody."""
    text = text.removeprefix("\ufeff")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    line = 1
    columns: list[_Take | None] | None = None
    while True:
        begun = line
        try:
            row = next(rows, None)
        except csv.Error as error:
            faults.add(begun, f"The table cannot be read from here on: {error}.")
            return
        line = rows.line_num + 1
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            yield None
            continue
        if columns is not None:
            yield _draft(begun, columns, row)
            continue
        columns = _columns(row[:_MOST_COLUMNS])
        if not any(columns):
            faults.add(begun, "The first line has to name the columns, such as First name, Last name, Phone 1.")
            return


def write(contacts: Sequence[Contact]) -> str:
    """With a mark by which spreadsheets know the encoding."""
    most = max((len(contact.numbers) for contact in contacts), default=0)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        [*_TITLES, *(title for each in range(1, most + 1) for title in (f"Phone {each} type", f"Phone {each}"))]
    )
    for contact in contacts:
        numbers = [cell for pair in contact.numbers for cell in pair]
        writer.writerow([contact.first, contact.last, contact.company, contact.email, contact.note, *numbers])
    return f"\ufeff{out.getvalue()}"


def _separator(text: str) -> str:
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    return max(_SEPARATORS, key=first.count)


def _columns(titles: Sequence[str]) -> list[_Take | None]:
    return [_column(one_line(title).strip("'\"").casefold()) for title in titles]


def _column(title: str) -> _Take | None:
    field = _COLUMNS.get(title) or next((field for pattern, field in _PATTERNS if pattern.fullmatch(title)), None)
    if field is not None:
        return _text(field)
    if (found := _LABELLED.fullmatch(title)) is not None:
        return _text(f"label {found[1]}")
    if (found := _NUMBERED.fullmatch(title)) is not None:
        return _text(f"number {found[1]}")
    if _NUMBER.fullmatch(title) and not _NO_NUMBER.fullmatch(title):
        return _number(label_of([title]))
    return None


def _text(field: str) -> _Take:
    def take(_: Draft, parts: dict[str, str], cell: str) -> None:
        parts.setdefault(field, cell)

    return take


def _number(label: str) -> _Take:
    def take(draft: Draft, _: dict[str, str], cell: str) -> None:
        draft.numbers += [(label, each) for each in cell.split(_SEVERAL)]

    return take


def _draft(line: int, columns: Sequence[_Take | None], row: Sequence[str]) -> Draft:
    draft, parts = Draft(line=line), dict[str, str]()
    for take, cell in zip(columns, row, strict=False):
        if take is not None and cell.strip():
            take(draft, parts, cell)
    for key, cell in parts.items():
        kind, _, place = key.partition(" ")
        if kind == "number":
            label = label_of([parts.get(f"label {place}", "").casefold()])
            draft.numbers += [(label, each) for each in cell.split(_SEVERAL)]
    draft.first = one_line(f"{parts.get('prefix', '')} {parts.get('first', '')} {parts.get('middle', '')}")
    draft.last = one_line(f"{parts.get('last', '')} {parts.get('suffix', '')}")
    draft.company = parts.get("company", "")
    draft.email = parts.get("email", "").split(_SEVERAL)[0]
    draft.note = parts.get("note", "")
    name = one_line(parts.get("name", ""))
    if not draft.first and not draft.last and name != one_line(draft.company):
        draft.first, draft.last = split_name(name)
    return draft
