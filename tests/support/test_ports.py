import socket
import subprocess
import sys

from tests.support.ports import free_port, free_ports

_MANY = "from tests.support.ports import free_port; print(*(free_port() for _ in range(100)))"


def test_no_port_is_given_twice_in_a_row_nor_to_another_process() -> None:
    mine = {free_port() for _ in range(100)}
    assert len(mine) == 100
    theirs = subprocess.run([sys.executable, "-c", _MANY], capture_output=True, text=True, check=True).stdout.split()
    assert len(set(theirs)) == 100
    assert not mine & {int(port) for port in theirs}


def test_taken_ports_are_passed_over() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        taken = free_port() + 3
        other.bind(("127.0.0.1", taken))
        assert taken not in {free_port() for _ in range(10)}


def test_ports_in_a_row_begin_with_an_even_one() -> None:
    free_port()
    first = free_ports(20)
    assert first % 2 == 0
    assert free_port() >= first + 20 or free_port() < first
