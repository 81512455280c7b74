"""The PBX as a supervised child, played by a small program that behaves as it is told."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pascom.const import CONF_MODE, DOMAIN, MODE_LOCAL
from custom_components.pascom.local import server as server_module
from custom_components.pascom.local.from_entry import as_entry_data
from custom_components.pascom.local.ports import (
    Ports,
    around_taken,
    find_ports,
    is_free,
    next_free,
    rtp_free,
    with_phones,
)
from custom_components.pascom.local.server import (
    MANAGED,
    TOKEN_VARIABLE,
    Server,
    ServerError,
    end_leftover,
    find_pbx_lite,
)
from tests.pascom.conftest import Until, issue_of
from tests.pascom.fake_pbx import TOKEN, FakePbx
from tests.support.ports import free_port, free_ports

PROGRAM = """
import os, signal, sys, threading
behaviour = open("behaviour").read()
exec(behaviour)
print("ready", flush=True)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
stop.wait()
"""
STARTED = "print('INFO pbx_lite.pbx: started with ' + str(len(os.environ['PBX_LITE_TOKEN'])), file=sys.stderr)\n"


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Tell the program how to behave at its next start."""
    package = tmp_path / "code" / "pbx_lite"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(PROGRAM)
    monkeypatch.setattr(server_module, "find_pbx_lite", lambda: package.parent)
    # Whatever else runs on this machine: the program listens nowhere.
    monkeypatch.setattr(server_module, "around_taken", lambda ports: ports)
    (tmp_path / "pascom").mkdir()

    def behave(text: str) -> None:
        (tmp_path / "pascom" / "behaviour").write_text(text)

    behave(STARTED)
    return behave


@pytest.fixture
def ports() -> Ports:
    return Ports(sip=5060, tls=5061, api=8765, rtp_first=30000, rtp_last=30999)


@pytest.fixture
async def server(
    hass: HomeAssistant, tmp_path: Path, child: Callable[[str], None], ports: Ports
) -> AsyncIterator[Server]:
    server = Server(hass=hass, directory=tmp_path / "pascom", ports=ports, token="golden-secret", name='Ann "A"')
    yield server
    await server.stop()


async def test_it_starts_with_a_configuration_of_its_own_and_stops(server: Server, tmp_path: Path) -> None:
    await server.start()
    assert server.running
    text = (tmp_path / "pascom" / "pbx.yaml").read_text()
    assert text.startswith(MANAGED)
    assert 'api: {"listen": "127.0.0.1:8765", "token": !env PBX_LITE_TOKEN}' in text
    assert 'name: "Ann \\"A\\""' in text
    assert "golden-secret" not in text
    assert (tmp_path / "pascom").stat().st_mode & 0o777 in {0o700, 0o755}
    assert (tmp_path / "pascom" / "pbx.pid").read_text().strip() == str(server.pid)
    await server.stop()
    assert not server.running
    assert not (tmp_path / "pascom" / "pbx.pid").exists()


async def test_a_configuration_that_a_person_took_over_is_left_alone(server: Server, tmp_path: Path) -> None:
    (tmp_path / "pascom" / "pbx.yaml").write_text("name: mine\n")
    await server.start()
    assert (tmp_path / "pascom" / "pbx.yaml").read_text() == "name: mine\n"


async def test_ports_that_others_took_meanwhile_are_others_at_the_start(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "around_taken", around_taken)
    first = free_ports(8)
    server.ports = Ports(sip=first, tls=first + 1, api=first + 3, phones=first + 6, rtp_first=30000, rtp_last=30999)
    with contextlib.ExitStack() as others:
        for port in (first + 1, first + 2, first + 3, first + 6):
            other = others.enter_context(socket.socket())
            other.bind(("127.0.0.1", port))
            other.listen()
        monkeypatch.setenv("PASCOM_PORTS", str(first + 3))
        await server.start()
    assert server.ports.sip == first
    assert (server.ports.tls, server.ports.api, server.ports.phones) == (first + 4, first + 5, first + 7)
    text = (tmp_path / "pascom" / "pbx.yaml").read_text()
    assert f'"tls://0.0.0.0:{first + 4}"' in text
    assert f'"listen": "127.0.0.1:{first + 5}"' in text


