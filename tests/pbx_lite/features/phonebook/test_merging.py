"""What an import makes of a book, whatever is in both."""

from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.features.phonebook.contact import MOST_NUMBERS
from pbx_lite.features.phonebook.draft import Draft, Faults
from pbx_lite.features.phonebook.merging import Merged, merge
from pbx_lite.features.trunks.numbers import key_of
from pbx_lite.store.phonebook import Contact
from tests.pbx_lite.features.phonebook.people import PEOPLE

FEW = st.builds(
    Contact,
    first=st.sampled_from(["Anna", "ANNA", "Ben"]),
    company=st.sampled_from(["", "Praxis"]),
    numbers=st.lists(
        st.tuples(st.just("home"), st.sampled_from(["089 1", "+49891", "089 2", "0893"])), max_size=3, unique=True
    ).map(tuple),
)


def merged(book: list[Contact], people: list[Contact]) -> Merged:
    drafts = []
    for line, person in enumerate(people, 1):
        fields = {key: value for key, value in asdict(person).items() if key not in {"id", "owner", "revision"}}
        drafts.append(Draft(line=line, **{**fields, "numbers": list(person.numbers)}))
    work = merge(book, drafts, Faults(), owner="", key=lambda number: key_of(number, country="49"))
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Merged = done.value
            return result


@given(st.lists(st.one_of(FEW, PEOPLE), max_size=5))
def test_a_file_that_is_imported_again_brings_nothing_new(people: list[Contact]) -> None:
    first = merged([], people)
    assert len(first.added) + first.same == len(people)
    book = [replace(contact, id=place) for place, contact in enumerate(first.added, 1)]
    again = merged(book, people)
    assert (again.added, again.changed, again.same) == ([], [], len(people))


@given(st.lists(FEW, max_size=4), st.lists(st.one_of(FEW, PEOPLE), max_size=4))
def test_nothing_that_stands_in_the_book_is_lost(book: list[Contact], people: list[Contact]) -> None:
    book = [replace(contact, id=place) for place, contact in enumerate(book, 1)]
    for before, after in merged(book, people).changed:
        assert after.numbers[: len(before.numbers)] == before.numbers
        assert len(after.numbers) <= MOST_NUMBERS
        assert (after.id, after.first, after.revision) == (before.id, before.first, before.revision + 1)
        assert before.company in {"", after.company}
