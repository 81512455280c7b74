import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.sip.transaction import FIRST, RUNNING, TABLES, Action, Input, Kind, Machine, State, Timers, response_input

_TIMERS = [fed for fed in Input if fed.name.startswith("TIMER_")]
_T = Timers()


def run(kind: Kind, *inputs: Input, reliable: bool = False, now: float = 0.0) -> tuple[Machine, list[Action]]:
    machine = Machine(kind, _T, now, reliable=reliable)
    actions: list[Action] = []
    for fed in inputs:
        actions += machine.feed(fed, now)
    return machine, actions


def sends_until_the_end(machine: Machine) -> tuple[list[float], float, list[Action]]:
    """Let every timer fire; the times of SEND, the end, and all other actions."""
    sent: list[float] = []
    others: list[Action] = []
    now = 0.0
    while machine.deadline is not None:
        now = machine.deadline
        for action in machine.due(now):
            if action is Action.SEND:
                sent.append(now)
            else:
                others.append(action)
    return sent, now, others


def test_an_unanswered_invite_is_sent_seven_times_and_times_out_after_64_t1():
    sent, end, others = sends_until_the_end(Machine(Kind.INVITE_CLIENT, _T, 0.0, reliable=False))
    assert sent == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]  # after the first
    assert end == 32.0
    assert others == [Action.TIMED_OUT]


def test_an_unanswered_request_is_sent_eleven_times_and_times_out_after_64_t1():
    sent, end, others = sends_until_the_end(Machine(Kind.CLIENT, _T, 0.0, reliable=False))
    assert sent == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert end == 32.0
    assert others == [Action.TIMED_OUT]


def test_a_provisional_answer_slows_the_repetition_down_to_t2():
    machine, actions = run(Kind.CLIENT, Input.PROVISIONAL)
    sent, end, _ = sends_until_the_end(machine)
    assert actions == [Action.DELIVER]
    assert sent == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
    assert end == 32.0


@pytest.mark.parametrize("kind", [Kind.INVITE_CLIENT, Kind.CLIENT])
def test_nothing_is_repeated_over_a_reliable_transport(kind: Kind):
    sent, end, others = sends_until_the_end(Machine(kind, _T, 0.0, reliable=True))
    assert (sent, end, others) == ([], 32.0, [Action.TIMED_OUT])


def test_a_provisional_answer_ends_the_repetition_of_an_invite_and_starts_timer_c():
    machine, actions = run(Kind.INVITE_CLIENT, Input.PROVISIONAL)
    sent, end, others = sends_until_the_end(machine)
    assert actions == [Action.DELIVER]
    assert (sent, end, others) == ([], _T.ringing, [Action.TIMED_OUT])


def test_a_refused_invite_is_acknowledged_each_time_but_told_once():
    machine, actions = run(Kind.INVITE_CLIENT, Input.FAILURE, Input.FAILURE)
    assert actions == [Action.ACK, Action.DELIVER, Action.ACK]
    assert machine.state is State.COMPLETED
    assert machine.deadline == 32.0  # timer D


def test_every_2xx_of_a_forked_invite_is_told_until_timer_m():
    machine, actions = run(Kind.INVITE_CLIENT, Input.PROVISIONAL, Input.SUCCESS, Input.SUCCESS)
    assert actions == [Action.DELIVER] * 3
    waiting = machine.state
    assert machine.deadline == 32.0
    assert machine.feed(Input.FAILURE, 1.0) == ()
    assert machine.due(32.0) == ()
    assert (waiting, machine.state) == (State.ACCEPTED, State.TERMINATED)


def test_a_final_answer_is_told_once_and_repetitions_are_absorbed_for_t4():
    machine, actions = run(Kind.CLIENT, Input.SUCCESS, Input.SUCCESS, Input.FAILURE)
    assert actions == [Action.DELIVER]
    assert machine.deadline == _T.t4


@pytest.mark.parametrize(
    ("kind", "fed"),
    [(Kind.CLIENT, Input.SUCCESS), (Kind.SERVER, Input.SUCCESS), (Kind.INVITE_CLIENT, Input.FAILURE)],
)
def test_over_a_reliable_transport_a_finished_transaction_is_gone_at_once(kind: Kind, fed: Input):
    machine, actions = run(kind, fed, reliable=True)
    assert machine.state is State.TERMINATED
    assert machine.deadline is None
    assert actions


def test_a_lost_connection_fails_what_waits_and_nothing_else():
    assert run(Kind.INVITE_CLIENT, Input.TRANSPORT_ERROR)[1] == [Action.FAILED]
    assert run(Kind.CLIENT, Input.PROVISIONAL, Input.TRANSPORT_ERROR)[1] == [Action.DELIVER, Action.FAILED]
    machine, actions = run(Kind.INVITE_CLIENT, Input.SUCCESS, Input.TRANSPORT_ERROR)
    assert actions == [Action.DELIVER]
    assert machine.state is State.ACCEPTED


def test_a_repeated_invite_gets_the_last_answer_again():
    _, actions = run(Kind.INVITE_SERVER, Input.PROVISIONAL, Input.REQUEST)
    assert actions == [Action.SEND, Action.SEND]


def test_a_refusal_is_repeated_until_its_ack_and_then_only_absorbs():
    machine, actions = run(Kind.INVITE_SERVER, Input.FAILURE)
    assert actions == [Action.SEND]
    assert machine.due(0.5) == (Action.SEND,)
    assert machine.feed(Input.ACK, 0.6) == ()
    absorbing = machine.state
    assert machine.deadline == pytest.approx(0.6 + _T.t4)
    assert machine.feed(Input.REQUEST, 0.7) == ()
    machine.due(6.0)
    assert (absorbing, machine.state) == (State.CONFIRMED, State.TERMINATED)


