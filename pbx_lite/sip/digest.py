"""Digest authentication, both sides, for SIP and for HTTP relays of stations (RFC 7616, RFC 8760, RFC 3261 section 22).

SHA-256 is preferred and MD5 understood; qop is `auth`. RFC 2069 clients without qop pass, each nonce once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, MutableMapping
from enum import Enum
from struct import Struct

from pbx_lite.errors import ParseError
from pbx_lite.values import dataclass

from .headers import is_token, parse_credentials, quote, split_list
from .message import Request, Response

_HASHES = {"SHA-256": hashlib.sha256, "SHA-256-SESS": hashlib.sha256, "MD5": hashlib.md5, "MD5-SESS": hashlib.md5}
_PREFERENCE = ("SHA-256", "SHA-256-SESS", "MD5", "MD5-SESS")
_OFFERED = ("SHA-256", "MD5")
_STAMP = Struct(">d8s")
_SIGNATURE = 16
_MAX_NONCES = 4096
_MAX_COUNTED = 64


class Result(Enum):
    """What the credentials of a request are worth."""

    ACCEPTED = "accepted"
    MISSING = "missing"
    """None for this realm that can be read: challenge."""
    STALE = "stale"
    """The password is right, the nonce too old or used before: challenge again with `stale`."""
    WRONG = "wrong"
    """Unknown user or wrong password; which of the two is not told."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`username` is as the client gave it, "" where there was none."""

    result: Result
    username: str = ""

    @property
    def accepted(self) -> bool:
        return self.result is Result.ACCEPTED


class DigestServer:
    """Challenges and checks for one realm.

    Nonces carry their time and a signature, so that only those which have let somebody in are remembered, to refuse
    a nonce count seen before; of these no more than a fixed number. Times are seconds of any clock, `now` the caller's.
    """

    def __init__(self, realm: str, *, secret: bytes, lifetime: float = 60.0) -> None:
        self.realm = realm
        self._key = hashlib.blake2b(secret).digest()
        self._lifetime = lifetime
        self._counts: dict[str, tuple[float, int]] = {}
        self._oldest = float("-inf")
        # Stands in for the password of users that do not exist, so that they cost the same.
        self._nobody = secrets.token_hex(16)

    def challenges(self, now: float, stale: bool = False, *, md5_alone: bool = False) -> list[str]:
        """Return the values for WWW-Authenticate or Proxy-Authenticate, the strongest first (RFC 8760 section 2.4).

        `md5_alone` is for devices that stumble over any other.
        """
        nonce = self._nonce(now)
        suffix = ", stale=true" if stale else ""
        return [
            f'Digest realm={quote(self.realm)}, nonce="{nonce}", algorithm={name}, qop="auth"{suffix}'
            for name in (("MD5",) if md5_alone else _OFFERED)
        ]

    def verify(self, request: Request, now: float, password_of: Callable[[str], str | None]) -> Verdict:
        """Judge the request's Authorization or Proxy-Authorization; `password_of` gives None for unknown users."""
        fields = self._credentials(request)
        if fields is None:
            return Verdict(Result.MISSING)
        username = fields["username"]
        password = password_of(username)
        expected = _response(request.method, fields, self._nobody if password is None else password)
        right = hmac.compare_digest(expected.encode(), fields["response"].lower().encode("utf-8", "replace"))
        if password is None or not right:
            return Verdict(Result.WRONG, username)
        fresh = self._use(fields["nonce"], int(fields.get("nc", "1"), 16), now)
        return Verdict(Result.ACCEPTED if fresh else Result.STALE, username)

    def _credentials(self, request: Request) -> dict[str, str] | None:
        """The first credentials for our realm that are complete."""
        values = request.headers.all("authorization") + request.headers.all("proxy-authorization")
        for value in values:
            try:
                scheme, fields = parse_credentials(value)
            except ParseError:
                continue
            if scheme == "digest" and fields.get("realm") == self.realm and _is_complete(fields):
                return fields
        return None

    def _use(self, nonce: str, count: int, now: float) -> bool:
        """Note the nonce as used with this count; False where it must not be used (any more)."""
        issued = self._issued(nonce)
        if issued is None or not issued - 1 <= now <= issued + self._lifetime or issued <= self._oldest:
            return False
        _, seen = self._counts.pop(nonce, (issued, 0))
        self._counts[nonce] = (issued, max(seen, count))
        self._forget(now)
        return count > seen

    def _forget(self, now: float) -> None:
        """Drop the longest unused counts once they are too old or too many; whatever is as old can no longer pass."""
        while self._counts:
            nonce, (issued, _) = next(iter(self._counts.items()))
            if len(self._counts) <= _MAX_NONCES and issued + self._lifetime >= now:
                return
            del self._counts[nonce]
            self._oldest = max(self._oldest, issued)

    def _nonce(self, now: float) -> str:
        stamp = _STAMP.pack(now, secrets.token_bytes(8))
        return (stamp + self._sign(stamp)).hex()

    def _issued(self, nonce: str) -> float | None:
        """When we issued the nonce; None where we did not."""
        try:
            raw = bytes.fromhex(nonce)
        except ValueError:
            return None
        stamp, signature = raw[: _STAMP.size], raw[_STAMP.size :]
        if len(stamp) != _STAMP.size or not hmac.compare_digest(signature, self._sign(stamp)):
            return None
        when, _ = _STAMP.unpack(stamp)
        return float(when)

    def _sign(self, stamp: bytes) -> bytes:
        # Made for this, and a twentieth of what HMAC costs in OpenSSL.
        return hashlib.blake2b(stamp + self.realm.encode(), key=self._key, digest_size=_SIGNATURE).digest()


