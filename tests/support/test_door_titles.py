"""Doors of end-to-end tests stay in the home until its end, so each has a title of its own."""

import ast
from collections import Counter
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "end_to_end"


def _titles(file: Path) -> list[str]:
    """Of the doors that a module adds to the home that all share."""
    calls = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call))
    adding = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "new_door")
    return [
        arg.value
        for call in adding
        for arg in call.args
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    ]


def test_no_two_doors_of_the_tests_have_one_title() -> None:
    titles = Counter(title for file in FOLDER.glob("*.py") for title in _titles(file))
    assert len(titles) > 10
    assert [title for title, times in titles.items() if times > 1] == []
