"""Clients nobody here wrote, against the endpoint: aiosipua and SIPp."""

import asyncio
import shutil
from pathlib import Path

import aiosipua
import pytest

from pbx_lite.sip.digest import DigestServer
from pbx_lite.sip.endpoint import Credentials, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.invite_events import Accepted, Cancelled, Ended, Info, Offer, Progress
from pbx_lite.sip.registration import Registration, RegistrationState
from tests.pbx_lite.sip.loopback import Heard, Station, soon
from tests.support.ports import free_port

_SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


class Phone:
    """An aiosipua phone."""

    def __init__(self, transport: aiosipua.SipTransport) -> None:
        self.transport = transport
        self.uac = aiosipua.SipUAC(transport)
        self.uas = aiosipua.SipUAS(transport, uac=self.uac)

    async def __aenter__(self) -> Phone:
        await self.uas.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.uac.close()
        await self.uas.stop()


def udp_phone(port: int = 0) -> Phone:
    return Phone(aiosipua.UdpSipTransport(local_addr=("127.0.0.1", port or free_port())))


def answering(invite: IncomingInvite) -> None:
    invite.progress(180)
    invite.accept(_SDP)


async def test_aiosipua_calls_talks_and_hangs_up():
    async with Station("udp://127.0.0.1:0") as pbx, udp_phone() as phone:
        pbx.answer = answering
        there = (pbx.address.host, pbx.address.port)
        call = phone.uac.send_invite(
            "sip:phone@127.0.0.1", f"sip:100@127.0.0.1:{there[1]}", there, sdp_offer=aiosipua.parse_sdp(_SDP.decode())
        )
        await soon(call.wait_answered())
        assert call.sdp_answer is not None
        assert isinstance(await pbx.events.next(), Accepted)
        phone.uac.send_info(call.dialog, "Signal=5\r\nDuration=160\r\n", "application/dtmf-relay", there)
        info = await pbx.events.next()
        assert isinstance(info, Info)
        assert info.body == b"Signal=5\r\nDuration=160\r\n"
        call.hangup(phone.uac)
        assert isinstance(await pbx.events.next(), Ended)


async def test_aiosipua_takes_its_call_back():
    async with Station("udp://127.0.0.1:0") as pbx, udp_phone() as phone:
        pbx.answer = lambda invite: invite.progress(180)
        there = (pbx.address.host, pbx.address.port)
        call = phone.uac.send_invite("sip:phone@127.0.0.1", f"sip:100@127.0.0.1:{there[1]}", there)
        rung: asyncio.Event = asyncio.Event()
        call.on_ringing = lambda _: rung.set()
        await soon(rung.wait())
        call.cancel(phone.uac)
        assert isinstance(await pbx.events.next(), Cancelled)
        assert (await pbx.invites.next()).ended


async def test_aiosipua_is_called_answers_reliably_and_is_put_on_hold():
    async with Station("udp://127.0.0.1:0") as pbx, udp_phone() as phone:
        calls: Heard[aiosipua.IncomingCall] = Heard()
        ended: Heard[object] = Heard()
        phone.uas.on_invite = calls.add
        phone.uas.on_bye = lambda call, request: ended.add(request)
        phone.uas.on_reinvite = lambda call: call.accept(aiosipua.parse_sdp(_SDP.decode()))
        there = f"sip:phone@127.0.0.1:{phone.transport.local_addr[1]}"
        call = pbx.call(there, _SDP)
        theirs = await calls.next()
        theirs.ringing(early_sdp=aiosipua.parse_sdp(_SDP.decode()), reliable=True)
        progress = await pbx.own.next()
        assert isinstance(progress, Progress)
        assert b"m=audio" in progress.body
        assert progress.headers.get("require") == "100rel"
        # whoever has answered this has heard the PRACK before it
        await soon(pbx.endpoint.request("OPTIONS", there, from_=NameAddr("", "sip:pbx@home")))
        theirs.accept(aiosipua.parse_sdp(_SDP.decode()))
        assert isinstance(await pbx.own.next(), Accepted)
        answer = await soon(call.reinvite(_SDP + b"a=sendonly\r\n"))
        assert answer.status == 200
        call.bye()
        await ended.next()


async def test_aiosipua_changes_the_session():
    async with Station("udp://127.0.0.1:0") as pbx, udp_phone() as phone:
        pbx.answer = answering
        there = (pbx.address.host, pbx.address.port)
        call = phone.uac.send_invite(
            "sip:phone@127.0.0.1", f"sip:100@127.0.0.1:{there[1]}", there, sdp_offer=aiosipua.parse_sdp(_SDP.decode())
        )
        await soon(call.wait_answered())
        invite = await pbx.invites.next()
        await pbx.events.next()
        phone.uac.send_reinvite(call.dialog, aiosipua.parse_sdp(_SDP.decode()), there)
        offer = await pbx.events.next()
        assert isinstance(offer, Offer)
        assert offer.method == "INVITE"
        invite.accept_offer(_SDP)
        invite.bye()


