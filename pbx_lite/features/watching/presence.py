"""Who is there: presence documents, written from what the PBX knows and read from what phones publish (RFC 3863)."""

from collections.abc import Collection
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pbx_lite.errors import ParseError
from pbx_lite.features.watching.document import read

TYPE = "application/pidf+xml"
MOST = 16384
_PIDF = "{urn:ietf:params:xml:ns:pidf}"
_RPID = "{urn:ietf:params:xml:ns:pidf:rpid}"
_ACTIVITIES = (
    "appointment", "away", "breakfast", "busy", "dinner", "holiday", "in-transit", "lunch", "meal", "meeting",
    "on-the-phone", "performance", "permanent-absence", "playing", "presentation", "shopping", "sleeping", "spectator",
    "steering", "travel", "tv", "unknown", "vacation", "working", "worship",
)  # fmt: skip
_LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether somebody can be reached, what they do (RFC 4480's words) and a sentence about it."""

    open: bool
    activities: tuple[str, ...] = ()
    note: str = ""


def merged(
    *, registered: bool, in_call: bool, do_not_disturb: bool, said: tuple[str, str], published: Collection[Presence]
) -> Presence:
    """What is shown: the PBX's own knowledge first, what the person said of themselves (an availability and a text),
    then what their phones say.
    """
    availability, text = said
    activities = ["on-the-phone"] if in_call else []
    activities += ["busy"] if do_not_disturb else []
    activities += [availability] if availability in _ACTIVITIES else []
    activities += [activity for each in published for activity in each.activities]
    note = "Do not disturb" if do_not_disturb else "On the phone" if in_call else ""
    note = text or note or next((each.note for each in published if each.note), "")
    there = registered and not do_not_disturb and (not published or any(each.open for each in published))
    return Presence(open=there, activities=tuple(dict.fromkeys(activities)), note=note)


def render(entity: str, presence: Presence) -> bytes:
    """The document; `entity` is the person's SIP URI."""
    activities = "".join(f"<rpid:{activity}/>" for activity in presence.activities)
    note = f"<note>{escape(presence.note)}</note>" if presence.note else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"'
        f' xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity={quoteattr(entity)}>\n'
        f'<tuple id="pbx"><status><basic>{"open" if presence.open else "closed"}</basic></status>'
        f"<contact>{escape(entity)}</contact>{note}</tuple>\n"
        f'<dm:person id="person"><rpid:activities>{activities}</rpid:activities></dm:person>\n'
        "</presence>\n"
    ).encode()


def parse(body: bytes) -> Presence:
    """Read what a phone publishes; words and texts we do not know are left out.  Raises ParseError."""
    root = read(body, MOST)
    if root.tag != f"{_PIDF}presence":
        raise ParseError("Not a presence document")
    basics = [(each.text or "").strip().lower() for each in root.iter(f"{_PIDF}basic")]
    activities = tuple(word for word in _ACTIVITIES if root.find(f".//{_RPID}{word}") is not None)
    notes = ((each.text or "").strip() for tag in (_PIDF, _RPID) for each in root.iter(f"{tag}note"))
    note = next((text for text in notes if text), "")[:_LONGEST_NOTE]
    return Presence(open=not basics or "open" in basics, activities=activities, note=note)
