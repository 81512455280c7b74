from dataclasses import fields, replace

from pbx_lite.values import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and self.name.lower() == other.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())


@dataclass(slots=True)
class Counter:
    count: int = 0


def test_values_are_equal_and_hashed_by_what_they_hold() -> None:
    assert Point(1, 2) == Point(1, 2) != Point(2, 1)
    assert {Point(1), Point(1), Point(2)} == {Point(1), Point(2)}


def test_values_are_dataclasses_for_all_that_reads_them() -> None:
    assert replace(Point(1, 2), y=5) == Point(1, 5)
    assert [field.name for field in fields(Point)] == ["x", "y"]
    assert repr(Point(1)) == "Point(x=1, y=0)"
    assert not hasattr(Point(1), "__dict__")


def test_a_value_may_say_itself_what_equal_means() -> None:
    assert {Named("Anna"), Named("anna")} == {Named("ANNA")}


def test_what_is_not_frozen_has_no_hash() -> None:
    assert Counter.__hash__ is None
