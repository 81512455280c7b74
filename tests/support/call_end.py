"""One end of a real SIP call on loopback: it remembers everything and lets a test speak, show, press keys and wait."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np

from pbx_lite.media.codecs import Decoder, Encoder, is_g711
from pbx_lite.media.dtmf import info_body, parse_info
from pbx_lite.media.port import AccessUnit, AudioPacket, Codec
from pbx_lite.media.session import MediaSession
from pbx_lite.sip import invite_events as told
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.message import Response
from tests.support.listen import Record
from tests.support.pictures import TICKS, units
from tests.support.tone import RATE, decode, frames, share_of, sine

_OVER = (told.Failed, told.Cancelled, told.Ended)
_ROWS, _COLUMNS, _LAYOUT = (697, 770, 852, 941), (1209, 1336, 1477), "123456789*0#"


class CallEnd:
    """`events` is what SIP told, `heard` the sound, `seen` the pictures, `keys` are (digit, how it came)."""

    session: IncomingInvite | OutgoingInvite

    def __init__(self, name: str, media: MediaSession) -> None:
        self.name = name
        self.media = media
        self.events: Record[told.InviteEvent] = Record(f"{name} was told")
        self.heard: Record[AudioPacket] = Record(f"{name} heard")
        self.seen: Record[AccessUnit] = Record(f"{name} saw")
        self.keys: Record[tuple[str, str]] = Record(f"{name} got keys")
        self.notified: Record[told.InDialogRequest] = Record(f"{name} was notified")
        self.key_frames_wanted = 0
        self.on_media: Callable[[CallEnd], None] | None = None
        """Called once both sides' SDP is known: from then on media may be sent."""
        self._voice: asyncio.TimerHandle | None = None
        self._film: asyncio.TimerHandle | None = None
        self._show_again: Callable[[], None] = self.show
        media.audio.sink = self.heard.add
        media.audio.on_dtmf = lambda digit: self.keys.add((digit, "rfc4733"))
        if media.video is not None:
            media.video.sink = self.seen.add
            media.video.on_key_frame_wanted = self._key_frame_wanted

    # What a test waits for

    async def ended(self, *, within: float = 20.0) -> str:
        """The other side hung up, gave up or refused; its Reason or reason phrase."""
        event = await self.events.first(told.InviteEvent, lambda each: isinstance(each, _OVER), within=within)
        return str(getattr(event, "reason", ""))

    async def hears(self, hertz: float, *, within: float = 20.0) -> bool:
        """Wait until the last 200 ms of what was heard are this tone."""
        await self.heard.until(lambda packets: _tone(packets[-10:], hertz) > 0.8, within=within)
        return True

    async def sees(self, *, within: float = 20.0) -> AccessUnit:
        """The first key unit: something a decoder can show."""
        return await self.seen.first(AccessUnit, lambda unit: unit.key, within=within)

    async def pressed(self, digits: str, how: str = "rfc4733", *, within: float = 20.0) -> bool:
        """Wait until exactly these keys have arrived, all carried this way (`rfc4733`, `info`, `inband`)."""
        if how == "inband":
            await self.heard.until(lambda packets: keys_in(packets) == digits, within=within)
        else:
            await self.keys.until(lambda keys: keys == [(digit, how) for digit in digits], within=within)
        return True

    # What a test does

    def speak(self, hertz: float) -> None:
        """Send this tone from now on, 20 ms at a time."""
        codec = self.media.audio.codec
        assert codec is not None, f"{self.name} has nothing to speak with"
        payloads = frames(sine(hertz), law=codec.name) if is_g711(codec) else _wideband(hertz, codec)
        ticks = codec.clock_rate // 50
        loop = asyncio.get_running_loop()
        begin = loop.time()

        def send(number: int) -> None:
            packet = AudioPacket(codec, payloads[number % len(payloads)], number * ticks, marker=number == 0)
            self.media.audio.send(packet)
            self._voice = loop.call_at(begin + (number + 1) * 0.02, send, number + 1)

        self.be_silent()
        send(0)

    def be_silent(self) -> None:
        if self._voice is not None:
            self._voice.cancel()

    def show(self, film: Sequence[AccessUnit] = (), *, ticks: int = TICKS) -> None:
        """Send moving pictures from now on, a key frame first, one every so many ticks of 90 kHz."""
        video = self.media.video
        assert video is not None, f"{self.name} has no video"
        made, loop = film or units(), asyncio.get_running_loop()
        begin = loop.time()
        # A film that begins anew after a key frame was wanted goes on in time.
        offset = round(begin * 90_000) // ticks

        def send(number: int) -> None:
            unit = made[number % len(made)]
            video.send(AccessUnit(unit.nals, (offset + number) * ticks & 0xFFFFFFFF, unit.key))
            self._film = loop.call_at(begin + (number + 1) * ticks / 90_000, send, number + 1)

        self._show_again = lambda: self.show(film, ticks=ticks)

        if self._film is not None:
            self._film.cancel()
        send(0)

    async def press(self, digits: str, *, how: str = "rfc4733") -> None:
        """Press keys on this end's keypad."""
        if how != "info":
            await self.media.send_dtmf(digits, inband=how == "inband", duration_ms=80, gap_ms=80)
            return
        for digit in digits:
            answer = await self.session.info("application/dtmf-relay", info_body(digit, 100))
            assert answer.status == 200

    async def refer(self, target: str, headers: Iterable[tuple[str, str]] = ()) -> Response:
        """Ask that the other side call `target` instead: the final answer to the REFER."""
        return await self.session.send("REFER", [("Refer-To", f"<{target}>"), *headers])

    async def hears_of_transfer(self, *statuses: int, within: float = 20.0) -> bool:
        """Wait until the NOTIFYs have told exactly these statuses."""
        expected = [str(status) for status in statuses]
        await self.notified.until(
            lambda told: [each.request.body.decode().split(" ")[1] for each in told] == expected, within=within
        )
        return True

    def hang_up(self) -> None:
        self.session.bye()
        self.close()

    def close(self) -> None:
        for timer in (self._voice, self._film):
            if timer is not None:
                timer.cancel()
        self.media.close()

    # What the endpoint tells

    def happened(self, event: told.InviteEvent) -> None:
        match event:
            case told.Info(content_type=content_type, body=body):
                if (digit := parse_info(content_type, body)) is not None:
                    self.keys.add((digit, "info"))
            case told.Offer(body=body):
                self.session.accept_offer(self.media.answer(body) if body else self.media.offer())
            case told.InDialogRequest(method="NOTIFY", respond=respond):
                respond(200)
                self.notified.add(event)
            case told.InDialogRequest(respond=respond):
                respond(501)
            case told.Failed() | told.Cancelled() | told.Ended():
                self.close()
            case _:
                pass
        self.events.add(event)

    def _media_flows(self) -> None:
        if self.on_media is not None:
            tell, self.on_media = self.on_media, None
            tell(self)

    def _key_frame_wanted(self) -> None:
        self.key_frames_wanted += 1
        if self._film is not None:
            self._show_again()


