"""A PBX that runs alone, with the people and doors that the figures need."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pbx_lite.sip.address import Address
from tests.support.pbx import PbxProcess

PEOPLE = {"anna": "101", "ben": "102"}


def household(folder: Path, *, rings: Sequence[str] = ("anna", "ben"), doors: int = 1) -> PbxProcess:
    """Doors 150, 151 … ring these people; every account's password is `secret` and its number."""
    roles = {"family": {"see": ["*"], "open": ["*"]}}
    return PbxProcess(
        folder,
        roles=roles,
        users=[_user(name, extension) for name, extension in PEOPLE.items()],
        doors=[_door(150 + number, rings) for number in range(doors)],
    )


def sip_of(pbx: PbxProcess) -> Address:
    return Address("udp", "127.0.0.1", pbx.sip_port)


def _user(name: str, extension: str) -> dict[str, Any]:
    return {"name": name, "extension": extension, "password": f"secret{extension}", "roles": ["family"]}


def _door(extension: int, rings: Sequence[str]) -> dict[str, Any]:
    account = {"name": f"door{extension}", "extension": str(extension), "password": f"secret{extension}"}
    return {**account, "model": "generic", "rings": list(rings), "open": [{"dtmf": "00#"}]}
