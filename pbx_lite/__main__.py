"""The command line: `run`, `check-config`, `pair` and `demo-door`.

Exit codes: 0 for a clean end, 1 for trouble outside the configuration, 2 for faults in it.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pbx_lite import __version__
from pbx_lite.config import Config, ConfigFaults, data_folder, load
from pbx_lite.errors import ConfigError, PbxError

_LOGGER = logging.getLogger("pbx_lite")
_FILES = 16384
STOP_SECONDS = 4.0
"""Ending calls may take this long; whoever supervises the PBX kills it soon after."""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["demo-door"]:
        return _demo_door(arguments[1:])
    options = _parser().parse_args(arguments)
    _log_to_stderr(verbose=options.verbose)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ConfigFaults as error:
        return _report(2, *error.faults)
    except PbxError as error:
        return _report(2 if isinstance(error, ConfigError) else 1, error)
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pbx-lite", description="A lean PBX for the home.")
    parser.add_argument("--version", action="version", version=f"pbx_lite {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="log every detail")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, command, text in (
        ("run", _run, "run the PBX; it says `ready` when every listener is up"),
        ("check-config", _check, "tell every fault of a configuration"),
        ("pair", _pair, "show the code that a new client enters, valid 5 minutes"),
    ):
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("config", nargs="?", default="pbx.yaml", type=Path, help="pbx.yaml if left out")
        sub.set_defaults(command=command)
    commands.add_parser("demo-door", help="a door station for trying things", add_help=False)
    return parser


def _run(options: argparse.Namespace) -> int:
    config = _load(options.config)
    _allow_many_connections()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(config))
    return 0


def _check(options: argparse.Namespace) -> int:
    try:
        _load(options.config)
    except ConfigFaults as error:
        sys.stdout.writelines(f"{_one_line(fault.message)}\n" for fault in error.faults)
        return 2
    sys.stdout.write(f"{options.config} has no faults.\n")
    return 0


def _pair(options: argparse.Namespace) -> int:
    from pbx_lite.api.control import ask_for_code

    code = ask_for_code(data_folder(options.config))
    sys.stdout.write(f"{code}\n")
    sys.stdout.flush()
    sys.stderr.write("Enter this code in the new client; it is valid for 5 minutes and for one client.\n")
    return 0


def _demo_door(arguments: Sequence[str]) -> int:
    from pbx_lite.demo import main as demo_main

    return demo_main(arguments)


def _load(path: Path) -> Config:
    from pbx_lite.features.doorbell.profiles import KNOWN_MODELS
    from pbx_lite.features.trunks.profiles import KNOWN_PROFILES

    return load(path, models=KNOWN_MODELS, profiles=KNOWN_PROFILES)


async def _serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT; a second one ends the process at once."""
    from pbx_lite.pbx import Pbx

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def end() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    pbx = Pbx(config)
    await pbx.start()
    gc.collect()
    gc.freeze()  # what is there by now stays; looking through it again and again would hold up sound for 50 ms
    with contextlib.suppress(OSError):  # nobody has to listen
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    await stop.wait()
    _LOGGER.info("Stopping")
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await pbx.stop()
    except TimeoutError:
        _LOGGER.warning("Not everything ended within %g seconds", STOP_SECONDS)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.new_event_loop
    return new_event_loop


def _allow_many_connections() -> None:
    """Phones over TCP hold a file each, and systems give a program a thousand unless it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))


def _log_to_stderr(*, verbose: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
    for chatty in ("aiortc", "aioice", "asyncio", "libav", "zeroconf"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)  # its warnings are about what strangers ask for


def _report(code: int, *errors: PbxError) -> int:
    for error in errors:
        _LOGGER.error("%s", _one_line(error.message))
    return code


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
