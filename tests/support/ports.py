"""Free ports of this machine, each given out once: no other test run on it is given the same ones."""

import contextlib
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

_FIRST, _BLOCK, _BLOCKS = 10_000, 400, 25  # below the ports that the kernel gives to outgoing connections
_LOCKS = Path(tempfile.gettempdir()) / f"pbx-lite-ports-{os.getuid()}"


class _Block:
    """Ports that belong to this process while it runs, the longest unused first.

    A port is asked for long before a program binds it, and a phone leaves its port between two calls.  So nobody else
    may be given it meanwhile: the lock of its block goes with the process, however that ends.
    """

    def __init__(self) -> None:
        self._lock = -1
        self._owner = 0
        self._next = 0
        self._first = 0

    def take(self, count: int, *, even: bool) -> int:
        if self._owner != os.getpid():
            self._reserve()
        for _ in range(2 * _BLOCK):
            at = self._next + (self._next % 2 if even else 0)
            if at + count > _BLOCK:
                self._next = 0
                continue
            if all(_is_free(self._first + port) for port in range(at, at + count)):
                self._next = at + count
                return self._first + at
            self._next = at + 1
        raise RuntimeError(f"No {count} ports are free from {self._first} on.")

    def _reserve(self) -> None:
        _LOCKS.mkdir(exist_ok=True)
        for block in random.sample(range(_BLOCKS), _BLOCKS):
            lock = os.open(_LOCKS / str(block), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            self._lock, self._owner, self._next = lock, os.getpid(), 0
            self._first = _FIRST + block * _BLOCK
            return
        raise RuntimeError(f"{_BLOCKS} test runs have all blocks of ports.")


_block = _Block()


def free_port() -> int:
    """A port that nothing has for UDP or TCP, and that nobody else is given while this process runs."""
    return _block.take(1, even=False)


def free_ports(count: int) -> int:
    """The first of so many in a row; it is even, as RTP wants it."""
    return _block.take(count, even=True)


def free_range(count: int) -> str:
    """So many in a row, as a pool is told of them: `10000-10009`."""
    first = free_ports(count)
    return f"{first}-{first + count - 1}"


def _is_free(port: int) -> bool:
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
    ):
        stream.bind(("0.0.0.0", port))
        datagram.bind(("0.0.0.0", port))
        return True
    return False
