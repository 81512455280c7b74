"""Do not disturb and forwarding by the keys of desk phones, whose lamps follow (BroadWorks' `as-feature-event`).

A phone says what it wants in the body of a SUBSCRIBE, one document of ECMA-323 (CSTA) each time, and every phone of the
person is told what is so now: Yealink, Grandstream, Gigaset, Poly and Cisco's SPA speak it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from xml.sax.saxutils import escape

from pbx_lite.calls.rate import RateLimit
from pbx_lite.clock import Clock
from pbx_lite.errors import Invalid, NotFound, ParseError
from pbx_lite.features.watching.document import read
from pbx_lite.sip.message import Request
from pbx_lite.values import dataclass

TYPE = "application/x-as-feature-event+xml"
TOGETHER = "multipart/mixed"
LONGEST = 4096
"""Bytes of what a phone wants; such a document has 300."""
RING = 5.0
"""Seconds of one ring: these documents count rings."""
_MOST_RINGS = 100
_NAMESPACE = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
_BOUNDARY = "feature-keys"
_KINDS = {"forwardimmediate": "always", "forwardbusy": "busy", "forwardnoans": "no_answer"}
_NAMES = {"always": "forwardImmediate", "busy": "forwardBusy", "no_answer": "forwardNoAns"}
_YES, _NO = {"true", "1"}, {"false", "0"}
_PER_SECOND, _BURST = 0.5, 20.0


class Forwarding(Protocol):
    """Numbers that calls are passed on to, empty for none."""

    @property
    def always(self) -> str: ...

    @property
    def busy(self) -> str: ...

    @property
    def no_answer(self) -> str: ...

    @property
    def seconds(self) -> float: ...


class Settings(Protocol):
    """What these keys show of a person."""

    @property
    def do_not_disturb(self) -> bool: ...

    @property
    def forwarding(self) -> Forwarding: ...


class Owner(Protocol):
    """Who keeps them.  Changes raise NotFound for somebody who is gone, and Invalid for a number that is none."""

    def of(self, user: str) -> Settings: ...

    def change(self, user: str, **changes: Any) -> Settings: ...

    def forward_now(self, user: str, fields: Mapping[str, Any]) -> Forwarding: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A phone wants do not disturb switched on or off."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A phone wants calls passed on, `kind` being `always`, `busy` or `no_answer`, or no longer.

    `number` is empty for the one there was, `rings` is None for as many as there were.
    """

    kind: str
    on: bool
    number: str = ""
    rings: int | None = None


class FeatureKeys:
    """`owner` is set by whoever keeps the settings; without one these keys do nothing."""

    def __init__(self, clock: Clock) -> None:
        self.owner: Owner | None = None
        self._clock = clock
        self._rate = RateLimit(per_second=_PER_SECOND, burst=_BURST)
        self._shown: dict[str, tuple[object, ...]] = {}

    def moved(self, user: str) -> bool:
        """Whether what the keys of this person show is different from what it was when this was last asked."""
        if self.owner is None:
            return False
        settings = self.owner.of(user)
        own = settings.forwarding
        now = (settings.do_not_disturb, own.always, own.busy, own.no_answer, own.seconds)
        before, self._shown[user] = self._shown.get(user), now
        return now != before

    def forget(self, user: str) -> None:
        """Nobody watches this person's keys any more."""
        self._shown.pop(user, None)

    def take(self, user: str, request: Request) -> None:
        """Do what a SUBSCRIBE asks for, if anything.

        Raises ParseError: 415, 413 and 400 for what cannot be read, 404 for somebody who is gone, 503 for too much.
        """
        if not request.body or self.owner is None:
            return
        if request.content_type != TYPE:
            raise ParseError("Not what a feature key wants", 415)
        wish = parse(request.body)
        if not self._rate.admits(user, self._clock.time()):
            raise ParseError("Too many presses of keys", 503)
        try:
            self._do(self.owner, user, wish)
        except Invalid as error:
            raise ParseError(error.message) from error
        except NotFound as error:
            raise ParseError(error.message, 404) from error

    def render(self, user: str, device: str) -> tuple[str, bytes]:
        """What is so now, for a phone of the person; `device` is what the documents call it."""
        settings = self.owner.of(user) if self.owner is not None else None
        return f"{TOGETHER};boundary={_BOUNDARY}", _together(_documents(settings, device)) if settings else b""

    @staticmethod
    def _do(owner: Owner, user: str, wish: Silence | Forward) -> None:
        if isinstance(wish, Silence):
            owner.change(user, do_not_disturb=wish.on)
            return
        now = owner.of(user).forwarding
        fields: dict[str, Any] = {}
        if wish.rings is not None and wish.rings != _rings(now.seconds):
            fields["seconds"] = wish.rings * RING
        if not wish.on or wish.number:
            fields[wish.kind] = wish.number if wish.on else ""
        owner.forward_now(user, fields)


