"""A room while people are in it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pbx_lite import config
from pbx_lite.calls.party import Party
from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import Busy, Conflict, NotFound
from pbx_lite.events import EventBus, RoomChanged, RoomJoined, RoomLeft, RoomTalking
from pbx_lite.features.conference import rules
from pbx_lite.features.conference.loudspeaker import Loudspeaker, Voice
from pbx_lite.features.conference.participant import Participant
from pbx_lite.features.conference.recordings import Record, Recordings
from pbx_lite.features.conference.rules import Place, Refusal
from pbx_lite.features.conference.tape import Tape
from pbx_lite.media.port import AudioPort
from pbx_lite.media.recording import Recording
from pbx_lite.speech.parts import Number, Part

_LOGGER = logging.getLogger(__name__)

TOLD_SECONDS = 0.1
"""RoomChanged is told at most that often."""
WARNED_SECONDS = 60.0
EXTENSION_MINUTES = 15
LOUDEST = 4.0
_DUCKED_SECONDS = 0.3
"""After a key: phones that send keys as tones would have everybody hear them."""
_JOINED, _LEFT = (660.0, 880.0), (660.0, 440.0)


class Music(Protocol):
    """What is heard by those who wait."""

    def play(self, port: AudioPort) -> None: ...

    def stop(self, port: AudioPort) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fittings:
    """What every room is furnished with; `music` gives a playlist by name, the default for an empty one."""

    clock: Clock
    bus: EventBus
    speech: Voice
    music: Callable[[str], Music]
    record: Record
    recordings: Recordings


class Room:
    """`join` takes anybody who has a port; whoever is sent out hears it by `Participant.on_out`.

    `on_empty` is called when the last one has left; nobody joins after that.  Needs numpy: see `load`.
    """

    def __init__(self, record: config.Room, fittings: Fittings, *, on_empty: Callable[[Room], None]) -> None:
        from pbx_lite.media.mixer import Mixer

        self.record = record
        self.participants: list[Participant] = []
        self.locked = self.muted = False
        self.since: datetime | None = None
        self.mixer = Mixer(fittings.clock)
        self._clock = fittings.clock
        self._bus = fittings.bus
        self._fittings = fittings
        self._listeners: dict[int, AudioPort] = {}
        self._music = fittings.music(record.music)
        self._speaker = Loudspeaker(self.mixer, fittings.speech, before=self._pause, after=self._rest)
        self._speaker.language = record.language
        self._tape = Tape(
            record.name,
            self.mixer,
            recordings=fittings.recordings,
            record=fittings.record,
            bus=fittings.bus,
            changed=self._taping,
        )
        self._taped = 0.0  # when recording began or ended
        self._begun = "room_recorded"
        self._unwanted = False  # somebody has ended the recording that the room makes by itself
        self._on_empty = on_empty
        self._opened = self._more = 0.0
        self._end_timer: Timer | None = None
        self._change_timer: Timer | None = None
        self._told = float("-inf")
        self._emptying = False

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def recording(self) -> bool:
        return self._tape.on

    def state(self) -> Mapping[str, Any]:
        """As `api.room_facade.Rooms.state` says."""
        return {
            "active": bool(self.participants),
            "locked": self.locked,
            "muted": self.muted,
            "recording": self.recording,
            "since": self.since,
            "participants": [one.state() for one in self.participants],
        }

    def find(self, participant: str) -> Participant:
        """Raises NotFound."""
        for one in self.participants:
            if one.id == participant:
                return one
        raise NotFound(f"This participant is not in {self.record.display_name}.")

    async def close(self) -> None:
        """Everybody goes; returns when what was recorded is on the disk."""
        self.end("room_closed")
        self._stop_timers()
        await self._speaker.close()
        await self._tape.close()
        self.mixer.close()

    # Coming and going

    def refusal(self, *, leader: bool = False, invited: bool = False) -> Refusal | None:
        """Why somebody may not enter now."""
        return rules.refusal(self.record, len(self.participants), locked=self.locked and not invited, leader=leader)

    def join(self, one: Participant) -> None:
        """The port's sink is the room's from now on, until `leave` or `on_out`."""
        if not self.participants:
            self._open()
        one.joined, one.since = self._clock.time(), datetime.now(UTC)
        one.moderated = self.muted and not one.leader
        one.muted = one.moderated or (self.record.startmuted and not one.leader)
        self.participants.append(one)
        self._arrange()
        self._bus.publish(RoomJoined(room=self.name, leader=one.leader, **one.shown))
        self.changed()
        self._greet(one)

    def leave(self, one: Participant, reason: str = "left") -> None:
        """`reason` is that of RoomLeft.  Who has left already has left."""
        if one not in self.participants:
            return
        self.participants.remove(one)
        self._place(one, Place.NOWHERE)
        if one.ducked is not None:
            one.ducked.cancel()
        if one.talk_timer is not None:
            one.talk_timer.cancel()
        seconds = round(self._clock.time() - one.joined, 1)
        self._bus.publish(RoomLeft(room=self.name, reason=reason, seconds=seconds, **one.shown))
        self.changed()
        if not self.participants:
            self._shut()
            return
        if self._emptying:
            return
        if rules.deserted(self.record, one, self.participants):
            self.end("room_leader_left")
            return
        waited = rules.waits(self.record, [*self.participants, one])
        self._arrange()
        self._bid_farewell(one)
        if rules.waits(self.record, self.participants) and not waited:
            for each in self.participants:
                self._speaker.tell(each, "room_leader_needed")

    def send_out(self, one: Participant, reason: str, *parts: Part) -> None:
        """They hear the parts, and are out."""
        if one in self.participants:
            self.leave(one, reason)
            one.on_out(reason, parts)

    def end(self, *parts: Part) -> None:
        """All go."""
        self._emptying = True
        for one in tuple(self.participants):
            self.send_out(one, "ended", *parts)

    def hold(self, one: Participant, *, held: bool) -> None:
        """They have put the room on hold: it hears nothing of their music; or they are back."""
        if one in self.participants and one.held is not held:
            one.held = held
            self._arrange()

    def moved(self, one: Participant, port: AudioPort, party: Party) -> None:
        """Somebody else takes their place, as after a transfer, or they do with another phone."""
        if one not in self.participants:
            return
        other = party != one.party
        if other:
            seconds = round(self._clock.time() - one.joined, 1)
            self._bus.publish(RoomLeft(room=self.name, seconds=seconds, **one.shown))
            one.spoken = None
        self._place(one, Place.NOWHERE)
        one.port, one.party, one.held = port, party, False
        self._arrange()
        if other:
            one.joined, one.since = self._clock.time(), datetime.now(UTC)
            self._bus.publish(RoomJoined(room=self.name, leader=one.leader, **one.shown))
        self.changed()

    def adopt(self, record: config.Room) -> None:
        """The room's options were changed while people are in it."""
        before, self.record = self.record, record
        self._speaker.language = record.language
        if record.music != before.music:
            for one in self.participants:
                if one.place is Place.MUSIC:
                    self._place(one, Place.NOWHERE)
            self._music = self._fittings.music(record.music)
        if record.minutes != before.minutes and self.participants:
            self._watch_time()
        for one in self.participants:
            self._apply(one)
        self._arrange()
        self.changed()

    def listen(self, port: AudioPort) -> None:
        """Let somebody hear the mix who is none of those in it, until `unlisten` or the room is empty."""
        self._listeners[id(port)] = port
        self.mixer.add(port, muted=True)

    def unlisten(self, port: AudioPort) -> None:
        if self._listeners.pop(id(port), None) is not None:
            self.mixer.remove(port)

    # Steering

    def mute(self, one: Participant, *, muted: bool, by_others: bool = True) -> None:
        """Raises Conflict where somebody was muted by others and wants to be heard again."""
        if not by_others and not muted and one.moderated and not one.leader:
            raise Conflict("You were muted by somebody else.")
        one.moderated = muted and by_others
        if one.muted is not muted:
            one.muted = muted
            self._apply(one)
            self.changed()
        self._speaker.tell(one, "room_muted" if muted else "room_unmuted")

    def mute_all(self, *, muted: bool) -> None:
        """Everybody but leaders, and whoever enters later."""
        self.muted = muted
        for one in self.participants:
            if not one.leader:
                one.muted = one.moderated = muted
                self._apply(one)
        self._speaker.say("room_all_muted" if muted else "room_all_unmuted")
        self.changed()

    def set_volume(self, one: Participant, volume: float) -> None:
        """How loud the others hear this one."""
        one.volume = min(LOUDEST, max(0.0, volume))
        self._apply(one)

    def set_loudness(self, one: Participant, loudness: float) -> None:
        """How loud this one hears the others."""
        one.loudness = min(LOUDEST, max(1 / LOUDEST, loudness))
        self._apply(one)

    def lock(self, *, locked: bool) -> None:
        if self.locked is not locked:
            self.locked = locked
            self._speaker.say("room_now_locked" if locked else "room_now_open")
            self.changed()

    def take_down(self, *, on: bool) -> None:
        """Begin or end recording, as somebody wants it."""
        self._unwanted = not on
        if on:
            self._begun = "room_recording_on"
            self._tape.start()
        else:
            self._tape.stop()

    def extend(self) -> bool:
        """More time, if it is limited."""
        if self._ends is None:
            return False
        self._more += 60 * EXTENSION_MINUTES
        self._watch_time()
        self._speaker.say("room_extended", Number(EXTENSION_MINUTES))
        return True

    def play(self, recording: Recording) -> None:
        """Raises Busy."""
        if not self._speaker.play(recording):
            raise Busy("Too much is to be heard in this room already; wait until it is over.")

    def tell(self, one: Participant, *parts: Part) -> None:
        self._speaker.tell(one, *parts)

    def key(self, one: Participant, key: str) -> None:
        """A key that everybody else is to have (`dtmf_passthrough`)."""
        for other in self.participants:
            if other is not one and other.press is not None and other.place is Place.MIX:
                other.press(key)

    def duck(self, one: Participant) -> None:
        """A key for the menu was pressed: nobody hears it."""
        if one.ducked is not None:
            one.ducked.cancel()
        one.ducked = self._clock.call_later(_DUCKED_SECONDS, lambda: self._unduck(one))
        self._apply(one)

    def changed(self) -> None:
        """Tell soon that something did."""
        if self._change_timer is None:
            wait = max(0.0, self._told + TOLD_SECONDS - self._clock.time())
            self._change_timer = self._clock.call_later(wait, self._tell_change)

    # Who hears what

    def _arrange(self) -> None:
        for one in self.participants:
            self._place(one, rules.place_of(self.record, one, self.participants))
        mixed = sum(one.place is Place.MIX for one in self.participants)
        if self.record.record_conference and mixed > 1 and not self._unwanted:
            self._tape.start()

    def _place(self, one: Participant, place: Place) -> None:
        if place is one.place:
            return
        self._speaker.hush(one)
        if one.place is Place.MIX:
            self.mixer.remove(one.port)
            one.member = None
            self._talks(one, talking=False)
        elif one.place is Place.MUSIC:
            self._music.stop(one.port)
        one.place = place
        if place is Place.MIX:
            one.member = self.mixer.add(one.port, muted=True)
            one.member.on_talking = lambda talking: self._talks(one, talking=talking)
            self._apply(one)
        elif place is Place.MUSIC:
            self._music.play(one.port)

    def _pause(self, one: Participant) -> None:
        if one.place is Place.MUSIC:
            self._music.stop(one.port)

    def _rest(self, one: Participant) -> None:
        """They were told what they were to be told: music goes on."""
        if one.place is Place.MUSIC:
            self._music.play(one.port)

    def _apply(self, one: Participant) -> None:
        if one.member is not None:
            one.member.volume, one.member.muted = one.volume, one.heard == 0.0
            one.member.loudness = one.loudness
            one.member.denoise = self.record.denoise

    def _unduck(self, one: Participant) -> None:
        one.ducked = None
        self._apply(one)

    def _talks(self, one: Participant, *, talking: bool) -> None:
        one.talking.value = talking and self.record.talk_detection_events
        due = one.talking.due(self._clock.time())
        if due is None or one.talk_timer is not None:
            return
        if due > 0.0:
            one.talk_timer = self._clock.call_later(due, lambda: self._tell_talk(one))
        else:
            self._tell_talk(one)

    # Telling

    def _tell_talk(self, one: Participant) -> None:
        one.talk_timer = None
        if one in self.participants and one.talking.due(self._clock.time()) is not None:
            talking = one.talking.tell(self._clock.time())
            self._bus.publish(RoomTalking(room=self.name, talking=talking, **one.shown))
            self.changed()

    def _tell_change(self) -> None:
        self._change_timer = None
        self._told = self._clock.time()
        self._bus.publish(RoomChanged(room=self.name))

    def _greet(self, one: Participant) -> None:
        """What the one who came hears, and what the others hear of it."""
        loud, others = not self.record.quiet, len(self.participants) - 1
        parts: list[Part] = []
        if rules.waits(self.record, self.participants):
            parts.append("room_leader_needed")
        elif loud and not others:
            parts.append("room_alone")
        elif loud and self.record.announce_user_count:
            parts += ["room_others", Number(others)]
        if others and self.recording and one.joined > self._taped:
            parts.append("room_recorded")
        if one.muted:
            parts.append("room_muted")
        self._speaker.tell(one, *parts)
        if loud and others and one.place is Place.MIX:
            if self.record.announce_join_leave:
                self._speaker.say("room_joined", one.name, but=one)
            else:
                self._speaker.chime(_JOINED)

    def _bid_farewell(self, one: Participant) -> None:
        if not self.record.quiet and any(each.place is Place.MIX for each in self.participants):
            if self.record.announce_join_leave:
                self._speaker.say("room_left", one.name)
            else:
                self._speaker.chime(_LEFT)

    def _taping(self, on: bool) -> None:
        self._taped = self._clock.time()
        if self.participants:
            self._speaker.say(self._begun if on else "room_recording_off")
        if not on:
            self._unwanted = True  # until the room was empty, or somebody wants it again
        self.changed()

    # Time

    def _open(self) -> None:
        self.since = datetime.now(UTC)
        self._opened, self._more = self._clock.time(), 0.0
        self._watch_time()

    @property
    def _ends(self) -> float | None:
        """The clock's seconds, None for never."""
        return self._opened + self._more + 60 * self.record.minutes if self.record.minutes else None

    def _watch_time(self) -> None:
        """The next moment that has to do with the end."""
        if self._end_timer is not None:
            self._end_timer.cancel()
            self._end_timer = None
        if (ends := self._ends) is not None:
            left = max(0.0, ends - self._clock.time())
            wait = left - WARNED_SECONDS if left > WARNED_SECONDS else left
            self._end_timer = self._clock.call_later(wait, self._time_passes)

    def _time_passes(self) -> None:
        if (ends := self._ends) is None:
            return
        left = ends - self._clock.time()
        if left <= 0.01:
            self.end("room_time_over")
            return
        if left <= WARNED_SECONDS:
            self._speaker.say("room_one_minute")
        self._watch_time()

    def _shut(self) -> None:
        """The last one has left."""
        self._stop_timers()
        self.locked = self.muted = False
        self.since = None
        self._tape.stop()
        for port in tuple(self._listeners.values()):
            self.unlisten(port)
        self._bus.publish(RoomChanged(room=self.name))
        self._on_empty(self)

    def _stop_timers(self) -> None:
        for timer in (self._end_timer, self._change_timer):
            if timer is not None:
                timer.cancel()
        self._end_timer = self._change_timer = None
