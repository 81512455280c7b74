"""Phonebooks that a FRITZ!Box saved."""

from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.features.phonebook import fritzbox
from pbx_lite.features.phonebook.draft import Draft, Faults
from tests.pbx_lite.features.phonebook.people import told

SAVED = """<?xml version="1.0" encoding="iso-8859-1"?>
<phonebooks>
<phonebook owner="1" name="Telefonbuch"><contact><category>0</category>
<person><realName>Müller &amp; Söhne, Jörg</realName><imageURL>/x.jpg</imageURL></person>
<telephony nid="4"><number type="work" prio="1" id="0">089 4711</number><number type="fax_work" id="1">089 4712</number>
<number type="mobile" quickdial="1" vanity="" id="2">0170
 1</number><number type="intern" id="3">**620</number></telephony>
<services nid="1"><email classifier="private" id="0">j@example.org</email></services>
<setup /><mod_time>1700000000</mod_time><uniqueid>12</uniqueid></contact>
<contact><person><realName>Oma</realName></person><telephony><number type="home"></number></telephony></contact>
</phonebook>
</phonebooks>
"""


def read(text: str) -> tuple[list[Draft], list[tuple[int, str]]]:
    faults = Faults()
    return [draft for draft in fritzbox.read(text, faults) if draft is not None], told(faults)


def test_a_saved_phonebook_is_read() -> None:
    (joerg, oma), faults = read(SAVED)
    assert (joerg.first, joerg.last, joerg.email, joerg.line) == ("Jörg", "Müller & Söhne", "j@example.org", 3)
    assert joerg.numbers == [("work", "089 4711"), ("fax", "089 4712"), ("mobile", "0170 1"), ("other", "**620")]
    assert (oma.first, oma.line, faults) == ("Oma", 10, [])
    contact = oma.contact("", Faults())
    assert contact is not None
    assert contact.numbers == ()


def test_a_broken_one_is_read_as_far_as_it_goes() -> None:
    drafts, faults = read(SAVED.replace("<contact><person>", "<contact <person>"))
    assert [draft.first for draft in drafts] == ["Jörg"]
    assert [line for line, _ in faults] == [10]
    assert [line for line, _ in read("")[1]] == [1]


def test_what_would_grow_without_end_is_refused() -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><phonebooks>&b;</phonebooks>'
    assert read(bomb) == ([], [(2, "This file is not of a FRITZ!Box.")])


@given(st.text(max_size=40), st.integers(0, len(SAVED)))
def test_nothing_makes_it_fall_over(text: str, place: int) -> None:
    for broken in (text, SAVED[:place] + text + SAVED[place:], SAVED[:place]):
        for draft in read(broken)[0]:
            draft.contact("", Faults())
