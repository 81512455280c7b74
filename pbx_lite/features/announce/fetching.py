"""Where the sound of an announcement comes from: the web, or the data folder.  Nothing else is ever opened."""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from pbx_lite.errors import Invalid, Unavailable

MAX_BYTES = 20 * 1024 * 1024
FETCH_SECONDS = 15.0
_REDIRECTS = 3
_WAYS = "url: only http, https and files of the data folder can be played"


class Sounds:
    """`data` is the folder whose files may be played."""

    def __init__(self, data: Path, *, max_bytes: int = MAX_BYTES, seconds: float = FETCH_SECONDS) -> None:
        self._data = data
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def fetch(self, url: str) -> bytes:
        """Raises Invalid for an address of another kind, Unavailable where nothing comes or too much."""
        try:
            parts = urlsplit(url)
        except ValueError:
            raise Invalid(_WAYS) from None
        match parts.scheme.lower():
            case "http" | "https" if parts.hostname:
                return await self._download(url, parts.hostname)
            case "file" if parts.netloc in {"", "localhost"}:
                return await asyncio.to_thread(self._read, unquote(parts.path))
            case _:
                raise Invalid(_WAYS)

    async def _download(self, url: str, host: str) -> bytes:
        sound = bytearray()
        try:
            async with (
                asyncio.timeout(self._seconds),
                aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.get(url, max_redirects=_REDIRECTS) as response,
            ):
                if response.status != 200:
                    raise Unavailable(f"{host} answered {response.status} {response.reason or ''}".rstrip() + ".")
                async for chunk in response.content.iter_chunked(65536):
                    sound += chunk
                    self._check_size(len(sound))
        except TimeoutError:
            raise Unavailable(f"{host} did not send the sound within {self._seconds:g} seconds.") from None
        except aiohttp.ClientConnectorCertificateError:
            raise Unavailable(
                f"{host} shows a certificate that is not valid; use http, or a certificate that is."
            ) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(f"{host} cannot be reached: {type(error).__name__}.") from None
        return bytes(sound)

    def _read(self, path: str) -> bytes:
        """Neither `..` nor a link leads out of the folder."""
        try:
            folder, file = self._data.resolve(), (self._data / path).resolve()
            if not file.is_relative_to(folder):
                raise Invalid(_WAYS)
            if not file.is_file():
                raise Unavailable(f"There is no file {file.name} in the data folder.")
            self._check_size(file.stat().st_size)
            return file.read_bytes()
        except (OSError, ValueError) as error:
            raise Unavailable(f"The file cannot be read: {type(error).__name__}.") from None

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            raise Unavailable(f"The sound is larger than {self._max_bytes // (1024 * 1024)} MiB.")
