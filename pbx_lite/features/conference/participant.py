"""Somebody in a room, whatever carries them: a SIP leg or a browser."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pbx_lite.calls.party import Party
from pbx_lite.features.conference.pace import Pace
from pbx_lite.features.conference.rules import Place
from pbx_lite.media.port import AudioPort
from pbx_lite.media.recording import Recording
from pbx_lite.speech.parts import Name, Part

if TYPE_CHECKING:
    from pbx_lite.clock import Timer
    from pbx_lite.media.mixer import Member

TALKING_SECONDS = 0.5
"""Nobody is told more often that somebody begins or ends to speak."""

type OnOut = Callable[[str, tuple[Part, ...]], None]
"""Hears that the room sends somebody out: `removed` or `ended`, and the sentence that they are told."""


class Participant:
    """`port` is theirs; the room sets its sink while they are in the mix.

    `on_out` is called when the room sends them out, after it has let go of the port.  `press` lets them have a key that
    somebody else pressed, where their side can.  `spoken` is their name in their own voice.  `moderated` means that
    others have muted them, so that they cannot be heard again by themselves.
    """

    __slots__ = (
        "ducked",
        "held",
        "id",
        "joined",
        "language",
        "leader",
        "loudness",
        "member",
        "moderated",
        "muted",
        "on_out",
        "party",
        "place",
        "port",
        "press",
        "since",
        "spoken",
        "talk_timer",
        "talking",
        "telling",
        "volume",
    )

    def __init__(
        self,
        port: AudioPort,
        party: Party,
        *,
        on_out: OnOut,
        leader: bool = False,
        language: str = "",
        spoken: Recording | None = None,
        press: Callable[[str], None] | None = None,
    ) -> None:
        self.id = secrets.token_hex(4)
        self.port = port
        self.party = party
        self.on_out = on_out
        self.leader = leader
        self.language = language
        self.spoken = spoken
        self.press = press
        self.place = Place.NOWHERE
        self.member: Member | None = None
        self.held = self.muted = self.moderated = False
        self.volume = self.loudness = 1.0
        self.talking = Pace(TALKING_SECONDS)
        self.talk_timer: Timer | None = None
        self.ducked: Timer | None = None
        self.telling: Callable[[], object] | None = None
        self.joined = 0.0
        self.since: datetime | None = None

    @property
    def shown(self) -> Mapping[str, str]:
        """Who it is, as events and clients are told."""
        party = self.party.public()
        return {"participant": self.id, "name": party.name, "number": party.number, "user": party.user}

    @property
    def name(self) -> Recording | Name:
        """How they are announced."""
        party = self.party.public()
        return self.spoken or Name(party.name or party.number, number=party.number, user=party.user)

    @property
    def heard(self) -> float:
        """The gain at which the others hear them."""
        return 0.0 if self.muted or self.ducked is not None else self.volume

    def state(self) -> Mapping[str, Any]:
        """As the wire shows it."""
        party = self.party.public()
        return {
            "id": self.id,
            "name": party.name,
            "number": party.number,
            "user": party.user,
            "leader": self.leader,
            "talking": self.talking.told,
            "muted": self.muted,
            "since": self.since,
        }
