"""The torture messages of RFC 4475 and RFC 5118, each with what must happen to it.

`outcome` is what the parser and `check` do: "accepted", the status of the refusal, or "dropped" (a faulty response,
which nobody is answered for). `element` is what the endpoint behind them does by itself where
it refuses what could be read: the status it answers, or "dropped". `served` is what the one who serves the request, a
registrar or a callee, answers where it cannot be a success. Where the RFC leaves a choice, `why` says ours.

The files hold what goes over the wire. Those of RFC 5118 were published with bare line feeds and with Content-Length
counted so, or wrongly; line ends and lengths are put right here. `baddn` has the empty line that its archive forgot.
"""

from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Torture:
    section: str
    name: str
    outcome: str | int
    element: str | int | None = None
    why: str = ""
    served: int | None = None
    rfc: str = "rfc4475"

    @property
    def data(self) -> bytes:
        return (_HERE / self.rfc / f"{self.name}.dat").read_bytes()


def _rfc5118(
    section: str, name: str, outcome: str | int = "accepted", element: int | None = None, why: str = ""
) -> Torture:
    return Torture(section, name, outcome, element, why, rfc="rfc5118")


RFC4475 = (
    Torture("3.1.1.1", "wsinv", "accepted", 481, "well-formed, but To has the tag of a dialog that is not there"),
    Torture("3.1.1.2", "intmeth", "accepted", 501, "a method nobody knows"),
    Torture("3.1.1.3", "esc01", "accepted"),
    Torture("3.1.1.4", "escnull", "accepted"),
    Torture("3.1.1.5", "esc02", "accepted", 501, "a method is not unescaped: this is no REGISTER"),
    Torture("3.1.1.6", "lwsdisp", "accepted"),
    Torture("3.1.1.7", "longreq", "accepted"),
    Torture("3.1.1.8", "dblreq", "accepted", None, "what follows the body of a datagram is ignored"),
    Torture("3.1.1.9", "semiuri", "accepted"),
    Torture("3.1.1.10", "transports", "accepted"),
    Torture("3.1.1.11", "mpart01", "accepted"),
    Torture("3.1.1.12", "unreason", "accepted", "dropped", "a response without a transaction"),
    Torture("3.1.1.13", "noreason", "accepted", "dropped", "a response without a transaction"),
    Torture("3.1.2.1", "badinv01", 400),
    Torture("3.1.2.2", "clerr", 400),
    Torture("3.1.2.3", "ncl", 400),
    Torture("3.1.2.4", "scalar02", 400),
    Torture("3.1.2.5", "scalarlg", "dropped"),
    Torture("3.1.2.6", "quotbal", 400),
    Torture("3.1.2.7", "ltgtruri", 400),
    Torture("3.1.2.8", "lwsruri", 400),
    Torture("3.1.2.9", "lwsstart", 400),
    Torture("3.1.2.10", "trws", 400),
    Torture("3.1.2.11", "escruri", 400),
    Torture("3.1.2.12", "baddate", "accepted", None, "a Date in another zone is of no consequence; it is not read"),
    Torture("3.1.2.13", "regbadct", 400),
    Torture("3.1.2.14", "badaspec", 400, None, "the RFC would let us ignore the spaces"),
    Torture("3.1.2.15", "baddn", 400, None, "the RFC would let us guess the quotes"),
    Torture("3.1.2.16", "badvers", 505),
    Torture("3.1.2.17", "mismatch01", 400),
    Torture("3.1.2.18", "mismatch02", 400, None, "400 and 501 are both right"),
    Torture("3.1.2.19", "bigcode", "dropped"),
    Torture("3.2.1", "badbranch", 400, None, "the RFC would let us match it as RFC 2543 did"),
    Torture("3.3.1", "insuf", 400),
    Torture("3.3.2", "unkscm", 416),
    Torture("3.3.3", "novelsc", 416),
    Torture("3.3.4", "unksm2", "accepted", None, "To names nobody here", 404),
    Torture("3.3.5", "bext01", "accepted", 420),
    Torture("3.3.6", "invut", "accepted", element=415),
    Torture("3.3.7", "regaut01", "accepted", served=401),
    Torture("3.3.8", "multi01", 400),
    Torture("3.3.9", "mcl01", 400),
    Torture("3.3.10", "bcast", "accepted", "dropped", "its top Via is none of ours"),
    Torture("3.3.11", "zeromf", "accepted", None, "Max-Forwards 0 ends a proxy's work, not an end point's"),
    Torture("3.3.12", "cparam01", "accepted"),
    Torture("3.3.13", "cparam02", "accepted"),
    Torture("3.3.14", "regescrt", "accepted"),
    Torture("3.3.15", "sdp01", "accepted", None, "nothing that the caller accepts can be answered", 406),
    Torture("3.4.1", "inv2543", "accepted"),
)

RFC5118 = (
    _rfc5118("4.1", "ipv6-good"),
    _rfc5118("4.2", "ipv6-bad", 400),
    _rfc5118("4.3", "port-ambiguous", why="what looks like a port is part of the address"),
    _rfc5118("4.4", "port-unambiguous"),
    _rfc5118("4.5", "via-received-param-with-delim", element=481),
    _rfc5118("4.5", "via-received-param-no-delim"),
    _rfc5118("4.6", "ipv6-in-sdp"),
    _rfc5118("4.7", "mult-ip-in-header", element=481),
    _rfc5118("4.8", "mult-ip-in-sdp"),
    _rfc5118("4.9", "ipv4-mapped-ipv6"),
    _rfc5118("4.10", "ipv6-bug-abnf-3-colons"),
    _rfc5118("4.10", "ipv6-correct-abnf-2-colons"),
)

MESSAGES = RFC4475 + RFC5118


def message(name: str) -> bytes:
    """Return the bytes of the message of this name."""
    return next(case.data for case in MESSAGES if case.name == name)
