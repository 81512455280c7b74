"""What somebody is refused with is known by a reason, and the panel has words for it."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx_lite.api.reasons import SENTENCES, reason_of

ROOT = Path(__file__).parents[3]
WORDS = ROOT / "custom_components/pascom/frontend/src/translations/faults/en.json"
ROOMS = ("api", "calls", "directory", "features", "store", "config/runtime.py")
ERRORS = {"NotFound", "Conflict", "Forbidden", "Busy", "Invalid", "Unavailable", "PbxError", "MediaError", "SipError"}
# What nobody at a panel gets to read: of programs' mistakes, of automations alone, or within another sentence.
ELSEWHERE = {
    "api/control.py",
    "api/listening.py",
    "api/pairing.py",
    "api/server.py",
    "calls/bindings.py",
    "features/announce/fetching.py",
    "features/trunks/line.py",
    "features/trunks/routes.py",
    "store/database.py",
}
UNTOLD = (
    "A browser calls for a person; say for whom.",
    "A frame is a JSON object.",
    "All media ports of ",
    "Authenticate first.",
    "Files of the PBX are played by automations alone; give an http address.",
    "Give ",
    "It said that it would, and did not.",
    "The account is gone.",
    "The offer ",
    "The PBX listens nowhere.",
    "The phone refused NOTIFY ",
    "The session was closed while it was being answered",
    "The station refused the key by SIP INFO: ",
    "There is no model ",
    "This PBX was built without what ",
    "This is not JSON.",
    "This room has no limit.",
    "This session has been answered or closed already",
    "box: say whose",
    "data: this is not base64",
    "id: a command has a number from 1 on",
    "it takes no sound.",
    "A message has between 1 and ",
    "targets: an announcement speaks to up to ",
    # Composed: each of what they become is tried below.
    "There is no x named ",
    "model: ",
    "music: ",
    "x may not x x.",
    "x registered.",
)
"""How those begin."""
TECHNICAL = {"features/doorbell/http.py", "features/announce/announce.py"}
"""Of stations and servers: what they answered is in it, and an administrator looks for that."""


def _raised() -> Iterator[tuple[str, str]]:
    """Where sentences stand, and what they say where `x` stands for what is put in."""
    for room in ROOMS:
        path = ROOT / "pbx_lite" / room
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            where = str(file.relative_to(ROOT / "pbx_lite"))
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                if node.func.id in ERRORS and node.args and (said := _said(node.args[0])):
                    yield f"{where}:{node.lineno}", said


def _said(node: ast.expr) -> str:
    """Empty where it is composed elsewhere, or of what is put in alone."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = [str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values]
    return "".join(parts)


def test_every_refusal_that_a_person_can_meet_has_a_reason() -> None:
    raised = [
        (where, said)
        for where, said in _raised()
        if where.partition(":")[0] not in ELSEWHERE | TECHNICAL and not said.startswith(UNTOLD)
    ]
    assert len(raised) > 100
    unknown = [f"{where}: {said}" for where, said in raised if reason_of(said) is None]
    assert not unknown, f"no language has words for these; see pbx_lite/api/reasons.py: {unknown}"


def test_the_panels_english_is_the_pbxs() -> None:
    words = json.loads(WORDS.read_text(encoding="utf-8"))
    assert {reason: words.get(reason) for reason in SENTENCES} == SENTENCES


@pytest.mark.parametrize("kind", ["user", "door", "room", "team", "role", "device", "profile", "trunk", "workplace"])
def test_nobody_of_that_name_has_a_reason_for_every_kind_of_thing(kind: str) -> None:
    assert reason_of(f"There is no {kind} named x y.") == (f"no_{kind}", {"name": "x y"})


@pytest.mark.parametrize(
    ("said", "reason", "values"),
    [
        ("This call does not ring any more.", "rings_no_more", {}),
        ("Ben may not talk to Front door.", "may_not_talk", {"user": "Ben", "name": "Front door"}),
        ("Ben may not open Gate.", "may_not_open", {"user": "Ben", "name": "Gate"}),
        ("Ben may not open Gate: no role of theirs allows it.", "may_not_open_role", {"user": "Ben", "name": "Gate"}),
        ("phone of Ben is not registered.", "not_registered", {"device": "phone", "name": "Ben"}),
        ("Ben (.*) {x} is in a call.", "in_call", {"name": "Ben (.*) {x}"}),
        ("two\nlines is full.", "room_full", {"name": "two\nlines"}),
    ],
)
def test_a_sentence_is_known_with_what_stands_in_it(said: str, reason: str, values: dict[str, str]) -> None:
    assert reason_of(said) == (reason, values)


@pytest.mark.parametrize("said", ["", "Nobody has ever said this.", "This call does not ring any more. Really."])
def test_other_sentences_have_none(said: str) -> None:
    assert reason_of(said) is None