class Made(CallEnd):
    """A call that this end made."""

    session: OutgoingInvite

    async def final_status(self, *, within: float = 20.0) -> int:
        event = await self.events.first(
            told.InviteEvent, lambda each: isinstance(each, (told.Accepted, told.Failed)), within=within
        )
        return event.status if isinstance(event, told.Failed) else 200

    async def progress(self, status: int, *, within: float = 20.0) -> told.Progress:
        return await self.events.first(told.Progress, lambda each: each.status == status, within=within)

    def give_up(self) -> None:
        """CANCEL."""
        self.session.cancel()
        self.close()

    def happened(self, event: told.InviteEvent) -> None:
        if isinstance(event, told.Progress | told.Accepted) and event.body:
            self.media.accept(event.body)
            self._media_flows()
        super().happened(event)


class Received(CallEnd):
    """A call that came to this end, not answered yet."""

    session: IncomingInvite

    def __init__(self, name: str, media: MediaSession, invite: IncomingInvite) -> None:
        super().__init__(name, media)
        self.session = invite
        self.number = invite.request.uri
        self._sdp = b""
        invite.listener = self.happened

    def ring(self) -> None:
        self.session.progress(180)

    async def early(self) -> None:
        """183 with an answer: media flows before somebody answers."""
        self.session.progress(183, body=await self._answer())
        self._media_flows()

    async def answer(self) -> None:
        """200, and wait for its ACK."""
        self.session.accept(await self._answer())
        self._media_flows()
        await self.events.first(told.Accepted)

    def reject(self, status: int = 486) -> None:
        self.session.reject(status)
        self.close()

    async def cancelled(self, *, within: float = 20.0) -> str:
        """The caller gave up; the value of its Reason header."""
        return (await self.events.first(told.Cancelled, within=within)).reason

    def header(self, name: str) -> str | None:
        """A header of the INVITE."""
        value: str | None = self.session.request.headers.get(name)
        return value

    async def _answer(self) -> bytes:
        if not self._sdp:
            await self.media.open()
            self._sdp = self.media.answer(self.session.request.body)
        return self._sdp


def keys_in(packets: list[AudioPacket]) -> str:
    """The dual tones in what was heard, each told once however long it lasts."""
    typed, last, expected = "", "", 0
    for packet in packets:
        key = _key(packet.payload, packet.codec.name)
        # What is not sent is silence too.
        if key and (key != last or packet.timestamp - expected > len(packet.payload)):
            typed += key
        last, expected = key, packet.timestamp + len(packet.payload)
    return typed


@cache
def _key(payload: bytes, law: str) -> str:
    sound = decode(payload, law=law)
    rows = [share_of(hertz, sound) for hertz in _ROWS]
    columns = [share_of(hertz, sound) for hertz in _COLUMNS]
    row, column = rows.index(max(rows)), columns.index(max(columns))
    return _LAYOUT[row * 3 + column] if rows[row] > 0.25 and columns[column] > 0.25 else ""


def _tone(packets: list[AudioPacket], hertz: float) -> float:
    if len(packets) < 10:
        return 0.0
    codec = packets[-1].codec
    if is_g711(codec):
        return share_of(hertz, decode(b"".join(packet.payload for packet in packets), law=codec.name))
    decoder = Decoder(codec)
    sound = b"".join(decoder.decode(packet.payload) for packet in packets)
    half = np.frombuffer(sound[len(sound) // 4 * 2 :], np.int16).astype(np.int32)
    return share_of(hertz * RATE / codec.sample_rate, half)


def _wideband(hertz: float, codec: Codec) -> list[bytes]:
    rate = codec.sample_rate
    sound = (8000 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate)).astype(np.int16).tobytes()
    encoder, size = Encoder(codec), rate // 50 * 2
    encoder.encode(sound[:size])  # the first one may be kept back
    return [encoder.encode(sound[at : at + size]) for at in range(0, len(sound), size)]
