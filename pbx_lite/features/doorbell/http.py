"""The one door to stations by HTTP: relays that open, still pictures.  Errors are sentences without secrets."""

import asyncio
import hashlib
import re
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from pbx_lite.errors import Unavailable
from pbx_lite.features.doorbell.profiles import with_account

_MAX_BYTES = 8 * 1024 * 1024
_EXPIRED, _OTHER_NAME = 10, 62  # OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED and X509_V_ERR_HOSTNAME_MISMATCH

# Stations that answer 200 and mean no: Grandstream, Hikvision, 2N, Akuvox, Dahua, in this order.
_REFUSALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"<ResCode>\s*(?!0\s*<)[^<]*</ResCode>",
        r"<statusCode>\s*(?![01]\s*<)\d+\s*</statusCode>",
        r'"success"\s*:\s*false',
        r'"retcode"\s*:\s*"?(?!0\b)-?\d+',
        r"^\s*Error\b",
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a station answered; `status` is 200 to 299."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Ask:
    url: URL
    method: str
    body: str
    pin: aiohttp.Fingerprint | bool


class StationHttp:
    """Requests to door stations with basic or digest authentication and pinned certificates.

    `timeout` is the time in seconds for one request from its start to the last byte of its answer.  All methods raise
    Unavailable with a sentence that says what to do.
    """

    def __init__(self, *, timeout: float = 5.0, max_bytes: int = _MAX_BYTES) -> None:
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def request(
        self,
        url: str,
        *,
        method: str = "GET",
        body: str = "",
        username: str = "",
        password: str = "",
        fingerprint: str = "",
    ) -> Answer:
        """Send and read the whole answer.

        The account may stand in the address (`http://x:y@host`, `{username}`, `{password}`).  `fingerprint` is the
        SHA-256 of the certificate in hex; a pinned certificate is taken as it is, expired or not, and no other one is.
        """
        target, username, password = _address(url, username, password)
        where = _where(target)
        ask = _Ask(target, method, body, _pin(fingerprint, where))
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(ask, username, password)
        except TimeoutError:
            raise Unavailable(
                f"{where} did not answer within {self._timeout:g} seconds: is the station on, is the address right?"
            ) from None
        except aiohttp.ClientConnectorCertificateError as error:
            raise Unavailable(await self._about_certificate(target, error.certificate_error)) from None
        except aiohttp.ServerFingerprintMismatch as error:
            raise Unavailable(
                f"{where} shows another certificate than the pinned one. If the station was renewed, pin "
                f"{error.got.hex(':').upper()}; if not, somebody may stand between."
            ) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(_sentence(where, error)) from None

    async def fetch_image(
        self, url: str, *, username: str = "", password: str = "", fingerprint: str = ""
    ) -> tuple[str, bytes]:
        """A still picture as (content type, bytes)."""
        answer = await self.request(url, username=username, password=password, fingerprint=fingerprint)
        content_type = answer.content_type if answer.content_type.startswith("image/") else _kind_of(answer.body)
        if not content_type:
            where = _where(_address(url, "", "")[0])
            raise Unavailable(f"{where} answered with {answer.content_type or 'something'} instead of a picture.")
        return content_type, answer.body

    async def _exchange(self, ask: _Ask, username: str, password: str) -> Answer:
        # The digest middleware answers a digest challenge; what is left over wants basic, or the password is wrong.
        digest = (aiohttp.DigestAuthMiddleware(username, password, preemptive=False),) if username else ()
        async with self._send(ask, digest) as response:
            if not (response.status == 401 and (username or password) and _wants_basic(response)):
                return await self._read(response, ask.url)
        basic = "Basic " + b64encode(f"{username}:{password}".encode()).decode()
        async with self._send(ask, (), authorization=basic) as response:
            return await self._read(response, ask.url)

    @asynccontextmanager
    async def _send(
        self, ask: _Ask, middlewares: tuple[aiohttp.DigestAuthMiddleware, ...], *, authorization: str = ""
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            # Stations are asked seldom and drop idle connections without a word: each request has its own.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True), cookie_jar=aiohttp.DummyCookieJar()
            )
        headers = {"Content-Type": _content_type(ask.body)} if ask.body else {}
        if authorization:
            headers["Authorization"] = authorization
        async with self._session.request(
            ask.method,
            ask.url,
            data=ask.body.encode() if ask.body else None,
            headers=headers,
            middlewares=middlewares,
            ssl=ask.pin,
            allow_redirects=False,
        ) as response:
            yield response

    async def _read(self, response: aiohttp.ClientResponse, url: URL) -> Answer:
        where = _where(url)
        if response.status >= 300:
            raise Unavailable(_about_status(where, response))
        body = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            body += chunk
            if len(body) > self._max_bytes:
                raise Unavailable(f"{where} sends more than {self._max_bytes // 1024} KiB: that is no picture.")
        answer = Answer(response.status, response.content_type, bytes(body))
        if not answer.content_type.startswith("image/") and (words := _refusal(answer.body)):
            raise Unavailable(f"{where} took the request and refused it: {words}")
        return answer

    async def _about_certificate(self, url: URL, error: Exception) -> str:
        where = _where(url)
        try:
            async with asyncio.timeout(self._timeout):
                seen = await _fingerprint_of(url)
        except OSError, TimeoutError:
            seen = ""
        code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
        words = {
            _EXPIRED: "has an expired certificate: renew it in the station, or",
            _OTHER_NAME: "has a certificate for another name: use that name, or",
        }.get(code, "has a certificate that nobody vouches for: if this is your station,")
        return f"{where} {words} pin its fingerprint {seen}." if seen else f"{where} {words} pin its fingerprint."


