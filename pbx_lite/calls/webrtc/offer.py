"""Reads a browser's offer, decides what to take of it, and writes the answer (RFC 8829, 3264, 9143)."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription, parameters_to_sdp

from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec

_STATIC = {0: PCMU, 8: PCMA, 9: G722}  # may come without rtpmap (RFC 3551 section 6)
_BY_NAME = {(codec.name.lower(), codec.clock_rate): codec for codec in (PCMU, PCMA, G722, OPUS)}
_ANSWERS = {"recvonly": "sendonly", "sendonly": "recvonly", "sendrecv": "sendrecv", "inactive": "inactive"}
_FEEDBACK = {("nack", None), ("nack", "pli"), ("ccm", "fir")}
_PROFILES = ("42e0", "4200", "4d00", "640c", "6400")
MAX_H264_FORMATS = 6
MAX_OFFER = 128 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type of the answer.  `profile` is the first byte of H.264's profile-level-id, 0 for sound."""

    payload_type: int
    rtpmap: str
    fmtp: str = ""
    feedback: tuple[str, ...] = ()
    codec: Codec | None = None
    profile: int = 0
    mode: int = 1
    rtx: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One m-line of the offer; `formats` is empty where it is refused.  `direction` is ours."""

    kind: str
    mid: str
    profile: str
    refused_format: str
    direction: str = "inactive"
    formats: tuple[Format, ...] = ()

    @property
    def sends(self) -> bool:
        return self.direction in {"sendonly", "sendrecv"}

    @property
    def receives(self) -> bool:
        return self.direction in {"recvonly", "sendrecv"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A browser's offer with what is taken of it.  `setup` is our DTLS role, `active` or `passive`."""

    sections: tuple[Section, ...]
    username: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str
    candidates: tuple[str, ...]
    ice_lite: bool

    def section(self, kind: str) -> Section | None:
        return next((section for section in self.sections if section.kind == kind and section.formats), None)


@dataclass(slots=True)
class Local:
    """What the answer says of our side."""

    username: str
    password: str
    fingerprint: str
    candidates: Sequence[str]
    complete: bool
    cname: str
    ssrcs: dict[str, tuple[int, int]] = field(default_factory=dict)  # kind -> SSRC, SSRC of retransmissions


def read_offer(sdp: str, audio_codecs: Iterable[Codec], *, films: bool = False) -> Offer:
    """Understand an offer, whose camera is taken where it `films`.

    Raises MediaError if it is faulty and NoCommonCodec if nothing of it can be taken.
    """
    if len(sdp) > MAX_OFFER:
        raise MediaError("The offer is too large")
    try:
        parsed = SessionDescription.parse(sdp)
        return _read(parsed, tuple(audio_codecs), sdp, films=films)
    except (ValueError, AssertionError, LookupError, AttributeError, TypeError, StopIteration) as error:
        raise MediaError("The offer is not valid SDP") from error


def write_answer(offer: Offer, local: Local) -> str:
    taken = [section.mid for section in offer.sections if section.formats]
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(taken)}",
        "a=msid-semantic: WMS *",
    ]
    transport = [
        f"a=ice-ufrag:{local.username}",
        f"a=ice-pwd:{local.password}",
        "a=ice-options:trickle",
        f"a=fingerprint:{local.fingerprint}",
        f"a=setup:{offer.setup}",
    ]
    candidates = [f"a=candidate:{candidate}" for candidate in local.candidates]
    if local.complete:
        candidates.append("a=end-of-candidates")
    for section in offer.sections:
        if not section.formats:
            lines += [f"m={section.kind} 0 {section.profile} {section.refused_format}", "c=IN IP4 0.0.0.0"]
            lines += ["a=inactive", f"a=mid:{section.mid}"]
            continue
        lines += _accepted(section, local)
        lines += transport
        if section.mid == taken[0]:
            lines += candidates
    return "\r\n".join(lines) + "\r\n"


def _read(parsed: SessionDescription, audio_codecs: tuple[Codec, ...], sdp: str, *, films: bool) -> Offer:
    sections: list[Section] = []
    first: MediaDescription | None = None
    bundled = {str(mid) for group in parsed.group if group.semantic == "BUNDLE" for mid in group.items}
    for index, media in enumerate(parsed.media):
        mid = media.rtp.muxId or str(index)
        usable = media.port != 0 or mid in bundled
        # One transport carries everything; what the browser does not bundle with it cannot be taken.
        usable = usable and (first is None or mid in bundled) and bool(media.rtcp_mux)
        formats: tuple[Format, ...] = ()
        if usable and not any(section.kind == media.kind and section.formats for section in sections):
            if media.kind == "audio":
                formats = _audio_formats(media, audio_codecs)
            elif media.kind == "video":
                formats = _video_formats(media)
        direction = _ANSWERS[media.direction or "sendrecv"]
        if media.kind == "video" and not films:
            direction = {"sendrecv": "sendonly", "recvonly": "inactive"}.get(direction, direction)
        sections.append(
            Section(media.kind, mid, media.profile, str(media.fmt[0]) if media.fmt else "0", direction, formats)
        )
        if formats and first is None:
            first = media
    if first is None:
        raise NoCommonCodec("The browser offers no sound or picture format that the PBX has")
    return _with_transport(first, tuple(sections), sdp)


