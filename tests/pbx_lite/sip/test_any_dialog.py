"""Whatever a peer sends in its dialogs, in whatever order: nothing fails here, and nothing is left at the end."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_lite.errors import ParseError
from pbx_lite.sip.incoming import IncomingInvite
from pbx_lite.sip.invite_events import Accepted, InDialogRequest, InviteEvent, Offer, Progress
from pbx_lite.sip.message import Request
from pbx_lite.sip.session import Session
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

BODIES = st.sampled_from([b"", OFFER, ANSWER, b"garbage"])
HEADERS = st.lists(
    st.sampled_from(
        [
            ("Supported", "timer, 100rel"),
            ("Require", "100rel"),
            ("Session-Expires", "90;refresher=uac"),
            ("Session-Expires", "90;refresher=uas"),
            ("Session-Expires", "10"),
            ("Min-SE", "3600"),
            ("RSeq", "1"),
            ("RSeq", "2"),
            ("RAck", "1 1 INVITE"),
            ("Allow", "INVITE, UPDATE"),
            ("Allow", '"'),
            ("Contact", "<mailto:a@b>"),
            ("Contact", "*"),
            ("Record-Route", "<sip:192.0.2.9:5060;lr>"),
            ("Record-Route", "<sip:192.0.2.9:5060>"),
            ("Reason", 'Q.850;cause=16, "'),
            ("Content-Type", "application/sdp"),
            ("Content-Type", "multipart/mixed;boundary=x"),
            ("Content-Type", "text/plain"),
            ("Refer-To", "<sip:x@y>"),
            ("Event", "refer"),
            ("Retry-After", "x"),
        ]
    ),
    max_size=3,
)
REQUESTS = st.tuples(
    st.just("request"),
    st.sampled_from(
        [
            "INVITE",
            "ACK",
            "BYE",
            "CANCEL",
            "UPDATE",
            "PRACK",
            "INFO",
            "REFER",
            "NOTIFY",
            "MESSAGE",
            "OPTIONS",
            "PUBLISH",
        ]
    ),
    st.sampled_from([1, 2, 2, 3, 4, 5, 6]),
    HEADERS,
    BODIES,
)
RESPONSES = st.tuples(
    st.just("respond"),
    st.integers(0, 5),
    st.sampled_from([100, 180, 183, 199, 200, 202, 302, 401, 408, 422, 481, 486, 491, 500, 503, 600]),
    HEADERS,
    st.tuples(BODIES, st.sampled_from(["puppet", "other", None])),
)
WORDS = st.tuples(
    st.just("do"),
    st.sampled_from(["accept", "reject", "ring", "early", "bye", "update", "reinvite", "info", "answer", "refuse"]),
    st.just(0),
    st.just(()),
    BODIES,
)
TIMES = st.tuples(
    st.just("wait"), st.sampled_from([0.0, 0.5, 5.0, 33.0, 61.0, 1000.0]), st.just(0), st.just(()), BODIES
)
STEPS = st.lists(st.one_of(REQUESTS, RESPONSES, WORDS, TIMES), max_size=25)


async def quietly(work: Any) -> None:
    try:
        await work
    except Exception as error:
        if type(error).__module__ != "pbx_lite.errors":
            raise


class Play:
    """Bob and a puppet with a call in one direction; bob's listener answers as `steps` say."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.wire = Wire(self.clock)
        self.bob = Party(self.wire, "udp:192.0.2.2:5060")
        self.puppet = Puppet(self.wire, "udp:192.0.2.9:5060")
        self.tasks: list[asyncio.Task[None]] = []
        self.sessions: list[Session] = []
        self.after_end: list[InviteEvent] = []
        self.bob.handler.answer = self.adopt

    def adopt(self, session: Session) -> None:
        self.sessions.append(session)

        def hear(event: InviteEvent) -> None:
            if session.ended:
                self.after_end.append(event)
            if isinstance(event, InDialogRequest):
                event.respond(202)
            elif isinstance(event, Progress | Accepted) and event.body == OFFER:
                session.accept_offer(ANSWER)

        session.listener = hear

    def begin(self, *, outgoing: bool, body: bytes, headers: list[tuple[str, str]]) -> None:
        if outgoing:
            self.adopt(self.bob.call(self.puppet, body))
        else:
            self.puppet.request("INVITE", self.bob, body=body, headers=headers)

    async def step(self, kind: str, what: Any, number: int, headers: list[tuple[str, str]], body: Any) -> None:
        if kind == "wait":
            await self.clock.settle(what)
        elif kind == "request":
            self.request(what, number, headers, body)
        elif kind == "respond":
            requests = [each for each in self.puppet.received if isinstance(each, Request) and each.method != "ACK"]
            if requests:
                sdp, tag = body
                request = requests[what % len(requests)]
                with suppress(ParseError):  # of the wire's own log: bob would drop it
                    self.puppet.respond(request, number, self.bob, tag=tag, headers=headers, body=sdp)
        elif self.sessions:
            self.do(self.sessions[-1], what, body)
        await self.clock.settle()

    def request(self, method: str, seq: int, headers: list[tuple[str, str]], body: bytes) -> None:
        if not self.sessions:
            return
        session = self.sessions[-1]
        dialog = session.dialog
        branch = "z9hG4bK" + f"{method}{seq}" if method != "CANCEL" else "z9hG4bK" + f"INVITE{seq}"
        self.puppet.request(
            method,
            self.bob,
            call_id=session.call_id,
            to_tag=dialog.local_tag if dialog is not None else None,
            seq=seq,
            headers=headers,
            body=body,
            branch=branch,
        )

    def do(self, session: Session, what: str, body: bytes) -> None:
        if what == "bye":
            session.bye("SIP;cause=200")
        elif what in {"update", "reinvite", "info"}:
            work = session.info("text/plain", body) if what == "info" else getattr(session, what)(body)
            self.tasks.append(spawn(quietly(work), name=what))
        elif what == "answer":
            session.accept_offer(body)
        elif what == "refuse":
            session.refuse_offer(488)
        elif isinstance(session, IncomingInvite):
            if what == "accept":
                session.accept(body)
            elif what == "reject":
                session.reject(486)
            else:
                session.progress(183 if what == "early" else 180, body=body, reliable=what == "early")

    async def end(self) -> None:
        for session in self.sessions:
            session.bye()
        await self.clock.settle(700)
        await asyncio.gather(*self.tasks)