async def _fingerprint_of(url: URL) -> str:
    """SHA-256 of the certificate as shown now, in the spelling of browsers.  Nothing is sent to the station."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _, writer = await asyncio.open_connection(url.host, url.port, ssl=context)
    try:
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return hashlib.sha256(certificate).digest().hex(":").upper()
    finally:
        writer.transport.abort()


def _address(url: str, username: str, password: str) -> tuple[URL, str, str]:
    """The address without its account, and the account."""
    try:
        target = URL(with_account(url, username, password))
    except ValueError:
        target = URL()
    if target.scheme not in {"http", "https"} or not target.host:
        raise Unavailable("The address is no http:// or https:// address: correct it in the door's settings.")
    username, password = target.user or username, target.password or password
    if ":" in username:
        raise Unavailable("A user name with a colon cannot be sent by HTTP (RFC 7617): choose another one.")
    return target.with_user(None), username, password


def _where(url: URL) -> str:
    # Path and query stay out: stations carry keys there.
    return str(url.origin())


def _pin(fingerprint: str, where: str) -> aiohttp.Fingerprint | bool:
    digits = re.sub(r"[\s:]", "", fingerprint)
    if not digits:
        return True
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
        raise Unavailable(f"The pinned fingerprint of {where} is no SHA-256: it has 64 hexadecimal digits.")
    return aiohttp.Fingerprint(bytes.fromhex(digits))


def _wants_basic(response: aiohttp.ClientResponse) -> bool:
    offers = ",".join(response.headers.getall("WWW-Authenticate", [])).lower()
    return "basic" in offers or not offers


def _content_type(body: str) -> str:
    match body.lstrip()[:1]:
        case "<":
            return "application/xml"
        case "{" | "[":
            return "application/json"
    return "application/x-www-form-urlencoded"


def _about_status(where: str, response: aiohttp.ClientResponse) -> str:
    if response.status in {401, 403}:
        return (
            f"{where} does not accept user name and password ({response.status}): correct them in the door's settings."
        )
    if response.status < 400:
        location = response.headers.get("Location", "")
        try:
            there = _where(URL(location)) if URL(location).is_absolute() else "another page"
        except ValueError:
            there = "another page"
        return f"{where} redirects to {there} ({response.status}): enter that address instead."
    if response.status in {404, 405, 501}:
        return f"{where} does not know this address or method ({response.status}): is the model right?"
    return f"{where} answered {response.status} {response.reason or ''}".rstrip() + "."


def _sentence(where: str, error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"{where} cannot be found: no such name."
        case aiohttp.ClientSSLError():
            return f"{where} does not speak TLS: is it http:// instead of https://?"
        case aiohttp.ClientConnectorError() | aiohttp.ClientOSError():
            return f"{where} cannot be reached ({error.strerror or 'no connection'}): is the station on the network?"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError():
            return f"{where} hung up without an answer: try again, or restart the station."
    return f"{where} does not speak HTTP as it should."


def _refusal(body: bytes) -> str:
    """The station's words if it answered 200 and means no."""
    text = body[:4096].decode("utf-8", "replace")
    if any(pattern.search(text) for pattern in _REFUSALS):
        return " ".join(text.split())[:160]
    return ""


def _kind_of(body: bytes) -> str:
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return ""
