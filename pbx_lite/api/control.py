"""How `pbx-lite pair` reaches the running PBX: a Unix socket in the data folder, for the folder's owner alone."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from pbx_lite.errors import StoreError, Unavailable

_NAME = "control.sock"
_SECONDS = 5.0


class ControlSocket:
    """Whoever connects gets a new code: only the owner of the data folder can."""

    def __init__(self, folder: Path, new_code: Callable[[], str]) -> None:
        self._folder = folder
        self._new_code = new_code
        self._listener: socket.socket | None = None

    def start(self) -> None:
        """Raises StoreError."""
        listener = socket.socket(socket.AF_UNIX)
        try:
            with _reachable(self._folder) as path:
                # A PBX that was killed leaves its socket behind; the data folder's lock says that it is gone.
                Path(path).unlink(missing_ok=True)
                listener.bind(path)
                Path(path).chmod(0o600)
            listener.listen(4)
            listener.setblocking(False)
        except OSError as error:
            listener.close()
            raise StoreError(f"The data folder {self._folder} cannot hold a socket: {error.strerror}") from error
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener.fileno(), self._serve)

    def stop(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            self._listener.close()
            self._listener = None
            (self._folder / _NAME).unlink(missing_ok=True)

    def _serve(self) -> None:
        if self._listener is None:
            return
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                connection.setblocking(False)
                connection.sendall(f"{self._new_code()}\n".encode())


def ask_for_code(folder: Path) -> str:
    """The running PBX's new pairing code.  Raises Unavailable where none runs."""
    try:
        with socket.socket(socket.AF_UNIX) as connection, _reachable(folder) as path:
            connection.settimeout(_SECONDS)
            connection.connect(path)
            with connection.makefile("r", encoding="ascii") as answer:
                code = answer.readline().strip()
    except FileNotFoundError, ConnectionRefusedError:
        raise Unavailable(f"No PBX runs on {folder}; start it first with `pbx-lite run`.") from None
    except PermissionError:
        raise Unavailable(f"{folder} belongs to another user; pair as the one who runs the PBX.") from None
    except OSError as error:
        raise Unavailable(f"The PBX on {folder} cannot be reached: {error}") from error
    if not code:
        raise Unavailable(f"The PBX on {folder} did not answer.")
    return code


@contextlib.contextmanager
def _reachable(folder: Path) -> Iterator[str]:
    """A path of the socket that fits into the 108 bytes of `sockaddr_un`, however deep the folder lies."""
    direct = folder / _NAME
    if len(os.fsencode(direct)) < 100:
        yield str(direct)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{_NAME}"
    finally:
        os.close(descriptor)
