"""Who may use the API: tokens, and the code with which a new client gets one."""

import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from pbx_lite.api.facade import Tokens
from pbx_lite.calls.lockout import Lockout, LockoutRules
from pbx_lite.clock import Clock
from pbx_lite.config import Secret
from pbx_lite.errors import Busy, Unauthorized

_LOGGER = logging.getLogger(__name__)

CODE_SECONDS = 300
CODE_TRIES = 5
_WRONG_TOKEN = "The token is not valid; pair this client again."  # noqa: S105 - a sentence
_WRONG_CODE = "The pairing code is wrong or has expired; `pbx-lite pair` shows a new one."


def six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


@dataclass(slots=True)
class _Code:
    digits: str
    until: float
    tries: int = CODE_TRIES


class Gate:
    """Checks tokens and codes, and keeps out sources that guess (5 failures a minute, for 5 minutes)."""

    def __init__(
        self,
        *,
        token: Secret,
        tokens: Tokens,
        clock: Clock,
        make_code: Callable[[], str] = six_digits,
        lockout: Lockout | None = None,
    ) -> None:
        self._token = token
        self._tokens = tokens
        self._clock = clock
        self._make_code = make_code
        self._lockout = lockout or Lockout(LockoutRules(failures=5))
        self._code: _Code | None = None

    def new_code(self) -> str:
        """A fresh code, which makes an earlier one void; valid 5 minutes, 5 tries, one use."""
        self._code = _Code(self._make_code(), self._clock.time() + CODE_SECONDS)
        return self._code.digits

    def check_token(self, token: str, source: str) -> str:
        """The client's name.  Raises Unauthorized, or Busy for a source that is locked out."""
        self._admit(source)
        configured = bool(self._token) and _same(token, self._token)
        client = self._tokens.client_of(token)
        if not configured and client is None:
            self._failed(source)
            raise Unauthorized(_WRONG_TOKEN)
        self._lockout.succeeded(source, self._clock.time())
        return client or "Home Assistant"

    async def redeem(self, code: str, client: str, source: str) -> str:
        """A token for `client`.  Raises as `check_token` does."""
        self._admit(source)
        known = self._code
        if known is not None and (known.until <= self._clock.time() or known.tries <= 0):
            known = self._code = None
        if known is None or not _same("".join(code.split()), known.digits):
            if known is not None:
                known.tries -= 1
            self._failed(source)
            raise Unauthorized(_WRONG_CODE)
        self._code = None
        self._lockout.succeeded(source, self._clock.time())
        return await self._tokens.issue(client)

    def _admit(self, source: str) -> None:
        if self._lockout.locked(source, self._clock.time()):
            raise Busy("Too many wrong tokens or codes came from this address; wait a few minutes.")

    def _failed(self, source: str) -> None:
        if self._lockout.failed(source, self._clock.time()):
            _LOGGER.warning(
                "%s is locked out of the API for %d seconds: wrong tokens or pairing codes",
                source,
                int(self._lockout.seconds),
            )


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
