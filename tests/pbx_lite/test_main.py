"""The command line, as a process where processes matter."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pbx_lite.__main__ import _allow_many_connections, main

PATIENCE = 30.0
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pbx.yaml"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def write(file: Path, *, api: int = 0) -> None:
    file.write_text(
        f'sip: {{listen: ["udp://127.0.0.1:0"]}}\napi: {{listen: "127.0.0.1:{api}", token: secret-token}}\n',
        encoding="utf-8",
    )


@asynccontextmanager
async def process(*arguments: str | Path) -> AsyncIterator[asyncio.subprocess.Process]:
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pbx_lite",
        *map(str, arguments),
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.communicate()


async def ready(running: asyncio.subprocess.Process) -> None:
    assert running.stdout is not None
    assert await running.stdout.readline() == b"ready\n"


async def last_words(running: asyncio.subprocess.Process) -> list[str]:
    assert running.stderr is not None
    return (await running.stderr.read()).decode().splitlines()


def test_a_faultless_configuration_is_told_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(file)
    assert main(["check-config", str(file)]) == 0
    assert capsys.readouterr().out == f"{file} has no faults.\n"


def test_every_fault_is_one_line_with_its_path_and_the_exit_code_is_two(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text('nam: x\ndoors: [{name: a, extension: "1", password: x, model: acme}]', encoding="utf-8")
    assert main(["check-config", str(file)]) == 2
    model, key = capsys.readouterr().out.splitlines()
    assert model.startswith("doors[0].model: there is no door-station model acme; known are ")
    assert key == "nam: unknown key; did you mean name?"


def test_faults_keep_the_pbx_from_starting_at_all(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.write_text("nam: x\nrtp: {ports: 1}", encoding="utf-8")
    assert main(["run", str(file)]) == 2
    assert caplog.messages == [
        "nam: unknown key; did you mean name?",
        "rtp.ports: this must be a range such as 30000-35000",
    ]
    assert not (file.parent / "data").exists()


def test_pairing_without_a_pbx_says_what_to_do(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.write_text("api: {token: !env PBX_NOT_SET}", encoding="utf-8")
    assert main(["pair", str(file)]) == 1
    assert "start it first with `pbx-lite run`" in caplog.text


async def test_it_runs_until_it_is_told_to_stop_and_leaves_nothing_behind(file: Path) -> None:
    write(file)
    async with process("run", file) as running:
        await ready(running)
        async with process("pair", file) as pairing:
            out, _ = await pairing.communicate()
            assert out.strip().isdigit()
            assert len(out.strip()) == 6
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0
        words = await last_words(running)
        assert not [line for line in words if not line.startswith("INFO ")]
        assert "secret-token" not in "".join(words)
    assert not (file.parent / "data" / "control.sock").exists()


async def test_a_killed_pbx_starts_again_on_the_same_data(file: Path) -> None:
    write(file)
    for _ in range(2):
        async with process("run", file) as running:
            await ready(running)
            running.kill()
            await running.wait()


async def test_a_second_pbx_on_the_same_data_ends_with_a_sentence(file: Path) -> None:
    write(file)
    async with process("run", file) as first:
        await ready(first)
        async with process("run", file) as second:
            assert await second.wait() == 1
            (line,) = await last_words(second)
            assert line.startswith(f"ERROR pbx_lite: Another PBX (process {first.pid}) uses ")


async def test_a_busy_port_ends_with_a_sentence_and_nothing_half_started(file: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        write(file, api=taken.getsockname()[1])
        async with process("run", file) as running:
            assert await running.wait() == 1
            assert running.stdout is not None
            assert await running.stdout.read() == b""
            words = await last_words(running)
            assert "choose another port for api.listen." in words[-1]
            assert not any("Traceback" in line for line in words)


async def test_a_data_folder_that_is_a_file_ends_with_a_sentence(file: Path) -> None:
    write(file)
    (file.parent / "data").write_text("", encoding="utf-8")
    async with process("run", file) as running:
        assert await running.wait() == 1
        (line,) = await last_words(running)
        assert line.endswith("is not a folder; choose another data folder.")


async def test_what_costs_memory_is_not_loaded_at_start() -> None:
    code = "import sys, pbx_lite.pbx; print(*{'av', 'aiortc', 'numpy', 'zeroconf', 'uvloop'} & set(sys.modules))"
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await running.communicate()
    assert out.strip() == b""


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ((1024, 4096), [(4096, 4096)]),
        ((1024, resource.RLIM_INFINITY), [(16384, resource.RLIM_INFINITY)]),
        ((65536, 65536), []),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), []),
    ],
)
def test_as_many_connections_are_asked_for_as_may_be(
    limits: tuple[int, int], wanted: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
):
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: asked.append(given))
    _allow_many_connections()
    assert asked == wanted
