"""vCards as telephones and programs export them."""

from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.features.phonebook import vcard
from pbx_lite.features.phonebook.draft import Draft, Faults
from pbx_lite.store.phonebook import Contact
from tests.pbx_lite.features.phonebook.people import PEOPLE, told

ANDROID = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg=20M=C3=BCller
TEL;CELL;PREF:+49 170 1234567
TEL;HOME;FAX:(089) 12 34-5
TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=53=6B=69):0049 89 99
EMAIL;HOME:joerg@example.org
NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Erste Zeile=0D=0A=
zweite; und =
Schluss
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEB
 AQEBAQEBAQEBAQEBAQEBAQEB=
/9j/2wCEAAEB

END:VCARD
"""
IPHONE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iPhone OS 18.1//EN
N:Berger;Anna;Maria;Dr.;MBA
FN:Dr. Anna Maria Berger MBA
ORG:Praxis am Markt\\, Miesbach;Empfang
item1.TEL;type=pref:08025 4711
item1.X-ABLabel:_$!<HomeFAX>!$_
item2.TEL:+49 8025 4712
item2.X-ABLabel:Arbeit (Durchwahl)
TEL;type=IPHONE;type=CELL;type=VOICE:\u202a+49 151 234\u202c
EMAIL;type=INTERNET;type=HOME:anna@example.org
EMAIL;type=INTERNET;type=WORK;type=pref:praxis@example.org
NOTE:Mag \\nTee\\; keinen Kaffee \\\\o/
END:VCARD
"""
OUTLOOK = """BEGIN:VCARD
VERSION:2.1
X-MS-SIGNATURE:YES
N;LANGUAGE=de;CHARSET=Windows-1252:Söder;Günther
FN;CHARSET=Windows-1252:Günther Söder
ORG;CHARSET=Windows-1252:Bäckerei Söder
TEL;WORK;VOICE:+49 (89) 12345-0
TEL;HOME;VOICE:
TEL;WORK;FAX:+49 (89) 12345-9
X-MS-OL-DESIGN;CHARSET=utf-8:<card xmlns="http://schemas.microsoft.com/x" ver="1.0"><img align="left"/></card>
REV:20261121T100000Z
END:VCARD
"""
NEXTCLOUD = """BEGIN:VCARD
VERSION:4.0
UID:3f7a
FN:Eva Huber
N:Huber;Eva;;;
TEL;VALUE=uri;PREF=1;TYPE="cell,voice":tel:+49-170-222;ext=5
TEL;TYPE="WORK":089 1
ORG:Praxis;Abteilung
END:VCARD
BEGIN:VCARD
VERSION:4.0
KIND:group
FN:Family
MEMBER:urn:uuid:3f7a
END:VCARD
"""


def read(text: str) -> tuple[list[Draft], list[tuple[int, str]]]:
    faults = Faults()
    return [draft for draft in vcard.read(text, faults) if draft is not None], told(faults)


def one(text: str) -> Draft:
    (draft,), faults = read(text)
    assert faults == []
    return draft


def card(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])


def test_an_export_of_android_is_read() -> None:
    draft = one(ANDROID)
    assert (draft.first, draft.last, draft.email) == ("Jörg", "Müller", "joerg@example.org")
    assert draft.numbers == [("mobile", "+49 170 1234567"), ("fax", "(089) 12 34-5"), ("other", "0049 89 99")]
    assert draft.note == "Erste Zeile\r\nzweite; und Schluss"


def test_an_export_of_an_iphone_is_read() -> None:
    draft = one(IPHONE)
    assert (draft.first, draft.last, draft.company) == ("Dr. Anna Maria", "Berger MBA", "Praxis am Markt, Miesbach")
    assert draft.email == "praxis@example.org"
    assert draft.note == "Mag \nTee; keinen Kaffee \\o/"
    contact = draft.contact("", Faults())
    assert contact is not None
    assert contact.numbers == (("fax", "08025 4711"), ("work", "+49 8025 4712"), ("mobile", "+49 151 234"))


