"""The PBX that runs here: a child process, supervised, its log in Home Assistant's log.

The child is `pbx-lite run <config>/pascom/pbx.yaml`; it says `ready` on its standard output when every
listener is up, and writes its log to standard error, one line each: `LEVEL name: text`.
"""

import asyncio
import json
import logging
import os
import re
import secrets
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from .lines import as_environment, as_yaml
from .ports import Ports, around_taken

_LOG = logging.getLogger("pbx_lite")
# pbx_lite's folder comes last on the path: in a release it is this one, and its modules (lock, event …) must hide none.
_BOOT = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
    "runpy.run_module('pbx_lite', run_name='__main__', alter_sys=True)"
)
READY = b"ready"
START_TIMEOUT = 30.0
STOP_TIMEOUT = 5.0
# Another program may take a port between our look at it and the PBX's start: so many times others are tried.
ATTEMPTS = 4
_TAKEN = "another program"  # how the PBX's last words say so
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 60.0
# A child that ran this long was healthy: the next restart is a first one again.
HEALTHY_AFTER = 60.0
# So many ends in a row are worth a repair issue.
FAILURES_TO_REPORT = 4
TOKEN_VARIABLE = "PBX_LITE_TOKEN"  # noqa: S105 - a name
MANAGED = "# Managed by Home Assistant."
_HEADER = f"""{MANAGED} It is written anew at each start.
# To edit it by hand, delete the line above and keep `api` as it is: Home Assistant finds the PBX by it.
"""
_LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) ([\w.]+): (.*)")
_SECRETS = (
    (re.compile(r"(://)[^/?#\s@]+@"), r"\1•••@"),
    (
        re.compile(r"(?i)\b((?:password|passwd|token|secret|credential|auth)[\"']?\s*[=:]\s*[\"']?)[^\s,;&\"']+"),
        r"\1•••",
    ),
    (re.compile(r"(?i)\b((?:proxy-)?authorization:\s*).*"), r"\1•••"),
)


class ServerError(Exception):
    """The PBX did not start; the text says why, in its own last words."""


