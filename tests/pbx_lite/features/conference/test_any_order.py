"""Whatever people do, and in which order: everybody is where the rules say, and nothing is left behind."""

import contextlib
import random
from collections.abc import Callable

import pytest

from pbx_lite.calls.party import Party
from pbx_lite.errors import Busy, Conflict
from pbx_lite.events import RoomJoined, RoomLeft
from pbx_lite.features.conference.rules import Place, place_of
from pbx_lite.media.port import AudioPort
from pbx_lite.media.recording import Recording
from tests.pbx_lite.features.conference.doubles import Venue
from tests.support.fake_leg import FakeAudio


@pytest.mark.parametrize("seed", range(12))
async def test_everybody_is_where_they_belong(tmp_path, seed):
    chance = random.Random(seed)
    options = {
        name: chance.random() < 0.4 for name in ("wait_marked", "end_marked", "announce_join_leave", "startmuted")
    }
    venue = Venue(tmp_path, music_on_hold_when_empty=chance.random() < 0.7, **options)
    gone: list[AudioPort] = []
    for step in range(150):
        act(venue, chance, gone, step)
        await venue.settle(chance.choice((0.0, 0.02, 0.3)))
        if venue.emptied:
            break
        check(venue, gone)
    for one in tuple(venue.room.participants):
        venue.room.leave(one)
    await venue.room.close()
    check(venue, gone)
    assert len(venue.told(RoomJoined)) == len(venue.told(RoomLeft))
    assert venue.music.listeners == []
    assert not venue.room.mixer.members
    await venue.settle(120)
    assert not venue.clock.pending


def act(venue: Venue, chance: random.Random, gone: list[AudioPort], step: int) -> None:
    room = venue.room
    if not room.participants or chance.random() < 0.2:
        room.join(venue.guest(f"Guest {step}", leader=chance.random() < 0.3))
        return
    one = chance.choice(room.participants)
    port = one.port

    def mute() -> None:
        try:
            room.mute(one, muted=not one.muted, by_others=chance.random() < 0.5)
        except Conflict:
            assert one.moderated

    def play() -> None:
        with contextlib.suppress(Busy):
            room.play(Recording(bytes(3200)))

    acts: tuple[Callable[[], object], ...] = (
        lambda: room.leave(one),
        lambda: room.leave(one, "lost"),
        lambda: room.hold(one, held=not one.held),
        mute,
        lambda: room.mute_all(muted=not room.muted),
        lambda: room.send_out(one, "removed", "room_dropped"),
        lambda: room.moved(one, FakeAudio(), Party(number=str(step), name=f"Other {step}")),
        lambda: room.take_down(on=chance.random() < 0.5),
        lambda: room.duck(one),
        lambda: room.tell(one, "room_count"),
        lambda: room.lock(locked=not room.locked),
        play,
    )
    chance.choice(acts)()
    if one not in room.participants or one.port is not port:
        gone.append(port)


def check(venue: Venue, gone: list[AudioPort]) -> None:
    room = venue.room
    mixed = {id(member.port) for member in room.mixer.members}
    for one in room.participants:
        assert one.place is place_of(room.record, one, room.participants)
        assert (id(one.port) in mixed) is (one.place is Place.MIX)
        assert (one.port.sink is not None) is (one.place is Place.MIX)
        if one.port in venue.music.listeners:
            assert one.place is Place.MUSIC
        if one.member is not None:
            assert one.member.muted is (one.heard == 0.0)
    assert len(mixed) == sum(one.place is Place.MIX for one in room.participants)
    assert not any(port.sink is not None or port in venue.music.listeners for port in gone)