def test_an_export_of_outlook_is_read() -> None:
    draft = one(OUTLOOK)
    assert (draft.first, draft.last, draft.company) == ("Günther", "Söder", "Bäckerei Söder")
    contact = draft.contact("", Faults())
    assert contact is not None
    assert contact.numbers == (("work", "+49 (89) 12345-0"), ("fax", "+49 (89) 12345-9"))


def test_an_export_of_nextcloud_is_read_and_groups_are_nobody() -> None:
    draft = one(NEXTCLOUD)
    assert (draft.first, draft.last, draft.company) == ("Eva", "Huber", "Praxis")
    assert draft.numbers == [("mobile", "+49-170-222"), ("work", "089 1")]


def test_quoted_printable_is_in_the_encoding_that_it_says() -> None:
    assert one(card("N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg")).last == "Müller"
    assert one(card("N;ENCODING=QUOTED-PRINTABLE:M=FCller")).last == "Müller"
    assert one(card("N;CHARSET=no-such;ENCODING=QUOTED-PRINTABLE:M=C3=BCller")).last == "Müller"
    assert one(card("FN;ENCODING=b:SsO2cmc=")).first == "Jörg"


def test_long_lines_go_on_in_the_next() -> None:
    assert one(card("FN:Anna Maria Magda", " lena Ber", "\tger", "TEL:1", " 2")).last == "Berger"
    assert one(card("TEL:1", " 2", "FN:A")).numbers == [("other", "12")]


def test_who_has_no_name_is_called_by_their_company_or_number() -> None:
    company = one(card("N:;;;;", "FN:Rohr & Söhne", "ORG:Rohr & Söhne", "TEL:1"))
    assert (company.first, company.last, company.company) == ("", "", "Rohr & Söhne")
    number = one(card("N:;;;;", "FN:089 4711", "TEL:089 4711"))
    assert (number.first, number.last) == ("", "")
    assert (one(card("FN:Anna Maria Berger")).first, one(card("FN:Berger, Anna")).first) == ("Anna Maria", "Anna")
    assert one(card("NICKNAME:Oma", "TEL:1")).first == "Oma"


def test_a_secretary_within_a_card_is_left_out() -> None:
    text = card("FN:Boss", "AGENT:", "BEGIN:VCARD", "FN:Secretary", "TEL:2", "END:VCARD", "TEL:1")
    assert (one(text).first, one(text).numbers) == ("Boss", [("other", "1")])


def test_what_is_broken_costs_itself_alone_and_its_line_is_told() -> None:
    broken = "TEL:1\n" + card("FN:Eva", "no colon here", 'TEL;TYPE="cell:5') + "BEGIN:VCARD\nFN:Ben\n" + card("FN:Carl")
    drafts, faults = read(broken + "END:VCARD\n")
    assert [draft.first for draft in drafts] == ["Eva", "Ben", "Carl"]
    assert [line for line, _ in faults] == [1, 5, 6, 8, 14]
    assert faults[0][1] == "This belongs to no card."
    assert faults[1][1] == "'no colon here' cannot be understood."
    assert faults[3][1] == "This card has no end."


def test_lines_are_written_as_the_rfc_says() -> None:
    text = vcard.write([Contact(first="Ä" * 60, last="Berger; Huber, Wolf", note="a\nb\\")])
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "Berger\\; Huber\\, Wolf;" in text
    assert "NOTE:a\\nb\\\\" in lines


@given(st.lists(PEOPLE, max_size=3))
def test_what_is_written_is_read_again(contacts: list[Contact]) -> None:
    drafts, faults = read(vcard.write(contacts))
    assert [draft.contact("", Faults()) for draft in drafts] == contacts
    assert faults == []


LINES = st.sampled_from(
    [
        "BEGIN:VCARD",
        "END:VCARD",
        "N:a;b",
        "TEL;CELL:1",
        "AGENT:",
        "NOTE;ENCODING=QUOTED-PRINTABLE:=C3=",
        " x",
        "",
        '"',
        "FN",
    ]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=20).map("\n".join))
def test_nothing_makes_it_fall_over(text: str) -> None:
    drafts, faults = read(text)
    assert all(1 <= draft.line <= text.count("\n") + text.count("\r") + 1 for draft in drafts)
    assert all(line >= 1 for line, _ in faults)
    for draft in drafts:
        draft.contact("", Faults())
