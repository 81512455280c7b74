"""Contacts as hypothesis makes them up, and what was told of a file."""

from hypothesis import strategies as st

from pbx_lite.features.phonebook.contact import LABELS, name_of, one_line, some_lines, without_doubles
from pbx_lite.features.phonebook.draft import Faults
from pbx_lite.store.phonebook import Contact

_TEXT = st.text(max_size=30).map(one_line)
_NUMBER = st.text("0123456789 ()/.*#-", max_size=18).map(lambda rest: one_line(f"+4{rest}"))
PEOPLE = st.builds(
    Contact,
    first=_TEXT,
    last=_TEXT,
    company=_TEXT,
    email=_TEXT,
    note=st.text(max_size=80).map(some_lines),
    numbers=st.lists(st.tuples(st.sampled_from(LABELS), _NUMBER), max_size=10).map(without_doubles),
).filter(lambda contact: bool(name_of(contact)))


def told(faults: Faults) -> list[tuple[int, str]]:
    return [(fault.line, fault.text) for fault in faults.all()]