def _with_transport(first: MediaDescription, sections: tuple[Section, ...], sdp: str) -> Offer:
    if first.ice is None or not first.ice.usernameFragment or not first.ice.password:
        raise MediaError("The offer lacks ICE credentials")
    if first.dtls is None or not first.dtls.fingerprints:
        raise MediaError("The offer lacks a DTLS fingerprint")
    return Offer(
        sections=sections,
        username=first.ice.usernameFragment,
        password=first.ice.password,
        fingerprints=tuple((print_.algorithm, print_.value) for print_ in first.dtls.fingerprints),
        setup="passive" if first.dtls.role == "client" else "active",
        candidates=tuple(line.strip() for line in sdp.splitlines() if line.startswith("a=candidate:")),
        ice_lite=first.ice.iceLite,
    )


def _audio_formats(media: MediaDescription, wanted: tuple[Codec, ...]) -> tuple[Format, ...]:
    offered: dict[Codec, Format] = {}
    mapped = {known.payloadType: known for known in media.rtp.codecs}
    for payload_type in media.fmt:
        known = mapped.get(payload_type)
        codec = _STATIC.get(payload_type) if known is None else _BY_NAME.get((known.name.lower(), known.clockRate))
        if codec is None or codec in offered:
            continue
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        fmtp = parameters_to_sdp(known.parameters) if known is not None and codec == OPUS else ""
        offered[codec] = Format(payload_type, f"{codec.name}/{codec.clock_rate}{channels}", fmtp, codec=codec)
    return tuple(offered[codec] for codec in wanted if codec in offered)


def _video_formats(media: MediaDescription) -> tuple[Format, ...]:
    codecs = {codec.payloadType: codec for codec in media.rtp.codecs}
    rtx = {codec.parameters.get("apt"): codec.payloadType for codec in media.rtp.codecs if codec.name.lower() == "rtx"}
    formats = []
    for payload_type in media.fmt:
        codec = codecs.get(payload_type)
        if codec is None or codec.name.lower() != "h264" or codec.clockRate != 90000:
            continue
        profile = str(codec.parameters.get("profile-level-id") or "42e01f").lower()
        formats.append(
            Format(
                payload_type,
                "H264/90000",
                _h264_fmtp(codec, profile),
                _feedback(codec),
                profile=int(profile[:2], 16),
                mode=int(codec.parameters.get("packetization-mode") or 0),
                rtx=rtx.get(payload_type),
            )
        )
    fragmenting = [entry for entry in formats if entry.mode == 1] or formats
    fragmenting.sort(key=_preference)
    return tuple(fragmenting[:MAX_H264_FORMATS])


def _preference(entry: Format) -> int:
    return next(
        (rank for rank, start in enumerate(_PROFILES) if f"profile-level-id={start}" in entry.fmtp), len(_PROFILES)
    )


def _h264_fmtp(codec: RTCRtpCodecParameters, profile: str) -> str:
    mode = codec.parameters.get("packetization-mode") or 0
    return f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}"


def _feedback(codec: RTCRtpCodecParameters) -> tuple[str, ...]:
    offered = {(feedback.type, feedback.parameter) for feedback in codec.rtcpFeedback}
    return tuple(" ".join(filter(None, known)) for known in sorted(_FEEDBACK & offered, key=str))


def _accepted(section: Section, local: Local) -> list[str]:
    types = [entry.payload_type for entry in section.formats]
    types += [entry.rtx for entry in section.formats if entry.rtx is not None]
    lines = [
        f"m={section.kind} 9 {section.profile} {' '.join(map(str, types))}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        f"a={section.direction}",
        "a=rtcp-mux",
    ]
    for entry in section.formats:
        lines.append(f"a=rtpmap:{entry.payload_type} {entry.rtpmap}")
        lines += [f"a=rtcp-fb:{entry.payload_type} {feedback}" for feedback in entry.feedback]
        if entry.fmtp:
            lines.append(f"a=fmtp:{entry.payload_type} {entry.fmtp}")
        if entry.rtx is not None:
            lines += [f"a=rtpmap:{entry.rtx} rtx/90000", f"a=fmtp:{entry.rtx} apt={entry.payload_type}"]
    if section.sends:
        ssrc, rtx_ssrc = local.ssrcs[section.kind]
        lines.append(f"a=msid:{local.cname} {local.cname}-{section.kind}")
        retransmits = any(entry.rtx is not None for entry in section.formats)
        if retransmits:
            lines.append(f"a=ssrc-group:FID {ssrc} {rtx_ssrc}")
        lines += [f"a=ssrc:{number} cname:{local.cname}" for number in ((ssrc, rtx_ssrc) if retransmits else (ssrc,))]
    return lines
