"""SRTP with keys in the SDP (RFC 3711, 4568, 7714): what `a=crypto` says, and packets sealed and opened by it.

Keys are in nothing's repr.  libsrtp comes with the browser's WebRTC and is loaded when the first key is used.
"""

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import field

from pbx_lite.errors import MediaError
from pbx_lite.values import dataclass

_PROFILES = {  # the suite's name, libsrtp's, the bytes of master key and salt
    "AES_CM_128_HMAC_SHA1_80": ("SRTP_PROFILE_AES128_CM_SHA1_80", 30),
    "AES_CM_128_HMAC_SHA1_32": ("SRTP_PROFILE_AES128_CM_SHA1_32", 30),
    "AEAD_AES_128_GCM": ("SRTP_PROFILE_AEAD_AES_128_GCM", 28),
    "AEAD_AES_256_GCM": ("SRTP_PROFILE_AEAD_AES_256_GCM", 44),
}
SUITES = tuple(_PROFILES)
"""Those that are offered, best known first."""
MOST = 8
"""More lines than this in one m-line are not read."""
_HARMLESS = ("WSH=", "KDR=0", "FEC_ORDER=FEC_SRTP")
_WINDOW = 1024  # packets: what a second of video may be turned round by


@dataclass(frozen=True, slots=True)
class Crypto:
    """One `a=crypto`; `key` is master key and salt."""

    tag: int
    suite: str
    key: bytes = field(repr=False)

    def encode(self) -> str:
        return f"{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


@dataclass(frozen=True, slots=True)
class Keys:
    """What both sides agreed on: ours seals what we send, theirs opens what they send."""

    ours: Crypto
    theirs: Crypto


type Transform = Callable[[bytes], bytes]


def fresh(tag: int, suite: str) -> Crypto:
    """A key of our own."""
    return Crypto(tag, suite, secrets.token_bytes(_PROFILES[suite][1]))


def parse(value: str) -> Crypto | None:
    """The value of an `a=crypto`; None where we cannot do what it asks for (RFC 4568 section 6.3 and 9.1)."""
    parts = value.split()
    if len(parts) < 3 or not (parts[0].isascii() and parts[0].isdigit() and len(parts[0]) <= 9):
        return None
    suite = parts[1].upper()
    method, _, inline = parts[2].partition(":")
    if suite not in _PROFILES or method.lower() != "inline" or ";" in inline:
        return None
    if not all(_harmless(parameter) for parameter in parts[3:]):
        return None
    encoded, *rest = inline.split("|")
    if any(":" in part for part in rest):  # an MKI, which each packet would carry
        return None
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error, ValueError:
        return None
    return Crypto(int(parts[0]), suite, key) if len(key) == _PROFILES[suite][1] else None


def agree(ours: tuple[Crypto, ...], theirs: tuple[Crypto, ...]) -> Keys | None:
    """The pair of an offer and its answer: same tag, same suite."""
    for their in theirs:
        for our in ours:
            if (our.tag, our.suite) == (their.tag, their.suite):
                return Keys(our, their)
    return None


class _Context:
    """One direction of one stream."""

    def __init__(self, crypto: Crypto, *, outgoing: bool) -> None:
        from pylibsrtp import Error, Policy, Session

        kind = Policy.SSRC_ANY_OUTBOUND if outgoing else Policy.SSRC_ANY_INBOUND
        try:
            policy = Policy(crypto.key, ssrc_type=kind, srtp_profile=getattr(Policy, _PROFILES[crypto.suite][0]))
            policy.window_size = _WINDOW
            self._session = Session(policy)
        except (Error, ValueError) as error:
            raise MediaError(f"No SRTP with {crypto.suite}: {error}") from None
        self._faults = (Error, ValueError)

    def _process(self, function: Transform, packet: bytes) -> bytes | None:
        try:
            return function(packet)
        except self._faults:
            return None


class Sealer(_Context):
    """Seals what we send."""

    def __init__(self, crypto: Crypto) -> None:
        super().__init__(crypto, outgoing=True)

    def rtp(self, packet: bytes) -> bytes | None:
        """None for what cannot be sent: too long, or with a number that was used already."""
        return self._process(self._session.protect, packet)

    def rtcp(self, packets: bytes) -> bytes | None:
        return self._process(self._session.protect_rtcp, packets)


class Opener(_Context):
    """Opens what the peer sends."""

    def __init__(self, crypto: Crypto) -> None:
        super().__init__(crypto, outgoing=False)

    def rtp(self, packet: bytes) -> bytes | None:
        """None for what was not sealed with this key, was changed on the way, or was there before."""
        return self._process(self._session.unprotect, packet)

    def rtcp(self, packets: bytes) -> bytes | None:
        return self._process(self._session.unprotect_rtcp, packets)


def _harmless(parameter: str) -> bool:
    """Whether a session parameter changes nothing in the packets."""
    return parameter.startswith("-") or parameter.upper().startswith(_HARMLESS)
