"""Whatever arrives, in whatever order: no traceback, no timer that runs for ever."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

_TORTURE = {path.name: path.read_bytes() for path in sorted(Path(__file__).parent.glob("rfc*/*")) if path.is_file()}
_METHODS = ["INVITE", "ACK", "BYE", "CANCEL", "INFO", "UPDATE", "PRACK", "OPTIONS", "REFER", "MESSAGE"]


def problems(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname in {"WARNING", "ERROR", "CRITICAL"}]


@pytest.mark.parametrize("name", _TORTURE)
async def test_no_torture_message_leaves_a_trace(
    name: str,
    bob: Party,
    puppet: Puppet,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
):
    puppet.network.receive = lambda data, flow: None
    monkeypatch.setattr(bob.network.wire, "carry", lambda data, source, remote: None)
    bob.handler.answer = lambda invite: invite.accept(ANSWER)
    bob.network.receive(_TORTURE[name], bob.network.flow(puppet.address))
    await clock.settle(100)
    assert problems(caplog) == []
    assert clock.pending == []


_theirs = st.tuples(
    st.sampled_from(_METHODS),
    st.integers(1, 4),  # CSeq
    st.sampled_from([None, "right", "wrong"]),  # To tag
    st.sampled_from([b"", OFFER]),
    st.booleans(),  # with the branch of the INVITE
    st.sampled_from([(), (("Require", "100rel"),), (("RAck", "1 1 INVITE"),)]),
)
_ours = st.sampled_from(["180", "183", "200", "486", "bye", "accept", "refuse"])
_steps = st.lists(st.tuples(st.one_of(_theirs, _ours), st.sampled_from([0.0, 0.6, 5.0, 33.0])), max_size=10)


@settings(max_examples=80)
@given(steps=_steps)
def test_no_order_of_requests_in_a_call_breaks_it(steps, caplog: pytest.LogCaptureFixture):
    caplog.clear()
    clock = FakeClock()
    wire = Wire(clock)
    bob, puppet = Party(wire, "udp:192.0.2.2:5060"), Puppet(wire, "udp:192.0.2.9:5060")
    first = puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    invite = bob.handler.invite
    ours = {
        "180": lambda: invite.progress(180),
        "183": lambda: invite.progress(183, body=ANSWER, reliable=True),
        "200": lambda: invite.accept(ANSWER),
        "486": lambda: invite.reject(486),
        "bye": invite.bye,
        "accept": lambda: invite.accept_offer(ANSWER),
        "refuse": lambda: invite.refuse_offer(488),
    }
    for step, later in steps:
        if isinstance(step, str):
            ours[step]()
        else:
            method, seq, tag, body, same_branch, headers = step
            assert invite.dialog is not None
            puppet.request(
                method,
                bob,
                seq=seq,
                to_tag={"right": invite.dialog.local_tag, "wrong": "wrong", None: None}[tag],
                body=body,
                headers=headers,
                branch=first.via.branch if same_branch else None,
            )
        clock.advance(later)
    for call in bob.handler.invites:
        call.reject(486)
        call.bye()
    for incoming in bob.handler.requests:
        incoming.respond(405)
    clock.advance(200)
    assert problems(caplog) == []
    assert clock.pending == []
    assert bob.endpoint._agent.sessions == {}


_answers = st.tuples(
    st.sampled_from([100, 180, 183, 200, 302, 401, 486, 503]),
    st.sampled_from(["one", "two", None]),
    st.sampled_from([b"", ANSWER]),
    st.sampled_from([(), (("Require", "100rel"), ("RSeq", "1")), (("Require", "100rel"), ("RSeq", "x"))]),
)
_called = st.lists(
    st.tuples(st.one_of(_answers, st.sampled_from(["cancel", "bye", "theirs"])), st.sampled_from([0.0, 0.6, 33.0])),
    max_size=10,
)


@settings(max_examples=80)
@given(steps=_called)
def test_no_order_of_answers_breaks_a_call_of_ours(steps, caplog: pytest.LogCaptureFixture):
    caplog.clear()
    clock = FakeClock()
    wire = Wire(clock)
    alice, puppet = Party(wire, "udp:192.0.2.1:5060"), Puppet(wire, "udp:192.0.2.9:5060")
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    for step, later in steps:
        if step == "cancel":
            call.cancel("SIP;cause=200")
        elif step == "bye":
            call.bye()
        elif step == "theirs":
            puppet.request("BYE", alice, call_id=call.call_id, to_tag=invite.from_.tag, tag="one", seq=9)
        else:
            status, tag, body, headers = step
            puppet.respond(invite, status, alice, tag=tag, body=body, headers=headers)
        clock.advance(later)
    call.bye()
    clock.advance(1000)
    assert problems(caplog) == []
    assert clock.pending == []
    assert call.ended
    assert alice.endpoint._agent.sessions == {}
    finals = [type(event).__name__ for event in alice.events if type(event).__name__ in {"Accepted", "Failed"}]
    assert len(finals) <= 1
