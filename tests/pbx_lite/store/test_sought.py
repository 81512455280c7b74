import pytest

from pbx_lite.store.sought import parts, sought


def found(question: str, *texts: str) -> bool:
    entry = sought(*texts)
    return all(any(part in entry for part in spellings) for spellings in parts(question))


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("And Muster", "Max-Andreas Mustermann", True),
        ("muster and", "Max-Andreas Mustermann", True),
        ("And Meier", "Max-Andreas Mustermann", False),
        ("muller", "Jürgen Müller", True),
        ("mueller", "Jürgen Müller", True),
        ("müller", "Jürgen Mu\u0308ller", True),
        ("mueller", "Jürgen Mu\u0308ller", True),
        ("strasse", "Lange Straße", True),
        ("soerensen", "Sørensen", True),
        ("djokovic", "Đoković", True),
        ("030 12-34", "+49301234", True),
        ("0049 30 1234", "+49301234", True),
        ("(030) 1234", "Amt 030/12 34", True),
        ("<b>", "<b>Bold</b>", True),
        ("יעל", "יעל כהן", True),
        ("🌹", "Rosi 🌹", True),
        ("", "anybody", True),
    ],
)
def test_parts_of_words_are_found_in_any_order_and_spelling(question: str, text: str, answers: bool) -> None:
    assert found(question, text) is answers


def test_a_number_is_not_found_over_the_border_of_two() -> None:
    assert found("102", "Ben", "102", "103")
    assert not found("2103", "Ben", "102", "103")


def test_who_asks_for_everything_asks_for_eight_words() -> None:
    assert len(parts("a " * 500)) == 8
