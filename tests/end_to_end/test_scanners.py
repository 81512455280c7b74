"""SIPVicious, the tool that scans for telephone systems, against the PBX: it learns nothing and is locked out."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pbx_lite.events import AccountRegistered, DoorRang, SourceLockedOut
from tests.support.house import EXTENSIONS, FRONT, House, house_of
from tests.support.ports import free_port

HONEST = "127.0.0.2"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async for house in house_of(tmp_path / "data", FRONT):
        yield house


async def vicious(tool: str, house: House, *arguments: str, within: float = 60.0) -> str:
    """What the tool prints."""
    program = shutil.which(tool) or shutil.which(f"sipvicious_{tool}")
    if program is None:
        pytest.fail(f"{tool} is missing: install the package `sipvicious`.")
    pbx = house.address()
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        "--port",
        str(pbx.port),
        pbx.host,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(within):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out.decode("utf-8", "replace")


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
async def test_svwar_does_not_find_out_which_extensions_exist(house, method):
    phone = await house.phone("anna", host=HONEST)
    honest = await vicious("svwar", house, "-e", "100-150", "-m", method, "--maximumtime=3")
    forced = await vicious("svwar", house, "-e", "100-150", "-m", method, "--maximumtime=3", "--force")
    for printed in (honest, forced):
        assert "found nothing" in printed
        assert not any(f"'{extension}' exists" in printed for extension in (*EXTENSIONS.values(), "150"))
    assert not phone.calls.entries
    assert not house.home.heard(DoorRang)


async def test_svcrack_is_locked_out_before_it_comes_to_the_right_password(house, tmp_path):
    words = tmp_path / "words"
    words.write_text("\n".join([*(f"guess{number}" for number in range(20)), "secret101"]))
    # The first run ends at SHA-256, which the tool does not know; after it the same source is offered MD5 alone.
    port = str(free_port())
    for _ in range(2):
        printed = await vicious("svcrack", house, "-u", "101", "-d", str(words), "--maximumtime=2", "-P", port)
        assert "secret101" not in printed
    assert not house.home.heard(AccountRegistered)
    await house.home.hears(SourceLockedOut)
    phone = await house.phone("anna", host=HONEST)
    assert (await phone.register()).status == 200


async def test_svmap_learns_that_a_pbx_is_there_and_nothing_about_the_home(house):
    printed = await vicious("svmap", house)
    assert f"{house.address().host}:{house.address().port}" in printed
    assert not any(secret in printed for secret in ("Anna", "Front", "Home "))


async def test_after_the_scan_the_bell_rings_as_ever(house):
    await vicious("svwar", house, "-e", "100-150", "--force", "--maximumtime=3")
    phone, door = await house.phone("anna", host=HONEST), await house.door(host="127.0.0.3")
    await door.press()
    await phone.rings()