@pytest.mark.parametrize("outgoing", [True, False])
@given(body=st.sampled_from([b"", OFFER]), headers=HEADERS, steps=STEPS)
@settings(max_examples=100)
def test_nothing_fails_and_nothing_is_left(caplog, outgoing, body, headers, steps):
    async def scene() -> Play:
        play = Play()
        play.begin(outgoing=outgoing, body=body, headers=headers)
        await play.clock.settle()
        for step in steps:
            await play.step(*step)
        await play.end()
        return play

    caplog.clear()
    with caplog.at_level(logging.WARNING):
        play = asyncio.run(scene())
    assert caplog.records == []
    assert play.after_end == []
    assert all(session.ended for session in play.sessions)
    assert play.bob.endpoint._agent.sessions == {}
    assert play.clock.pending == []


def test_an_offer_is_not_told_twice_at_a_time():
    async def scene() -> list[InviteEvent]:
        play = Play()
        play.begin(outgoing=False, body=OFFER, headers=[])
        await play.clock.settle()
        session = play.sessions[0]
        assert isinstance(session, IncomingInvite)
        session.accept(ANSWER)
        play.request("ACK", 1, [], b"")
        heard: list[InviteEvent] = []
        session.listener = heard.append
        await play.clock.settle()
        for seq in (2, 3):
            play.request("UPDATE", seq, [], OFFER)
        await play.clock.settle()
        session.refuse_offer(488)
        await play.end()
        return [event for event in heard if isinstance(event, Offer)]

    assert len(asyncio.run(scene())) == 1
