"""Browsers in rooms: who only listens is nobody, and who speaks takes part."""

from contextlib import asynccontextmanager
from typing import Any

import pytest

from pbx_lite.calls.party import Party
from pbx_lite.config import Room as Record
from pbx_lite.config import User
from pbx_lite.errors import Busy, Conflict, MediaError, NotFound
from pbx_lite.events import DirectoryChanged, RoomJoined, RoomLeft
from pbx_lite.features.conference.audience import GRACE, MOST_VIEWERS, Audience
from pbx_lite.features.conference.loading import load
from pbx_lite.features.conference.room import Room
from pbx_lite.features.conference.rules import Place
from pbx_lite.media.port import PCMU, AudioPacket
from tests.pbx_lite.features.conference.doubles import Venue
from tests.support.fake_media import FakeMedia
from tests.support.tone import decode, frames, share_of, sine

ANNA = User(name="anna", display_name="Anna", extension="101")
BEN = User(name="ben", display_name="Ben", extension="102")
VOICES = {hertz: frames(sine(hertz)) for hertz in (600, 900)}


class House:
    """One room and those who watch it; `away` are the sessions that the PBX has ended, with code and sentence."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.record: Record | None = venue.record
        self.rooms: dict[str, Room] = {}
        self.allowed = {"anna", "ben"}
        self.leading: set[str] = set()
        self.video = True
        self.media: dict[str, FakeMedia] = {}
        self.away: dict[str, tuple[str, str]] = {}
        self.audience = Audience(
            house=self,
            rights=self,
            speech=venue.speech,
            bus=venue.bus,
            clock=venue.clock,
            make_media=self._make,  # type: ignore[arg-type]
        )

    def known(self, room: str) -> Record:
        if self.record is None or room != self.record.name:
            raise NotFound("There is no such room.")
        return self.record

    def live(self, room: str) -> Room | None:
        return self.rooms.get(room)

    def open(self, record: Record) -> Room:
        if record.name not in self.rooms:
            self.rooms[record.name] = Room(record, self.venue.fittings, on_empty=self._emptied)
        return self.rooms[record.name]

    def leads(self, party: Party, record: Record) -> bool:
        return party.user in self.leading

    def user(self, name: str) -> User:
        return {"anna": ANNA, "ben": BEN}[name]

    def may_room(self, user: User | None, room: str) -> bool:
        return user is None or user.name in self.allowed

    @property
    def room(self) -> Room:
        return self.rooms["table"]

    @property
    def inside(self) -> list[str]:
        room = self.rooms.get("table")
        return [each["name"] for each in room.state()["participants"]] if room is not None else []

    def phone(self, name: str = "Otto", **fields: Any):
        one = self.venue.guest(name, **fields)
        self.open(self.venue.record).join(one)
        return one

    async def watches(self, session: str = "s1", user: User | None = ANNA, *, offer: str = "offer") -> FakeMedia:
        await self.audience.watch(
            "table",
            user,
            session=session,
            offer=offer,
            ice_servers=(),
            on_end=lambda code, message: self.away.update({session: (code, message)}),
        )
        media = self.made
        media.becomes("connected")
        await self.venue.settle()
        return media

    async def speaks(self, media: FakeMedia, hertz: int = 600, *, ticks: int = 20) -> None:
        """For so many ticks, from the first that is heard."""
        await self.say(media.audio, hertz, ticks=ticks)

    async def say(self, port: Any, hertz: int, *, ticks: int = 20) -> None:
        for _ in range(ticks):
            tick = round(self.venue.clock.time() * 50)
            if port.sink is not None:
                port.sink(AudioPacket(PCMU, VOICES[hertz][tick % 50], tick * 160))
            await self.venue.settle(0.02)

    async def takes_part(self, session: str = "s1", user: User | None = ANNA) -> FakeMedia:
        media = await self.watches(session, user)
        await self.speaks(media, ticks=3)
        return media

    def _make(self) -> FakeMedia:
        self.made = FakeMedia((PCMU,), video=self.video)
        return self.made

    def _emptied(self, room: Room) -> None:
        del self.rooms[room.name]


def hears(port: Any, hertz: float = 600) -> bool:
    return share_of(hertz, decode(b"".join(each.payload for each in port.heard[-10:]))) > 0.8


@pytest.fixture
async def open_house(tmp_path):
    opened = []

    @asynccontextmanager
    async def make(**options):
        await load()
        house = House(Venue(tmp_path, **{"quiet": True} | options))
        opened.append(house)
        try:
            yield house
        finally:
            await house.audience.close()
            for room in tuple(house.rooms.values()):
                await room.close()
            await house.venue.room.close()

    return make


async def test_who_only_listens_hears_everybody_and_is_nobody(open_house):
    async with open_house() as house:
        otto, ben = house.phone("Otto"), house.phone("Ben")
        media = await house.watches()
        await house.say(otto.port, 600)
        assert hears(media.audio)
        assert hears(ben.port)
        assert house.inside == ["Otto", "Ben"]
        assert len(house.venue.told(RoomJoined)) == 2


async def test_who_came_before_anybody_was_there_hears_who_comes(open_house):
    async with open_house(music_on_hold_when_empty=False) as house:
        media = await house.watches()
        for _ in range(2):  # the second time the room is another one
            otto = house.phone()
            await house.say(otto.port, 600)
            assert hears(media.audio)
            house.room.leave(otto)
            await house.venue.settle(1)


async def test_a_listener_changes_nothing_for_one_who_is_alone(open_house):
    async with open_house() as house:
        otto = house.phone()
        await house.watches()
        await house.venue.settle(1)
        assert otto.place is Place.MUSIC


async def test_the_first_sound_makes_a_listener_take_part(open_house):
    async with open_house() as house:
        otto = house.phone()
        media = await house.watches()
        await house.speaks(media, 600)
        assert house.inside == ["Otto", "Anna"]
        assert hears(otto.port)
        joined = house.venue.told(RoomJoined)[-1]
        assert (joined.user, joined.number, joined.leader) == ("anna", "101", False)
        await house.say(otto.port, 900)
        assert hears(media.audio, 900)
        await house.speaks(media, 600)
        assert not hears(media.audio, 600)


async def test_the_first_to_speak_opens_the_room_and_hears_music(open_house):
    async with open_house() as house:
        media = await house.takes_part(user=None)
        assert house.inside == ["Home Assistant"]
        assert house.venue.playlists[""].listeners == [media.audio]


async def test_who_closes_the_player_to_talk_again_stays(open_house):
    async with open_house() as house:
        otto = house.phone()
        await house.takes_part("s1")
        await house.audience.close_session("s1")
        await house.venue.settle(GRACE - 1)
        assert house.inside == ["Otto", "Anna"]
        media = await house.watches("s2")
        await house.speaks(media, 600)
        await house.venue.settle(GRACE)
        await house.speaks(media, 600)
        assert hears(otto.port)
        assert house.inside == ["Otto", "Anna"]
        assert len(house.venue.told(RoomJoined)) == 2
        assert house.venue.told(RoomLeft) == []


async def test_who_does_not_come_back_has_left(open_house):
    async with open_house() as house:
        house.phone()
        await house.takes_part("s1")
        await house.audience.close_session("s1")
        await house.watches("s2")
        await house.takes_part("s3", BEN)
        assert house.inside == ["Otto", "Anna", "Ben"]
        await house.venue.settle(GRACE)
        assert house.inside == ["Otto", "Ben"]
        assert house.venue.told(RoomLeft)[-1].reason == "left"
        assert house.away == {}


async def test_a_lost_connection_is_told_and_may_come_back(open_house):
    async with open_house() as house:
        house.phone()
        media = await house.takes_part("s1")
        media.becomes("failed")
        await house.venue.settle(1)
        assert house.away["s1"][0] == "connection_lost"
        assert house.inside == ["Otto", "Anna"]
        await house.venue.settle(GRACE)
        assert house.venue.told(RoomLeft)[-1].reason == "lost"


async def test_two_browsers_of_one_user_are_two(open_house):
    async with open_house() as house:
        await house.takes_part("s1")
        await house.takes_part("s2")
        assert house.inside == ["Anna", "Anna"]


@pytest.mark.parametrize(("options", "locked", "code"), [({"max_members": 1}, False, "busy"), ({}, True, "conflict")])
async def test_a_room_that_takes_nobody_takes_no_browser_either(open_house, options, locked, code):
    async with open_house(**options) as house:
        house.phone()
        house.room.lock(locked=locked)
        media = await house.watches()
        await house.speaks(media, ticks=5)
        assert house.away["s1"][0] == code
        assert "Table is" in house.away["s1"][1]
        assert house.inside == ["Otto"]


async def test_who_comes_to_a_locked_room_hears_nothing_before_it_is_open(open_house):
    async with open_house(music_on_hold_when_empty=False) as house:
        otto = house.phone()
        before = await house.watches("s1")
        house.room.lock(locked=True)
        after = await house.watches("s2", BEN)
        await house.say(otto.port, 600)
        assert hears(before.audio)
        assert after.audio.heard == []
        house.room.lock(locked=False)
        await house.venue.settle(1)
        await house.say(otto.port, 600)
        assert hears(after.audio)


async def test_browsers_begin_muted_where_members_do(open_house):
    async with open_house(startmuted=True) as house:
        leader = house.phone("Otto", leader=True)
        media = await house.watches()
        await house.speaks(media, 600)
        assert house.room.state()["participants"][1]["muted"]
        assert not hears(leader.port)
        house.room.mute(house.room.participants[1], muted=False)
        await house.speaks(media, 600)
        assert hears(leader.port)


async def test_browsers_wait_for_a_leader_and_go_with_the_last_one(open_house):
    async with open_house(wait_marked=True, end_marked=True) as house:
        media = await house.takes_part()
        await house.venue.settle(1)
        assert house.venue.playlists[""].listeners == [media.audio]
        leader = house.phone("Otto", leader=True)
        assert house.room.participants[0].place is Place.MIX
        house.room.leave(leader)
        await house.venue.settle(1)
        assert house.venue.speech.to[-1] == (media.audio, "room_leader_left")
        assert house.away["s1"] == ("ended", "Everybody had to leave Table, since nobody leads it any more.")


async def test_who_leads_the_room_by_phone_leads_it_by_browser(open_house):
    async with open_house(wait_marked=True, startmuted=True) as house:
        house.leading = {"anna"}
        await house.takes_part()
        (anna,) = house.room.participants
        assert (anna.leader, anna.muted) == (True, False)


async def test_who_is_removed_is_told_and_their_session_ends(open_house):
    async with open_house() as house:
        house.phone()
        media = await house.takes_part()
        house.room.send_out(house.room.participants[1], "removed", "room_dropped")
        await house.speaks(media, 600)
        await house.venue.settle(1)
        assert house.venue.speech.to[-1] == (media.audio, "room_dropped")
        assert house.away["s1"] == ("removed", "You were removed from Table.")
        assert media.state == "closed"
        assert house.inside == ["Otto"]


async def test_who_is_away_for_a_moment_can_be_removed(open_house):
    async with open_house() as house:
        house.phone()
        await house.takes_part()
        await house.audience.close_session("s1")
        house.room.send_out(house.room.participants[1], "removed", "room_dropped")
        await house.venue.settle(2 * GRACE)
        assert [event.reason for event in house.venue.told(RoomLeft)] == ["removed"]


async def test_names_are_spoken_and_who_enters_hears_that_it_is_recorded(open_house):
    async with open_house(announce_join_leave=True, quiet=False) as house:
        house.phone()
        await house.venue.settle(1)
        house.room.take_down(on=True)
        await house.venue.settle(1)
        await house.takes_part()
        await house.venue.settle(1)
        assert sorted(house.venue.speech.said[-2:]) == ["room_joined <Anna>", "room_recorded"]


async def test_rights_that_end_and_rooms_that_go_end_sessions(open_house):
    async with open_house() as house:
        house.phone()
        await house.takes_part("s1", ANNA)
        await house.watches("s2", BEN)
        house.allowed = {"ben"}
        house.venue.bus.publish(DirectoryChanged())
        await house.venue.settle(1)
        assert {session: code for session, (code, _) in house.away.items()} == {"s1": "forbidden"}
        assert house.inside == ["Otto"]
        house.record = None
        house.venue.bus.publish(DirectoryChanged())
        await house.venue.settle(1)
        assert house.away["s2"][0] == "not_found"


async def test_nothing_is_drawn_for_who_only_wants_to_listen(open_house):
    async with open_house() as house:
        house.video = False
        await house.watches()
        house.phone()
        assert house.audience._picture("table").viewers == 0


async def test_offers_that_make_no_sense_leave_nothing_behind(open_house):
    async with open_house() as house:
        with pytest.raises(MediaError):
            await house.watches("s1", offer="garbage")
        await house.watches("s1")
        with pytest.raises(Conflict):
            await house.watches("s1")
        with pytest.raises(NotFound):
            await house.audience.image("attic", None)
        await house.audience.candidate("s1", "candidate", "0", 0)
        await house.audience.candidate("gone", "candidate", "0", 0)
        await house.audience.close_session("gone")
        assert house.away == {}


async def test_there_is_a_limit_to_those_who_watch(open_house):
    async with open_house() as house:
        for number in range(MOST_VIEWERS):
            await house.watches(f"s{number}")
        with pytest.raises(Busy):
            await house.watches("one more")


async def test_the_end_of_the_pbx_ends_all_sessions(open_house):
    async with open_house() as house:
        house.phone()
        await house.takes_part("s1")
        await house.watches("s2", BEN)
        await house.takes_part("s3", BEN)
        await house.audience.close_session("s3")
        await house.audience.close()
        assert {code for code, _ in house.away.values()} == {"closed"}
        await house.venue.settle(1)
        assert house.inside == ["Otto"]
