"""`pbx-lite demo-door`: starts the station and its page, and listens to the keyboard."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pbx_lite.demo.page import Page
from pbx_lite.demo.station import Settings, Station
from pbx_lite.errors import PbxError
from pbx_lite.sip.address import Address

_KEYS = "Enter rings, h hangs up, q ends."


def main(argv: Sequence[str]) -> int:
    """Run until Ctrl-C, SIGTERM or `q`; 0, or 1 with a sentence on standard error."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        asyncio.run(_run(arguments))
    except PbxError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pbx-lite demo-door", description=f"A door station for trying things. {_KEYS}"
    )
    parser.add_argument("--server", default="udp:127.0.0.1:5060", help="the PBX, as udp:host:port or tls:host:port")
    parser.add_argument("--user", default="150", help="the door's SIP account")
    parser.add_argument("--password", default=os.environ.get("DEMO_DOOR_PASSWORD", ""), help="or $DEMO_DOOR_PASSWORD")
    parser.add_argument("--name", default="Front door")
    parser.add_argument("--number", default="100", help="what the bell dials")
    parser.add_argument("--code", default="00#", help="the keys that open the door")
    parser.add_argument("--page", default="127.0.0.1:8780", help="where the page is shown; port 0 for any")
    parser.add_argument("--media-ports", default="29000-29100")
    parser.add_argument("--record", type=Path, help="a WAV file for what it hears")
    parser.add_argument("--tone", type=float, default=0, help="hertz of a steady tone in place of the melody")
    return parser


async def _run(arguments: argparse.Namespace) -> None:
    station = Station(
        Settings(
            server=Address.parse(arguments.server),
            user=arguments.user,
            password=arguments.password,
            name=arguments.name,
            number=arguments.number,
            code=arguments.code,
            media_ports=arguments.media_ports,
            record=arguments.record,
            hertz=arguments.tone,
        )
    )
    page = Page(station)
    host, _, port = arguments.page.rpartition(":")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        address = await page.start(host, int(port))
        await station.start()
        with _keyboard(station, ended):
            sys.stdout.write(f"{arguments.name}: {address}  {_KEYS if sys.stdin.isatty() else ''}\nready\n")
            sys.stdout.flush()
            await ended.wait()
    except OSError as error:
        raise PbxError(
            f"The page cannot listen on {arguments.page}: {error.strerror}. Choose another with --page."
        ) from error
    finally:
        await page.stop()
        await station.stop()


@contextlib.contextmanager
def _keyboard(station: Station, ended: asyncio.Event) -> Iterator[None]:
    """Lines typed in a terminal: nothing rings, h hangs up, q ends."""
    if not sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        line = sys.stdin.readline()
        match line.strip().lower():
            case "q":
                ended.set()
            case "h":
                station.hang_up()
            case _ if line:
                station.ring()
            case _:
                loop.remove_reader(sys.stdin)

    loop.add_reader(sys.stdin, read)
    try:
        yield
    finally:
        loop.remove_reader(sys.stdin)