async def test_a_port_that_was_taken_faster_is_another_at_the_next_attempt(
    server: Server, child: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child(
        "text = open('pbx.yaml').read()\n"
        "if ':8765' in text:\n"
        "    print('ERROR pbx_lite: another program does', file=sys.stderr); sys.exit(1)\n"
    )
    looks: list[int] = []

    def look(ports: Ports) -> Ports:
        looks.append(ports.api)
        return replace(ports, api=8770) if len(looks) > 1 else ports

    monkeypatch.setattr(server_module, "around_taken", look)
    await server.start()
    assert (looks, server.ports.api) == ([8765, 8765], 8770)


async def test_ports_that_stay_taken_are_said_after_some_attempts(
    server: Server, child: Callable[[str], None], tmp_path: Path
) -> None:
    child(
        "open('starts', 'a').write('x')\n"
        "print('ERROR pbx_lite: The SIP port: another program has it.', file=sys.stderr); sys.exit(1)"
    )
    with pytest.raises(ServerError, match="another program has it"):
        await server.start()
    assert (tmp_path / "pascom" / "starts").read_text() == "x" * server_module.ATTEMPTS


async def test_the_ports_of_a_configuration_that_a_person_took_over_are_left_alone(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ports: Ports
) -> None:
    monkeypatch.setattr(server_module, "around_taken", lambda ports: replace(ports, api=1))
    (tmp_path / "pascom" / "pbx.yaml").write_text("name: mine\n")
    await server.start()
    assert server.ports == ports


async def test_its_log_is_home_assistants_without_secrets(
    server: Server, child: Callable[[str], None], caplog: pytest.LogCaptureFixture, until: Until
) -> None:
    lines = [
        "WARNING pbx_lite.sip: token is golden-secret",
        "ERROR pbx_lite.media: rtsp://me:hunter2@192.0.2.1/x failed",
        "  a traceback's line, password=hunter2&x=1",
        "INFO aioice.ice: Authorization: Digest username=hunter2",
        'DEBUG pbx_lite.api: {"password": "hunter2"}',
        "no head",
        "x" * 100_000,
    ]
    child("\n".join(f"print({line!r}, file=sys.stderr)" for line in lines) + "\n" + STARTED)
    await server.start()
    await until(lambda: "started with 13" in caplog.text)
    assert "golden-secret" not in caplog.text
    assert "hunter2" not in caplog.text
    seen = {(record.name, record.levelno) for record in caplog.records if record.name.startswith("pbx_lite")}
    assert ("pbx_lite.sip", logging.WARNING) in seen
    assert ("pbx_lite.media", logging.ERROR) in seen
    assert ("pbx_lite.aioice.ice", logging.INFO) in seen
    assert "a traceback's line" in caplog.text


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("print('ERROR pbx_lite: Port 5060 is in use.', file=sys.stderr); sys.exit(1)", "Port 5060 is in use."),
        ("print('doors[0].model: unknown', file=sys.stderr); sys.exit(2)", "doors[0].model: unknown"),
        ("sys.exit(3)", "The PBX ended with exit code 3."),
    ],
)
async def test_a_child_that_ends_at_once_says_why(
    server: Server, child: Callable[[str], None], behaviour: str, why: str
) -> None:
    child(behaviour)
    with pytest.raises(ServerError) as failed:
        await server.start()
    assert str(failed.value) == why
    assert not server.running


async def test_a_child_that_is_never_ready_is_ended(
    server: Server, child: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "START_TIMEOUT", 0.3)
    monkeypatch.setattr(server_module, "STOP_TIMEOUT", 0.2)
    child("signal.signal(signal.SIGTERM, signal.SIG_IGN); threading.Event().wait()")
    with pytest.raises(ServerError, match="not ready"):
        await server.start()
    assert not server.running


async def test_it_is_started_again_at_once(server: Server, until: Until) -> None:
    ready: list[int | None] = []
    server.on_ready = lambda: ready.append(server.pid)
    await server.start()
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: bool(ready))
    assert server.running
    assert server.pid != first
    assert server.restarts == 1


