"""An INVITE and a media session that only remember what a leg makes of them."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pbx_lite.calls.incoming_leg import IncomingLeg
from pbx_lite.calls.outgoing_leg import Callee, OutgoingLeg
from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media.port import Codec
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite_events import InDialogRequest
from pbx_lite.sip.message import Request, Response
from tests.support.fake_leg import FakeAudio, FakeVideo

OFFER, ANSWER = b"their offer", b"our answer"


class Media:
    """A media session that agrees to everything but `nonsense`."""

    def __init__(self) -> None:
        self.audio = FakeAudio()
        self.audio.held = False  # type: ignore[attr-defined]
        self.audio.takes_events = True  # type: ignore[attr-defined]
        self.listening = asyncio.Event()
        self.audio.listen_inband = self.listening.set  # type: ignore[attr-defined]
        self.video = FakeVideo()
        self.on_info_key_frame: Callable[[], None] | None = None
        self.last_received: float | None = None
        self.accepted: list[bytes] = []
        self.keys: list[tuple[str, bool, int, int]] = []
        self.pauses: list[float] = []
        self.closed = False
        self.preferred: Codec | None = None

    def offer(self) -> bytes:
        return b"our offer"

    def prefer(self, first: Codec | None) -> None:
        self.preferred = first

    def answer(self, offer: bytes) -> bytes:
        if offer == b"nonsense":
            raise NoCommonCodec("Nothing in common")
        if offer == b"garbage":
            raise MediaError("Not a session description")
        self.audio.held = offer == b"hold"  # type: ignore[attr-defined]
        return ANSWER

    def accept(self, answer: bytes) -> None:
        if answer == b"nonsense":
            raise MediaError("Not an answer")
        self.accepted.append(answer)

    async def send_dtmf(self, digits: str, *, inband: bool, duration_ms: int, gap_ms: int) -> None:
        self.keys.append((digits, inband, duration_ms, gap_ms))

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def close(self) -> None:
        self.closed = True


class Invite:
    """An INVITE in either direction; `done` is what the leg made of it."""

    def __init__(self, body: bytes = OFFER) -> None:
        self.request = SimpleNamespace(body=body)
        self.listener: Callable[[Any], None] | None = None
        self.done: list[tuple[Any, ...]] = []
        self.sent: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.takes = {"UPDATE"}
        self.confirmed = True
        self.ended = False
        self.takes_reliable = self.requires_reliable = False
        self.dialog = SimpleNamespace(local=NameAddr("", "sip:101@pbx"))

    def progress(self, status: int, *, body: bytes = b"", headers: Any = (), reliable: bool = False) -> None:
        self.done.append(("progress reliably" if reliable else "progress", status, body))
        self.headers = dict(headers)

    def accept(self, body: bytes, headers: Any = ()) -> None:
        self.done.append(("accept", body))
        self.headers = dict(headers)

    def allows(self, method: str) -> bool:
        return method in self.takes

    async def send(self, method: str, headers: Any = (), body: bytes = b"") -> Response:
        self.sent.append((method, dict(headers), body))
        return Response(self.status)

    def reject(self, status: int, headers: Any = ()) -> None:
        self.done.append(("reject", status, dict(headers)))

    def bye(self, reason: str = "") -> None:
        self.done.append(("bye", reason))

    def cancel(self, reason: str = "") -> None:
        self.done.append(("cancel", reason))

    def accept_offer(self, body: bytes) -> None:
        self.done.append(("accept offer", body))

    def refuse_offer(self, status: int) -> None:
        self.done.append(("refuse offer", status))

    async def info(self, content_type: str, body: bytes) -> Response:
        self.done.append(("info", content_type, body))
        return Response(self.status)


class Endpoint:
    """Hands out one invite and lets the test play the other side through its listener."""

    def __init__(self) -> None:
        self.sent = Invite()
        self.arguments: dict[str, Any] = {}

    def invite(self, uri: str, **arguments: Any) -> Invite:
        self.arguments = {"uri": uri, **arguments}
        return self.sent


def incoming(body: bytes = OFFER) -> tuple[IncomingLeg, Invite, Media, list[Any]]:
    invite, media = Invite(body), Media()
    heard: list[Any] = []
    leg = IncomingLeg(invite, media)  # type: ignore[arg-type]
    leg.negotiate()
    leg.listener = heard.append
    return leg, invite, media, heard


def outgoing(*, offer: bool = True) -> tuple[OutgoingLeg, Endpoint, Callable[[Any], None], list[Any]]:
    endpoint, media = Endpoint(), Media()
    heard: list[Any] = []
    leg = OutgoingLeg(media)  # type: ignore[arg-type]
    leg.listener = heard.append
    caller = NameAddr("Front door", "sip:150@pbx")
    leg.dial(endpoint, Callee("sip:101@192.0.2.1"), caller, offer=offer)  # type: ignore[arg-type]
    return leg, endpoint, endpoint.arguments["listener"], heard


def refer(to: str, *headers: tuple[str, str], seq: int = 7) -> tuple[InDialogRequest, list[int]]:
    """A REFER and, once it is answered, the status."""
    statuses: list[int] = []
    request = Request("REFER", "sip:pbx", [("Refer-To", to), ("CSeq", f"{seq} REFER"), *headers])
    return InDialogRequest("REFER", request, lambda status, *_, **__: statuses.append(status)), statuses
