"""The four transaction machines as tables (RFC 3261 section 17, RFC 6026 for the Accepted states).

A machine holds no message and does no I/O: it is fed inputs with the time and says what is to be done.  Time is in
seconds of any monotonic clock.
"""

from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Timers:
    """The three times all others derive from (RFC 3261 table 4), in seconds."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0
    ringing: float = 600.0
    """Timer C: how long a callee that has answered provisionally may take for its final answer."""

    @property
    def patience(self) -> float:
        """64*T1: how long a transaction waits before it gives up."""
        return 64 * self.t1


class _Symbol(Enum):
    """Enum hashes names in Python, a dozen times for each message; members are what they are by identity."""

    __hash__ = object.__hash__


class State(_Symbol):
    CALLING = auto()
    TRYING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    ACCEPTED = auto()
    TERMINATED = auto()


class Input(_Symbol):
    """What a machine is fed.  Responses come from the peer for a client and from our own user for a server."""

    REQUEST = auto()  # a retransmission reached the server
    ACK = auto()
    PROVISIONAL = auto()
    SUCCESS = auto()
    FAILURE = auto()
    TRANSPORT_ERROR = auto()
    TIMER_A = auto()
    TIMER_B = auto()
    TIMER_C = auto()
    TIMER_D = auto()
    TIMER_E = auto()
    TIMER_F = auto()
    TIMER_G = auto()
    TIMER_H = auto()
    TIMER_I = auto()
    TIMER_J = auto()
    TIMER_K = auto()
    TIMER_L = auto()
    TIMER_M = auto()


class Action(_Symbol):
    """What is to be done with the message at hand, or with the last one of its kind where a timer fired."""

    SEND = auto()  # a client's request; a server's response
    ACK = auto()  # answer a failure to INVITE, hop by hop
    DELIVER = auto()  # hand the message to the transaction's user
    TIMED_OUT = auto()
    FAILED = auto()  # the transport could not send


def response_input(status: int) -> Input:
    """What a response of this status is to a machine."""
    return Input.PROVISIONAL if status < 200 else Input.SUCCESS if status < 300 else Input.FAILURE


class Kind(_Symbol):
    INVITE_CLIENT = auto()
    CLIENT = auto()
    INVITE_SERVER = auto()
    SERVER = auto()


COOKIE = "z9hG4bK"
"""What branches begin with since RFC 3261."""

type Actions = tuple[Action, ...]
type Table = dict[tuple[State, Input], tuple[Actions, State]]

_SEND = (Action.SEND,)
_DELIVER = (Action.DELIVER,)
_NONE: Actions = ()

_INVITE_CLIENT: Table = {  # RFC 6026 section 8.4, RFC 3261 figure 5
    (State.CALLING, Input.TIMER_A): (_SEND, State.CALLING),
    (State.CALLING, Input.TIMER_B): ((Action.TIMED_OUT,), State.TERMINATED),
    (State.CALLING, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.TERMINATED),
    (State.CALLING, Input.PROVISIONAL): (_DELIVER, State.PROCEEDING),
    (State.CALLING, Input.SUCCESS): (_DELIVER, State.ACCEPTED),
    (State.CALLING, Input.FAILURE): ((Action.ACK, Action.DELIVER), State.COMPLETED),
    (State.PROCEEDING, Input.PROVISIONAL): (_DELIVER, State.PROCEEDING),
    (State.PROCEEDING, Input.SUCCESS): (_DELIVER, State.ACCEPTED),
    (State.PROCEEDING, Input.FAILURE): ((Action.ACK, Action.DELIVER), State.COMPLETED),
    (State.PROCEEDING, Input.TIMER_C): ((Action.TIMED_OUT,), State.TERMINATED),
    (State.PROCEEDING, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.TERMINATED),  # a phone that fell silent
    (State.COMPLETED, Input.FAILURE): ((Action.ACK,), State.COMPLETED),
    (State.COMPLETED, Input.TRANSPORT_ERROR): (_NONE, State.TERMINATED),
    (State.COMPLETED, Input.TIMER_D): (_NONE, State.TERMINATED),
    (State.ACCEPTED, Input.SUCCESS): (_DELIVER, State.ACCEPTED),
    (State.ACCEPTED, Input.TIMER_M): (_NONE, State.TERMINATED),
}

_CLIENT: Table = {  # RFC 3261 figure 6
    (State.TRYING, Input.TIMER_E): (_SEND, State.TRYING),
    (State.TRYING, Input.TIMER_F): ((Action.TIMED_OUT,), State.TERMINATED),
    (State.TRYING, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.TERMINATED),
    (State.TRYING, Input.PROVISIONAL): (_DELIVER, State.PROCEEDING),
    (State.TRYING, Input.SUCCESS): (_DELIVER, State.COMPLETED),
    (State.TRYING, Input.FAILURE): (_DELIVER, State.COMPLETED),
    (State.PROCEEDING, Input.TIMER_E): (_SEND, State.PROCEEDING),
    (State.PROCEEDING, Input.TIMER_F): ((Action.TIMED_OUT,), State.TERMINATED),
    (State.PROCEEDING, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.TERMINATED),
    (State.PROCEEDING, Input.PROVISIONAL): (_DELIVER, State.PROCEEDING),
    (State.PROCEEDING, Input.SUCCESS): (_DELIVER, State.COMPLETED),
    (State.PROCEEDING, Input.FAILURE): (_DELIVER, State.COMPLETED),
    (State.COMPLETED, Input.TIMER_K): (_NONE, State.TERMINATED),
}

_INVITE_SERVER: Table = {  # RFC 6026 section 8.5, RFC 3261 figure 7; a failed send alone ends nothing any more
    (State.PROCEEDING, Input.REQUEST): (_SEND, State.PROCEEDING),
    (State.PROCEEDING, Input.PROVISIONAL): (_SEND, State.PROCEEDING),
    (State.PROCEEDING, Input.SUCCESS): (_SEND, State.ACCEPTED),
    (State.PROCEEDING, Input.FAILURE): (_SEND, State.COMPLETED),
    (State.PROCEEDING, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.PROCEEDING),
    (State.COMPLETED, Input.REQUEST): (_SEND, State.COMPLETED),
    (State.COMPLETED, Input.ACK): (_NONE, State.CONFIRMED),
    (State.COMPLETED, Input.TIMER_G): (_SEND, State.COMPLETED),
    (State.COMPLETED, Input.TIMER_H): ((Action.TIMED_OUT,), State.TERMINATED),
    (State.CONFIRMED, Input.TIMER_I): (_NONE, State.TERMINATED),
    (State.ACCEPTED, Input.SUCCESS): (_SEND, State.ACCEPTED),
    (State.ACCEPTED, Input.ACK): (_DELIVER, State.ACCEPTED),
    (State.ACCEPTED, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.ACCEPTED),
    (State.ACCEPTED, Input.TIMER_L): (_NONE, State.TERMINATED),
}

_SERVER: Table = {  # RFC 3261 figure 8; timer F bounds here how long our own user may think: the client gave up by then
    (State.TRYING, Input.PROVISIONAL): (_SEND, State.PROCEEDING),
    (State.TRYING, Input.SUCCESS): (_SEND, State.COMPLETED),
    (State.TRYING, Input.FAILURE): (_SEND, State.COMPLETED),
    (State.TRYING, Input.TIMER_F): (_NONE, State.TERMINATED),
    (State.PROCEEDING, Input.REQUEST): (_SEND, State.PROCEEDING),
    (State.PROCEEDING, Input.PROVISIONAL): (_SEND, State.PROCEEDING),
    (State.PROCEEDING, Input.SUCCESS): (_SEND, State.COMPLETED),
    (State.PROCEEDING, Input.FAILURE): (_SEND, State.COMPLETED),
    (State.PROCEEDING, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.TERMINATED),
    (State.PROCEEDING, Input.TIMER_F): (_NONE, State.TERMINATED),
    (State.COMPLETED, Input.REQUEST): (_SEND, State.COMPLETED),
    (State.COMPLETED, Input.TRANSPORT_ERROR): ((Action.FAILED,), State.TERMINATED),
    (State.COMPLETED, Input.TIMER_J): (_NONE, State.TERMINATED),
}

TABLES: dict[Kind, Table] = {
    Kind.INVITE_CLIENT: _INVITE_CLIENT,
    Kind.CLIENT: _CLIENT,
    Kind.INVITE_SERVER: _INVITE_SERVER,
    Kind.SERVER: _SERVER,
}

FIRST: dict[Kind, State] = {
    Kind.INVITE_CLIENT: State.CALLING,
    Kind.CLIENT: State.TRYING,
    Kind.INVITE_SERVER: State.PROCEEDING,
    Kind.SERVER: State.TRYING,
}

RUNNING: dict[Kind, dict[State, tuple[Input, ...]]] = {
    Kind.INVITE_CLIENT: {
        State.CALLING: (Input.TIMER_A, Input.TIMER_B),
        State.PROCEEDING: (Input.TIMER_C,),
        State.COMPLETED: (Input.TIMER_D,),
        State.ACCEPTED: (Input.TIMER_M,),
    },
    Kind.CLIENT: {
        State.TRYING: (Input.TIMER_E, Input.TIMER_F),
        State.PROCEEDING: (Input.TIMER_E, Input.TIMER_F),
        State.COMPLETED: (Input.TIMER_K,),
    },
    Kind.INVITE_SERVER: {
        State.COMPLETED: (Input.TIMER_G, Input.TIMER_H),
        State.CONFIRMED: (Input.TIMER_I,),
        State.ACCEPTED: (Input.TIMER_L,),
    },
    Kind.SERVER: {
        State.TRYING: (Input.TIMER_F,),
        State.PROCEEDING: (Input.TIMER_F,),
        State.COMPLETED: (Input.TIMER_J,),
    },
}
"""The timers of each state.  One that the next state has as well keeps running; the others stop."""

_RESENDING = frozenset({Input.TIMER_A, Input.TIMER_E, Input.TIMER_G})
_SHORT = frozenset({Input.TIMER_I, Input.TIMER_K})
_ABSORBING = frozenset({Input.TIMER_D, Input.TIMER_I, Input.TIMER_J, Input.TIMER_K})


class Machine:
    """One transaction.  `state` and `deadline` (None: no timer runs) may be read at any time.

    The creator has sent (client) or delivered (server) the request already.
    """

    __slots__ = ("_end", "_interval", "_kind", "_reliable", "_repeat", "_running", "_times", "deadline", "state")

    def __init__(self, kind: Kind, timers: Timers, now: float, *, reliable: bool) -> None:
        self.state = FIRST[kind]
        self.deadline: float | None = None
        self._kind = kind
        self._times = timers
        self._reliable = reliable
        self._interval = timers.t1
        self._running: tuple[Input, ...] = ()
        self._repeat: float | None = None  # when the timer of `_running` is due that sends again
        self._end: float | None = None  # and when the other one
        self._enter(self.state, now)

    def feed(self, fed: Input, now: float) -> Actions:
        """Say what to do; an input that means nothing in this state does nothing."""
        row = TABLES[self._kind].get((self.state, fed))
        if row is None:
            return _NONE
        actions, state = row
        if state is not self.state:
            self.state = state
            self._enter(state, now)
            if self.deadline is not None and self.deadline <= now:  # zero-length timers of reliable transports
                return actions + self.due(now)
        return actions

    def due(self, now: float) -> Actions:
        """Feed the timers that have run out by `now`."""
        actions = _NONE
        while self.deadline is not None and self.deadline <= now:
            again = self.deadline == self._repeat
            fed = next(timer for timer in self._running if (timer in _RESENDING) == again)
            actions += self._fire(fed, now)
        return actions

    def quiet(self) -> None:
        """Repeat the final response only when the request is repeated, not by timer G.

        For challenges sent before any provisional response: the client repeats its INVITE by itself, and nobody can
        make us shower a forged source.
        """
        if self.state is State.COMPLETED:
            self._repeat = None
            self._set_deadline()

    def _fire(self, timer: Input, now: float) -> Actions:
        if timer in _RESENDING:
            self._interval = self._interval * 2
            if timer is not Input.TIMER_A:
                self._interval = self._times.t2 if self.state is State.PROCEEDING else self._interval
                self._interval = min(self._interval, self._times.t2)
            self._repeat = now + self._interval
        else:
            self._end = None
        self._set_deadline()
        actions, state = TABLES[self._kind][self.state, timer]
        if state is not self.state:
            self.state = state
            self._enter(state, now)
        return actions

    def _enter(self, state: State, now: float) -> None:
        before, self._running = self._running, RUNNING[self._kind].get(state, ())
        repeat, end = self._repeat, self._end
        self._repeat = self._end = None
        for timer in self._running:
            if timer not in _RESENDING:
                self._end = end if timer in before else now + self._length(timer)
            elif timer in before:
                self._repeat = repeat
            elif not self._reliable:
                self._interval = self._times.t1
                self._repeat = now + self._interval
        self._set_deadline()

    def _length(self, timer: Input) -> float:
        if timer in _ABSORBING and self._reliable:
            return 0.0
        if timer in _SHORT:
            return self._times.t4
        return self._times.ringing if timer is Input.TIMER_C else self._times.patience

    def _set_deadline(self) -> None:
        repeat, end = self._repeat, self._end
        self.deadline = repeat if end is None or (repeat is not None and repeat < end) else end
