"""Keeps the routers before registered phones open, so that a call finds its way in.

Only where a phone's contact is not where it sends from, and only over UDP: connections are kept by the phones.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from pbx_lite.calls.bindings import Binding
from pbx_lite.clock import Clock
from pbx_lite.sip.address import Address

EVERY = 25  # seconds: routers forget a way of UDP after thirty


class Phones(Protocol):
    def everything(self) -> list[Binding]: ...


class KeepAlive:
    """Looks every 25 seconds who needs it, and sends one part of them each second."""

    def __init__(self, phones: Phones, send: Callable[[Address], None], clock: Clock) -> None:
        self._phones = phones
        self._send = send
        self._clock = clock
        self._left: deque[Address] = deque()
        self._part = 0
        self._turn = 0
        self._timer = clock.call_later(1.0, self._tick)

    def close(self) -> None:
        self._timer.cancel()

    def _tick(self) -> None:
        if self._turn == 0:
            sources = {each.source for each in self._phones.everything() if _needs(each)}
            self._left = deque(sources)
            self._part = -(-len(sources) // EVERY)
        self._turn = (self._turn + 1) % EVERY
        for _ in range(min(self._part, len(self._left))):
            self._send(self._left.popleft())
        self._timer = self._clock.call_later(1.0, self._tick)


def _needs(binding: Binding) -> bool:
    return not binding.source.is_stream and binding.behind_nat
