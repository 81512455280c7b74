"""Free ports of this machine."""

import contextlib
import random
import socket


def free_port() -> int:
    """A port that nothing has for UDP or TCP now; not one that the kernel gives to outgoing connections."""
    while True:
        port = random.randrange(12000, 20000)
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
        ):
            stream.bind(("0.0.0.0", port))
            datagram.bind(("0.0.0.0", port))
            return port
