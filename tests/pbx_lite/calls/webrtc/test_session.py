import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Self

import pytest
from aioice import ice as aioice_ice
from aioice import stun

from pbx_lite.calls.webrtc.ice import IceConnection
from pbx_lite.calls.webrtc.rtp import OutgoingStream
from pbx_lite.calls.webrtc.session import prepare
from pbx_lite.calls.webrtc_leg import WebRtcSession
from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket, Codec
from tests.pbx_lite.calls.webrtc.peer import Peer
from tests.support.pictures import units


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(aioice_ice, "get_host_addresses", addresses)


@pytest.fixture
async def session() -> AsyncIterator[WebRtcSession]:
    await prepare()
    made = WebRtcSession()
    yield made
    await made.close()


class States:
    """The states a session went through, and a way to wait for one."""

    def __init__(self, session: WebRtcSession) -> None:
        self.seen: list[str] = []
        self._changed = asyncio.Event()
        session.on_state = self._hear

    def _hear(self, state: str) -> None:
        self.seen.append(state)
        self._changed.set()

    async def reach(self, state: str) -> None:
        async with asyncio.timeout(20):
            while state not in self.seen:
                self._changed.clear()
                await self._changed.wait()


class StunServer(asyncio.DatagramProtocol):
    """Says that everybody is 203.0.113.9:4711, once it may `answer`."""

    port = 0

    def __init__(self) -> None:
        self._answers = False
        self._asked: list[tuple[stun.Message, tuple[str, int]]] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._asked.append((stun.parse_message(data), addr))
        if self._answers:
            self.answer()

    def answer(self) -> None:
        self._answers = True
        for request, address in self._asked:
            response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
            response.attributes["XOR-MAPPED-ADDRESS"] = ("203.0.113.9", 4711)
            self._transport.sendto(bytes(response), address)
        self._asked.clear()


def feed(session: WebRtcSession, count: int = 30) -> None:
    for unit in units(count):
        session.video.send(unit)


def speak(session: WebRtcSession, codec: Codec = PCMU, count: int = 20) -> None:
    for number in range(count):
        session.audio.send(AudioPacket(codec, b"\xd5" * 160, number * 160))


async def test_pictures_sent_before_the_browser_was_there_are_seen_once_it_is_connected(session: WebRtcSession) -> None:
    for unit in units(8):
        session.video.send(unit)
    async with Peer() as peer:
        await peer.call(session)
        frames = await peer.decoded("video", 5)
        assert (frames[0].width, frames[0].height) == (320, 240)  # type: ignore[attr-defined]
        assert session.has_video