def authorize(
    answer: Response, request: Request, username: str, password: str, *, nonce_counts: MutableMapping[str, int]
) -> bool:
    """Add credentials for each realm that a 401 or 407 asks for, in place of those the request had.

    `nonce_counts` belongs to the caller and lives as long as nonces are to be used again. Returns whether every
    realm could be answered. That the caller tries no more than once (and once more if `is_stale`) is its own care.
    """
    done = True
    for asked, given in (("www-authenticate", "Authorization"), ("proxy-authenticate", "Proxy-Authorization")):
        realms: dict[str, list[str]] = {}
        for value in _readable(answer.headers.all(asked)):
            realms.setdefault(parse_credentials(value)[1].get("realm", ""), []).append(value)
        if realms:
            request.headers.remove(given)
        elif asked in answer.headers:
            done = False
        for values in realms.values():
            best = strongest(values)
            if best is None:
                done = False
                continue
            nonce = parse_credentials(best)[1]["nonce"]
            count = nonce_counts[nonce] = nonce_counts.pop(nonce, 0) + 1
            while len(nonce_counts) > _MAX_COUNTED:
                del nonce_counts[next(iter(nonce_counts))]
            value = response_for(request.method, request.uri, best, username, password, nonce_count=count)
            request.headers.add(given, value)
    return done and ("authorization" in request.headers or "proxy-authorization" in request.headers)


def is_stale(answer: Response) -> bool:
    """Whether a 401 or 407 says that only the nonce was too old."""
    values = _readable(answer.headers.all("www-authenticate") + answer.headers.all("proxy-authenticate"))
    return any(parse_credentials(value)[1].get("stale", "").lower() == "true" for value in values)


def strongest(values: Iterable[str]) -> str | None:
    """Return the best challenge that we can answer out of WWW-Authenticate values; None where there is none."""
    best, rank = None, len(_PREFERENCE)
    for value in _readable(values):
        fields = parse_credentials(value)[1]
        algorithm = fields.get("algorithm", "MD5").upper()
        if "nonce" not in fields or algorithm not in _PREFERENCE or _qop(fields) is None:
            continue
        if _PREFERENCE.index(algorithm) < rank:
            best, rank = value, _PREFERENCE.index(algorithm)
    return best


def response_for(
    method: str,
    uri: str,
    challenge: str,
    username: str,
    password: str,
    *,
    nonce_count: int = 1,
    client_nonce: str | None = None,
) -> str:
    """Return the value for Authorization that answers a `Digest` challenge. Raise `ParseError` for one we cannot."""
    scheme, asked = parse_credentials(challenge)
    qop = _qop(asked)
    if (
        scheme != "digest"
        or "nonce" not in asked
        or asked.get("algorithm", "MD5").upper() not in _HASHES
        or qop is None
    ):
        raise ParseError(f"A challenge that cannot be answered: {challenge[:120]!r}")
    fields = {"username": username, "realm": asked.get("realm", ""), "nonce": asked["nonce"], "uri": uri}
    if "algorithm" in asked:
        fields["algorithm"] = asked["algorithm"]
    if qop or asked.get("algorithm", "").upper().endswith("-SESS"):
        fields["cnonce"] = client_nonce or secrets.token_hex(8)
    if qop:
        fields |= {"qop": qop, "nc": f"{nonce_count:08x}"}
    fields["response"] = _response(method, fields, password)
    if "opaque" in asked:
        fields["opaque"] = asked["opaque"]
    plain = {"algorithm", "qop", "nc"}
    return "Digest " + ", ".join(f"{key}={value if key in plain else quote(value)}" for key, value in fields.items())


def _response(method: str, fields: dict[str, str], password: str) -> str:
    """RFC 7616 section 3.4.1, and RFC 2069 where there is no qop."""
    algorithm = fields.get("algorithm", "MD5").upper()
    digest = _HASHES[algorithm]

    def hashed(*parts: str) -> str:
        return digest(":".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    secret = hashed(fields["username"], fields["realm"], password)
    if algorithm.endswith("-SESS"):
        secret = hashed(secret, fields["nonce"], fields.get("cnonce", ""))
    target = hashed(method, fields["uri"])
    if "qop" not in fields:
        return hashed(secret, fields["nonce"], target)
    return hashed(secret, fields["nonce"], fields["nc"], fields["cnonce"], fields["qop"], target)


def _is_complete(fields: dict[str, str]) -> bool:
    if not fields.keys() >= {"username", "nonce", "uri", "response"}:
        return False
    if fields.get("algorithm", "MD5").upper() not in _OFFERED:
        return False
    if "qop" not in fields:
        return "nc" not in fields
    count = fields.get("nc", "")
    is_count = len(count) == 8 and all(char in "0123456789abcdefABCDEF" for char in count)
    return fields["qop"] == "auth" and is_count and bool(fields.get("cnonce"))


def _qop(fields: dict[str, str]) -> str | None:
    """The quality to use: `auth`, "" where none is offered, None where only others are."""
    if "qop" not in fields:
        return ""
    offered = {word.strip(" \t").lower() for word in fields["qop"].split(",")}
    return "auth" if "auth" in offered else None


def _readable(values: Iterable[str]) -> list[str]:
    """The digest challenges among the values; several in one line, as HTTP allows, are taken apart."""
    challenges: list[str] = []
    for value in values:
        try:
            items = split_list(value)
        except ParseError:
            continue
        for item in items:
            first, space, rest = item.partition(" ")
            if space and is_token(first) and not rest.lstrip(" ").startswith("="):
                challenges.append(item)
            elif challenges:
                challenges[-1] += f", {item}"
    return [value for value in challenges if _is_digest(value)]


def _is_digest(value: str) -> bool:
    try:
        return parse_credentials(value)[0] == "digest"
    except ParseError:
        return False