async def test_one_that_keeps_failing_is_reported_and_its_recovery_too(
    server: Server, child: Callable[[str], None], until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LONGEST_PAUSE", 0.1)
    told: list[str | None] = []
    server.on_trouble = told.append
    await server.start()
    child("print('ERROR pbx_lite: The disk is full.', file=sys.stderr); sys.exit(1)")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await until(lambda: told == ["The disk is full."])
    child(STARTED)
    await until(lambda: told == ["The disk is full.", None])
    assert server.running


async def test_a_folder_that_cannot_be_written_is_said(hass: HomeAssistant, tmp_path: Path, ports: Ports) -> None:
    (tmp_path / "file").write_text("")
    server = Server(hass=hass, directory=tmp_path / "file", ports=ports, token="t")
    with pytest.raises(ServerError, match="cannot be written"):
        await server.start()


async def test_a_python_that_does_not_start_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(ServerError, match="cannot be started"):
        await server.start()


def test_a_leftover_of_a_killed_home_assistant_is_ended(tmp_path: Path) -> None:
    config = str(tmp_path / "pbx.yaml")
    pid_file = tmp_path / "pbx.pid"
    end_leftover(pid_file, config)
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen([*sleeper, "pbx_lite", config]) as ours, subprocess.Popen(sleeper) as other:
        for process in (other, ours):
            pid_file.write_text(str(process.pid))
            if process is ours:
                # The child is reaped here, as init would reap an orphan.
                threading.Thread(target=ours.wait, daemon=True).start()
            end_leftover(pid_file, config)
        assert ours.wait(5) == -signal.SIGTERM
        assert other.poll() is None
        other.kill()


def test_the_pbx_is_found_in_the_repository() -> None:
    assert (find_pbx_lite() / "pbx_lite").is_dir()


def test_an_installation_without_the_pbx_says_so() -> None:
    with patch.object(Path, "exists", return_value=False), pytest.raises(ServerError):
        find_pbx_lite()


def test_phones_fetch_their_settings_at_a_port_of_their_own(server: Server) -> None:
    server.ports = with_phones(server.ports)
    assert server.ports.phones not in {0, server.ports.sip, server.ports.tls, server.ports.api}
    assert f'"phones": "0.0.0.0:{server.ports.phones}"' in server._configuration([])
    with patch("custom_components.pascom.local.ports.next_free", side_effect=OSError):
        assert with_phones(replace(server.ports, phones=0)).phones == 0


def test_free_ports_are_found_around_taken_ones() -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert next_free(port) > port
        assert next_free(port, skip=(port + 1,)) > port + 1
    with pytest.raises(OSError, match="no port"):
        next_free(65536)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", 0))
        port = taken.getsockname()[1]
        assert not rtp_free(port, port + 99)
        with patch("custom_components.pascom.local.ports.RTP_FIRST", port):
            found = find_ports()
    assert found.rtp_first > port
    assert (found.rtp_first - port) % 1000 == 0
    assert len({found.sip, found.tls, found.api}) == 3


# As a config entry


@pytest.fixture
def local_entry(hass: HomeAssistant, pbx: FakePbx, tmp_path: Path, child: Any) -> MockConfigEntry:
    hass.config.config_dir = str(tmp_path)
    ports = Ports(sip=free_port(), tls=free_port(), api=pbx.port, rtp_first=30000, rtp_last=30999)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Villa",
        unique_id=pbx.info["instance"],
        data={CONF_MODE: MODE_LOCAL, "name": "Villa", "token": TOKEN, **as_entry_data(ports)},
    )
    entry.add_to_hass(hass)
    return entry


