"""Numbers as people and templates write them."""

import pytest

from custom_components.pascom.wire.dialled import as_number, matches


@pytest.mark.parametrize(
    ("written", "number"),
    [("102", "102"), (102, "102"), (" +49 89 1 ", "+49 89 1"), ("tel:+4989123456", "+4989123456"), ("*70", "*70")],
)
def test_a_number_may_be_written_in_many_ways(written: object, number: str) -> None:
    assert as_number(written) == number


@pytest.mark.parametrize("written", [4989123456, -1, "", "tel: ", True, None, 1.5])
def test_what_may_have_lost_its_plus_is_not_dialled(written: object) -> None:
    with pytest.raises(ValueError, match=r"plus sign|expected a number"):
        as_number(written)


def test_numbers_are_compared_as_people_write_them() -> None:
    assert matches([], ["101"])
    assert matches(["101"], ["102", "101"])
    assert not matches(["101"], ["1010"])
    assert matches(["+49 (89) 12-34*"], ["+498912345678"])
    assert matches(["anonymous"], ["anonymous"])
    assert not matches(["+4989*"], ["+4930123456"])
