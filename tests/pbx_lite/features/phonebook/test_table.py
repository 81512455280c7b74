"""Tables as spreadsheets, Google and Outlook export them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.features.phonebook import table
from pbx_lite.features.phonebook.draft import Draft, Faults
from pbx_lite.features.phonebook.files import text_of
from pbx_lite.store.phonebook import Contact
from tests.pbx_lite.features.phonebook.people import PEOPLE, told

GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,"
    "Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
    'Eva,,Huber,,Dr.,,,,Praxis,"Mag Tee\nund Kuchen",* myContacts,* Work,eva@example.org,'
    "Mobile,+49 170 1 ::: 0171 2,Work Fax,089 9\n"
)
GOOGLE_OF_OLD = (
    "Name,Given Name,Additional Name,Family Name,Organization 1 - Name,Phone 1 - Type,Phone 1 - Value\n"
    "Eva Huber,Eva,,Huber,Praxis,Work,089 1\n"
)
OUTLOOK = (
    "First Name,Last Name,Company,Business Fax,Business Phone,Business Phone 2,Home Phone,Mobile Phone,E-mail Address,"
    "E-mail Type,TTY/TDD Phone,Notes,Home Street\n"
    'Eva,Huber,Praxis,089 9,089 1,089 2,08025 3,0170 4,eva@example.org,SMTP,5,,"Hauptstr. 5"\n'
)
OUTLOOK_IN_GERMAN = (
    "Anrede;Vorname;Weitere Vornamen;Nachname;Firma;Fax geschäftlich;Telefon geschäftlich;Telefon privat;Mobiltelefon;"
    "Weiteres Telefon;E-Mail-Adresse;Notizen;Hausnummer;Kundennummer\n"
    "Frau;Jörg;;Bäcker;Backstube;089 9;089 1;08025 3;0170 4;089 5;j@example.org;nett;7;12345\n"
)


def read(text: str) -> tuple[list[Draft], list[tuple[int, str]]]:
    faults = Faults()
    return [draft for draft in table.read(text, faults) if draft is not None], told(faults)


def one(text: str) -> Draft:
    (draft,), faults = read(text)
    assert faults == []
    return draft


def test_an_export_of_google_is_read() -> None:
    draft = one(GOOGLE)
    assert (draft.first, draft.last, draft.company, draft.email) == ("Dr. Eva", "Huber", "Praxis", "eva@example.org")
    assert draft.numbers == [("mobile", "+49 170 1"), ("mobile", "0171 2"), ("fax", "089 9")]
    assert draft.note == "Mag Tee\nund Kuchen"
    old = one(GOOGLE_OF_OLD)
    assert (old.first, old.last, old.company, old.numbers) == ("Eva", "Huber", "Praxis", [("work", "089 1")])


def test_an_export_of_outlook_is_read() -> None:
    draft = one(OUTLOOK)
    assert (draft.first, draft.last, draft.company, draft.email) == ("Eva", "Huber", "Praxis", "eva@example.org")
    assert draft.numbers == [
        ("fax", "089 9"),
        ("work", "089 1"),
        ("work", "089 2"),
        ("home", "08025 3"),
        ("mobile", "0170 4"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_an_export_of_a_german_outlook_is_read_in_every_encoding(encoding: str) -> None:
    draft = one(text_of(OUTLOOK_IN_GERMAN.encode(encoding)))
    assert (draft.first, draft.last, draft.company, draft.note) == ("Jörg", "Bäcker", "Backstube", "nett")
    assert draft.numbers == [
        ("fax", "089 9"),
        ("work", "089 1"),
        ("home", "08025 3"),
        ("mobile", "0170 4"),
        ("other", "089 5"),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_ones_own_is_read(separator: str) -> None:
    rows = [["Name", "Telefon", "Mobil", "Bemerkung"], ["Eva Huber", "089 1", "0170 4", "nett"], ["Oma", "", "5", ""]]
    drafts, faults = read("\n".join(separator.join(row) for row in rows))
    assert [(draft.first, draft.last, draft.numbers) for draft in drafts] == [
        ("Eva", "Huber", [("other", "089 1"), ("mobile", "0170 4")]),
        ("Oma", "", [("mobile", "5")]),
    ]
    assert faults == []


def test_each_fault_has_its_line() -> None:
    text = 'Name;Telefon;Notiz\n\nEva;1;"a\nb"\n;;nobody\nOma;Hauptstr. 5;\n' + "x" * 300 + ";1;\n"
    drafts, _ = read(text)
    faults = Faults()
    contacts = [draft.contact("", faults) for draft in drafts]
    assert [draft.line for draft in drafts] == [3, 5, 6, 7]
    assert [contact is None for contact in contacts] == [False, True, False, False]
    assert told(faults) == [
        (5, "There is neither a name nor a number."),
        (6, "'Hauptstr. 5' is no number."),
        (7, "first: the text is longer than 200 characters and was cut."),
    ]


def test_a_table_without_columns_that_are_known_is_told_so() -> None:
    assert read("1,2,3\n4,5,6") == (
        [],
        [(1, "The first line has to name the columns, such as First name, Last name, Phone 1.")],
    )
    assert read("") == ([], [])


def test_a_field_without_an_end_is_told() -> None:
    _, faults = read('Name,Phone\n"' + "x" * 200_000)
    assert [line for line, _ in faults] == [2]


def test_many_faults_are_counted() -> None:
    faults = Faults()
    for line in range(1, 151):
        faults.add(line, "bad")
    assert told(faults)[99:] == [(100, "bad"), (101, "50 more lines could not be taken over as they are.")]


@given(st.lists(PEOPLE, max_size=3))
def test_what_is_written_is_read_again(contacts: list[Contact]) -> None:
    drafts, faults = read(table.write(contacts))
    assert [draft.contact("", Faults()) for draft in drafts] == contacts
    assert faults == []


_CELLS = st.one_of(
    st.sampled_from(["Name", "Phone 1", "Phone 1 type", "Mobil", '"', '""', "\r", "\0"]), st.text(max_size=9)
)


@given(st.lists(st.lists(_CELLS, max_size=5), max_size=6), st.sampled_from(",;\t"))
def test_nothing_makes_it_fall_over(rows: list[list[str]], separator: str) -> None:
    drafts, faults = read("\n".join(separator.join(row) for row in rows))
    for draft in drafts:
        draft.contact("", Faults())
    assert all(line >= 1 for line, _ in faults)


@given(st.binary(max_size=50))
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(text_of(data), str)
