"""Offer and answer (RFC 3264): which formats two descriptions of one m-line have in common, and who sends.

Everything here is a pure function of two descriptions, so that an offerer and an answerer use the same rules.
"""

import base64
import binascii
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from typing import Literal

from pbx_lite.media import sdp
from pbx_lite.media.port import G722, OPUS, PCM16, PCMA, PCMU, Codec
from pbx_lite.media.srtp import Crypto
from pbx_lite.values import dataclass

type Srtp = Literal["off", "accept", "offer", "require"]
"""`accept`: where the peer insists on it (RTP/SAVP), not offered; `offer`: beside plain RTP, as in RFC 8643."""

DTMF = "telephone-event"
_DIRECTIONS = {
    (True, True): "sendrecv",
    (True, False): "sendonly",
    (False, True): "recvonly",
    (False, False): "inactive",
}
"""What a direction is called in which we send, receive."""
_REVERSED = {"sendonly": "recvonly", "recvonly": "sendonly"}
_DYNAMIC = {"opus": 111, "PCM": 97}  # what we call a format that has no number of its own
_STATIC = {"PCMU": 0, "PCMA": 8, "G722": 9}
_CODECS = {(codec.name.lower(), codec.clock_rate): codec for codec in (PCMU, PCMA, G722, OPUS, PCM16)}
_CODECS["g722", 16000] = G722  # its clock is 8000 by mistake (RFC 3551 section 4.5.2); some stations "correct" it
_COMFORT_NOISE = 13
_UNLIMITED = 65536
_H264_FEEDBACK = ("nack pli", "ccm fir")
PROFILE_LEVEL_ID = "42e01f"


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the peer wants its packets; `host` is empty when it holds or gave nothing usable."""

    host: str
    port: int
    rtcp_port: int
    rtcp_mux: bool


@dataclass(frozen=True, slots=True)
class AudioAgreement:
    """What both sides can do.  `codec` is what we send; `receive` maps payload types of incoming packets.

    `dtmf_receive` gives the clock rate of each payload type of telephone-events, `noise` the payload types of comfort
    noise (RFC 3389), never agreed on but sent all the same, `largest` how many bytes of sound the peer takes at once.
    """

    codec: Codec
    send: Mapping[Codec, int]
    receive: Mapping[int, Codec]
    dtmf_send: int | None
    dtmf_rate: int
    dtmf_receive: Mapping[int, int]
    remote: Remote
    sends: bool
    receives: bool
    noise: frozenset[int] = frozenset()
    largest: int = _UNLIMITED


@dataclass(frozen=True, slots=True)
class VideoAgreement:
    """H.264 both ways: `mode` is the packetization mode the peer takes, `parameter_sets` what its SDP gave."""

    send: int
    mode: int
    receive: frozenset[int]
    parameter_sets: tuple[bytes, ...]
    feedback: bool
    remote: Remote
    sends: bool
    receives: bool


@dataclass(slots=True)
class Numbers:
    """The payload types in use in a dialog: once given, a number keeps its meaning (RFC 3264 section 8.3.2)."""

    given: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def of(self, name: str, clock_rate: int, mode: int, wanted: int) -> int:
        key = (name.lower(), clock_rate, mode)
        if key not in self.given:
            taken = set(self.given.values())
            self.given[key] = next(number for number in (wanted, *range(96, 128), *range(96)) if number not in taken)
        return self.given[key]

    def learn(self, media: sdp.Media) -> None:
        for form in media.formats:
            key = (form.name.lower(), form.clock_rate, packetization_mode(form))
            self.given.setdefault(key, form.payload_type)


def audio_offer(port: int, codecs: Sequence[Codec], numbers: Numbers, direction: str) -> sdp.Media:
    """Our m-line for sound: all codecs and, for each clock rate, telephone-event."""
    formats = []
    for codec in codecs:
        wanted = _STATIC.get(codec.name, _DYNAMIC.get(codec.name, 98))
        number = wanted if wanted < 96 else numbers.of(codec.name, codec.clock_rate, 0, wanted)
        formats.append(_format(codec, number))
    for rate in dict.fromkeys(codec.clock_rate for codec in codecs):
        number = numbers.of(DTMF, rate, 0, 101)
        formats.append(sdp.Format(number, DTMF, rate, fmtp="0-16"))
    return sdp.Media("audio", port, formats=tuple(formats), direction=direction, ptime=20)


def audio_answer(
    offered: sdp.Media, port: int, codecs: Sequence[Codec], direction: str, first: Codec | None = None
) -> sdp.Media | None:
    """Our answer to an m-line for sound: `first` or else the first offered codec that we have, and telephone-event."""
    known = ((form, codec) for form in offered.formats if (codec := codec_of(form, codecs)) is not None)
    for form, codec in sorted(known, key=lambda each: each[1] != first):
        formats = [form if codec.name != "opus" else replace(form, fmtp="useinbandfec=1")]
        if (dtmf := _dtmf(offered, codec)) is not None:
            formats.append(dtmf if dtmf.fmtp == "0-16" else replace(dtmf, fmtp="0-16"))
        ptime = min(offered.ptime or 20, offered.maxptime or 200)
        return _answer(offered, port, tuple(formats), direction, ptime)
    return None


def video_offer(port: int, numbers: Numbers, direction: str) -> sdp.Media:
    """Our m-line for pictures: H.264 in modes 1 and 0."""
    formats = tuple(
        sdp.Format(
            numbers.of("H264", 90000, mode, 99 - 1 + mode),
            "H264",
            90000,
            fmtp=f"profile-level-id={PROFILE_LEVEL_ID};packetization-mode={mode};level-asymmetry-allowed=1",
            feedback=_H264_FEEDBACK,
        )
        for mode in (1, 0)
    )
    return sdp.Media("video", port, formats=formats, direction=direction)


def video_answer(offered: sdp.Media, port: int, direction: str) -> sdp.Media | None:
    """Our answer to an m-line for pictures: one H.264 format, mode 1 and baseline first if there is a choice."""
    usable = [form for form in offered.formats if _is_h264(form)]
    if not usable:
        return None
    best = min(usable, key=lambda form: (packetization_mode(form) != 1, _profile(form)[:2] != "42"))
    fmtp = f"profile-level-id={_profile(best)};packetization-mode={packetization_mode(best)}"
    if best.parameter("level-asymmetry-allowed") == "1":
        fmtp += ";level-asymmetry-allowed=1"
    answered = replace(best, fmtp=fmtp, feedback=tuple(kind for kind in _H264_FEEDBACK if kind in best.feedback))
    return _answer(offered, port, (answered,), direction)


def agree_audio(local: sdp.Media, remote: sdp.Media, host: str, codecs: Sequence[Codec]) -> AudioAgreement | None:
    """What follows from our m-line and theirs; None if they share no codec or either refused."""
    if not usable(local) or not usable(remote):
        return None
    ours = {codec: form.payload_type for form in reversed(local.formats) if (codec := codec_of(form, codecs))}
    # A peer that mixes up whose number counts is understood as long as the numbers do not clash.
    receive = {form.payload_type: known for form in remote.formats if (known := codec_of(form, codecs))}
    send: dict[Codec, int] = {}
    for theirs, known in receive.items():
        if known in ours:
            send.setdefault(known, theirs)
    if not send:
        return None
    receive.update({number: codec for codec in codecs if (number := _STATIC.get(codec.name)) is not None})
    receive.update({number: codec for codec, number in ours.items()})
    dtmf_receive = {form.payload_type: form.clock_rate for form in (*remote.formats, *local.formats) if _is_dtmf(form)}
    codec = next(iter(send))
    dtmf = _dtmf(remote, codec) if _dtmf(local, codec) else None
    sends, receives = _ways(local, remote, host)
    return AudioAgreement(
        codec=codec,
        send=send,
        receive={number: known for number, known in receive.items() if number not in dtmf_receive},
        dtmf_send=dtmf.payload_type if dtmf else None,
        dtmf_rate=dtmf.clock_rate if dtmf else codec.clock_rate,
        dtmf_receive=dtmf_receive,
        noise=frozenset(_noise(remote) - receive.keys() - dtmf_receive.keys()),
        largest=remote.maxptime * 8 if remote.maxptime and codec in {PCMU, PCMA, G722} else _UNLIMITED,
        remote=_remote(remote, host),
        sends=sends,
        receives=receives,
    )


def agree_video(local: sdp.Media, remote: sdp.Media, host: str) -> VideoAgreement | None:
    """What follows from our m-line and theirs; None if there is no H.264 on both."""
    if not usable(local) or not usable(remote):
        return None
    theirs = [form for form in remote.formats if _is_h264(form)]
    ours = [form for form in local.formats if _is_h264(form)]
    if not theirs or not ours:
        return None
    # Ours is either the single format we answered with or all that we offered; the peer's first one decides then.
    chosen = next((form for form in theirs if form.payload_type == ours[0].payload_type), theirs[0])
    chosen = chosen if len(ours) == 1 else theirs[0]
    sends, receives = _ways(local, remote, host)
    return VideoAgreement(
        send=chosen.payload_type,
        mode=packetization_mode(chosen),
        receive=frozenset(form.payload_type for form in (*theirs, *ours)),
        parameter_sets=_parameter_sets(chosen),
        feedback=any(kind in form.feedback for form in theirs for kind in _H264_FEEDBACK),
        remote=_remote(remote, host),
        sends=sends,
        receives=receives,
    )


def usable(media: sdp.Media) -> bool:
    """Whether this m-line is one that we can take part in: RTP, or SRTP with a key that we can use, not refused."""
    if media.protocol in sdp.SECURE_PROFILES:
        return media.port > 0 and bool(media.crypto)
    return media.port > 0 and media.protocol in sdp.RTP_PROFILES


def wanted(media: Sequence[sdp.Media], policy: Srtp) -> list[sdp.Media]:
    """Those of a peer's m-lines that are as safe as they have to be; who offers plain RTP too does not insist."""
    lines = [line for line in media if usable(line)]
    if policy == "require":
        return [line for line in lines if line.crypto]
    plain = {line.kind for line in lines if line.protocol in sdp.RTP_PROFILES}
    refused = {"off": {"audio", "video"}, "accept": plain}.get(policy, set())
    return [line for line in lines if line.protocol in sdp.RTP_PROFILES or line.kind not in refused]