async def test_the_entry_starts_and_stops_its_pbx(hass: HomeAssistant, local_entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(local_entry.entry_id)
    server = local_entry.runtime_data.server
    assert server.running
    assert local_entry.runtime_data.local
    assert await hass.config_entries.async_unload(local_entry.entry_id)
    assert not server.running


async def test_it_stops_with_home_assistant(hass: HomeAssistant, local_entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(local_entry.entry_id)
    server = local_entry.runtime_data.server
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert not server.running


@pytest.mark.parametrize(("voip", "kind"), [(False, "port_in_use"), (True, "port_used_by_voip")])
async def test_a_taken_port_is_a_repair_issue(
    hass: HomeAssistant, local_entry: MockConfigEntry, issue_registry: ir.IssueRegistry, voip: bool, kind: str
) -> None:
    port = local_entry.data["sip_port"]
    if voip:
        MockConfigEntry(domain="voip", options={"sip_port": port}).add_to_hass(hass)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", port))
        await hass.config_entries.async_setup(local_entry.entry_id)
        first = local_entry.state
        issue = issue_of(issue_registry, f"{kind}_{local_entry.entry_id}")
        assert issue.translation_key == kind
        assert issue.translation_placeholders == {"name": "Villa", "port": str(port)}
    await hass.config_entries.async_reload(local_entry.entry_id)
    assert (first, local_entry.state) == (ConfigEntryState.SETUP_RETRY, ConfigEntryState.LOADED)
    assert issue_registry.async_get_issue(DOMAIN, f"{kind}_{local_entry.entry_id}") is None


async def test_a_taken_port_for_encrypted_phones_is_another_one_until_the_next_start(
    hass: HomeAssistant,
    local_entry: MockConfigEntry,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual, key = local_entry.data["tls_port"], f"tls_port_in_use_{local_entry.entry_id}"
    monkeypatch.setattr(server_module, "around_taken", lambda ports: replace(ports, tls=usual + 1))
    assert await hass.config_entries.async_setup(local_entry.entry_id)
    assert issue_of(issue_registry, key).translation_placeholders == {
        "name": "Villa",
        "port": str(usual),
        "other": str(usual + 1),
    }
    assert local_entry.data["tls_port"] == usual
    monkeypatch.setattr(server_module, "around_taken", lambda ports: ports)
    await hass.config_entries.async_reload(local_entry.entry_id)
    assert issue_registry.async_get_issue(DOMAIN, key) is None


async def test_a_port_that_is_between_the_pbx_and_us_alone_moves_for_good(
    hass: HomeAssistant, local_entry: MockConfigEntry, pbx: FakePbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    hass.config_entries.async_update_entry(local_entry, data={**local_entry.data, "api_port": 1})
    monkeypatch.setattr(server_module, "around_taken", lambda ports: replace(ports, api=pbx.port))
    assert await hass.config_entries.async_setup(local_entry.entry_id)
    assert local_entry.data["api_port"] == pbx.port


async def test_a_pbx_of_a_killed_home_assistant_does_not_hold_the_port(
    hass: HomeAssistant, local_entry: MockConfigEntry, tmp_path: Path
) -> None:
    port = local_entry.data["sip_port"]
    holds = f"import socket, time; s = socket.socket(); s.bind(('', {port})); s.listen()"
    holds += "; print(flush=True); time.sleep(600)"
    arguments = [sys.executable, "-c", holds, "pbx_lite", str(tmp_path / "pascom" / "pbx.yaml")]
    leftover = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    assert leftover.stdout is not None
    await leftover.stdout.readline()
    (tmp_path / "pascom" / "pbx.pid").write_text(str(leftover.pid))
    assert await hass.config_entries.async_setup(local_entry.entry_id)
    assert await leftover.wait() == -signal.SIGTERM
    assert local_entry.state is ConfigEntryState.LOADED


async def test_a_pbx_that_does_not_start_is_tried_again(
    hass: HomeAssistant, local_entry: MockConfigEntry, child: Callable[[str], None]
) -> None:
    child("print('ERROR pbx_lite: The disk is full.', file=sys.stderr); sys.exit(1)")
    await hass.config_entries.async_setup(local_entry.entry_id)
    assert local_entry.state is ConfigEntryState.SETUP_RETRY
    assert local_entry.error_reason_translation_key == "server_failed"


async def test_a_pbx_that_starts_but_does_not_answer_is_ended(
    hass: HomeAssistant, local_entry: MockConfigEntry, pbx: FakePbx, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("custom_components.pascom.coordinator.FIRST_SNAPSHOT_TIMEOUT", 0.3)
    await pbx.stop()
    await hass.config_entries.async_setup(local_entry.entry_id)
    assert local_entry.state is ConfigEntryState.SETUP_RETRY
    assert not (tmp_path / "pascom" / "pbx.pid").exists()


async def test_trouble_is_a_repair_issue(
    hass: HomeAssistant, local_entry: MockConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    assert await hass.config_entries.async_setup(local_entry.entry_id)
    server = local_entry.runtime_data.server
    key = f"pbx_fails_{local_entry.entry_id}"
    server.on_trouble("The disk is full.")
    assert issue_of(issue_registry, key).translation_placeholders == {"name": "Villa", "error": "The disk is full."}
    server.on_trouble(None)
    assert issue_registry.async_get_issue(DOMAIN, key) is None
    server.on_trouble("again")
    await hass.config_entries.async_remove(local_entry.entry_id)
    assert issue_registry.async_get_issue(DOMAIN, key) is None
    assert TOKEN_VARIABLE not in os.environ
