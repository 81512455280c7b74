import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip.message import Headers
from pbx_lite.sip.replaces import Replaces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("98732@home;from-tag=r33th4x0r;to-tag=ff87ff", Replaces("98732@home", "ff87ff", "r33th4x0r")),
        ("12adf2f34456gs5;to-tag=12345;from-tag=54321", Replaces("12adf2f34456gs5", "12345", "54321")),
        (" a ; to-tag = b ; from-tag=c ; early-only", Replaces("a", "b", "c", early_only=True)),
        ("a;FROM-TAG=c;x=y;To-Tag=b", Replaces("a", "b", "c")),
    ],
)
def test_a_replaces_is_read(text: str, expected: Replaces) -> None:
    assert Replaces.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "a", "a;to-tag=b", "a;from-tag=b", ";to-tag=a;from-tag=b", "a b;to-tag=a;from-tag=b", "a;to-tag=;from-tag=b"],
)
def test_a_faulty_one_is_told_so(text: str) -> None:
    with pytest.raises(ParseError):
        Replaces.parse(text)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [("Replaces", "a;to-tag=b;from-tag=c"), ("Replaces", "d;to-tag=e;from-tag=f")],
        [("Replaces", "a;to-tag=b;from-tag=c"), ("Join", "d;to-tag=e;from-tag=f")],
        [("Replaces", "x" * 600 + ";to-tag=b;from-tag=c")],
    ],
)
def test_an_invite_takes_the_place_of_one_dialog(fields: list[tuple[str, str]]) -> None:
    with pytest.raises(ParseError):
        Replaces.of(Headers(fields))
