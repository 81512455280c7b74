"""Which features there are, in what order they are built, and what each is given of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pbx_lite.calls.browsers import Browsers
from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.config.codes import DEFAULT_CODES
from pbx_lite.directory import Directory
from pbx_lite.events import EventBus
from pbx_lite.features.announce.announce import Announcer
from pbx_lite.features.announce.fetching import Sounds
from pbx_lite.features.calling import Calling
from pbx_lite.features.conference.audience import Audience
from pbx_lite.features.conference.names import Names
from pbx_lite.features.conference.recordings import Recorder as RoomRecorder
from pbx_lite.features.conference.recordings import Recordings
from pbx_lite.features.conference.room import Fittings
from pbx_lite.features.conference.rooms import Rooms
from pbx_lite.features.doorbell.doorbell import Doorbell
from pbx_lite.features.doorbell.http import StationHttp
from pbx_lite.features.journal import CallJournal
from pbx_lite.features.messages import Messages
from pbx_lite.features.one_phone import OnePhone
from pbx_lite.features.people.codes import Codes
from pbx_lite.features.people.people import People
from pbx_lite.features.people.teams import Teams
from pbx_lite.features.phonebook.phonebook import Phonebook
from pbx_lite.features.provisioning.provisioning import Provisioning
from pbx_lite.features.provisioning.restarting import restart
from pbx_lite.features.softphone import Softphone
from pbx_lite.features.tidying import Tidying
from pbx_lite.features.transfer import Transfer
from pbx_lite.features.trunks.keys import Keys
from pbx_lite.features.trunks.trunks import Trunks
from pbx_lite.features.visitor_log import VisitorLog
from pbx_lite.features.voicemail.booth import Machine
from pbx_lite.features.voicemail.voicemail import Voicemail
from pbx_lite.features.watchdog import Watchdog
from pbx_lite.features.watching.tags import ringing_at
from pbx_lite.features.watching.watching import Watching
from pbx_lite.media.jukebox import Jukebox
from pbx_lite.sip.resolve import Resolver
from pbx_lite.speech.speech import Speech
from pbx_lite.store.database import Database
from pbx_lite.store.journal import JournalTable
from pbx_lite.store.phonebook import ContactTable
from pbx_lite.store.settings import SettingTable
from pbx_lite.store.visitors import VisitTable
from pbx_lite.store.voicemail import MailTable


class Feature(Protocol):
    """Every feature, seen from here."""

    async def close(self) -> None: ...


class Features:
    """The features built so far, by their class."""

    def __init__(self) -> None:
        self._built: dict[type, Any] = {}

    def add[F: Feature](self, feature: F) -> F:
        self._built[type(feature)] = feature
        return feature

    def __getitem__[F](self, kind: type[F]) -> F:
        feature: F = self._built[kind]
        return feature


@dataclass(frozen=True, slots=True)
class Parts:
    """What features are built from."""

    clock: Clock
    bus: EventBus
    database: Database
    directory: Directory
    exchange: Exchange
    switchboard: Switchboard
    web: StationHttp
    names: Resolver
    speech: Speech
    jukebox: Jukebox


def _visitor_log(parts: Parts, _: Features) -> VisitorLog:
    return VisitorLog(VisitTable(parts.database), parts.bus)


def _journal(parts: Parts, _: Features) -> CallJournal:
    keys = Keys(parts.directory.trunks())
    return CallJournal(
        JournalTable(parts.database),
        parts.bus,
        clock=parts.clock,
        directory=parts.directory,
        days=parts.directory.calling.journal_days,
        written=keys.written,
        dialled=keys.dialled,
    )


def _doorbell(parts: Parts, features: Features) -> Doorbell:
    doorbell = Doorbell(
        directory=parts.directory,
        exchange=parts.exchange,
        bus=parts.bus,
        clock=parts.clock,
        visitors=features[VisitorLog],
        web=parts.web,
    )
    parts.switchboard.planners.append(doorbell.plan)
    return doorbell


def _people(parts: Parts, _: Features) -> People:
    people = People(
        directory=parts.directory,
        phones=parts.exchange,
        talks=parts.switchboard,
        bus=parts.bus,
        clock=parts.clock,
        store=SettingTable(parts.database),
    )
    people.ask = lambda user: lambda port: parts.speech.say(port, "mobile_confirm", language=user.language)
    parts.exchange.speaker = people.speaker
    parts.switchboard.planners.append(people.plan)
    return people


def _teams(parts: Parts, features: Features) -> Teams:
    teams = Teams(
        people=features[People],
        directory=parts.directory,
        bus=parts.bus,
        clock=parts.clock,
        music=parts.jukebox.music(),
    )
    parts.switchboard.planners.append(teams.plan)
    return teams


def _codes(parts: Parts, features: Features) -> Codes:
    people = features[People]
    codes = Codes(
        directory=parts.directory,
        people=people,
        switchboard=parts.switchboard,
        clock=parts.clock,
        speech=parts.speech,
    )
    people.is_code = codes.is_code
    parts.exchange.meant = codes.meant
    parts.switchboard.planners.insert(0, codes.plan)
    return codes


def _calling(parts: Parts, features: Features) -> Calling:
    return Calling(
        switchboard=parts.switchboard,
        people=features[People],
        directory=parts.directory,
        bus=parts.bus,
        clock=parts.clock,
    )


def _announcer(parts: Parts, features: Features) -> Announcer:
    return Announcer(
        switchboard=parts.switchboard,
        phones=parts.exchange,
        people=features[People],
        directory=parts.directory,
        sounds=Sounds(parts.database.folder),
        clock=parts.clock,
    )


def _transfer(parts: Parts, _: Features) -> Transfer:
    return Transfer(switchboard=parts.switchboard, exchange=parts.exchange, directory=parts.directory)


def _provisioning(parts: Parts, _: Features) -> Provisioning:
    codes = DEFAULT_CODES | dict(parts.directory.calling.codes)
    provisioning = Provisioning(
        directory=parts.directory, clock=parts.clock, pickup=codes["pickup"], voicemail=codes["voicemail"]
    )
    provisioning.tell = partial(restart, parts.exchange)
    return provisioning


def _tidying(parts: Parts, _: Features) -> Tidying:
    return Tidying(bus=parts.bus, clock=parts.clock)


def _watchdog(parts: Parts, _: Features) -> Watchdog:
    return Watchdog(switchboard=parts.switchboard, bus=parts.bus, clock=parts.clock)


def _phonebook(parts: Parts, _: Features) -> Phonebook:
    keys = Keys(parts.directory.trunks())
    phonebook = Phonebook(
        store=ContactTable(parts.database),
        directory=parts.directory,
        bus=parts.bus,
        written=keys.written,
        dialled=keys.dialled,
    )
    parts.switchboard.own_name = phonebook.own_name_of
    parts.switchboard.name_of = lambda number, user: phonebook.name_of(number, user, dialled=True)
    return phonebook


def _trunks(parts: Parts, features: Features) -> Trunks:
    trunks = Trunks(
        directory=parts.directory,
        exchange=parts.exchange,
        switchboard=parts.switchboard,
        bus=parts.bus,
        clock=parts.clock,
        names=parts.names,
    )
    parts.exchange.lines.append(trunks)
    parts.exchange.urgent = trunks.is_emergency
    parts.switchboard.planners.insert(0, trunks.plan_first)
    parts.switchboard.planners.append(trunks.plan_outside)
    people, phonebook = features[People], features[Phonebook]
    trunks.know(lambda number: people.name_of(number) or phonebook.name_of(number))
    people.outside = lambda number, user: trunks.reach(number, user.name)
    trunks.ring_by(people.plan_together, features[Voicemail].takes)
    return trunks


def _watching(parts: Parts, features: Features) -> Watching:
    people = features[People]
    watching = Watching(
        directory=parts.directory,
        exchange=parts.exchange,
        registrar=parts.exchange.registrar,
        bus=parts.bus,
        clock=parts.clock,
    )
    watching.keys.owner = people
    watching.do_not_disturb = lambda user: people.of(user).do_not_disturb
    watching.availability = people.availability
    watching.tags = ringing_at(parts.switchboard)
    return watching


def _messages(parts: Parts, _: Features) -> Messages:
    return Messages(directory=parts.directory, exchange=parts.exchange, bus=parts.bus, clock=parts.clock)


def _one_phone(parts: Parts, _: Features) -> OnePhone:
    one_phone = OnePhone(directory=parts.directory, registrar=parts.exchange.registrar, phones=parts.exchange)
    parts.switchboard.planners.insert(0, one_phone.plan)
    return one_phone


def _voicemail(parts: Parts, features: Features) -> Voicemail:
    people, watching, visitors = features[People], features[Watching], features[VisitorLog]

    def machine(path: Path, seconds: float, failed: Callable[[str], None]) -> Machine:
        from pbx_lite.media.recorder import Recorder

        return Recorder(path, clock=parts.clock, most_seconds=seconds, on_failed=failed)

    voicemail = Voicemail(
        directory=parts.directory,
        switchboard=parts.switchboard,
        bus=parts.bus,
        clock=parts.clock,
        store=MailTable(parts.database),
        speech=parts.speech,
        machines=machine,
    )
    voicemail.picture_of = visitors.picture_of
    voicemail.mailboxes.on_count = watching.messages_changed
    watching.waiting = voicemail.mailboxes.count
    people.mailbox = voicemail.takes
    features[Codes].services["voicemail"] = voicemail.listen
    features[Doorbell].leave_message = voicemail.visitor
    return voicemail


def _rooms(parts: Parts, _: Features) -> Rooms:
    folder = parts.database.folder / "recordings"

    def record(path: Path, seconds: float, failed: Callable[[str], None], full: Callable[[], None]) -> RoomRecorder:
        from pbx_lite.media.recorder import Recorder

        return Recorder(path, clock=parts.clock, most_seconds=seconds, on_failed=failed, on_full=full)

    rooms = Rooms(
        directory=parts.directory,
        switchboard=parts.switchboard,
        fittings=Fittings(
            clock=parts.clock,
            bus=parts.bus,
            speech=parts.speech,
            music=parts.jukebox.music,
            record=record,
            recordings=Recordings(folder),
        ),
        record_name=Names(folder, record).record,
        fetch=Sounds(parts.database.folder).fetch,
    )
    rooms.audience = Audience(
        house=rooms,
        rights=parts.directory,
        speech=parts.speech,
        bus=parts.bus,
        clock=parts.clock,
        language=parts.speech.language,
    )
    parts.switchboard.planners.append(rooms.plan)
    return rooms


def _softphone(parts: Parts, features: Features) -> Softphone:
    people, browsers = features[People], Browsers(parts.clock)
    people.browsers = browsers.phones_of
    browsers.on_arrival = people.browser_arrived
    return Softphone(
        browsers=browsers,
        switchboard=parts.switchboard,
        directory=parts.directory,
        bus=parts.bus,
        clock=parts.clock,
    )


FEATURES: tuple[Callable[[Parts, Features], Feature], ...] = (
    _visitor_log,  # first, so that whoever hears of a ring finds it in the log
    _journal,
    _doorbell,
    _people,
    _teams,
    _codes,
    _calling,
    _announcer,
    _transfer,
    _watchdog,
    _tidying,
    _provisioning,
    _watching,
    _messages,
    _voicemail,
    _rooms,
    _softphone,
    _one_phone,
    _phonebook,
    _trunks,  # last: what is nobody's number here is one outside
)
"""What a user can name, in the order it is built; closed in reverse."""