def parse(body: bytes) -> Silence | Forward:
    """What a phone wants.  Raises ParseError with the status of the refusal."""
    root = read(body, LONGEST)
    # Makers do not agree on the namespace: only the names count.
    values = {_local(each.tag): (each.text or "").strip() for each in root}
    match _local(root.tag):
        case "setdonotdisturb":
            return Silence(on=_truth(values.get("donotdisturbon", "")))
        case "setforwarding":
            kind = _KINDS.get(values.get("forwardingtype", "").lower())
            if kind is None:
                raise ParseError("A kind of forwarding that is none of ours")
            return Forward(
                kind=kind,
                on=_truth(values.get("activateforward", "")),
                number=_dialled(values.get("forwarddn", "")),
                rings=_count(values.get("ringcount", "")),
            )
        case _:
            raise ParseError("Not what a feature key wants")


def _documents(settings: Settings, device: str) -> Iterable[str]:
    own = settings.forwarding
    yield _document("DoNotDisturbEvent", device, f"<doNotDisturbOn>{_word(settings.do_not_disturb)}</doNotDisturbOn>")
    for kind, name in _NAMES.items():
        number = _number(own, kind)
        to = f"<forwardTo>{escape(number)}</forwardTo>" if number else ""
        rings = f"<ringCount>{_rings(own.seconds)}</ringCount>" if kind == "no_answer" else ""
        content = f"<forwardingType>{name}</forwardingType><forwardStatus>{_word(bool(number))}</forwardStatus>"
        yield _document("ForwardingEvent", device, f"{content}{to}{rings}")


def _document(root: str, device: str, content: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="{_NAMESPACE}"><device>{escape(device)}</device>{content}</{root}>\n'
    )


def _together(documents: Iterable[str]) -> bytes:
    """One body of all (RFC 2046 section 5.1)."""
    parts = [document.encode() for document in documents]
    heads = [f"--{_BOUNDARY}\r\nContent-Type: {TYPE}\r\nContent-Length: {len(part)}\r\n\r\n".encode() for part in parts]
    rows = [head + part + b"\r\n" for head, part in zip(heads, parts, strict=True)]
    return b"".join(rows) + f"--{_BOUNDARY}--\r\n".encode()


def _number(own: Forwarding, kind: str) -> str:
    number: str = getattr(own, kind)
    return number


def _rings(seconds: float) -> int:
    return max(1, round(seconds / RING))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _word(value: bool) -> str:
    return "true" if value else "false"


def _truth(text: str) -> bool:
    """Raises ParseError."""
    if text.lower() not in _YES | _NO:
        raise ParseError("Neither on nor off")
    return text.lower() in _YES


def _count(text: str) -> int | None:
    """Raises ParseError."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= _MOST_RINGS):
        raise ParseError("Not a number of rings")
    return int(text)


def _dialled(text: str) -> str:
    """The number of what may be an address: `sip:102@home` and `tel:102` are 102."""
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in {"sip", "sips", "tel"}:
        text = rest.partition("@")[0].partition(";")[0]
    return text