@dataclass(slots=True)
class Server:
    """One PBX process.  `on_trouble` hears a sentence when it keeps ending, and None when it runs again."""

    hass: HomeAssistant
    directory: Path
    ports: Ports
    token: str = field(repr=False)
    name: str = "Home"
    lines: list[dict[str, Any]] = field(default_factory=list, repr=False)
    on_trouble: Callable[[str | None], None] = lambda _: None
    on_ready: Callable[[], None] = lambda: None
    log: deque[str] = field(default_factory=lambda: deque(maxlen=200), repr=False)
    restarts: int = 0
    _process: asyncio.subprocess.Process | None = None
    _watchdog: asyncio.Task[None] | None = None
    _readers: list[asyncio.Task[None]] = field(default_factory=list)
    _stopping: bool = False

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start, and keep running from then on.  Raises ServerError when it does not come up.

        Where other programs have the ports for TLS, the API or phones' settings, `ports` are others from then on.
        """
        self._stopping = False
        await self.end_leftover()
        wanted = await self._around_taken()
        for attempt in range(1, ATTEMPTS + 1):
            self.ports = wanted
            await self.hass.async_add_executor_job(self._prepare)
            try:
                await self._spawn()
                break
            except ServerError as err:
                wanted = await self._around_taken()
                if attempt == ATTEMPTS or (wanted == self.ports and _TAKEN not in str(err)):
                    raise
                LOGGER.debug("Another program was faster, trying other ports: %s", err)
        self._watchdog = self.hass.async_create_background_task(self._watch(), "pascom PBX watchdog")

    async def stop(self) -> None:
        """End the PBX; its calls are ended cleanly."""
        self._stopping = True
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.wait([self._watchdog])
            self._watchdog = None
        await self._end_process()

    async def check(self, lines: list[dict[str, Any]]) -> str:
        """What the PBX has against these lines, empty for nothing.  Raises ServerError where it cannot be asked."""
        if not await self.hass.async_add_executor_job(self._managed):
            raise ServerError(f"{self._config_file} is edited by hand: add the line there.")
        candidate = self.directory / "check.yaml"
        with suppress(OSError):
            await self.hass.async_add_executor_job(candidate.write_text, self._configuration(lines))
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-c", _BOOT, str(find_pbx_lite()), "check-config", str(candidate)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment(lines),
                cwd=self.directory,
                close_fds=False,
            )
            async with asyncio.timeout(START_TIMEOUT):
                faults, last_words = await process.communicate()
        except (OSError, TimeoutError) as err:
            raise ServerError(f"The PBX cannot be asked: {err}") from err
        finally:
            await self.hass.async_add_executor_job(lambda: candidate.unlink(missing_ok=True))
        if process.returncode == 0:
            return ""
        return self._redact((faults or last_words).decode(errors="replace").strip()) or "The PBX refuses it."

    # The process

    async def end_leftover(self) -> None:
        """End a PBX of this folder that nobody watches any more: it would hold the ports."""
        await self.hass.async_add_executor_job(end_leftover, self._pid_file, str(self._config_file))

    async def _around_taken(self) -> Ports:
        if not await self.hass.async_add_executor_job(self._managed):
            return self.ports
        try:
            return await self.hass.async_add_executor_job(around_taken, self.ports)
        except OSError:
            return self.ports

    async def _spawn(self) -> None:
        await self.end_leftover()
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-c",
                _BOOT,
                str(find_pbx_lite()),
                # Debug lines are written only where Home Assistant's log shows them.
                *(["--verbose"] if _LOG.isEnabledFor(logging.DEBUG) else []),
                "run",
                str(self._config_file),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment(self.lines),
                cwd=self.directory,
                close_fds=False,
            )
        except OSError as err:
            raise ServerError(f"The PBX cannot be started: {err}") from err
        assert process.stdout is not None
        assert process.stderr is not None
        await self.hass.async_add_executor_job(self._pid_file.write_text, f"{process.pid}\n")
        ready = asyncio.Event()
        self._readers = [
            self.hass.async_create_background_task(self._read_output(process.stdout, ready), "pascom PBX output"),
            self.hass.async_create_background_task(self._read_log(process.stderr), "pascom PBX log"),
        ]
        try:
            fault = await self._wait_until(ready, process)
        except BaseException:
            await self._end_process()
            raise
        if fault:
            await self._end_process()
            raise ServerError(fault)
        LOGGER.debug("The PBX runs as process %d", process.pid)

    async def _wait_until(self, ready: asyncio.Event, process: asyncio.subprocess.Process) -> str | None:
        """None once the process said that it is ready, else why it is not."""
        came_up = self.hass.loop.create_task(ready.wait(), name="pascom PBX ready")
        ended = self.hass.loop.create_task(process.wait(), name="pascom PBX end")
        try:
            await asyncio.wait([came_up, ended], timeout=START_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        finally:
            came_up.cancel()
            ended.cancel()
        if ready.is_set():
            return None
        if process.returncode is None:
            return f"The PBX was not ready after {START_TIMEOUT:.0f} seconds."
        await asyncio.wait(self._readers)  # its last words
        return self._last_words() or f"The PBX ended with exit code {process.returncode}."

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(STOP_TIMEOUT):
                    await process.wait()
            except TimeoutError:
                LOGGER.warning("The PBX did not end by itself; killing it")
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._readers:
            await asyncio.wait(self._readers)
            self._readers = []
        await self.hass.async_add_executor_job(lambda: self._pid_file.unlink(missing_ok=True))

    async def _watch(self) -> None:
        """Start the PBX again whenever it ends, at once at first, then ever more slowly."""
        pause, failures = 0.0, 0
        while True:
            started = time.monotonic()
            if self._process is not None:
                code = await self._process.wait()
                LOGGER.warning("The PBX ended with exit code %s; it is started again", code)
                await self._end_process()
            if time.monotonic() - started > HEALTHY_AFTER:
                pause = 0.0
            await asyncio.sleep(pause)
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            self.restarts += 1
            try:
                await self._spawn()
            except (ServerError, OSError) as err:
                failures += 1
                LOGGER.debug("The PBX did not start: %s", err)
                if failures == FAILURES_TO_REPORT:
                    LOGGER.warning("The PBX does not start: %s", err)
                    self.on_trouble(str(err))
            else:
                failures = 0
                self.on_trouble(None)
                self.on_ready()

    # Its words

    async def _read_output(self, stream: asyncio.StreamReader, ready: asyncio.Event) -> None:
        async for line in stream:
            if line.strip() == READY:
                ready.set()

    async def _read_log(self, stream: asyncio.StreamReader) -> None:
        level, logger = logging.WARNING, _LOG
        while True:
            try:
                raw = await stream.readline()
            except ValueError:
                continue  # a line longer than the buffer: it is dropped, the next one is whole again
            if not raw:
                return
            text = self._redact(raw.decode(errors="replace").rstrip())
            if match := _LINE.fullmatch(text):
                # Lines without a head (a traceback) go where the one before them went.
                level = logging.getLevelNamesMapping()[match[1]]
                name, text = match[2], match[3]
                logger = logging.getLogger(name if name.startswith("pbx_lite") else f"pbx_lite.{name}")
            self.log.append(f"{logging.getLevelName(level)} {text}")
            logger.log(level, "%s", text)

    def _last_words(self) -> str:
        """The newest error in the log, or whatever came last."""
        grave = [line for line in self.log if line.startswith(("ERROR ", "CRITICAL "))]
        last = (grave or list(self.log))[-1:]
        return last[0].partition(" ")[2] if last else ""

    def _redact(self, text: str) -> str:
        text = text.replace(self.token, "•••")
        for pattern, replacement in _SECRETS:
            text = pattern.sub(replacement, text)
        return text

    # Its files

    @property
    def _config_file(self) -> Path:
        return self.directory / "pbx.yaml"

    @property
    def _pid_file(self) -> Path:
        return self.directory / "pbx.pid"

    def _prepare(self) -> None:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._managed():
                self._config_file.write_text(_HEADER + self._configuration(self.lines), encoding="utf-8")
        except OSError as err:
            raise ServerError(f"The PBX's folder {self.directory} cannot be written: {err.strerror}.") from err

    def _managed(self) -> bool:
        """Whether the configuration is ours to write."""
        file = self._config_file
        return not file.exists() or file.read_text(encoding="utf-8").startswith(MANAGED)

    def _configuration(self, outside: list[dict[str, Any]]) -> str:
        """pbx.yaml.  JSON is YAML, so each value is written as JSON."""
        ports = self.ports
        # For trying things on a machine that shall serve itself alone.
        host = os.environ.get("PASCOM_SIP_HOST", "0.0.0.0")  # noqa: S104 - stations are in the network
        values = {
            "name": self.name,
            "data": "./data",
            "sip": {"listen": [f"udp://{host}:{ports.sip}", f"tcp://{host}:{ports.sip}", f"tls://{host}:{ports.tls}"]},
            "rtp": {"ports": f"{ports.rtp_first}-{ports.rtp_last}"},
        }
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        phones = f', "phones": "{host}:{ports.phones}"' if ports.phones else ""
        lines.append(f'api: {{"listen": "127.0.0.1:{ports.api}"{phones}, "token": !env {TOKEN_VARIABLE}}}')
        return "\n".join([*lines, *as_yaml(outside)]) + "\n"

    def _environment(self, lines: list[dict[str, Any]]) -> dict[str, str]:
        # Where Home Assistant keeps the requirements that it installed, if that is not the environment itself.
        paths = [entry for entry in sys.path if entry.endswith("/deps")]
        if inherited := os.environ.get("PYTHONPATH"):
            paths.append(inherited)
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONUNBUFFERED": "1",
            TOKEN_VARIABLE: self.token,
            **as_environment(lines),
        }


def find_pbx_lite() -> Path:
    """The folder that holds the package pbx_lite: this one in a release, the repository in development."""
    here = Path(__file__).resolve().parent.parent
    for folder in (here, here.parent.parent):
        if (folder / "pbx_lite" / "__main__.py").exists():
            return folder
    raise ServerError("The PBX is not part of this installation; install the release of pascom again.")


def new_token() -> str:
    return secrets.token_urlsafe(32)


def end_leftover(pid_file: Path, config_file: str) -> None:
    """End a PBX that outlived a Home Assistant which was killed: it holds the ports and the data."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError, ValueError:
        return
    if not any(b"pbx_lite" in argument for argument in arguments) or config_file.encode() not in arguments:
        return
    LOGGER.info("Ending a PBX that an earlier Home Assistant left behind (process %d)", pid)
    for number, patience in ((signal.SIGTERM, STOP_TIMEOUT), (signal.SIGKILL, 1.0)):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.02)
