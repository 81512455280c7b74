"""Asking where a call from outside goes: an automation has a moment to say, then the default holds."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pbx_lite.clock import Clock
from pbx_lite.errors import Invalid, NotFound
from pbx_lite.events import EventBus, RouteRequested

MOST = 100
"""Questions that wait at a time; calls beyond go where they always go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where the call goes; all empty for the default."""

    number: str = ""
    refuse: bool = False
    ring: tuple[str, ...] = ()


class Routes:
    """`listening()` tells whether anybody could answer; nobody is asked for 0 `seconds`."""

    def __init__(
        self, *, bus: EventBus, clock: Clock, seconds: float, listening: Callable[[], bool] = lambda: False
    ) -> None:
        self.listening = listening
        self._bus = bus
        self._clock = clock
        self._seconds = seconds
        self._waiting: dict[str, asyncio.Future[Answer]] = {}

    async def ask(self, *, trunk: str, number: str, caller: str, caller_name: str, default: str) -> Answer:
        """The answer, the default where none comes in time."""
        if self._seconds <= 0 or not self.listening() or len(self._waiting) >= MOST:
            return Answer()
        request = secrets.token_hex(8)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request] = answer
        timer = self._clock.call_later(self._seconds, lambda: _settle(answer, Answer()))
        try:
            self._bus.publish(
                RouteRequested(
                    request=request,
                    trunk=trunk,
                    number=number,
                    caller=caller,
                    caller_name=caller_name,
                    default=default,
                    deadline=self._seconds,
                )
            )
            return await answer
        finally:
            timer.cancel()
            self._waiting.pop(request, None)

    def answer(self, request: str, *, number: str = "", refuse: bool = False, ring: Sequence[str] = ()) -> None:
        """Say where the call goes: at most one of a number, a refusal, or users to ring; none of them is the default.

        Raises NotFound once its time is over, Invalid for more than one.
        """
        if sum(map(bool, (number, refuse, ring))) > 1:
            raise Invalid("Give one of number, refuse and ring.")
        answer = self._waiting.pop(request, None)
        if answer is None or answer.done():
            raise NotFound("This call has been routed already.")
        answer.set_result(Answer(number=number, refuse=refuse, ring=tuple(ring)))


def _settle(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)