def secured(media: sdp.Media, policy: Srtp, crypto: tuple[Crypto, ...]) -> sdp.Media:
    """An offered m-line with keys, as the policy wants it."""
    if policy == "require":
        return replace(media, protocol="RTP/SAVP", crypto=crypto)
    return replace(media, crypto=crypto) if policy == "offer" else media


def chosen_crypto(media: sdp.Media, policy: Srtp) -> Crypto | None:
    """Which of the keys in a peer's m-line is answered: none where plain RTP is meant."""
    if media.protocol in sdp.RTP_PROFILES and policy not in {"offer", "require"}:
        return None
    return media.crypto[0] if media.crypto else None


def same_family(host: str, other: str) -> bool:
    """Whether packets can go between these addresses; a name, a nonsense address and a hold count as ours."""
    ours, theirs = _address(host), _address(other)
    return ours is None or theirs is None or theirs.is_unspecified or ours.version == theirs.version


def codec_of(form: sdp.Format, codecs: Sequence[Codec]) -> Codec | None:
    codec = _CODECS.get((form.name.lower(), form.clock_rate))
    if codec is None or codec not in codecs:
        return None
    # RFC 7587 wants opus/48000/2 whatever is sent; some phones write what they send.
    return codec if codec.channels == form.channels or codec is OPUS else None