@pytest.mark.parametrize("password", ["secret", "wrong"])
async def test_aiosipua_registers_with_its_password_alone(password: str):
    digest = DigestServer("home", secret=b"s" * 32)
    loop = asyncio.get_running_loop()

    def serve(incoming: IncomingRequest) -> None:
        verdict = digest.verify(incoming.request, loop.time(), {"phone": "secret"}.get)
        if verdict.accepted:
            incoming.respond(200, headers=[("Contact", f"{incoming.request.contact};expires=300")])
        else:
            incoming.respond(401, headers=[("WWW-Authenticate", value) for value in digest.challenges(loop.time())])

    async with Station("udp://127.0.0.1:0") as pbx, udp_phone() as phone:
        pbx.serve = serve
        outcomes: Heard[int] = Heard()
        registration = aiosipua.Registration(
            phone.uac,
            "sip:phone@127.0.0.1",
            (pbx.address.host, pbx.address.port),
            auth=aiosipua.SipDigestAuth(username="phone", password=password),
        )
        registration.on_registered = lambda _: outcomes.add(200)
        registration.on_failed = lambda _, status, reason: outcomes.add(status)
        registration.register()
        assert await outcomes.next() == (200 if password == "secret" else 401)


_UAC = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="door">
  <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:sipp@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: sip:sipp@[local_ip]:[local_port]
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180"/>
  <recv response="200"/>
  <send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:sipp@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
BYE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:sipp@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"""


@pytest.mark.skipif(shutil.which("sipp") is None, reason="SIPp is not installed")
@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_sipp_calls_twenty_times_at_once(transport: str, tmp_path: Path):
    scenario = tmp_path / "uac.xml"
    scenario.write_text(_UAC)
    async with Station("udp://127.0.0.1:0" if transport == "u1" else "tcp://127.0.0.1:0") as pbx:
        pbx.answer = answering
        arguments = [
            f"127.0.0.1:{pbx.address.port}", "-sf", str(scenario), "-m", "20", "-r", "20", "-rp", "100",
            "-t", transport, "-i", "127.0.0.1", "-s", "100", "-nostdin", "-timeout", "20", "-recv_timeout", "8000",
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            "sipp",
            *arguments,
            cwd=tmp_path,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"TERM": "dumb", "PATH": "/usr/bin:/bin"},
        )
        try:
            async with asyncio.timeout(40):
                _, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, errors.decode()
        assert len(pbx.invites.all) == 20
        assert sum(isinstance(event, Ended) for event in pbx.events.all) == 20


async def test_our_registration_is_taken_by_our_own_digest():
    digest = DigestServer("home", secret=b"s" * 32)
    loop = asyncio.get_running_loop()

    def serve(incoming: IncomingRequest) -> None:
        if digest.verify(incoming.request, loop.time(), {"door": "secret"}.get).accepted:
            incoming.respond(200, headers=[("Contact", f"{incoming.request.contact};expires=300")])
        else:
            incoming.respond(401, headers=[("WWW-Authenticate", value) for value in digest.challenges(loop.time())])

    async with Station("udp://127.0.0.1:0") as pbx, Station("udp://127.0.0.1:0") as door:
        pbx.serve = serve
        states: Heard[RegistrationState] = Heard()
        registration = Registration(
            door.endpoint,
            clock=loop,
            registrar=pbx.uri(),
            address=NameAddr("", "sip:door@home"),
            credentials=Credentials("door", "secret"),
            on_change=lambda state, _: states.add(state),
        )
        registration.start()
        assert await states.next() is RegistrationState.REGISTERED
        await soon(registration.stop())
        assert await states.next() is RegistrationState.UNREGISTERED
        assert pbx.requests.all[-1].request.expires == 0


def test_uvloop_carries_a_call_too():
    uvloop = pytest.importorskip("uvloop")

    async def call() -> None:
        listen = ["udp://127.0.0.1:0", "tcp://127.0.0.1:0"]
        async with Station(*listen) as callee, Station(*listen) as caller:
            callee.answer = answering
            for transport in ("udp", "tcp"):
                caller.call(callee.uri(transport), _SDP)
                assert isinstance(await caller.own.next(), Progress)
                assert isinstance(await caller.own.next(), Accepted)

    uvloop.run(call())
