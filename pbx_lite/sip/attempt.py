"""One request of ours: its way there, and a second try with credentials or a longer session interval.

RFC 3261 section 22, RFC 4028 section 7.3.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pbx_lite.errors import ParseError
from pbx_lite.sip.address import Address
from pbx_lite.sip.client import ClientTransaction, ClientTransactions, OnFailure, OnResponse, Prepare
from pbx_lite.sip.digest import authorize, is_stale
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.session_timer import lengthen
from pbx_lite.sip.transport import Flow

_TRIES = 4  # one without credentials, one with, one more where only the nonce was stale or the interval too short


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str = field(repr=False)


class Login:
    """Credentials and the last challenge of those who ask for them: later requests bring the answer unasked."""

    __slots__ = ("_challenge", "_counts", "_credentials")

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._challenge: Response | None = None
        self._counts: dict[str, int] = {}

    def answer(self, challenge: Response, request: Request) -> bool:
        """Put the answer to a 401 or 407 into `request`; False where it cannot be answered."""
        try:
            done = authorize(
                challenge, request, self._credentials.username, self._credentials.password, nonce_counts=self._counts
            )
        except ParseError:
            return False
        if done:
            self._challenge = challenge
        return done

    def foresee(self, request: Request) -> None:
        """Answer the last challenge again before it is asked."""
        if self._challenge is not None:
            self.answer(self._challenge, request)


class Attempt:
    """Sends `request` at once.  `on_response` gets every response but those that another try answers.

    `next_seq` gives the CSeq number of the next try.  `request` and `client` are those of the current one.
    """

    __slots__ = (
        "_challenged",
        "_clients",
        "_flow",
        "_hop",
        "_login",
        "_next_seq",
        "_on_failure",
        "_on_response",
        "_prepare",
        "_tries",
        "client",
        "request",
    )

    def __init__(
        self,
        clients: ClientTransactions,
        request: Request,
        hop: Address,
        *,
        on_response: OnResponse,
        on_failure: OnFailure,
        next_seq: Callable[[], int],
        flow: Flow | None = None,
        login: Login | None = None,
        prepare: Prepare | None = None,
    ) -> None:
        self.request = request
        self._clients = clients
        self._hop = hop
        self._flow = flow
        self._login = login
        self._next_seq = next_seq
        self._prepare = prepare
        self._on_response = on_response
        self._on_failure = on_failure
        self._tries = 1
        self._challenged = False
        if login is not None:
            login.foresee(request)
        self.client = self._send()

    @property
    def flow(self) -> Flow | None:
        """The way the request went, once it did."""
        return self.client.flow

    def forget(self) -> None:
        """Nobody waits for the answer any more."""
        self._on_response = self._on_failure = _nobody
        self._next_seq = _no_number

    def _send(self) -> ClientTransaction:
        return self._clients.send(
            self.request, self._hop, self._responded, self._on_failure, self._flow, prepare=self._prepare
        )

    def _responded(self, answer: Response) -> None:
        if answer.status in {401, 407, 422} and self._try_again(answer):
            return
        self._on_response(answer)

    def _try_again(self, answer: Response) -> bool:
        if self._tries >= _TRIES or self._next_seq is _no_number:
            return False
        old = self.request
        request = Request(old.method, old.uri, old.headers.copy(), old.body)
        request.headers.pop("Via")
        if not (lengthen(request, answer) if answer.status == 422 else self._authorize(request, answer)):
            return False
        request.headers.set("CSeq", f"{self._next_seq()} {old.method}")
        self._tries += 1
        self._flow = self.client.flow
        self.request = request
        self.client = self._send()
        return True

    def _authorize(self, request: Request, answer: Response) -> bool:
        if self._login is None or (self._challenged and not is_stale(answer)):
            return False
        self._challenged = True
        return self._login.answer(answer, request)


def _nobody(_: object) -> None:
    """Whoever wanted to hear is gone."""


def _no_number() -> int:
    """Nothing is tried again for them."""
    return 0