def test_a_refusal_without_ack_is_given_up_after_64_t1():
    machine, _ = run(Kind.INVITE_SERVER, Input.FAILURE)
    sent, end, others = sends_until_the_end(machine)
    assert sent == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert (end, others) == (32.0, [Action.TIMED_OUT])


def test_a_refusal_is_repeated_over_no_reliable_transport():
    sent, end, others = sends_until_the_end(run(Kind.INVITE_SERVER, Input.FAILURE, reliable=True)[0])
    assert (sent, end, others) == ([], 32.0, [Action.TIMED_OUT])


def test_a_quiet_refusal_is_repeated_only_when_the_invite_is():
    machine, _ = run(Kind.INVITE_SERVER, Input.FAILURE)
    machine.quiet()
    assert machine.feed(Input.REQUEST, 0.1) == (Action.SEND,)
    assert sends_until_the_end(machine) == ([], 32.0, [Action.TIMED_OUT])


def test_an_accepted_invite_absorbs_repetitions_and_passes_on_acks():
    machine, actions = run(Kind.INVITE_SERVER, Input.SUCCESS, Input.REQUEST, Input.ACK, Input.SUCCESS)
    assert actions == [Action.SEND, Action.DELIVER, Action.SEND]
    assert machine.state is State.ACCEPTED
    assert machine.deadline == 32.0


def test_a_request_that_nobody_answers_is_forgotten():
    machine, _ = run(Kind.SERVER)
    assert machine.due(31.9) == ()
    waiting = machine.state
    machine.due(32.0)
    assert (waiting, machine.state) == (State.TRYING, State.TERMINATED)


def test_shorter_timers_shorten_everything():
    fast = Timers(t1=0.05, t2=0.4, t4=0.5)
    machine = Machine(Kind.CLIENT, fast, 0.0, reliable=False)
    sent, end, _ = sends_until_the_end(machine)
    assert sent[:4] == pytest.approx([0.05, 0.15, 0.35, 0.75])
    assert end == pytest.approx(3.2)


@pytest.mark.parametrize(
    ("status", "fed"),
    [(100, Input.PROVISIONAL), (199, Input.PROVISIONAL), (200, Input.SUCCESS), (300, Input.FAILURE)],
)
def test_a_response_is_told_by_its_status(status: int, fed: Input):
    assert response_input(status) is fed


@pytest.mark.parametrize("kind", Kind)
def test_every_row_begins_in_a_state_that_can_be_reached(kind: Kind):
    reached = {FIRST[kind]}
    for _ in TABLES[kind]:
        reached |= {state for (before, _), (_, state) in TABLES[kind].items() if before in reached}
    assert {before for before, _ in TABLES[kind]} <= reached
    assert State.TERMINATED in reached


@pytest.mark.parametrize("kind", Kind)
def test_every_timer_that_runs_has_its_row(kind: Kind):
    for state, timers in RUNNING[kind].items():
        for timer in timers:
            assert (state, timer) in TABLES[kind]
    for state, fed in TABLES[kind]:
        assert fed not in _TIMERS or fed in RUNNING[kind][state]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("fed", Input)
def test_every_input_in_every_state_is_known_or_ignored(kind: Kind, fed: Input):
    for state in State:
        machine = Machine(kind, _T, 0.0, reliable=False)
        machine.state = state
        actions = machine.feed(fed, 0.0)
        known = TABLES[kind].get((state, fed))
        assert (actions, machine.state) == (known or ((), state))


_steps = st.lists(st.tuples(st.sampled_from([f for f in Input if f not in _TIMERS]), st.floats(0, 40)), max_size=12)


@given(st.sampled_from(Kind), st.booleans(), _steps)
def test_no_order_of_inputs_and_times_breaks_a_machine(kind: Kind, reliable: bool, steps: list[tuple[Input, float]]):
    machine = Machine(kind, _T, 0.0, reliable=reliable)
    now = 0.0
    done: list[Action] = []
    for fed, later in steps:
        now += later
        done += machine.due(now)
        assert machine.deadline is None or machine.deadline > now
        if machine.state is State.TERMINATED:
            assert machine.feed(fed, now) == ()
            assert machine.deadline is None
        else:
            done += machine.feed(fed, now)
    assert done.count(Action.TIMED_OUT) <= 1
    if kind is Kind.CLIENT:
        finals = [fed for fed, _ in steps if fed in {Input.SUCCESS, Input.FAILURE}]
        delivered = done.count(Action.DELIVER) - sum(fed is Input.PROVISIONAL for fed, _ in steps)
        assert delivered <= min(1, len(finals))


@given(st.sampled_from(Kind), st.booleans(), _steps)
def test_every_transaction_ends_by_itself_unless_its_user_is_still_to_answer(
    kind: Kind, reliable: bool, steps: list[tuple[Input, float]]
):
    machine = Machine(kind, _T, 0.0, reliable=reliable)
    now = 0.0
    for fed, later in steps:
        now += later
        machine.due(now)
        machine.feed(fed, now)
    for _ in range(200):
        if machine.deadline is None:
            break
        machine.due(machine.deadline)
    assert machine.state is State.TERMINATED or (kind is Kind.INVITE_SERVER and machine.state is State.PROCEEDING)
