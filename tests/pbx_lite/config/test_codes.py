"""The codes, and what docs/calls.md says of them."""

import re
from pathlib import Path

import pytest

from pbx_lite.config import load
from pbx_lite.config.codes import ALONE, DEFAULT_CODES, FOLLOWED

DOCUMENT = (Path(__file__).parents[3] / "docs" / "calls.md").read_text(encoding="utf-8")


def test_every_code_means_one_thing_alone_and_one_thing_followed() -> None:
    for kind in (ALONE, FOLLOWED):
        codes = [code for feature, code in DEFAULT_CODES.items() if feature in kind]
        assert len(set(codes)) == len(codes)
    assert DEFAULT_CODES.keys() == ALONE | FOLLOWED


def test_every_code_is_documented() -> None:
    table = DOCUMENT.partition("## What can be dialled")[2].partition("##")[0]
    told = set(re.findall(r"`(\*\d+)`", table.partition("are those of")[0]))
    assert told == set(DEFAULT_CODES.values())
    assert set(re.findall(r"`([a-z_]+)`", DOCUMENT.partition("under `codes`:")[2])) == DEFAULT_CODES.keys()


def test_the_example_can_be_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANNA", "KITCHEN", "STUDY"):
        monkeypatch.setenv(f"{name}_PASSWORD", "x")
    file = tmp_path / "pbx.yaml"
    file.write_text(DOCUMENT.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    config = load(file)
    assert (config.users[0].mobile, config.users[0].codecs) == ("+49171555777", ("opus", "G722", "PCMA"))
    assert dict(config.calling.codes) == {"do_not_disturb": "*21", "echo": ""}
