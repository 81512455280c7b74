"""The command line of `script/bench`."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from pathlib import Path

from script.figures.figure import Figure
from tests.support.home_assistant import ROOT

FIGURES = (
    "start",
    "memory",
    "calls",
    "memory_calls",
    "registrations",
    "relay",
    "mixer",
    "conference",
    "viewers",
    "ring",
    "picture",
    "panel",
    "books",
)


async def run(names: list[str], folder: Path) -> int:
    """Print each figure once it is known; 1 where one could not be measured."""
    main = asyncio.current_task()
    assert main
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, main.cancel)
    failed = 0
    for name in names:
        measure: Callable[[Path], AsyncIterator[Figure]] = import_module(f"script.figures.{name}").measure
        try:
            async for figure in measure(folder):
                print(figure.line(), flush=True)
        except AssertionError as error:
            print(f"{name} could not be measured: {error}", file=sys.stderr, flush=True)
            failed = 1
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measures the product on this machine.")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"all if left out: {' '.join(FIGURES)}")
    parser.add_argument("--folder", type=Path, help="keeps the logs there")
    given = parser.parse_args()
    if unknown := set(given.figures) - set(FIGURES):
        parser.error(f"there is no figure {', '.join(sorted(unknown))}; there are: {' '.join(FIGURES)}")
    names = [name for name in FIGURES if name in given.figures] or list(FIGURES)
    (ROOT / ".run").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / ".run") as temporary:
        folder: Path = (given.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return asyncio.run(run(names, folder))
        except asyncio.CancelledError, KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