async def test_nothing_is_sent_before_the_connection_is_secure(
    session: WebRtcSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def send_now(_: IceConnection, data: bytes) -> None:
        sent.append(session.state)

    monkeypatch.setattr(IceConnection, "send_now", send_now)
    for unit in units(8):
        session.video.send(unit)
    states = States(session)
    async with Peer() as peer:
        await peer.call(session)
        await states.reach("connected")
        session.video.send(units(8)[-1])
    assert set(sent) <= {"connected", "closed"}
    assert sent


async def test_sound_is_sent_as_it_is_and_heard(session: WebRtcSession) -> None:
    states = States(session)
    async with Peer(video=None) as peer:
        await peer.call(session)
        await states.reach("connected")
        speak(session)
        await peer.decoded("audio", 3)
        assert session.audio.codec == PCMU
        assert session.audio.accepts(PCMA)
        assert not session.has_microphone
        assert not session.has_video


async def test_the_microphones_first_packet_is_heard_undecoded_in_the_agreed_codec(session: WebRtcSession) -> None:
    heard: list[AudioPacket] = []
    async with Peer(audio="sendrecv") as peer:
        session.audio.sink = peer.waking(heard.append)
        await peer.call(session)
        await peer.until(lambda: len(heard) >= 3)
    assert session.has_microphone
    assert heard[0].codec == PCMU
    assert len(heard[0].payload) == 160
    assert heard[1].timestamp - heard[0].timestamp == 160


@pytest.mark.parametrize("codec", [PCMA, G722, OPUS])
async def test_the_wanted_codec_is_agreed(codec: Codec) -> None:
    session = WebRtcSession(audio_codecs=(codec,))
    heard: list[AudioPacket] = []
    async with Peer(audio="sendonly", video=None) as peer:
        session.audio.sink = peer.waking(heard.append)
        await peer.call(session)
        await peer.until(lambda: bool(heard))
    assert heard[0].codec == codec
    assert not session.audio.accepts(codec)  # the browser said that it does not listen
    await session.close()


async def test_a_session_of_the_picture_alone_works(session: WebRtcSession) -> None:
    async with Peer(audio=None) as peer:
        await peer.call(session)
        feed(session)
        await peer.decoded("video", 2)
        assert session.audio.codec is None


async def test_lost_packets_are_sent_again(session: WebRtcSession, monkeypatch: pytest.MonkeyPatch) -> None:
    send = IceConnection.send_now
    lost: list[bytes] = []

    def lossy(connection: IceConnection, data: bytes) -> None:
        sequence = data[2:4]
        if data[1] & 0x7F == payload_type and sequence[1] % 7 == 0 and sequence not in lost:
            lost.append(sequence)
        else:
            send(connection, data)

    def resend(stream: OutgoingStream, sequences: list[int]) -> int:
        resent.update(sequences)
        peer.wake()
        return answer_nack(stream, sequences)

    answer_nack = OutgoingStream.resend
    resent: set[int] = set()
    monkeypatch.setattr(OutgoingStream, "resend", resend)
    pictures = units(120, key_every=120)
    states = States(session)
    async with Peer(audio=None) as peer:
        await peer.call(session)
        payload_type = int(peer.answer.partition("m=video 9 UDP/TLS/RTP/SAVPF ")[2].split()[0])
        await states.reach("connected")
        for unit in pictures[:5]:  # nobody misses what came before the first packet
            session.video.send(unit)
        monkeypatch.setattr(IceConnection, "send_now", lossy)
        for unit in pictures[5:40]:
            session.video.send(unit)
        monkeypatch.setattr(IceConnection, "send_now", send)
        session.video.send(pictures[40])
        await peer.until(lambda: len(resent) >= len(lost))
        for unit in pictures[41:]:  # aiortc gives out one picture for each packet it gets
            session.video.send(unit)
        await peer.decoded("video", 70)
    assert len(lost) > 3


async def test_a_browser_that_lost_the_picture_asks_for_a_key_frame(session: WebRtcSession) -> None:
    asked = asyncio.Event()
    session.video.on_key_frame_wanted = asked.set
    states = States(session)
    async with Peer() as peer:
        await peer.call(session)
        await states.reach("connected")
        for unit in units(4):
            session.video.send(unit)
        await peer.decoded("video", 1)
        asked.clear()
        receiver = peer.connection.getReceivers()[1]
        sender_ssrc = next(line for line in peer.answer.splitlines() if line.startswith("a=ssrc-group:FID")).split()[1]
        await receiver._send_rtcp_pli(int(sender_ssrc))
        async with asyncio.timeout(20):
            await asked.wait()


async def test_candidates_that_come_later_are_enough(session: WebRtcSession) -> None:
    states = States(session)
    async with Peer() as peer:
        offer = await peer.offer()
        lines = offer.split("\r\n")
        inline = [line for line in lines if line.startswith("a=candidate")]
        bare = "\r\n".join(line for line in lines if not line.startswith(("a=candidate", "a=end-of")))
        await session.add_candidate(inline[0][2:], "0", 0)
        answer = await session.answer(bare)
        for line in inline:
            await session.add_candidate(line[2:], "0", 0)
        await session.add_candidate("", "0", 0)
        await peer.connection.setRemoteDescription(type(peer.connection.localDescription)(answer, "answer"))
        await states.reach("connected")


async def test_a_browser_that_hangs_up_closes_the_session_by_itself(session: WebRtcSession) -> None:
    states = States(session)
    async with Peer() as peer:
        await peer.call(session)
        await states.reach("connected")
    await states.reach("closed")
    assert states.seen == ["connecting", "connected", "closed"]


async def test_closing_leaves_nothing(session: WebRtcSession) -> None:
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    states = States(session)
    async with Peer(audio="sendrecv") as peer:
        await peer.call(session)
        await states.reach("connected")
        feed(session, 5)
        await session.close()
        await session.close()
    assert states.seen == ["connecting", "connected", "closed"]
    assert asyncio.all_tasks() <= tasks
    assert {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio")} <= threads
    session.video.send(units()[0])
    session.audio.send(AudioPacket(PCMU, b"x", 0))


async def test_closing_before_the_connection_leaves_nothing(session: WebRtcSession) -> None:
    tasks = asyncio.all_tasks()
    async with Peer() as peer:
        await session.answer(await peer.offer())
        await session.close()
    assert session.state == "closed"
    assert asyncio.all_tasks() <= tasks


async def test_a_browser_that_cannot_be_reached_fails(session: WebRtcSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_lite.calls.webrtc.session.CONNECT_SECONDS", 0.2)
    states = States(session)
    async with Peer() as peer:
        await session.answer(await peer.offer())
        await states.reach("failed")
    assert states.seen == ["connecting", "failed"]


async def test_a_path_that_is_lost_fails_the_session(session: WebRtcSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice_ice, "CONSENT_INTERVAL", 0.02)
    monkeypatch.setattr(aioice_ice, "CONSENT_FAILURES", 2)
    monkeypatch.setattr(stun, "RETRY_RTO", 0.05)
    states = States(session)
    async with Peer() as peer:
        await peer.call(session)
        await states.reach("connected")
        for protocol in peer.connection.getReceivers()[0].transport.transport._connection._protocols:
            protocol.transport.abort()
        await states.reach("failed")
    assert states.seen == ["connecting", "connected", "failed"]


async def test_what_servers_find_after_the_answer_is_told(session: WebRtcSession) -> None:
    found: list[tuple[str, str, int]] = []
    session.on_candidate = lambda *candidate: found.append(candidate)
    async with StunServer() as server, Peer() as peer:
        answer = await session.answer(await peer.offer(), [{"urls": f"stun:127.0.0.1:{server.port}"}])
        assert "typ srflx" not in answer
        assert "end-of-candidates" not in answer
        session.on_candidate = lambda *candidate: peer.waking(found.append)(candidate)
        server.answer()
        await peer.until(lambda: bool(found))
    candidate, mid, index = found[0]
    assert candidate.startswith("candidate:")
    assert "203.0.113.9 4711 typ srflx" in candidate
    assert (mid, index) == ("0", 0)


async def test_without_anybody_to_tell_the_answer_waits_for_the_servers(session: WebRtcSession) -> None:
    async with StunServer() as server, Peer() as peer:
        server.answer()
        answer = await session.answer(await peer.offer(), [{"urls": f"stun:127.0.0.1:{server.port}"}])
        assert "203.0.113.9 4711 typ srflx" in answer
        assert "end-of-candidates" in answer


async def test_a_wrong_fingerprint_fails(session: WebRtcSession, caplog: pytest.LogCaptureFixture) -> None:
    states = States(session)
    async with Peer() as peer:
        offer = await peer.offer()
        lines = [
            "a=fingerprint:sha-256 " + ":".join(["00"] * 32) if line.startswith("a=fingerprint:sha-256") else line
            for line in offer.split("\r\n")
        ]
        answer = await session.answer("\r\n".join(lines))
        await peer.connection.setRemoteDescription(type(peer.connection.localDescription)(answer, "answer"))
        await states.reach("failed")


async def test_an_offer_that_makes_no_sense_closes_the_session(session: WebRtcSession) -> None:
    with pytest.raises(MediaError):
        await session.answer("rubbish")
    assert session.state == "closed"


async def test_an_offer_with_nothing_in_common_closes_the_session() -> None:
    session = WebRtcSession(audio_codecs=())
    async with Peer(video=None) as peer:
        with pytest.raises(NoCommonCodec):
            await session.answer(await peer.offer())
    assert session.state == "closed"


async def test_a_session_answers_once(session: WebRtcSession) -> None:
    async with Peer() as peer:
        await session.answer(await peer.offer())
        with pytest.raises(MediaError, match="already"):
            await session.answer(await peer.offer())


async def test_listeners_that_fail_do_not_end_the_session(
    session: WebRtcSession, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise ValueError("broken listener")

    session.audio.sink = broken
    session.on_state = broken
    for unit in units(8):
        session.video.send(unit)
    async with Peer(audio="sendrecv") as peer:
        await peer.call(session)
        await peer.decoded("video", 2)
    assert "A listener failed" in caplog.text
