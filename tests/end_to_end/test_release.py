"""What HACS installs: the zip alone, in a fresh Home Assistant."""

import json
import zipfile
from pathlib import Path

import pytest

from pbx_lite import __version__
from tests.support.home_assistant import ROOT, HomeAssistant, unpack
from tests.support.pascom import add_door, run_pbx_here
from tests.support.ports import free_port
from tests.support.process import Child

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def build(logs: Path) -> bytes:
    built = await Child.start("script/build", [ROOT / "script/build"], cwd=ROOT, log=logs / "build.log")
    assert await built.wait(timeout=180) == 0, built.tail()
    return (ROOT / "dist/pascom.zip").read_bytes()


async def test_the_zip_works_alone_in_a_fresh_home_assistant(logs: Path) -> None:
    first = await build(logs)
    assert await build(logs) == first, "the same files give the same zip"
    archive = ROOT / "dist/pascom.zip"
    with zipfile.ZipFile(archive) as content:
        assert {"manifest.json", "config_flow.py", "pbx_lite/__main__.py", "LICENSE"} <= set(content.namelist())
        panel = [name for name in content.namelist() if name.startswith("frontend/")]
        assert "frontend/dist/panel.js" in panel
        assert not [name for name in panel if not name.startswith("frontend/dist/")], "what it is made of stays at home"
        assert not [name for name in content.namelist() if "__pycache__" in name or name.startswith("/")]
        assert json.loads(content.read("manifest.json"))["version"] == __version__

    home = HomeAssistant(logs / "home", free_port())
    home.prepare(integration=None)
    folder = unpack(archive, home.config)
    try:
        await home.start(env={"PYTHONPATH": ""})
        entry = await run_pbx_here(home, sip_port=free_port())
        account = await add_door(home, entry, "Front door", dtmf="00#")
        assert account.password
        pid = int((home.config / "pascom/pbx.pid").read_text())
        assert str(folder.resolve()) in command_of(pid), "the PBX is the zip's own"
    finally:
        await home.stop()


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")


async def test_the_version_has_one_place() -> None:
    manifest = json.loads((ROOT / "custom_components/pascom/manifest.json").read_text())
    assert manifest["version"] == __version__