def packetization_mode(form: sdp.Format) -> int:
    """RFC 6184 section 8.1; 0 where the fmtp says nothing."""
    mode = form.parameter("packetization-mode") or "0"
    return int(mode) if mode in {"0", "1", "2"} else 0


def _format(codec: Codec, number: int) -> sdp.Format:
    fmtp = "useinbandfec=1" if codec.name == "opus" else ""
    return sdp.Format(number, codec.name, codec.clock_rate, codec.channels, fmtp)


def _answer(
    offered: sdp.Media, port: int, formats: tuple[sdp.Format, ...], direction: str, ptime: int = 0
) -> sdp.Media:
    theirs = _REVERSED.get(offered.direction, offered.direction)
    agreed = _DIRECTIONS["send" in direction and "send" in theirs, "recv" in direction and "recv" in theirs]
    return sdp.Media(
        offered.kind, port, offered.protocol, formats, direction=agreed, rtcp_mux=offered.rtcp_mux, ptime=ptime
    )


def _ways(local: sdp.Media, remote: sdp.Media, host: str) -> tuple[bool, bool]:
    theirs = _REVERSED.get(remote.direction, remote.direction)
    return (
        "send" in local.direction and "send" in theirs and not _is_hold(host),
        "recv" in local.direction and "recv" in theirs,
    )


@lru_cache(1024)
def _is_hold(host: str) -> bool:
    """RFC 3264 section 8.4: an address of zeros is the old way to put on hold."""
    address = _address(host)
    return address is not None and address.is_unspecified


@lru_cache(1024)
def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _remote(media: sdp.Media, host: str) -> Remote:
    if not (place := _place(host)):
        return Remote("", 0, 0, media.rtcp_mux)
    rtcp = media.port if media.rtcp_mux else media.rtcp_port or min(media.port + 1, 65535)
    return Remote(place, media.port, rtcp, media.rtcp_mux)


@lru_cache(1024)
def _place(host: str) -> str:
    """The host in the spelling of packets' sources; empty for a name: the peer's first packet tells where it is."""
    address = _address(host)
    return "" if address is None or address.is_unspecified or address.is_multicast else str(address)


def _dtmf(media: sdp.Media, codec: Codec) -> sdp.Format | None:
    """The telephone-event of this codec's clock rate, or else of any (some stations list only 8000)."""
    events = [form for form in media.formats if _is_dtmf(form)]
    return next((form for form in events if form.clock_rate == codec.clock_rate), events[0] if events else None)


def _is_dtmf(form: sdp.Format) -> bool:
    return form.name.lower() == DTMF


def _noise(media: sdp.Media) -> set[int]:
    return {_COMFORT_NOISE} | {form.payload_type for form in media.formats if form.name.upper() == "CN"}


def _is_h264(form: sdp.Format) -> bool:
    return form.name.lower() == "h264" and form.clock_rate == 90000 and packetization_mode(form) in {0, 1}


def _profile(form: sdp.Format) -> str:
    """profile-level-id; without one it is baseline level 1 (RFC 6184 section 8.1)."""
    value = (form.parameter("profile-level-id") or "").lower()
    return value if len(value) == 6 and not set(value) - set("0123456789abcdef") else "42000a"


def _parameter_sets(form: sdp.Format) -> tuple[bytes, ...]:
    nals = []
    for part in (form.parameter("sprop-parameter-sets") or "").split(",")[:8]:
        try:
            nals.append(base64.b64decode(part.strip() + "=" * (-len(part.strip()) % 4), validate=True))
        except binascii.Error, ValueError:
            continue
    return tuple(nal for nal in nals if nal)
